//! Budgets, increases and limits: what a policy says about a whole plan.

mod common;

use std::collections::BTreeMap;

use batchwise_findings::Finding;
use batchwise_plan::{
    Assumption, Batch, Findings, Fingerprint, Limits, Plan, PriceBookReference, Quote, SCHEMA, TokenTotals,
};
use batchwise_policy::Baseline;
use batchwise_units::{Bytes, Estimate, Usd};
use common::policy;
use insta::assert_snapshot;
use proptest::prelude::*;

fn usd(cents: u64) -> Usd {
    Usd::parse(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap()
}

/// A quote of which the likely cost as batches is so many cents: high is twice that and the bound one cent more, and one
/// by one everything is twice as much.
fn quote(likely: u64) -> Quote {
    let range = |cents: u64| Estimate::new(Usd::ZERO, usd(cents), usd(2 * cents));
    Quote {
        standard: range(2 * likely),
        batch: range(likely),
        batch_cached: range(likely),
        batch_bound: usd(2 * likely + 1),
    }
}

fn batch(index: u32, likely: u64) -> Batch {
    Batch {
        index,
        wave: 0,
        requests: 10,
        unpriced_requests: 0,
        unbounded_requests: 0,
        body_bytes: Bytes(1000),
        body_sha256: Fingerprint::of(b""),
        slices: Vec::new(),
        tokens: TokenTotals::default(),
        quote: Some(quote(likely)),
        usage: None,
    }
}

/// A plan of batches that cost so many cents each.
fn plan(cents: &[u64]) -> Plan {
    Plan {
        schema: SCHEMA,
        verdict: batchwise_findings::Verdict::Ok,
        api_version: None,
        betas: Vec::new(),
        priced_on: "2026-11-21".to_owned(),
        price_book: PriceBookReference {
            version: "v".to_owned(),
            sha256: String::new(),
            overlays: Vec::new(),
        },
        tags: BTreeMap::new(),
        inputs: Vec::new(),
        requests: 10 * cents.len() as u64,
        unpriced_requests: 0,
        unbounded_requests: 0,
        left_out_lines: 0,
        tokens: TokenTotals::default(),
        quote: Some(quote(cents.iter().sum())),
        savings: None,
        models: Vec::new(),
        limits: Limits { requests_max: 1, body_bytes_max: Bytes(1), usd_max: None },
        batches: (0..).zip(cents).map(|(index, cents)| batch(index, *cents)).collect(),
        waves: Vec::new(),
        what_if: None,
        cache: None,
        left_out: Vec::new(),
        assumptions: Vec::new(),
        findings: Findings { error: 0, warning: 0, note: 0, rules: BTreeMap::new() },
    }
}

fn judged(text: &str, plan: &Plan) -> Vec<Finding> {
    policy(text).judge_plan(plan, None)
}

#[track_caller]
fn check_budget(keys: &str, plan: &Plan, expected: &[&str]) {
    let findings = judged(&format!("[[budget]]\n{keys}"), plan);
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.id()).collect();
    assert_eq!(rules, expected, "{keys}");
}

#[test]
fn a_budget_is_held_to_the_number_it_names() {
    let plan = plan(&[100, 300]);
    let over = &["policy-budget"];
    check_budget("total = \"8.01\"", &plan, &[]);
    check_budget("total = \"8.00\"", &plan, over); // high is 8.00, but the bound is a cent more
    check_budget("total = \"8.00\"\nscenario = \"batch\"", &plan, over);
    check_budget("total = \"16\"\nscenario = \"standard\"", &plan, &[]);
    check_budget("total = \"15.99\"\nscenario = \"standard\"", &plan, over);
    check_budget("total = \"4\"\non = \"likely\"", &plan, &[]);
    check_budget("total = \"3.99\"\non = \"likely\"", &plan, over);
    check_budget("total = \"8\"\non = \"likely\"\nscenario = \"standard\"", &plan, &[]);
    check_budget("per_batch = \"6.01\"", &plan, &[]);
    check_budget("per_batch = \"6\"", &plan, &["policy-batch-budget"]);
    check_budget("per_batch = \"3\"\non = \"likely\"", &plan, &[]);
    check_budget("total = \"1\"\nper_batch = \"1\"", &plan, &["policy-budget", "policy-batch-budget"]);
}

