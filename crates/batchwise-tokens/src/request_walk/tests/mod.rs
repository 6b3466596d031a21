mod prompts;

use super::*;
use crate::pdf::tests::pdf;
use crate::{ByteRatio, Estimator, Family, Generation, ImageTier, StructureEstimator, TextCounter};
use batchwise_records::Request;
use batchwise_units::{Margin, SharedError};
use serde_json::{Value, json};

/// Counts every character as one token, so that tests can be read.
struct Letters;

impl TextCounter for Letters {
    fn method(&self) -> &'static str {
        "letters"
    }

    fn count(&self, text: &str, _: TextRole, _: Family) -> Estimate<MilliTokens> {
        Estimate::exactly(MilliTokens::tokens(text.chars().count() as u64))
    }
}

fn old() -> ModelTraits {
    ModelTraits {
        family: Family::PreClaude47,
        generation: Generation::Claude45,
        keeps_thinking: false,
        trailing_blanks_are_free: false,
        frame: None,
        image_tier: ImageTier::Standard,
        tool_prompt_auto: Some(Tokens(496)),
        tool_prompt_any: Some(Tokens(588)),
        pdf_pages_max: 100,
        context_window: Tokens(200_000),
    }
}

fn new() -> ModelTraits {
    ModelTraits {
        family: Family::Claude47,
        generation: Generation::Claude48,
        keeps_thinking: true,
        trailing_blanks_are_free: false,
        image_tier: ImageTier::High,
        tool_prompt_auto: None,
        tool_prompt_any: None,
        ..old()
    }
}

#[track_caller]
fn estimate_with(params: Value, model: &ModelTraits) -> InputEstimate {
    estimate_by(Structure::for_tiktoken, params, model)
}

#[track_caller]
fn estimate_by(
    structure: fn(&ModelTraits) -> Structure,
    params: Value,
    model: &ModelTraits,
) -> InputEstimate {
    let mut params = params;
    for (key, value) in [
        ("model", json!("m")),
        ("max_tokens", json!(1)),
        ("messages", json!([{"role": "user", "content": ""}])),
    ] {
        params.as_object_mut().unwrap().entry(key).or_insert(value);
    }
    // Not read as a line is: an estimator takes any request, also one that the reader would refuse.
    let params = params.to_string();
    let Ok(Node::Object(params)) = serde_json::from_str(&params) else { panic!("{params} is no object") };
    let request = Request { custom_id: "x".into(), model: "m".into(), max_tokens: 1, params };
    StructureEstimator::new(Letters, structure, SharedError::ALL).estimate(&request, model)
}

fn estimate(params: Value) -> InputEstimate {
    estimate_with(params, &old())
}

fn user(content: Value) -> Value {
    json!({"messages": [{"role": "user", "content": content}]})
}

/// The likely tokens beside the seven of the frame.
#[track_caller]
fn check(params: Value, likely: impl Into<Option<u64>>, keys: &[&str]) {
    let estimate = estimate(params);
    assert_eq!(estimate.total.likely().map(|tokens| tokens.0 - 7), likely.into());
    let actual: Vec<&str> = estimate.assumptions.iter().map(|assumption| assumption.key()).collect();
    assert_eq!(actual, keys);
}

#[test]
fn texts_and_messages() {
    check(user(json!("")), 0, &[]);
    check(user(json!("hello")), 5, &[]);
    check(user(json!([{"type": "text", "text": "hello"}, {"type": "text", "text": "you"}])), 8, &[]);
    check(json!({"system": "be kind"}), 7, &[]);
    check(json!({"system": [{"type": "text", "text": "be"}, {"type": "text", "text": "kind"}]}), 6, &[]);
    let turn = |role: &str| json!({"role": role, "content": "abc"});
    check(json!({"messages": [turn("user"), turn("assistant"), turn("user")]}), 15, &[]);
    check(user(json!("語")), 1, &["foreign-text"]);
}

#[test]
fn settings_without_tokens_cost_nothing() {
    check(
        json!({
            "metadata": {"user_id": "someone"}, "temperature": 0.5, "stop_sequences": ["stop", "here"],
            "top_p": 1, "service_tier": "auto", "thinking": {"type": "disabled"}, "tools": [],
            "tool_choice": {"type": "auto"}, "cache_control": {"type": "ephemeral"}, "system": null
        }),
        0,
        &[],
    );
}

