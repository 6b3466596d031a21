//! What a policy says about requests, as the planner shows them to it.

mod common;

use std::num::NonZero;

use batchwise_findings::Finding;
use batchwise_plan::Plan;
use batchwise_planner::{Context, Source, Terms, plan};
use batchwise_policy::Policy;
use batchwise_pricing::PriceBook;
use common::policy;
use insta::assert_snapshot;
use jiff::civil::date;
use proptest::prelude::*;

/// Plans requests with these `params` under a policy.
fn planned(policy: &Policy, params: &[&str]) -> (Plan, Vec<Finding>) {
    let book = PriceBook::bundled();
    let terms = Terms { allow_unpriced: true, ..Terms::on(date(2026, 11, 21), book) };
    let estimator = batchwise_tokens::bytes();
    let threads = NonZero::<usize>::MIN;
    let context =
        Context { book, estimator: &estimator, terms: &terms, threads, inspector: Some(policy), route: None };
    let line = |(index, params): (usize, &&str)| {
        let messages = r#""messages":[{"role":"user","content":"hi"}]"#;
        format!("{{\"custom_id\":\"r{index}\",\"params\":{{{params},{messages}}}}}\n")
    };
    let content: String = params.iter().enumerate().map(line).collect();
    let source = Source { name: "requests.jsonl".to_owned(), content: Box::new(content.as_bytes()) };
    let mut findings: Vec<Finding> = Vec::new();
    let plan = plan(vec![source], &context, &mut Vec::<u8>::new(), &mut findings).unwrap().plan;
    let of_policy = findings.into_iter().filter(|finding| finding.rule.id().starts_with("policy-"));
    (plan, of_policy.map(|finding| policy.explain(finding, book)).collect())
}

fn told(text: &str, params: &[&str]) -> String {
    common::draw_all(&planned(&policy(text), params).1)
}

