//! Every endpoint: what it answers, and how it refuses.

mod support;

use serde_json::Value;
use support::{BATCHES, Stage, batch, head, head_with, request, requests};

#[track_caller]
fn check_create(body: &str, expected: &str) {
    assert_eq!(Stage::new("").call("POST", BATCHES, body).error(), expected, "{body}");
}

#[test]
fn a_bad_frame_refuses_the_whole_batch() {
    let good = request("a", "");
    let params = r#"{"model":"m"}"#;
    let with_id = |id: &str| format!(r#"{{"requests":[{{"custom_id":{id},"params":{params}}}]}}"#);
    let field = |rest: &str| format!("400 invalid_request_error: requests.0.{rest}");
    check_create(
        r#"{"requests":[]}"#,
        "400 invalid_request_error: requests: List should have at least 1 item after validation, not 0",
    );
    check_create(&format!(r#"{{"requests":[{{"params":{params}}}]}}"#), &field("custom_id: Field required"));
    check_create(
        &with_id(&format!("\"{}\"", "a".repeat(65))),
        &field("custom_id: String should have at most 64 characters"),
    );
    for id in ["\"\"", "\"a b\"", "\"é\""] {
        let pattern = "custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'";
        check_create(&with_id(id), &field(pattern));
    }
    check_create(r#"{"requests":[{"custom_id":"a"}]}"#, &field("params: Field required"));
    check_create(
        &format!(r#"{{"requests":[{good},{{"custom_id":"b"}},{{}}]}}"#),
        "400 invalid_request_error: requests.1.params: Field required",
    );
    let twice = [request("dup", ""), request("b", ""), request("dup", "")];
    check_create(
        &batch(&twice),
        "400 invalid_request_error: requests: custom_id's must be unique within a batch. Duplicate custom_id found: dup",
    );
    check_create(
        r#"{"requests":[{"custom_id":"a","params":{},"body":{}}]}"#,
        &field("body: Extra inputs are not permitted"),
    );
    check_create(
        &format!(r#"{{"requests":[{good}],"name":"n"}}"#),
        "400 invalid_request_error: name: Extra inputs are not permitted",
    );
    check_create("{}", "400 invalid_request_error: requests: Field required");
    check_create(&with_id("7"), "400 invalid_request_error: simulator: requests.0.custom_id: not a string");
    check_create(
        r#"{"requests":[{"custom_id":"a","params":[]}]}"#,
        "400 invalid_request_error: simulator: requests.0.params: not an object",
    );
    check_create(r#"{"requests":[7]}"#, "400 invalid_request_error: simulator: requests.0: not an object");
    check_create(r#"{"requests":7}"#, "400 invalid_request_error: simulator: requests: not a list");
    for text in ["", "x", r#"{"requests":[{"custom_id":"#, r#"{"requests":[{"custom_id":tru}]}"#] {
        let error = Stage::new("").call("POST", BATCHES, text).error();
        assert!(
            error.starts_with("400 invalid_request_error: The request body is not valid JSON: "),
            "{error}"
        );
    }
}

#[test]
fn limits_are_those_of_the_account() {
    let three = batch(&requests(3));
    let body = three.len();
    let mut stage = Stage::new(&format!("[account]\nbody_bytes_max = {}", body - 1));
    let said = stage.call("POST", BATCHES, &three);
    let text = r#"{"error":{"message":"Request exceeds the maximum size","type":"request_too_large"}}"#;
    assert_eq!((said.status, said.text.as_str()), (413, text));
    let length = body.to_string();
    let announced = head_with("POST", BATCHES, &[("content-length", &length)]);
    assert_eq!(stage.reply_to(&announced, "").status, 413);
    let mut stage = Stage::new(&format!("[account]\nbody_bytes_max = {body}"));
    assert_eq!(stage.call("POST", BATCHES, &three).status, 200);

    let mut stage = Stage::new("[account]\nbatch_requests_max = 2");
    let expected = "400 invalid_request_error: simulator: requests: 3 requests, more than 2";
    assert_eq!(stage.call("POST", BATCHES, &three).error(), expected);

    let mut stage = Stage::new("[account]\nqueued_requests_max = 5");
    stage.create(&requests(3));
    let expected = "429 rate_limit_error: simulator: 3 requests are in the processing queue, which takes 5";
    assert_eq!(stage.call("POST", BATCHES, &three).error(), expected);
    stage.pass(3_600);
    stage.create(&requests(3));

    let mut stage = Stage::new("[account]\nrequests_per_minute = 2");
    let left = |stage: &mut Stage| {
        let reply = stage.reply("GET", BATCHES, "");
        let header = |name| reply.header(name).unwrap_or("-").to_owned();
        (reply.status, header("anthropic-ratelimit-requests-remaining"), header("retry-after"))
    };
    stage.pass(20);
    assert_eq!(left(&mut stage), (200, "1".to_owned(), "-".to_owned()));
    assert_eq!(left(&mut stage), (200, "0".to_owned(), "-".to_owned()));
    assert_eq!(left(&mut stage), (429, "0".to_owned(), "40".to_owned()));
    stage.pass(40);
    assert_eq!(left(&mut stage).0, 200);
}

#[track_caller]
fn check_head(headers: &[(&str, &str)], expected: Result<(), &str>) {
    let reply = Stage::new("").reply_to(&head_with("GET", BATCHES, headers), "");
    let (status, text) = (reply.status, reply.body.into_text());
    match expected {
        Ok(()) => assert_eq!(status, 200, "{text}"),
        Err(error) => assert_eq!(support::Said { status, text }.error(), error),
    }
}

#[test]
fn keys_and_versions_come_in_both_styles() {
    let (old, new) = (("anthropic-version", "2023-06-01"), ("anthropic-version", "2026-10-21"));
    let no_key = Err("401 authentication_error: API key is invalid.");
    let no_version =
        Err("400 invalid_request_error: simulator: anthropic-version: write 2026-10-21 or 2023-06-01");
    check_head(&[("x-api-key", "k"), old], Ok(()));
    check_head(&[("x-api-key", "k"), new], Ok(()));
    check_head(&[("authorization", "Bearer k"), new], Ok(()));
    check_head(&[("authorization", "Bearer k"), ("x-api-key", "k"), new], Ok(()));
    check_head(&[new], no_key);
    check_head(&[("x-api-key", ""), new], no_key);
    check_head(&[("authorization", "Basic k"), new], no_key);
    check_head(&[("authorization", "Bearer "), new], no_key);
    check_head(&[("x-api-key", "k")], no_version);
    check_head(&[("x-api-key", "k"), ("anthropic-version", "2024-01-01")], no_version);
}

#[test]
fn every_answer_has_the_headers_of_the_api() {
    let mut stage = Stage::new("");
    for (method, target) in
        [("GET", BATCHES), ("POST", BATCHES), ("GET", "/v1/nothing"), ("GET", "/v1/models")]
    {
        let reply = stage.reply(method, target, "");
        assert!(reply.header("request-id").unwrap().starts_with("req_01"));
        assert_eq!(reply.header("date"), Some("Sat, 21 Nov 2026 08:00:00 GMT"));
        assert_eq!(reply.header("anthropic-organization-id").unwrap().len(), 36);
        assert!(reply.header("anthropic-workspace-id").unwrap().starts_with("wrkspc_"));
        assert_eq!(reply.header("content-type"), Some("application/json"));
        let about_limits = reply.header("anthropic-ratelimit-requests-reset");
        assert_eq!(about_limits.is_some(), target == BATCHES, "{target}");
    }
    let reply = stage.reply("GET", "/v1/nothing", "");
    let id = reply.header("request-id").unwrap().to_owned();
    let body: Value = serde_json::from_str(&reply.body.into_text()).unwrap();
    assert_eq!((body["type"].as_str(), body["request_id"].as_str()), (Some("error"), Some(id.as_str())));
}

#[test]
fn a_batch_is_shown_with_all_its_fields() {
    let mut stage = Stage::new("");
    let head = head_with(
        "POST",
        BATCHES,
        &[("x-api-key", "k"), ("anthropic-version", "2023-06-01"), ("host", "127.0.0.1:9")],
    );
    let reply = stage.reply_to(&head, &batch(&requests(2)));
    assert_eq!(reply.header("retry-after"), None);
    let text = reply.body.into_text();
    let id = text[r#"{"id":""#.len()..].split('"').next().unwrap().to_owned();
    insta::assert_snapshot!(text.replace(&id, "msgbatch_ID"), @r#"{"id":"msgbatch_ID","type":"message_batch","processing_status":"in_progress","request_counts":{"processing":2,"succeeded":0,"errored":0,"canceled":0,"expired":0},"ended_at":null,"created_at":"2026-11-21T08:00:00.000000Z","expires_at":"2026-11-22T08:00:00.000000Z","archived_at":null,"cancel_initiated_at":null,"results_url":null}"#);
    let asked = stage.reply("GET", &format!("{BATCHES}/{id}"), "");
    assert_eq!((asked.status, asked.header("retry-after")), (200, Some("10")));
    stage.pass(3_600);
    let head = head_with(
        "GET",
        &format!("{BATCHES}/{id}?beta=true"),
        &[("x-api-key", "k"), ("anthropic-version", "2023-06-01"), ("host", "127.0.0.1:9")],
    );
    let reply = stage.reply_to(&head, "");
    assert_eq!(reply.header("retry-after"), None);
    let ended: Value = serde_json::from_str(&reply.body.into_text()).unwrap();
    assert_eq!(ended["processing_status"], "ended");
    assert_eq!(ended["results_url"], format!("http://127.0.0.1:9{BATCHES}/{id}/results"));
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut stage = Stage::new("");
    let missing = "404 not_found_error: Message Batch msgbatch_x not found.";
    for (method, end) in [("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/results")] {
        let said = stage.call(method, &format!("{BATCHES}/msgbatch_x{end}"), "");
        assert_eq!(said.error(), missing, "{method} {end}");
    }
    let nowhere = "404 not_found_error: simulator: nothing answers this method and path";
    for (method, target) in [("PUT", BATCHES), ("GET", "/v1/messages"), ("GET", "/"), ("PATCH", "/v1/models")]
    {
        assert_eq!(stage.call(method, target, "").error(), nowhere);
    }
}

#[test]
fn the_list_is_paged_from_the_newest() {
    let mut stage = Stage::new("");
    assert_eq!(
        stage.call("GET", BATCHES, "").text,
        r#"{"data":[],"has_more":false,"first_id":null,"last_id":null}"#
    );
    let ids: Vec<String> = (0..25).map(|_| stage.create(&requests(1))).collect();
    let mut seen = Vec::new();
    let mut target = BATCHES.to_owned();
    loop {
        let page = stage.call("GET", &target, "").json();
        let data = page["data"].as_array().unwrap();
        seen.extend(data.iter().map(|batch| batch["id"].as_str().unwrap().to_owned()));
        assert_eq!(page["first_id"], data[0]["id"]);
        assert_eq!(page["last_id"], data[data.len() - 1]["id"]);
        if !page["has_more"].as_bool().unwrap() {
            break;
        }
        assert_eq!(data.len(), 20);
        target = format!("{BATCHES}?after_id={}", page["last_id"].as_str().unwrap());
    }
    seen.reverse();
    assert_eq!(seen, ids);
}

#[test]
fn models_are_listed_and_shown() {
    let mut stage = Stage::new("");
    let page = stage.call("GET", "/v1/models?limit=2", "").json();
    assert_eq!((page["data"].as_array().unwrap().len(), page["has_more"].as_bool()), (2, Some(true)));
    let model = stage.call("GET", "/v1/models/claude-haiku-4-5", "").json();
    assert_eq!(model["id"], "claude-haiku-4-5-20251001");
    assert_eq!(model["capabilities"]["batch"]["supported"], true);
    assert_eq!(model["lifecycle"], "active");
    let missing = stage.call("GET", "/v1/models/claude-nobody", "");
    assert_eq!(missing.error(), "404 not_found_error: model: claude-nobody");
}

#[track_caller]
fn check_count(body: &str, expected: Result<u64, &str>) {
    let said = Stage::new("").call("POST", "/v1/messages/count_tokens", body);
    match expected {
        Ok(tokens) => assert_eq!(said.text, format!("{{\"input_tokens\":{tokens}}}")),
        Err(error) => assert_eq!(said.error(), error),
    }
}

#[test]
fn messages_are_counted() {
    let messages = r#""messages":[{"role":"user","content":"How many legs has a spider?"}]"#;
    check_count(&format!(r#"{{"model":"claude-haiku-4-5",{messages}}}"#), Ok(14));
    check_count(
        &format!(r#"{{"model":"claude-nobody",{messages}}}"#),
        Err("404 not_found_error: model: claude-nobody"),
    );
    check_count(&format!("{{{messages}}}"), Err("400 invalid_request_error: model: Field required"));
    check_count(
        &format!(r#"{{"model":"claude-haiku-4-5","max_tokens":5,{messages}}}"#),
        Err("400 invalid_request_error: max_tokens: Extra inputs are not permitted"),
    );
    check_count(
        r#"{"model":"claude-haiku-4-5","messages":[]}"#,
        Err("400 invalid_request_error: messages: at least one message is required"),
    );
    check_count("[]", Err("400 invalid_request_error: simulator: not an object"));
}

#[test]
fn equal_seeds_and_calls_give_equal_answers() {
    let run = |seed| {
        let mut stage = Stage::seeded("", seed);
        let id = stage.create(&requests(20));
        stage.pass(7_200);
        let again = stage.call("GET", &format!("{BATCHES}/{id}/results"), "").text;
        assert_eq!(again, stage.call("GET", &format!("{BATCHES}/{id}/results"), "").text);
        let list = stage.reply_to(&head("GET", BATCHES), "").body.into_text();
        list + &again
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