#[test]
fn a_frame_of_its_own_replaces_that_of_the_family() {
    let total = |model: &ModelTraits| estimate_with(json!({}), model).total.likely();
    assert_eq!(total(&old()), Some(Tokens(7)));
    assert_eq!(total(&new()), Some(Tokens(6)));
    assert_eq!(total(&ModelTraits { frame: Some(Tokens(12)), ..new() }), Some(Tokens(12)));
}

fn with_tool(choice: Value) -> Value {
    // 11 for the tool, 10 for its JSON.
    json!({"tools": [{"type": "custom", "name": "a", "cache_control": null}], "tool_choice": choice})
}

#[test]
fn tools_bring_a_prompt() {
    check(with_tool(json!(null)), 496 + 11 + 12, &[]);
    check(with_tool(json!({"type": "none"})), 496 + 11 + 12, &[]);
    check(with_tool(json!({"type": "any"})), 588 + 11 + 12, &[]);
    check(with_tool(json!({"type": "tool", "name": "a"})), 588 + 6 + 11 + 12, &[]);
    check(with_tool(json!(7)), 496 + 11 + 12, &[]);
    let single = json!({"type": "auto", "disable_parallel_tool_use": true});
    check(with_tool(single), 496 - 206 + 11 + 12, &["parallel-tool-use-disabled"]);
    let unknown = estimate_with(with_tool(json!(null)), &new());
    assert_eq!(unknown.assumptions, [Assumption::ToolPromptUnknown]);
    assert_eq!(unknown.total.likely(), Some(Tokens(6 + 290 + 4 + 12)));
    assert!(unknown.total.low() <= Tokens(6 + 8 + 12) && unknown.total.high() >= Tokens(810));
}

#[test]
fn properties_of_a_tool_count() {
    let tool =
        json!({"name": "a", "input_schema": {"properties": {"x": {}, "y": {}, "z": {}, "u": {}, "v": {}}}});
    let json = tool.to_string().len() as u64;
    check(json!({"tools": [tool]}), 496 + 11 + 9 + json, &[]);
}

#[test]
fn calls_and_results() {
    let call = json!({"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1, "y": "two"}});
    check(user(json!([call])), 28 + 7, &[]);
    check(user(json!([{"type": "tool_use"}])), 0, &[]);
    let result =
        |content: Value| user(json!([{"type": "tool_result", "content": content, "is_error": true}]));
    check(result(json!("done")), 45, &[]);
    check(result(json!([{"type": "text", "text": "done"}])), 45, &[]);
    check(result(json!(null)), 41, &[]);
    check(
        result(json!([{"type": "image", "source": {"type": "url", "url": "https://x"}}])),
        41 + 1_563,
        &["image-size-unknown"],
    );
}

#[test]
fn tools_of_anthropic_are_known_by_their_type() {
    let tool = |kind: &str| json!({"tools": [{"type": kind, "name": "a"}]});
    check(tool("bash_20250124"), 496 + 244, &[]);
    check(tool("memory_20990101"), 496 + 1_069, &["tool-type-unmeasured"]);
    check(tool("web_search_20250305"), 496 + 1_711, &["server-tools"]);
    assert!(estimate(tool("bash_20250124")).bounded);
    for kind in [
        "web_search_20250305",
        "web_fetch_20991231",
        "code_execution_20250825",
        "mcp_toolset",
        "time_machine_1",
    ] {
        assert!(!estimate(tool(kind)).bounded, "{kind}");
    }
    let deferred = estimate(
        json!({"tools": [{"name": "a", "defer_loading": true, "input_schema": {"type": "object"}}]}),
    );
    assert_eq!(
        (deferred.total.likely().unwrap().0, deferred.assumptions[0].key()),
        (7 + 496, "tool-deferred")
    );
    assert!(deferred.total.high().0 > 7 + 496 + 11);
    let servers = estimate(json!({"mcp_servers": [{"type": "url", "url": "https://x"}]}));
    assert_eq!((servers.bounded, servers.assumptions), (false, vec![Assumption::McpServers]));
}

#[test]
fn what_the_request_does_not_show_has_no_bound() {
    let given = |params: Value| {
        let estimate = estimate(params);
        let keys: Vec<&str> = estimate.assumptions.iter().map(|assumption| assumption.key()).collect();
        (estimate.bounded, keys.join(" "), estimate.total.likely().unwrap().0)
    };
    let shown = given(json!({}));
    assert_eq!(shown, (true, String::new(), 7));
    let kept = (false, "server-state".to_owned(), 7);
    assert_eq!(given(json!({"thread": {"id": "thread_1"}})), kept);
    assert_eq!(given(json!({"previous_thread_event_id": "event_1"})), kept);
    assert_eq!(given(json!({"compaction": {}})), kept);
    assert_eq!(given(json!({"container": "container_1"})), kept);
    assert_eq!(given(json!({"container": {"skills": [{"type": "anthropic", "skill_id": "xlsx"}]}})), kept);
    for name in ["cache_hint", "user_profile_id", "_outputConfig", "memory", ""] {
        assert_eq!(given(json!({name: "a"})), (false, "parameter-unknown".to_owned(), 7), "{name}");
    }
    for name in ["container", "memory", "thread"] {
        assert_eq!(given(json!({name: null})), shown, "{name}");
    }
    assert_eq!(given(json!({"store": false, "thread": false})), shown);
    let harmless = json!({
        "temperature": 1, "top_p": 0.5, "top_k": 5, "stop_sequences": ["a"], "metadata": {"user_id": "a"},
        "inference_geo": "us", "service_tier": "auto", "stream": false, "output_config": {"effort": "low"}
    });
    assert_eq!(given(harmless), shown);
}

#[test]
fn thinking_and_structured_output() {
    check(json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}), 29, &[]);
    check(json!({"thinking": {"type": "adaptive"}}), 0, &[]);
    let format = json!({"type": "json_schema", "schema": {"type": "object"}});
    check(json!({"output_config": {"format": format}}), 95 + 17, &["structured-output"]);
    check(json!({"output_format": format}), 95 + 17, &["structured-output"]);
    check(json!({"output_config": {"effort": "low"}}), 0, &[]);
}

