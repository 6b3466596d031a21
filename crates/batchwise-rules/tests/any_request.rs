//! Whatever a request holds, the rules answer, briefly, and cost little where there is nothing to say.

use batchwise_findings::Rule;
use batchwise_planner::model_traits;
use batchwise_pricing::PriceBook;
use batchwise_records::{Flaw, Request, Where};
use batchwise_rules::{ApiVersion, Circumstances, Subject, inspect};
use batchwise_tokens::{Estimator, InputEstimate, bytes};
use insta::assert_snapshot;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn line(params: &Value) -> String {
    json!({"custom_id": "a", "params": params}).to_string()
}

fn estimate(request: &Request<'_>) -> InputEstimate {
    let book = PriceBook::bundled();
    let model = book.find(&request.model).or_else(|_| book.find("claude-haiku-5-5")).unwrap();
    bytes().estimate(request, &model_traits(model))
}

fn said(line: &str, api_version: ApiVersion) -> Option<Vec<Flaw>> {
    let request = Request::parse(line.as_bytes()).ok()?;
    let book = PriceBook::bundled();
    let input = estimate(&request);
    let subject =
        Subject { request: &request, model: book.find(&request.model).ok(), input: &input, is_in_us: false };
    Some(inspect(&subject, &Circumstances { book, day: date(2026, 11, 21), api_version, betas: &[] }))
}

/// Any JSON whose words are those that the rules look for.
fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "text",
        "image",
        "document",
        "tool_use",
        "tool_result",
        "search_result",
        "tool",
        "any",
        "enabled",
        "disabled",
        "adaptive",
        "url",
        "base64",
        "ephemeral",
        "5m",
        "1h",
        "user",
        "assistant",
        "a",
        "",
        "claude-opus-5-5",
        "claude-haiku-4-5",
        "é\u{1b}",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from);
        let object = prop::collection::btree_map(any_key(), inner, 0..8);
        prop_oneof![list, object.prop_map(|members| members.into_iter().collect::<Map<_, _>>().into())]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "type",
        "text",
        "content",
        "role",
        "source",
        "data",
        "id",
        "tool_use_id",
        "name",
        "cache_control",
        "ttl",
        "citations",
        "tools",
        "tool_choice",
        "thinking",
        "budget_tokens",
        "temperature",
        "stream",
        "stop",
        "maxTokens",
        "inference_geo",
        "mcp_servers",
        "thread",
        "system",
        "x",
    ])
    .prop_map(str::to_owned)
}

