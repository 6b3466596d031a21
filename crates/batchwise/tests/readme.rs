//! The README is true: each of its commands runs, and the screen it shows is the screen one gets.

mod common;

use std::io::Write;

use common::serving::Serving;
use common::{Folder, good};
use flate2::{Compression, write::GzEncoder};

const README: &str = include_str!("../../../README.md");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The code blocks of that language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The arguments of all `batchwise` commands in the README, however they are started.
fn commands() -> Vec<String> {
    let lines = blocks("sh").into_iter().flat_map(str::lines);
    let commands = lines.map(|line| line.split(" #").next().unwrap().trim());
    let arguments = |line: &str| {
        let line =
            line.strip_prefix("cargo run -p batchwise -- ").or_else(|| line.strip_prefix("batchwise "));
        line.map(str::to_owned)
    };
    commands.filter_map(arguments).collect()
}

#[test]
fn the_screen_shown_is_the_screen_one_gets() {
    let first = &commands()[0];
    let output = Folder::new().command(first).current_dir(ROOT).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(blocks("text")[0], String::from_utf8(output.stdout).unwrap());
}

#[test]
fn every_command_runs() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(good("b").as_bytes()).unwrap();
    let folder =
        Folder::with(good("r")).file("a.jsonl", good("a")).file("b.jsonl.gz", gzip.finish().unwrap());
    for plan in ["base.json", "head.json"] {
        assert_eq!(folder.run(&format!("plan requests.jsonl -o {plan}")).code, 0);
    }
    let folder = folder.file("fast.toml", "[processing]\nseconds_min = 1\nseconds_max = 9\n");
    let server = Serving::start(&folder, "simulate --time-scale 600 --faults fast.toml");
    let commands = commands();
    assert!(commands.len() >= 7, "{commands:#?}");
    for command in &commands[1..] {
        let command = command.split(" > ").next().unwrap();
        // What names a file of the repository is meant to be run at its root.
        let at_root = command.contains("examples/") || command.contains(".md");
        let place = if at_root { std::path::Path::new(ROOT) } else { folder.path() };
        // There is nobody to ask.
        let command =
            if command.starts_with("submit ") { format!("{command} --yes") } else { command.to_owned() };
        let mut run = folder.command(&command);
        run.env("ANTHROPIC_API_KEY", "any").env("ANTHROPIC_BASE_URL", server.url());
        let run = run.current_dir(place).output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&run.stderr));
    }
}

/// The relative links of a Markdown text.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://")).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let folder = |path: &std::path::Path| {
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let root = std::path::Path::new(ROOT);
    let pages = [root.to_owned(), root.join("docs"), root.join("pricing"), root.join("examples/data")];
    for page in pages.iter().flat_map(|path| folder(path)) {
        if page.extension().is_some_and(|extension| extension == "md") {
            for link in links(&std::fs::read_to_string(&page).unwrap()) {
                assert!(page.parent().unwrap().join(link).exists(), "{}: {link}", page.display());
            }
        }
    }
}

#[test]
fn the_test_command_is_the_one_that_ci_runs() {
    let ci = std::fs::read_to_string(format!("{ROOT}/.ci/run")).unwrap();
    assert!(blocks("sh").iter().any(|block| block.trim() == "cargo test --workspace"));
    assert!(ci.contains("cargo test --workspace"));
}
