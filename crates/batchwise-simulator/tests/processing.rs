//! What becomes of a batch: its life, its rows, and what it costs.

mod support;

use serde_json::Value;
use support::{BATCHES, Stage, batch, head_with, request, requests};

/// The status of a batch and its counts: processing, succeeded, errored, canceled, expired.
fn state(batch: &Value) -> (String, [u64; 5]) {
    let count = |name: &str| batch["request_counts"][name].as_u64().unwrap();
    let counts = ["processing", "succeeded", "errored", "canceled", "expired"].map(count);
    (batch["processing_status"].as_str().unwrap().to_owned(), counts)
}

#[test]
fn counts_move_until_the_batch_ends() {
    let mut stage =
        Stage::new("[processing]\nseconds_min = 100\nseconds_max = 100\nseconds_per_thousand = 0");
    let id = stage.create(&requests(10));
    for (seconds, done) in [(0, 0), (9, 0), (10, 1), (55, 5), (99, 9)] {
        stage.now = "2026-11-21T08:00:00Z".parse().unwrap();
        stage.pass(seconds);
        assert_eq!(state(&stage.retrieve(&id)), ("in_progress".to_owned(), [10 - done, done, 0, 0, 0]));
    }
    stage.pass(1);
    let batch = stage.retrieve(&id);
    assert_eq!(state(&batch), ("ended".to_owned(), [0, 10, 0, 0, 0]));
    assert_eq!(batch["ended_at"], "2026-11-21T08:01:40.000000Z");
}

#[test]
fn counts_can_keep_still_until_the_end() {
    let mut stage = Stage::new("[processing]\nprogressive_counts = false");
    let id = stage.create(&requests(10));
    stage.pass(170);
    assert_eq!(state(&stage.retrieve(&id)).1, [10, 0, 0, 0, 0]);
    stage.pass(600);
    assert_eq!(state(&stage.retrieve(&id)).1, [0, 10, 0, 0, 0]);
}

#[test]
fn what_is_canceled_goes_on_for_a_while() {
    let mut stage =
        Stage::new("[processing]\nseconds_min = 100\nseconds_max = 100\nseconds_per_thousand = 0");
    let id = stage.create(&requests(10));
    stage.pass(30);
    let canceled = stage.call("POST", &format!("{BATCHES}/{id}/cancel"), "").json();
    assert_eq!(state(&canceled), ("canceling".to_owned(), [7, 3, 0, 0, 0]));
    assert_eq!(canceled["cancel_initiated_at"], "2026-11-21T08:00:30.000000Z");
    let said = stage.call("GET", &format!("{BATCHES}/{id}/results"), "");
    let expected = format!("404 not_found_error: Message Batch {id} has no available results.");
    assert_eq!(said.error(), expected);
    stage.pass(10);
    stage.call("POST", &format!("{BATCHES}/{id}/cancel"), "");
    stage.pass(15);
    let ended = stage.retrieve(&id);
    assert_eq!(state(&ended), ("ended".to_owned(), [0, 5, 0, 5, 0]));
    assert_eq!(ended["ended_at"], "2026-11-21T08:00:55.000000Z");
    let rows = stage.rows(&id);
    let canceled = rows.iter().filter(|row| row["result"] == serde_json::json!({"type": "canceled"}));
    assert_eq!((rows.len(), canceled.count()), (10, 5));
    let again = stage.call("POST", &format!("{BATCHES}/{id}/cancel"), "");
    assert_eq!(again.json(), ended);
}

#[test]
fn what_is_not_done_in_a_day_expires() {
    let mut stage = Stage::new("[processing]\nseconds_min = 172800\nseconds_max = 172800");
    let id = stage.create(&requests(10));
    stage.pass(86_399);
    assert_eq!(state(&stage.retrieve(&id)).0, "in_progress");
    stage.pass(1);
    assert_eq!(state(&stage.retrieve(&id)), ("ended".to_owned(), [0, 4, 0, 0, 6]));
    assert_eq!(stage.rows(&id).iter().filter(|row| row["result"]["type"] == "expired").count(), 6);
}

