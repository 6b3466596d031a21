//! Plans of every shape that a report is made of, with tokens by kind.

use std::collections::BTreeMap;

use batchwise_findings::Verdict;
use batchwise_plan::{
    Assumption, Batch, Consumption, Findings, Fingerprint, Input, Limits, ModelLine, Plan,
    PriceBookReference, Quote, RatesUsed, SCHEMA, Slice, TokenTotals, UsageLine, cost_of,
};
use batchwise_units::{Bytes, Estimate, ExpectedTokens, Rate, Usd};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// Models whose names mean something to spreadsheets, terminals or Markdown.
const MODELS: [&str; 4] = ["claude-haiku-5-5", "=cmd|' /C calc'!A1", "a | b\n@team `x` <i>", "@SUM(A1:A9)"];

const KINDS: [&str; 5] = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"];

/// Requests of one model at one row of prices in one batch.
#[derive(Clone, Debug)]
struct Line {
    model: usize,
    us: bool,
    requests: u64,
    unpriced: u64,
    input: u64,
    output: u64,
    cached: [u64; 5],
}

/// A plan that its reader accepts.
pub(crate) fn some_plan() -> impl Strategy<Value = Plan> {
    let line = (0..MODELS.len(), any::<bool>(), 0..3u64, 0..2u64, 0..3_000_000u64, 0..900_000u64)
        .prop_flat_map(|(model, us, requests, unpriced, input, output)| {
            prop::array::uniform5(0..30_000_000_000u64).prop_map(move |cached| Line {
                model,
                us,
                requests,
                unpriced,
                input,
                output,
                cached,
            })
        });
    let rates = prop::array::uniform10(1..90_000_000u64);
    let value = select(vec!["search", "=1+1", "a, b", "\"c\""]);
    let tags = btree_map(select(vec!["team", "month"]), value, 0..3);
    (vec(vec(line, 1..4), 0..4), rates, any::<bool>(), tags, 0..3usize).prop_map(
        |(batches, rates, likely, tags, verdict)| {
            let mut plan = plan_of(&batches, rates, likely);
            plan.verdict = [Verdict::Ok, Verdict::Refused, Verdict::Unusable][verdict];
            plan.tags = tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
            let mut written = Vec::new();
            plan.write_json(&mut written).unwrap();
            assert_eq!(Plan::read(&written).as_ref(), Ok(&plan));
            plan
        },
    )
}

fn plan_of(parts: &[Vec<Line>], rates: [u64; 10], likely: bool) -> Plan {
    let mut models: BTreeMap<&str, ModelLine> = BTreeMap::new();
    let mut batches: Vec<Batch> = Vec::new();
    let mut position = 0;
    for lines in parts {
        let requests: u64 = lines.iter().map(|line| line.requests + line.unpriced).sum();
        if requests == 0 {
            continue;
        }
        let mut usage: BTreeMap<(usize, bool), UsageLine> = BTreeMap::new();
        for line in lines {
            let model =
                models.entry(MODELS[line.model]).or_insert_with(|| model_line(MODELS[line.model], rates));
            model.requests += line.requests + line.unpriced;
            model.unpriced_requests += line.unpriced;
            if line.requests > 0 {
                let row = usage.entry((line.model, line.us));
                row.and_modify(|told| told.requests += line.requests).or_insert_with(|| usage_line(line));
            }
        }
        let priced: u64 = lines.iter().map(|line| line.requests).sum();
        batches.push(Batch {
            index: u32::try_from(batches.len()).unwrap(),
            wave: 0,
            requests,
            unpriced_requests: requests - priced,
            unbounded_requests: 0,
            body_bytes: Bytes(100),
            body_sha256: Fingerprint::of(b"body"),
            slices: vec![Slice { input: 0, first_line: position + 1, start: position, end: position + 1 }],
            tokens: TokenTotals::default(),
            quote: None,
            usage: Some(usage.into_values().collect()),
        });
        position += 1;
    }
    let mut plan = Plan {
        api_version: None,
        betas: Vec::new(),
        schema: SCHEMA,
        verdict: Verdict::Ok,
        priced_on: "2026-11-21".to_owned(),
        price_book: PriceBookReference {
            version: "2026-11-21".to_owned(),
            sha256: Fingerprint::of(b"book").to_string(),
            overlays: Vec::new(),
        },
        tags: BTreeMap::new(),
        inputs: vec![Input {
            path: "requests.jsonl".to_owned(),
            bytes: position,
            sha256: Fingerprint::of(b"requests"),
            requests: batches.iter().map(|batch| batch.requests).sum(),
        }],
        requests: batches.iter().map(|batch| batch.requests).sum(),
        unpriced_requests: batches.iter().map(|batch| batch.unpriced_requests).sum(),
        unbounded_requests: 0,
        left_out_lines: 0,
        tokens: TokenTotals::default(),
        quote: None,
        savings: None,
        models: models.into_values().collect(),
        limits: Limits { requests_max: 100, body_bytes_max: Bytes(10_000), usd_max: None },
        batches,
        waves: Vec::new(),
        what_if: None,
        cache: None,
        left_out: Vec::new(),
        assumptions: vec![Assumption {
            key: "input-tokens".to_owned(),
            value: "=estimated".to_owned(),
            source: "docs".to_owned(),
        }],
        findings: Findings::default(),
    };
    quote(&mut plan, likely);
    plan
}

