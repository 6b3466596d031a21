//! Plan files are read as they were written, or refused with the field and the way out.

#[path = "common/any_plan.rs"]
mod any_plan;

use any_plan::any_plan;
use batchwise_plan::{Plan, PlanReadError};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Written by the program.
const STORED: &str = include_str!("data/plan-of-november-2026.json");

fn written(plan: &Plan) -> Vec<u8> {
    let mut bytes = Vec::new();
    plan.write_json(&mut bytes).unwrap();
    bytes
}

fn stored() -> Value {
    serde_json::from_str(STORED).unwrap()
}

fn read(value: &Value) -> Result<Plan, PlanReadError> {
    Plan::read(value.to_string().as_bytes())
}

/// What is said about the stored plan with one value replaced.
fn complaint(pointer: &str, value: Value) -> String {
    let mut plan = stored();
    *plan.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    read(&plan).unwrap_err().to_string()
}

#[test]
fn a_stored_plan_is_read_byte_for_byte() {
    let plan = Plan::read(STORED.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(written(&plan)).unwrap(), STORED);
    assert_eq!((plan.requests, plan.batches.len(), plan.models.len()), (18, 3, 5));
    let with_mark = [b"\xef\xbb\xbf", STORED.as_bytes()].concat();
    assert_eq!(Plan::read(&with_mark).as_ref(), Ok(&plan));
}

#[test]
fn a_plan_from_before_the_cache_was_analysed_is_read() {
    let older = Plan::read(include_bytes!("data/older-plan.json")).unwrap();
    assert_eq!((older.cache, older.waves), (None, Vec::new()));
    assert_eq!((older.api_version, older.betas), (None, Vec::new()));
    let plan = Plan::read(STORED.as_bytes()).unwrap();
    assert!(plan.cache.is_some());
    assert_eq!((older.batches, older.quote), (plan.batches, plan.quote));
}

/// Written by the program, with tags and tokens by kind.
const WITH_USAGE: &str = include_str!("data/plan-with-usage.json");

