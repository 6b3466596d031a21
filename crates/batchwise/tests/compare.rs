//! `batchwise compare` as a user runs it.

mod common;

use std::fmt::Write;

use common::comparing::{DAY, compare, sharing, shown, workload};
use common::{Folder, good, line};
use insta::assert_snapshot;
use serde_json::{Value, json};

#[test]
fn a_comparison_for_people() {
    let run = compare(
        &workload(),
        "--output-tokens 200 --what-if model=claude-haiku-4-5,claude-opus-5-5 --what-if cache=none,85% -q",
    );
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_snapshot!(run.stdout, @"
    requests.jsonl: 3 requests, as they are and 4 variants
    As it is: $0.00338 to $0.04243 as batches with caching, 47.2 % less than one by one at the high end

    As batches with caching, USD
      model, cache                  low     likely       high  change, high        %
      as it is                $0.003379          -  $0.042434             -        -
      claude-haiku-4-5, none  $0.003382  $0.007349  $0.265157    +$0.222723   +524.9  refused 1
      claude-haiku-4-5, 85%   $0.000930  $0.003104  $0.265157    +$0.222723   +524.9  refused 1
      claude-opus-5-5, none   $0.022584  $0.041822  $1.075036    +$1.032603  +2433.5
      claude-opus-5-5, 85%    $0.005225  $0.014287  $1.035800    +$0.993366  +2341.0

    By service, USD, high
      model, cache             standard      batch  with caching     saved, %      up to
      as it is                $0.080298  $0.040149     $0.042434         47.2  $0.042434
      claude-haiku-4-5, none  $0.530313  $0.265157     $0.265157  likely 50.0  $0.267441
      claude-haiku-4-5, 85%   $0.530313  $0.265157     $0.265157  likely 78.9  $0.267441
      claude-opus-5-5, none   $2.150072  $1.075036     $1.075036  likely 50.0  $1.087775
      claude-opus-5-5, 85%    $2.150072  $1.075036     $1.035800  likely 82.9  $1.087775

    Tokens
      model, cache            input, low  input, likely  input, high  output, likely  at most
      as it is                     6,764         11,700       18,316             600  102,400
      claude-haiku-4-5, none       6,764         11,698       18,313             600  102,400
      claude-haiku-4-5, 85%        6,764         11,698       18,313             600  102,400
      claude-opus-5-5, none       11,292         17,911       25,518             600  102,400
      claude-opus-5-5, 85%        11,292         17,911       25,518             600  102,400

    What moves the total most at the high end, USD
      one change, all else as it is            instead of      likely        high
      model=claude-opus-5-5                     their own           -  +$1.045342
      model=claude-haiku-4-5                    their own           -  +$0.225008  refused 1
      standard, one by one           batches with caching           -  +$0.037865
      cache=85%                                   unknown           -  -$0.002285
      cache=none                                  unknown           -  -$0.002285
      output-tokens=400                               200  +$0.001050   $0.000000  same high end
      output-tokens=100                               200  -$0.000525   $0.000000  same high end

    Remarks
      claude-haiku-4-5, none; claude-haiku-4-5, 85%: the API would refuse 1 request, counted in the
        numbers all the same (max-tokens-over-limit 1)
      claude-opus-5-5, none; claude-opus-5-5, 85%: also thinking-form 1

    How to read it
      low and high are the ends of what is likely for the input, with no reply at all and with every
        reply as long as its `max_tokens`; each row counts the input with the tokenizer of its model
      what it costs says nothing about how well another model answers
      likely is - where it is unknown: with caching, no hit rate was given (--cache)

    What it rests on, as it is
      prices: list prices of 2026-11-21 [price book; each model's row names its source]
      batch-price: as the price book says: half of the standard price for every kind of token, unless
        your own prices differ [https://platform.claude.com/docs/en/about-claude/pricing, read
        2026-08-21]
      input-tokens: estimated offline by `bytes`; low and high are a range, not a bound
        [docs/accuracy.md]
      totals: their ranges take errors of input estimates as shared by all requests to 1 of their size
        and independent beyond that; bounds add up in full [docs/accuracy.md, Totals]
      output-tokens: 200 tokens per reply, at most its `max_tokens`, which is the bound [`max_tokens` of
        each request]
      cache: unknown: from one write for each group and wave (low) to every marked prefix written (high)
        [https://platform.claude.com/docs/en/build-with-claude/prompt-caching, read 2026-08-22]
      region: global where a request does not say [--geo]
      batch-limits: 256000000 bytes of HTTP body and 100000 requests per batch
        [https://platform.claude.com/docs/en/build-with-claude/batch-processing, read 2026-08-14]
      unconfirmed-price: `era.tier` of `claude-haiku-5-5` rests on third parties or derivation [price
        book; `batchwise prices show claude-haiku-5-5` tells more]

    Price book 2026-11-21, sha256 28facf32d2313579…, prices of 2026-11-21
    ");
}

#[test]
fn eighty_columns() {
    let run = compare(
        &workload(),
        "--what-if model=claude-haiku-4-5,claude-opus-5-5 --what-if geo=us --width 80 -q",
    );
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    assert_snapshot!(tables(&run.stdout), @"
    requests.jsonl: 3 requests, as they are and 2 variants, all with geo=us
    As it is: $0.00338 to $0.04243 as batches with caching, 47.2 % less than one by
      one at the high end

    As batches with caching, USD
      model                  low  likely      high  change, high        %
      as it is          $0.00338       -  $0.04243             -        -
      claude-haiku-4-5  $0.00338       -  $0.26744     +$0.22501   +530.3  refused 1
      claude-opus-5-5   $0.03104       -  $1.19655     +$1.15412  +2719.8

    By service, USD, high
      model             standard     batch  with caching  saved, %     up to
      as it is          $0.08030  $0.04015      $0.04243      47.2  $0.04244
      claude-haiku-4-5  $0.53031  $0.26516      $0.26744      49.6  $0.26745
      claude-opus-5-5   $2.36508  $1.18254      $1.19655      49.4  $1.19656

    Tokens
      model             input, likely  input, high  output, likely  at most
      as it is                 11,700       18,316               -  102,400
      claude-haiku-4-5         11,698       18,313               -  102,400
      claude-opus-5-5          17,911       25,518               -  102,400

    What moves the total most at the high end, USD
      one change, all else as it is            instead of       high
      model=claude-opus-5-5                     their own  +$1.04534
      model=claude-haiku-4-5                    their own  +$0.22501  refused 1
      standard, one by one           batches with caching  +$0.03786
      geo=us                                       global  +$0.00250
      cache=none                                  unknown  -$0.00228

    Remarks
      claude-haiku-4-5: the API would refuse 1 request, counted in the numbers all
        the same (max-tokens-over-limit 1)
      claude-haiku-4-5: `claude-haiku-4-5-20251001` cannot be bound to a region;
        priced as global (3 requests)
      claude-opus-5-5: also thinking-form 1
    ");
}

#[test]
fn a_hundred_and_twenty_columns() {
    let run = compare(
        &workload(),
        "--what-if model=claude-haiku-4-5,claude-opus-5-5 --what-if geo=us --width 120 -q",
    );
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 120), "{}", run.stdout);
    assert_snapshot!(tables(&run.stdout), @"
    requests.jsonl: 3 requests, as they are and 2 variants, all with geo=us
    As it is: $0.00338 to $0.04243 as batches with caching, 47.2 % less than one by one at the high end

    As batches with caching, USD
      model                  low  likely      high  change, high        %
      as it is          $0.00338       -  $0.04243             -        -
      claude-haiku-4-5  $0.00338       -  $0.26744     +$0.22501   +530.3  refused 1
      claude-opus-5-5   $0.03104       -  $1.19655     +$1.15412  +2719.8

    By service, USD, high
      model             standard     batch  with caching  saved, %     up to
      as it is          $0.08030  $0.04015      $0.04243      47.2  $0.04244
      claude-haiku-4-5  $0.53031  $0.26516      $0.26744      49.6  $0.26745
      claude-opus-5-5   $2.36508  $1.18254      $1.19655      49.4  $1.19656

    Tokens
      model             input, low  input, likely  input, high  output, likely  at most
      as it is               6,764         11,700       18,316               -  102,400
      claude-haiku-4-5       6,764         11,698       18,313               -  102,400
      claude-opus-5-5       11,292         17,911       25,518               -  102,400

    What moves the total most at the high end, USD
      one change, all else as it is            instead of       high        %
      model=claude-opus-5-5                     their own  +$1.04534  +2463.5
      model=claude-haiku-4-5                    their own  +$0.22501   +530.3  refused 1
      standard, one by one           batches with caching  +$0.03786    +89.2
      geo=us                                       global  +$0.00250     +5.9
      cache=none                                  unknown  -$0.00228     -5.4

    Remarks
      claude-haiku-4-5: the API would refuse 1 request, counted in the numbers all the same (max-tokens-over-limit 1)
      claude-haiku-4-5: `claude-haiku-4-5-20251001` cannot be bound to a region; priced as global (3 requests)
      claude-opus-5-5: also thinking-form 1
    ");
}

/// Where names are too long for their tables, numbers stand for them.
#[test]
fn long_names_are_numbered() {
    let run = compare(
        &Folder::with(line("a", "claude-opus-5-5", 100_000, &"much ".repeat(200_000))),
        "--what-if model=claude-opus-4-5-20251101,claude-haiku-5-5 --what-if cache=none,best --what-if beta=output-300k-2026-03-24,context-1m-2025-08-07 --width 80 -q",
    );
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    assert_snapshot!(tables(&run.stdout), @"
    requests.jsonl: 1 request, as they are and 8 variants
    As it is: $0.450 to $1.960 as batches, 50.0 % less than one by one
    The least: claude-haiku-5-5, none, output-300k-2026-03-24, $0.0563 to $0.2450,
      87.5 % less at the high end

    Variants by model, cache, beta
      (0) as it is
      (1) claude-opus-4-5-20251101, none, output-300k-2026-03-24
      (2) claude-opus-4-5-20251101, none, context-1m-2025-08-07
      (3) claude-opus-4-5-20251101, best, output-300k-2026-03-24
      (4) claude-opus-4-5-20251101, best, context-1m-2025-08-07
      (5) claude-haiku-5-5, none, output-300k-2026-03-24
      (6) claude-haiku-5-5, none, context-1m-2025-08-07
      (7) claude-haiku-5-5, best, output-300k-2026-03-24
      (8) claude-haiku-5-5, best, context-1m-2025-08-07

    As batches with caching, USD
               low  likely     high  change, high      %
      (0)  $0.4500       -  $1.9600             -      -
      (1)  $0.3250       -  $2.0750      +$0.1150   +5.9  refused 1
      (2)  $0.3250       -  $2.0750      +$0.1150   +5.9  refused 1
      (3)  $0.3250       -  $2.0750      +$0.1150   +5.9  refused 1
      (4)  $0.3250       -  $2.0750      +$0.1150   +5.9  refused 1
      (5)  $0.0563       -  $0.2450      -$1.7150  -87.5
      (6)  $0.0563       -  $0.2450      -$1.7150  -87.5
      (7)  $0.0563       -  $0.2450      -$1.7150  -87.5
      (8)  $0.0563       -  $0.2450      -$1.7150  -87.5

    By service, USD, high
           standard    batch  with caching  saved, %    up to
      (0)   $3.9200  $1.9600       $1.9600      50.0  $1.9601
      (1)   $4.1501  $2.0750       $2.0750      50.0  $2.0751
      (2)   $4.1501  $2.0750       $2.0750      50.0  $2.0751
      (3)   $4.1501  $2.0750       $2.0750      50.0  $2.0751
      (4)   $4.1501  $2.0750       $2.0750      50.0  $2.0751
      (5)   $0.4900  $0.2450       $0.2450      50.0  $0.2451
      (6)   $0.4900  $0.2450       $0.2450      50.0  $0.2451
      (7)   $0.4900  $0.2450       $0.2450      50.0  $0.2451
      (8)   $0.4900  $0.2450       $0.2450      50.0  $0.2451

    Tokens
           input, low  input, likely  input, high  output, likely  at most
      (0)     225,002        345,006      480,010               -  100,000
      (1)     130,004        215,007      330,010               -  100,000
      (2)     130,004        215,007      330,010               -  100,000
      (3)     130,004        215,007      330,010               -  100,000
      (4)     130,004        215,007      330,010               -  100,000
      (5)     225,002        345,006      480,010               -  100,000
      (6)     225,002        345,006      480,010               -  100,000
      (7)     225,002        345,006      480,010               -  100,000
      (8)     225,002        345,006      480,010               -  100,000

    What moves the total most at the high end, USD
      one change, all else as it is             instead of     high
      standard, one by one            batches with caching  +$1.960
      model=claude-haiku-5-5                     their own  -$1.715
      model=claude-opus-4-5-20251101             their own  +$0.115  refused 1
      cache=none                                   unknown   $0.000  same high end
      beta=output-300k-2026-03-24                     none   $0.000  same high end

    Remarks
      (1); (2); (3) and 1 more: the API would refuse 1 request, counted in the
        numbers all the same (max-tokens-over-limit 1)
      (1); (2); (3) and 1 more: also context-window-likely-exceeded 1
    ");
}

/// The screen up to what the numbers rest on.
fn tables(screen: &str) -> &str {
    screen.split("How to read it").next().unwrap()
}

#[test]
fn markdown_for_a_comment() {
    let run = compare(&workload(), "--what-if model=claude-opus-5-5 --format md -q");
    let shown = run.stdout.split("**How to read it**").next().unwrap();
    assert_snapshot!(shown, @r"
    ### batchwise: requests.jsonl&#58; 3 requests, as they are and 1 variant

    As it is&#58; \$0.00338 to \$0.04243 as batches with caching, 47.2 % less than one by one at the high end

    **As batches with caching, USD**

    | model | low | likely | high | change, high | % |
    |:---|---:|---:|---:|---:|---:|
    | as it is | 0.00338 | - | 0.04243 | - | - |
    | claude-opus-5-5 | 0.02822 | - | 1.08778 | +1.04534 | +2463.5 |

    **By service, USD, high**

    | model | standard | batch | with caching | saved, % | up to |
    |:---|---:|---:|---:|---:|---:|
    | as it is | 0.08030 | 0.04015 | 0.04243 | 47.2 | 0.04244 |
    | claude-opus-5-5 | 2.15007 | 1.07504 | 1.08778 | 49.4 | 1.08778 |

    **Tokens**

    | model | input, low | input, likely | input, high | output, likely | at most |
    |:---|---:|---:|---:|---:|---:|
    | as it is | 6,764 | 11,700 | 18,316 | - | 102,400 |
    | claude-opus-5-5 | 11,292 | 17,911 | 25,518 | - | 102,400 |

    **What moves the total most at the high end, USD**

    | one change, all else as it is | instead of | high | % |
    |:---|---:|---:|---:|
    | model=claude-opus-5-5 | their own | +1.04534 | +2463.5 |
    | standard, one by one | batches with caching | +0.03786 | +89.2 |
    | cache=none | unknown | -0.00228 | -5.4 |

    **Remarks**

    - claude-opus-5-5&#58; also thinking-form 1
    ");
}

#[test]
fn a_format_has_the_names_that_other_commands_give_it() {
    let folder = workload();
    let plan = format!("plan requests.jsonl {DAY} -q -o plan.json");
    assert_eq!(folder.run(&plan).code, 0);
    for command in [
        &format!("compare requests.jsonl {DAY} -q"),
        "report plan.json",
        "diff plan.json plan.json",
        &format!("check requests.jsonl {DAY} --no-policy -q"),
    ] {
        for [one, other] in [["table", "human"], ["md", "markdown"]] {
            let shown = |format: &str| folder.run(&format!("{command} --format {format}"));
            let (one, other) = (shown(one), shown(other));
            assert_eq!((one.code, &one.stdout), (other.code, &other.stdout), "{command}");
            assert!(!one.stdout.is_empty(), "{command}: {}", one.stderr);
        }
    }
}

#[test]
fn rows_are_tidy_and_exact() {
    let run = compare(&workload(), "--what-if model=claude-opus-5-5 --output-tokens 10% --format csv -q");
    assert_snapshot!(run.stdout, @"
    row,model,status,requests,unpriced_requests,refused_requests,amount,unit,low,likely,high,unbounded_requests
    0,as it is,ok,3,0,0,input,token,6764,11700,18316,0
    0,as it is,ok,3,0,0,output,token,0,10240,102400,0
    0,as it is,ok,3,0,0,standard,USD,0.0067586,0.0178883,0.080298,0
    0,as it is,ok,3,0,0,batch,USD,0.0033793,0.00894415,0.040149,0
    0,as it is,ok,3,0,0,batch_cached,USD,0.0033793,,0.0424335,0
    0,as it is,ok,3,0,0,batch_bound,USD,,,0.0424335,0
    1,claude-opus-5-5,ok,3,0,0,input,token,11292,17911,25518,0
    1,claude-opus-5-5,ok,3,0,0,output,token,0,10240,102400,0
    1,claude-opus-5-5,ok,3,0,0,standard,USD,0.045168,0.276444,2.150072,0
    1,claude-opus-5-5,ok,3,0,0,batch,USD,0.022584,0.138222,1.075036,0
    1,claude-opus-5-5,ok,3,0,0,batch_cached,USD,0.02822,,1.087775,0
    1,claude-opus-5-5,ok,3,0,0,batch_bound,USD,,,1.087775,0
    ");
}

#[test]
fn json_keeps_its_schema() {
    let schema = serde_json::from_str(include_str!("../../../docs/schemas/compare.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let odd = Folder::with([good("a"), "[]".to_owned(), line("b", "=nobody()", 5, "hi")].join("\n"));
    let all = "--what-if all-models --what-if max-tokens=9,200000 --what-if beta=output-300k-2026-03-24";
    for (folder, arguments) in [
        (&workload(), all),
        (&workload(), ""),
        (
            &odd,
            "--what-if model=claude-opus-5-5,claude-haiku-4-5 --what-if geo=us,global --output-tokens 12.5%",
        ),
        (&odd, "--what-if api-version=2023-06-01 --what-if cache=cold"),
        (&Folder::with(""), "--what-if all-models"),
        (&Folder::with(line("a", "nobody-knows", 5, "hi")), "--what-if geo=us"),
        (&sharing(), "--output-tokens 20"),
    ] {
        let json = compare(folder, &format!("{arguments} --format json -q")).json();
        let errors: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{arguments}: {errors:#?}");
    }
}

/// The file with another model in each of its lines.
fn rewritten(model: &str) -> Folder {
    let mut text = String::new();
    for line in workload().read("requests.jsonl").lines() {
        let mut request: Value = serde_json::from_str(line).unwrap();
        request["params"]["model"] = json!(model);
        writeln!(text, "{request}").unwrap();
    }
    Folder::with(text)
}

#[test]
fn each_cell_is_what_plan_says_of_such_a_file() {
    let what_if =
        "--what-if model=claude-haiku-4-5,claude-opus-5-5 --what-if cache=none,best,85% --output-tokens 200";
    let compared = compare(&workload(), &format!("{what_if} --format json -q")).json();
    let rows = compared["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 7);
    for row in rows {
        let options = |key: &str| row["what_if"][key].as_str();
        let folder = options("model").map_or_else(workload, rewritten);
        let cache = options("cache").map(|cache| format!("--cache {cache}")).unwrap_or_default();
        let plan = folder
            .run(&format!("plan requests.jsonl {DAY} --output-tokens 200 {cache} --format json -q"))
            .json();
        for part in ["requests", "unpriced_requests", "unbounded_requests", "tokens", "quote"] {
            assert_eq!(row[part], plan[part], "{part} of {}", row["what_if"]);
        }
    }
}

#[test]
fn every_format_tells_the_same() {
    let what_if = "--what-if model=claude-opus-5-5 --output-tokens 200 -q";
    let exact = compare(&workload(), &format!("{what_if} --format json")).json();
    let rows = compare(&workload(), &format!("{what_if} --format csv")).stdout;
    for (number, row) in exact["rows"].as_array().unwrap().iter().enumerate() {
        for service in ["standard", "batch", "batch_cached"] {
            let quote = &row["quote"][service];
            let end = |end: &str| quote[end].as_str().unwrap_or_default().to_owned();
            let cells = format!(",{service},USD,{},{},{}", end("low"), end("likely"), end("high"));
            let found = rows
                .lines()
                .any(|line| line.starts_with(&format!("{number},")) && line.ends_with(&format!("{cells},0")));
            assert!(found, "{cells} in {rows}");
        }
    }
}

#[test]
fn differences_are_exact_and_sorted() {
    let json = compare(
        &workload(),
        "--what-if model=claude-opus-5-5 --output-tokens 200 --cache 50% --format json -q",
    )
    .json();
    let usd = |value: &Value| value.as_str().map(|text| text.parse::<f64>().unwrap());
    let base = usd(&json["rows"][0]["quote"]["batch_cached"]["likely"]).unwrap();
    let mut last = f64::INFINITY;
    for sensitivity in json["sensitivities"].as_array().unwrap() {
        let (cost, effect) = (usd(&sensitivity["cost"]["likely"]), usd(&sensitivity["effect"]["likely"]));
        let effect = effect.unwrap();
        assert!((cost.unwrap() - base - effect).abs() < 1e-9, "{sensitivity}");
        assert!(effect.abs() <= last, "{sensitivity}");
        last = effect.abs();
    }
    let told: Vec<String> = json["sensitivities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} instead of {}", one["change"], one["instead_of"]))
        .collect();
    assert_snapshot!(told.join("\n"), @r#"
    "model=claude-opus-5-5" instead of "their own"
    "standard, one by one" instead of "batches with caching"
    "cache=cold" instead of "50%"
    "cache=best" instead of "50%"
    "cache=primed" instead of "50%"
    "cache=none" instead of "50%"
    "output-tokens=400" instead of "200"
    "output-tokens=100" instead of "200"
    "#);
}

fn sensitivity<'j>(json: &'j Value, change: &str) -> &'j Value {
    let mut all = json["sensitivities"].as_array().unwrap().iter();
    all.find(|one| one["change"] == change).unwrap_or_else(|| panic!("{change} in {}", json["sensitivities"]))
}

fn given_cache(arguments: &str) -> &str {
    arguments.strip_prefix("--cache ").map_or("unknown", |given| given.split(' ').next().unwrap())
}

/// What is told of the cache without being asked for is what a row of its own says.
#[test]
fn what_the_cache_can_do_is_told_in_any_case() {
    for given in ["", "--cache none", "--cache best --output-tokens 200", "--cache 50% --output-tokens 40%"] {
        let told = compare(&sharing(), &format!("{given} --format json -q")).json();
        let what_if = "--what-if cache=none,cold,30%,best";
        let asked = compare(&sharing(), &format!("{given} {what_if} --format json -q")).json();
        for row in &asked["rows"].as_array().unwrap()[1..] {
            let scenario = row["what_if"]["cache"].as_str().unwrap();
            if given.contains(scenario) {
                continue;
            }
            let one = sensitivity(&told, &format!("cache={scenario}"));
            assert_eq!(one["cost"], row["quote"]["batch_cached"], "{given}, {scenario}");
            assert_eq!(one["effect"], row["change"], "{given}, {scenario}");
            assert_eq!(one["instead_of"], given_cache(given), "{given}, {scenario}");
        }
        sensitivity(&told, "cache=primed");
    }
}

#[test]
fn the_largest_risk_of_the_cache_is_told() {
    let run = compare(&sharing(), "--cache best --output-tokens 20 -q");
    assert_snapshot!(moves(&run.stdout), @"
    What moves the total most, USD
      one change, all else as it is            instead of      likely        %        high       %
      standard, one by one           batches with caching  +$0.199776  +1148.1  +$0.300607  +732.5
      cache=cold                                     best  +$0.118008   +678.2  +$0.167957  +409.3
      cache=primed                                   best  +$0.006705    +38.5  +$0.009543   +23.3
      output-tokens=40                                 20  +$0.001200     +6.9   $0.000000     0.0
      output-tokens=10                                 20  -$0.000600     -3.4   $0.000000     0.0
    ");
    let run = compare(&sharing(), "--cache cold --output-tokens 20 -q");
    assert_snapshot!(moves(&run.stdout), @"
    What moves the total most, USD
      one change, all else as it is            instead of      likely      %        high      %
      cache=best                                     cold  -$0.118008  -87.1  -$0.167957  -80.4
      standard, one by one           batches with caching  +$0.081768  +60.4  +$0.132650  +63.5
      cache=none                                     cold  -$0.026820  -19.8  -$0.038172  -18.3
      output-tokens=40                                 20  +$0.001200   +0.9   $0.000000    0.0
      output-tokens=10                                 20  -$0.000600   -0.4   $0.000000    0.0
    ");
}

/// Where nobody knows what the cache does, high ends are compared, and what other replies change is known all the same.
#[test]
fn other_lengths_of_replies_are_told_whatever_the_cache_does() {
    let run = compare(&sharing(), "--output-tokens 20 -q");
    assert_snapshot!(moves(&run.stdout), @"
    What moves the total most at the high end, USD
      one change, all else as it is            instead of      likely        high      %
      cache=best                                  unknown           -  -$0.167957  -80.4
      standard, one by one           batches with caching           -  +$0.132650  +63.5
      output-tokens=40                                 20  +$0.001200   $0.000000    0.0  same high end
      output-tokens=10                                 20  -$0.000600   $0.000000    0.0  same high end
      cache=cold                                  unknown           -   $0.000000    0.0  same high end
    ");
    let unknown = compare(&sharing(), "--output-tokens 20 --format json -q").json();
    assert_eq!(unknown["sensitivities_at"], "high");
    for cache in ["none", "cold", "85%", "best"] {
        let known =
            compare(&sharing(), &format!("--output-tokens 20 --cache {cache} --format json -q")).json();
        assert_eq!(known["sensitivities_at"], "likely");
        for change in ["output-tokens=10", "output-tokens=40"] {
            let likely = |json: &Value| sensitivity(json, change)["effect"]["likely"].clone();
            assert!(likely(&known).is_string());
            assert_eq!(likely(&unknown), likely(&known), "{cache}, {change}");
        }
    }
}

/// Where some input has no likely size, neither has any cost: the lines are there, and say that nothing moves at the end
/// at which they are compared.
#[test]
fn other_lengths_of_replies_are_told_where_nothing_is_likely() {
    let request = json!({"custom_id": "a", "params": {"model": "claude-sonnet-5-5", "max_tokens": 300,
        "messages": [{"role": "user", "content": [
            {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
            {"type": "text", "text": "Sum it up."}]}]}});
    let run = compare(&Folder::with(request.to_string()), "--output-tokens 20 -q");
    assert_snapshot!(moves(&run.stdout), @"
    What moves the total most at the high end, USD
      one change, all else as it is            instead of    high       %
      standard, one by one           batches with caching  +$1.00  +100.0
      output-tokens=10                                 20   $0.00     0.0  same high end
    ");
}

/// The table of what moves the total most.
fn moves(screen: &str) -> &str {
    let start = screen.find("What moves the total most").unwrap();
    screen[start..].split("\n\n").next().unwrap()
}

#[test]
fn what_has_no_price_is_never_nothing() {
    let folder = Folder::with([line("a", "nobody-knows", 50, "hi"), good("b")].join("\n"));
    let run = compare(&folder, "--what-if model=claude-opus-5-5 --format json -q");
    assert_eq!(run.code, 2, "as it is, a request has no price");
    let json = run.json();
    assert_eq!(json["rows"][0]["status"], "unpriced");
    assert_eq!(json["rows"][1]["status"], "ok");
    assert_eq!(json["rows"][1]["change"], Value::Null, "one request more has a price there");
    let none =
        compare(&Folder::with(line("a", "nobody-knows", 50, "hi")), "--what-if geo=us --format csv -q");
    let costs: Vec<&str> = none.stdout.lines().filter(|line| line.contains(",USD,")).collect();
    assert_eq!(costs.len(), 8);
    assert!(costs.iter().all(|line| line.ends_with(",USD,,,,0")), "{costs:#?}");
    let none = compare(&Folder::with(line("a", "nobody-knows", 50, "hi")), "--format json -q").json();
    assert_eq!((&none["sensitivities_at"], &none["rows"][0]["quote"]), (&Value::Null, &Value::Null));
}

/// The screen up to what the numbers rest on, and the exit code.
fn told(requests: &str, arguments: &str) -> String {
    let run = compare(&Folder::with(requests), &format!("{arguments} -q"));
    let above = run.stdout.split("What it rests on").next().unwrap();
    format!("{above}exit code {}", run.code)
}

#[test]
fn nothing_with_a_price_is_said_and_how_to_go_on() {
    let lines = [
        line("a", "gpt-4", 50, "hi"),
        line("b", "nobody \\u001b|<b>", 50, "hi"),
        line("c", "gpt-4", 50, "hi"),
    ];
    assert_snapshot!(told(&lines.join("\n"), ""), @"
    requests.jsonl: 3 requests, as they are
    As it is: the cost is unknown, as not one of 3 requests has a price: `gpt-4` 2, `nobody ␛|<b>` 1 (no
      price is known for the model `gpt-4`; an overlay can add it)
    To go on: --what-if model=NAME or all-models tells what models with a price would cost, --pricing
      PATH gives these a price, and `batchwise prices list` names those that have one

    Tokens
                input, low  input, likely  input, high  output, likely  at most
      as it is           6             21           51               -      150

    Remarks
      as it is: no price for 3 requests, counted in no cost: `gpt-4` 2, `nobody ␛|<b>` 1 (no price is
        known for the model `gpt-4`; an overlay can add it)

    exit code 2
    ");
    assert_snapshot!(told(&lines.join("\n"), "--what-if model=claude-haiku-5-5,claude-opus-5-5"), @"
    requests.jsonl: 3 requests, as they are and 2 variants
    As it is: the cost is unknown, as not one of 3 requests has a price: `gpt-4` 2, `nobody ␛|<b>` 1 (no
      price is known for the model `gpt-4`; an overlay can add it)
    To go on: --what-if model=NAME or all-models tells what models with a price would cost, --pricing
      PATH gives these a price, and `batchwise prices list` names those that have one
    The least of what has a price, by the high ends: claude-haiku-5-5, $0.000000300 to $0.000039150

    As batches with caching, USD
      model                      low  likely          high
      as it is                     -       -             -  unpriced 3
      claude-haiku-5-5  $0.000000300       -  $0.000039150
      claude-opus-5-5   $0.000012000       -  $0.001566000

    By service, USD, high
      model                 standard         batch  with caching  saved, %         up to
      as it is                     -             -             -         -             -
      claude-haiku-5-5  $0.000078300  $0.000039150  $0.000039150      50.0  $0.000039150
      claude-opus-5-5   $0.003132000  $0.001566000  $0.001566000      50.0  $0.001566000

    Tokens
      model             input, low  input, likely  input, high  output, likely  at most
      as it is                   6             21           51               -      150
      claude-haiku-5-5           6             21           33               -      150
      claude-opus-5-5            6             21           33               -      150

    Remarks
      as it is: no price for 3 requests, counted in no cost: `gpt-4` 2, `nobody ␛|<b>` 1 (no price is
        known for the model `gpt-4`; an overlay can add it)

    How to read it
      low and high are the ends of what is likely for the input, with no reply at all and with every
        reply as long as its `max_tokens`; each row counts the input with the tokenizer of its model
      what it costs says nothing about how well another model answers
      change is - where other requests have a price than as it is, so that nothing is subtracted

    exit code 2
    ");
    let accepted = compare(&Folder::with(lines.join("\n")), "--allow-unpriced -q");
    assert_eq!(accepted.code, 0, "as in a plan");
    assert!(accepted.stdout.contains("the cost is unknown"), "{}", accepted.stdout);
    let json = compare(&Folder::with(lines.join("\n")), "--format json -q").json();
    assert_eq!(
        (&json["unpriced"][0]["model"], &json["unpriced"][0]["requests"]),
        (&json!("gpt-4"), &json!(2))
    );
    assert_eq!(json["rows"][0]["quote"], Value::Null);
}

#[test]
fn nothing_to_price_is_said_and_how_to_go_on() {
    assert_snapshot!(told("", "--what-if all-models"), @r#"
    requests.jsonl: 0 requests, as they are and 14 variants
    As it is: no cost, as there is no request
    To go on: write one request per line, `{"custom_id": …, "params": {…}}`

    exit code 2
    "#);
    assert_snapshot!(told("[]\n{}", ""), @"
    requests.jsonl: 0 requests, as they are; 2 lines are left out of all numbers
    As it is: no cost, as every line is left out
    To go on: `batchwise check` tells what is wrong with each of them

    exit code 2
    ");
    for text in ["", "[]"] {
        for format in ["table", "md"] {
            let run = compare(&Folder::with(text), &format!("--format {format} -q"));
            assert_eq!(run.code, 2);
            assert!(!run.stdout.contains("0.00"), "{}", run.stdout);
        }
    }
}

/// A row would give the model that a line lacks, but lines that are left out are left out of every row.
#[test]
fn a_line_without_a_model_is_in_no_row() {
    let without = json!({"custom_id": "b", "params": {"max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}});
    let folder = Folder::with([good("a"), without.to_string()].join("\n"));
    let json = compare(&folder, "--what-if model=claude-opus-5-5 --format json -q").json();
    assert_eq!(json["left_out_lines"], 1);
    assert_eq!([0, 1].map(|row| json["rows"][row]["requests"].as_u64().unwrap()), [1, 1]);
}

/// One of two requests lets a tool run at Anthropic, so nobody knows what it costs at most.
#[test]
fn what_has_no_upper_bound_is_told_beside_every_bound() {
    let search = json!({"custom_id": "a", "params": {"model": "claude-sonnet-5-5", "max_tokens": 200,
        "messages": [{"role": "user", "content": "Say hello please."}],
        "tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 3}]}});
    let folder = Folder::with([search.to_string(), good("b")].join("\n"));
    let what_if = "--what-if model=claude-haiku-5-5 -q";
    assert_snapshot!(tables(&compare(&folder, what_if).stdout), @"
    requests.jsonl: 2 requests, as they are and 1 variant
    As it is: $0.00263 to $0.00887 as batches, 50.0 % less than one by one; 1 request has no upper bound
    The least: claude-haiku-5-5, $0.000132 to $0.000443, 95.0 % less at the high end

    As batches with caching, USD
      model                   low  likely       high  change, high      %
      as it is          $0.002630       -  $0.008868             -      -  no upper bound 1
      claude-haiku-5-5  $0.000132       -  $0.000443    -$0.008425  -95.0  no upper bound 1

    By service, USD, high
      model              standard      batch  with caching  saved, %               up to
      as it is          $0.017736  $0.008868     $0.008868      50.0  $0.008868 and more
      claude-haiku-5-5  $0.000887  $0.000443     $0.000443      50.0  $0.000444 and more

    Tokens
      model             input, low  input, likely  input, high  output, likely  at most
      as it is               2,630          2,749        2,868               -    1,200
      claude-haiku-5-5       2,630          2,749        2,868               -    1,200

    What moves the total most at the high end, USD
      one change, all else as it is            instead of       high       %
      standard, one by one           batches with caching  +$0.00887  +100.0
      model=claude-haiku-5-5                    their own  -$0.00842   -95.0

    Remarks
      as it is; claude-haiku-5-5: 1 request has no upper bound: server-side tools or unknown content may
        cost more
    ");
    for format in ["md", "html"] {
        let text = compare(&folder, &format!("{what_if} --format {format}")).stdout;
        for said in ["1 request has no upper bound", "no upper bound 1", "and more"] {
            assert!(text.contains(said), "{said} in {text}");
        }
    }
    let rows = compare(&folder, &format!("{what_if} --format csv")).stdout;
    assert!(rows.lines().skip(1).all(|line| line.ends_with(",1")), "{rows}");
    let json = compare(&folder, &format!("{what_if} --format json")).json();
    assert_eq!([0, 1].map(|row| json["rows"][row]["unbounded_requests"].as_u64()), [Some(1); 2]);
    let bounded = compare(&Folder::with(good("b")), what_if).stdout;
    assert!(!bounded.contains("bound 1") && !bounded.contains("and more"), "{bounded}");
}

#[test]
fn what_changes_a_little_is_not_nothing() {
    let request = |id: u32| line(&format!("r-{id}"), "claude-opus-5-5", 1_000, &"much ".repeat(200_000));
    let folder = Folder::with((0..5).map(request).collect::<Vec<_>>().join("\n"));
    let run = compare(&folder, "--output-tokens 100 --what-if output-tokens=99,101 --format md -q");
    assert_snapshot!(run.stdout.split("**By service").next().unwrap(), @r"
    ### batchwise: requests.jsonl&#58; 5 requests, as they are and 2 variants

    As it is&#58; \$3.46 likely (\$2.25 to \$4.85) as batches, 50.0 % less than one by one

    The least&#58; 99, \$3.46 likely (\$2.25 to \$4.85), &lt;0.1 % less

    **As batches with caching, USD**

    | output-tokens | low | likely | high | change, likely | % |
    |:---|---:|---:|---:|---:|---:|
    | as it is | 2.25 | 3.46 | 4.85 | - | - |
    | 99 | 2.25 | 3.46 | 4.85 | -<0.01 | -<0.1 |
    | 101 | 2.25 | 3.46 | 4.85 | +<0.01 | +<0.1 |
    ");
    let html = compare(&folder, "--output-tokens 100 --what-if output-tokens=99,101 --format html -q").stdout;
    let shown = shown(&html);
    for said in ["+<$0.01", "-<$0.01", "+<0.1", "-<0.1"] {
        assert!(shown.split_whitespace().any(|word| word == said), "{said} in {shown}");
    }
}

/// A plan does not look at all that the API refuses: its exit code stands, and it is said what `check` would say.
#[test]
fn what_only_check_refuses_is_said() {
    let request = json!({"custom_id": "a", "params": {"model": "claude-opus-5-5", "max_tokens": 100, "temperature": 2,
        "messages": [{"role": "user", "content": "hi"}]}});
    let folder = Folder::with(request.to_string());
    let run = compare(&folder, "--what-if model=claude-haiku-5-5 -q");
    assert_snapshot!(run.stdout.split_once("Remarks").unwrap().1.split("How to").next().unwrap(), @"

    as it is; claude-haiku-5-5: the API would refuse 1 request, counted in the numbers all the same
      (sampling-parameters 1)
    as it is: `batchwise check` refuses that (sampling-parameters 1); a plan does not look at it, so
      it changes no exit code here
    ");
    let plan = folder.run(&format!("plan requests.jsonl {DAY} -q"));
    let check = folder.run(&format!("check requests.jsonl {DAY} --no-policy -q"));
    assert_eq!((run.code, plan.code, check.code), (0, 0, 1));
    let page = compare(&folder, "--format html -q").stdout;
    assert!(shown(&page).contains("As it is, the API would refuse some requests"), "{page}");
    let seen = Folder::with(line("a", "claude-haiku-4-5", 100_000, "hi"));
    let run = compare(&seen, "-q");
    assert_eq!((run.code, seen.run(&format!("plan requests.jsonl {DAY} -q")).code), (1, 1));
    assert!(run.stdout.contains("the API would refuse 1 request"), "{}", run.stdout);
    assert!(!run.stdout.contains("batchwise check"), "{}", run.stdout);
}

/// A saving that takes other breakpoints is told with all that it takes.
#[test]
fn what_a_saving_takes_is_told() {
    let requests = |system: &Value| {
        let request = |number: u32| {
            json!({"custom_id": format!("r-{number}"), "params": {"model": "claude-sonnet-5-5", "max_tokens": 300,
                "system": system, "messages": [{"role": "user", "content": format!("Ticket {number}")}]}})
            .to_string()
        };
        Folder::with((0..12).map(request).collect::<Vec<_>>().join("\n"))
    };
    let rules = "A rule of the house. ".repeat(1_200);
    let (blocks, text) = (requests(&json!([{"type": "text", "text": rules}])), requests(&json!(rules)));
    let told = |folder: &Folder, given: &str| {
        let screen = compare(folder, &format!("{given} --output-tokens 20 --width 80 -q")).stdout;
        let advised = |line: &&str| line.contains("advised") || line.contains("primed");
        let from = screen.find("What moves").unwrap();
        screen[from..].split("How to").next().unwrap().lines().filter(advised).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(told(&blocks, "--cache cold"), @"
    cache=advised (--fix, primed)  -$0.084483   -77.8  -$0.084483
    cache=advised: write a copy with other breakpoints (plan --fix FILE) and plan
      that with --cache primed
    ");
    assert_snapshot!(told(&text, "--cache cold"), @"
    cache=advised (--fix --wrap-texts, primed)  -$0.084483   -77.8  -$0.084483
    cache=advised: write a copy with other breakpoints, where texts become blocks
      (plan --fix FILE --wrap-texts), and plan that with --cache primed
    ");
    assert_snapshot!(told(&sharing(), "--cache best"), @"
    cache=primed                   +$0.006705    +38.5  +$0.009543
    cache=primed: plan with --cache primed: one request of each group goes ahead
    ");
    let json = compare(&text, "--output-tokens 20 --format json -q").json();
    let advised =
        json["sensitivities"].as_array().unwrap().iter().find(|one| one["what_if"]["cache"] == "advised");
    assert!(
        advised.unwrap()["takes"]
            .as_str()
            .unwrap()
            .contains("--wrap-texts), and plan that with --cache primed")
    );
}

/// A name of a change that leaves no room for its numbers stands above them.
#[test]
fn long_changes_stand_above() {
    let long = "a-header-with-a-name-as-long-as-nobody-would-think-of-2026-11-21";
    let folder = Folder::with([good("a"), good("b")].join("\n"));
    let run = compare(&folder, &format!("--what-if beta={long},b --what-if geo=us --width 80 -q"));
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    assert_snapshot!(moves(&run.stdout), @"
    What moves the total most at the high end, USD
      one change, all else as it is       high
      standard, one by one           +$0.01005
      geo=us                         +$0.00100
      beta=a-header-with-a-name-as-long-as-nobody-would-think-of-2026-11-21
                                      $0.00000  same high end
    ");
}

#[test]
fn what_a_model_would_refuse_is_told_and_marked() {
    let json = compare(
        &workload(),
        "--what-if model=claude-haiku-4-5,claude-opus-5-5,claude-3-haiku-20240307 --format json -q",
    )
    .json();
    let told = |row: usize| {
        format!(
            "{} {} {}",
            json["rows"][row]["status"], json["rows"][row]["refused_requests"], json["rows"][row]["rules"]
        )
    };
    assert_snapshot!([0, 1, 2, 3].map(told).join("\n"), @r#"
    "ok" 0 {"cache-breakpoint-doubtful":2,"cache-ttl-short":2}
    "refused" 1 {"cache-breakpoint-doubtful":2,"cache-ttl-short":2,"max-tokens-over-limit":1}
    "ok" 0 {"cache-ttl-short":2,"thinking-form":1}
    "refused" 3 {"cache-ttl-short":2,"max-tokens-over-limit":1,"retired-model":3}
    "#);
}

#[test]
fn a_header_or_a_version_can_decide() {
    let folder = Folder::with(
        json!({"custom_id": "a", "params": {"model": "claude-haiku-4-5", "max_tokens": 9, "temperature": 0.5, "messages": [{"role": "user", "content": "hi"}]}})
            .to_string(),
    );
    let refused = |folder: &Folder, arguments: &str| {
        let json = compare(folder, &format!("{arguments} --format json -q")).json();
        [0, 1].map(|row| json["rows"][row]["refused_requests"].as_u64().unwrap())
    };
    assert_eq!(refused(&folder, "--what-if api-version=2023-06-01"), [1, 0]);
    let long = Folder::with(line("a", "claude-opus-5-5", 200_000, "hi"));
    assert_eq!(refused(&long, "--what-if beta=output-300k-2026-03-24"), [1, 0]);
    assert_eq!(refused(&long, "--what-if max-tokens=128000"), [1, 0]);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    for (arguments, expected) in [
        ("--what-if model=claude-nobody", "no price is known for the model `claude-nobody`"),
        ("--what-if model", "conditions are model, max-tokens"),
        ("--what-if speed=fast", "conditions are model, max-tokens"),
        ("--what-if cache=primed", "plan --cache primed"),
        ("--what-if output-tokens=none", "write a number of tokens per reply"),
        ("--what-if geo=eu", "write global or us"),
        ("--cache primed", "--cache primed reads the inputs twice"),
        ("--group-by-prefix", "--group-by-prefix reads the inputs twice"),
        ("--max-usd 5", "--max-usd cuts other batches at other prices"),
        ("--sample 1%", "--sample counts for the models that the requests name"),
        ("--exact sample=10", "--exact counts for the models that the requests name"),
        ("--width 79", "79 is not in 80..=300"),
        ("--what-if all-models --what-if max-tokens=1,2,3,4,5,6", "at most 64 are compared"),
        ("-o requests.jsonl", "is also an input"),
    ] {
        let run = compare(&Folder::with(good("a")), arguments);
        assert_eq!(run.code, 2, "{arguments}");
        assert!(run.stderr.contains(expected), "{arguments}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{arguments}");
    }
    let missing = Folder::new().run(&format!("compare nothing.jsonl {DAY} --what-if geo=us"));
    assert_snapshot!(missing.complaint(), @"
    error: cannot open nothing.jsonl: No such file or directory (os error 2)
    exit code 2
    ");
}

#[test]
fn bad_lines_are_told_and_left_out_of_every_row() {
    let folder = Folder::with([good("a"), "[]".to_owned(), good("a"), String::new(), good("b")].join("\n"));
    let run = compare(&folder, "--what-if model=claude-haiku-4-5 --format json");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("error[not-an-object]") && run.stderr.contains("error[duplicate-custom-id]"));
    let json = run.json();
    assert_eq!(json["left_out_lines"], 2);
    for row in json["rows"].as_array().unwrap() {
        assert_eq!(row["requests"], 2);
    }
}

#[test]
fn standard_input_and_a_file() {
    let folder = Folder::with("");
    let arguments = format!("compare - {DAY} --what-if model=claude-haiku-4-5 --format csv -o matrix.csv");
    let run = folder.run_with_input(&arguments, good("a").as_bytes());
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert_eq!(folder.read("matrix.csv").lines().count(), 13);
    assert_eq!(folder.names(), ["matrix.csv", "requests.jsonl"]);
}

#[test]
fn what_is_not_in_a_number_is_told_beside_it() {
    let folder = Folder::with([line("a", "nobody-knows", 50, "hi"), good("b")].join("\n"));
    let run = compare(&folder, "--what-if model=claude-opus-5-5 -q");
    let (above, below) = run.stdout.split_once("What it rests on").unwrap();
    assert!(below.contains("Price book"));
    assert_snapshot!(above, @"
    requests.jsonl: 2 requests, as they are and 1 variant
    As it is: $0.00000800 to $0.00502400 as batches, 50.0 % less than one by one; 1 request without a
      price not included

    As batches with caching, USD
      model                    low  likely         high
      as it is         $0.00000800       -  $0.00502400  unpriced 1
      claude-opus-5-5  $0.00002000       -  $0.01057000

    By service, USD, high
      model               standard        batch  with caching  saved, %                 up to
      as it is         $0.01004800  $0.00502400   $0.00502400      50.0  $0.00502400 and more
      claude-opus-5-5  $0.02114000  $0.01057000   $0.01057000      50.0           $0.01057000

    Tokens
      model            input, low  input, likely  input, high  output, likely  at most
      as it is                 10             23           41               -    1,050
      claude-opus-5-5          10             23           35               -    1,050

    What moves the total most at the high end, USD
      one change, all else as it is            instead of       high       %
      standard, one by one           batches with caching  +$0.00502  +100.0
      model=claude-opus-5-5                     their own          -       -

    Remarks
      as it is: no price for 1 request, counted in no cost: `nobody-knows` 1 (no price is known for the
        model `nobody-knows`; an overlay can add it)

    How to read it
      low and high are the ends of what is likely for the input, with no reply at all and with every
        reply as long as its `max_tokens`; each row counts the input with the tokenizer of its model
      what it costs says nothing about how well another model answers
      change is - where other requests have a price than as it is, so that nothing is subtracted
      likely is - where it is unknown: no reply length was given (--output-tokens)
    ");
}
