//! Prompts with the constants of the tokenizer `claude`.

use super::*;

/// The likely tokens on a model of 4.5, beside the seven of the frame.
#[track_caller]
fn check_prompt(params: Value, likely: u64) {
    let estimate = estimate_by(Structure::for_claude, params.clone(), &old());
    assert_eq!(estimate.total.likely(), Some(Tokens(7 + likely)), "{params}");
}

/// The letters of a rendered text, whose tags have a namespace of six letters.
fn letters(text: &str) -> u64 {
    text.chars().count() as u64
}

fn says(role: &str, content: Value) -> Value {
    json!({"role": role, "content": content})
}

fn chat(messages: &[Value]) -> Value {
    json!({ "messages": messages })
}

#[test]
fn messages_become_turns() {
    let (user, assistant, system) = ("user", "assistant", "system");
    for (roles, likely) in [
        (&[user][..], 0),
        (&[user, assistant, user], 6),
        (&[user, assistant], 0), //          a reply begun
        (&[user, user], 1),      //               one turn
        (&[user, user, assistant, user], 7),
        (&[assistant, user], 12 + 3), //     a turn is put before
        (&[user, system, assistant, user], 2 + 6),
        (&[user, assistant, system, user], 2 + 6),
    ] {
        let messages: Vec<Value> = roles.iter().map(|role| says(role, json!("a"))).collect();
        check_prompt(chat(&messages), likely + roles.len() as u64);
    }
}

#[test]
fn system_prompts_begin_with_their_first_letter() {
    check_prompt(json!({"system": "\n be kind "}), 8);
    check_prompt(
        json!({"system": [{"type": "text", "text": "\nbe"}, {"type": "text", "text": "\nkind"}]}),
        7,
    );
    let billing = json!({"type": "text", "text": "x-anthropic-billing-header: cc_version=1"});
    check_prompt(json!({"system": [billing, {"type": "text", "text": "be kind"}]}), 7);
    for (generation, likely) in [(Generation::Claude3, 8), (Generation::Claude46, 9)] {
        let model = ModelTraits { generation, ..old() };
        let total = estimate_by(Structure::for_claude, json!({"system": "a"}), &model).total;
        assert_eq!(total.likely(), Some(Tokens(likely)), "{generation:?}");
    }
}

