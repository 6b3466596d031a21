//! More ids than memory may hold: they go to a temporary file.

mod common;

use std::process::{Command, Output};

use common::{Folder, good};
use insta::assert_snapshot;

const OPTIONS: &str = "requests.jsonl --as-of 2026-11-21 --tokenizer bytes";

/// A file of 300 requests, of which the last 50 repeat earlier ids, and a folder for what is temporary.
fn folder() -> Folder {
    let ids = (0..250).chain((0..50).map(|number| number * 5));
    let lines: Vec<String> = ids.map(|number| good(&format!("request-{number}"))).collect();
    let folder = Folder::with(lines.join("\n"));
    std::fs::create_dir(folder.path().join("temporary")).unwrap();
    folder
}

fn run(folder: &Folder, arguments: &str, temporary: &str) -> Output {
    folder.command(arguments).env("TMPDIR", folder.path().join(temporary)).output().unwrap()
}

/// What is told, with a fixed name for the folder, and the exit code.
fn told(folder: &Folder, output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let text = text.replace(folder.path().to_str().unwrap(), "[FOLDER]");
    format!("{text}exit code {}", output.status.code().unwrap())
}

#[test]
fn a_plan_does_not_depend_on_where_its_ids_are_kept() {
    let folder = folder();
    for command in [format!("plan {OPTIONS} --format json -v"), format!("estimate {OPTIONS} -v")] {
        let expected = run(&folder, &command, "missing");
        assert_eq!(String::from_utf8_lossy(&expected.stderr).matches("names two requests").count(), 50);
        for ids_in_memory in [0, 1, 7, 100, 249, 250] {
            let kept = run(&folder, &format!("{command} --ids-in-memory {ids_in_memory}"), "temporary");
            assert_eq!(kept, expected, "{command}, {ids_in_memory}");
        }
    }
    assert_eq!(folder.path().join("temporary").read_dir().unwrap().count(), 0);
}

#[test]
#[cfg(unix)]
fn a_missing_folder_is_an_error_as_soon_as_it_is_needed() {
    let folder = folder();
    assert!(
        run(&folder, &format!("plan {OPTIONS} --ids-in-memory 250 -o a.json"), "missing").stderr.len() > 1
    );
    assert!(folder.names().contains(&"a.json".to_owned()));
    let output = run(&folder, &format!("plan {OPTIONS} --ids-in-memory 249 -o b.json"), "missing");
    assert_snapshot!(told(&folder, &output), @"
    error: cannot keep the ids of so many requests in [FOLDER]/missing: name a folder with more room in TMPDIR: entity not found
    exit code 2
    ");
    assert_eq!(folder.names(), ["a.json", "requests.jsonl", "temporary"]);
    assert!(output.stdout.is_empty());
}

#[test]
#[cfg(unix)]
fn a_full_disk_is_an_error() {
    let folder = folder();
    let [plan, estimate] = ["plan", "estimate"].map(|command| {
        // Files may grow by nothing, and what tries is told so instead of being ended.
        let script = format!("trap '' XFSZ; ulimit -f 0; exec \"$0\" {command} {OPTIONS} --ids-in-memory 20");
        let binary = folder.command("").get_program().to_owned();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(script).arg(binary).current_dir(folder.path());
        shell.env("TMPDIR", folder.path().join("temporary"));
        told(&folder, &shell.output().unwrap())
    });
    assert_snapshot!(plan, @"
    error: cannot keep the ids of so many requests in [FOLDER]/temporary: name a folder with more room in TMPDIR: File too large (os error 27)
    exit code 2
    ");
    assert_eq!(estimate, plan);
    assert_eq!(folder.names(), ["requests.jsonl", "temporary"]);
    assert_eq!(folder.path().join("temporary").read_dir().unwrap().count(), 0);
}