#[test]
fn tokens_by_kind_are_read_byte_for_byte_and_must_cost_what_is_quoted() {
    let plan = Plan::read(WITH_USAGE.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(written(&plan)).unwrap(), WITH_USAGE);
    assert_eq!(plan.tags["team"], "support");
    let line = &plan.batches[0].usage.as_ref().unwrap()[0];
    assert_eq!((line.requests, line.uncached["output"].to_string()), (120, "14400".to_owned()));

    let complaint = |pointer: &str, value: Value| {
        let mut plan: Value = serde_json::from_str(WITH_USAGE).unwrap();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        plan.pointer_mut(parent).unwrap()[key] = value;
        let error = read(&plan).unwrap_err().to_string();
        error.split(": the file was").next().unwrap().to_owned()
    };
    let line = |field: &str| format!("/batches/0/usage/0/{field}");
    let complaints = [
        complaint("/tags/team", json!(7)),
        complaint("/batches/1/usage", json!([])),
        complaint(&line("requests"), json!(119)),
        complaint(&line("model"), json!("claude-of-tomorrow")),
        complaint(&line("geo"), json!("us")),
        complaint(&line("prompt_tokens_over"), json!(100_000)),
        complaint(&line("uncached/input"), json!("1")),
        complaint(&line("cached/input"), json!("1.5")),
        complaint(&line("cached/input"), json!(1)),
        complaint(&line("cached/input"), json!("0.00001")),
        complaint(&line("cached/of_tomorrow"), json!("1")),
    ];
    assert_snapshot!(complaints.join("\n"), @r#"
    `tags.team` is 7 but must be a text
    `batches[1].usage` is of 0 requests but the number of requests with a price is 80
    `batches[0].usage` is of 119 requests but the number of requests with a price is 120
    `batches[0].usage` is given but it names a model, a price or a kind of token that no row of `rates` has
    `batches[0].usage` is given but it names a model, a price or a kind of token that no row of `rates` has
    `batches[0].usage` is given but it names a model, a price or a kind of token that no row of `rates` has
    `batches[0].quote.standard.likely` is 0.20575 but its tokens make it 0.072001
    `batches[0].quote.batch_cached.likely` is 0.102875 but its tokens make it 0.03600075
    `batches[0].usage[0].cached.input` is 1 but must be a number of tokens as a decimal text like "850.5"
    `batches[0].usage[0].cached.input` is "0.00001" but must be a number of tokens as a decimal text like "850.5"
    `batches[0].usage` is given but it names a model, a price or a kind of token that no row of `rates` has
    "#);

    let mut one_without: Value = serde_json::from_str(WITH_USAGE).unwrap();
    one_without["batches"][1].as_object_mut().unwrap().remove("usage");
    assert_snapshot!(read(&one_without).unwrap_err().to_string(), @"`batches[1].usage` is absent but other batches have it: the file was changed or damaged, so make the plan again");
}

/// Written by the program, with an expected reply and a hit rate.
const WITH_WHAT_IF: &str = include_str!("data/plan-with-what-if.json");

#[test]
fn what_other_terms_cost_is_told_by_the_same_tokens() {
    let plan = Plan::read(WITH_WHAT_IF.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(written(&plan)).unwrap(), WITH_WHAT_IF);
    let what_if = plan.what_if.unwrap();
    assert_eq!((what_if.output_tokens.as_deref(), what_if.cache.as_str()), (Some("300"), "12.5%"));

    let complaint = |field: &str, value: Value| {
        let mut plan: Value = serde_json::from_str(WITH_WHAT_IF).unwrap();
        *plan.pointer_mut(&format!("/what_if/{field}")).unwrap_or_else(|| panic!("{field}")) = value;
        let error = read(&plan).unwrap_err().to_string();
        error.split(": the file was").next().unwrap().to_owned()
    };
    let complaints = [
        complaint("lines", json!([])),
        complaint("lines/0/model", json!("claude-of-tomorrow")),
        complaint("lines/0/geo", json!("us")),
        complaint("lines/0/requests", json!(23)),
        complaint("lines/0/caps", json!([])),
        complaint("lines/0/caps/0/requests", json!(u64::MAX)),
        complaint("lines/0/caps/0/max_tokens", json!(299)),
        complaint(
            "lines/0/caps",
            json!([{ "max_tokens": 2000, "requests": 1 }, { "max_tokens": 300, "requests": 23 }]),
        ),
        complaint("lines/0/cold/input", json!(1)),
        complaint("lines/0/warm/cache_read", json!(u64::MAX)),
        complaint("lines/0/warm", json!({ "input": 152_762 })),
        complaint("output_tokens", json!("much")),
        complaint("output_tokens", json!("40%")),
        complaint("output_tokens", json!(null)),
        complaint("cache", json!("85%")),
        complaint("lines/0/cold/input", json!("1")),
    ];
    assert_snapshot!(complaints.join("\n"), @r#"
    `what_if.lines` is a list of 0 but the batches have requests of claude-sonnet-5-5 at prices that it lacks
    `what_if.lines[0].model` is claude-of-tomorrow but no batch has such requests, or another line tells them
    `what_if.lines[0].model` is claude-sonnet-5-5 but no batch has such requests, or another line tells them
    `what_if.lines[0].requests` is 23 but its batches make it 24
    `what_if.lines[0].caps` is of 0 requests but the line has 24
    `what_if.lines[0].caps` is of 18446744073709551615 requests but the line has 24
    `what_if.lines[0].caps` is of 7176 tokens but the uncached output of the batches is 7200
    `what_if.lines[0].caps` is out of order but each has to be above the last
    `what_if.lines[0].cold` is of 25513 tokens but the uncached input of the batches is 152762
    `what_if.lines[0].warm` is of 18446744073709678865 tokens but the uncached input of the batches is 152762
    `what_if.lines[0].warm` is with `cold`, 0 tokens but the cached cache_read of the batches is 3189
    `what_if.output_tokens` is much but it must be a number of tokens, a percentage like 40%, or null
    `what_if.lines[0].caps` is of 19200 tokens but the uncached output of the batches is 7200
    `what_if.lines[0].caps` is of 48000 tokens but the uncached output of the batches is 7200
    `what_if.lines[0].warm` is with `cold`, 21685.2 tokens but the cached cache_read of the batches is 3189
    `what_if.lines[0].cold.input` is "1" but must be a whole number from 0 on
    "#);
    for (field, value) in [("lines/0/caps", json!(null)), ("cache", json!("bounds"))] {
        let mut plan: Value = serde_json::from_str(WITH_WHAT_IF).unwrap();
        *plan.pointer_mut(&format!("/what_if/{field}")).unwrap() = value;
        assert!(read(&plan).is_ok(), "{field}");
    }
}

#[test]
fn waves_agree_with_the_batches() {
    assert_snapshot!(complaint("/waves/0/requests", json!(17)), @"`waves[0].requests` is 17 but its batches make it 18: the file was changed or damaged, so make the plan again");
    assert_snapshot!(complaint("/batches/1/wave", json!(2)), @"`batches[1].wave` is 2 but the batch before is in wave 0: the file was changed or damaged, so make the plan again");
    assert_snapshot!(complaint("/batches/1/slices/0/start", json!(6000)), @"`batches[1].slices[0].start` is 6000 but the slice before ends at 6303 of input 0: the file was changed or damaged, so make the plan again");
}

/// Whether the members of that name are data: their names are no fields.
fn is_map(name: &str) -> bool {
    ["rules", "scenarios"].contains(&name)
}

#[test]
fn what_a_later_program_adds_is_passed_over() {
    fn add(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.iter_mut().filter(|(key, _)| !is_map(key)).for_each(|(_, value)| add(value));
                members.insert("of_tomorrow".to_owned(), json!({ "low": [null, 1.5] }));
            }
            Value::Array(elements) => elements.iter_mut().for_each(add),
            _ => (),
        }
    }
    let mut plan = stored();
    add(&mut plan);
    assert_eq!(read(&plan), read(&stored()));
}

