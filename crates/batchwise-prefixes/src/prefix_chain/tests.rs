use CacheTtl::{FiveMinutes, OneHour};
use proptest::prelude::*;

use super::*;

const SHORT: &str = r#"{"type":"ephemeral"}"#;
const HOUR: &str = r#"{"type":"ephemeral","ttl":"1h"}"#;

/// The chain of a request with these parameters beside a message of three blocks.
#[track_caller]
fn chain(members: &str) -> PrefixChain {
    let comma = if members.is_empty() { "" } else { "," };
    let messages = if members.contains("\"messages\"") {
        ""
    } else {
        r#","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"text","text":"c"}]}]"#
    };
    chain_of_line(&format!(
        r#"{{"custom_id":"x","params":{{"model":"m","max_tokens":1{messages}{comma}{members}}}}}"#
    ))
}

#[track_caller]
fn chain_of_line(line: &str) -> PrefixChain {
    let request = Request::parse(line.as_bytes()).unwrap_or_else(|flaws| panic!("{line}: {flaws:?}"));
    PrefixChain::of(&request, &request.model)
}

/// How many blocks requests with `left` and with `right` share, of how many.
#[track_caller]
fn check(left: &str, right: &str, shared: usize, of: usize) {
    let (left_chain, right_chain) = (chain(left), chain(right));
    assert_eq!(left_chain.blocks().len().max(right_chain.blocks().len()), of, "{left} {right}");
    assert_eq!(left_chain.shared_blocks(&right_chain), shared, "{left} {right}");
    assert_eq!(right_chain.shared_blocks(&left_chain), shared, "{right} {left}");
}

fn marks(members: &str) -> Vec<(usize, CacheTtl, bool)> {
    chain(members).marks().iter().map(|mark| (mark.block, mark.ttl, mark.automatic)).collect()
}

const TOOLS: &str = r#""tools":[{"name":"f","input_schema":{"type":"object"}},{"name":"g"}],"system":"s""#;

#[test]
fn blocks_follow_the_order_of_the_api() {
    let request = chain(TOOLS);
    let parts: Vec<Part> = request.blocks().iter().map(|block| block.at.part()).collect();
    use Part::{Messages, System, Tools};
    assert_eq!(parts, [Tools, Tools, System, Messages, Messages, Messages]);
    assert!(request.blocks().is_sorted_by(|before, after| before.bytes <= after.bytes));
}

