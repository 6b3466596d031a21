//! Whatever stands in a request, planning it ends: with a number, a finding, or both, and never in a panic.

use std::num::NonZero;

use batchwise_findings::Finding;
use batchwise_planner::{Context, Source, Terms, plan};
use batchwise_pricing::PriceBook;
use batchwise_tokens::Estimator;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A request with a bit of everything.
fn rich() -> Value {
    let pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    json!({"custom_id": "a", "params": {
        "model": "claude-haiku-4-5", "max_tokens": 100, "stream": false, "inference_geo": null,
        "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "tool_choice": {"type": "tool", "name": "find", "disable_parallel_tool_use": true},
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object", "properties": {}}}},
        "tools": [
            {"name": "find", "description": "Finds.", "input_schema": {"type": "object", "properties": {"q": {"type": "string"}}}},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
        ],
        "cache_control": {"type": "ephemeral"},
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": pixel}},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
                {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}, "title": "T"},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "A text."}, "citations": {"enabled": true}}
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "abc"},
                {"type": "tool_use", "id": "t1", "name": "find", "input": {"q": "x", "n": 7}}
            ]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "y"}]}]}
        ]
    }})
}

const WORDS: &[&str] =
    &["text", "image", "document", "tool_use", "1h", "us", "claude-opus-5-5", "any", "base64"];

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,12}".prop_map(Value::from),
        proptest::sample::select(WORDS).prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[1], {"type": "text"}])),
    ]
}

/// All places in a value, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
        }
        Value::Object(members) => {
            members.iter().for_each(|(key, item)| places(item, &format!("{at}/{key}"), found));
        }
        _ => (),
    }
}

fn plan_bytes(content: &[u8], estimator: &dyn Estimator) -> (u64, usize) {
    let book = PriceBook::bundled();
    let terms = Terms::on(date(2026, 11, 21), book);
    let context = Context {
        book,
        estimator,
        terms: &terms,
        threads: NonZero::<usize>::MIN,
        inspector: None,
        route: None,
    };
    let mut findings: Vec<Finding> = Vec::new();
    let source = Source { name: "f".to_owned(), content: Box::new(content) };
    let plan = plan(vec![source], &context, &mut Vec::<u8>::new(), &mut findings).unwrap().plan;
    (plan.requests, plan.left_out.len())
}

#[test]
fn the_rich_request_is_planned() {
    for estimator in [&batchwise_tokens::bytes() as &dyn Estimator, &batchwise_tokens::tiktoken()] {
        assert_eq!(plan_bytes(rich().to_string().as_bytes(), estimator), (1, 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_value_may_stand_anywhere(picks in proptest::collection::vec((any::<prop::sample::Index>(), odd_value()), 1..4)) {
        let mut request = rich();
        for (pick, value) in picks {
            let mut found = Vec::new();
            places(&request, "", &mut found);
            *request.pointer_mut(&found[pick.index(found.len())]).unwrap() = value;
        }
        let (requests, left_out) = plan_bytes(request.to_string().as_bytes(), &batchwise_tokens::bytes());
        prop_assert_eq!(requests + left_out as u64, 1);
    }

    #[test]
    fn any_bytes_may_stand_anywhere(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4), cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = rich().to_string().into_bytes();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len() * 3).min(bytes.len()));
        plan_bytes(&bytes, &batchwise_tokens::bytes());
    }
}
