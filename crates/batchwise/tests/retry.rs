//! `batchwise retry` as a user runs it.

mod common;

use std::fs;

use common::executed::{batches, error, id, planned, row, simulated, with_rows};
use common::{Folder, good};
use insta::assert_snapshot;
use serde_json::Value;

/// A request with members of `params` that the API refuses or cannot serve.
fn with(id: &str, more: &str) -> String {
    good(id).replacen("\"max_tokens\":1000", &format!("\"max_tokens\":1000{more}"), 1)
}

/// Two batches, with replies and with errors of the requests' own.
fn executed() -> Folder {
    let lines = [
        good("a"),
        with("b", r#","temperature":1"#),
        good("c"),
        with("d", r#","tool_choice":{"type":"tool","name":"search_7"}"#),
        with("e", r#","tool_choice":{"type":"tool","name":"fetch"}"#),
        good("f"),
    ];
    simulated(planned(Folder::with(lines.join("\n")), "requests.jsonl", "--max-requests 4"), "", false)
}

#[test]
fn what_the_api_refuses_is_not_sent_again() {
    let folder = executed();
    let run = folder.run("retry run -o retry.jsonl --rejected rejected.jsonl");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_snapshot!(run.stdout, @"
    run: 6 requests
      done, with a reply, billed   3
      worth sending again          0  -> retry.jsonl
      refused, and would be again  3  -> rejected.jsonl

    Results
      succeeded  3
      errored    3

    Errors
      2 invalid_request_error: Tool '…' not found in provided tools [refused, like d]
      1 invalid_request_error: temperature: Extra inputs are not permitted [refused, like b]
    ");
    assert_eq!(folder.read("retry.jsonl"), "");
    let lines: Vec<String> = folder.read("requests.jsonl").lines().map(str::to_owned).collect();
    assert_eq!(folder.read("rejected.jsonl"), [1, 3, 4].map(|line| lines[line].clone() + "\n").concat());
}

#[test]
fn expired_and_canceled_requests_are_sent_again() {
    let requests: Vec<String> = (0..40).map(|index| good(&format!("r-{index}"))).collect();
    for (settings, cancel, kind) in [
        ("[processing]\nseconds_min = 100000\nseconds_max = 150000\n", false, "expired"),
        ("[processing]\nseconds_min = 3000\nseconds_max = 3000\n", true, "canceled"),
    ] {
        let folder = planned(Folder::with(requests.join("\r\n")), "requests.jsonl", "--max-requests 25");
        let folder = simulated(folder, settings, cancel);
        let json = folder.run("retry run -o retry.jsonl --plan retry-plan.json --format json").json();
        let again = json["outcomes"][kind].as_u64().unwrap();
        assert!((1..=40).contains(&again), "{json}");
        assert_eq!((json["again"]["requests"].as_u64(), json["requests"].as_u64()), (Some(again), Some(40)));
        let retry = folder.read("retry.jsonl");
        assert!(retry.lines().all(|line| requests.contains(&line.to_owned())));
        let plan: Value = serde_json::from_str(&folder.read("retry-plan.json")).unwrap();
        assert_eq!((plan["requests"].as_u64(), retry.lines().count() as u64), (Some(again), again));
    }
}

/// Every request has one fate, lines stay byte for byte, and the oracle that sorts them by hand agrees.
#[test]
fn fates_are_a_partition() {
    let results = [
        (r#"{"type":"succeeded","message":{"stop_reason":"max_tokens"}}"#.to_owned(), "done"),
        (r#"{"type":"expired"}"#.to_owned(), "again"),
        (r#"{"type":"canceled"}"#.to_owned(), "again"),
        (error("api_error", "Internal server error"), "again"),
        (error("overloaded_error", "Overloaded"), "again"),
        (error("invalid_request_error", "messages: Field required"), "hopeless"),
        (error("not_found_error", "model: claude-9"), "hopeless"),
        (error("gremlin_error", "?"), "unknown"),
        (r#"{"type":"paused"}"#.to_owned(), "unknown"),
    ];
    for seed in 0_usize..8 {
        let requests: Vec<String> =
            (0..30 + seed).map(|index| with(&format!("r-{index}"), &" ".repeat(index % 3))).collect();
        let folder = planned(
            Folder::with(requests.join("\n")),
            "requests.jsonl",
            &format!("--max-requests {}", 7 + seed),
        );
        let fate = |id: &str| {
            let index: usize = id[2..].parse().unwrap();
            &results[(index * (seed + 1) + index / 7 + seed) % results.len()]
        };
        let folder = batches(&folder).into_iter().enumerate().fold(folder, |folder, (batch, lines)| {
            let mut rows: Vec<String> = lines.iter().map(|line| row(&id(line), &fate(&id(line)).0)).collect();
            rows.reverse();
            with_rows(folder, batch, &rows)
        });
        let run = folder.run("retry run -o retry.jsonl --rejected rejected.jsonl --format json");
        let of = |wanted: &str| {
            requests
                .iter()
                .filter(|line| fate(&id(line)).1 == wanted)
                .map(|line| line.clone() + "\n")
                .collect::<Vec<_>>()
        };
        assert_eq!(folder.read("retry.jsonl"), of("again").concat(), "seed {seed}");
        assert_eq!(folder.read("rejected.jsonl"), of("hopeless").concat(), "seed {seed}");
        for name in ["done", "again", "hopeless", "unknown"] {
            assert_eq!(
                run.json()[name]["requests"].as_u64().unwrap(),
                of(name).len() as u64,
                "{name}, seed {seed}"
            );
        }
        assert_eq!(run.code, 3, "some are of unknown types");
    }
}

/// Two batches, of which the second is not there yet.
fn half_executed() -> Folder {
    let requests: Vec<String> = (0..6).map(|index| good(&format!("r-{index}"))).collect();
    let folder = planned(Folder::with(requests.join("\n")), "requests.jsonl", "--max-requests 3");
    with_expired(folder, 0)
}

fn with_expired(folder: Folder, batch: usize) -> Folder {
    let rows: Vec<String> =
        batches(&folder)[batch].iter().map(|line| row(&id(line), r#"{"type":"expired"}"#)).collect();
    with_rows(folder, batch, &rows)
}

#[test]
fn a_batch_is_retried_once() {
    let folder = half_executed();
    let run = folder.run("retry run -o retry.jsonl");
    assert_snapshot!(format!("{}{}", run.stdout, run.complaint()), @"
    run: 3 requests
      done, with a reply, billed   0
      worth sending again          3  -> retry.jsonl
      refused, and would be again  0

    Results
      expired  3

    To send them: batchwise plan retry.jsonl -o PLAN.json, with the options you want; send that plan in
      a folder of its own, and retry it there.
    warning: the results of batch 1 are not there yet: 3 requests not looked at, as some may be under way
    exit code 3
    ");
    let first = folder.read("retry.jsonl");
    assert_eq!(first.lines().map(id).collect::<Vec<_>>(), ["r-0", "r-1", "r-2"]);
    // The same command gives the same file.
    assert_eq!((folder.run("retry run -o retry.jsonl").code, folder.read("retry.jsonl")), (3, first.clone()));
    // Under another name nothing comes twice.
    let run = folder.run("retry run -o other.jsonl");
    assert_snapshot!(run.complaint(), @"
    note: an earlier retry of this folder took what is worth it of batch 0: left out here (retried.jsonl names its file)
    warning: the results of batch 1 are not there yet: 3 requests not looked at, as some may be under way
    exit code 3
    ");
    assert_eq!(folder.read("other.jsonl"), "");
    // What has come since needs a file of its own.
    let folder = with_expired(folder, 1);
    assert_snapshot!(folder.run("retry run -o retry.jsonl").complaint(), @"
    error: retry.jsonl was written by an earlier retry of this folder and may have been sent since; other requests would be in it now, so choose another name
    exit code 2
    ");
    assert_eq!(folder.read("retry.jsonl"), first);
    let run = folder.run("retry run -o second.jsonl");
    assert_eq!(folder.read("second.jsonl").lines().map(id).collect::<Vec<_>>(), ["r-3", "r-4", "r-5"]);
    assert_snapshot!(run.complaint(), @"
    note: an earlier retry of this folder took what is worth it of batch 0: left out here (retried.jsonl names its file)
    exit code 0
    ");
}

#[test]
fn a_file_that_may_have_been_sent_never_changes() {
    let folder = half_executed();
    folder.run("retry run -o retry.jsonl");
    let before = folder.read("retry.jsonl");
    let rows: Vec<String> =
        ["r-2", "r-0", "r-1"].map(|id| row(id, r#"{"type":"succeeded","message":{}}"#)).to_vec();
    let folder = with_rows(folder, 0, &rows);
    assert_snapshot!(folder.run("retry run -o retry.jsonl").complaint(), @"
    error: retry.jsonl was written by an earlier retry of this folder and may have been sent since; other requests would be in it now, so choose another name
    exit code 2
    ");
    assert_eq!(folder.read("retry.jsonl"), before);
}

#[test]
fn batches_that_may_be_under_way_are_never_taken_for_unsent() {
    let folder = half_executed();
    let run = folder.run("retry run -o retry.jsonl --unsent");
    assert_eq!((run.code, folder.read("retry.jsonl").lines().count()), (3, 3));
}

#[test]
fn errors_are_grouped_and_stay_a_screenful() {
    let lines: Vec<String> = (0..60).map(|index| good(&format!("r-{index}"))).collect();
    let folder = planned(Folder::with(lines.join("\n")), "requests.jsonl", "");
    let rows: Vec<String> = (0..60)
        .map(|index| match index {
            0..20 => error("invalid_request_error", &format!("max_tokens: {index} > 5, which is too many")),
            20..30 => error("not_found_error", "model: claude-does-not-exist"),
            30..40 => {
                error("invalid_request_error", &format!("Tool 'tool_{index}' not found in provided tools"))
            }
            40 => error("gremlin_error", "\u{1b}[31mred\u{202e}"),
            _ => error("api_error", &format!("{} happened", "x".repeat(index))),
        })
        .enumerate()
        .map(|(index, result)| row(&format!("r-{index}"), &result))
        .collect();
    let folder = with_rows(folder, 0, &rows);
    let run = folder.run("retry run -o retry.jsonl");
    assert!(run.stdout.lines().count() <= 40 && run.stdout.lines().all(|line| line.chars().count() <= 100));
    assert_snapshot!(format!("{}{}", run.stdout, run.complaint()), @"
    run: 60 requests
      done, with a reply, billed     0
      worth sending again           19  -> retry.jsonl
      refused, and would be again   40  --rejected FILE writes them
      of unknown types, in no file   1

    Results
      errored  60

    Errors
      20 invalid_request_error: max_tokens: # > #, which is too many [refused, like r-0]
      10 invalid_request_error: Tool '…' not found in provided tools [refused, like r-30]
      10 not_found_error: model: claude-does-not-exist [refused, like r-20]
      1 api_error: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx happened [send again, like r-41]
      1 api_error: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx happened [send again, like r-42]
      1 api_error: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx happened [send again, like r-43]
      1 api_error: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx happened [send again, like r-44]
      1 api_error: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx happened [send again, like r-45]
      … and 15 others; --format json tells more

    To send them: batchwise plan retry.jsonl -o PLAN.json, with the options you want; send that plan in
      a folder of its own, and retry it there.
    warning: 1 request: results or errors of a type that this version does not know; they may be billed, so they are in no file
    exit code 3
    ");
}

#[test]
fn the_json_keeps_its_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/schemas/retry.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for folder in [executed(), half_executed()] {
        for options in ["-o retry.jsonl", "-o retry.jsonl --rejected no.jsonl", "-o other.jsonl"] {
            let json = folder.run(&format!("retry run {options} --format json")).json();
            let errors: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
            assert_eq!(errors, [""; 0], "{json:#}");
        }
    }
}

#[test]
fn nothing_is_left_behind_when_something_is_wrong() {
    let folder = half_executed();
    let before = folder.names();
    assert_snapshot!(folder.run("retry run -o -").complaint(), @"
    error: two outputs go to -: choose another name for one, or only the last would be left
    exit code 2
    ");
    assert_snapshot!(folder.run("retry run -o a.jsonl --rejected a.jsonl").complaint(), @"
    error: two outputs go to a.jsonl: choose another name for one, or only the last would be left
    exit code 2
    ");
    assert_snapshot!(folder.run("retry run -o requests.jsonl").complaint(), @"
    error: the output requests.jsonl is also an input: choose another name, or the input would be lost
    exit code 2
    ");
    assert_snapshot!(folder.run("retry run -o nowhere/a.jsonl").complaint(), @"
    error: cannot write nowhere/a.jsonl: there is no folder nowhere
    exit code 2
    ");
    let folder = with_rows(folder, 1, &[row("r-9", r#"{"type":"expired"}"#)]);
    assert_snapshot!(folder.run("retry run -o retry.jsonl --rejected b.jsonl --plan p.json").complaint(), @"
    error: run/results/1.jsonl has no row for the request in line 4 of requests.jsonl: the file is not complete; remove it, and let it be fetched again
    exit code 2
    ");
    assert_eq!(folder.names(), before);
    assert!(!folder.path().join("run/retried.jsonl").exists());
    let folder = half_executed().file("run/retried.jsonl", "?\n");
    assert_snapshot!(folder.run("retry run -o retry.jsonl").complaint(), @"
    error: cannot understand line 1 of run/retried.jsonl, which says what was retried before
    exit code 2
    ");
    fs::remove_file(folder.path().join("run/plan.json")).unwrap();
    assert_snapshot!(folder.run("retry run -o retry.jsonl").complaint(), @"
    error: run is not the folder of an execution: there is no plan.json in it
    exit code 2
    ");
}
