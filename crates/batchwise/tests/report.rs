//! `batchwise report`, from the built binary in an empty folder.

mod common;

use std::fs;

use common::{Folder, good, line};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// A month of three workloads, planned.
fn month() -> Folder {
    let text = |count: usize| "Is this a question? ".repeat(count);
    let requests = |model: &str, count: usize, words: usize| -> String {
        (0..count).map(|number| line(&format!("r{number}"), model, 400, &text(words)) + "\n").collect()
    };
    let folder = Folder::new()
        .file("search.jsonl", requests("claude-haiku-5-5", 30, 40))
        .file("support.jsonl", requests("claude-sonnet-5-5", 20, 60))
        .file(
            "legal.jsonl",
            requests("claude-opus-5-5", 5, 200)
                + &requests("claude-haiku-5-5", 5, 10).replace(":\"r", ":\"s"),
        );
    for (name, options) in [
        ("search", "--tag team=search --output-tokens 100"),
        ("support", "--tag team=support --output-tokens 25% --max-requests 8"),
        ("legal", "--output-tokens 200 --cache 85%"),
    ] {
        let plan =
            format!("plan {name}.jsonl --as-of 2026-11-21 --tag month=2026-11 {options} -q -o {name}.json");
        let run = folder.run(&plan);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    folder
}

const ALL: &str = "search.json support.json legal.json";

/// So many hundred-millionths of a dollar.
fn parts(usd: &Value) -> i128 {
    let text = usd.as_str().unwrap();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<18}").parse().unwrap()
}

