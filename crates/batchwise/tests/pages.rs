//! `docs/gate.md`, `docs/caching.md`, `docs/compare.md`, `docs/reports.md` and `docs/results.md` are true: their commands, run
//! one after another from a clone, show what they show.
//! After a change of a screen, `UPDATE_PAGES=1 cargo test -p batchwise --test pages` writes the pages anew.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const NEXT: &str = "=== the next block ===\n";

/// Building takes minutes, so this stands in for cargo: it accepts the command that does install.
const CARGO: &str = "#!/bin/sh\n[ \"$*\" = 'install --locked --path crates/batchwise' ] && [ -f crates/batchwise/Cargo.toml ]\n";

/// A fenced block of a page.
struct Block<'p> {
    language: &'p str,
    text: &'p str,
}

fn page(name: &str) -> String {
    fs::read_to_string(format!("{ROOT}/docs/{name}")).unwrap()
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced
        .map(|block| block.split_once('\n').unwrap())
        .map(|(language, text)| Block { language, text })
        .collect()
}

/// What each block of commands prints, all run in one session that ends at the first failure.
fn run(commands: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (bin, clone) = (folder.path().join("bin"), folder.path().join("clone"));
    fs::create_dir(&bin).unwrap();
    fs::create_dir(&clone).unwrap();
    symlink(env!("CARGO_BIN_EXE_batchwise"), bin.join("batchwise")).unwrap();
    fs::write(bin.join("cargo"), CARGO).unwrap();
    fs::set_permissions(bin.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    for part in ["examples", "crates"] {
        symlink(Path::new(ROOT).join(part), clone.join(part)).unwrap();
    }

    let session = commands.join(&format!("printf '%s' '{NEXT}'\n"));
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("set -euo pipefail; exec 2>&1\n{session}")]);
    let output = bash.current_dir(&clone).env_clear().env("PATH", path).output().unwrap();
    let screen = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "a command fails:\n{screen}");
    screen.split(NEXT).map(str::to_owned).collect()
}

/// A page with at least so many blocks of commands.
#[track_caller]
fn check(name: &str, commands_min: usize) {
    let page = page(name);
    let blocks = blocks(&page);
    let commands: Vec<&str> =
        blocks.iter().filter(|block| block.language == "sh").map(|block| block.text).collect();
    assert!(commands.len() >= commands_min, "{commands:#?}");
    let mut printed = run(&commands).into_iter();

    let mut said = String::new();
    let mut updated = page.clone();
    for block in &blocks {
        match block.language {
            "sh" => {
                assert_eq!(said, "", "something is printed and not shown before `{}`", block.text);
                said = printed.next().unwrap();
            }
            "text" => {
                let start = block.text.as_ptr() as usize - page.as_ptr() as usize;
                let start = start + updated.len() - page.len();
                updated.replace_range(start..start + block.text.len(), &said);
                said.clear();
            }
            _ => (),
        }
    }
    assert_eq!(said, "", "something is printed at the end and not shown");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::write(format!("{ROOT}/docs/{name}"), updated).unwrap();
    } else {
        assert_eq!(page, updated, "run `UPDATE_PAGES=1 cargo test -p batchwise --test pages`");
    }
}

#[test]
fn the_page_of_the_gate_shows_what_its_commands_print() {
    check("gate.md", 9);
}

#[test]
fn the_page_of_caching_shows_what_its_commands_print() {
    check("caching.md", 6);
}

#[test]
fn the_page_of_comparisons_shows_what_its_commands_print() {
    check("compare.md", 3);
}

#[test]
fn the_page_of_reports_shows_what_its_commands_print() {
    check("reports.md", 3);
}

#[test]
fn the_page_of_results_shows_what_its_commands_print() {
    check("results.md", 6);
}

#[test]
fn what_it_shows_of_ci_is_in_the_examples() {
    let files = ["github-workflow.yml", "gitlab-ci.yml", "pre-commit-config.yaml"];
    let examples = files.map(|name| fs::read_to_string(format!("{ROOT}/examples/ci/{name}")).unwrap());
    let page = page("gate.md");
    let shown: Vec<Block<'_>> = blocks(&page).into_iter().filter(|block| block.language == "yaml").collect();
    assert_eq!(shown.len(), 4);
    for Block { text, .. } in shown {
        let lines = |text: &str| text.replace(" ${{ env.FILES }}", " batches/*.jsonl");
        assert!(examples.iter().any(|example| lines(example).contains(text)), "{text}");
    }
}
