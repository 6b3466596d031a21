use CacheTtl::{FiveMinutes, OneHour};

use super::*;
use crate::PrefixChain;

mod any_line;
mod properties;
mod stripped;

const SHORT: &str = r#""cache_control":{"type":"ephemeral"}"#;
const HOUR: &str = r#""cache_control":{"type":"ephemeral","ttl":"1h"}"#;
const OLD: &str = r#""cache_control" : { "type": "ephemeral" }"#;

fn line(params: &str) -> String {
    format!(r#"{{"custom_id":"x","params":{{"model":"m","max_tokens":1,{params}}}}}"#)
}

#[track_caller]
fn remarked<'l>(line: &'l str, wanted: &[(usize, CacheTtl)], wrap_texts: bool) -> Remarked<'l> {
    let request = Request::parse(line.as_bytes()).unwrap_or_else(|flaws| panic!("{line}: {flaws:?}"));
    Remarking { wanted, wrap_texts }.of(line, &request)
}

/// What becomes of these parameters, and what of the wanted breakpoints found no place.
#[track_caller]
fn check_all(
    params: &str,
    wanted: &[(usize, CacheTtl)],
    wrap_texts: bool,
    expected: &str,
    unplaced: &[(usize, Obstacle)],
) {
    let (old, new) = (line(params), line(expected));
    let found = remarked(&old, wanted, wrap_texts);
    assert_eq!(found.line, new);
    assert_eq!(matches!(found.line, Cow::Borrowed(_)), old == new);
    let missing: Vec<_> = found.unplaced.iter().map(|missing| (missing.block, missing.obstacle)).collect();
    assert_eq!(missing, unplaced, "{params}");
}

#[track_caller]
fn check(params: &str, wanted: &[(usize, CacheTtl)], expected: &str) {
    check_all(params, wanted, false, expected, &[]);
}