#[test]
fn results_can_be_fetched_for_29_days() {
    let mut stage = Stage::new("");
    let id = stage.create(&requests(2));
    stage.pass(29 * 86_400 - 1);
    assert_eq!(stage.rows(&id).len(), 2);
    stage.pass(1);
    let batch = stage.retrieve(&id);
    assert_eq!((&batch["results_url"], batch["archived_at"].is_string()), (&Value::Null, true));
    assert_eq!(stage.call("GET", &format!("{BATCHES}/{id}/results"), "").status, 404);
}

#[test]
fn only_what_has_ended_is_deleted() {
    let mut stage = Stage::new("");
    let id = stage.create(&requests(1));
    let target = format!("{BATCHES}/{id}");
    assert_eq!(
        stage.call("DELETE", &target, "").error(),
        "400 invalid_request_error: In progress batches cannot be deleted. Consider canceling the batch instead."
    );
    stage.pass(3_600);
    let deleted = stage.call("DELETE", &target, "");
    assert_eq!(deleted.text, format!(r#"{{"id":"{id}","type":"message_batch_deleted"}}"#));
    assert_eq!(stage.call("GET", &target, "").status, 404);
    assert_eq!(stage.call("GET", &format!("{target}/results"), "").status, 404);
    assert_eq!(stage.call("GET", BATCHES, "").json()["data"], serde_json::json!([]));
}

#[test]
fn rows_come_once_each_and_in_another_order() {
    let mut stage = Stage::new("");
    let id = stage.create(&requests(50));
    stage.pass(3_600);
    let rows = stage.rows(&id);
    let mut ids: Vec<String> = rows.iter().map(|row| row["custom_id"].as_str().unwrap().to_owned()).collect();
    let mut wanted: Vec<String> = (0..50).map(|index| format!("r{index}")).collect();
    assert_ne!(ids, wanted);
    ids.sort();
    wanted.sort();
    assert_eq!(ids, wanted);
}

/// The one row of a batch of this request, created in this version.
fn row_of(request: &str, version: &str) -> String {
    let mut stage = Stage::new("");
    let head = head_with("POST", BATCHES, &[("x-api-key", "k"), ("anthropic-version", version)]);
    let reply = stage.reply_to(&head, &batch(&[request.to_owned()]));
    let created: Value = serde_json::from_str(&reply.body.into_text()).unwrap();
    stage.pass(3_600);
    let id = created["id"].as_str().unwrap();
    stage.call("GET", &format!("{BATCHES}/{id}/results"), "").text
}

#[test]
fn rows_have_the_recorded_shape() {
    let id = |text: &str, prefix: &str| {
        let start = text.find(prefix).unwrap();
        text[start..].split('"').next().unwrap().to_owned()
    };
    let row = row_of(&request("ok-1", "").replace("500", "1"), "2026-10-21");
    insta::assert_snapshot!(row.replace(&id(&row, "msg_"), "msg_ID"), @r#"{"custom_id":"ok-1","result":{"type":"succeeded","message":{"id":"msg_ID","type":"message","role":"assistant","model":"claude-haiku-4-5-20251001","content":[{"type":"text","text":"A simulated reply."}],"stop_reason":"max_tokens","stop_sequence":null,"usage":{"input_tokens":14,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":1,"service_tier":"batch","inference_geo":"not_available"}}}}"#);
    let row =
        row_of(&request("bad", "").replace("claude-haiku-4-5", "claude-does-not-exist-9"), "2026-10-21");
    insta::assert_snapshot!(row, @r#"{"custom_id":"bad","result":{"type":"errored","error":{"type":"error","error":{"details":{"error_visibility":"user_facing"},"type":"not_found_error","message":"model: claude-does-not-exist-9"},"request_id":null}}}"#);
    let image = r#"[{"type":"image","source":{"type":"url","url":"https://example.org/a.png"}}]"#;
    let row = row_of(&request("i", "").replace(r#""How many legs has a spider?""#, image), "2026-10-21");
    insta::assert_snapshot!(row.replace(&id(&row, "workerreq_"), "workerreq_ID"), @r#"{"custom_id":"i","result":{"type":"errored","error":{"type":"error","error":{"details":{"error_visibility":"user_facing"},"type":"invalid_request_error","message":"Unable to download the file. Please verify the URL and try again."},"request_id":"workerreq_ID"}}}"#);
}

/// Checks the message of a row's error; an empty one for a row that succeeded.
#[track_caller]
fn check_row(request: &str, version: &str, expected: &str) {
    let row: Value = serde_json::from_str(&row_of(request, version)).unwrap();
    let error = &row["result"]["error"]["error"]["message"];
    assert_eq!(error.as_str().unwrap_or_default(), expected, "{request}");
}

#[test]
fn mistakes_in_params_become_errored_rows() {
    let new = "2026-10-21";
    let whole = |params: &str| format!(r#"{{"custom_id":"a","params":{params}}}"#);
    check_row(&whole(r#"{"model":"claude-haiku-4-5","max_tokens":5}"#), new, "messages: Field required");
    check_row(&whole("{}"), new, "model: Field required");
    check_row(
        &whole(r#"{"model":"claude-haiku-4-5","max_tokens":5,"messages":[]}"#),
        new,
        "messages: at least one message is required",
    );
    check_row(&request("a", r#","extra_body":{}"#), new, "extra_body: Extra inputs are not permitted");
    check_row(&request("a", r#","temperature":1"#), new, "temperature: Extra inputs are not permitted");
    check_row(&request("a", r#","temperature":1"#), "2023-06-01", "");
    check_row(
        &request("a", r#","stream":true"#),
        new,
        "\"stream=True\" is not supported in the Message Batches API",
    );
    check_row(&request("a", "").replace("500", "0"), new, "max_tokens: must be greater than or equal to 1");
    check_row(
        &request("a", "").replace("500", "9999999"),
        new,
        "max_tokens: 9999999 > 64000, which is the maximum allowed number of output tokens for claude-haiku-4-5-20251001",
    );
    check_row(
        &request(
            "a",
            r#","tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"does_not_exist"}"#,
        ),
        new,
        "Tool 'does_not_exist' not found in provided tools",
    );
    check_row(&request("a", "").replace("\"user\"", "7"), new, "simulator: `params.messages[0].role` is `7`");
}

/// A request whose system prompt is long and marked.
fn marked(id: &str, ttl: &str) -> String {
    let text = "Spiders have eight legs, insects have six. ".repeat(800);
    let control = format!(r#"{{"type":"ephemeral","ttl":"{ttl}"}}"#);
    request(id, &format!(r#","system":[{{"type":"text","text":"{text}","cache_control":{control}}}]"#))
}

/// Input, read, written for five minutes and for an hour, of each row in the order of processing.
fn usages(stage: &mut Stage, id: &str) -> Vec<[u64; 4]> {
    let usage = |row: &Value| {
        let usage = &row["result"]["message"]["usage"];
        let number = |field: &Value| field.as_u64().unwrap();
        let written = &usage["cache_creation"];
        [
            number(&usage["input_tokens"]),
            number(&usage["cache_read_input_tokens"]),
            number(&written["ephemeral_5m_input_tokens"]),
            number(&written["ephemeral_1h_input_tokens"]),
        ]
    };
    stage.rows(id).iter().map(usage).collect()
}

#[test]
fn a_marked_beginning_is_written_once_and_read_while_it_lives() {
    let mut stage = Stage::new("");
    let id = stage.create(&[marked("a", "1h"), marked("b", "1h"), marked("c", "1h")]);
    stage.pass(1_200);
    let first = usages(&mut stage, &id);
    let [rest, read, short, written] = first[0];
    assert!((read, short) == (0, 0) && written > 4_096 && rest > 0, "{first:?}");
    assert_eq!(first[1..], [[rest, written, 0, 0]; 2]);
    let id = stage.create(&[marked("d", "1h")]);
    stage.pass(3 * 3_600);
    assert_eq!(usages(&mut stage, &id), [[rest, written, 0, 0]], "another batch within the hour");
    let id = stage.create(&[marked("e", "5m")]);
    stage.pass(3_600);
    assert_eq!(usages(&mut stage, &id), [[rest, 0, written, 0]], "long after it");
}

#[test]
fn what_is_not_found_is_written_again() {
    let mut stage = Stage::new("[processing]\ncache_hit_percent = 0");
    let id = stage.create(&[marked("a", "5m"), marked("b", "5m")]);
    stage.pass(3_600);
    let rows = usages(&mut stage, &id);
    assert_eq!(rows[0], rows[1]);
    assert!(rows[0][1] == 0 && rows[0][2] > 0);
}