#[test]
fn thinking_of_the_history() {
    let thought = json!({"type": "thinking", "thinking": "0123456789", "signature": "s"});
    let after = |last: Value| {
        json!({"messages": [
            {"role": "user", "content": ""},
            {"role": "assistant", "content": [thought]},
            {"role": "user", "content": last},
        ]})
    };
    check(after(json!([{"type": "tool_result"}])), 6 + 12 + 41, &["kept-thinking"]);
    check(after(json!("next")), None, &["kept-thinking"]);
    let newer = estimate_with(after(json!("next")), &new()).total;
    assert_eq!(newer.likely(), Some(Tokens(6 + 6 + 12 + 4)));
    let hidden = json!([{"type": "redacted_thinking", "data": "x".repeat(100)}]);
    check(user(hidden.clone()), None, &["encrypted-content"]);
    assert_eq!(estimate(user(hidden)).total.high(), Tokens(7 + 100 + 3));
}

#[test]
fn documents() {
    let document = |source: Value| user(json!([{"type": "document", "source": source}]));
    check(document(json!({"type": "text", "media_type": "text/plain", "data": "hello"})), 42 + 5, &[]);
    check(document(json!({"type": "base64", "media_type": "text/plain", "data": "aGVsbG8="})), 42 + 5, &[]);
    check(document(json!({"type": "content", "content": "hello"})), 42 + 5, &[]);
    check(document(json!({"type": "content", "content": [{"type": "text", "text": "hello"}]})), 42 + 5, &[]);
    let titled = json!([{"type": "document", "title": "ab", "context": "cd",
        "citations": {"enabled": true}, "source": {"type": "text", "data": "hello"}}]);
    check(user(titled.clone()), 4 + 515 + 42 + 5, &["citations"]);
    let twice = [titled[0].clone(), titled[0].clone()];
    check(user(json!(twice)), 2 * (4 + 42 + 5) + 515, &["citations"]);
    let found = json!([{"type": "search_result", "source": "ab", "title": "cd",
        "content": [{"type": "text", "text": "hello"}]}]);
    check(user(found), 42 + 9, &[]);
}