/// A request of one message with this block, which is the first unless others within it are marked.
fn asked(block: &str) -> String {
    format!(r#""messages":[{{"role":"user","content":[{block}]}}]"#)
}

#[track_caller]
fn check_block(block: &str, wanted: &[(usize, CacheTtl)], expected: &str) {
    check(&asked(block), wanted, &asked(expected));
}

#[test]
fn a_breakpoint_becomes_the_last_member_of_its_block() {
    let one = &[(0, OneHour)];
    check_block(r#"{"type":"text","text":"a"}"#, one, &format!(r#"{{"type":"text","text":"a",{HOUR}}}"#));
    check_block(
        "{ \"type\": \"text\",\t\"text\": \"a\" }",
        &[(0, FiveMinutes)],
        &format!("{{ \"type\": \"text\",\t\"text\": \"a\",{SHORT} }}"),
    );
    check_block("{}", one, &format!("{{{HOUR}}}"));
    check_block("{ }", one, &format!("{{{HOUR} }}"));
    check_block(
        r#"{"type":"text","text":"a","citations":[]  }"#,
        one,
        &format!(r#"{{"type":"text","text":"a","citations":[],{HOUR}  }}"#),
    );
}

#[test]
fn a_breakpoint_that_is_not_wanted_goes_with_its_comma() {
    for (block, expected) in [
        (format!(r#"{{"type":"text","text":"a",{OLD}}}"#), r#"{"type":"text","text":"a"}"#),
        (format!(r#"{{"type":"text" , {OLD} , "text":"a"}}"#), r#"{"type":"text"   , "text":"a"}"#),
        (format!(r#"{{{OLD},"type":"text","text":"a"}}"#), r#"{"type":"text","text":"a"}"#),
        (format!(r#"{{ {OLD} , "type":"text","text":"a"}}"#), r#"{   "type":"text","text":"a"}"#),
        (format!("{{{OLD}}}"), "{}"),
        (format!("{{ {OLD} }}"), "{  }"),
        (r#"{"cache\u005fcontrol":{"type":"ephemeral"},"type":"x"}"#.to_owned(), r#"{"type":"x"}"#),
    ] {
        check_block(&block, &[], expected);
    }
    check_block(r#"{"type":"x","cache_control":null}"#, &[], r#"{"type":"x","cache_control":null}"#);
}

#[test]
fn a_breakpoint_that_is_there_keeps_its_place() {
    let block = |control: &str| format!(r#"{{"type":"text","cache_control": {control} ,"text":"a"}}"#);
    let (short, hour) = (r#"{"type":"ephemeral"}"#, r#"{"type":"ephemeral","ttl":"1h"}"#);
    for (control, ttl, expected) in [
        (r#"{ "ttl":"5m", "type":"ephemeral"}"#, FiveMinutes, r#"{ "ttl":"5m", "type":"ephemeral"}"#),
        (r#"{"type":"ephemeral","ttl":null}"#, FiveMinutes, r#"{"type":"ephemeral","ttl":null}"#),
        (r#"{"type":"ephemeral","ttl":"\u0031h"}"#, OneHour, r#"{"type":"ephemeral","ttl":"\u0031h"}"#),
        (short, OneHour, hour),
        (hour, FiveMinutes, short),
        (r#"{"type":"ephemeral","ttl":"5m"}"#, OneHour, hour),
        ("null", OneHour, hour),
        ("null", FiveMinutes, short),
    ] {
        check_block(&block(control), &[(0, ttl)], &block(expected));
    }
}

#[test]
fn blocks_are_counted_as_in_a_chain() {
    let text = r#"{"type":"text","text":"t"}"#;
    let marked = |control: &str| format!(r#"{{"type":"text","text":"t",{control}}}"#);
    let params = |tool: &str, system: &str, message: &str| {
        format!(
            r#""messages":[{{"content":[{text},{message}],"role":"user"}}],"system":[{system}],"tools":[{{"name":"f"}},{{"name":"g"{tool}}}]"#
        )
    };
    let short = marked(SHORT);
    check(
        &params("", &format!("{text},{short}"), text),
        &[(1, OneHour), (2, OneHour), (5, FiveMinutes)],
        &params(&format!(",{HOUR}"), &format!("{},{text}", marked(HOUR)), &marked(SHORT)),
    );
}

#[test]
fn marked_blocks_within_others_are_counted_too() {
    let text = |control: &str| format!(r#"{{"type":"text","text":"t"{control}}}"#);
    let params = |first: &str, second: &str, third: &str, outer: &str| {
        asked(&format!(
            r#"{{"content":[{},{{"type":"search_result","content":["plain",{}]}}],"type":"tool_result","tool_use_id":"t"}},{{"type":"document","source":{{"content":[{}],"type":"content"}}{outer}}}"#,
            text(first),
            text(second),
            text(third)
        ))
    };
    let (short, hour) = (format!(",{SHORT}"), format!(",{HOUR}"));
    let old = params(&short, &short, &short, "");
    check(&old, &[], &params("", "", "", ""));
    check(&old, &[(0, FiveMinutes)], &params(&short, "", "", ""));
    check(&old, &[(1, OneHour)], &params("", &hour, "", ""));
    check(&old, &[(3, FiveMinutes)], &params("", "", &short, ""));
    check(&old, &[(4, OneHour)], &params("", "", "", &hour));
    // What nobody checked before is put right.
    let odd = params("", "", r#","cache_control":{}"#, "");
    check(&odd, &[(1, FiveMinutes)], &params("", "", &short, ""));
}

#[test]
fn content_of_that_name_is_left_alone() {
    let call = format!(r#"{{"type":"tool_use","input":{{"content":[{{{SHORT}}}],{SHORT}}}}}"#);
    let other = format!(r#"{{"type":"other","content":[{{"type":"text",{SHORT}}}]}}"#);
    let schema = format!(r#""tools":[{{"name":"f","input_schema":{{"properties":{{{SHORT}}}}}}}]"#);
    let params = format!(r#"{},"metadata":{{{SHORT}}},{schema}"#, asked(&format!("{call},{other}")));
    check(&params, &[], &params);
    let text = asked(r#"{"type":"text","text":"\"cache_control\":{\"type\":\"ephemeral\"}"}"#);
    check(&text, &[], &text);
}

#[test]
fn an_automatic_breakpoint_stays_where_its_place_is_wanted() {
    let hello = r#""messages":[{"role":"user","content":"hello"}]"#;
    check(&format!("{hello},{OLD}"), &[(0, FiveMinutes)], &format!("{hello},{OLD}"));
    check(
        &format!("{OLD},{hello}"),
        &[(0, OneHour)],
        &format!(r#""cache_control" : {{"type":"ephemeral","ttl":"1h"}},{hello}"#),
    );
    check(&format!("{OLD},{hello}"), &[], hello);
    check(&format!(r#"{hello},"cache_control":null"#), &[], &format!(r#"{hello},"cache_control":null"#));
    let both = |control: &str, top: &str| {
        format!(r#"{},"system":"s"{top}"#, asked(&format!(r#"{{"type":"text","text":"t"{control}}}"#)))
    };
    let (short, hour) = (format!(",{SHORT}"), format!(",{HOUR}"));
    check(&both(&short, &short), &[(1, FiveMinutes)], &both(&short, &short));
    check(&both(&short, &short), &[(1, OneHour)], &both(&hour, ""));
    check(&both(&hour, &short), &[(1, OneHour)], &both(&hour, ""));
    check(&both(&hour, &short), &[(1, FiveMinutes)], &both(&short, &short));
    check(&both(&short, &short), &[], &both("", ""));
    check(&both("", &short), &[(1, FiveMinutes)], &both("", &short));
    check(
        &format!(r#""messages":[{{"role":"user","content":[]}}],{SHORT}"#),
        &[],
        r#""messages":[{"role":"user","content":[]}]"#,
    );
    let five = |top: &str| {
        let block = format!(r#"{{"type":"text","text":"t",{HOUR}}}"#);
        format!("{}{top}", asked(&[block.as_str(); 4].join(",")))
    };
    check(&five(&hour), &[0, 1, 2, 3].map(|block| (block, OneHour)), &five(""));
}

#[test]
fn some_blocks_can_carry_none() {
    let thinking = r#"{"type":"thinking","thinking":"t","signature":"s"}"#;
    let check = |params: &str, obstacle| check_all(params, &[(0, OneHour)], false, params, &[(0, obstacle)]);
    check(&asked(thinking), Obstacle::Thinking);
    check(&asked(r#"{"type":"redacted_thinking","data":"t"}"#), Obstacle::Thinking);
    check(&asked(r#"{"type":"text","text":""}"#), Obstacle::Empty);
    check(r#""messages":[{"role":"user","content":"hello"}]"#, Obstacle::Text);
    check(r#""messages":[{"role":"user","content":""}]"#, Obstacle::Empty);
    check(r#""messages":[{"role":"user","content":[]}]"#, Obstacle::Absent);
    check(
        r#""messages":[{"role":"user","content":"x"}],"tools":[{"name":"f","defer_loading":true}]"#,
        Obstacle::Deferred,
    );
    let marked = asked(&format!(r#"{{"type":"text","text":"",{SHORT}}}"#));
    let plain = asked(r#"{"type":"text","text":""}"#);
    check_all(&marked, &[(0, FiveMinutes)], false, &plain, &[(0, Obstacle::Empty)]);
}

#[test]
fn a_text_can_become_a_block() {
    let params = |system: &str, said: &str, top: &str| {
        format!(r#""messages":[{{"role":"user","content": {said} }}],"system":{system}{top}"#)
    };
    let (raw, both) = (r#""\u0041\"b""#, [(0, OneHour), (1, FiveMinutes)]);
    let wrapped = |control: &str| format!(r#"[{{"type":"text","text":{raw},{control}}}]"#);
    check_all(&params(raw, raw, ""), &both, true, &params(&wrapped(HOUR), &wrapped(SHORT), ""), &[]);
    // The comma behind the text goes, and the text is wrapped.
    let top = format!(",{SHORT}");
    check_all(&params(raw, raw, &top), &both[..1], true, &params(&wrapped(HOUR), raw, ""), &[]);
    // The last is wrapped, too, where there is an automatic breakpoint: others may go on behind it.
    check_all(&params(raw, raw, &top), &both, true, &params(&wrapped(HOUR), &wrapped(SHORT), ""), &[]);
    check_all(&params("\"\"", raw, ""), &both[..1], true, &params("\"\"", raw, ""), &[(0, Obstacle::Empty)]);
}

#[test]
fn a_line_of_another_request_is_noticed() {
    let (one, other) = (line(&asked(r#"{"type":"x"}"#)), line(&asked("{}")));
    let request = Request::parse(one.as_bytes()).unwrap();
    assert!(Seating::of(&one, &request).is_some());
    assert!(Seating::of(&other, &request).is_none());
    assert!(Seating::of("", &request).is_none());
    assert!(Seating::of("{}", &request).is_none());
}