#[test]
fn tools_are_counted_as_they_are_written() {
    let tool = |choice: Value| json!({"tools": [{"name": "f", "input_schema": {"type": "object"}}], "tool_choice": choice});
    let written = letters(r#"<function>{"name": "f", "parameters": {"type": "object"}}</function>"#) + 1;
    check_prompt(tool(json!(null)), 496 + written);
    check_prompt(tool(json!({"type": "any"})), 588 + written);
    check_prompt(tool(json!({"type": "tool", "name": "f"})), 588 + 2 + 1 + written);
    check_prompt(tool(json!({"type": "auto", "disable_parallel_tool_use": true})), 496 - 208 + written);
    let mut with_system = tool(json!(null));
    with_system["system"] = json!("ab");
    check_prompt(with_system, 496 + written + 1 + 2);
    let accented = json!({"tools": [{"name": "é"}]});
    let older = ModelTraits { generation: Generation::Claude3, tool_prompt_auto: Some(Tokens(313)), ..old() };
    let total = estimate_by(Structure::for_claude, accented, &older).total.likely();
    let written = letters(r#"<function>{"name": "\u00e9", "parameters": {}}</function>"#) + 1;
    assert_eq!(total, Some(Tokens(7 + 313 + written)));
}

#[test]
fn calls_and_results_are_counted_as_they_are_written() {
    let call = |id: &str| json!({"type": "tool_use", "id": id, "name": "f", "input": {"x": 1}});
    let result = |id: &str, more: Value| {
        let mut block = json!({"type": "tool_result", "tool_use_id": id, "content": "done"});
        block.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        block
    };
    let turns = |calls: Value, results: &[Value]| {
        let mut messages = vec![says("user", json!("a")), says("assistant", calls)];
        messages.extend(results.iter().map(|result| says("user", result.clone())));
        chat(&messages)
    };
    let namespaces = |count: u64| 6 * count;
    let called =
        letters("<invoke name=\"f\">\n<parameter name=\"x\">1</parameter>\n</invoke>") + namespaces(4) + 1;
    let returned = letters("<function_results>done</function_results>") - 3;
    let one = 1 + 6 + 17 + called + returned;
    let plain = json!({});
    check_prompt(turns(json!([call("1")]), &[json!([result("1", plain.clone())])]), one);
    check_prompt(turns(json!([call("1")]), &[json!([result("1", json!({"is_error": true}))])]), one + 8);
    let then = json!([result("1", plain.clone()), {"type": "text", "text": "so"}]);
    check_prompt(turns(json!([call("1")]), &[then]), one + 5 + 2);
    let several = letters("<result>\n<name>f</name>\n<output>done</output>\n</result>") + 1;
    let two = 1 + 6 + 17 + 2 * called + 8 + 2 * several;
    let (first, second) = (result("1", plain.clone()), result("2", plain));
    check_prompt(turns(json!([call("1"), call("2")]), &[json!([first, second])]), two);
    check_prompt(turns(json!([call("1"), call("2")]), &[json!([first]), json!([second])]), two);
}

#[test]
fn features_bring_their_prompts() {
    check_prompt(json!({"thinking": {"type": "enabled"}}), 29);
    let format = json!({"type": "json_schema", "schema": {"type": "object"}});
    check_prompt(json!({"output_format": format}), 81 + letters("{\n  \"type\": \"object\"\n}"));
    let document = |more: Value| {
        let mut block = json!({"type": "document", "source": {"type": "text", "data": "One. Two."}});
        block.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        user(json!([block]))
    };
    check_prompt(document(json!({})), 35 + 9);
    check_prompt(document(json!({"title": "ab"})), 35 + 9 + 12 + 2);
    check_prompt(document(json!({"citations": {"enabled": true}})), 483 + 35 + 9 + 2 * 16);
}

#[test]
fn earlier_thinking_is_kept_or_dropped() {
    let thought = json!([{"type": "thinking", "thinking": "0123456789", "signature": "s"}]);
    let messages = [says("user", json!("a")), says("assistant", thought), says("user", json!("b"))];
    let params = || {
        let mut params = chat(&messages);
        params["thinking"] = json!({"type": "enabled"});
        params
    };
    let total = |keeps_thinking| {
        let model = ModelTraits { keeps_thinking, ..old() };
        estimate_by(Structure::for_claude, params(), &model).total.likely()
    };
    assert_eq!(total(false), Some(Tokens(7 + 29 + 6 + 2)));
    assert_eq!(total(true), Some(Tokens(7 + 29 + 6 + 2 + 8 + 10)));
}

#[test]
fn the_range_is_that_of_the_kind() {
    let range = |params: Value| {
        let total = estimate_by(Structure::for_claude, params, &old()).total;
        (total.low().0, total.high().0)
    };
    assert_eq!(range(user(json!("a".repeat(993)))), (1_000 - 1 - 1, 1_000 + 1 + 1));
    let (low, high) = range(json!({"thinking": {"type": "enabled"}, "system": "a".repeat(964)}));
    assert_eq!((low, high), (1_000 - 3 - 1, 1_000 + 3 + 1));
}

#[test]
fn blanks_at_the_end_are_free_on_some_models() {
    let total = |free, content: Value| {
        let model = ModelTraits { trailing_blanks_are_free: free, ..new() };
        estimate_by(Structure::for_claude, user(content), &model).total.likely().unwrap().0
    };
    for content in [json!("hello \n\t "), json!([{"type": "text", "text": "hello \n\t "}])] {
        assert_eq!((total(true, content.clone()), total(false, content)), (6 + 5, 6 + 9));
    }
    assert_eq!(total(true, json!([])), 6);
}

#[test]
fn nothing_of_the_wrong_type_is_lost() {
    let tokens = |params: Value| estimate_by(Structure::for_claude, params, &old()).total;
    let with_input = |input: Value| {
        let call = json!({"type": "tool_use", "id": "t", "name": "f", "input": input});
        tokens(chat(&[says("user", json!("a")), says("assistant", json!([call])), says("user", json!("b"))]))
    };
    let result = |text: Value| {
        let block = json!({"type": "text", "text": text});
        tokens(user(json!([{"type": "tool_result", "tool_use_id": "t", "content": [block]}])))
    };
    let (word, many) = (json!("x".repeat(500)), json!(["x".repeat(500)]));
    assert!(with_input(word.clone()).high().0 > with_input(json!({})).high().0 + 500);
    assert!(with_input(many.clone()).likely().unwrap().0 >= with_input(json!({})).likely().unwrap().0 + 500);
    assert!(result(many).likely().unwrap().0 >= result(json!("")).likely().unwrap().0 + 500);
    assert!(result(word).likely().unwrap().0 >= 500);
}

#[test]
fn bounds_of_one_cost_are_bounds_of_the_whole() {
    let margin = |params: Value, model: &ModelTraits| {
        estimate_by(Structure::for_claude, params, model).margin() != Margin::none()
    };
    let adaptive = json!({"thinking": {"type": "adaptive"}});
    assert!(margin(user(json!("exact but for the allowance")), &old()));
    assert!(!margin(adaptive, &ModelTraits { generation: Generation::Claude3, ..old() }));
    let opus_47 = ModelTraits { generation: Generation::Claude47, ..new() };
    assert!(!margin(
        chat(&[says("user", json!("a")), says("assistant", json!("b")), says("user", json!("c"))]),
        &opus_47
    ));
}

#[test]
fn only_billing_headers_at_the_beginning_are_dropped() {
    let system = |blocks: Value| {
        let mut params = user(json!("a"));
        params["system"] = blocks;
        estimate_by(Structure::for_claude, params, &old())
    };
    let text = |text: &str| json!({"type": "text", "text": text});
    let header = text("x-anthropic-billing-header: cc");
    assert_eq!(system(json!([header, text("kind")])).total.likely(), Some(Tokens(7 + 1 + 4)));
    assert_eq!(system(json!([text("kind"), header])).total.likely(), Some(Tokens(7 + 1 + 4 + 30)));
    let marked = json!({"type": "text", "text": "x-anthropic-billing-header: cc", "cache_control": {"type": "ephemeral"}});
    assert_eq!(system(json!([marked, text("kind")])).breakpoints.len(), 1);
}

#[test]
fn members_of_a_tool_that_nobody_measured_are_counted() {
    let with = |member: &str, value: Value| {
        let mut params = user(json!("a"));
        params["tools"] = json!([{"name": "f", "input_schema": {}, member: value}]);
        estimate_by(Structure::for_claude, params, &old())
    };
    let plain = with("strict", json!(true));
    assert_eq!(with("type", json!("custom")), plain);
    let examples = with("input_examples", json!([{"q": "x".repeat(500)}]));
    assert!(examples.total.likely().unwrap().0 >= plain.total.likely().unwrap().0 + 500);
    assert!(examples.has_bounds && !plain.has_bounds);
    assert_eq!(examples.assumptions, [Assumption::ToolMemberUnmeasured]);
}

#[test]
fn a_breakpoint_behind_free_blanks_is_no_longer_than_the_request() {
    let model = ModelTraits { trailing_blanks_are_free: true, ..new() };
    let marked = json!([{"type": "text", "text": "hello \n\t ", "cache_control": {"type": "ephemeral"}}]);
    let estimate = estimate_by(Structure::for_claude, user(marked), &model);
    assert_eq!(estimate.breakpoints.len(), 1);
    assert_eq!(estimate.breakpoints[0].prefix, estimate.total);
}