#[test]
fn a_month_of_three_workloads_is_one_report() {
    let folder = month();
    let report = folder.run(&format!("report {ALL} --format json")).json();
    let likely = |name: &str, scenario: &str| {
        let plan: Value = serde_json::from_str(&folder.read(&format!("{name}.json"))).unwrap();
        parts(&plan["quote"][scenario]["likely"])
    };
    for (index, scenario) in ["standard", "batch", "batch_cached"].into_iter().enumerate() {
        let plans = ["search", "support", "legal"].map(|name| likely(name, scenario));
        let row = &report["scenarios"][index];
        assert_eq!(parts(&row["stated"]), plans.iter().sum::<i128>(), "{scenario}");
        assert_eq!(row["basis"], json!([]));
        let tag = |value: Value| {
            let rows = report["tags"].as_array().unwrap();
            let row = rows.iter().find(|row| row["key"] == "team" && row["value"] == value).unwrap();
            parts(&row["costs"][scenario]["stated"])
        };
        assert_eq!([tag(json!("search")), tag(json!("support")), tag(Value::Null)], plans, "{scenario}");
    }

    let run = folder.run(&format!("report {ALL}"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
    let shown = run.stdout.split("\nPlans").next().unwrap();
    assert_snapshot!(shown, @"
    $0.0408 likely ($0.0198 to $0.0833) for 60 requests as batches: $0.0408 (50.0 %) less than one by
      one.
    Ranges of several plans are added end by end, as if they erred all in one direction.

      USD                       low   likely     high  saved, likely     %
      standard, one by one  $0.0395  $0.0816  $0.1667
      batch                 $0.0198  $0.0408  $0.0833        $0.0408  50.0
      batch with caching    $0.0198  $0.0408  $0.0833        $0.0408  50.0

    By model; low and high are with caching
      model              requests  standard    batch  with caching      low     high
      claude-haiku-5-5         35   $0.0028  $0.0014       $0.0014  $0.0004  $0.0039
      claude-opus-5-5           5   $0.0441  $0.0221       $0.0221  $0.0121  $0.0321
      claude-sonnet-5-5        20   $0.0347  $0.0173       $0.0173  $0.0073  $0.0474
      total                    60   $0.0816  $0.0408       $0.0408  $0.0198  $0.0833

    By kind of token
      kind of token  tokens  standard    batch  cached tokens  with caching
      input          21,120   $0.0396  $0.0198         21,120       $0.0198
      output          7,000   $0.0420  $0.0210          7,000       $0.0210
      total                   $0.0816  $0.0408                      $0.0408

    By batch
      plan   batch  requests  body bytes    batch  with caching    up to
      1          0        30      27,514  $0.0011       $0.0011  $0.0034
      2          0         8      10,550  $0.0069       $0.0069  $0.0190
      2          1         8      10,556  $0.0069       $0.0069  $0.0190
      2          2         4       5,286  $0.0035       $0.0035  $0.0095
      3          0        10      22,169  $0.0224       $0.0224  $0.0327
      total               60      76,075  $0.0408       $0.0408  $0.0834

    By tag month; low and high are with caching
      month    requests  standard    batch  with caching      low     high
      2026-11        60   $0.0816  $0.0408       $0.0408  $0.0198  $0.0833

    By tag team; low and high are with caching
      team           requests  standard    batch  with caching      low     high
      search               30   $0.0022  $0.0011       $0.0011  $0.0004  $0.0034
      support              20   $0.0347  $0.0174       $0.0174  $0.0073  $0.0474
      (no such tag)        10   $0.0447  $0.0223       $0.0223  $0.0121  $0.0326
      total                60   $0.0816  $0.0408       $0.0408  $0.0198  $0.0833
    ");
}

#[test]
fn every_format_states_the_same_amounts() {
    let folder = month();
    let report = folder.run(&format!("report {ALL} --format json")).json();
    let places = usize::try_from(report["places"].as_u64().unwrap()).unwrap();
    let csv = folder.run(&format!("report {ALL} --format csv")).stdout;
    folder.run(&format!("report {ALL} --format focus -o focus.csv"));
    for scenario in report["scenarios"].as_array().unwrap() {
        let name = scenario["scenario"].as_str().unwrap();
        let rows = csv.lines().filter(|line| line.split(',').next() == Some(name));
        let sum: i128 = rows.map(|line| parts(&json!(line.split(',').nth(6).unwrap()))).sum();
        assert_eq!(sum, parts(&scenario["stated"]), "{name}");
        let rounded = scenario["rounded"].as_str().unwrap();
        let (whole, cents) = rounded.split_once('.').unwrap_or((rounded, ""));
        let shown = format!("${whole}.{cents:0<places$}");
        for format in ["table", "md", "html"] {
            let text = folder.run(&format!("report {ALL} --format {format}")).stdout;
            assert!(text.contains(&shown), "{shown} is not in\n{text}");
        }
    }
    let rows = folder.read("focus.csv");
    let sum: i128 = rows.lines().skip(1).map(|line| parts(&json!(line.split(',').next().unwrap()))).sum();
    assert_eq!(sum, parts(&report["scenarios"][2]["stated"]));
    let metadata: Value = serde_json::from_str(&folder.read("focus.csv.metadata.json")).unwrap();
    assert_eq!(metadata["x_Projection"]["cost"]["stated"], report["scenarios"][2]["stated"]);
}

#[test]
fn the_json_keeps_its_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/schemas/report.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let unknown = good("a") + "\n" + &good("b").replace("claude-sonnet-5-5", "gpt");
    let folder = month()
        .file("unknown.jsonl", unknown)
        .file("nothing.jsonl", good("a").replace("claude-sonnet-5-5", "gpt"));
    folder.run("plan unknown.jsonl --as-of 2026-11-21 -q -o unknown.json");
    folder.run("plan nothing.jsonl --as-of 2026-11-21 -q -o nothing.json");
    for plans in [ALL, "unknown.json", "nothing.json", "legal.json nothing.json unknown.json"] {
        let json = folder.run(&format!("report {plans} --format json")).json();
        let errors: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{plans}: {errors:#?}");
    }
    let report = folder.run("report legal.json --format json").json();
    assert_snapshot!(serde_json::to_string_pretty(&report["scenarios"][2]).unwrap(), @r#"
    {
      "basis": [],
      "high": "0.032606884",
      "likely": "0.02233675",
      "low": "0.012066616",
      "rounded": "0.0223",
      "saved": {
        "percent": "50.0",
        "rounded": "0.0223",
        "stated": "0.02233675"
      },
      "scenario": "batch_cached",
      "stated": "0.02233675"
    }
    "#);
    assert_snapshot!(serde_json::to_string_pretty(&report["charges"][0]).unwrap(), @r#"
    {
      "batch": 0,
      "cost_usd": "0.0000335",
      "geo": "global",
      "model": "claude-haiku-5-5",
      "plan": 0,
      "prompt_tokens_over": null,
      "scenario": "standard",
      "standard_cost_usd": "0.0000335",
      "token_kind": "input",
      "tokens": "335",
      "usd_per_mtok": "0.1"
    }
    "#);
}

#[test]
fn what_has_no_price_is_told_in_every_format() {
    let unknown = good("a") + "\n" + &good("b").replace("claude-sonnet-5-5", "gpt");
    let folder = Folder::new()
        .file("unknown.jsonl", unknown)
        .file("nothing.jsonl", good("a").replace("claude-sonnet-5-5", "gpt"));
    folder.run("plan unknown.jsonl --as-of 2026-11-21 -q -o unknown.json");
    folder.run("plan nothing.jsonl --as-of 2026-11-21 -q -o nothing.json");
    for (format, told) in [
        ("table", "1 of 2 requests has no price and is in no amount."),
        ("md", "1 of 2 requests has no price and is in no amount."),
        ("csv", ",unpriced,"),
        ("json", "\"unpriced_requests\": 1"),
    ] {
        let run = folder.run(&format!("report unknown.json --format {format}"));
        assert_eq!(run.code, 2, "the exit code is that of the plan");
        assert!(run.stdout.contains(told), "{format}: {}", run.stdout);
    }
    folder.run("report unknown.json --format focus -o rows.csv");
    let metadata: Value = serde_json::from_str(&folder.read("rows.csv.metadata.json")).unwrap();
    assert_eq!(metadata["x_Projection"]["unpriced_requests"], 1);

    let run = folder.run("report nothing.json");
    assert!(!run.stdout.contains('$'), "{}", run.stdout);
    assert_snapshot!(run.stdout.lines().next().unwrap(), @"Nobody knows what it costs: not one of 1 request has a price.");
    assert_snapshot!(folder.run("report nothing.json --format focus -o none.csv").complaint(), @"
    error: cannot report: not one request of nothing.json has a price, so nothing can be charged for it
    exit code 2
    ");
    assert!(folder.names().iter().all(|name| !name.starts_with("none.csv")), "{:?}", folder.names());
}

#[test]
fn a_workbook_is_the_same_byte_for_byte() {
    let folder = month();
    for name in ["one.xlsx", "two.xlsx"] {
        assert_eq!(folder.run(&format!("report {ALL} --format xlsx -o {name}")).code, 0);
    }
    let [one, two] = ["one.xlsx", "two.xlsx"].map(|name| fs::read(folder.path().join(name)).unwrap());
    assert!(one == two && one.starts_with(b"PK"));
}

#[test]
fn a_plan_may_come_through_a_pipe() {
    let folder = month();
    let plan = folder.read("search.json");
    let run = folder.run_with_input("report - support.json", plan.as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("1: -"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_reported_is_refused() {
    let folder = month().file("empty.json", "").file("odd.jsonl", good("a"));
    fs::copy(folder.path().join("search.json"), folder.path().join("copy.json")).unwrap();
    let mut damaged: Value = serde_json::from_str(&folder.read("search.json")).unwrap();
    damaged["batches"][0]["usage"][0]["uncached"]["input"] = json!("7");
    let folder = folder.file("damaged.json", damaged.to_string());
    let complaints = [
        "report",
        "report none.json",
        "report empty.json",
        "report odd.jsonl",
        "report damaged.json",
        "report search.json copy.json",
        "report - -",
        "report search.json --format focus",
        "report search.json --format focus -o -",
        "report search.json -o search.json",
        "report search.json --format pdf",
        "plan odd.jsonl --tag team",
        "plan odd.jsonl --tag =x",
        "plan odd.jsonl --tag a=1 --tag a=2",
    ];
    let told = complaints.map(|arguments| {
        let run = folder.run(arguments);
        assert_eq!(run.code, 2, "{arguments}");
        format!("{arguments}\n  {}", run.stderr.lines().next().unwrap_or_default())
    });
    assert_snapshot!(told.join("\n"), @"
    report
      error: the following required arguments were not provided:
    report none.json
      error: cannot open none.json: No such file or directory (os error 2)
    report empty.json
      error: cannot read the plan empty.json: it is empty: give a complete file that `batchwise plan -o plan.json` wrote
    report odd.jsonl
      error: cannot read the plan odd.jsonl: it is a file of requests, not a plan: make a plan of it first, with `batchwise plan FILE -o plan.json`
    report damaged.json
      error: cannot read the plan damaged.json: `batches[0].quote.standard.likely` is 0.002241 but its tokens make it 0.0015007: the file was changed or damaged, so make the plan again
    report search.json copy.json
      error: cannot report: copy.json is the same plan as search.json: each of its requests would count twice
    report - -
      error: `-` (standard input) can be given only once
    report search.json --format focus
      error: --format focus writes two files, the rows and their metadata: name the first with -o FILE
    report search.json --format focus -o -
      error: --format focus writes two files, the rows and their metadata: name the first with -o FILE
    report search.json -o search.json
      error: the output search.json is also an input: choose another name, or the input would be lost
    report search.json --format pdf
      error: invalid value 'pdf' for '--format <FORMAT>'
    plan odd.jsonl --tag team
      error: invalid value 'team' for '--tag <KEY=VALUE>': write a key and a value, like team=search: a key of at most 64 letters, digits, - _ . or /
    plan odd.jsonl --tag =x
      error: invalid value '=x' for '--tag <KEY=VALUE>': write a key and a value, like team=search: a key of at most 64 letters, digits, - _ . or /
    plan odd.jsonl --tag a=1 --tag a=2
      error: the tag `a` is given twice: one workload has one value of it
    ");
}