#[test]
fn every_field_is_relied_on() {
    fn check(whole: &Value, at: &str) {
        let members = whole.pointer(at).unwrap().as_object().unwrap();
        for key in members.keys().filter(|_| !is_map(at.rsplit('/').next().unwrap_or_default())) {
            let inner = format!("{at}/{key}");
            if ["/api_version", "/betas"].contains(&&inner[..]) {
                // Older plans have none.
                continue;
            }
            if ["/waves", "/cache"].contains(&&inner[..]) {
                // Older plans have none.
                check(whole, if inner == "/waves" { "/waves/0" } else { "/cache" });
                continue;
            }
            let mut plan = whole.clone();
            plan.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(key);
            let Err(error) = read(&plan) else { panic!("{at}/{key} is not missed") };
            if at.is_empty() && key == "schema" {
                continue;
            }
            assert!(matches!(error, PlanReadError::Missing { .. }), "{at}/{key}: {error}");
            let path = format!("{at}/{key}")[1..].replace('/', ".").replace(".0", "[0]");
            assert!(error.to_string().starts_with(&format!("`{path}` is missing")), "{at}/{key}: {error}");
            match whole.pointer(&inner).unwrap() {
                Value::Object(_) => check(whole, &inner),
                Value::Array(list) if list.first().is_some_and(Value::is_object) => {
                    check(whole, &format!("{inner}/0"));
                }
                _ => (),
            }
        }
    }
    check(&stored(), "");
}

