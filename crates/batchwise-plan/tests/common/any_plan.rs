//! Plans of every shape that a planner could write.

use std::collections::BTreeMap;

use batchwise_findings::Verdict;
use batchwise_plan::{
    Assumption, Batch, CacheAnalysis, CacheGroup, CacheScenarioCost, Findings, Fingerprint, Input, LeftOut,
    Limits, ModelLine, Plan, PriceBookReference, Quote, RatesUsed, SCHEMA, Slice, TokenTotals, Wave,
};
use batchwise_units::{Bytes, Estimate, Rate, Tokens, Usd};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Requests of one model that stand together in one batch.
#[derive(Clone, Debug)]
struct Group {
    model: String,
    new_input: bool,
    new_batch: bool,
    requests: u64,
    unpriced: bool,
    unbounded: bool,
    bytes: u64,
    tokens: TokenTotals,
    quote: Quote,
}

/// Any plan.
pub(crate) fn any_plan() -> impl Strategy<Value = Plan> {
    let rules = btree_map(select(vec!["duplicate-custom-id", "unpriced", "of-tomorrow"]), 1..9u64, 0..3);
    let ranges = (token_totals(), quote());
    (vec(group(), 0..6), ranges, assumptions(), rules, select(vec!["2026-11-21", "2026-11-22"]), 0..3usize)
        .prop_map(|(groups, (tokens, quote), assumptions, rules, day, verdict)| {
            let mut plan = plan_of(&groups, tokens, quote);
            plan.verdict = [Verdict::Ok, Verdict::Refused, Verdict::Unusable][verdict];
            plan.priced_on = day.to_owned();
            plan.assumptions = assumptions;
            plan.findings = Findings {
                error: rules.values().sum(),
                rules: rules.into_iter().map(|(rule, count)| (rule.into(), count)).collect(),
                ..Findings::default()
            };
            plan
        })
}

fn group() -> impl Strategy<Value = Group> {
    let model = select(vec!["claude-sonnet-5-5", "claude-haiku-5-5", "a | b\n@team `x`"]);
    let switches = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    (model, switches, 1..5u64, 1..1000u64, token_totals(), quote()).prop_map(
        |(model, (new_input, new_batch, unpriced, unbounded), requests, bytes, tokens, quote)| Group {
            model: model.to_owned(),
            new_input,
            new_batch,
            requests,
            unpriced,
            unbounded,
            bytes,
            tokens,
            quote,
        },
    )
}

fn assumptions() -> impl Strategy<Value = Vec<Assumption>> {
    let key = select(vec!["input-tokens", "cache", "output-tokens", "prices"]);
    let value = select(vec!["estimated offline by `claude`", "estimated offline by `bytes`", "unknown"]);
    vec((key, value), 0..4).prop_map(|list| {
        let assumption = |(key, value): (&str, &str)| Assumption {
            key: key.to_owned(),
            value: value.to_owned(),
            source: "docs".to_owned(),
        };
        list.into_iter().map(assumption).collect()
    })
}

fn token_totals() -> impl Strategy<Value = TokenTotals> {
    let range = || estimate(0..3_000u64).prop_map(|range| range.map(Tokens));
    (range(), range(), range()).prop_map(|(input, cache_marked, output)| TokenTotals {
        input,
        cache_marked,
        output,
    })
}

fn quote() -> impl Strategy<Value = Quote> {
    let range = || estimate(0..3_000_000_000u64).prop_map(|range| range.map(usd));
    (range(), range(), range(), 0..3_000_000_000u64).prop_map(|(standard, batch, batch_cached, bound)| {
        Quote { standard, batch, batch_cached, batch_bound: usd(bound) }
    })
}

fn estimate(numbers: std::ops::Range<u64>) -> impl Strategy<Value = Estimate<u64>> {
    (vec(numbers, 3), option::of(Just(()))).prop_map(|(mut ends, likely)| {
        ends.sort_unstable();
        match likely {
            Some(()) => Estimate::new(ends[0], ends[1], ends[2]),
            None => Estimate::between(ends[0], ends[2]),
        }
    })
}

/// So many nano-dollars.
fn usd(nanos: u64) -> Usd {
    Usd::read(&format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)).unwrap()
}

