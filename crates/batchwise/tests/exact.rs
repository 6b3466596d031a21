//! `--exact` as a user runs it, against a server on this machine.

mod common;
#[path = "../../batchwise-api/tests/support/mod.rs"]
mod support;

use common::{Folder, Run, line};
use insta::assert_snapshot;
use serde_json::Value;
use support::{Asked, Reply, Server};

const KEY: &str = "sk-ant-very-secret";

/// Two hundred requests of about 100 to 600 tokens by the `bytes` estimator.
fn requests() -> String {
    let prose = |number: usize| {
        format!("{number}: {}", "How many legs has a spider, and why? ".repeat(10 + number * 7 % 50))
    };
    let request = |number| line(&format!("r-{number}"), "claude-sonnet-5-5", 100, &prose(number));
    (0..200).map(request).collect::<Vec<_>>().join("\n")
}

/// How many tokens there "really" are: a fourth of the letters, and a few more.
fn real(body: &str) -> u64 {
    let body: Value = serde_json::from_str(body).unwrap();
    let text = body["messages"][0]["content"].as_str().unwrap();
    text.len() as u64 / 4 + 9
}

fn real_of_line(line: &str) -> u64 {
    let line: Value = serde_json::from_str(line).unwrap();
    real(&line["params"].to_string())
}

fn counts(_: usize, asked: &Asked) -> Reply {
    Reply::count(real(&asked.body))
}

fn folder() -> Folder {
    Folder::with(requests())
}

/// Runs with a key, and with counts kept in the folder `counts`.
fn run(folder: &Folder, server: &Server, arguments: &str) -> Run {
    let place = format!("--base-url {} --exact-cache counts --as-of 2026-11-21", server.url);
    let output =
        folder.command(&format!("{arguments} {place}")).env("ANTHROPIC_API_KEY", KEY).output().unwrap();
    let run = Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    };
    let kept = std::fs::read_to_string(folder.path().join("counts/count-tokens.jsonl")).unwrap_or_default();
    for text in [&run.stdout, &run.stderr, &kept] {
        assert!(!text.contains(KEY), "{text}");
    }
    assert!(!kept.contains("spider"), "{kept}");
    run
}

const SAMPLE: &str = "plan requests.jsonl --tokenizer bytes --format json --exact sample=40,rate=100000";

fn input_ends(plan: &Value) -> [u64; 3] {
    ["low", "likely", "high"].map(|end| plan["tokens"]["input"][end].as_u64().unwrap())
}

/// A screen in which the server's port and the day of the run are always the same.
fn steady(text: &str, server: &Server) -> String {
    let days = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    text.replace(&server.url, "http://127.0.0.1:PORT").replace(&format!("on {days}"), "on TODAY")
}

