//! `batchwise plan` as a user runs it.

mod common;

use std::io::Write;
use std::process::Stdio;

use common::{Folder, good, line};
use flate2::{Compression, write::GzEncoder};
use insta::assert_snapshot;
use serde_json::Value;

const JSON: &str = "--as-of 2026-11-21 --tokenizer bytes --format json";

fn plan_of(content: impl AsRef<[u8]>) -> Value {
    let run = Folder::with(content).run(&format!("plan requests.jsonl {JSON}"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    run.json()
}

fn workload() -> String {
    let cached = r#"{"custom_id":"cached","params":{"model":"claude-haiku-4-5","max_tokens":500,"system":[{"type":"text","text":"SYSTEM","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":"And now?"}]}}"#;
    let cached =
        cached.replace("SYSTEM", &"You answer questions about the animals of the forest. ".repeat(400));
    [good("spider"), line("bird", "claude-haiku-5-5", 2000, "How many legs has a bird?"), cached].join("\n")
}

#[test]
fn the_quote_for_people() {
    let folder = Folder::with(workload());
    let run = folder.run("plan requests.jsonl --as-of 2026-11-21 --tokenizer bytes");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100));
    let book = folder.run(&format!("plan requests.jsonl {JSON}")).json()["price_book"]["sha256"].clone();
    let screen = run.stdout.replace(&book.as_str().unwrap()[..16], "[the book's hash]");
    assert_snapshot!(screen, @"
    requests.jsonl: 3 requests in 1 batch

    USD                         low  likely       high      saved     %
    standard, one by one  $0.002858       -  $0.020960
    batch                 $0.001429       -  $0.010480  $0.010480  50.0
    batch with caching    $0.000154       -  $0.014180  $0.006781  32.3

      low: input at the low end of its range, no reply at all
      high: input at the high end of its range, every reply as long as its `max_tokens` (a bound)
      likely: unknown, because no reply length was given (--output-tokens); `saved` compares the high
        ends

    Models
      claude-haiku-4-5 (priced as claude-haiku-4-5-20251001): 1 request
        input 4,787 tokens likely (2,841 to 7,410)
        output 0 to 500 tokens
        at most $0.00865 as batches, whatever the cache does
        USD per million tokens   in  out  write 5m  write 1h  read
          standard                1    5      1.25         2   0.1
          batch                 0.5  2.5     0.625         1  0.05
          since 2025-10-15, read 2026-08-21: https://platform.claude.com/docs/en/about-claude/pricing
      claude-haiku-5-5: 1 request
        input 15 tokens likely (7 to 23)
        output 0 to 2,000 tokens
        at most $0.000501 as batches, whatever the cache does
        USD per million tokens    in   out  write 5m  write 1h   read
          standard               0.1   0.5     0.125       0.2   0.01
          batch                 0.05  0.25    0.0625       0.1  0.005
          since 2026-10-07, read 2026-10-09: https://platform.claude.com/docs/en/about-claude/pricing
      claude-sonnet-5-5: 1 request
        input 16 tokens likely (8 to 24)
        output 0 to 1,000 tokens
        at most $0.00502 as batches, whatever the cache does
        USD per million tokens  in  out  write 5m  write 1h  read
          standard               2   10       2.5         4   0.1
          batch                  1    5      1.25         2  0.05
          since 2026-10-07, read 2026-10-08: https://platform.claude.com/docs/en/about-claude/pricing

    Batches
      batch  requests  body bytes  from line       low  likely     bound
          1         3      22,120          1  $0.00143       -  $0.01418

    Assumptions
      prices: list prices of 2026-11-21 [price book; each model's row names its source]
      batch-price: half of the standard price, for every kind of token
        [https://platform.claude.com/docs/en/about-claude/pricing, read 2026-08-21]
      input-tokens: estimated offline by `bytes`; low and high are a range, not a bound
        [docs/accuracy.md]
      output-tokens: unknown: from nothing to the cap `max_tokens`; no expectation was given
        [`max_tokens` of each request]
      cache: unknown: from every marked prefix read (low) to every one written (high)
        [https://platform.claude.com/docs/en/build-with-claude/prompt-caching, read 2026-08-22]
      region: global where a request does not say [--geo]
      body-limit: 256000000 bytes of HTTP body and 100000 requests per batch
        [https://platform.claude.com/docs/en/build-with-claude/batch-processing, read 2026-08-14]
      unconfirmed-price: `era.tier` of `claude-haiku-5-5` rests on third parties or derivation [price
        book; `batchwise prices show claude-haiku-5-5` tells more]

    Price book 2026-11-21, sha256 [the book's hash]…, prices of 2026-11-21

    Nothing is wrong with it.
    ");
    let expected = folder
        .run("plan requests.jsonl --as-of 2026-11-21 --tokenizer bytes --output-tokens 40% --cache 90%");
    assert_snapshot!(expected.stdout.lines().take(11).collect::<Vec<_>>().join("\n"), @"
    requests.jsonl: 3 requests in 1 batch

    USD                         low     likely       high      saved     %
    standard, one by one  $0.002858  $0.010221  $0.020960
    batch                 $0.001429  $0.005110  $0.010480  $0.005110  50.0
    batch with caching    $0.000423  $0.003414  $0.010480  $0.006806  66.6

      low: input at the low end of its range, no reply at all
      high: input at the high end of its range, every reply as long as its `max_tokens` (a bound)
      likely: the expected input and reply; `saved` compares likely with likely
    ");
}

#[test]
fn the_plan_keeps_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../docs/schemas/plan.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let bad = "[]\n".to_owned() + &workload() + "\n" + &good("spider") + "\n" + &line("x", "nobody", 1, "hi");
    for (content, arguments) in
        [(workload(), "--cache 50% --output-tokens 10"), (bad, "--max-usd 0.01"), (String::new(), "")]
    {
        let run = Folder::with(content).run(&format!("plan requests.jsonl {JSON} {arguments}"));
        let errors: Vec<String> = schema.iter_errors(&run.json()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let folder = Folder::with(workload());
    let printed = folder.run(&format!("plan requests.jsonl {JSON} -o plan.json"));
    assert_eq!(printed.stdout, folder.read("plan.json"));
    for threads in ["1", "3"] {
        let again = folder.run(&format!("plan requests.jsonl {JSON} --threads {threads}"));
        assert_eq!(again.stdout, printed.stdout);
    }
    assert_eq!(folder.names(), ["plan.json", "requests.jsonl"]);
}

#[test]
fn a_small_plan_in_full() {
    let plan = plan_of(good("spider"));
    assert_snapshot!(serde_json::to_string_pretty(&plan["batches"]).unwrap(), @r#"
    [
      {
        "body_bytes": 163,
        "body_sha256": "ee0d2d97af6a48ed6141dfb3480cf084c40b3fbe86f3af6fa2c6e8ed6d0ecd22",
        "index": 0,
        "quote": {
          "batch": {
            "high": "0.005024",
            "likely": null,
            "low": "0.000008"
          },
          "batch_bound": "0.005024",
          "batch_cached": {
            "high": "0.005024",
            "likely": null,
            "low": "0.000008"
          },
          "standard": {
            "high": "0.010048",
            "likely": null,
            "low": "0.000016"
          }
        },
        "requests": 1,
        "slices": [
          {
            "end": 148,
            "first_line": 1,
            "input": 0,
            "start": 0
          }
        ],
        "tokens": {
          "input": {
            "high": 24,
            "likely": 16,
            "low": 8
          },
          "output": {
            "high": 1000,
            "likely": null,
            "low": 0
          }
        },
        "unpriced_requests": 0,
        "wave": 0
      }
    ]
    "#);
}

/// However the lines are wrapped, what is planned is the same.
#[test]
fn marks_terminators_and_compression_change_nothing() {
    let lines = [good("a"), good("b")];
    let plain = plan_of(lines.join("\n") + "\n");
    let digest = |plan: &Value| (plan["requests"].clone(), plan["batches"][0]["body_sha256"].clone());
    let same = |content: Vec<u8>| assert_eq!(digest(&plan_of(content)), digest(&plain));
    same(lines.join("\n").into_bytes());
    same((lines.join("\r\n") + "\r\n").into_bytes());
    same(("\u{feff}".to_owned() + &lines.join("\n\n \t\n")).into_bytes());
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(lines[0].as_bytes()).unwrap();
    let mut members = gzip.finish().unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(format!("\n{}", lines[1]).as_bytes()).unwrap();
    members.extend(gzip.finish().unwrap());
    same(members);
    same(zstd::encode_all(lines.join("\n").as_bytes(), 3).unwrap());
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let run = Folder::new().run_with_input(&format!("plan - {JSON}"), good("a").as_bytes());
    assert_eq!((run.code, &run.json()["inputs"][0]["path"]), (0, &Value::from("-")));
}

#[test]
fn a_compressed_file_that_was_cut_is_an_error() {
    let packed = zstd::encode_all(workload().repeat(20).as_bytes(), 3).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(workload().repeat(20).as_bytes()).unwrap();
    for packed in [packed, gzip.finish().unwrap()] {
        let run = Folder::with(&packed[..packed.len() - 20])
            .run(&format!("plan requests.jsonl {JSON} -o plan.json"));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains("error: cannot read requests.jsonl beyond byte"), "{}", run.stderr);
    }
}

#[test]
fn several_files_are_one_workload() {
    let folder = Folder::new().file("one", good("a")).file("two", good("b") + "\n" + &good("a"));
    let run = folder.run(&format!("plan one two {JSON}"));
    assert_eq!((run.code, &run.json()["requests"]), (1, &Value::from(2)));
    assert!(run.stderr.contains("one:1 is the first"), "{}", run.stderr);
}

#[test]
fn limits_cut_the_workload() {
    let lines: Vec<String> = (0..5).map(|number| good(&format!("id-{number}"))).collect();
    let folder = Folder::with(lines.join("\n"));
    let batches = |limit: &str| {
        let run = folder.run(&format!("plan requests.jsonl {JSON} {limit}"));
        assert_eq!(run.code, 0);
        let plan = run.json();
        let batches = plan["batches"].as_array().unwrap().iter();
        batches.map(|batch| batch["requests"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let size = lines[0].len();
    assert_eq!(batches(""), [5]);
    assert_eq!(batches("--max-requests 2"), [2, 2, 1]);
    assert_eq!(batches(&format!("--max-bytes {}", 15 + 3 * size + 2)), [3, 2]);
    assert_eq!(batches(&format!("--max-bytes {}", 15 + 3 * size + 1)), [2, 2, 1]);
    assert_eq!(batches("--max-usd 0.011"), [2, 2, 1]);
}

#[test]
fn a_request_over_the_budget_is_refused() {
    let folder = Folder::with(good("a"));
    assert_snapshot!(folder.run(&format!("plan requests.jsonl {JSON} --max-usd 0.004")).complaint(), @r#"
    error[request-over-budget]: `a` may cost $0.005024, above the $0.004 that a batch may
     --> requests.jsonl:1:1 (byte 0)
      |
    1 | {"custom_id":"a","params":{"model":"claude-sonnet-5-5","max_…
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: lower its `max_tokens`, shorten it, or raise --max-usd

    exit code 1
    "#);
}

#[test]
fn quiet_shows_errors_only() {
    let folder = Folder::with(line("a", "claude-opus-4-1", 10, "hi"));
    assert!(folder.run(&format!("plan requests.jsonl {JSON}")).stderr.contains("warning[retired-model]"));
    assert_eq!(folder.run(&format!("plan requests.jsonl {JSON} -q")).stderr, "");
}

#[test]
fn negotiated_prices_are_laid_over_the_book() {
    let overlay = "schema = 1\nlabel = \"2026 contract\"\ndiscount_percent = \"20\"\n";
    let folder = Folder::with(line("a", "claude-sonnet-5-5", 1_000_000, "hi")).file("mine.toml", overlay);
    let bundled = folder.run(&format!("plan requests.jsonl {JSON}")).json();
    let mine = folder.run(&format!("plan requests.jsonl {JSON} --pricing mine.toml")).json();
    let rate = |plan: &Value| plan["models"][0]["rates"][0]["usd_per_mtok"]["batch"]["output"].clone();
    assert_eq!((rate(&bundled), rate(&mine)), (Value::from("5"), Value::from("4")));
    assert_eq!(mine["price_book"]["version"], "2026-11-21+overlay");
    assert_ne!(mine["price_book"]["sha256"], bundled["price_book"]["sha256"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let lines: Vec<String> = (0..3000).map(|number| good(&format!("id-{number}"))).collect();
    let folder = Folder::with(lines.join("\n"));
    let mut child =
        folder.command("estimate requests.jsonl --tokenizer bytes").stdin(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let folder = Folder::new();
    let mut child =
        folder.command("estimate - --tokenizer bytes -o rows.csv").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", good("a")).unwrap();
    while folder.names().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}
