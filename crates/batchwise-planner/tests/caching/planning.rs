//! Plans of request files whose tokens are known exactly.

use std::num::NonZero;

use batchwise_findings::Finding;
use batchwise_plan::{CacheAnalysis, Plan};
use batchwise_planner::{Context, Planned, Route, Source, Terms, plan};
use batchwise_pricing::PriceBook;
use batchwise_records::{Node, Request};
use batchwise_tokens::{Breakpoint, CacheTtl, Estimator, InputEstimate, ModelTraits, RequestKind};
use batchwise_units::{Estimate, SharedError, Tokens, Usd};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use crate::asks::{Ask, lines};
use crate::simulation::Amount;

pub(crate) const TODAY: Date = date(2026, 11, 21);

/// Counts a block as many tokens as its text says behind a `#`. Nothing else counts.
struct AsWritten {
    /// By how many percent the tokens may be fewer or more.
    spread: u64,
}

/// The fewest and the most tokens that so many may be.
pub(crate) fn ends(tokens: u64, spread: u64) -> [u64; 2] {
    let error = tokens * spread / 100;
    [tokens - error, tokens + error]
}

impl Estimator for AsWritten {
    fn method(&self) -> &'static str {
        "as-written"
    }

    fn estimate(&self, request: &Request<'_>, _: &ModelTraits) -> InputEstimate {
        let about = |tokens| {
            let [low, high] = ends(tokens, self.spread);
            Estimate::new(Tokens(low), Tokens(tokens), Tokens(high))
        };
        let (mut reached, mut blocks, mut breakpoints) = (0, Vec::new(), Vec::new());
        for node in nodes(request) {
            reached += tokens(node);
            blocks.push(about(reached));
            if let Some(ttl) = ttl(node.get("cache_control")) {
                breakpoints.push(Breakpoint { prefix: about(reached), ttl });
            }
        }
        let is_last_marked = nodes(request).last().is_some_and(|node| node.get("cache_control").is_some());
        if let Some(ttl) = ttl(request.params.get("cache_control")).filter(|_| !is_last_marked) {
            breakpoints.push(Breakpoint { prefix: about(reached), ttl });
        }
        InputEstimate {
            kind: RequestKind::Text,
            total: about(reached),
            breakpoints,
            blocks,
            assumptions: Vec::new(),
            has_bounds: self.spread > 0,
            bounded: true,
        }
    }

    fn estimate_text(&self, text: &str, _: &ModelTraits) -> Estimate<Tokens> {
        Estimate::exactly(Tokens(text.len() as u64))
    }

    fn shared_error(&self) -> SharedError {
        SharedError::ALL
    }
}

/// Tools, blocks of the system prompt, blocks of the messages.
fn nodes<'n>(request: &'n Request<'_>) -> Vec<&'n Node<'n>> {
    let array = |node: Option<&'n Node<'n>>| node.and_then(Node::as_array).unwrap_or_default();
    let messages = array(request.params.get("messages")).iter();
    let messages = messages.flat_map(|message| array(message.get("content")));
    array(request.params.get("tools"))
        .iter()
        .chain(array(request.params.get("system")))
        .chain(messages)
        .collect()
}

/// The breakpoints of a request's line, by the indexes of their blocks.
pub(crate) fn marked_blocks(line: &str) -> Vec<usize> {
    let request = Request::parse(line.as_bytes()).unwrap();
    let nodes = nodes(&request);
    let last = nodes.len() - 1;
    let is_automatic = |index: usize| index == last && request.params.get("cache_control").is_some();
    let is_marked = |index: &usize| is_automatic(*index) || nodes[*index].get("cache_control").is_some();
    (0..nodes.len()).filter(is_marked).collect()
}

fn tokens(node: &Node<'_>) -> u64 {
    let text = node.get("text").or(node.get("description")).and_then(Node::as_str).unwrap_or_default();
    let (_, digits) = text.rsplit_once('#').unwrap_or_default();
    digits.parse().unwrap_or(0)
}

fn ttl(control: Option<&Node<'_>>) -> Option<CacheTtl> {
    let ttl = control?.get("ttl").and_then(Node::as_str).unwrap_or("5m");
    Some(if ttl == "1h" { CacheTtl::OneHour } else { CacheTtl::FiveMinutes })
}

pub(crate) fn terms() -> Terms {
    Terms::on(TODAY, PriceBook::bundled())
}

/// One pass over a request file, with what it tells.
pub(crate) fn pass(
    text: &str,
    terms: &Terms,
    route: Option<&Route>,
    threads: usize,
) -> (Planned, Vec<Finding>) {
    pass_by(&AsWritten { spread: 0 }, text, terms, route, threads)
}

/// One pass over requests whose tokens are known but for so many percent.
pub(crate) fn uncertain(asks: &[Ask], terms: &Terms, spread: u64, route: Option<&Route>) -> Planned {
    pass_by(&AsWritten { spread }, &lines(asks).join("\n"), terms, route, 1).0
}

fn pass_by(
    estimator: &AsWritten,
    text: &str,
    terms: &Terms,
    route: Option<&Route>,
    threads: usize,
) -> (Planned, Vec<Finding>) {
    let context = Context {
        book: PriceBook::bundled(),
        estimator,
        terms,
        threads: NonZero::new(threads).unwrap(),
        inspector: None,
        route,
    };
    let source = Source { name: "requests.jsonl".to_owned(), content: Box::new(text.as_bytes()) };
    let mut findings = Vec::<Finding>::new();
    let planned = plan(vec![source], &context, &mut Vec::<u8>::new(), &mut findings).unwrap();
    assert_eq!(planned.plan.left_out_lines, 0, "{findings:?}\n{text}");
    assert_eq!(planned.plan.unpriced_requests, 0, "{findings:?}\n{text}");
    let mut written = Vec::new();
    planned.plan.write_json(&mut written).unwrap();
    assert_eq!(Plan::read(&written).as_ref(), Ok(&planned.plan), "what is written is read");
    (planned, findings)
}

/// One pass over requests in their order.
pub(crate) fn first(asks: &[Ask], terms: &Terms) -> Planned {
    pass(&lines(asks).join("\n"), terms, None, 1).0
}

/// As many passes as the terms need.
pub(crate) fn both(asks: &[Ask], terms: &Terms) -> Planned {
    let first = first(asks, terms);
    match &first.route {
        None => first,
        Some(route) => pass(&lines(asks).join("\n"), terms, Some(route), 1).0,
    }
}

/// What the plan of requests says about the cache, if nothing else is asked.
pub(crate) fn analysis(asks: &[Ask]) -> CacheAnalysis {
    first(asks, &terms()).plan.cache.unwrap()
}

/// What a scenario costs, which the tokens leave no doubt about.
#[track_caller]
pub(crate) fn amount(analysis: &CacheAnalysis, scenario: &str) -> Amount {
    let cost = &analysis.scenarios[scenario];
    assert_eq!(cost.batch, Some(cost.range.high()), "the longest replies make the high end");
    Amount { without_replies: cost.range.low().as_decimal(), with_replies: cost.range.high().as_decimal() }
}

/// The same with the longest replies.
#[track_caller]
pub(crate) fn usd(analysis: &CacheAnalysis, scenario: &str) -> Usd {
    Usd::from_decimal(amount(analysis, scenario).with_replies)
}

pub(crate) fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}