#[test]
fn pdfs_are_read() {
    let base64 = |data: String| {
        user(json!([{"type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": data}}]))
    };
    let read = estimate(base64(pdf(2, &"x".repeat(50)))).total;
    // A line break follows each page: 102 characters at 1.05.
    assert_eq!(read.likely(), Some(Tokens(7 + 2 * 1_573 + 107)));
    let sparse = estimate(base64(pdf(2, "x"))).total;
    assert_eq!(sparse.likely(), Some(Tokens(7 + 2 * 1_573)));
    assert!(sparse.high() >= Tokens(2 * 4_500), "its text may have been missed");
    for broken in ["", "JVBERi0xLjQK", "REDACTED", "!"] {
        let unread = estimate(base64(broken.to_owned()));
        assert_eq!(unread.assumptions, [Assumption::DocumentUnread]);
        assert_eq!(unread.total.likely(), None);
    }
}

#[test]
fn documents_elsewhere_are_bounded() {
    for source in
        [json!({"type": "url", "url": "https://x"}), json!({"type": "file", "file_id": "f"}), json!(5)]
    {
        let block = json!([{"type": "document", "source": source}]);
        let unread = estimate(user(block));
        assert_eq!(unread.total.likely(), None);
        assert_eq!(unread.total.low(), Tokens(7 + 1_571 - 3));
        assert_eq!(unread.total.high(), Tokens(7 + 200_000 + 3));
    }
}

#[test]
fn images_are_measured() {
    let png = "iVBORw0KGgoAAAANSUhEUgAAA+gAAAPoCAYAAAAAAAAA"; // 1000 by 1000 pixels
    let image = |source: Value| user(json!([{"type": "image", "source": source}]));
    check(image(json!({"type": "base64", "media_type": "image/png", "data": png})), 1_296 + 3, &[]);
    let unknown = &["image-size-unknown"];
    check(image(json!({"type": "base64", "media_type": "image/png", "data": "REDACTED"})), 1_563, unknown);
    check(image(json!({"type": "url", "url": "https://x/y.png"})), 1_563, unknown);
    check(image(json!(null)), 1_563, unknown);
    let elsewhere = image(json!({"type": "file", "file_id": "f"}));
    let total = estimate_with(elsewhere, &new()).total;
    assert_eq!((total.likely(), total.high()), (Some(Tokens(6 + 2_694)), Tokens(6 + 4_790 + 4)));
}

#[test]
fn only_errors_of_counting_are_margins() {
    let margin = |params: Value| {
        let margin = estimate(params).margin();
        (margin.below(), margin.above())
    };
    let none = (Tokens(0), Tokens(0));
    assert_eq!(margin(user(json!("hi"))), (Tokens(3), Tokens(3)), "the slack");
    let image = json!([{"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}]);
    assert_eq!(margin(user(image)), none, "a guess between bounds");
    let document = json!([{"type": "document", "source": {"type": "url", "url": "https://x/y.pdf"}}]);
    assert_eq!(margin(user(document)), none, "no likely value");
    let search = json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]});
    assert_eq!(margin(search), none, "no bound at all");
    let tool = json!({"name": "f", "input_schema": {"type": "object"}});
    assert_ne!(margin(json!({"tools": [tool.clone()]})), none);
    assert_eq!(
        estimate_with(json!({"tools": [tool]}), &new()).margin(),
        Margin::none(),
        "a prompt nobody knows"
    );
}

#[test]
fn breakpoints_come_in_the_order_of_the_api() {
    let mark = json!({"type": "ephemeral"});
    let hour = json!({"type": "ephemeral", "ttl": "1h"});
    let odd = json!({"type": "ephemeral", "ttl": "1w"});
    let estimate = estimate(json!({
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": "hello", "cache_control": odd},
            {"type": "tool_result", "content": [{"type": "text", "text": "x", "cache_control": mark}]},
        ]}],
        "system": [{"type": "text", "text": "0123456789", "cache_control": mark}],
        "tools": [{"name": "a", "cache_control": hour}],
        "cache_control": hour,
    }));
    let seen: Vec<_> =
        estimate.breakpoints.iter().map(|point| (point.prefix.likely().unwrap().0, point.ttl)).collect();
    let tools = 496 + 11 + 12;
    assert_eq!(
        seen,
        [
            (tools, CacheTtl::OneHour),
            (tools + 10, CacheTtl::FiveMinutes),
            (tools + 10 + 7 + 5, CacheTtl::FiveMinutes),
            (tools + 10 + 7 + 5 + 42, CacheTtl::FiveMinutes),
        ]
    );
    assert_eq!(estimate.assumptions, [Assumption::CacheTtlUnknown]);
    assert!(estimate.breakpoints.iter().all(|point| point.prefix.high() <= estimate.total.high()));
}

