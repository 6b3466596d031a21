//! The breakpoints of a chain are those of the estimates that come with it.

use batchwise_prefixes::{Caps, Groups, Member, Place, PrefixChain};
use batchwise_records::Request;
use batchwise_tokens::{
    CacheTtl, Estimator, Family, Generation, ImageTier, InputEstimate, ModelTraits, bytes, claude,
};
use batchwise_units::Tokens;

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
        let marks: Vec<CacheTtl> = chain.marks().iter().map(|mark| mark.ttl).collect();
        for estimate in estimates {
            let found: Vec<CacheTtl> = estimate.breakpoints.iter().map(|found| found.ttl).collect();
            assert_eq!(marks, found, "{params}");
        }
    }
}

#[test]
fn an_automatic_mark_behind_nothing_has_the_size_of_the_one_before() {
    let (chain, estimates) = chain_and_estimates(&format!(
        r#""messages":[{{"role":"user","content":[{{"type":"text","text":"hello",{SHORT}}},{{"type":"text","text":""}}]}}],{SHORT}"#
    ));
    let [_, estimate] = estimates;
    assert_eq!((chain.marks().len(), estimate.breakpoints.len()), (2, 1));
    let mut groups = Groups::new(Caps::default());
    for line in 1..=2 {
        groups.take(Member { chain: &chain, input: &estimate, place: Place { input: 0, line } });
    }
    let shared = groups.shared();
    assert!(
        shared.len() == 2 && shared.iter().all(|group| group.tokens == estimate.total && group.is_estimated)
    );
}