#[test]
fn findings_show_both_ends() {
    let text =
        "[[budget]]\ntotal = \"5\"\nper_batch = \"1.50\"\n\n[[budget]]\ntotal = \"3\"\non = \"likely\"";
    assert_snapshot!(common::draw_all(&judged(text, &plan(&[100, 300]))), @r#"
    error[policy-budget]: the workload may cost up to $8.01, whatever the cache does, above the $5 that it may
      ::: batchwise.toml:2:9
       | total = "5"
       |         --- this budget
       = help: send fewer requests, lower `max_tokens`, take a cheaper model, or raise `total` in the policy
    error[policy-batch-budget]: batch 0 may cost up to $2.01, whatever the cache does, above the $1.5 that one may (the same of 2 of 2 batches, this is the first)
      ::: batchwise.toml:3:13
       | per_batch = "1.50"
       |             ------ this budget
       = help: cut smaller batches with --max-usd or --max-requests, or raise `per_batch` in the policy
    error[policy-budget]: the workload will probably cost $4, above the $3 that it may
      ::: batchwise.toml:6:9
       | total = "3"
       |         --- this budget
       = help: send fewer requests, lower `max_tokens`, take a cheaper model, or raise `total` in the policy
    "#);
    let text = "[[budget]]\ntotal = \"0\"\nscenario = \"standard\"";
    assert_snapshot!(common::draw_all(&judged(text, &plan(&[1]))), @r#"
    error[policy-budget]: the workload may cost $0.04 sent one by one, at the high end of its range, above the $0 that it may
      ::: batchwise.toml:2:9
       | total = "0"
       |         --- this budget
       = help: send fewer requests, lower `max_tokens`, take a cheaper model, or raise `total` in the policy
    "#);
}

#[test]
fn what_nobody_knows_is_not_within_a_budget() {
    let budget = "[[budget]]\ntotal = \"1000\"\nper_batch = \"1000\"\non = \"likely\"";
    let mut unpriced = plan(&[100, 300]);
    (unpriced.unpriced_requests, unpriced.batches[1].unpriced_requests) = (10, 10);
    unpriced.batches[1].quote = None;
    assert_snapshot!(common::draw_all(&judged(budget, &unpriced)), @r#"
    error[policy-budget]: 10 of 20 requests of the workload have no price, so nobody can hold it to $1000
      ::: batchwise.toml:2:9
       | total = "1000"
       |         ------ this budget
       = help: give its requests a price with --pricing
    error[policy-batch-budget]: 10 of 10 requests of batch 1 have no price, so nobody can hold it to $1000
      ::: batchwise.toml:3:13
       | per_batch = "1000"
       |             ------ this budget
       = help: give its requests a price with --pricing
    "#);
    let mut unbounded = plan(&[100, 300]);
    (unbounded.unbounded_requests, unbounded.batches[0].unbounded_requests) = (1, 1);
    assert_snapshot!(common::draw_all(&judged(budget, &unbounded)), @r#"
    error[policy-budget]: 1 of 20 requests of the workload may get input that nobody can know, so nobody can hold it to $1000
      ::: batchwise.toml:2:9
       | total = "1000"
       |         ------ this budget
       = help: keep requests with tools or state on the server in files of their own, under another policy, and remove parameters that are not known here
    error[policy-batch-budget]: 1 of 10 requests of batch 0 may get input that nobody can know, so nobody can hold it to $1000
      ::: batchwise.toml:3:13
       | per_batch = "1000"
       |             ------ this budget
       = help: keep requests with tools or state on the server in files of their own, under another policy, and remove parameters that are not known here
    "#);
    let mut unlikely = plan(&[100, 300]);
    unlikely.quote.as_mut().unwrap().batch_cached = Estimate::between(usd(1), usd(2));
    assert_snapshot!(common::draw_all(&judged(budget, &unlikely)), @r#"
    error[policy-budget]: the workload has no likely cost, so nobody can hold it to $1000
      ::: batchwise.toml:2:9
       | total = "1000"
       |         ------ this budget
       = help: say how long replies will be with --output-tokens and what the cache does with --cache, or hold the budget to on = "high"
    "#);
    check_budget("total = \"1000\"", &unlikely, &[]);
}

#[test]
fn an_increase_is_held_to_both_limits() {
    let text = "[increase]\nmax_usd = \"2\"\nmax_percent = \"50%\"\non = \"likely\"";
    let judged = |before: &Plan, now: &Plan| {
        let baseline = Baseline::of("base.json", before);
        common::draw_all(&policy(text).judge_plan(now, Some(&baseline)))
    };
    assert_eq!(judged(&plan(&[400]), &plan(&[600])), "");
    assert_eq!(judged(&plan(&[400]), &plan(&[100])), "");
    assert_snapshot!(judged(&plan(&[400]), &plan(&[601])), @r#"
    error[policy-increase]: the likely cost is $6.01, $2.01 more than the $4 of base.json, above the $2 that it may grow
      ::: batchwise.toml:2:11
       | max_usd = "2"
       |           --- this limit
       = help: if it is meant to grow, plan it anew as the baseline or raise the limit in the policy
    error[policy-increase]: the likely cost is $6.01, $2.01 more than the $4 of base.json, above the 50% that it may grow
      ::: batchwise.toml:3:15
       | max_percent = "50%"
       |               ----- this limit
       = help: if it is meant to grow, plan it anew as the baseline or raise the limit in the policy
    "#);
    assert_snapshot!(judged(&plan(&[100]), &plan(&[151])), @r#"
    error[policy-increase]: the likely cost is $1.51, $0.51 more than the $1 of base.json, above the 50% that it may grow
      ::: batchwise.toml:3:15
       | max_percent = "50%"
       |               ----- this limit
       = help: if it is meant to grow, plan it anew as the baseline or raise the limit in the policy
    "#);
}

#[test]
fn an_increase_is_one_of_the_bound_unless_the_policy_says_otherwise() {
    let before = plan(&[400]);
    let mut now = plan(&[400]);
    now.quote.as_mut().unwrap().batch_bound = usd(80_100); // much longer replies are allowed, few expected
    let judged = |on: &str| {
        let policy = policy(&format!("[increase]\nmax_usd = \"2\"\n{on}"));
        common::draw_all(&policy.judge_plan(&now, Some(&Baseline::of("base.json", &before))))
    };
    assert_snapshot!(judged(""), @r#"
    error[policy-increase]: the most that the workload can cost is $801, $792.99 more than the $8.01 of base.json, above the $2 that it may grow
      ::: batchwise.toml:2:11
       | max_usd = "2"
       |           --- this limit
       = help: if it is meant to grow, plan it anew as the baseline or raise the limit in the policy
    "#);
    assert_eq!(judged("on = \"high\""), judged(""));
    assert_eq!(judged("on = \"likely\""), "");
}

#[test]
fn what_needs_bounds_says_so() {
    let needs = |text| policy(text).needs_bounds();
    assert!(needs("[increase]\nmax_usd = \"2\""));
    assert!(needs("[increase]\nmax_percent = \"2%\"\non = \"high\""));
    assert!(!needs("[increase]\nmax_usd = \"2\"\non = \"likely\""));
    assert!(needs("[[budget]]\ntotal = \"2\""));
    assert!(!needs("[limits]\nbatches = 2"));
}

/// A plan that costs $4 and rests on these assumptions.
fn resting_on(assumptions: &[(&str, &str)]) -> Plan {
    let assumption = |(key, value): &(&str, &str)| Assumption {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
        source: String::new(),
    };
    Plan { assumptions: assumptions.iter().map(assumption).collect(), ..plan(&[400]) }
}

/// What is said where two plans of the same cost are compared.
fn said(on: &str, before: &Plan, now: &Plan) -> String {
    let policy = policy(&format!("[increase]\nmax_usd = \"2\"\non = \"{on}\""));
    let findings = policy.judge_plan(now, Some(&Baseline::of("base.json", before)));
    findings.iter().map(|one| format!("{}\n{}\n", one.message, one.help.as_deref().unwrap_or(""))).collect()
}

const CLAUDE: (&str, &str) = ("input-tokens", "estimated offline by `claude`; low and high are a range");
const SAMPLED: (&str, &str) =
    ("input-tokens", "texts are estimated by ratios from 5 windows that `claude` counted");
const UNSAMPLED: (&str, &str) = ("input-tokens-unsampled", "texts of any other sort are counted in full");
const CORRECTED: (&str, &str) = ("input-tokens-sampled", "all requests together have 5 input tokens");

#[test]
fn an_increase_is_not_known_between_other_methods() {
    let claude = resting_on(&[CLAUDE]);
    let bytes = resting_on(&[("input-tokens", "estimated offline by `bytes`; low and high are a range")]);
    assert_snapshot!(said("high", &bytes, &claude), @r#"
    base.json counted its input by "bytes", the workload "claude", so the increase is not known
    plan both with the same --tokenizer
    "#);
    assert_eq!(said("likely", &bytes, &claude), said("high", &bytes, &claude));
    assert_snapshot!(said("high", &plan(&[400]), &claude), @r#"
    base.json counted its input by something it does not name, the workload "claude", so the increase is not known
    plan both with the same --tokenizer
    "#);
    let exact = resting_on(&[CLAUDE, CORRECTED]);
    assert_snapshot!(said("high", &claude, &exact), @"
    of base.json and the workload, only the workload is corrected by counts of the API, so the increase is not known
    plan both with --exact, or both without
    ");
    assert_eq!(said("high", &exact, &exact), "");
    let sample = resting_on(&[SAMPLED, CORRECTED, UNSAMPLED]);
    assert_snapshot!(said("high", &sample, &claude), @r#"
    base.json was planned with --sample and has no bound, so the increase is not known
    plan it without --sample, or compare on = "likely" in the policy
    "#);
    assert_snapshot!(said("high", &claude, &sample), @r#"
    the workload was planned with --sample and has no bound, so the increase is not known
    plan it without --sample, or compare on = "likely" in the policy
    "#);
    assert_eq!(said("likely", &sample, &claude), "");
    assert_eq!(said("high", &claude, &claude), "");
}

#[test]
fn a_likely_increase_is_not_known_between_other_assumptions() {
    let long = resting_on(&[("output-tokens", "300 tokens per reply"), ("cache", "breakpoints are ignored")]);
    let short = resting_on(&[("output-tokens", "30 tokens per reply"), ("cache", "breakpoints are ignored")]);
    let cached = resting_on(&[("output-tokens", "30 tokens per reply"), ("cache", "90% are read")]);
    assert_snapshot!(said("likely", &long, &short), @r#"
    base.json assumes of replies "300 tokens per reply", the workload "30 tokens per reply", so the increase is not known
    plan both with the same --output-tokens, or compare on = "high" in the policy
    "#);
    assert_snapshot!(said("likely", &short, &cached), @r#"
    base.json assumes of the cache "breakpoints are ignored", the workload "90% are read", so the increase is not known
    plan both with the same --cache, or compare on = "high" in the policy
    "#);
    assert_eq!(said("likely", &short, &short), "");
    // The bound rests on neither.
    assert_eq!(said("high", &long, &cached), "");
    let endless = resting_on(&[("output-tokens", &"long ".repeat(1000))]);
    assert!(said("likely", &endless, &short).len() < 400);
    let mut unlikely = plan(&[400]);
    unlikely.quote.as_mut().unwrap().batch_cached = Estimate::between(usd(1), usd(2));
    assert_snapshot!(said("likely", &unlikely, &plan(&[400])), @r#"
    base.json has no likely cost, so the increase is not known
    plan both with the same --output-tokens and --cache, or compare on = "high" in the policy
    "#);
    assert_eq!(said("high", &unlikely, &plan(&[400])), "");
}

#[test]
fn an_increase_needs_two_costs() {
    let policy = policy("[increase]\nmax_usd = \"2\"");
    let unpriced = Baseline { unpriced_requests: 1, ..Baseline::of("base.json", &plan(&[400])) };
    assert_snapshot!(common::draw_all(&policy.judge_plan(&plan(&[100]), Some(&unpriced))), @r#"
    error[policy-increase]: base.json has requests without a price, so the increase is not known
      ::: batchwise.toml:2:11
       | max_usd = "2"
       |           --- this limit
       = help: give every request a price, and keep those with tools that run on the server apart
    "#);
    assert_snapshot!(common::draw_all(&policy.judge_plan(&plan(&[100]), None)), @r#"
    error[policy-increase]: there is no plan to compare with, so the increase is not known
      ::: batchwise.toml:2:11
       | max_usd = "2"
       |           --- this limit
       = help: give a plan to compare with, with --baseline, or set without_baseline = "skip"
    "#);
    let skip = common::policy("[increase]\nmax_usd = \"2\"\nwithout_baseline = \"skip\"");
    assert_eq!(skip.judge_plan(&plan(&[100]), None), []);
}

#[test]
fn limits_are_those_of_the_whole_workload() {
    let text = |requests, bytes, batches| {
        format!("[limits]\nrequests = {requests}\nbytes = {bytes}\nbatches = {batches}")
    };
    assert_eq!(judged(&text(20, "\"2kB\"", 2), &plan(&[1, 1])), []);
    assert_snapshot!(common::draw_all(&judged(&text(19, "1999", 1), &plan(&[1, 1]))), @"
    error[policy-limit]: the workload has 20 requests, above the 19 that it may
      ::: batchwise.toml:2:12
       | requests = 19
       |            -- this limit
       = help: send fewer requests, or raise the limit in the policy
    error[policy-limit]: the workload has 2,000 bytes of bodies, above the 1,999 that it may
      ::: batchwise.toml:3:9
       | bytes = 1999
       |         ---- this limit
       = help: send fewer requests, or raise the limit in the policy
    error[policy-limit]: the workload has 2 batches, above the 1 that it may
      ::: batchwise.toml:4:11
       | batches = 1
       |           - this limit
       = help: send fewer requests, or raise the limit in the policy
    ");
}

#[test]
fn a_plan_without_requests_is_left_to_the_rules_of_reading() {
    assert_eq!(judged("[[budget]]\ntotal = \"0\"\n[increase]\nmax_usd = \"0\"", &plan(&[])), []);
}

proptest! {
    #[test]
    fn tightening_turns_no_refusal_into_consent(
        cents in prop::collection::vec(0..500u64, 1..4),
        before in 0..500u64,
        limits in prop::collection::vec(0..1200u64, 6),
        tighter in prop::collection::vec(0..1200u64, 6),
        on in prop::sample::select(&["likely", "high"][..]),
        scenario in prop::sample::select(&["standard", "batch", "batch_cached"][..]),
        unpriced in prop::bool::weighted(0.2),
    ) {
        let mut plan = plan(&cents);
        plan.unpriced_requests = u64::from(unpriced);
        let baseline = Baseline::of("base.json", &self::plan(&[before]));
        let rules = |limits: &[u64]| {
            let [total, batch, more, percent, requests, bytes] = limits else { unreachable!() };
            let policy = policy(&format!(
                "[[budget]]\ntotal = \"{}\"\nper_batch = \"{}\"\non = \"{on}\"\nscenario = \"{scenario}\"\n\
                 [increase]\nmax_usd = \"{}\"\nmax_percent = \"{percent}%\"\non = \"{on}\"\n\
                 [limits]\nrequests = {}\nbytes = {}",
                usd(*total), usd(*batch), usd(*more), requests / 20 + 1, bytes * 4 + 1
            ));
            policy.judge_plan(&plan, Some(&baseline)).iter().map(|finding| finding.rule).collect::<Vec<_>>()
        };
        let lowest: Vec<u64> = limits.iter().zip(&tighter).map(|(a, b)| *a.min(b)).collect();
        let (loose, tight) = (rules(&limits), rules(&lowest));
        prop_assert!(loose.iter().all(|rule| tight.contains(rule)), "{:?} {:?}", loose, tight);
    }
}