#[test]
fn automatic_caching_marks_the_end() {
    let estimate = estimate(json!({"system": "abc", "cache_control": {"type": "ephemeral", "ttl": "1h"}}));
    assert_eq!(estimate.breakpoints, [Breakpoint { prefix: estimate.total, ttl: CacheTtl::OneHour }]);
}

#[test]
fn what_is_not_understood_gets_wide_bounds() {
    let unknown = estimate(user(json!([{"type": "hologram", "data": "0123456789"}])));
    assert_eq!((unknown.bounded, unknown.assumptions), (false, vec![Assumption::BlockTypeUnknown]));
    assert_eq!(unknown.total.low(), Tokens(4));
    for content in [json!(5), json!(true), json!({"type": "text"}), json!([5, "x", null, [[]]])] {
        let odd = estimate(user(content));
        assert_eq!((odd.bounded, odd.assumptions), (true, vec![Assumption::WrongType]));
    }
    for params in [
        json!({"system": 5}),
        json!({"tools": 5}),
        json!({"tools": [5, null, {"type": 7}]}),
        json!({"tools": {"name": "a"}}),
    ] {
        assert!(estimate(params).assumptions.contains(&Assumption::WrongType));
    }
}

/// Whatever stands where, nothing panics and the bounds keep their order.
#[test]
fn odd_values_never_panic() {
    let values =
        [json!(null), json!(true), json!(-1.5), json!(""), json!("語"), json!([]), json!([[{}]]), json!({})];
    let kinds = [
        "text",
        "image",
        "document",
        "search_result",
        "tool_use",
        "server_tool_use",
        "tool_result",
        "thinking",
        "redacted_thinking",
        "container_upload",
        "web_search_tool_result",
        "unheard_of",
    ];
    let fields = ["text", "source", "content", "input", "name", "thinking", "data", "title", "citations"];
    for value in &values {
        for kind in kinds {
            for field in fields {
                let block = user(json!([{"type": kind, field: value, "cache_control": value}]));
                estimate_by(Structure::for_claude, block.clone(), &old());
                estimate(block);
            }
        }
        for setting in [
            "system",
            "tools",
            "tool_choice",
            "thinking",
            "output_format",
            "output_config",
            "mcp_servers",
            "context_management",
            "cache_control",
        ] {
            estimate_by(Structure::for_claude, json!({setting: value}), &new());
            estimate(json!({setting: value}));
        }
        for field in ["type", "data", "media_type", "content"] {
            for kind in ["text", "base64", "content", "url"] {
                let mut source = json!({"type": kind, "media_type": "application/pdf"});
                source[field] = value.clone();
                estimate(user(json!([{"type": "document", "source": source}])));
            }
        }
    }
}

#[test]
fn estimators_say_what_they_are() {
    assert_eq!(crate::bytes().method(), "bytes");
    assert_eq!(crate::tiktoken().method(), "tiktoken");
    assert_eq!(ByteRatio.method(), "bytes");
}

#[test]
fn the_kind_is_that_of_the_hardest_part() {
    let image = json!([{"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}]);
    let result = json!([{"type": "tool_result", "tool_use_id": "t", "content": image}]);
    let pdf = json!([{"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}]);
    let tool = json!([{"name": "f", "input_schema": {"type": "object"}}]);
    for (params, kind) in [
        (user(json!("hello")), RequestKind::Text),
        (
            json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}),
            RequestKind::Chat,
        ),
        (json!({"thinking": {"type": "adaptive"}}), RequestKind::Thinking),
        (
            json!({"output_config": {"format": {"schema": {}}}, "thinking": {"type": "adaptive"}}),
            RequestKind::StructuredOutput,
        ),
        (json!({"tools": tool}), RequestKind::Tools),
        (user(json!([{"type": "search_result", "content": "x"}])), RequestKind::Document),
        (user(result), RequestKind::Image),
        (user(pdf), RequestKind::Pdf),
        (json!({"tools": [{"type": "web_search_20250305"}]}), RequestKind::ServerTools),
        (user(json!([{"type": "hologram"}])), RequestKind::ServerTools),
    ] {
        assert_eq!(estimate(params.clone()).kind, kind, "{params}");
    }
}
