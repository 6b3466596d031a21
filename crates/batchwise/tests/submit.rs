//! `batchwise submit`, `status` and `cancel` against a simulator in a process of its own.

mod common;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use common::serving::Serving;
use common::{Folder, Run, good, line};

const KEY: &str = "sk-ant-very-secret";

/// Batches end within some hundredths of a second.
const FAST: &str = "[processing]\nseconds_min = 1\nseconds_max = 20\ncancel_seconds = 2\n";

/// A folder with a plan of so many requests, two in each batch, and a simulator with these faults.
fn stage(requests: usize, faults: &str) -> (Folder, Serving) {
    let lines: String = (0..requests).map(|number| good(&format!("r{number}")) + "\n").collect();
    let folder = Folder::with(lines).file("faults.toml", format!("{FAST}{faults}"));
    assert_eq!(folder.run("plan requests.jsonl --as-of 2026-11-21 --max-requests 2 -o plan.json").code, 0);
    let server = Serving::start(&folder, "simulate --seed 5 --time-scale 600 --faults faults.toml");
    (folder, server)
}

fn fault(text: &str) -> String {
    format!("\n[[fault]]\n{text}\n")
}

/// Runs a command with a key and the address of the simulator.
fn run(folder: &Folder, server: &Serving, arguments: &str) -> Run {
    let mut command = folder.command(arguments);
    command.env("ANTHROPIC_API_KEY", KEY).env("ANTHROPIC_BASE_URL", server.url()).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() }
}

/// A text without what is different each time.
fn masked(text: &str, server: &Serving) -> String {
    let text = text.replace(&server.url(), "http://SIMULATOR");
    without_ids(&without_ids(&text, "msgbatch_"), "req_")
}

/// A text with each id that begins like that cut short.
fn without_ids(text: &str, opening: &str) -> String {
    let mut parts = text.split(opening);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|character: char| character.is_ascii_alphanumeric());
        masked.push_str(&format!("{opening}…{rest}"));
    }
    masked
}

/// That each request was accepted exactly once.
#[track_caller]
fn each_once(server: &Serving, requests: usize) {
    let accepted: Vec<String> = server.accepted().into_iter().flat_map(|(_, ids)| ids).collect();
    let different: BTreeSet<&String> = accepted.iter().collect();
    assert_eq!((accepted.len(), different.len()), (requests, requests), "{accepted:?}");
}