#[test]
fn wrong_values_are_named_with_their_place() {
    let complaints = [
        complaint("/verdict", json!("fine")),
        complaint("/priced_on", json!("21 November")),
        complaint("/requests", json!(18.0)),
        complaint("/requests", json!(-18)),
        complaint("/price_book/sha256", json!("ABC")),
        complaint("/batches/1/quote/batch/low", json!(0.25)),
        complaint("/batches/1/quote/batch/low", json!("1e-3")),
        complaint("/batches/1/quote/batch/low", json!("-1")),
        complaint("/batches/1/quote/batch/low", json!("9".repeat(100))),
        complaint("/models/0/rates/0/usd_per_mtok/batch/input", json!("0")),
        complaint("/models/0/tokens/input", json!([1, 2, 3])),
        complaint("/models", json!({})),
        complaint("/tokens/input/low", json!(1_000_000_000)),
        complaint("/tokens/input/likely", json!(0)),
        complaint("/batches/2/index", json!(4_294_967_296_u64)),
        complaint("/savings/batch/percent_high", json!("50 %")),
    ];
    assert_snapshot!(complaints.join("\n"), @r#"
    `verdict` is "fine" but must be ok, refused or unusable: the file was changed or damaged, so make the plan again
    `priced_on` is "21 November" but must be a day like 2026-11-21: the file was changed or damaged, so make the plan again
    `requests` is 18.0 but must be a whole number from 0 on: the file was changed or damaged, so make the plan again
    `requests` is -18 but must be a whole number from 0 on: the file was changed or damaged, so make the plan again
    `price_book.sha256` is "ABC" but must be a SHA-256 of 64 lower-case hexadecimal digits: the file was changed or damaged, so make the plan again
    `batches[1].quote.batch.low` is 0.25 but must be US dollars as a decimal text like "12.5", with at most 28 digits: the file was changed or damaged, so make the plan again
    `batches[1].quote.batch.low` is "1e-3" but must be US dollars as a decimal text like "12.5", with at most 28 digits: the file was changed or damaged, so make the plan again
    `batches[1].quote.batch.low` is "-1" but must be no negative amount: the file was changed or damaged, so make the plan again
    `batches[1].quote.batch.low` is "99999999999999999999999999999999999999999999999999999999999… but must be US dollars as a decimal text like "12.5", with at most 28 digits: the file was changed or damaged, so make the plan again
    `models[0].rates[0].usd_per_mtok.batch.input` is "0" but must be a price: US dollars above zero as a decimal text like "0.5": the file was changed or damaged, so make the plan again
    `models[0].tokens.input` is an array but must be an object: the file was changed or damaged, so make the plan again
    `models` is an object but must be a list: the file was changed or damaged, so make the plan again
    `tokens.input.high` is 250162 but must be no less than `low`: the file was changed or damaged, so make the plan again
    `tokens.input.likely` is 0 but must be between `low` and `high`: the file was changed or damaged, so make the plan again
    `batches[2].index` is 4294967296 but must be a whole number below 2^32: the file was changed or damaged, so make the plan again
    `savings.batch.percent_high` is "50 %" but must be a percentage with one decimal, like "12.5": the file was changed or damaged, so make the plan again
    "#);
}

#[test]
fn contradictions_are_named() {
    let complaints = [
        complaint("/requests", json!(19)),
        complaint("/batches/0/requests", json!(u64::MAX)),
        complaint("/unpriced_requests", json!(2)),
        complaint("/left_out_lines", json!(0)),
        complaint("/quote", json!(null)),
        complaint("/quote/batch_bound", json!("0.1")),
        complaint("/quote/standard/low", json!("0")),
        complaint("/savings", json!(null)),
        complaint("/batches/1/index", json!(0)),
        complaint("/batches/1/slices", json!([])),
        complaint("/batches/1/slices/0/input", json!(7)),
        complaint("/batches/1/slices/0/start", json!(0)),
        complaint("/batches/1/slices/0/first_line", json!(0)),
        complaint("/batches/1/slices/0/end", json!(1)),
        complaint("/batches/1/slices/0/end", json!(999_999_999)),
        complaint("/left_out/0/input", json!(2)),
    ];
    assert_snapshot!(complaints.join("\n"), @"
    `requests` is 19 but its batches add up to 18: the file was changed or damaged, so make the plan again
    `requests` is 18 but its batches add up to 18446744073709551625: the file was changed or damaged, so make the plan again
    `unpriced_requests` is 2 but its batches add up to 1: the file was changed or damaged, so make the plan again
    `left_out_lines` is 0 but the runs of `left_out` add up to 5: the file was changed or damaged, so make the plan again
    `quote` is null but the number of requests with a price is 17: the file was changed or damaged, so make the plan again
    `quote.batch_bound` is 0.1 but those of its batches add up to 0.298629: the file was changed or damaged, so make the plan again
    `savings.batch.low` is 0.041781267 but the quote makes it -0.041781267: the file was changed or damaged, so make the plan again
    `savings` is null but there is a quote: the file was changed or damaged, so make the plan again
    `batches[1].index` is 0 but its place in the list is 1: the file was changed or damaged, so make the plan again
    `batches[1].slices` is empty but it has 8 requests: the file was changed or damaged, so make the plan again
    `batches[1].slices[0].input` is 7 but the number of inputs is 2: the file was changed or damaged, so make the plan again
    `batches[1].slices[0].start` is 0 but the slice before ends at 6303 of input 0: the file was changed or damaged, so make the plan again
    `batches[1].slices[0].first_line` is 0 but lines are counted from 1: the file was changed or damaged, so make the plan again
    `batches[1].slices[0].end` is 1 but the start is 6303: the file was changed or damaged, so make the plan again
    `batches[1].slices[0].end` is 999999999 but its input has 546934 bytes: the file was changed or damaged, so make the plan again
    `left_out[0].input` is 2 but the number of inputs is 2: the file was changed or damaged, so make the plan again
    ");
}

#[test]
fn what_is_no_plan_is_recognised() {
    let say = |bytes: &[u8]| Plan::read(bytes).unwrap_err().to_string();
    let request = r#"{"custom_id":"a","params":{"model":"m"}}"#;
    let complaints = [
        say(b""),
        say(b" \n"),
        say(b"\xff\xfe{\0}\0"),
        say(b"\xff"),
        say(&STORED.as_bytes()[..STORED.len() / 2]),
        say(b"{\"schema\": batchwise}"),
        say(request.as_bytes()),
        say(format!("{request}\n{request}\n").as_bytes()),
        say(br#"{"custom_id":"a","result":{}}"#),
        say(br#"{"requests":[]}"#),
        say(br#"{"schema":"batchwise.check/1"}"#),
        say(br#"{"schema":"batchwise.count/1"}"#),
        say(br#"{"schema":"batchwise.diff/1"}"#),
        say(br#"{"schema":"batchwise.prices-list/1"}"#),
        say(br#"{"schema":"batchwise.plan/2"}"#),
        say(br#"{"schema":"batchwise.plan/0"}"#),
        say(br#"{"schema":"batchwise.plan/1","schema":"batchwise.plan/1"}"#),
        say(br#"{"runs":[]}"#),
        say(b"{}"),
        say(b"[]"),
        say(b"null"),
        say("[".repeat(100_000).as_bytes()),
    ];
    assert_snapshot!(complaints.join("\n"), @r#"
    it is empty: give a complete file that `batchwise plan -o plan.json` wrote
    it is empty: give a complete file that `batchwise plan -o plan.json` wrote
    it is UTF-16, as some shells write what is redirected with `>`: give a complete file that `batchwise plan -o plan.json` wrote
    it is not UTF-8: give a complete file that `batchwise plan -o plan.json` wrote
    it ends in the middle, at line 404, column 25: give a complete file that `batchwise plan -o plan.json` wrote
    it is not JSON from line 1, column 12 on: give a complete file that `batchwise plan -o plan.json` wrote
    it is a file of requests, not a plan: make a plan of it first, with `batchwise plan FILE -o plan.json`
    it is a file of requests, not a plan: make a plan of it first, with `batchwise plan FILE -o plan.json`
    it is a file of results, not a plan: give a file that `batchwise plan -o plan.json` wrote
    it is the body of a batch, not a plan: give a file that `batchwise plan -o plan.json` wrote
    it is a check report, not a plan: give a file that `batchwise plan -o plan.json` wrote
    it is a count without prices, not a plan: give a file that `batchwise plan -o plan.json` wrote
    it is a difference of two plans, not a plan: give a file that `batchwise plan -o plan.json` wrote
    it is another report of batchwise, not a plan: give a file that `batchwise plan -o plan.json` wrote
    `schema` is "batchwise.plan/2", written by a newer version of batchwise: update batchwise, or make the plan again with this one, which writes "batchwise.plan/1"
    it is JSON of an unknown `schema`, not a plan: give a file that `batchwise plan -o plan.json` wrote
    `schema` occurs twice: the file was changed or damaged, so make the plan again
    it is a SARIF report, not a plan: give a file that `batchwise plan -o plan.json` wrote
    it is JSON without a `schema`, not a plan: give a file that `batchwise plan -o plan.json` wrote
    it is an array, not a plan: give a file that `batchwise plan -o plan.json` wrote
    it is null, not a plan: give a file that `batchwise plan -o plan.json` wrote
    it is not JSON from line 1, column 128 on: give a complete file that `batchwise plan -o plan.json` wrote
    "#);
}

#[test]
fn a_repeated_key_is_no_plan() {
    let twice = STORED.replacen("\"requests_max\"", "\"requests_max\": 1, \"requests_max\"", 1);
    assert_snapshot!(Plan::read(twice.as_bytes()).unwrap_err(), @"`limits.requests_max` occurs twice: the file was changed or damaged, so make the plan again");
}

proptest! {
    #[test]
    fn what_is_written_is_read(plan in any_plan()) {
        prop_assert_eq!(Plan::read(&written(&plan)), Ok(plan));
    }

    /// What was read is written as it was, whatever has happened to the file.
    #[test]
    fn a_damaged_file_is_refused_or_means_what_it_says(at in 0..STORED.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = STORED.as_bytes().to_vec();
        if cut { bytes.truncate(at) } else { bytes[at] = byte };
        if let Ok(plan) = Plan::read(&bytes) {
            prop_assert_eq!(Plan::read(&written(&plan)), Ok(plan));
        }
    }
}
