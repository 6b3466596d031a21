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
fn what_is_no_bound_is_not_shown_as_one() {
    let content = [good("a"), line("b", "claude-unknown", 10, "And now?")].join("\n");
    let run = Folder::with(content).run("plan requests.jsonl --as-of 2026-11-21 --allow-unpriced");
    let batches = run.stdout.split("Batches\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert_snapshot!(batches, @"
    batch  requests  body bytes  from line  uncached low  likely        up to
        0         2         278          1    $0.0000130       -  $0.0050170+
    +: and more, as requests in it have no price or no upper bound
    ");
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
    $0.00143 to $0.01418 as batches with caching, 32.3 % less than one by one at the high end

    USD                            low  likely          high   saved, high     %
    standard, one by one  $0.002857700       -  $0.020960300
    batch                 $0.001428850       -  $0.010480150  $0.010480150  50.0
    batch with caching    $0.001428850       -  $0.014179650  $0.006780650  32.3

      low: input at the low end of its 95 % range, no reply at all
      high: input at the high end of its 95 % range, every reply as long as its `max_tokens`
      likely: unknown where it says -, because no reply length was given (--output-tokens)

    Cache
      Send it without breakpoints, for $0.00916: no two requests share what they mark, so caching can
        only add to it, up to $0.01155.
      USD              low  likely input          high  against none
      none    $0.001428850  $0.009160250  $0.010480150
      cold    $0.001428850  $0.011549250  $0.014179650        +26.1%
      best    $0.001428850  $0.011549250  $0.014179650        +26.1%
      primed  $0.001428850  $0.011549250  $0.014179650        +26.1%
        likely input: with every reply as long as its `max_tokens`; low and high as above, those of hit
          rates perhaps wider than with --cache N%
        none: no caching: breakpoints are ignored, or there are none
        cold: nothing is found: every request writes all that it marks
        best: one request of each group and wave writes, its reply begins before the others are looked
          at, and they read
        primed: one request of each group goes ahead in a batch of its own and writes for an hour; when
          that has ended, the others read
      likely: cold, as no two requests share a prefix that is marked, so each writes its own and reads
        nothing
      pays from: a hit rate of 0.526; groups of 3 requests, where one writes for an hour and the others
        read

    Models
      claude-haiku-4-5 (priced as claude-haiku-4-5-20251001): 1 request
        input 4,787 tokens likely (2,841 to 7,410)
        of these before a cache breakpoint: 4,778 tokens likely (2,833 to 7,399)
        output 0 to 500 tokens
        up to $0.008654500 as batches with every input at its high end, whatever the cache does
        USD per million tokens   in  out  write 5m  write 1h  read
          standard                1    5      1.25         2   0.1
          batch                 0.5  2.5     0.625         1  0.05
          since 2025-10-15, read 2026-08-21: https://platform.claude.com/docs/en/about-claude/pricing
      claude-haiku-5-5: 1 request
        input 15 tokens likely (7 to 23)
        output 0 to 2,000 tokens
        up to $0.000501150 as batches with every input at its high end, whatever the cache does
        USD per million tokens    in   out  write 5m  write 1h   read
          standard               0.1   0.5     0.125       0.2   0.01
          batch                 0.05  0.25    0.0625       0.1  0.005
          since 2026-10-07, read 2026-10-09: https://platform.claude.com/docs/en/about-claude/pricing
      claude-sonnet-5-5: 1 request
        input 16 tokens likely (8 to 24)
        output 0 to 1,000 tokens
        up to $0.005024000 as batches with every input at its high end, whatever the cache does
        USD per million tokens  in  out  write 5m  write 1h  read
          standard               2   10       2.5         4   0.1
          batch                  1    5      1.25         2  0.05
          since 2026-10-07, read 2026-10-08: https://platform.claude.com/docs/en/about-claude/pricing

    Batches
      batch  requests  body bytes  from line  uncached low  likely         up to
          0         3      22,120          1  $0.001428850       -  $0.014179650

    Assumptions
      prices: list prices of 2026-11-21 [price book; each model's row names its source]
      batch-price: as the price book says: half of the standard price for every kind of token, unless
        your own prices differ [https://platform.claude.com/docs/en/about-claude/pricing, read
        2026-08-21]
      input-tokens: estimated offline by `bytes`; low and high are a range, not a bound
        [docs/accuracy.md]
      totals: their ranges take errors of input estimates as shared by all requests to 1 of their size
        and independent beyond that; bounds add up in full [docs/accuracy.md, Totals]
      output-tokens: unknown: from nothing to the cap `max_tokens`; no expectation was given
        [`max_tokens` of each request]
      cache: unknown: from one write for each group and wave (low) to every marked prefix written (high)
        [https://platform.claude.com/docs/en/build-with-claude/prompt-caching, read 2026-08-22]
      region: global where a request does not say [--geo]
      batch-limits: 256000000 bytes of HTTP body and 100000 requests per batch
        [https://platform.claude.com/docs/en/build-with-claude/batch-processing, read 2026-08-14]
      unconfirmed-price: `era.tier` of `claude-haiku-5-5` rests on third parties or derivation [price
        book; `batchwise prices show claude-haiku-5-5` tells more]

    Price book 2026-11-21, sha256 [the book's hash]…, prices of 2026-11-21

    No errors, no warnings.
    ");
    let expected = folder
        .run("plan requests.jsonl --as-of 2026-11-21 --tokenizer bytes --output-tokens 40% --cache 90%");
    assert_snapshot!(expected.stdout.lines().take(11).collect::<Vec<_>>().join("\n"), @"
    requests.jsonl: 3 requests in 1 batch
    $0.003414 likely ($0.000423 to $0.010480) as batches with caching, 66.6 % less than one by one

    USD                            low        likely          high  saved, likely     %
    standard, one by one  $0.002857700  $0.010220500  $0.020960300
    batch                 $0.001428850  $0.005110250  $0.010480150   $0.005110250  50.0
    batch with caching    $0.000423135  $0.003414060  $0.010480150   $0.006806440  66.6

      low: input at the low end of its 95 % range, no reply at all
      high: input at the high end of its 95 % range, every reply as long as its `max_tokens`
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
          "cache_marked": {
            "high": 0,
            "likely": 0,
            "low": 0
          },
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
        "unbounded_requests": 0,
        "unpriced_requests": 0,
        "usage": [
          {
            "cached": {
              "input": "16",
              "output": "1000"
            },
            "geo": "global",
            "model": "claude-sonnet-5-5",
            "prompt_tokens_over": null,
            "requests": 1,
            "uncached": {
              "input": "16",
              "output": "1000"
            }
          }
        ],
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
      = help: lower its `max_tokens`, shorten its prompt, or raise --max-usd

    exit code 1
    "#);
}

#[test]
fn quiet_shows_errors_only() {
    let folder = Folder::with(line("a", "claude-opus-5-5", 10, "hi"));
    let late = JSON.replace("2026-11-21", "2027-03-01");
    assert!(folder.run(&format!("plan requests.jsonl {late}")).stderr.contains("warning[stale-price-book]"));
    assert_eq!(folder.run(&format!("plan requests.jsonl {late} -q")).stderr, "");
}

#[test]
fn what_the_api_answers_with_an_error_is_priced_and_refused() {
    let retired = line("a", "claude-opus-4-1", 10, "hi");
    let long = line("b", "claude-opus-5-5", 300_000, "hi");
    let folder = Folder::with(format!("{retired}\n{long}"));
    let run = folder.run(&format!("plan requests.jsonl {JSON}"));
    assert_eq!(run.code, 1);
    let plan = run.json();
    assert_eq!(
        (&plan["verdict"], &plan["requests"], &plan["left_out_lines"]),
        (&"refused".into(), &2.into(), &0.into())
    );
    assert_eq!(
        plan["findings"]["rules"],
        serde_json::json!({"retired-model": 1, "max-tokens-over-limit": 1})
    );
    assert_eq!(folder.run("estimate requests.jsonl --as-of 2026-11-21").code, 1);
    assert_eq!(folder.run("count requests.jsonl").code, 0);
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

#[test]
fn bad_rows_turn_the_code_even_when_nobody_reads() {
    let lines: Vec<String> = (0..3000).map(|number| good(&format!("id-{number}"))).collect();
    let folder = Folder::with("[]\n".to_owned() + &lines.join("\n"));
    let mut child =
        folder.command("estimate requests.jsonl --tokenizer bytes").stdin(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn the_output_follows_links_and_keeps_modes_and_devices() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let folder = Folder::with(good("a")).file("real.json", "old");
    let path = |name: &str| folder.path().join(name);
    std::fs::set_permissions(path("real.json"), PermissionsExt::from_mode(0o640)).unwrap();
    symlink("real.json", path("link.json")).unwrap();
    let run = folder.run(&format!("plan requests.jsonl {JSON} -o link.json"));
    assert_eq!(folder.read("real.json"), run.stdout);
    assert!(path("link.json").is_symlink());
    assert_eq!(path("real.json").metadata().unwrap().permissions().mode() & 0o777, 0o640);

    let made = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
    assert!(made.success());
    let reader = std::thread::spawn({
        let pipe = path("pipe");
        move || std::fs::read_to_string(pipe).unwrap()
    });
    folder.run(&format!("plan requests.jsonl {JSON} -o pipe"));
    assert_eq!(reader.join().unwrap(), run.stdout);
    assert!(path("pipe").metadata().unwrap().file_type().is_fifo());
    for name in ["-", "/dev/stdout"] {
        let printed =
            folder.run(&format!("plan requests.jsonl --as-of 2026-11-21 --tokenizer bytes -o {name}"));
        assert_eq!(printed.stdout, run.stdout, "one plan and nothing else");
    }
    symlink("not-yet.json", path("dangling.json")).unwrap();
    folder.run(&format!("plan requests.jsonl {JSON} -o dangling.json"));
    assert_eq!(folder.read("not-yet.json"), run.stdout);
    let log = std::fs::File::options().append(true).create(true).open(path("log")).unwrap();
    (&log).write_all(b"precious\n").unwrap();
    let mut command = folder.command(&format!("plan requests.jsonl {JSON} -o /dev/stderr"));
    assert!(command.stdout(Stdio::null()).stderr(log).status().unwrap().success());
    assert_eq!(folder.read("log"), format!("precious\n{}", run.stdout));
}

#[test]
fn a_file_is_not_taken_twice_nor_overwritten() {
    let folder = Folder::with(good("a")).file("mine.toml", "schema = 1\ndiscount_percent = \"5\"\n");
    assert_snapshot!(folder.run("plan requests.jsonl ./requests.jsonl").complaint(), @"
    error: ./requests.jsonl is given twice: each of its requests would count twice
    exit code 2
    ");
    assert_snapshot!(folder.run("plan requests.jsonl --pricing mine.toml -o mine.toml").complaint(), @"
    error: the output mine.toml is also an input: choose another name, or the input would be lost
    exit code 2
    ");
}

#[test]
fn a_book_does_not_depend_on_how_it_is_named() {
    let folder =
        Folder::with(good("a")).file("mine.toml", "schema = 1\nlabel = \"ours\"\ndiscount_percent = \"5\"\n");
    let absolute = folder.path().join("mine.toml");
    let plan = |path: &str| folder.run(&format!("plan requests.jsonl {JSON} --pricing {path}")).stdout;
    assert_eq!(plan("mine.toml"), plan("./mine.toml"));
    assert_eq!(plan("mine.toml"), plan(absolute.to_str().unwrap()));
    assert!(plan("mine.toml").contains("with ours laid over the list prices"));
}

#[test]
fn what_may_grow_without_bound_is_not_held_to_a_budget() {
    let search = good("a").replace(
        "\"messages\"",
        "\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}],\"messages\"",
    );
    let folder = Folder::with(search);
    let free = folder.run(&format!("plan requests.jsonl {JSON}"));
    assert_eq!((free.code, &free.json()["unbounded_requests"]), (0, &Value::from(1)));
    assert!(free.stderr.contains("warning[unbounded-input]"), "{}", free.stderr);
    let held = folder.run(&format!("plan requests.jsonl {JSON} --max-usd 5"));
    assert_eq!(held.code, 1);
    assert!(held.stderr.contains("may get input that nobody can know"), "{}", held.stderr);
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
