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
    assert_eq!(folder.run("plan requests.jsonl --max-requests 2 -o plan.json").code, 0);
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
    let mut masked = String::new();
    for (number, part) in text.split("msgbatch_").enumerate() {
        match number {
            0 => masked.push_str(part),
            _ => {
                let end =
                    part.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(part.len());
                masked.push_str("msgbatch_…");
                masked.push_str(&part[end..]);
            }
        }
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
    insta::assert_snapshot!(masked(&done.stdout, &server), @"");
    insta::assert_snapshot!(masked(&done.stderr, &server), @"");
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
    insta::assert_snapshot!(submit("nokey").1, @"");
    assert_eq!(submit("key"), (0, String::new()));
}

#[test]
fn what_must_not_be_sent_is_refused_before_anything_is_sent() {
    let (folder, server) = stage(4, "");
    let complaint = |arguments: &str| masked(&run(&folder, &server, arguments).complaint(), &server);
    insta::assert_snapshot!(complaint("submit plan.json"), @"");
    insta::assert_snapshot!(complaint("submit plan.json --yes --max-usd 0.0001"), @"");
    insta::assert_snapshot!(folder.run("submit plan.json --yes").complaint(), @"");
    insta::assert_snapshot!(complaint("submit requests.jsonl --yes"), @"");
    insta::assert_snapshot!(complaint("submit plan.json --yes --resolve one=two"), @"");
    insta::assert_snapshot!(complaint("submit plan.json --yes --journal ."), @"");

    folder.run("plan requests.jsonl --max-requests 2 --max-usd 0.000001 -o refused.json");
    insta::assert_snapshot!(complaint("submit refused.json --yes"), @"");
    std::fs::write(folder.path().join("bad.jsonl"), "{}\n").unwrap();
    folder.run("plan bad.jsonl -o unusable.json");
    insta::assert_snapshot!(complaint("submit unusable.json --yes"), @"");
    let newer = folder.read("plan.json").replace("batchwise.plan/1", "batchwise.plan/2");
    std::fs::write(folder.path().join("newer.json"), newer).unwrap();
    insta::assert_snapshot!(complaint("submit newer.json --yes"), @"");

    let requests = folder.read("requests.jsonl");
    std::fs::write(folder.path().join("requests.jsonl"), requests.replace("legs", "eyes")).unwrap();
    insta::assert_snapshot!(complaint("submit plan.json --yes"), @"");
    std::fs::remove_file(folder.path().join("requests.jsonl")).unwrap();
    insta::assert_snapshot!(complaint("submit plan.json --yes"), @"");

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
    insta::assert_snapshot!(complaint("submit other.json --yes --journal plan.journal"), @"");
    insta::assert_snapshot!(complaint("submit plan.json --yes --journal second"), @"");
    insta::assert_snapshot!(complaint("submit plan.json --yes --workspace wrkspc_2"), @"");
    insta::assert_snapshot!(complaint("submit plan.json --yes --base-url http://127.0.0.1:9"), @"");
    insta::assert_snapshot!(complaint("status nowhere"), @"");
    each_once(&server, 4);
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q --journal second --again").code, 0);
    assert_eq!(server.accepted().len(), 4);

    let journal = folder.read("plan.journal/journal.jsonl");
    let path = folder.path().join("plan.journal/journal.jsonl");
    std::fs::write(&path, journal.replace("\"batch\":1", "\"batch\":0")).unwrap();
    insta::assert_snapshot!(complaint("submit plan.json --yes"), @"");
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
    insta::assert_snapshot!(run(&folder, &server, "submit plan.json --yes").complaint(), @"");
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
    insta::assert_snapshot!(masked(&told, &server), @"");
    each_once(&server, 8);
}

#[test]
fn what_nobody_knows_stops_until_somebody_says() {
    // The second batch is never made, but nobody hears of that either.
    let (folder, server) = stage(6, &fault("on = \"create\"\ndo = \"answer\"\nstatus = 500\nfrom = 2"));
    let stopped = run(&folder, &server, "submit plan.json --yes --no-wait -q");
    let told: Vec<&str> = stopped.stderr.lines().collect();
    insta::assert_snapshot!(masked(told.last().unwrap(), &server).split("from 20").next().unwrap(), @"");
    assert_eq!(stopped.code, 3);
    insta::assert_snapshot!(masked(&run(&folder, &server, "status plan.journal --offline").stdout, &server), @"");
    let done = run(&folder, &server, "submit plan.json --yes -q --resolve 1=none");
    assert_eq!(done.code, 0, "{}", done.stderr);
    each_once(&server, 6);
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
    insta::assert_snapshot!(masked(&run(&folder, &server, "submit plan.json --yes -q").complaint(), &server), @"");
    let (folder, server) = stage(4, &fault("on = \"create\"\ndo = \"spend-cap\"\nfrom = 2\ntimes = 2"));
    insta::assert_snapshot!(masked(&run(&folder, &server, "submit plan.json --yes -q").complaint(), &server), @"");
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 3);
    assert_eq!(run(&folder, &server, "submit plan.json --yes -q").code, 0);
    each_once(&server, 4);
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
    insta::assert_snapshot!(masked(&canceled.complaint(), &server), @"");
    let done = run(&folder, &server, "submit plan.json -q");
    assert_eq!(done.code, 0, "{}", done.stderr);
    insta::assert_snapshot!(masked(&done.stdout, &server), @"");
    assert_eq!(server.accepted().len(), 2);
}

#[test]
fn an_old_plan_is_doubted_and_speaks_as_it_was_planned() {
    let lines = format!("{}\n", line("a", "claude-haiku-4-5", 100, "Hello"));
    let folder = Folder::with(lines).file("faults.toml", FAST);
    folder.run("plan requests.jsonl --as-of 2025-12-01 --api-version 2023-06-01 -o plan.json");
    let server = Serving::start(&folder, "simulate --time-scale 600 --faults faults.toml");
    let done = run(&folder, &server, "submit plan.json --yes -q");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(folder.read("plan.journal/journal.jsonl").contains("\"api_version\":\"2023-06-01\""));
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
    insta::assert_snapshot!(last.join("\n"), @"");
    assert_eq!(run(&folder, &server, "submit plan.json -q").code, 0);
    each_once(&server, 4);
}

/// How many plans are executed by processes that are killed.
const KILLED_PLANS: u64 = 50;

/// How many at once: most of the time they wait.
const AT_ONCE: u64 = 5;

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