/// A request that can be read, with any JSON where the reader allows it.
fn any_params() -> impl Strategy<Value = Value> {
    let block = prop::collection::btree_map(any_key(), any_json(), 0..6);
    let blocks = prop::collection::vec(block, 0..6).prop_map(|blocks| json!(blocks));
    let role = prop::sample::select(vec!["user", "assistant", "system", "tool"]);
    let message = (role, blocks).prop_map(|(role, content)| json!({"role": role, "content": content}));
    let messages = prop::collection::vec(message, 1..6);
    let model =
        prop::sample::select(vec!["claude-opus-5-5", "claude-haiku-4-5", "claude-haiku-5-5", "nobody"]);
    let others = prop::collection::btree_map(any_key(), any_json(), 0..8);
    (messages, model, others).prop_map(|(messages, model, others)| {
        let mut params: Map<String, Value> = others.into_iter().collect();
        params.insert("messages".to_owned(), messages.into());
        params.insert("model".to_owned(), model.into());
        params.insert("max_tokens".to_owned(), 100.into());
        params.into()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_request_gets_an_answer(params in any_params()) {
        let line = line(&params);
        for &version in ApiVersion::ALL {
            let Some(flaws) = said(&line, version) else { continue };
            let (told, rest) = flaws.split_at(flaws.len().min(Rule::ALL.len()));
            prop_assert!(rest.len() <= 20);
            let in_order = |flaws: &[Flaw]| flaws.windows(2).all(|pair| pair[0].rule <= pair[1].rule);
            prop_assert!(in_order(&told[..told.len().saturating_sub(1)]));
            prop_assert_eq!(Some(flaws), said(&line, version), "the same again");
        }
    }
}

#[test]
fn a_thousand_problems_stay_few() {
    let call = |number: usize| {
        json!({"role": "assistant", "content": [
            {"type": "tool_use", "id": format!("call-{number}"), "name": "f", "input": {}},
            {"type": "text", "text": ""},
            {"type": "document", "source": {"type": "url", "url": "u"}},
        ]})
    };
    let messages: Vec<Value> = (0..5_000).map(call).collect();
    let params =
        json!({"model": "claude-opus-5-5", "max_tokens": 10, "messages": messages, "temperature": 0});
    let flaws = said(&line(&params), ApiVersion::default()).unwrap();
    let lines: Vec<String> = flaws.iter().map(|flaw| format!("{}: {}", flaw.rule, flaw.message)).collect();
    let ends = [&lines[..3], &lines[lines.len() - 3..]].concat().join("\n");
    assert_eq!(lines.len(), 22);
    assert_snapshot!(ends, @"
    sampling-parameters: API version 2026-10-21 refuses `temperature`, whatever its value
    tool-pairing: the call `call-0` has no `tool_result` in the next turn of the user
    empty-message: the text block is empty, and the API may refuse it
    url-media: the document is fetched when the request runs, up to 24 hours from now
    url-media: the document is fetched when the request runs, up to 24 hours from now
    assistant-document: this request has 19980 more flaws
    ");
}

#[test]
fn what_a_user_reads() {
    let params = json!({
        "model": "claude-opus-5-5", "max_tokens": 4000, "temperature": 0.2, "stream": true, "maxTokens": 5,
        "thinking": {"type": "disabled"},
        "tools": [{"name": "classify", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "tool", "name": "clasify"},
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://example.com/a"}}]},
            {"role": "tool", "content": "spam"},
        ],
    });
    let flaws = said(&line(&params), ApiVersion::default()).unwrap();
    let place = |flaw: &Flaw| match &flaw.at {
        Where::Key(path) | Where::Value(path) => path.to_string(),
        _ => String::new(),
    };
    let told = |flaw: &Flaw| {
        let (severity, help) = (flaw.rule.severity(), flaw.help.as_deref().unwrap_or_default());
        format!("{severity}[{}]: {}\n  at {}\n  = {help}", flaw.rule, flaw.message, place(flaw))
    };
    let text: Vec<String> = flaws.iter().map(told).collect();
    assert_snapshot!(text.join("\n"), @r#"
    error[stream]: `stream` is true: the API answers the request with an error
      at params.stream
      = remove `stream`: a batch returns whole replies
    error[unknown-parameter]: `maxTokens` is no parameter: the API answers "Extra inputs are not permitted"
      at params.maxTokens
      = did you mean `max_tokens`?
    error[sampling-parameters]: API version 2026-10-21 refuses `temperature`, whatever its value
      at params.temperature
      = remove it
    error[thinking-always-on]: `thinking` is disabled, but `claude-opus-5-5` always thinks, and bills it as output
      at params.thinking.type
      = remove `thinking`, or use a model that can do without
    error[forced-tool-choice]: `claude-opus-5-5` refuses a forced tool: `tool_choice` is `tool`
      at params.tool_choice.type
      = write {"type": "auto"} and ask for the tool in the prompt, or use `output_config` with a `format`
    error[unknown-tool-choice]: `tool_choice` names `clasify`, which is not in `tools`
      at params.tool_choice.name
      = its tools are `classify`
    warning[message-role]: the role `tool` was never seen to be accepted
      at params.messages[1].role
      = put a `tool_result` block into a message of the user
    note[cache-breakpoint-doubtful]: perhaps nothing is cached: the prefix has 15 or more tokens, and `claude-opus-5-5` caches from 512 on
      at params.system[0].cache_control
      = share a longer prefix to be sure
    note[cache-ttl-short]: the cache lives five minutes, and a batch often takes longer
      at params.system[0].cache_control
      = "ttl": "1h" raises the hit rate, but its writes cost 2 and not 1.25 times plain input
    note[url-media]: the image is fetched when the request runs, up to 24 hours from now
      at params.messages[0].content[0].source
      = keep the address valid for 24 hours, or upload the file and name its id
    "#);
}

#[test]
fn a_sound_request_costs_no_memory() {
    let params = json!({
        "model": "claude-haiku-5-5", "max_tokens": 10, "system": "Be brief.",
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "tool", "name": "f"},
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
    });
    let line = line(&params);
    let request = Request::parse(line.as_bytes()).unwrap();
    let book = PriceBook::bundled();
    let input = estimate(&request);
    let subject =
        Subject { request: &request, model: book.find(&request.model).ok(), input: &input, is_in_us: false };
    let circumstances =
        Circumstances { book, day: date(2026, 11, 21), api_version: ApiVersion::default(), betas: &[] };
    let memory = allocation_counter::measure(|| assert_eq!(inspect(&subject, &circumstances), []));
    assert_eq!(memory.count_total, 0);
}
