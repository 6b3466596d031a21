//! `--sample` as a user runs it.

mod common;

use common::{Folder, line};
use insta::assert_snapshot;
use serde_json::Value;

/// Six hundred requests of about 2 to 15 kB in several languages, deterministic and each different.
fn requests() -> String {
    const WORDS: [&[&str]; 3] = [
        &[
            "spider",
            "legs",
            "how",
            "many",
            "the",
            "of",
            "counted",
            "yesterday",
            "walks",
            "house",
            "window",
            "is",
        ],
        &[
            "Straße", "Füße", "die", "und", "zählen", "Häuser", "Spinne", "gestern", "für", "alle", "wie",
            "viele",
        ],
        &["let", "x", "=", "f(12);", "{", "}", "\"id\":", "4711,", "return", "a[i]", "+=", "// why"],
    ];
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut request = |number: u32| {
        let words = WORDS[random(WORDS.len())];
        let count = 300 + random(2_000);
        let mut text = String::new();
        for at in 0..count {
            text.push_str(words[random(words.len())]);
            text.push(if at % 12 == 11 { '\n' } else { ' ' });
        }
        let model = if number.is_multiple_of(3) { "claude-haiku-4-5" } else { "claude-sonnet-5-5" };
        line(&format!("r-{number}"), model, 100, &text)
    };
    (0..600).map(&mut request).collect::<Vec<_>>().join("\n")
}

fn input(plan: &Value) -> [u64; 3] {
    ["low", "likely", "high"].map(|end| plan["tokens"]["input"][end].as_u64().unwrap())
}