fn assumptions(plan: &Value) -> String {
    let all = plan["assumptions"].as_array().unwrap().iter();
    let about_input = all.filter(|assumption| assumption["key"].as_str().unwrap().starts_with("input-"));
    let text = |assumption: &Value, key: &str| assumption[key].as_str().unwrap().to_owned();
    let told = about_input.map(|assumption| {
        [text(assumption, "key"), text(assumption, "value"), text(assumption, "source")].join("\n  ")
    });
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sample_corrects_the_whole_plan_and_says_so() {
    let (folder, server) = (folder(), Server::start(counts));
    let plain = folder.run("plan requests.jsonl --tokenizer bytes --format json --as-of 2026-11-21").json();
    let exact = run(&folder, &server, SAMPLE);
    assert_eq!((exact.code, server.asked().len()), (0, 40));
    let plan = exact.json();
    let truth: u64 = requests().lines().map(real_of_line).sum();
    let ([low, likely, high], [plain_low, _, plain_high]) = (input_ends(&plan), input_ends(&plain));
    assert!(low <= truth && truth <= high, "{low} {truth} {high}");
    assert!(likely.abs_diff(truth) * 50 < truth, "{likely} {truth}");
    assert!((high - low) * 4 < plain_high - plain_low, "{low}..{high} {plain_low}..{plain_high}");
    assert_snapshot!(steady(&exact.stderr, &server), @"
    note: 40 of 200 requests are counted at http://127.0.0.1:PORT/v1/messages/count_tokens, which is free
    note: 40 requests counted: 40 now, 0 known before
    ");
    assert_snapshot!(steady(&assumptions(&plan), &server), @"
    input-tokens
      estimated by `bytes` times the ratio 0.7119 (95 %: 0.6957 to 0.7304) from 40 of 200 requests counted on TODAY; low and high of a request hold for 95 % of those not counted, and are no bound
      http://127.0.0.1:PORT/v1/messages/count_tokens, version 2026-10-21
    input-tokens-sampled
      all requests together have 65,841 input tokens, at 95 % confidence 64,351 to 67,555
      stratified ratio estimate, docs/exact.md
    input-tokens-ratio
      `claude-sonnet-5-5` text, 100 to 1,000 tokens: 0.7119 (95 %: 0.6957 to 0.7304) from 40 of 200
      stratified ratio estimate, docs/exact.md
    input-tokens-counting
      what count_tokens says is taken for what is billed; it calls itself an estimate that may differ by a small amount
      https://platform.claude.com/docs/en/build-with-claude/token-counting, read 2026-08-22
    ");
}

#[test]
fn a_request_is_sent_as_the_endpoint_wants_it() {
    let (folder, server) = (folder(), Server::start(counts));
    run(&folder, &server, &format!("{SAMPLE} --beta some-beta-2026-01-01"));
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /v1/messages/count_tokens HTTP/1.1");
    assert_eq!(asked.header("x-api-key"), Some(KEY));
    assert_eq!(asked.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(asked.header("anthropic-beta"), Some("some-beta-2026-01-01"));
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["messages", "model"]);
}

#[test]
fn a_second_run_sends_nothing_and_says_the_same() {
    let (folder, server) = (folder(), Server::start(counts));
    let first = run(&folder, &server, SAMPLE);
    let second = run(&folder, &server, &format!("{SAMPLE} --threads 1"));
    assert_eq!((second.code, server.asked().len()), (0, 40));
    assert_eq!(first.stdout, second.stdout);
    assert!(second.stderr.contains("40 requests counted: 0 now, 40 known before"), "{}", second.stderr);
    run(&folder, &server, &format!("{SAMPLE} --api-version 2023-06-01"));
    assert_eq!(server.asked().len(), 80, "another version may count otherwise");
}

#[test]
fn a_sample_of_all_is_exact() {
    let (folder, server) = (folder(), Server::start(counts));
    let arguments = "estimate requests.jsonl --format jsonl --exact sample=500,rate=100000";
    let exact = run(&folder, &server, arguments);
    assert_eq!((exact.code, server.asked().len()), (0, 200));
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/schemas/estimate.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (row, request) in exact.stdout.lines().zip(requests().lines()) {
        let (row, real): (Value, u64) = (serde_json::from_str(row).unwrap(), real_of_line(request));
        assert_eq!(row["method"], "claude+exact");
        assert_eq!(row["input"], serde_json::json!({"low": real, "likely": real, "high": real}));
        assert!(schema.is_valid(&row));
    }
}

#[test]
fn counts_are_corrected_as_well() {
    let (folder, server) = (folder(), Server::start(counts));
    let arguments = "count requests.jsonl --tokenizer bytes --exact sample=200,rate=100000";
    let place = format!("--base-url {} --exact-cache counts", server.url);
    let total = |format: &str| {
        let mut command = folder.command(&format!("{arguments} {place} --format {format}"));
        let output = command.env("ANTHROPIC_API_KEY", KEY).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    let count: Value = serde_json::from_str(&total("json")).unwrap();
    let truth: u64 = requests().lines().map(real_of_line).sum();
    assert_eq!(count["method"], "bytes+exact");
    assert_eq!(count["total"]["tokens"], serde_json::json!({"low": truth, "likely": truth, "high": truth}));
    assert!(assumptions(&count).contains("200 of 200 requests counted"));
    total("human");
    assert_eq!(server.asked().len(), 200);
    let texts = folder.command("count --text requests.jsonl --exact sample=9").output().unwrap();
    assert_eq!(texts.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(texts.stderr).unwrap(),
        "error: --exact counts requests, not texts: leave out --text\n"
    );
}

#[test]
fn several_inputs_are_one_workload() {
    let lines = requests();
    let half = lines.match_indices('\n').nth(99).unwrap().0;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, &lines.as_bytes()[half + 1..]).unwrap();
    let whole = Folder::with(&lines).file("a.jsonl", &lines[..half]).file("b.gz", gzip.finish().unwrap());
    let server = Server::start(counts);
    let [one, two] = ["requests.jsonl", "a.jsonl b.gz"].map(|files| {
        let plan = run(&whole, &server, &SAMPLE.replace("requests.jsonl", files)).json();
        (input_ends(&plan), assumptions(&plan))
    });
    assert_eq!(one, two, "the sample is the same, wherever the requests are");
    assert_eq!(server.asked().len(), 40);
}

#[test]
fn what_may_pass_is_waited_for() {
    let faults = |before: usize, asked: &Asked| match before {
        0 => Reply::again(429),
        1 => Reply::again(529),
        2 => Reply::again(500),
        5 => Reply::HangUp,
        9 => Reply::HalfAnAnswer,
        _ => counts(before, asked),
    };
    let (folder, server) = (folder(), Server::start(faults));
    let exact = run(&folder, &server, SAMPLE);
    assert_eq!((exact.code, server.asked().len()), (0, 45), "{}", exact.stderr);
}

#[test]
fn a_refused_request_is_left_out_of_the_sample() {
    let picky = |before: usize, asked: &Asked| match before {
        3 => Reply::error(400, "invalid_request_error", "messages.0: what is this?"),
        _ => counts(before, asked),
    };
    let (folder, server) = (folder(), Server::start(picky));
    let exact = run(&folder, &server, SAMPLE);
    assert_eq!(exact.code, 0);
    assert_eq!(exact.json()["requests"], 200, "it stays in the plan");
    assert_snapshot!(steady(&exact.stderr, &server), @"
    note: 40 of 200 requests are counted at http://127.0.0.1:PORT/v1/messages/count_tokens, which is free
    warning: requests.jsonl:21 `r-20` is left out of the sample: the API refuses the request: 400 invalid_request_error: messages.0: what is this? (req_1)
    note: 39 requests counted: 39 now, 0 known before; 1 refused and left out of the sample
    ");
    assert!(assumptions(&exact.json()).contains("1 request of the sample was refused"));
}

/// A run that cannot go on: exit code 2, no output, and these words.
#[track_caller]
fn check_failure(reply: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static, asked: usize, words: &str) {
    let (folder, server) = (folder(), Server::start(reply));
    let exact = run(&folder, &server, &format!("{SAMPLE} -o plan.json"));
    assert_eq!((exact.code, exact.stdout.as_str()), (2, ""), "{}", exact.stderr);
    assert!(exact.stderr.contains(words), "{}", exact.stderr);
    assert_eq!(server.asked().len(), asked);
    assert_eq!(folder.names(), ["counts", "requests.jsonl"], "nothing half-written is left");
}

#[test]
fn what_cannot_pass_ends_the_run() {
    check_failure(
        |_, asked| {
            Reply::error(401, "authentication_error", &format!("no {}", asked.header("x-api-key").unwrap()))
        },
        1,
        "the API refuses all requests: 401 authentication_error: no [key] (req_1)",
    );
    check_failure(
        |_, _| Reply::error(403, "permission_error", "not yours"),
        1,
        "403 permission_error: not yours",
    );
    check_failure(
        |before, asked| match before {
            0..7 => counts(before, asked),
            _ => Reply::error(402, "billing_error", "pay"),
        },
        8,
        "7 counts are kept, so that the next run goes on from there",
    );
    check_failure(
        |_, _| Reply::Answer(307, vec![("location", "https://example.org/".to_owned())], String::new()),
        1,
        "the server answers 307, a redirect, which the key must not follow",
    );
    check_failure(|_, _| Reply::again(529), 6, "the API failed 6 times");
    check_failure(
        |_, _| Reply::Answer(200, vec![("retry-after", "0".to_owned())], "<html>".to_owned()),
        6,
        "something that is not a token count: is it the API?",
    );
    check_failure(
        |_, _| Reply::error(400, "invalid_request_error", "no"),
        20,
        "not one of 20 requests of the sample could be counted",
    );
}

#[test]
fn an_interrupted_run_goes_on_where_it_was() {
    let twice = std::sync::atomic::AtomicUsize::new(0);
    let failing_once = move |before: usize, asked: &Asked| match before {
        7 => Reply::error(403, "permission_error", "come back"),
        _ => {
            twice.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            counts(before, asked)
        }
    };
    let (folder, server) = (folder(), Server::start(failing_once));
    assert_eq!(run(&folder, &server, SAMPLE).code, 2);
    let counts = folder.path().join("counts/count-tokens.jsonl");
    let kept = std::fs::read(&counts).unwrap();
    std::fs::write(&counts, &kept[..kept.len() - 5]).unwrap(); // and the last line is torn
    assert_eq!(run(&folder, &server, SAMPLE).code, 0);
    assert_eq!(server.asked().len(), 7 + 1 + 34);
}

#[test]
fn what_is_missing_is_said_before_anything_is_sent() {
    let folder = folder();
    let complaint = |arguments: &str, key: Option<&str>, base: &str| {
        let mut command = folder.command(&format!("plan {arguments}"));
        command.env("ANTHROPIC_BASE_URL", base).stdin(std::process::Stdio::null());
        if let Some(key) = key {
            command.env("ANTHROPIC_API_KEY", key);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let here = "http://127.0.0.1:1";
    let exact = "requests.jsonl --exact sample=9 --exact-cache counts";
    let all = [
        complaint(exact, None, here),
        complaint(exact, Some("sk-\n-secret"), here),
        complaint(exact, Some(KEY), "http://example.org"),
        complaint(&format!("{exact} --base-url https://u:p@example.org"), Some(KEY), here),
        complaint("- --exact sample=9", Some(KEY), here),
        complaint("/dev/null --exact sample=9", Some(KEY), here),
        complaint("missing.jsonl --exact sample=9 --exact-cache counts", Some(KEY), here),
        complaint("requests.jsonl --exact-cache requests.jsonl --exact sample=9", Some(KEY), here),
    ];
    assert!(!all.concat().contains("secret"));
    assert_snapshot!(all.concat(), @"
    error: there is no API key: put it into the environment variable ANTHROPIC_API_KEY, or the name of a file that holds it into ANTHROPIC_API_KEY_FILE
    error: cannot use the API key: the API key holds a space, a line break or a character that is not ASCII: copy it again
    error: cannot use the base URL of ANTHROPIC_BASE_URL: over http:// your key could be read on its way: use https:// (http is only for this machine itself)
    error: cannot use the base URL of --base-url: it holds more than scheme, host, port and path
    error: --exact reads its input three times, which standard input does not allow: save it to a file first
    error: --exact reads its input three times, which /dev/null does not allow: save it to a file first
    error: cannot open missing.jsonl: No such file or directory (os error 2)
    error: cannot keep counts in requests.jsonl: File exists (os error 17)
    ");
}

#[test]
fn without_exact_no_connection_is_opened() {
    let (folder, server) = (folder(), Server::start(counts));
    for command in ["plan", "estimate"] {
        let mut command = folder.command(&format!("{command} requests.jsonl --tokenizer bytes"));
        command.env("ANTHROPIC_API_KEY", KEY).env("ANTHROPIC_BASE_URL", &server.url);
        command.env("HTTPS_PROXY", &server.url).env("HTTP_PROXY", &server.url).env("HOME", folder.path());
        assert!(command.output().unwrap().status.success());
    }
    assert!(server.asked().is_empty());
    assert_eq!(folder.names(), ["requests.jsonl"]);
    let run = folder.run("plan requests.jsonl --base-url https://example.org");
    assert_eq!(run.code, 2, "a base URL alone means nothing");
}

#[test]
fn nothing_that_is_not_encrypted_goes_through_a_proxy() {
    let (folder, server, proxy) = (folder(), Server::start(counts), Server::start(|_, _| Reply::count(1)));
    let mut command = folder.command(&format!("{SAMPLE} --base-url {} --exact-cache counts", server.url));
    command.env("ANTHROPIC_API_KEY", KEY);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, &proxy.url).env(name.to_lowercase(), &proxy.url);
    }
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    assert_eq!((server.asked().len(), proxy.asked().len()), (40, 0));
}

#[test]
fn what_is_encrypted_goes_through_the_proxy() {
    let (folder, proxy) = (folder(), Server::start(|_, _| Reply::error(403, "no", "no")));
    let place = "--base-url https://api.example --exact-cache counts";
    let mut command = folder.command(&format!("{} {place}", SAMPLE.replace("sample=40", "sample=2")));
    command.env("ANTHROPIC_API_KEY", KEY).env("HTTPS_PROXY", &proxy.url);
    assert_eq!(command.output().unwrap().status.code(), Some(2));
    let asked = proxy.asked();
    assert_eq!(asked[0].line, "CONNECT api.example:443 HTTP/1.1");
    assert!(!format!("{asked:?}").contains(KEY));
}

/// Counts the tokens of each request of `requests.jsonl`.
fn rows(folder: &Folder, server: &Server, exact: &str) -> Vec<Value> {
    let arguments =
        format!("count requests.jsonl --tokenizer bytes --by custom-id --format jsonl --exact {exact}");
    let place = format!("--base-url {} --exact-cache counts", server.url);
    let mut command = folder.command(&format!("{arguments} {place}"));
    let output = command.env("ANTHROPIC_API_KEY", KEY).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|row| serde_json::from_str(row).unwrap()).collect()
}

#[test]
fn a_repeated_id_is_not_exact_by_its_name() {
    let request = |letter: &str| line("same", "claude-sonnet-5-5", 9, &letter.repeat(300));
    let lines = ["a", "b", "c", "d", "e", "f"].map(request);
    let (folder, server) =
        (Folder::with(lines.join("\n")), Server::start(|before, _| Reply::count(100 + before as u64)));
    let rows = rows(&folder, &server, "sample=3,rate=100000");
    let exact: Vec<&Value> =
        rows.iter().map(|row| &row["tokens"]).filter(|tokens| tokens["low"] == tokens["high"]).collect();
    let counted: Vec<u64> = exact.iter().map(|tokens| tokens["likely"].as_u64().unwrap()).collect();
    assert_eq!((rows.len(), counted), (6, vec![100, 101, 102]), "{rows:?}");
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn the_draw_among_equal_ids_does_not_follow_their_order() {
    let request = |number: usize| line("same", "claude-sonnet-5-5", 9, &format!("{number:03}").repeat(100));
    let lines: Vec<String> = (0..40).map(request).collect();
    let (folder, server) = (Folder::with(lines.join("\n")), Server::start(|_, _| Reply::count(100)));
    rows(&folder, &server, "sample=12,rate=100000");
    let late = server
        .asked()
        .iter()
        .filter(|asked| (20..40).any(|late| asked.body.contains(&format!("{late:03}{late:03}"))))
        .count();
    assert!((3..=9).contains(&late), "{late} of 12 are from the second half");
}

#[test]
fn a_count_that_cannot_be_true_is_no_answer() {
    check_failure(
        |_, _| {
            let body = r#"{"input_tokens":18446744073709551615}"#;
            Reply::Answer(200, vec![("retry-after", "0".to_owned())], body.to_owned())
        },
        6,
        "something that is not a token count: is it the API?",
    );
    // The most that is believed does not go beyond the numbers either, but beyond every context window.
    let (folder, server) = (folder(), Server::start(|_, _| Reply::count(1_000_000_000)));
    assert_eq!(run(&folder, &server, SAMPLE).code, 1);
    let kept = folder.read("counts/count-tokens.jsonl");
    let huge = kept.replace(":1000000000,", ":18446744073709551615,");
    assert_ne!(kept, huge);
    std::fs::write(folder.path().join("counts/count-tokens.jsonl"), huge).unwrap();
    assert_eq!(run(&folder, &server, SAMPLE).code, 1);
    assert_eq!(server.asked().len(), 80, "what was kept is not believed");
}

#[test]
fn counts_that_no_error_explains_are_doubted() {
    let (folder, server) = (folder(), Server::start(|_, _| Reply::count(1)));
    let run = run(&folder, &server, SAMPLE);
    assert_eq!(run.code, 0);
    let doubt = format!("is {}/v1/messages/count_tokens the API?\n", server.url);
    assert!(
        run.stderr.contains("times the offline estimates") && run.stderr.contains(&doubt),
        "{}",
        run.stderr
    );
}

#[test]
fn an_input_that_changes_meanwhile_ends_the_run() {
    for command in ["count", "plan", "estimate"] {
        let folder = folder();
        let path = folder.path().join("requests.jsonl");
        let server = Server::start(move |before, asked| {
            if before == 0 {
                let more = format!("{}\n{}", requests(), line("more", "claude-sonnet-5-5", 9, "more"));
                std::fs::write(&path, more).unwrap();
            }
            counts(before, asked)
        });
        let place = format!("--base-url {} --exact-cache counts", server.url);
        let arguments = format!("{command} requests.jsonl --exact sample=9,rate=100000 {place} -o out");
        let output = folder.command(&arguments).env("ANTHROPIC_API_KEY", KEY).output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command}: {complaint}");
        assert!(
            complaint.contains("requests.jsonl") && complaint.contains("has changed while it was read"),
            "{complaint}"
        );
        assert_eq!(folder.names(), ["counts", "requests.jsonl"], "nothing half-written is left");
    }
}

#[test]
fn no_requests_need_no_counts() {
    let server = Server::start(counts);
    let folder = Folder::with("\n");
    let exact = run(&folder, &server, SAMPLE);
    assert_eq!((exact.code, server.asked().len()), (2, 0));
    assert!(exact.stderr.contains("no-requests"), "{}", exact.stderr);
}
