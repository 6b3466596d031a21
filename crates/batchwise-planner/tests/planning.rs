//! Plans from JSONL text: what lands where, and that every part adds up to the whole.

use std::num::NonZero;

use batchwise_findings::{Finding, Verdict};
use batchwise_plan::{Fingerprint, Plan, Quote, TokenTotals};
use batchwise_planner::{Context, Inspected, Inspector, Source, Terms, Watch, plan};
use batchwise_prefixes::PrefixChain;
use batchwise_pricing::PriceBook;
use batchwise_records::{Flaw, Request};
use batchwise_tokens::{Estimator, InputEstimate, ModelTraits, RequestKind};
use batchwise_units::{Bytes, Estimate, SharedError, Tokens, Usd};
use jiff::civil::{Date, date};
use proptest::prelude::*;

/// Reads the number of tokens from the request itself: `metadata.tokens`, `[low, likely, high]` or
/// `[low, high]`.
struct AsWritten;

const SHARED: SharedError = SharedError::from_per_mille(400);

impl Estimator for AsWritten {
    fn method(&self) -> &'static str {
        "as-written"
    }

    fn estimate(&self, request: &Request<'_>, _: &ModelTraits) -> InputEstimate {
        let node = request.params.get("metadata").and_then(|metadata| metadata.get("tokens"));
        let ends: Vec<u64> = node
            .and_then(|node| node.as_array())
            .unwrap_or_default()
            .iter()
            .filter_map(|end| end.as_u64())
            .collect();
        let total = match ends[..] {
            [low, likely, high] => Estimate::new(Tokens(low), Tokens(likely), Tokens(high)),
            [low, high] => Estimate::between(Tokens(low), Tokens(high)),
            _ => Estimate::exactly(Tokens(10)),
        };
        InputEstimate {
            kind: RequestKind::Text,
            total,
            breakpoints: Vec::new(),
            blocks: vec![total; PrefixChain::of(request, "m").blocks().len()],
            assumptions: Vec::new(),
            has_bounds: false,
            bounded: true,
        }
    }

    fn estimate_text(&self, _: &str, _: &ModelTraits) -> Estimate<Tokens> {
        unreachable!("a plan counts requests")
    }

    fn shared_error(&self) -> SharedError {
        SHARED
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Watch for Findings {
    fn finding(&mut self, finding: Finding) {
        self.0.push(finding);
    }
}

fn json(plan: &Plan) -> String {
    let mut json = Vec::new();
    plan.write_json(&mut json).unwrap();
    String::from_utf8(json).unwrap()
}

const TODAY: Date = date(2026, 11, 21);

fn plan_files(files: &[(&str, &[u8])], change: impl Fn(&mut Terms), threads: usize) -> (Plan, Vec<Finding>) {
    let book = PriceBook::bundled();
    let mut terms = Terms::on(TODAY, book);
    change(&mut terms);
    let threads = NonZero::new(threads).unwrap();
    let context =
        Context { book, estimator: &AsWritten, terms: &terms, threads, inspector: None, route: None };
    let source = |&(name, content): &(&str, &'static [u8])| Source {
        name: name.to_owned(),
        content: Box::new(content),
    };
    let files: Vec<(&str, &'static [u8])> = files
        .iter()
        .map(|&(name, content)| (name, &*Box::leak(content.to_vec().into_boxed_slice())))
        .collect();
    let mut findings = Findings::default();
    let sources = files.iter().map(source).collect();
    let plan = plan(sources, &context, &mut Vec::<u8>::new(), &mut findings).unwrap().plan;
    let mut written = Vec::new();
    plan.write_json(&mut written).unwrap();
    assert_eq!(Plan::read(&written).as_ref(), Ok(&plan), "what is written is read");
    (plan, findings.0)
}

fn plan_text(text: &str, change: impl Fn(&mut Terms)) -> Plan {
    plan_files(&[("requests.jsonl", text.as_bytes())], change, 1).0
}

fn line(id: &str, model: &str, tokens: [u64; 3], max_tokens: u64) -> String {
    line_of(id, model, &tokens, max_tokens)
}

fn line_of(id: &str, model: &str, tokens: &[u64], max_tokens: u64) -> String {
    format!(
        r#"{{"custom_id":"{id}","params":{{"model":"{model}","max_tokens":{max_tokens},"metadata":{{"tokens":{tokens:?}}},"messages":[{{"role":"user","content":"hi"}}]}}}}"#
    )
}

fn batch_cost(model: &str, input: u64, output: u64, day: Date) -> Option<String> {
    let plan = plan_text(&line("a", model, [input; 3], output), |terms| terms.day = day);
    (plan.unpriced_requests == 0).then(|| plan.quote.unwrap().batch.high().to_string())
}

#[test]
fn a_price_follows_the_day() {
    let cost = |day| batch_cost("claude-opus-4-6", 300_000, 1, day);
    assert_eq!(cost(date(2026, 2, 4)), None, "the day before launch");
    assert_eq!(cost(date(2026, 2, 5)).as_deref(), Some("1.50001875"), "tiered");
    assert_eq!(cost(date(2026, 3, 12)).as_deref(), Some("1.50001875"), "the tier's last day");
    assert_eq!(cost(date(2026, 3, 13)).as_deref(), Some("0.7500125"), "the tier is gone");
}

#[test]
fn a_tier_reprices_the_whole_request() {
    let cost = |input| batch_cost("claude-haiku-5-5", input, 1_000, TODAY);
    assert_eq!(cost(100_000).as_deref(), Some("0.00525"));
    assert_eq!(cost(100_001).as_deref(), Some("0.02625025"));
}

#[test]
fn an_estimate_on_both_sides_of_a_tier_holds_both_prices() {
    let text = line("a", "claude-haiku-5-5", [99_000, 100_000, 101_000], 1_000);
    let (plan, findings) = plan_files(&[("f", text.as_bytes())], |_| (), 1);
    assert_eq!(plan.quote.unwrap().batch.low().to_string(), "0.00495");
    assert_eq!(plan.quote.unwrap().batch.high().to_string(), "0.0265");
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.id()).collect();
    assert_eq!(rules, ["price-tier-straddled"]);
    let tiers: Vec<Option<Tokens>> =
        plan.models[0].rates.iter().map(|rates| rates.prompt_tokens_over).collect();
    assert_eq!(tiers, [None, Some(Tokens(100_000))]);
}

#[test]
fn the_region_is_priced_where_it_is_offered() {
    let us = |text: &str| plan_text(text, |terms| terms.region = batchwise_planner::Region::Us);
    let text = line("a", "claude-sonnet-5-5", [1_000_000; 3], 1);
    assert_eq!(plan_text(&text, |_| ()).quote.unwrap().batch.high().to_string(), "1.000005");
    assert_eq!(us(&text).quote.unwrap().batch.high().to_string(), "1.1000055");
    let old = us(&line("a", "claude-haiku-4-5", [1_000_000; 3], 1));
    assert_eq!(old.quote.unwrap().batch.high().to_string(), "0.5000025");
    assert!(
        old.assumptions.iter().any(|assumption| assumption.value.contains("cannot be bound to a region"))
    );
    let asks = |model: &str, geo: &str| {
        let text = line("a", model, [1_000_000; 3], 1)
            .replace("\"metadata\"", &format!("\"inference_geo\":{geo},\"metadata\""));
        let plan = plan_text(&text, |_| ());
        (plan.unpriced_requests == 0).then(|| plan.quote.unwrap().batch.high().to_string())
    };
    assert_eq!(asks("claude-sonnet-5-5", "\"us\"").as_deref(), Some("1.1000055"));
    assert_eq!(asks("claude-sonnet-5-5", "\"global\"").as_deref(), Some("1.000005"));
    assert_eq!(asks("claude-sonnet-5-5", "null").as_deref(), Some("1.000005"));
    assert_eq!(asks("claude-sonnet-5-5", "\"eu\""), None);
    assert_eq!(asks("claude-sonnet-5-5", "7"), None);
    assert_eq!(asks("claude-haiku-4-5", "\"global\""), None, "the API refuses the parameter");
}

#[test]
fn unknown_is_not_zero() {
    let text = [line("a", "claude-sonnet-5-5", [100; 3], 10), line("b", "gpt-4", [100; 3], 10)].join("\n");
    let plan = plan_text(&text, |_| ());
    assert_eq!((plan.requests, plan.unpriced_requests, plan.verdict), (2, 1, Verdict::Unusable));
    assert_eq!(plan.models[1].model, "gpt-4");
    assert!(plan.models[1].priced_as.is_none() && plan.models[1].unpriced_because.is_some());
    assert!(plan.models[1].quote.is_none() && plan.models[0].quote.is_some());
    let nobody = plan_text(&line("a", "gpt-4", [100; 3], 10), |terms| terms.allow_unpriced = true);
    assert!(nobody.quote.is_none() && nobody.savings.is_none() && nobody.batches[0].quote.is_none());
    let unpriced_budget = plan_text(&text, |terms| terms.limits.usd_max = Some(Usd::parse("1").unwrap()));
    assert_eq!(
        (unpriced_budget.requests, unpriced_budget.verdict),
        (2, Verdict::Unusable),
        "an error of its own"
    );
    let allowed = plan_text(&text, |terms| terms.allow_unpriced = true);
    assert_eq!((allowed.unpriced_requests, allowed.verdict), (1, Verdict::Ok));
    assert_eq!(allowed.quote, plan.quote);
    let capped = plan_text(&text, |terms| {
        terms.allow_unpriced = true;
        terms.limits.usd_max = Some(Usd::parse("1").unwrap());
    });
    assert_eq!(
        (capped.requests, capped.verdict),
        (1, Verdict::Refused),
        "what has no price cannot be held to a budget"
    );
}

#[test]
fn ids_are_unique_over_all_files() {
    let (one, two) = (line("a", "claude-sonnet-5-5", [1; 3], 1), line("b", "claude-sonnet-5-5", [1; 3], 1));
    let second = format!("{two}\n{one}\n");
    let (plan, findings) = plan_files(&[("one", one.as_bytes()), ("two", second.as_bytes())], |_| (), 1);
    assert_eq!((plan.requests, plan.verdict), (2, Verdict::Refused));
    assert_eq!(findings[0].message, "`a` names two requests; one:1 is the first");
    assert_eq!((plan.left_out[0].input, plan.left_out[0].first_line), (1, 2));
}

#[test]
fn a_request_that_no_batch_holds_is_set_aside() {
    let long = line(&"x".repeat(40), "claude-sonnet-5-5", [1; 3], 1);
    let short = line("a", "claude-sonnet-5-5", [1; 3], 1);
    let text = [short.clone(), long.clone(), line("b", "claude-sonnet-5-5", [1; 3], 1)].join("\n");
    let limit = Bytes(15 + long.len() as u64);
    let fits = plan_text(&text, |terms| terms.limits.body_bytes_max = limit);
    assert_eq!((fits.batches.len(), fits.verdict), (3, Verdict::Ok));
    let (plan, findings) =
        plan_files(&[("f", text.as_bytes())], |terms| terms.limits.body_bytes_max = Bytes(limit.0 - 1), 1);
    assert_eq!((plan.requests, plan.verdict), (2, Verdict::Refused));
    assert_eq!(findings[0].rule.id(), "request-too-large");
    assert_eq!(plan.batches.iter().flat_map(|batch| &batch.slices).count(), 2);
}

#[test]
fn an_old_book_warns() {
    let text = line("a", "claude-sonnet-5-5", [1; 3], 1);
    let rules = |day| {
        let (_, findings) = plan_files(&[("f", text.as_bytes())], |terms| terms.day = day, 1);
        findings.iter().map(|finding| finding.rule.id()).collect::<Vec<_>>()
    };
    assert_eq!(rules(date(2027, 1, 20)), Vec::<&str>::new(), "60 days");
    assert_eq!(rules(date(2027, 1, 21)), ["stale-price-book"], "61 days");
}

#[test]
fn nothing_to_plan_is_unusable() {
    for text in ["", "\n", " \r\n\t\n", "\u{feff}"] {
        let (plan, findings) = plan_files(&[("f", text.as_bytes())], |_| (), 1);
        assert_eq!((plan.verdict, findings.len()), (Verdict::Unusable, 1), "{text:?}");
        assert_eq!(findings[0].message, "there is no request in f");
    }
}

#[test]
fn a_million_odd_names_do_not_fill_the_memory() {
    let text: Vec<String> = (0..1_500)
        .map(|number| line(&format!("id-{number}"), &format!("model-{number}"), [1; 3], 1))
        .collect();
    let (plan, findings) = plan_files(&[("f", text.join("\n").as_bytes())], |_| (), 2);
    assert_eq!((plan.requests, plan.unpriced_requests, plan.models.len()), (1_500, 1_500, 1_001));
    assert_eq!(plan.models.iter().map(|model| model.requests).sum::<u64>(), 1_500);
    assert_eq!(findings.len(), 1_001);
    assert_eq!(findings[1_000].message, "the same of 500 more requests, each in its own way");
}

#[test]
fn a_hopeless_line_is_read_quickly() {
    let keys: Vec<String> = (0..50_000).map(|number| format!("\"k{number}\":0")).collect();
    let (plan, findings) = plan_files(&[("f", format!("{{{}}}", keys.join(",")).as_bytes())], |_| (), 1);
    assert_eq!((plan.left_out_lines, findings.len()), (1, 21));
    assert_eq!(findings[20].message, "this line has 49982 more flaws");
}

#[test]
fn the_last_names_do_not_share_prices() {
    let mut text: Vec<String> = (0..1_200)
        .map(|number| line(&format!("id-{number}"), &format!("model-{number}"), [1; 3], 1))
        .collect();
    text.push(line("opus", "claude-opus-5-5", [1; 3], 1));
    text.push(line("haiku", "claude-haiku-5-5", [200_000; 3], 1));
    let (plan, _) = plan_files(&[("f", text.join("\n").as_bytes())], |_| (), 1);
    let haiku = plan.models.iter().find(|model| model.model == "claude-haiku-5-5").unwrap();
    assert_eq!(haiku.rates[0].usd_per_mtok["batch"]["input"].to_string(), "0.25");
    assert_eq!(plan.models.last().unwrap().model, "(more models)");
}

#[test]
fn equal_reasons_make_one_run_of_lines() {
    let good = line("a", "claude-sonnet-5-5", [1; 3], 1);
    let plan = plan_text(&format!("[]\n[]\n{{\n[]\n{good}\n[]"), |_| ());
    let runs: Vec<(u64, u64, &str)> =
        plan.left_out.iter().map(|run| (run.first_line, run.lines, &*run.rule)).collect();
    let json = "not-an-object";
    assert_eq!(runs, [(1, 2, json), (3, 1, "invalid-json"), (4, 1, json), (6, 1, json)]);
    assert_eq!(plan.left_out_lines, 5);
}

#[test]
fn a_prompt_beyond_the_window_warns() {
    let rules = |low| {
        let text = line("a", "claude-haiku-4-5", [low, 300_000, 300_000], 1);
        let (_, findings) = plan_files(&[("f", text.as_bytes())], |_| (), 1);
        findings.iter().map(|finding| finding.rule.id()).collect::<Vec<_>>()
    };
    assert_eq!(rules(200_000), Vec::<&str>::new(), "it may fit");
    assert_eq!(rules(200_001), ["context-window-exceeded"]);
}

#[test]
fn a_total_keeps_the_shared_error_and_all_bounds() {
    let quote = |text: &[String], requests_max| {
        let plan = plan_text(&text.join("\n"), |terms| terms.limits.requests_max = requests_max);
        let cost = plan.quote.unwrap().batch;
        let input = plan.tokens.input;
        let bound = plan.quote.unwrap().batch_bound.to_string();
        (input.low().0, input.high().0, cost.low().to_string(), cost.high().to_string(), bound)
    };
    let many = |tokens: &[u64]| {
        let one = |number| line_of(&format!("id-{number}"), "claude-sonnet-5-5", tokens, 10);
        (0..100).map(one).collect::<Vec<_>>()
    };
    let own = |(low, high, least, most, bound): (u64, u64, &str, &str, &str)| {
        (low, high, least.to_owned(), most.to_owned(), bound.to_owned())
    };
    // One request has its own range.
    let one = own((80, 130, "0.00008", "0.00018", "0.00018"));
    assert_eq!(quote(&many(&[80, 100, 130])[..1], 100), one);
    // Errors of 20 down: sqrt(0.16 * 2000^2 + 0.84 * 100 * 20^2) = 820.7; of 30 up: 1231.1. Replies of up to 10
    // tokens add up to 1,000 at $5 for each million, and the bound takes every request at its high end.
    let total = own((9_179, 11_232, "0.009179268", "0.016231098", "0.018"));
    assert_eq!(quote(&many(&[80, 100, 130]), 100), total);
    assert_eq!(quote(&many(&[80, 100, 130]), 7), total, "whatever the batches");
    // Bounds add up.
    let bounds = own((8_000, 13_000, "0.008", "0.018", "0.018"));
    assert_eq!(quote(&many(&[80, 130]), 100), bounds);
}

/// A range as floating point, of tokens or of dollars.
fn ends(low: impl ToString, high: impl ToString) -> (f64, f64) {
    (low.to_string().parse().unwrap(), high.to_string().parse().unwrap())
}

proptest! {
    /// The slow, obvious answer: the formula in floating point.
    #[test]
    fn totals_agree_with_the_formula(
        requests in proptest::collection::vec((any::<bool>(), 0u64..2_000, 0u64..800, 0u64..800, 1u64..400), 1..30),
    ) {
        let models = |dear: bool| if dear { ("claude-sonnet-5-5", 1e-6, 5e-6) } else { ("claude-haiku-4-5", 0.5e-6, 2.5e-6) };
        let lines = requests.iter().enumerate().map(|(number, &(dear, low, below, above, reply))| {
            line(&number.to_string(), models(dear).0, [low, low + below, low + below + above], reply)
        });
        let plan = plan_text(&lines.collect::<Vec<_>>().join("\n"), |_| ());
        let reach = |errors: Vec<f64>| {
            let shared = f64::from(SHARED.per_mille()) / 1_000.0;
            let (sum, squares) = (errors.iter().sum::<f64>(), errors.iter().map(|error| error * error).sum::<f64>());
            (shared * shared * sum * sum + (1.0 - shared * shared) * squares).sqrt()
        };
        let total = |weight: fn(f64) -> f64, reply_weight: fn(f64) -> f64| {
            let likely: f64 = requests.iter().map(|r| weight(models(r.0).1) * (r.1 + r.2) as f64).sum();
            let replies: f64 = requests.iter().map(|r| reply_weight(models(r.0).2) * r.4 as f64).sum();
            let below = reach(requests.iter().map(|r| weight(models(r.0).1) * r.2 as f64).collect());
            let above = reach(requests.iter().map(|r| weight(models(r.0).1) * r.3 as f64).collect());
            (likely - below, likely + replies + above)
        };
        let near = |found: (f64, f64), exact: (f64, f64), grain: f64| {
            (exact.0 - found.0) < 2.0 * grain && (found.0 - exact.0) < grain * 1e-3
                && (found.1 - exact.1) < 2.0 * grain && (exact.1 - found.1) < grain * 1e-3
        };
        let tokens = plan.tokens.input;
        prop_assert!(near(ends(tokens.low().0, tokens.high().0), total(|_| 1.0, |_| 0.0), 1.0));
        let quote = plan.quote.unwrap();
        let exact = total(|rate| rate, |rate| rate);
        prop_assert!(near(ends(quote.batch.low(), quote.batch.high()), exact, 1e-9), "{:?} for {exact:?}", quote.batch);
        prop_assert_eq!(quote.standard, quote.batch.map(|usd| usd + usd), "twice the price, twice the range");
        prop_assert_eq!(quote.batch_cached, quote.batch);
    }
}

/// Likely values, replies and bounds of the parts add up to those of the whole. Its range is no wider than
/// theirs together, as errors cancel, and no narrower than that of any of them.
fn check_whole(
    tokens: TokenTotals,
    quote: Option<Quote>,
    token_parts: &[TokenTotals],
    quotes: &[Quote],
) -> Result<(), TestCaseError> {
    let all = |part: fn(&TokenTotals) -> Estimate<Tokens>| token_parts.iter().map(part).collect::<Vec<_>>();
    check_total(tokens.input, &all(|tokens| tokens.input))?;
    check_total(tokens.cache_marked, &all(|tokens| tokens.cache_marked))?;
    prop_assert_eq!(tokens.output, all(|tokens| tokens.output).into_iter().sum::<Estimate<Tokens>>());
    prop_assert_eq!(quote.is_some(), !quotes.is_empty());
    let Some(quote) = quote else { return Ok(()) };
    let all = |part: fn(&Quote) -> Estimate<Usd>| quotes.iter().map(part).collect::<Vec<_>>();
    check_total(quote.standard, &all(|quote| quote.standard))?;
    check_total(quote.batch, &all(|quote| quote.batch))?;
    check_total(quote.batch_cached, &all(|quote| quote.batch_cached))?;
    prop_assert_eq!(quote.batch_bound, quotes.iter().map(|quote| quote.batch_bound).sum::<Usd>());
    prop_assert!(quote.batch.high().max(quote.batch_cached.high()) <= quote.batch_bound);
    Ok(())
}

fn check_total<T>(whole: Estimate<T>, parts: &[Estimate<T>]) -> Result<(), TestCaseError>
where
    T: Copy + Ord + Default + std::fmt::Debug + std::ops::Add<Output = T> + std::ops::Sub<Output = T>,
{
    let together = parts.iter().copied().sum::<Estimate<T>>();
    prop_assert_eq!(whole.likely(), together.likely());
    prop_assert!(together.low() <= whole.low() && whole.high() <= together.high());
    for part in parts {
        prop_assert!(part.high() - part.low() <= whole.high() - whole.low());
    }
    Ok(())
}

/// A range of offsets into a file that is in memory.
fn within(start: u64, end: u64) -> std::ops::Range<usize> {
    usize::try_from(start).unwrap()..usize::try_from(end).unwrap()
}

/// Builds the body of a batch as the documentation of `Slice` says.
fn body(plan: &Plan, batch: usize, files: &[Vec<u8>]) -> Vec<u8> {
    let slices = plan.batches[batch].slices.iter();
    let bytes = slices.map(|slice| &files[slice.input as usize][within(slice.start, slice.end)]);
    let lines = bytes.flat_map(|bytes| bytes.split(|&byte| byte == b'\n'));
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let lines: Vec<&[u8]> = lines.filter(|line| !line.trim_ascii().is_empty()).collect();
    [b"{\"requests\":[".as_slice(), &lines.join(&b","[..]), b"]}"].concat()
}

/// Some file: good lines, bad lines, blank lines, both terminators, perhaps a mark, perhaps no last newline.
fn some_file(file: usize) -> impl Strategy<Value = Vec<u8>> {
    let good = (0usize..30, 1u64..2000, 1u64..500).prop_map(move |(id, tokens, max)| {
        let models = ["claude-sonnet-5-5", "claude-haiku-4-5", "claude-haiku-5-5", "gpt-4"];
        line(&format!("f{file}-{id}"), models[id % 4], [tokens, tokens * 2, tokens * 3], max)
    });
    let piece = prop_oneof![
        6 => good,
        1 => Just(String::new()),
        1 => Just("  \t".to_owned()),
        1 => Just("{\"custom_id\":".to_owned()),
        1 => Just("[]".to_owned()),
    ];
    let ending = prop_oneof![3 => Just("\n"), 1 => Just("\r\n")];
    (any::<bool>(), proptest::collection::vec((piece, ending), 0..25), any::<bool>()).prop_map(
        |(mark, lines, last)| {
            let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
            lines.iter().for_each(|(line, ending)| text.extend([line.as_str(), *ending]));
            if !last {
                text.truncate(text.trim_end_matches(['\r', '\n']).len());
            }
            text.into_bytes()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_part_adds_up_to_the_whole(
        files in (some_file(0), some_file(1)), requests_max in 1u64..8, body_max in 300u64..2000,
        usd_max in proptest::option::of(1u64..200), threads in 1usize..4,
    ) {
        let files = [files.0, files.1];
        let named: Vec<(&str, &[u8])> = ["one", "two"].into_iter().zip(files.iter().map(Vec::as_slice)).collect();
        let terms = |terms: &mut Terms| {
            terms.limits.requests_max = requests_max;
            terms.limits.body_bytes_max = Bytes(body_max);
            terms.limits.usd_max = usd_max.map(|cents| Usd::parse(&format!("0.{cents:04}")).unwrap());
            terms.allow_unpriced = true;
        };
        let (plan, findings) = plan_files(&named, terms, threads);

        // The number of threads changes nothing, to the byte.
        prop_assert_eq!(json(&plan), json(&plan_files(&named, terms, 1).0));

        // Batches keep the limits, and their bodies are what they say.
        for (index, batch) in plan.batches.iter().enumerate() {
            let body = body(&plan, index, &files);
            prop_assert_eq!(batch.body_bytes, Bytes::of(&body));
            prop_assert_eq!(batch.body_sha256, Fingerprint::of(&body));
            prop_assert!(batch.requests <= requests_max && batch.body_bytes.0 <= body_max);
            if let Some(usd_max) = plan.limits.usd_max {
                prop_assert!(batch.quote.unwrap().batch_bound <= usd_max);
            }
        }

        // The whole is made of its batches, and of its models.
        let quotes: Vec<Quote> = plan.batches.iter().filter_map(|batch| batch.quote).collect();
        let tokens: Vec<TokenTotals> = plan.batches.iter().map(|batch| batch.tokens).collect();
        check_whole(plan.tokens, plan.quote, &tokens, &quotes)?;
        let quotes: Vec<Quote> = plan.models.iter().filter_map(|model| model.quote).collect();
        let tokens: Vec<TokenTotals> = plan.models.iter().map(|model| model.tokens).collect();
        check_whole(plan.tokens, plan.quote, &tokens, &quotes)?;
        prop_assert_eq!(plan.requests, plan.models.iter().map(|model| model.requests).sum::<u64>());
        prop_assert_eq!(plan.requests, plan.inputs.iter().map(|input| input.requests).sum::<u64>());
        prop_assert_eq!(plan.unpriced_requests, plan.models.iter().map(|model| model.unpriced_requests).sum::<u64>());

        // Every byte is in exactly one slice or one line left out, or is blank.
        for (index, file) in files.iter().enumerate() {
            let mut covered = vec![0u8; file.len()];
            let slices = plan.batches.iter().flat_map(|batch| &batch.slices);
            let slices = slices.filter(|slice| slice.input as usize == index).map(|slice| slice.start..slice.end);
            let left_out = plan.left_out.iter().filter(|line| line.input as usize == index);
            for range in slices.chain(left_out.map(|line| line.start..line.end)) {
                covered[within(range.start, range.end)].iter_mut().for_each(|count| *count += 1);
            }
            for (byte, count) in file.iter().zip(&covered) {
                let blank = byte.is_ascii_whitespace() || "\u{feff}".as_bytes().contains(byte);
                prop_assert!(*count == 1 || (*count == 0 && blank));
            }
            prop_assert_eq!(plan.inputs[index].sha256, Fingerprint::of(file));
        }
        prop_assert_eq!(plan.left_out_lines, plan.left_out.iter().map(|run| run.lines).sum::<u64>());
        prop_assert!(plan.left_out_lines <= findings.len() as u64);
    }
}

/// Looks at requests and has nothing to say.
struct Silent;

impl Inspector for Silent {
    fn inspect(&self, _: &Inspected<'_>) -> Vec<Flaw> {
        Vec::new()
    }
}

#[test]
fn an_inspector_finds_requests_that_ask_the_same() {
    let book = PriceBook::bundled();
    let terms = Terms::on(TODAY, book);
    let lines = [
        line("a", "claude-sonnet-5-5", [1, 2, 3], 10),
        line("b", "claude-sonnet-5-5", [1, 2, 3], 10),
        line("c", "claude-sonnet-5-5", [1, 2, 3], 11),
        line("d", "claude-sonnet-5-5", [1, 2, 3], 10),
    ];
    let text = lines.join("\n");
    let told = |inspector: Option<&dyn Inspector>| {
        let threads = NonZero::<usize>::MIN;
        let context = Context { book, estimator: &AsWritten, terms: &terms, threads, inspector, route: None };
        let source = Source { name: "requests.jsonl".to_owned(), content: Box::new(text.as_bytes()) };
        let mut findings = Vec::<Finding>::new();
        plan(vec![source], &context, &mut Vec::<u8>::new(), &mut findings).unwrap();
        let told = |finding: &Finding| {
            let see = finding.see.as_ref().map(|see| format!(", see line {}", see.line)).unwrap_or_default();
            format!("{}: {}{see}", finding.rule, finding.message)
        };
        findings.iter().map(told).collect::<Vec<String>>()
    };
    assert!(told(None).is_empty());
    insta::assert_snapshot!(told(Some(&Silent)).join("\n"), @"
    identical-request: `b` asks exactly what an earlier request asks, see line 1
    identical-request: `d` asks exactly what an earlier request asks, see line 1
    identical-requests: requests that ask exactly what an earlier one asks: 2; as batches they cost $0.00000248 to $0.00010552 without caching
    ");
}