#[test]
fn a_sample_is_near_the_count_and_its_range_holds_it() {
    let folder = Folder::with(requests());
    let plan = |options: &str| {
        let run = folder.run(&format!("plan requests.jsonl --as-of 2026-11-21 --format json -q {options}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.json()
    };
    let counted = plan("");
    let counted_likely = input(&counted)[1];
    for rate in ["20%", "0.35"] {
        let sampled = plan(&format!("--sample {rate}"));
        let [low, likely, high] = input(&sampled);
        assert!(low <= counted_likely && counted_likely <= high, "{low} {counted_likely} {high}");
        assert!(likely.abs_diff(counted_likely) * 100 < counted_likely, "{likely} {counted_likely}");
        assert!((high - low) * 10 < likely, "{low} {high}");
        assert_eq!(sampled["requests"], counted["requests"]);
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = Folder::with(requests());
    let plan = |threads| {
        folder
            .run(&format!(
                "plan requests.jsonl --as-of 2026-11-21 --format json -q --sample 20% --threads {threads}"
            ))
            .stdout
    };
    let one = plan(1);
    assert!(one.contains("sampled"));
    assert_eq!(plan(2), one);
    assert_eq!(plan(5), one);
}

#[test]
fn the_rows_say_how_they_were_counted_and_their_ranges_hold() {
    let folder = Folder::with(requests());
    let rows = |options: &str| {
        folder.run(&format!("count requests.jsonl --by custom_id --format jsonl -q {options}")).stdout
    };
    let (counted, sampled) = (rows(""), rows("--sample 20%"));
    let parse = |row: &str| serde_json::from_str::<Value>(row).unwrap();
    let mut held = 0;
    for (counted, sampled) in counted.lines().map(parse).zip(sampled.lines().map(parse)) {
        assert_eq!(sampled["method"], "claude, sampled 20 %");
        let end = |row: &Value, end: &str| row["tokens"][end].as_u64().unwrap();
        let real = end(&counted, "likely");
        held += u32::from(end(&sampled, "low") <= real && real <= end(&sampled, "high"));
        assert!(end(&sampled, "high") - end(&sampled, "low") >= end(&counted, "high") - end(&counted, "low"));
    }
    assert!(held >= 570, "{held} of 600");
}

/// The language follows file, model and price, so that what all requests share is not what each file needs.
#[test]
fn ranges_hold_where_each_file_has_a_language_of_its_own() {
    let prose = |words: &[&str], file: u32, model: &str| {
        let text = |number: usize| {
            (0..900).map(|at| words[(at * at + number * at) % words.len()]).collect::<Vec<_>>()
        };
        let lines =
            (0..150).map(|number| line(&format!("{file}-{number}"), model, 100, &text(number).join(" ")));
        lines.collect::<Vec<_>>().join("\n")
    };
    let english = ["spider", "the", "counted", "yesterday", "house", "of", "window", "walks", "and", "seven"];
    let finnish =
        ["hämähäkki", "jalkaa", "kuinka", "monta", "eilen", "laskettiin", "talossa", "ikkuna", "kahdeksan"];
    let folder = Folder::with(prose(&english, 1, "claude-opus-5-5"));
    std::fs::write(folder.path().join("other.jsonl"), prose(&finnish, 2, "claude-haiku-5-5")).unwrap();
    let run = |command: &str, options: &str| {
        let run = folder.run(&format!("{command} requests.jsonl other.jsonl --format json -q {options}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.json()
    };
    let held = |counted: &Value, sampled: &Value, what: &str| {
        let end = |value: &Value, end: &str| value[end].as_u64().unwrap_or_else(|| panic!("{what}: {value}"));
        let real = end(counted, "likely");
        assert!(end(sampled, "low") <= real && real <= end(sampled, "high"), "{what}: {counted} {sampled}");
    };
    let (counted, sampled) = (run("count", ""), run("count", "--sample 20%"));
    held(&counted["total"]["tokens"], &sampled["total"]["tokens"], "total");
    for file in 0..2 {
        held(&counted["files"][file]["tokens"], &sampled["files"][file]["tokens"], "file");
    }
}

#[test]
fn a_small_workload_is_counted() {
    let folder = Folder::with(line("a", "claude-sonnet-5-5", 10, "How many legs has a spider?"));
    let sampled = folder.run("estimate requests.jsonl --sample 0.5% --as-of 2026-11-21");
    assert_eq!(sampled.stdout, folder.run("estimate requests.jsonl --as-of 2026-11-21").stdout);
    assert_snapshot!(sampled.complaint(), @r"
    note: there is too little text for a sample of this rate: all of it is counted, as without --sample
    exit code 0
    ");
}

#[test]
fn what_it_cannot_go_with_is_told() {
    let folder = Folder::with(line("a", "claude-sonnet-5-5", 10, "Hello"));
    let complaint = |arguments: &str| folder.run(arguments).complaint();
    assert_snapshot!(complaint("plan - --sample 1%"), @r"
    error: --sample reads its input twice, which standard input does not allow: save it to a file first
    exit code 2
    ");
    assert_snapshot!(complaint("plan requests.jsonl --sample 1% --tokenizer bytes"), @r"
    error: --sample estimates the counts of --tokenizer claude: leave out one of the two
    exit code 2
    ");
    assert_snapshot!(complaint("plan requests.jsonl --sample 1% --max-usd 5"), @"
    error: --max-usd holds each batch to the most it can cost, which a sample of its texts does not tell: leave out one of --max-usd and --sample
    exit code 2
    ");
    assert_snapshot!(complaint("count requests.jsonl --text --sample 1%"), @r"
    error: --sample counts requests, not texts: leave out --text
    exit code 2
    ");
    assert_snapshot!(complaint("count requests.jsonl --sample 60%"), @r"
    error: invalid value '60%' for '--sample <RATE>': write the share of the texts to count, from 0.01% to 50%, like 0.5% or 0.005

    For more information, try '--help'.
    exit code 2
    ");
    assert_snapshot!(complaint("plan requests.jsonl --sample 1% --exact sample=9"), @r"
    error: the argument '--sample <RATE>' cannot be used with '--exact <sample=N[,rate=N]>'

    Usage: batchwise plan --sample <RATE> <FILE>...

    For more information, try '--help'.
    exit code 2
    ");
}