#[test]
fn a_plan_is_executed_and_executed_once() {
    let (folder, server) = stage(5, "");
    let done = run(&folder, &server, "submit plan.json --yes");
    assert_eq!(done.code, 0, "{}", done.stderr);
    insta::assert_snapshot!(masked(&done.stdout, &server), @"
    done: the results of 3 of 3 batches are here, 5 of 5 requests

      batch  state  requests  succeeded  errored  expired  canceled   id
      0      saved         2          2        0        0         0  msgbatch_…
      1      saved         2          2        0        0         0  msgbatch_…
      2      saved         1          1        0        0         0  msgbatch_…
    ");
    insta::assert_snapshot!(masked(&done.stderr, &server), @"
    note: batch 0: sending 2 requests, 304 B
    note: batch 0 is msgbatch_…
    note: batch 1: sending 2 requests, 304 B
    note: batch 1 is msgbatch_…
    note: batch 2: sending 1 request, 159 B
    note: batch 2 is msgbatch_…
    note: batch 0 has ended: 2 succeeded
    note: the results of batch 0 are in plan.journal/results/0.jsonl
    note: batch 1 has ended: 2 succeeded
    note: the results of batch 1 are in plan.journal/results/1.jsonl
    note: batch 2 has ended: 1 succeeded
    note: the results of batch 2 are in plan.journal/results/2.jsonl
    ");
    each_once(&server, 5);

    // Again, nothing happens.
    let again = run(&folder, &server, "submit plan.json --yes");
    assert_eq!((again.code, &again.stdout), (0, &done.stdout));
    each_once(&server, 5);

    let status = run(&folder, &server, "status plan.journal --format json");
    assert_eq!(status.code, 0);
    let status = status.json();
    assert_eq!(status["schema"], "batchwise.status/1");
    assert_eq!(status["batches"][2]["requests"], 1);
    assert_eq!(status["batches"][2]["state"], "saved");
    let rows = folder.run("results plan.journal");
    assert_eq!((rows.code, rows.stdout.lines().count()), (0, 5));
}

#[test]
fn no_file_and_no_output_holds_the_key() {
    let (folder, server) = stage(3, &fault("on = \"create\"\ndo = \"answer\"\nstatus = 401"));
    let refused = run(&folder, &server, "submit plan.json --yes");
    let done = run(&folder, &server, "submit plan.json --yes");
    assert_eq!((refused.code, done.code), (3, 0), "{}", done.stderr);
    let mut texts = vec![refused.stdout, refused.stderr, done.stdout, done.stderr];
    for name in ["journal.jsonl", "plan.json", "results/0.jsonl"] {
        texts.push(folder.read(&format!("plan.journal/{name}")));
    }
    assert!(texts.iter().all(|text| !text.contains(KEY)));
    each_once(&server, 3);
}

#[test]
fn the_key_may_be_in_a_file() {
    let (folder, server) = stage(1, "");
    let folder = folder.file("key", format!("{KEY}\n"));
    let submit = |path: &str| {
        let mut command = folder.command("submit plan.json --yes -q");
        command.env("ANTHROPIC_API_KEY_FILE", path).env("ANTHROPIC_BASE_URL", server.url());
        let output = command.stdin(Stdio::null()).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    insta::assert_snapshot!(submit("nokey").1, @"error: cannot read the API key from nokey, which ANTHROPIC_API_KEY_FILE names: No such file or directory (os error 2)");
    assert_eq!(submit("key"), (0, String::new()));
}

#[test]
fn what_must_not_be_sent_is_refused_before_anything_is_sent() {
    let (folder, server) = stage(4, "");
    let complaint = |arguments: &str| masked(&run(&folder, &server, arguments).complaint(), &server);
    insta::assert_snapshot!(complaint("submit plan.json"), @"
    error: there is nobody to ask: add --yes to send without asking. 2 batches with 4 requests go to http://SIMULATOR: at most $0.0201, 50.0 % less than one by one, at the prices of 2026-11-21
    exit code 2
    ");
    insta::assert_snapshot!(complaint("submit plan.json --yes --max-usd 0.0001"), @"
    error: over the budget of --max-usd 0.0001: the plan may cost $0.0201. Nothing was sent
    exit code 1
    ");
    insta::assert_snapshot!(folder.run("submit plan.json --yes").complaint(), @"
    error: there is no API key: put it into the environment variable ANTHROPIC_API_KEY, or the name of a file that holds it into ANTHROPIC_API_KEY_FILE
    exit code 2
    ");
    insta::assert_snapshot!(complaint("submit requests.jsonl --yes"), @"
    error: cannot read the plan requests.jsonl: it is a file of requests, not a plan: make a plan of it first, with `batchwise plan FILE -o plan.json`
    exit code 2
    ");
    insta::assert_snapshot!(complaint("submit plan.json --yes --resolve one=two"), @"
    error: invalid value 'one=two' for '--resolve <INDEX=ID>': write the batch's number in the plan, `=`, and its id, `none` or `lost`, like 1=msgbatch_…

    For more information, try '--help'.
    exit code 2
    ");
    insta::assert_snapshot!(complaint("submit plan.json --yes --journal ."), @"
    error: . holds other files and no journal: name a folder of its own
    exit code 2
    ");

    folder.run("plan requests.jsonl --max-requests 2 --max-usd 0.000001 -o refused.json");
    insta::assert_snapshot!(complaint("submit refused.json --yes"), @"
    error: the plan is refused: a request, a limit or a budget stands in its way. `batchwise plan` says what; only a plan whose verdict is ok is executed
    exit code 1
    ");
    std::fs::write(folder.path().join("bad.jsonl"), "{}\n").unwrap();
    folder.run("plan bad.jsonl -o unusable.json");
    insta::assert_snapshot!(complaint("submit unusable.json --yes"), @"
    error: the plan is unusable: something in its inputs could not be read or priced. `batchwise plan` says what
    exit code 2
    ");
    let newer = folder.read("plan.json").replace("batchwise.plan/1", "batchwise.plan/2");
    std::fs::write(folder.path().join("newer.json"), newer).unwrap();
    insta::assert_snapshot!(complaint("submit newer.json --yes"), @r#"
    error: cannot read the plan newer.json: `schema` is "batchwise.plan/2", written by a newer version of batchwise: update batchwise, or make the plan again with this one, which writes "batchwise.plan/1"
    exit code 2
    "#);

    let requests = folder.read("requests.jsonl");
    std::fs::write(folder.path().join("requests.jsonl"), requests.replace("legs", "eyes")).unwrap();
    insta::assert_snapshot!(complaint("submit plan.json --yes"), @"
    error: requests.jsonl has changed since the plan was made (its SHA-256 begins with c70313628087, then with cb8d5e2b1597): make the plan again
    exit code 2
    ");
    std::fs::remove_file(folder.path().join("requests.jsonl")).unwrap();
    insta::assert_snapshot!(complaint("submit plan.json --yes"), @"
    error: cannot read requests.jsonl, an input of the plan: say where it lies now with --input requests.jsonl=FILE: No such file or directory (os error 2)
    exit code 2
    ");

    assert!(server.accepted().is_empty());
    assert!(!folder.names().contains(&"plan.journal".to_owned()));
    // It has moved, and is the same.
    std::fs::write(folder.path().join("moved.jsonl"), requests).unwrap();
    assert_eq!(run(&folder, &server, "submit plan.json --yes --input requests.jsonl=moved.jsonl").code, 0);
    each_once(&server, 4);
}

#[test]
fn a_folder_belongs_to_one_execution() {
    let (folder, server) = stage(4, "");
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 0);
    let complaint = |arguments: &str| masked(&run(&folder, &server, arguments).complaint(), &server);
    folder.run("plan requests.jsonl -o other.json");
    insta::assert_snapshot!(complaint("submit other.json --yes --journal plan.journal"), @"
    error: plan.journal belongs to the execution of another plan, of which a copy is in it as plan.json: give that to go on with it, or name another folder with --journal for this one
    exit code 2
    ");
    let here = folder.path().display().to_string();
    let complaint = |arguments: &str| complaint(arguments).replace(&here, "FOLDER");
    insta::assert_snapshot!(complaint("submit plan.json --yes --journal second"), @"
    error: the same requests have been sent already, or will be, by the execution in FOLDER/plan.journal: name that folder with --journal to go on with it, or add --again to pay for them once more
    exit code 2
    ");
    insta::assert_snapshot!(complaint("submit plan.json --yes --workspace wrkspc_2"), @"
    error: the execution in plan.journal was begun with the workspace none, not wrkspc_2: its batches are there, so go on as it was begun
    exit code 2
    ");
    insta::assert_snapshot!(complaint("submit plan.json --yes --base-url http://127.0.0.1:9"), @"
    error: the execution in plan.journal was begun with the base URL http://SIMULATOR, not http://127.0.0.1:9: its batches are there, so go on as it was begun
    exit code 2
    ");
    insta::assert_snapshot!(complaint("status nowhere"), @"
    error: there is no journal in nowhere: name the folder that `batchwise submit` wrote
    exit code 2
    ");
    each_once(&server, 4);
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q --journal second --again").code, 0);
    assert_eq!(server.accepted().len(), 4);

    let journal = folder.read("plan.journal/journal.jsonl");
    let path = folder.path().join("plan.journal/journal.jsonl");
    std::fs::write(&path, journal.replace("\"batch\":1", "\"batch\":0")).unwrap();
    insta::assert_snapshot!(complaint("submit plan.json --yes"), @"
    error: cannot go on from the journal plan.journal/journal.jsonl: line 4 does not fit its checksum: the file was changed or damaged. Restore it from a copy; without one, look at the batches in the Console and cancel or await them there, because going on could pay for requests twice
    exit code 2
    ");
    // A last line that was not written to its end is passed over.
    std::fs::write(&path, format!("{journal}{{\"n\":99,\"at\"")).unwrap();
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 0);
    assert_eq!(folder.read("plan.journal/journal.jsonl"), journal);
}

#[test]
fn two_processes_do_not_execute_one_plan() {
    let (folder, server) = stage(2, &fault("on = \"create\"\ndo = \"slow\"\nmilliseconds = 1500"));
    let mut first = folder.command("submit plan.json --yes -q");
    first.env("ANTHROPIC_API_KEY", KEY).env("ANTHROPIC_BASE_URL", server.url()).stdin(Stdio::null());
    let first = first.spawn().unwrap();
    while !folder.path().join("plan.journal/journal.jsonl").is_file() {
        thread::sleep(Duration::from_millis(5));
    }
    insta::assert_snapshot!(run(&folder, &server, "submit plan.json --yes").complaint(), @"
    error: another process executes the plan in plan.journal: wait until it ends, or stop it first
    exit code 2
    ");
    assert_eq!(run(&folder, &server, "status plan.journal --offline").code, 3);
    assert!(first.wait_with_output().unwrap().status.success());
    each_once(&server, 2);
}

#[test]
fn what_was_made_unheard_is_found_and_not_sent_again() {
    let dropped = fault("on = \"create\"\ndo = \"drop-after\"\nfrom = 2")
        + &fault("on = \"create\"\ndo = \"answer\"\nstatus = 504\nafter_accepting = true\nfrom = 3");
    let (folder, server) = stage(8, &dropped);
    let done = run(&folder, &server, "submit plan.json --yes");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let told: String =
        done.stderr.lines().filter(|line| line.starts_with("warning")).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(masked(&told, &server), @"
    warning: nobody knows whether batch 1 was made (the server closed the connection): looking for it in the API's list before anything is sent
    warning: batch 1 was made: it is msgbatch_…, and not sent again
    warning: nobody knows whether batch 2 was made (504 timeout_error: simulator: the script asks for a 504 here (req_…)): looking for it in the API's list before anything is sent
    warning: batch 2 was made: it is msgbatch_…, and not sent again
    ");
    each_once(&server, 8);
}

#[test]
fn what_nobody_knows_stops_until_somebody_says() {
    // The second batch is never made, but nobody hears of that either.
    let (folder, server) = stage(6, &fault("on = \"create\"\ndo = \"answer\"\nstatus = 500\nfrom = 2"));
    let stopped = run(&folder, &server, "submit plan.json --yes --no-wait -q");
    let told: Vec<&str> = stopped.stderr.lines().collect();
    insta::assert_snapshot!(masked(told.last().unwrap(), &server).split("from 20").next().unwrap(), @"error: nobody knows whether batch 1 was made (500 api_error: simulator: the script asks for a 500 here (req_…)), and the API's list shows none that could be it. Look in the Console for a batch of 2 requests made");
    assert_eq!(stopped.code, 3);
    insta::assert_snapshot!(masked(&run(&folder, &server, "status plan.journal --offline").stdout, &server), @"
    not at its end yet: the results of 0 of 3 batches are here, 0 of 6 requests

      batch  state        requests  succeeded  errored  expired  canceled   id
      0      in progress         2          -        -        -         -  msgbatch_…
      1      unclear             2          -        -        -         -   (500 api_error: simulator: the script asks for a 500 here (req_…))
      2      waiting             2          -        -        -         -
    ");
    let done = run(&folder, &server, "submit plan.json --yes -q --resolve 1=none");
    assert_eq!(done.code, 0, "{}", done.stderr);
    each_once(&server, 6);
}

#[test]
fn a_batch_that_is_not_found_hides_no_other() {
    let (folder, server) =
        stage(6, &fault("on = \"retrieve\"\ndo = \"answer\"\nstatus = 404\nfrom = 2\ntimes = 1"));
    assert_eq!(run(&folder, &server, "submit plan.json --yes --no-wait -q").code, 3);
    let status = run(&folder, &server, "status plan.journal --format json");
    insta::assert_snapshot!(masked(&status.stderr, &server), @"warning: what follows of batch 1 is from the journal, as of all without numbers: the API does not find it: 404 not_found_error: simulator: the script asks for a 404 here (req_…)");
    let asked: Vec<bool> = status.json()["batches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|batch| !batch["processing"].is_null())
        .collect();
    assert_eq!(asked, [true, false, true]);
}

#[test]
fn waiting_finds_out_alone() {
    let (folder, server) = stage(4, &fault("on = \"create\"\ndo = \"answer\"\nstatus = 529\nfrom = 2"));
    let done = run(&folder, &server, "submit plan.json --yes -q --on-ambiguous wait --settle 20");
    assert_eq!(done.code, 0, "{}", done.stderr);
    each_once(&server, 4);
}

#[test]
fn what_the_api_refuses_and_will_refuse_again_stops() {
    let (folder, server) =
        stage(4, &fault("on = \"create\"\ndo = \"answer\"\nstatus = 413\nfrom = 2\ntimes = 0"));
    insta::assert_snapshot!(masked(&run(&folder, &server, "submit plan.json --yes -q").complaint(), &server), @"
    warning: batch 1 is set aside, and the others are cared for: batch 1 is refused: the API refuses the request: 413 request_too_large: Request exceeds the maximum size (req_…)
    error: batch 1 is not sent: the API refuses the request: 413 request_too_large: Request exceeds the maximum size (req_…). If that stays so, call the execution off with `batchwise cancel plan.journal`, and take what was not sent with `batchwise retry plan.journal --unsent -o rest.jsonl`
    exit code 1
    ");
    let (folder, server) = stage(4, &fault("on = \"create\"\ndo = \"spend-cap\"\nfrom = 2\ntimes = 2"));
    insta::assert_snapshot!(masked(&run(&folder, &server, "submit plan.json --yes -q").complaint(), &server), @"
    warning: batch 1 is set aside, and the others are cared for: cannot send batch 1: the API refuses all requests: 429 rate_limit_error enforced_spend_limit_reached: simulator: the monthly spend limit is reached (req_…)
    error: cannot send batch 1: the API refuses all requests: 429 rate_limit_error enforced_spend_limit_reached: simulator: the monthly spend limit is reached (req_…). All is written down; to go on, run the same command again
    exit code 3
    ");
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 3);
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 0);
    each_once(&server, 4);
}

#[test]
fn what_cannot_be_sent_keeps_nothing_from_being_fetched() {
    let (folder, server) = stage(4, &fault("on = \"create\"\ndo = \"spend-cap\"\nfrom = 2\ntimes = 0"));
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 3);
    assert_eq!(folder.read("plan.journal/results/0.jsonl").lines().count(), 2);
}

#[test]
fn damage_to_the_folder_never_sends_anything_again() {
    let (folder, server) = stage(4, "");
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 0);
    let complaint = |arguments: &str| masked(&run(&folder, &server, arguments).complaint(), &server);
    let journal = folder.path().join("plan.journal/journal.jsonl");
    let whole = folder.read("plan.journal/journal.jsonl");
    for damaged in ["".to_owned(), "\0".repeat(whole.len())] {
        std::fs::write(&journal, damaged).unwrap();
        insta::allow_duplicates! { insta::assert_snapshot!(complaint("submit plan.json --yes"), @"
        error: cannot go on from the journal plan.journal/journal.jsonl: it has no whole line, so it was damaged, and nobody knows what was sent: restore it from a copy, or look at the batches in the Console before you send anything again from another folder
        exit code 2
        "); }
    }
    std::fs::remove_file(&journal).unwrap();
    insta::assert_snapshot!(complaint("submit plan.json --yes"), @"
    error: plan.journal holds results, but its journal is gone: restore that from a copy. Without it nobody knows what was sent, and sending it all again would pay for it again
    exit code 2
    ");
    each_once(&server, 4);

    // What is gone of the results is fetched again.
    std::fs::write(&journal, whole).unwrap();
    let results = folder.path().join("plan.journal/results");
    let before = folder.read("plan.journal/results/1.jsonl");
    std::fs::remove_file(results.join("0.jsonl")).unwrap();
    std::fs::write(results.join("1.jsonl"), before.replace("succeeded", "succeeeed")).unwrap();
    insta::assert_snapshot!(complaint("results plan.journal --as-received"), @"
    error: plan.journal/results/1.jsonl was changed since it was saved (its SHA-256 differs): `batchwise submit` with the plan fetches it again
    exit code 2
    ");
    let again = run(&folder, &server, "submit plan.json -q");
    insta::assert_snapshot!(again.complaint(), @"
    warning: batch 0 is fetched again: the file of its results is gone or was changed
    warning: batch 1 is fetched again: the file of its results is gone or was changed
    exit code 0
    ");
    assert_eq!(folder.read("plan.journal/results/1.jsonl"), before);
    assert!(results.join("0.jsonl").is_file());
    each_once(&server, 4);
}

#[test]
fn the_same_requests_in_another_plan_are_the_same_requests() {
    let (folder, server) = stage(4, &fault("on = \"create\"\ndo = \"answer\"\nstatus = 401"));
    // It has begun, and sent nothing; but it may.
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 3);
    folder.run("plan requests.jsonl --as-of 2026-11-20 --max-requests 2 -o again.json");
    let refused = run(&folder, &server, "submit again.json --yes");
    assert!(refused.code == 2 && refused.stderr.contains("the same requests"), "{}", refused.stderr);
    assert!(server.accepted().is_empty());
    // Called off, it sends nothing any more.
    assert_eq!(run(&folder, &server, "cancel plan.journal --yes").code, 0);
    assert_eq!(run(&folder, &server, "submit again.json --yes -q").code, 0);
    each_once(&server, 4);
}

#[test]
fn nothing_is_resolved_that_is_not_open() {
    let (folder, server) = stage(2, "");
    insta::assert_snapshot!(run(&folder, &server, "submit plan.json --yes --resolve 0=none").complaint(), @"
    error: --resolve 0=…: that batch is not unclear; `batchwise status` tells how the batches are
    exit code 2
    ");
    assert!(server.accepted().is_empty());
    insta::assert_snapshot!(run(&folder, &server, "submit plan.json --yes --tier 1").complaint(), @"
    error: batch 0 has 2 requests, and a tier of 1 never takes so many: plan smaller batches with --tier
    exit code 2
    ");
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 0);
    assert_eq!(run(&folder, &server, "submit plan.json --yes --resolve 0=lost").code, 2);
    assert_eq!(run(&folder, &server, "submit plan.json --yes --resolve 7=none").code, 2);
}

#[test]
fn what_may_be_anothers_is_not_canceled() {
    let dropped = fault("on = \"create\"\ndo = \"drop-after\"");
    let slow = "seconds_min = 9000\nseconds_max = 9000\n";
    let (folder, _) = stage(2, "");
    let folder = folder.file("slow.toml", format!("[processing]\n{slow}{dropped}"));
    let server = Serving::start(&folder, "simulate --time-scale 600 --faults slow.toml");
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q --no-wait").code, 3);
    insta::assert_snapshot!(run(&folder, &server, "cancel plan.journal --yes").complaint(), @"
    warning: batch 0 was found in the API's list and may be somebody else's, so it goes on: look at it in the Console, and add --adopted to cancel it too
    exit code 3
    ");
    assert_eq!(run(&folder, &server, "cancel plan.journal --yes --adopted").code, 0);
    assert_eq!(run(&folder, &server, "status plan.journal").code, 3);
}

#[test]
fn sending_and_fetching_may_be_two_runs() {
    let (folder, server) = stage(4, "");
    let sent = run(&folder, &server, "submit plan.json --yes --no-wait -q");
    assert_eq!((sent.code, folder.run("results plan.journal").code), (3, 3));
    assert_eq!(run(&folder, &server, "submit plan.json -q").code, 0); // nothing to agree to
    each_once(&server, 4);
}

#[test]
fn results_that_are_cut_are_fetched_again() {
    for what in ["cut-length", "cut-chunk", "cut-in-line", "cut-at-line", "duplicate-row", "missing-row"] {
        let (folder, server) = stage(2, &fault(&format!("on = \"results\"\ndo = \"{what}\"\nrows = 1")));
        let done = run(&folder, &server, "submit plan.json --yes");
        assert_eq!(done.code, 0, "{what}: {}", done.stderr);
        assert!(done.stderr.contains("fetched again"), "{what}: {}", done.stderr);
        assert_eq!(folder.read("plan.journal/results/0.jsonl").lines().count(), 2);
    }
}

#[test]
fn an_execution_can_be_called_off() {
    // Two waves of two batches, of which the second waits.
    let lines: String = (0..8).map(|number| good(&format!("r{number}")) + "\n").collect();
    let folder = Folder::with(lines)
        .file("slow.toml", "[processing]\nseconds_min = 9000\nseconds_max = 9000\ncancel_seconds = 2\n");
    assert_eq!(folder.run("plan requests.jsonl --max-requests 2 --tier 4 -o plan.json").code, 0);
    let server = Serving::start(&folder, "simulate --time-scale 600 --faults slow.toml");
    assert_eq!(run(&folder, &server, "submit plan.json --yes --no-wait -q").code, 3);
    assert_eq!(run(&folder, &server, "cancel plan.journal").code, 2);
    let canceled = run(&folder, &server, "cancel plan.journal --yes");
    insta::assert_snapshot!(masked(&canceled.complaint(), &server), @"
    note: batch 0, msgbatch_…, is being canceled
    note: batch 1, msgbatch_…, is being canceled
    exit code 0
    ");
    let done = run(&folder, &server, "submit plan.json -q");
    assert_eq!(done.code, 0, "{}", done.stderr);
    insta::assert_snapshot!(masked(&done.stdout, &server), @"
    called off, and done: the results of 2 of 4 batches are here, 4 of 8 requests

      batch  state    requests  succeeded  errored  expired  canceled   id
      0      saved           2          0        0        0         2  msgbatch_…
      1      saved           2          0        0        0         2  msgbatch_…
      2      waiting         2          -        -        -         -
      3      waiting         2          -        -        -         -
    ");
    assert_eq!(server.accepted().len(), 2);
}

#[test]
fn an_old_plan_is_doubted_and_sent_as_it_was_planned() {
    let folder = Folder::with(line("a", "claude-sonnet-4-6", 100, "Hello") + "\n").file("faults.toml", FAST);
    let server = Serving::start(&folder, "simulate --time-scale 600 --faults faults.toml");
    folder
        .run("plan requests.jsonl --as-of 2026-03-01 --api-version 2023-06-01 --beta some-beta -o plan.json");
    let done = run(&folder, &server, "submit plan.json --yes -q");
    insta::assert_snapshot!(done.complaint(), @"
    warning: the plan is priced for 2026-03-01, and since then prices or availability of claude-sonnet-4-6 have changed: plan again to know what it costs today
    exit code 0
    ");
    let journal = folder.read("plan.journal/journal.jsonl");
    assert!(journal.contains("\"api_version\":\"2023-06-01\",\"betas\":[\"some-beta\"]"), "{journal}");
}

#[test]
fn a_status_fits_its_schema() {
    let (folder, server) = stage(4, &fault("on = \"create\"\ndo = \"answer\"\nstatus = 500\nfrom = 2"));
    let schema = serde_json::from_str(include_str!("../../../docs/schemas/status.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for command in [
        "submit plan.json --yes -q --no-wait --format json",
        "status plan.journal --format json",
        "status plan.journal --format json --offline",
        "submit plan.json --yes -q --resolve 1=none --format json",
        "status plan.journal --format json",
    ] {
        let status = run(&folder, &server, command).json();
        let errors: Vec<String> = validator.iter_errors(&status).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{command}: {errors:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_cleanly_and_the_next_run_goes_on() {
    let slow = "[processing]\nseconds_min = 3000\nseconds_max = 3000\n";
    let lines: String = (0..4).map(|number| good(&format!("r{number}")) + "\n").collect();
    let folder = Folder::with(lines).file("slow.toml", slow);
    folder.run("plan requests.jsonl --max-requests 2 -o plan.json");
    let server = Serving::start(&folder, "simulate --time-scale 600 --faults slow.toml");
    let mut command = folder.command("submit plan.json --yes");
    command.env("ANTHROPIC_API_KEY", KEY).env("ANTHROPIC_BASE_URL", server.url()).stdin(Stdio::null());
    let child = command.spawn().unwrap();
    let journal = folder.path().join("plan.journal/journal.jsonl");
    while std::fs::read_to_string(&journal).is_ok_and(|text| text.matches("\"created\"").count() < 2)
        || !journal.exists()
    {
        thread::sleep(Duration::from_millis(5));
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{told}");
    let last: Vec<&str> = told.lines().rev().take(1).collect();
    insta::assert_snapshot!(last.join("\n"), @"note: stopped; to go on, run the same command again");
    assert_eq!(run(&folder, &server, "submit plan.json -q").code, 0);
    each_once(&server, 4);
}

/// How many plans are executed by processes that are killed.
const KILLED_PLANS: u64 = 50;

/// How many at once: most of the time they wait.
const AT_ONCE: u64 = 10;

#[cfg(unix)]
#[test]
fn killed_at_any_moment_nothing_is_sent_twice() {
    let handles: Vec<_> = (0..AT_ONCE)
        .map(|first| {
            thread::spawn(move || {
                (first..KILLED_PLANS).step_by(AT_ONCE.try_into().unwrap()).map(killed_often).sum::<u64>()
            })
        })
        .collect();
    let kills: u64 = handles.into_iter().map(|handle| handle.join().unwrap()).sum();
    println!("{KILLED_PLANS} plans, {kills} processes killed");
    assert!(kills > KILLED_PLANS);
}

/// Executes a plan, killing some processes after a time that follows from the number. How many were killed.
#[cfg(unix)]
fn killed_often(number: u64) -> u64 {
    let (folder, server) = stage(6, &fault("on = \"create\"\ndo = \"slow\"\nmilliseconds = 60\ntimes = 0"));
    let mut kills = 0;
    for attempt in 0..4 {
        let mut command = folder.command("submit plan.json --yes --on-ambiguous wait --settle 40");
        command.env("ANTHROPIC_API_KEY", KEY).env("ANTHROPIC_BASE_URL", server.url()).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis((number * 37 + attempt * 211) % 700 + 5));
        let was_running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        kills += u64::from(was_running);
    }
    let done = run(&folder, &server, "submit plan.json --yes --on-ambiguous wait --settle 40");
    assert_eq!(done.code, 0, "plan {number}: {}", done.stderr);
    each_once(&server, 6);
    let rows = folder.run("results plan.journal");
    assert_eq!((rows.code, rows.stdout.lines().count()), (0, 6));
    kills
}
