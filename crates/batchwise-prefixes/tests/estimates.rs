//! The blocks and the breakpoints of a chain are those of the estimates that come with it.

use batchwise_prefixes::PrefixChain;
use batchwise_records::Request;
use batchwise_tokens::{Estimator, Family, Generation, ImageTier, InputEstimate, ModelTraits, bytes, claude};
use batchwise_units::{Estimate, Tokens};
use proptest::prelude::*;
use serde_json::{Value, json};

fn model() -> ModelTraits {
    ModelTraits {
        family: Family::PreClaude47,
        generation: Generation::Claude45,
        keeps_thinking: true,
        trailing_blanks_are_free: false,
        frame: None,
        image_tier: ImageTier::Standard,
        tool_prompt_auto: Some(Tokens(496)),
        tool_prompt_any: Some(Tokens(588)),
        pdf_pages_max: 100,
        context_window: Tokens(200_000),
    }
}

#[track_caller]
fn chain_and_estimates(params: &str) -> (PrefixChain, [InputEstimate; 2]) {
    let line = format!(r#"{{"custom_id":"x","params":{{"model":"m","max_tokens":1,{params}}}}}"#);
    let request = Request::parse(line.as_bytes()).unwrap_or_else(|flaws| panic!("{line}: {flaws:?}"));
    let estimates = [bytes().estimate(&request, &model()), claude().estimate(&request, &model())];
    (PrefixChain::of(&request, "m"), estimates)
}

const SHORT: &str = r#""cache_control":{"type":"ephemeral"}"#;
const HOUR: &str = r#""cache_control":{"type":"ephemeral","ttl":"1h"}"#;

#[test]
fn every_mark_has_its_estimate() {
    for params in [
        format!(r#""messages":[{{"role":"user","content":"hello"}}],{SHORT}"#),
        format!(
            r#""tools":[{{"name":"f",{HOUR}}},{{"name":"g"}}],"system":[{{"type":"text","text":"rules",{HOUR}}}],
            "messages":[{{"role":"user","content":[{{"type":"text","text":"hello",{SHORT}}}]}},
            {{"role":"assistant","content":"yes"}},{{"role":"user","content":"then"}}],{SHORT}"#
        ),
        format!(
            r#""messages":[{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t",
            "content":[{{"type":"text","text":"a",{HOUR}}},{{"type":"search_result","source":"s","title":"t",
            "content":[{{"type":"text","text":"b",{SHORT}}}]}}],{SHORT}}},{{"type":"document",
            "source":{{"type":"content","content":[{{"type":"text","text":"c",{SHORT}}}]}}}}]}}]"#
        ),
        format!(
            r#""messages":[{{"role":"user","content":[{{"type":"text","text":"hello",{HOUR}}}]}}],{HOUR}"#
        ),
    ] {
        let (chain, estimates) = chain_and_estimates(&params);
        estimates.iter().for_each(|estimate| check(&chain, estimate, &params));
    }
}

#[track_caller]
fn check(chain: &PrefixChain, estimate: &InputEstimate, request: &str) {
    assert_eq!(chain.blocks().len(), estimate.blocks.len(), "{request}");
    let rises = |ends: [fn(&Estimate<Tokens>) -> Tokens; 2]| {
        ends.iter().all(|end| estimate.blocks.iter().map(end).is_sorted())
    };
    assert!(rises([Estimate::low, Estimate::high]), "{request}");
    assert!(estimate.blocks.last().is_none_or(|last| last.high() <= estimate.total.high()), "{request}");
    let marks: Vec<_> = chain.marks().iter().map(|mark| (estimate.blocks[mark.block], mark.ttl)).collect();
    let found: Vec<_> = estimate.breakpoints.iter().map(|found| (found.prefix, found.ttl)).collect();
    assert_eq!(marks, found, "{request}");
}

#[test]
fn odd_content_has_its_blocks() {
    for params in [
        r#""system":null,"messages":[{"role":"user","content":"a"}]"#.to_owned(),
        r#""system":"","tools":[],"messages":[{"role":"user","content":""}]"#.to_owned(),
        r#""system":[],"messages":[{"role":"user","content":[]},{"role":"user","content":"a"}]"#.to_owned(),
        format!(r#""tools":[{{"name":"f"}},{{"type":"web_search_20250305","name":"web_search"}}],{SHORT},"messages":[{{"role":"user","content":""}}]"#),
        format!(r#""messages":[{{"role":"user","content":[{{"type":"unheard","cache_control":null}}]}}],{SHORT}"#),
        r#""messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"a"},
            {"type":"tool_result","tool_use_id":"u","content":[{"type":"text","text":"b"}]},
            {"type":"image","source":{"type":"url","url":"u"}},{"type":"thinking","thinking":"t","signature":"s"}]}]"#
            .to_owned(),
    ] {
        let (chain, estimates) = chain_and_estimates(&params);
        estimates.iter().for_each(|estimate| check(&chain, estimate, &params));
    }
}

