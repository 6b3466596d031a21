//! The blocks and the breakpoints of a chain are those of the estimates that come with it.

use batchwise_prefixes::PrefixChain;
use batchwise_records::Request;
use batchwise_tokens::{Estimator, Family, Generation, ImageTier, InputEstimate, ModelTraits, bytes, claude};
use batchwise_units::{Estimate, Tokens};

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