#[test]
fn what_invalidates_what() {
    let with = |setting: &str| format!("{TOOLS},{setting}");
    for (setting, shared) in [
        (r#""top_k":1"#, 6),
        (r#""temperature":0.5"#, 6),
        (r#""metadata":{"user_id":"u"}"#, 6),
        (r#""stop_sequences":["x"]"#, 6),
        (r#""tool_choice":null"#, 6),
        (r#""tool_choice":{"type":"any"}"#, 3),
        (r#""speed":"fast""#, 2),
        (r#""thinking":{"type":"adaptive"}"#, 0),
        (r#""output_config":{"effort":"low"}"#, 0),
        (r#""inference_geo":"us""#, 0),
        (r#""context_management":{"edits":[]}"#, 0),
        (r#""never_heard_of":1"#, 0),
    ] {
        check(TOOLS, &with(setting), shared, 6);
    }
}

#[test]
fn tools_are_all_or_nothing() {
    check(r#""tools":[{"name":"f"}]"#, r#""tools":[{"name":"f"},{"name":"g"}]"#, 0, 5);
    check(r#""tools":[{"name":"f"}]"#, r#""tools":[{"name":"f"}]"#, 4, 4);
}

#[test]
fn images_and_citations_reach_back() {
    let with = |block: &str| {
        format!(
            r#""system":"s","messages":[{{"role":"user","content":[{{"type":"text","text":"a"}},{block}]}}]"#
        )
    };
    let text = with(r#"{"type":"text","text":"b"}"#);
    let image = r#"{"type":"image","source":{"type":"url","url":"u"}}"#;
    check(&text, &with(image), 1, 3);
    check(&text, &with(&format!(r#"{{"type":"tool_result","tool_use_id":"t","content":[{image}]}}"#)), 1, 3);
    let cited = |enabled| {
        with(&format!(
            r#"{{"type":"document","source":{{"type":"text","data":"d"}},"citations":{{"enabled":{enabled}}}}}"#
        ))
    };
    check(&text, &cited("true"), 0, 3);
    check(&text, &cited("false"), 2, 3);
}

#[test]
fn the_model_counts_as_the_caller_knows_it() {
    let line = |model: &str| {
        format!(
            r#"{{"custom_id":"x","params":{{"model":"{model}","max_tokens":1,"messages":[{{"role":"user","content":"a"}}]}}}}"#
        )
    };
    let (alias, dated) = (line("alias"), line("dated"));
    let [alias, dated] = [&alias, &dated].map(|line| Request::parse(line.as_bytes()).unwrap());
    assert_eq!(PrefixChain::of(&alias, "dated"), PrefixChain::of(&dated, "dated"));
    assert_eq!(PrefixChain::of(&alias, "alias").shared_blocks(&PrefixChain::of(&dated, "dated")), 0);
}

#[test]
fn what_is_not_known_to_be_the_same_is_not() {
    let system = |block: &str| format!(r#""system":[{block}]"#);
    let plain = system(r#"{"type":"text","text":"é"}"#);
    check(&plain, &system(r#"{ "type" : "text", "text":"\u00e9"}"#), 4, 4);
    check(&plain, &system(r#"{"type":"text","text":"é","cache_control":null}"#), 4, 4);
    check(&plain, &system(&format!(r#"{{"type":"text","cache_control":{HOUR},"text":"é"}}"#)), 4, 4);
    check(&plain, &system(r#"{"text":"é","type":"text"}"#), 0, 4);
    check(&plain, r#""system":"é""#, 0, 4);
    check(r#""tools":[{"name":"f","n":1}]"#, r#""tools":[{"name":"f","n":1.0}]"#, 0, 4);
    let schema = |key: &str| format!(r#""tools":[{{"name":"f","input_schema":{{"{key}":{SHORT}}}}}]"#);
    check(&schema("cache_control"), &schema("cache_contro1"), 0, 4);
    assert!(marks(&schema("cache_control")).is_empty(), "it is content");
}

#[test]
fn every_form_of_breakpoint_is_found() {
    let block = |control: &str| format!(r#"{{"type":"text","text":"t"{control}}}"#);
    let (short, hour) = (format!(r#","cache_control":{SHORT}"#), format!(r#","cache_control":{HOUR}"#));
    assert_eq!(
        marks(&format!(
            r#""tools":[{{"name":"f"{hour}}}],"system":[{},{}],"cache_control":{SHORT}"#,
            block(&hour),
            block(&short)
        )),
        [(0, OneHour, false), (1, OneHour, false), (2, FiveMinutes, false), (5, FiveMinutes, true)]
    );
    let inner = format!(
        r#""messages":[{{"role":"user","content":[
            {{"type":"tool_result","tool_use_id":"t","content":[{},{},{}]{short}}},
            {{"type":"document","source":{{"type":"content","content":[{}]}}}}]}}]"#,
        block(""),
        block(&hour),
        block(""),
        block(&short)
    );
    assert_eq!(marks(&inner), [(0, OneHour, false), (1, FiveMinutes, false), (2, FiveMinutes, false)]);
    assert_eq!(chain(&inner).blocks().len(), 4);
}

#[test]
fn an_automatic_breakpoint_needs_a_place() {
    let last = |control: &str, top: &str| {
        format!(
            r#""messages":[{{"role":"user","content":[{{"type":"text","text":"t","cache_control":{control}}}]}}],"cache_control":{top}"#
        )
    };
    let of = |members: &str| (marks(members), chain(members).refusal());
    assert_eq!(of(&last("null", HOUR)), (vec![(0, OneHour, true)], None));
    assert_eq!(of(&last(HOUR, HOUR)), (vec![(0, OneHour, false)], None));
    assert_eq!(of(&last(HOUR, SHORT)), (vec![(0, OneHour, false)], Some(Refusal::TwoLifetimes)));
    assert_eq!(of(&last(SHORT, "null")), (vec![(0, FiveMinutes, false)], None));
}

#[test]
fn breakpoints_are_few_and_longer_lives_come_first() {
    let check = |lives: &[CacheTtl], automatic: &str, expected: Option<Refusal>| {
        let blocks: Vec<String> = lives
            .iter()
            .map(|life| if *life == OneHour { HOUR } else { SHORT })
            .map(|control| format!(r#"{{"type":"text","text":"t","cache_control":{control}}}"#))
            .collect();
        let members = format!(r#""system":[{}],"cache_control":{automatic}"#, blocks.join(","));
        assert_eq!(chain(&members).refusal(), expected, "{members}");
    };
    check(&[OneHour; 4], "null", None);
    check(&[OneHour; 5], "null", Some(Refusal::TooMany));
    check(&[OneHour; 3], SHORT, None);
    check(&[OneHour; 4], SHORT, Some(Refusal::TooMany));
    check(&[OneHour, FiveMinutes], "null", None);
    check(&[FiveMinutes, OneHour], "null", Some(Refusal::ShorterFirst));
    check(&[FiveMinutes], HOUR, Some(Refusal::ShorterFirst));
    check(&[], SHORT, None);
}

#[test]
fn a_breakpoint_looks_back_over_twenty_blocks() {
    let blocks: Vec<String> = (0..30)
        .map(|index| {
            let control = if index == 25 { HOUR } else { "null" };
            format!(r#"{{"type":"text","text":"t","cache_control":{control}}}"#)
        })
        .collect();
    let request = chain(&format!(r#""messages":[{{"role":"user","content":[{}]}}]"#, blocks.join(",")));
    let seen: Vec<usize> = (0..30).filter(|&block| request.looks_at(block)).collect();
    assert_eq!(seen, (6..=25).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn equal_requests_have_equal_chains(texts in prop::collection::vec("[ab\"\\\\é]{0,20}", 1..5), marked: bool) {
        let line = |id: &str, marked: bool| {
            let control = if marked { SHORT } else { "null" };
            let blocks: Vec<String> = texts
                .iter()
                .map(|text| format!(r#"{{"type":"text","text":{},"cache_control":{control}}}"#, serde_json::Value::from(text.as_str())))
                .collect();
            let blocks = blocks.join(",");
            format!(r#"{{"custom_id":"{id}","params":{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":[{blocks}]}}]}}}}"#)
        };
        let (one, same, other) = (line("a", marked), line("b", marked), line("c", !marked));
        let [one, same, other] = [one, same, other].map(|line| chain_of_line(&line));
        prop_assert_eq!(&one, &same);
        prop_assert_eq!(one.blocks(), other.blocks());
    }
}