#[test]
fn examples_have_their_blocks() {
    for file in [
        include_str!("../../../examples/data/tickets.jsonl"),
        include_str!("../../../examples/data/contracts.jsonl"),
        include_str!("../../../examples/data/reviews.jsonl"),
        include_str!("../../../examples/data/media.jsonl"),
        include_str!("../../../examples/data/models.jsonl"),
    ] {
        for line in file.lines() {
            let request = Request::parse(line.as_bytes()).unwrap();
            let estimate = bytes().estimate(&request, &model());
            check(&PrefixChain::of(&request, "m"), &estimate, &request.custom_id);
        }
    }
}

#[test]
fn an_automatic_mark_behind_nothing_has_the_size_of_the_one_before() {
    let (chain, [_, estimate]) = chain_and_estimates(&format!(
        r#""messages":[{{"role":"user","content":[{{"type":"text","text":"hello",{SHORT}}},{{"type":"text","text":""}}]}}],{SHORT}"#
    ));
    assert_eq!((chain.marks().len(), estimate.breakpoints.len()), (2, 1));
    assert_eq!(estimate.blocks, [estimate.total; 2]);
}

fn control() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!({"type": "ephemeral"})),
        Just(json!({"type": "ephemeral", "ttl": "1h"})),
    ]
}

fn content(block: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(json!("some text")), 3 => prop::collection::vec(block, 1..3).prop_map(Value::from)]
        .boxed()
}

/// Blocks of all types with the members by which the walks find their way, sensible or not.
fn block() -> BoxedStrategy<Value> {
    let text = (control(), Just("text"))
        .prop_map(|(control, kind)| json!({"type": kind, "text": "some text", "cache_control": control}));
    text.prop_recursive(3, 16, 2, |inner| {
        let kinds = prop::sample::select(vec![
            "text",
            "tool_use",
            "tool_result",
            "mcp_tool_result",
            "search_result",
            "document",
            "image",
            "thinking",
            "web_search_tool_result",
            "container_upload",
            "unheard",
        ]);
        let source_kinds = prop::sample::select(vec!["content", "text", "base64", "url"]);
        let source = (source_kinds, content(inner.clone())).prop_map(|(kind, content)| {
            json!({"type": kind, "media_type": "text/plain", "data": "data", "content": content})
        });
        let parts = (content(inner), source, control(), prop::bool::weighted(0.8));
        (kinds, parts).prop_map(|(kind, (content, source, control, marked))| {
            let mut block = json!({
                "type": kind, "content": content, "source": source, "text": "some text", "title": "a title", "id": "i",
                "tool_use_id": "i", "name": "f", "input": {"cache_control": control}, "thinking": "so", "signature": "s"
            });
            if marked {
                block["cache_control"] = control;
            }
            block
        })
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever a request is made of.
    #[test]
    fn both_walks_find_the_same_blocks(
        tools in prop::collection::vec(control(), 0..3),
        system in prop_oneof![Just(json!(null)), content(block())],
        messages in prop::collection::vec((any::<bool>(), content(block())), 1..4),
        automatic in prop::bool::weighted(0.2),
    ) {
        let tool = |control: Value| json!({"name": "f", "input_schema": {"type": "object"}, "cache_control": control});
        let tools: Vec<Value> = tools.into_iter().map(tool).collect();
        let message = |(user, content): (bool, Value)| json!({"role": if user { "user" } else { "assistant" }, "content": content});
        let messages: Vec<Value> = messages.into_iter().map(message).collect();
        let mut params = json!({"model": "m", "max_tokens": 1, "tools": tools, "system": system, "messages": messages});
        if automatic {
            params["cache_control"] = json!({"type": "ephemeral"});
        }
        let line = json!({"custom_id": "x", "params": params}).to_string();
        let request = Request::parse(line.as_bytes()).map_err(|flaws| TestCaseError::fail(format!("{line}: {flaws:?}")))?;
        let chain = PrefixChain::of(&request, "m");
        for estimate in [bytes().estimate(&request, &model()), claude().estimate(&request, &model())] {
            prop_assert_eq!(chain.blocks().len(), estimate.blocks.len(), "{}", line);
        }
    }
}