#[test]
fn models_are_allowed_and_denied_by_any_name() {
    let opus = r#""model":"claude-opus-4-8","max_tokens":10"#;
    let haiku = r#""model":"claude-haiku-4-5","max_tokens":10"#;
    let list = "[models]\nallow = [\n  \"claude-*\",\n]\ndeny = [\"claude-sonnet-*\", \"claude-opus-*\"]";
    assert_snapshot!(told(list, &[opus, haiku]), @r#"
    error[policy-model]: the model `claude-opus-4-8` is denied as `claude-opus-*`
      --> requests.jsonl:1:37 (params.model)
       | :"r0","params":{"model":"claude-opus-4-8","max_tokens":10,"messages":[{"role":"user"
       |                         ^^^^^^^^^^^^^^^^^
      ::: batchwise.toml:5:28
       | y = ["claude-sonnet-*", "claude-opus-*"]
       |                         --------------- by this list
       = help: ask for another model, or take it out of `models.deny` in the policy
    "#);
    assert_snapshot!(told("[models]\nallow = [\"claude-opus-4-8\"]", &[opus, haiku]), @r#"
    error[policy-model]: the model `claude-haiku-4-5` is not among those allowed
      --> requests.jsonl:2:37 (params.model)
       | :"r1","params":{"model":"claude-haiku-4-5","max_tokens":10,"messages":[{"role":"user
       |                         ^^^^^^^^^^^^^^^^^^
      ::: batchwise.toml:2:9
       | allow = ["claude-opus-4-8"]
       |         ------------------- by this list
       = help: ask for one of `claude-opus-4-8`, or add it to `models.allow`
    "#);
    assert_eq!(told("[models]\nallow = [\"claude-haiku-4-5-20251001\"]", &[haiku]), "");
    assert_ne!(told("[models]\ndeny = [\"claude-haiku-4-5-20251001\"]", &[haiku]), "");
}

#[test]
fn the_most_specific_cap_counts() {
    let caps = "[max_tokens]\n\"*\" = 100\n\"claude-opus-*\" = 1000\n";
    let opus = r#""model":"claude-opus-4-8","max_tokens":1000"#;
    let haiku = r#""model":"claude-haiku-4-5","max_tokens":101"#;
    assert_eq!(told(caps, &[opus]), "");
    assert_snapshot!(told(caps, &[opus, haiku]), @r#"
    error[policy-max-tokens]: `max_tokens` is 101, above the 100 that `*` may have
      --> requests.jsonl:2:69 (params.max_tokens)
       | haiku-4-5","max_tokens":101,"messages":[{"role":"user","content":"hi"}]}}
       |                         ^^^
      ::: batchwise.toml:2:7
       | "*" = 100
       |       --- this cap
       = help: use at most 100, or raise it in `[max_tokens]` of the policy
    "#);
}

#[test]
fn requests_have_a_budget() {
    let dear = r#""model":"claude-opus-4-8","max_tokens":32000"#;
    let cheap = r#""model":"claude-haiku-4-5","max_tokens":100"#;
    let unknown = r#""model":"claude-unheard-of","max_tokens":100"#;
    let server = r#""model":"claude-haiku-4-5","max_tokens":100,"tools":[{"type":"web_search_20250305","name":"web_search"}]"#;
    let budget = "[[budget]]\ntotal = \"100\"\n\n[[budget]]\nper_request = \"0.10\"";
    assert_snapshot!(told(budget, &[cheap, dear, unknown, server]), @r#"
    error[policy-request-budget]: the request may cost up to $0.4000275, whatever the cache does, above the $0.1 that one may
      --> requests.jsonl:2:1 ()
       | {"custom_id":"r1","params":{"model":"claude-opus-4-8","max_t
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      ::: batchwise.toml:5:15
       | per_request = "0.10"
       |               ------ this budget
       = help: lower its `max_tokens`, shorten its prompt, or raise `per_request` in the policy
    error[policy-request-budget]: the request has no price, so nobody can hold it to $0.1
      --> requests.jsonl:3:1 ()
       | {"custom_id":"r2","params":{"model":"claude-unheard-of","max
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      ::: batchwise.toml:5:15
       | per_request = "0.10"
       |               ------ this budget
       = help: give its requests a price with --pricing
    error[policy-request-budget]: the request may get input that nobody can know, so nobody can hold it to $0.1
      --> requests.jsonl:4:1 ()
       | {"custom_id":"r3","params":{"model":"claude-haiku-4-5","max_
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      ::: batchwise.toml:5:15
       | per_request = "0.10"
       |               ------ this budget
       = help: keep requests with tools or state on the server in files of their own, under another policy, and remove parameters that are not known here
    "#);
    assert_snapshot!(told("[[budget]]\nper_request = \"5\"\non = \"likely\"", &[cheap]), @r#"
    error[policy-request-budget]: the request has no likely cost, so nobody can hold it to $5
      --> requests.jsonl:1:1 ()
       | {"custom_id":"r0","params":{"model":"claude-haiku-4-5","max_
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      ::: batchwise.toml:2:15
       | per_request = "5"
       |               --- this budget
       = help: say how long replies will be with --output-tokens and what the cache does with --cache, or hold the budget to on = "high"
    "#);
}

#[test]
fn breakpoints_live_as_long_as_the_policy_says() {
    let system = |control: &str| {
        format!(
            r#""model":"claude-haiku-4-5","max_tokens":10,"system":[{{"type":"text","text":"a"}},{{"type":"text","text":"b","cache_control":{control}}}]"#
        )
    };
    let (hour, plain) = (system(r#"{"type":"ephemeral","ttl":"1h"}"#), system(r#"{"type":"ephemeral"}"#));
    let none = r#""model":"claude-haiku-4-5","max_tokens":10"#;
    assert_eq!(told("[cache]\nttl = \"1h\"", &[&hour, none]), "");
    assert_eq!(told("[cache]\nttl = \"5m\"", &[&plain, none]), "");
    assert_snapshot!(told("[cache]\nttl = \"1h\"", &[&hour, &plain]), @r#"
    error[policy-cache-ttl]: the breakpoint lives 5m, where the policy wants 1h
      --> requests.jsonl:2:151 (params.system[1].cache_control)
       | xt":"b","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":
       |                         ^^^^^^^^^^^^^^^^^^^^
      ::: batchwise.toml:2:7
       | ttl = "1h"
       |       ---- this lifetime
       = help: write "cache_control": {"type": "ephemeral", "ttl": "1h"} everywhere
    "#);
    let automatic =
        r#""model":"claude-haiku-4-5","max_tokens":10,"cache_control":{"type":"ephemeral","ttl":"1h"}"#;
    assert_snapshot!(told("[cache]\nttl = \"5m\"", &[automatic]), @r#"
    error[policy-cache-ttl]: the breakpoint lives 1h, where the policy wants 5m
      --> requests.jsonl:1:88 (params.cache_control)
       | ens":10,"cache_control":{"type":"ephemeral","ttl":"1h"},"messages":[{"role":"user","
       |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      ::: batchwise.toml:2:7
       | ttl = "5m"
       |       ---- this lifetime
       = help: write "cache_control": {"type": "ephemeral", "ttl": "5m"} everywhere
    "#);
}

#[test]
fn a_policy_changes_no_number_and_no_batch() {
    let params = [r#""model":"claude-opus-4-8","max_tokens":32000"#; 3];
    let strict = policy("[models]\ndeny = [\"*\"]\n[[budget]]\nper_request = \"0\"");
    let (with, findings) = planned(&strict, &params);
    let (without, _) = planned(&Policy::none(), &params);
    assert_eq!(findings.len(), 6);
    assert_eq!((&with.batches, &with.quote, with.left_out_lines), (&without.batches, &without.quote, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_tighter_limit_lets_no_refused_request_through(
        max_tokens in 1..64_000u64,
        limits in prop::array::uniform2(0..200u64),
        caps in prop::array::uniform2(1..64_000u64),
        scenario in prop::sample::select(&["standard", "batch", "batch_cached"][..]),
    ) {
        let request = format!(r#""model":"claude-opus-4-8","max_tokens":{max_tokens}"#);
        let rules = |milli_usd: u64, cap: u64| {
            let limit = format!("per_request = \"0.{milli_usd:03}\"\nscenario = \"{scenario}\"");
            let policy = policy(&format!("[[budget]]\n{limit}\n[max_tokens]\n\"*\" = {cap}"));
            planned(&policy, &[&request]).1.iter().map(|finding| finding.rule).collect::<Vec<_>>()
        };
        let (loose, tight) = (rules(limits[0], caps[0]), rules(limits[0].min(limits[1]), caps[0].min(caps[1])));
        prop_assert!(loose.iter().all(|rule| tight.contains(rule)), "{:?} {:?}", loose, tight);
    }
}