fn usage_line(line: &Line) -> UsageLine {
    let whole = |kinds: &[(&'static str, u64)]| -> Consumption {
        let some = kinds.iter().filter(|(_, tokens)| *tokens > 0);
        some.map(|(kind, tokens)| ((*kind).into(), ExpectedTokens::read(&tokens.to_string()).unwrap()))
            .collect()
    };
    let parts = KINDS.into_iter().zip(line.cached).filter(|(_, parts)| *parts > 0);
    let shares =
        |parts: u64| ExpectedTokens::read(&format!("{}.{:04}", parts / 10_000, parts % 10_000)).unwrap();
    UsageLine {
        model: MODELS[line.model].to_owned(),
        geo: if line.us { "us".into() } else { "global".into() },
        prompt_tokens_over: None,
        requests: line.requests,
        uncached: whole(&[("input", line.input), ("output", line.output)]),
        cached: parts.map(|(kind, parts)| (kind.into(), shares(parts))).collect(),
    }
}

fn model_line(model: &str, rates: [u64; 10]) -> ModelLine {
    let list = |rates: &[u64]| -> BTreeMap<String, Rate> {
        let rate =
            |micros: u64| Rate::read(&format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)).unwrap();
        KINDS.iter().zip(rates).map(|(kind, micros)| ((*kind).to_owned(), rate(*micros))).collect()
    };
    let row = |geo: &'static str| RatesUsed {
        prompt_tokens_over: None,
        geo: geo.into(),
        usd_per_mtok: [("standard".to_owned(), list(&rates[..5])), ("batch".to_owned(), list(&rates[5..]))]
            .into(),
        since: "2026-10-07".to_owned(),
        source: "https://example.com".to_owned(),
        checked: None,
    };
    ModelLine {
        model: model.to_owned(),
        priced_as: Some(model.to_owned()),
        unpriced_because: Some("nobody knows".to_owned()),
        requests: 0,
        unpriced_requests: 0,
        tokens: TokenTotals::default(),
        quote: None,
        rates: vec![row("global"), row("us")],
    }
}

/// Quotes whose likely costs are those of the tokens.
fn quote(plan: &mut Plan, likely: bool) {
    let models = plan.models.clone();
    let of = |lines: &[&UsageLine]| {
        let sum = |mode: &str, cached: bool| -> Usd {
            let cost = |line: &&UsageLine| {
                let model = models.iter().find(|model| model.model == line.model).unwrap();
                let prices = &line.rates(model).unwrap().usd_per_mtok[mode];
                cost_of(if cached { &line.cached } else { &line.uncached }, prices).unwrap()
            };
            lines.iter().map(cost).sum()
        };
        let range = |cost: Usd| {
            if likely {
                Estimate::new(Usd::ZERO, cost, cost + cost)
            } else {
                Estimate::between(Usd::ZERO, cost + cost)
            }
        };
        Quote {
            standard: range(sum("standard", false)),
            batch: range(sum("batch", false)),
            batch_cached: range(sum("batch", true)),
            batch_bound: sum("standard", false),
        }
    };
    let lines: Vec<UsageLine> = plan.batches.iter().flat_map(|batch| batch.usage.clone().unwrap()).collect();
    for batch in &mut plan.batches {
        let lines: Vec<&UsageLine> = batch.usage.iter().flatten().collect();
        batch.quote = (batch.requests > batch.unpriced_requests).then(|| of(&lines));
    }
    for model in &mut plan.models {
        let lines: Vec<&UsageLine> = lines.iter().filter(|line| line.model == model.model).collect();
        model.quote = (model.requests > model.unpriced_requests).then(|| of(&lines));
    }
    let all: Vec<&UsageLine> = lines.iter().collect();
    plan.quote = (plan.requests > plan.unpriced_requests).then(|| of(&all));
    plan.savings = plan.quote.map(|quote| quote.savings());
}
