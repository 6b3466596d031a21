//! What the user sees when something is wrong: each complaint names file, line, column, byte, field, value
//! and the way out, and none hides another.

mod common;

use common::{Folder, good, line};
use insta::assert_snapshot;

/// The complaints about a file in which `bad` stands between two good lines.
fn complaint(bad: impl AsRef<[u8]>) -> String {
    let text = [good("first").as_bytes(), bad.as_ref(), good("last").as_bytes()].join(&b"\n"[..]);
    let folder = Folder::with(text);
    let run = folder.run("plan requests.jsonl --as-of 2026-11-21 --tokenizer bytes --format json");
    assert_eq!(run.json()["requests"], 2, "the good lines are planned");
    assert_eq!(run.json()["left_out"][0]["first_line"], 2);
    run.complaint()
}

#[test]
fn text_that_is_not_json() {
    assert_snapshot!(complaint(r#"{"custom_id":"a","params":{"#), @r#"
    error[invalid-json]: the JSON ends too early: EOF while parsing an object
     --> requests.jsonl:2:27 (byte 174)
      |
    2 | …custom_id":"a","params":{
      |                          ^
      = help: write each request on one line of its own

    exit code 2
    "#);
    assert_snapshot!(complaint("{'custom_id':'a'}"), @"
    error[invalid-json]: not JSON: key must be a string
     --> requests.jsonl:2:2 (byte 149)
      |
    2 | {'custom_id':'a'}
      |  ^
      = help: each line must be one JSON object

    exit code 2
    ");
    assert_snapshot!(complaint(good("a") + &good("b")), @r#"
    error[invalid-json]: something follows the JSON object
     --> requests.jsonl:2:144 (byte 291)
      |
    2 | … legs has a spider?"}]}}{"custom_id":"b","params":{"model":"claude-sonnet-5-5","max_…
      |                          ^
      = help: write one request per line, with nothing behind it

    exit code 2
    "#);
    assert_snapshot!(complaint("[]"), @r#"
    error[not-an-object]: the line is an array, not an object
     --> requests.jsonl:2:1 (byte 148)
      |
    2 | []
      | ^^
      = help: write one `{"custom_id": …, "params": {…}}` per line

    exit code 2
    "#);
    assert_snapshot!(complaint(b"{\"custom_id\":\"caf\xE9\"}"), @r#"
    error[invalid-utf8]: byte 0xE9 is not UTF-8
     --> requests.jsonl:2:18 (byte 165)
      |
    2 | {"custom_id":"caf�"}
      |                  ^
      = help: save the file as UTF-8

    exit code 2
    "#);
    assert_snapshot!(complaint(r#"{"custom_id":"a\ud83d"}"#), @r#"
    error[invalid-json]: a \u escape is half a character: unexpected end of hex escape
     --> requests.jsonl:2:22 (byte 169)
      |
    2 | {"custom_id":"a\ud83d"}
      |                      ^
      = help: write the character itself, or both halves of the pair

    exit code 2
    "#);
    assert_snapshot!(complaint(format!(r#"{{"custom_id":"a","params":{}{}}}"#, "[".repeat(200), "]".repeat(200))), @"
    error[invalid-json]: the JSON is nested more than 128 levels deep
     --> requests.jsonl:2:153 (byte 300)
      |
    2 | …[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…
      |                          ^
      = help: flatten it; no request needs that depth

    exit code 2
    ");
}

#[test]
fn keys_that_are_missing_unknown_or_repeated() {
    assert_snapshot!(complaint("{}"), @"
    error[missing-key]: `custom_id` is missing
     --> requests.jsonl:2:1 (byte 148)
      |
    2 | {}
      | ^^
      = help: add `custom_id`

    error[missing-key]: `params` is missing
     --> requests.jsonl:2:1 (byte 148)
      |
    2 | {}
      | ^^
      = help: add `params`

    exit code 2
    ");
    assert_snapshot!(complaint(r#"{"custom_id":"a","method":"POST","url":"/v1/messages","body":{}}"#), @r#"
    error[unknown-key]: unknown key `method`
     --> requests.jsonl:2:18 (byte 165, method)
      |
    2 | {"custom_id":"a","method":"POST","url":"/v1/messages","body":{}}
      |                  ^^^^^^^^
      = help: this looks like another vendor's batch file; here the body of the request goes into `params`

    error[unknown-key]: unknown key `url`
     --> requests.jsonl:2:34 (byte 181, url)
      |
    2 | …id":"a","method":"POST","url":"/v1/messages","body":{}}
      |                          ^^^^^
      = help: this looks like another vendor's batch file; here the body of the request goes into `params`

    error[unknown-key]: unknown key `body`
     --> requests.jsonl:2:55 (byte 202, body)
      |
    2 | …T","url":"/v1/messages","body":{}}
      |                          ^^^^^^
      = help: this looks like another vendor's batch file; here the body of the request goes into `params`

    error[missing-key]: `params` is missing
     --> requests.jsonl:2:1 (byte 148)
      |
    2 | {"custom_id":"a","method":"POST","url":"/v1/messages","body"…
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: add `params`

    exit code 2
    "#);
    assert_snapshot!(complaint(r#"{"custom_id":"a","params":{"model":"claude-sonnet-5-5","model":"claude-opus-5-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}}"#), @r#"
    error[duplicate-key]: the key `model` occurs twice in one object
     --> requests.jsonl:2:56 (byte 203, params.model)
      |
    2 | …el":"claude-sonnet-5-5","model":"claude-opus-5-5","max_tokens":5,"messages":[{"role"…
      |                          ^^^^^^^
      = help: remove one: JSON readers disagree about which of them counts

    exit code 2
    "#);
}

#[test]
fn values_of_the_wrong_type() {
    assert_snapshot!(complaint(r#"{"custom_id":7,"params":{"model":true,"max_tokens":"1000","messages":"hi"}}"#), @r#"
    error[wrong-value]: `custom_id` is `7`
     --> requests.jsonl:2:14 (byte 161, custom_id)
      |
    2 | {"custom_id":7,"params":{"model":true,"max_tokens":"1000","messages":"hi"…
      |              ^
      = help: it must be a string

    error[wrong-value]: `params.model` is `true`
     --> requests.jsonl:2:34 (byte 181, params.model)
      |
    2 | …id":7,"params":{"model":true,"max_tokens":"1000","messages":"hi"}}
      |                          ^^^^
      = help: it must be a string

    error[wrong-value]: `params.max_tokens` is `"1000"`
     --> requests.jsonl:2:52 (byte 199, params.max_tokens)
      |
    2 | …odel":true,"max_tokens":"1000","messages":"hi"}}
      |                          ^^^^^^
      = help: it must be a whole number from 1 to 100000000

    error[wrong-value]: `params.messages` is `"hi"`
     --> requests.jsonl:2:70 (byte 217, params.messages)
      |
    2 | …kens":"1000","messages":"hi"}}
      |                          ^^^^
      = help: it must be an array of at least one message

    exit code 2
    "#);
    assert_snapshot!(complaint(line("a", "claude-sonnet-5-5", 0, "hi")), @r#"
    error[wrong-value]: `params.max_tokens` is 0, which a batch does not accept
     --> requests.jsonl:2:69 (byte 216, params.max_tokens)
      |
    2 | …onnet-5-5","max_tokens":0,"messages":[{"role":"user","content":"hi"}]}}
      |                          ^
      = help: use at least 1

    exit code 2
    "#);
    assert_snapshot!(complaint(r#"{"custom_id":"a","params":null}"#), @r#"
    error[wrong-value]: `params` is `null`
     --> requests.jsonl:2:27 (byte 174, params)
      |
    2 | …custom_id":"a","params":null}
      |                          ^^^^
      = help: it must be an object with `model`, `max_tokens` and `messages`

    exit code 2
    "#);
}

#[test]
fn ids_the_api_refuses() {
    assert_snapshot!(complaint(good("a b")), @r#"
    error[custom-id-pattern]: `custom_id` holds ' '
     --> requests.jsonl:2:14 (byte 161, custom_id)
      |
    2 | {"custom_id":"a b","params":{"model":"claude-sonnet-5-5","max_tokens":100…
      |              ^^^^^
      = help: use only letters a-z A-Z, digits, `_` and `-`

    exit code 1
    "#);
    assert_snapshot!(complaint(good("")), @r#"
    error[custom-id-length]: `custom_id` is empty
     --> requests.jsonl:2:14 (byte 161, custom_id)
      |
    2 | {"custom_id":"","params":{"model":"claude-sonnet-5-5","max_tokens":1000,"…
      |              ^^
      = help: use 1 to 64 characters

    exit code 1
    "#);
    assert_snapshot!(complaint(good(&"x".repeat(65))), @r#"
    error[custom-id-length]: `custom_id` has 65 characters, 64 are allowed
     --> requests.jsonl:2:14 (byte 161, custom_id)
      |
    2 | {"custom_id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: shorten it to 1 to 64 characters

    exit code 1
    "#);
    assert_snapshot!(complaint(good("first")), @r#"
    error[duplicate-custom-id]: `first` names two requests; requests.jsonl:1 is the first
     --> requests.jsonl:2:14 (byte 161, custom_id)
      |
    2 | {"custom_id":"first","params":{"model":"claude-sonnet-5-5","max_tokens":1…
      |              ^^^^^^^
     ::: requests.jsonl:1 first used here
      = help: results come back by `custom_id`, so each must be unique in the workload

    exit code 1
    "#);
}

#[test]
fn ids_cannot_forge_output() {
    let seen = complaint(r#"{"custom_id":"a\u001b[31m\n::error::b","params":{},"\u001b]0;owned\u0007":1}"#);
    assert!(!seen.contains('\u{1b}') && !seen.contains('\u{7}'), "{seen:?}");
    let seen = complaint("{\"custom_id\":\"\u{202e}evil\x1b[2J\"}");
    assert!(!seen.contains('\u{1b}') && !seen.contains('\u{202e}'), "{seen:?}");
}

#[test]
fn models_without_a_price() {
    let run = |model: &str| {
        let folder = Folder::with(line("a", model, 10, "hi"));
        folder.run("plan requests.jsonl --as-of 2026-11-21 --tokenizer bytes --format json").complaint()
    };
    assert_snapshot!(run("claude-sonet-5-5"), @r#"
    error[unpriced]: no price is known for the model `claude-sonet-5-5`; did you mean `claude-sonnet-5-5`?
     --> requests.jsonl:1:36 (byte 35, params.model)
      |
    1 | …":"a","params":{"model":"claude-sonet-5-5","max_tokens":10,"messages":[{"role":"user…
      |                          ^^^^^^^^^^^^^^^^^^
      = help: correct it, give a price with --pricing, or plan without it with --allow-unpriced

    exit code 2
    "#);
    assert_snapshot!(run("eu.anthropic.claude-sonnet-5-5"), @r#"
    error[unpriced]: `eu.anthropic.claude-sonnet-5-5` is an id of Amazon Bedrock, which has its own batch format and prices: the Message Batches API takes the plain id, such as `claude-sonnet-5-5`
     --> requests.jsonl:1:36 (byte 35, params.model)
      |
    1 | …":"a","params":{"model":"eu.anthropic.claude-sonnet-5-5","max_tokens":10,"messages":…
      |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: correct it, give a price with --pricing, or plan without it with --allow-unpriced

    exit code 2
    "#);
    assert_snapshot!(run(""), @r#"
    error[unpriced]: no price is known for the model ``; an overlay can add it
     --> requests.jsonl:1:36 (byte 35, params.model)
      |
    1 | …":"a","params":{"model":"","max_tokens":10,"messages":[{"role":"user","content":"hi"…
      |                          ^^
      = help: correct it, give a price with --pricing, or plan without it with --allow-unpriced

    exit code 2
    "#);
    let folder = Folder::with(line("a", "claude-haiku-5-5", 10, "hi"));
    let early = folder.run("plan requests.jsonl --as-of 2026-10-06 --tokenizer bytes --format json");
    assert_snapshot!(early.complaint(), @r#"
    error[unpriced]: `claude-haiku-5-5` has no price on 2026-10-06: its first is from 2026-10-07
     --> requests.jsonl:1:36 (byte 35, params.model)
      |
    1 | …":"a","params":{"model":"claude-haiku-5-5","max_tokens":10,"messages":[{"role":"user…
      |                          ^^^^^^^^^^^^^^^^^^
      = help: correct it, give a price with --pricing, or plan without it with --allow-unpriced

    exit code 2
    "#);
}

#[test]
fn the_first_twenty_are_drawn_and_the_rest_is_counted() {
    let folder = Folder::with("[]\n".repeat(25) + &good("a"));
    let run = folder.run("plan requests.jsonl --as-of 2026-11-21 --tokenizer bytes --format json");
    assert_eq!(run.stderr.matches("--> requests.jsonl").count(), 20);
    assert!(run.stderr.ends_with("error[not-an-object]: … and 5 more; -v shows all\n\n"), "{}", run.stderr);
    assert_eq!(run.json()["findings"]["error"], 25);
    assert_eq!(run.code, 2);
    let all = folder.run("plan requests.jsonl --as-of 2026-11-21 --tokenizer bytes --format json -v");
    assert_eq!(all.stderr.matches("error[not-an-object]").count(), 25);
}

#[test]
fn inputs_that_cannot_be_read() {
    let folder = Folder::new().file("empty.jsonl", "").file("a.jsonl", good("a"));
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let seen = |arguments: &str| folder.run(arguments).complaint();
    assert_snapshot!(seen("plan absent.jsonl"), @"
    error: cannot open absent.jsonl: No such file or directory (os error 2)
    exit code 2
    ");
    assert_snapshot!(seen("plan folder"), @"
    error: folder is a directory: name the JSONL files in it
    exit code 2
    ");
    assert_snapshot!(seen("plan - -"), @"
    error: `-` (standard input) can be given only once
    exit code 2
    ");
    assert_snapshot!(seen("plan empty.jsonl --as-of 2026-11-21 --format json"), @"
    error[no-requests]: there is no request in empty.jsonl
       = help: the API refuses an empty batch; write one request per line

    exit code 2
    ");
    assert_snapshot!(seen("plan a.jsonl -o a.jsonl"), @"
    error: the output a.jsonl is also an input: choose another name, or the input would be lost
    exit code 2
    ");
    assert_snapshot!(seen("plan a.jsonl -o absent/plan.json"), @"
    error: cannot write absent/plan.json: there is no folder absent
    exit code 2
    ");
    assert_snapshot!(seen("plan a.jsonl -o folder"), @"
    error: cannot write folder: is a directory
    exit code 2
    ");
    assert_snapshot!(seen("plan a.jsonl --pricing absent.toml"), @"
    error: cannot read the price book absent.toml: No such file or directory (os error 2)
    exit code 2
    ");
    assert_eq!(folder.names(), ["a.jsonl", "empty.jsonl", "folder"], "nothing is left behind");
    assert_eq!(folder.read("a.jsonl"), good("a"), "no input is overwritten");
}

#[test]
fn arguments_that_make_no_sense() {
    let folder = Folder::with(good("a"));
    let seen = |arguments: &str| {
        let run = folder.run(&format!("plan requests.jsonl {arguments}"));
        let first = run.stderr.lines().next().unwrap_or_default().to_owned();
        format!("{first} -> {}", run.code)
    };
    assert_snapshot!(seen("--output-tokens 120%"), @"error: invalid value '120%' for '--output-tokens <N|P%>': `120%` is not a percentage: write a number from 0% to 100% with at most two decimals, like 85% or 12.5% -> 2");
    assert_snapshot!(seen("--output-tokens some"), @"error: invalid value 'some' for '--output-tokens <N|P%>': write a number of tokens per reply, like 300, or a share of `max_tokens`, like 40% -> 2");
    assert_snapshot!(seen("--cache warm"), @"error: invalid value 'warm' for '--cache <none|cold|N%|best|primed>': write none, cold, best, primed, or a hit rate like 85% -> 2");
    assert_snapshot!(seen("--as-of 2026-02-30"), @"error: invalid value '2026-02-30' for '--as-of <DATE>': write a day as YEAR-MONTH-DAY, like 2026-11-21 -> 2");
    assert_snapshot!(seen("--max-bytes 1GB"), @"error: invalid value '1GB' for '--max-bytes <SIZE>': no batch can be larger than 256MiB (268435456 bytes) -> 2");
    assert_snapshot!(seen("--max-requests 100001"), @"error: invalid value '100001' for '--max-requests <N>': the API takes 1 to 100000 requests per batch -> 2");
    assert_snapshot!(seen("--max-usd -5"), @"error: unexpected argument '-5' found -> 2");
    assert_snapshot!(seen("--max-usd 0"), @"error: invalid value '0' for '--max-usd <USD>': a budget of nothing lets no request through -> 2");
    assert_snapshot!(seen("--geo eu"), @"error: invalid value 'eu' for '--geo <GEO>' -> 2");
}