/// The plan whose parts are the groups.
fn plan_of(groups: &[Group], tokens: TokenTotals, quote: Quote) -> Plan {
    let mut inputs: Vec<Input> = Vec::new();
    let mut batches: Vec<Batch> = Vec::new();
    let mut models: BTreeMap<&str, ModelLine> = BTreeMap::new();
    for group in groups {
        if group.new_input || inputs.is_empty() {
            inputs.push(empty_input(inputs.len()));
        }
        if group.new_batch || batches.is_empty() {
            batches.push(empty_batch(batches.len(), group));
        }
        let index = u32::try_from(inputs.len() - 1).unwrap();
        let (input, batch) = (inputs.last_mut().unwrap(), batches.last_mut().unwrap());
        let model = models.entry(&group.model).or_insert_with(|| empty_model(group));
        let start = input.bytes;
        batch.slices.push(Slice {
            input: index,
            first_line: input.requests + 1,
            start,
            end: start + group.bytes,
        });
        input.bytes += group.bytes;
        input.requests += group.requests;
        batch.requests += group.requests;
        model.requests += group.requests;
        batch.unbounded_requests += if group.unbounded { group.requests } else { 0 };
        if group.unpriced {
            batch.unpriced_requests += group.requests;
            model.unpriced_requests += group.requests;
        } else {
            include(&mut batch.quote, group.quote);
            include(&mut model.quote, group.quote);
        }
    }
    let left_out: Vec<LeftOut> =
        inputs.first().filter(|input| input.bytes > 500).map(left_out).into_iter().collect();
    let mut whole = None;
    batches.iter().filter_map(|batch| batch.quote).for_each(|part| include(&mut whole, part));
    let quote = whole.map(|whole| Quote { batch_bound: whole.batch_bound, ..quote });
    Plan {
        schema: SCHEMA,
        verdict: Verdict::Ok,
        priced_on: "2026-11-21".to_owned(),
        price_book: PriceBookReference {
            version: "2026-11-21".to_owned(),
            sha256: Fingerprint::of(b"book").to_string(),
            overlays: vec!["our \"contract\"".to_owned()],
        },
        api_version: Some("2026-10-21".to_owned()),
        betas: vec!["output-300k-2026-03-24".to_owned()],
        requests: inputs.iter().map(|input| input.requests).sum(),
        unpriced_requests: batches.iter().map(|batch| batch.unpriced_requests).sum(),
        unbounded_requests: batches.iter().map(|batch| batch.unbounded_requests).sum(),
        left_out_lines: left_out.iter().map(|run| run.lines).sum(),
        tokens,
        quote,
        savings: quote.map(|quote| quote.savings()),
        models: models.into_values().collect(),
        limits: Limits { requests_max: 100, body_bytes_max: Bytes(10_000), usd_max: Some(usd(1)) },
        waves: waves(&batches),
        what_if: None,
        cache: quote.map(|quote| cache(groups, quote)),
        batches,
        left_out,
        assumptions: Vec::new(),
        findings: Findings::default(),
        inputs,
        tags: groups.iter().map(|group| (group.model.clone(), "a | b".to_owned())).collect(),
    }
}

fn waves(batches: &[Batch]) -> Vec<Wave> {
    let (count, requests) = (batches.len() as u64, batches.iter().map(|batch| batch.requests).sum());
    let wave = Wave { wave: 0, batches: count, requests, waits_for: "nothing".into() };
    if batches.is_empty() { Vec::new() } else { vec![wave] }
}

fn cache(groups: &[Group], quote: Quote) -> CacheAnalysis {
    let group = |group: &Group| CacheGroup {
        model: group.model.clone(),
        prefix_tokens: Estimate::exactly(Tokens(group.bytes)),
        members: group.requests,
        ttl: group.unbounded.then_some("1h".into()),
        marked: group.unbounded,
        users: group.requests,
        cacheable: group.unpriced,
        minimum_tokens: group.unbounded.then_some(Tokens(512)),
        batches: 1,
        waves: 1,
        input: 0,
        first_line: 1,
        field: "params.system".to_owned(),
        complete: !group.unpriced,
    };
    let cost = |batch, range| CacheScenarioCost { batch, range, meaning: "a \"sentence\"".into() };
    CacheAnalysis {
        groups: groups.iter().map(group).collect(),
        groups_total: groups.len() as u64,
        groups_forgotten: groups.len() > 3,
        marked_requests: 1,
        scenarios: [
            ("none".into(), cost(quote.batch.likely(), quote.batch)),
            ("30%".into(), cost(None, quote.batch_cached)),
        ]
        .into(),
        break_even_hit_rate: quote.batch.likely().map(|_| "0.526".to_owned()),
        break_even_group_size: Some(3),
        primers: 1,
        likely: "cold: why".to_owned(),
        advice: "Do this.".to_owned(),
    }
}

/// The same ranges for the parts as for the whole would do: only the bound adds up.
fn include(sum: &mut Option<Quote>, part: Quote) {
    let bound = sum.map_or(Usd::ZERO, |sum| sum.batch_bound);
    *sum = Some(Quote { batch_bound: bound + part.batch_bound, ..part });
}

fn empty_input(index: usize) -> Input {
    let path = format!("input-{index}.jsonl");
    Input { sha256: Fingerprint::of(path.as_bytes()), path, bytes: 0, requests: 0 }
}

fn empty_batch(index: usize, group: &Group) -> Batch {
    Batch {
        index: u32::try_from(index).unwrap(),
        wave: 0,
        requests: 0,
        unpriced_requests: 0,
        unbounded_requests: 0,
        body_bytes: Bytes(group.bytes + 15),
        body_sha256: Fingerprint::of(b"body"),
        slices: Vec::new(),
        tokens: group.tokens,
        quote: None,
        usage: None,
    }
}

fn empty_model(group: &Group) -> ModelLine {
    let kinds = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"];
    let rates = || kinds.map(|kind| (kind.to_owned(), Rate::parse("0.25").unwrap())).into();
    ModelLine {
        model: group.model.clone(),
        priced_as: Some(group.model.clone()).filter(|_| !group.unpriced),
        unpriced_because: None,
        requests: 0,
        unpriced_requests: 0,
        tokens: group.tokens,
        quote: None,
        rates: vec![RatesUsed {
            prompt_tokens_over: Some(Tokens(100_000)).filter(|_| group.unbounded),
            geo: "us".into(),
            usd_per_mtok: [("standard".to_owned(), rates()), ("batch".to_owned(), rates())].into(),
            since: "2026-10-07".to_owned(),
            source: "https://example.com".to_owned(),
            checked: Some("2026-10-08".to_owned()).filter(|_| group.unbounded),
        }],
    }
}

fn left_out(input: &Input) -> LeftOut {
    LeftOut { input: 0, first_line: 1, lines: 2, start: 0, end: input.bytes, rule: "invalid-json".into() }
}
