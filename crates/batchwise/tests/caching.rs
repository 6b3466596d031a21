//! `batchwise plan` on requests that share what they begin with.

mod common;

use common::Folder;
use insta::assert_snapshot;
use serde_json::{Value, json};

const DAY: &str = "--as-of 2026-11-21";

/// Rules that no two workloads of these tests share.
fn rules() -> String {
    let rule = |number: u32| {
        format!(
            "Rule {number}. An answer of kind {} names the animal and its {} legs.\n",
            number * 7,
            number * 3
        )
    };
    (1..=60).map(rule).collect()
}

/// So many questions behind the same rules, which stand in `system`.
fn questions(count: u32, system: &Value) -> String {
    let question = |number: u32| {
        let messages = json!([{"role": "user", "content": format!("How many legs have {number} spiders?")}]);
        let params =
            json!({"model": "claude-sonnet-5-5", "max_tokens": 100, "system": system, "messages": messages});
        json!({"custom_id": format!("q-{number}"), "params": params}).to_string() + "\n"
    };
    (1..=count).map(question).collect()
}

fn block(control: Value) -> Value {
    match control {
        Value::Null => json!([{"type": "text", "text": rules()}]),
        control => json!([{"type": "text", "text": rules(), "cache_control": control}]),
    }
}

fn hour() -> Value {
    json!({"type": "ephemeral", "ttl": "1h"})
}

/// The section of the screen that begins with that line.
fn section<'s>(screen: &'s str, first: &str) -> &'s str {
    let start = screen.find(&format!("\n{first}\n")).unwrap_or_else(|| panic!("no {first} in {screen}"));
    let rest = &screen[start + 1..];
    rest.split_once("\n\n").map_or(rest, |(section, _)| section)
}

#[test]
fn an_unmarked_prompt_is_told_and_marked_and_primed() {
    let folder = Folder::with(questions(40, &block(Value::Null)));
    let before = folder.run(&format!("plan requests.jsonl {DAY} --fix marked.jsonl"));
    assert_eq!(before.code, 0);
    assert_snapshot!(before.stderr, @"
    note[cache-unmarked]: 40 requests of `claude-sonnet-5-5` begin with the same 1,680 tokens, up to `params.system[0]`, and no breakpoint is there: one of an hour saves about $0.0606 against no caching, if one request goes ahead
      ::: requests.jsonl:1 the first of them, `params.system[0]`
       = help: write a copy with breakpoints (--fix FILE) and plan that with --cache primed

    note: marked.jsonl has other breakpoints in 40 requests
    ");
    assert_snapshot!(section(&before.stdout, "Cache"), @"
    Cache
      Mark what is shared (--fix FILE) and let one request of each group go ahead (--cache primed):
        $0.0274, against $0.0879 without caching.
      USD          low  likely input     high  against none
      none     $0.0679       $0.0879  $0.0880
      advised  $0.0073       $0.0274  $0.0274        -68.9%
        likely input: with every reply as long as its `max_tokens`; low and high as above, those of hit
          rates perhaps wider than with --cache N%
        none: no caching: breakpoints are ignored, or there are none
        advised: breakpoints of an hour where they pay and no others (--fix FILE), and one request of
          each group goes ahead
      likely: none, as no request has a breakpoint behind a prefix that is long enough to be cached
      pays from: a hit rate of 0.513; groups of 3 requests, where one writes for an hour and the others
        read
      shared: 1,680 tokens by 40 requests of claude-sonnet-5-5, not marked: up to params.system[0] (from
        line 1 on)
    ");

    let after = folder.run(&format!("plan marked.jsonl {DAY} --cache primed -o plan.json"));
    assert_eq!((after.code, after.stderr.as_str()), (0, ""));
    assert_snapshot!(section(&after.stdout, "Cache"), @"
    Cache
      One request of each group goes ahead, 1 in all: $0.0274, against $0.0879 without caching.
      USD          low  likely input      high  against none
      none    $0.06785      $0.08792  $0.08799
      cold    $0.13498      $0.15512  $0.15526        +76.4%
      30%     $0.09571      $0.11581  $0.11590        +31.7%
      best    $0.01062      $0.03063  $0.03064        -65.2%
      primed  $0.00735      $0.02736  $0.02736        -68.9%
        likely input: with every reply as long as its `max_tokens`; low and high as above, those of hit
          rates perhaps wider than with --cache N%
        none: no caching: breakpoints are ignored, or there are none
        cold: nothing is found: every request writes all that it marks
        30%: 30% of the requests read all that they mark, the others write it
        best: one request of each group and wave writes, its reply begins before the others are looked
          at, and they read
        primed: one request of each group goes ahead in a batch of its own and writes for an hour; when
          that has ended, the others read
      likely: primed, as what the requests of the first wave write is there for the others, unless it
        expires
      pays from: a hit rate of 0.513; groups of 3 requests, where one writes for an hour and the others
        read
      shared: 1,680 tokens by 40 requests of claude-sonnet-5-5, marked for 1h, in 2 batches of 2 waves:
        up to params.system[0] (from line 1 on)
    ");
    assert_snapshot!(section(&after.stdout, "Waves"), @"
    Waves
      0: 1 batch, 1 request; waits for: nothing
      1: 1 batch, 39 requests; waits for: wave 0 has ended, so that what it wrote to the cache can be
        read
      A batch that has not ended after 24 hours expires; what is left of it is neither answered nor
        billed.
    ");
    let plan: Value = serde_json::from_str(&folder.read("plan.json")).unwrap();
    let waves: Vec<_> = plan["batches"].as_array().unwrap().iter().map(|batch| &batch["wave"]).collect();
    assert_eq!(waves, [0, 1]);
    let requests: Vec<_> = plan["waves"].as_array().unwrap().iter().map(|wave| &wave["requests"]).collect();
    assert_eq!(requests, [1, 39]);
    let first: Value = folder.run(&format!("plan requests.jsonl {DAY} --format json")).json();
    assert_eq!(
        first["cache"]["scenarios"]["advised"]["batch"],
        plan["cache"]["scenarios"]["primed"]["batch"]
    );
}

#[test]
fn an_expected_reply_is_in_the_table_and_in_the_sentence() {
    let folder = Folder::with(questions(40, &block(hour())));
    let run = folder.run(&format!("plan requests.jsonl {DAY} --output-tokens 10"));
    let shown: Vec<&str> = section(&run.stdout, "Cache").lines().take(9).collect();
    assert_snapshot!(shown.join("\n"), @"
    Cache
      Let one request of each group go ahead (--cache primed): $0.00936, against $0.06992 without
        caching and up to $0.13712 if the batch starts cold.
      USD          low    likely      high  against none
      none    $0.06785  $0.06992  $0.08799
      cold    $0.13498  $0.13712  $0.15526        +96.1%
      30%     $0.09571  $0.09781  $0.11590        +39.9%
      best    $0.00735  $0.00936  $0.02736        -86.6%
      primed  $0.00735  $0.00936  $0.02736        -86.6%
    ");
}

#[test]
fn each_row_has_what_the_request_itself_costs() {
    let folder = Folder::with(questions(3, &block(hour())));
    let run =
        folder.run(&format!("estimate requests.jsonl {DAY} --cache best --output-tokens 10 --format jsonl"));
    let cached = |row: &str| -> Value {
        let row: Value = serde_json::from_str(row).unwrap();
        row["cost"]["batch_cached"]["likely"].clone()
    };
    assert_snapshot!(run.stdout.lines().map(cached).map(|usd| usd.to_string()).collect::<Vec<_>>().join(" "), @r#""0.003428" "0.000152" "0.000152""#);
}

#[test]
fn the_json_of_the_design() {
    let folder = Folder::with(questions(40, &block(hour())));
    let cache = folder.run(&format!("plan requests.jsonl {DAY} --format json")).json()["cache"].clone();
    assert_snapshot!(serde_json::to_string_pretty(&cache).unwrap(), @r#"
    {
      "advice": "Let one request of each group go ahead (--cache primed): $0.0274, against $0.0879 without caching and up to $0.1551 if the batch starts cold.",
      "break_even_group_size": 3,
      "break_even_hit_rate": "0.513",
      "groups": [
        {
          "batches": 1,
          "cacheable": true,
          "complete": true,
          "field": "params.system[0]",
          "first_line": 1,
          "input": 0,
          "marked": true,
          "members": 40,
          "minimum_tokens": 512,
          "model": "claude-sonnet-5-5",
          "prefix_tokens": {
            "high": 1683,
            "likely": 1680,
            "low": 1677
          },
          "ttl": "1h",
          "users": 40,
          "waves": 1
        }
      ],
      "groups_forgotten": false,
      "groups_total": 1,
      "likely": "$0.1158 to $0.0274, as users of batches are documented to see 30% to 98% hits, and these groups are too small for 98%; a batch whose requests start together may find nothing: $0.1551; below 51.3% caching costs more than none",
      "marked_requests": 40,
      "primers": 1,
      "scenarios": {
        "30%": {
          "batch": "0.115808",
          "meaning": "30% of the requests read all that they mark, the others write it",
          "range": {
            "high": "0.1159037228",
            "likely": null,
            "low": "0.0957122772"
          }
        },
        "best": {
          "batch": "0.027356",
          "meaning": "one request of each group and wave writes, its reply begins before the others are looked at, and they read",
          "range": {
            "high": "0.027364245",
            "likely": null,
            "low": "0.007347755"
          }
        },
        "cold": {
          "batch": "0.15512",
          "meaning": "nothing is found: every request writes all that it marks",
          "range": {
            "high": "0.155255297",
            "likely": null,
            "low": "0.134984703"
          }
        },
        "none": {
          "batch": "0.08792",
          "meaning": "no caching: breakpoints are ignored, or there are none",
          "range": {
            "high": "0.087987649",
            "likely": null,
            "low": "0.067852351"
          }
        },
        "primed": {
          "batch": "0.027356",
          "meaning": "one request of each group goes ahead in a batch of its own and writes for an hour; when that has ended, the others read",
          "range": {
            "high": "0.027364245",
            "likely": null,
            "low": "0.007347755"
          }
        }
      }
    }
    "#);
}

#[test]
fn a_copy_differs_in_breakpoints_only() {
    let old = questions(12, &block(json!({"type": "ephemeral"})));
    let old = old.replace("\"max_tokens\"", "  \"max_tokens\"").replace('\n', "\r\n") + "\r\n \n";
    let folder = Folder::with(format!("\u{feff}{old}"));
    let run = folder.run(&format!("plan requests.jsonl {DAY} --fix new.jsonl -q"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let new = folder.read("new.jsonl");
    let swapped = new.replace(
        r#""cache_control":{"type":"ephemeral","ttl":"1h"}"#,
        r#""cache_control":{"type":"ephemeral"}"#,
    );
    assert_eq!(swapped, format!("\u{feff}{old}"));
    assert_ne!(new, swapped);
}

#[test]
fn a_text_is_only_wrapped_on_demand() {
    let text = questions(12, &json!(rules()));
    let folder = Folder::with(&text);
    let run = folder.run(&format!("plan requests.jsonl {DAY} --fix new.jsonl"));
    assert_snapshot!(run.stderr, @"
    note[cache-unmarked]: 12 requests of `claude-sonnet-5-5` begin with the same 1,680 tokens, up to `params.system`, and no breakpoint is there: one of an hour saves about $0.0159 against no caching, if one request goes ahead
      ::: requests.jsonl:1 the first of them, `params.system`
       = help: write a copy where the text is a block that is marked (--fix FILE --wrap-texts) and plan that with --cache primed

    note: no request needs other breakpoints; new.jsonl is a copy; texts in place of blocks can carry none: with --wrap-texts they become blocks, which saves more
    ");
    assert_eq!(folder.read("new.jsonl"), text);
    let run = folder.run(&format!("plan requests.jsonl {DAY} --fix new.jsonl --wrap-texts -q"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let marked = folder.run(&format!("plan new.jsonl {DAY} --format json")).json();
    assert_eq!(marked["cache"]["marked_requests"], 12);
    assert_eq!(marked["cache"]["groups"][0]["field"], "params.system[0]");
}

#[test]
fn files_are_copied_one_behind_the_other() {
    let half = questions(12, &block(Value::Null));
    let (one, two) = half.split_at(half.match_indices('\n').nth(5).unwrap().0);
    let folder = Folder::new().file("one.jsonl", one).file("two.jsonl", two.trim_start());
    let run = folder.run(&format!("plan one.jsonl two.jsonl {DAY} --fix both.jsonl -q"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let cut = folder.read("both.jsonl").replace(r#","cache_control":{"type":"ephemeral","ttl":"1h"}"#, "");
    assert_eq!(cut, half);
}

#[test]
fn a_time_at_the_front_is_found() {
    let lines: Vec<String> = (10..40)
        .map(|minute| {
            questions(1, &json!([{"type": "text", "text": format!("It is 10:{minute}. {}", rules())}]))
        })
        .map(|line| line.trim_end().to_owned())
        .collect();
    let lines: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| line.replace("\"q-1\"", &format!("\"q-{index}\"")))
        .collect();
    let folder = Folder::with(lines.join("\n"));
    let run = folder.run(&format!("plan requests.jsonl {DAY}"));
    assert_snapshot!(run.stderr, @"
    note[cache-almost-shared]: about 30 requests of `claude-sonnet-5-5` would begin with the same 1,699 tokens, but they part in `params.system[0].text`, at byte 174 of the line: one prefix for all saves about $0.0451 against no caching, if one request goes ahead (14 of 14 compared pairs)
      ::: requests.jsonl:11 it parts from line 1
       = help: move what differs behind what repeats, for example to the end of the last message
    ");
}

#[test]
fn breakpoints_that_nobody_reads_are_told() {
    let lines: String = ["ant", "bee", "cat"]
        .iter()
        .enumerate()
        .map(|(index, animal)| {
            let system = json!([{"type": "text", "text": format!("{animal} {}", rules().replace("animal", animal)), "cache_control": hour()}]);
            questions(1, &system).replace("\"q-1\"", &format!("\"q-{index}\""))
        })
        .collect();
    let folder = Folder::with(lines);
    let run = folder.run(&format!("plan requests.jsonl {DAY}"));
    assert_snapshot!(run.stderr, @"
    warning[cache-costs-more]: caching costs about $0.00505 more than none even if one request of each group goes ahead: too few requests share what they mark
       = help: remove the breakpoints, or move them to where requests agree (--fix FILE); with the same hits, five minutes instead of an hour cost $0.00378 less
    ");
    assert_snapshot!(section(&run.stdout, "Cache").lines().take(3).collect::<Vec<_>>().join("\n"), @"
    Cache
      Send it without breakpoints, for $0.00660: no two requests share what they mark, so caching can
        only add to it, up to $0.01165.
    ");
}

#[test]
fn waves_keep_to_the_tier_and_groups_to_their_batch() {
    let [ants, bees] = ["ants", "bees"].map(|animal| {
        let system =
            json!([{"type": "text", "text": rules().replace("animal", animal), "cache_control": hour()}]);
        questions(6, &system).replace("\"q-", &format!("\"{animal}-"))
    });
    let mixed: Vec<&str> = ants.lines().zip(bees.lines()).flat_map(|(ant, bee)| [ant, bee]).collect();
    let folder = Folder::with(mixed.join("\n"));
    let batches = |options: &str| {
        let plan = folder.run(&format!("plan requests.jsonl {DAY} --format json {options}")).json();
        let one = |batch: &Value| format!("{}:{}", batch["wave"], batch["requests"]);
        let batches: Vec<String> = plan["batches"].as_array().unwrap().iter().map(one).collect();
        let spread: Vec<u64> = plan["cache"]["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["batches"].as_u64().unwrap())
            .collect();
        format!("{} groups in {spread:?} batches", batches.join(" "))
    };
    assert_snapshot!(batches("--max-requests 6"), @"0:6 0:6 groups in [2, 2] batches");
    assert_snapshot!(batches("--max-requests 6 --group-by-prefix"), @"0:6 0:6 groups in [1, 1] batches");
    assert_snapshot!(batches("--max-requests 6 --tier 8"), @"0:6 0:2 1:4 groups in [3, 3] batches");
    assert_snapshot!(batches("--max-requests 6 --cache primed"), @"0:2 1:6 1:4 groups in [3, 3] batches");
    assert_snapshot!(batches("--max-requests 6 --cache primed --group-by-prefix --tier 5"), @"0:2 1:5 2:5 groups in [2, 2] batches");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let folder = Folder::with(questions(3, &block(json!({"type": "ephemeral"}))));
    let complaint = |arguments: &str| folder.run(arguments).complaint();
    assert_snapshot!(complaint("plan - --cache primed"), @"
    error: --cache primed reads its input twice, which standard input does not allow: save it to a file first
    exit code 2
    ");
    assert_snapshot!(complaint("plan - --fix copy.jsonl"), @"
    error: --fix reads its input twice, which standard input does not allow: save it to a file first
    exit code 2
    ");
    assert_snapshot!(complaint("plan requests.jsonl --fix requests.jsonl"), @"
    error: the output requests.jsonl is also an input: choose another name, or the input would be lost
    exit code 2
    ");
    assert_snapshot!(complaint("plan requests.jsonl --fix a -o a"), @"
    error: two outputs go to a: choose another name for one, or only the last would be left
    exit code 2
    ");
    assert_snapshot!(complaint("plan requests.jsonl --wrap-texts"), @"
    error: the following required arguments were not provided:
      --fix <FILE>

    Usage: batchwise plan --fix <FILE> --wrap-texts <FILE>...

    For more information, try '--help'.
    exit code 2
    ");
    assert_snapshot!(complaint("plan requests.jsonl --tier gold"), @"
    error: no tier `gold` is known: write start, build, scale or a number of requests
    exit code 2
    ");
    assert_snapshot!(complaint("plan requests.jsonl --tier 0"), @"
    error: invalid value '0' for '--tier <start|build|scale|N>': write start, build, scale, or how many requests may be queued, like 150000

    For more information, try '--help'.
    exit code 2
    ");
    assert_snapshot!(complaint("plan requests.jsonl --cache warm"), @"
    error: invalid value 'warm' for '--cache <none|cold|N%|best|primed>': write none, cold, best, primed, or a hit rate like 85%

    For more information, try '--help'.
    exit code 2
    ");
    assert_snapshot!(complaint(&format!("plan requests.jsonl {DAY} --cache primed --group-by-prefix")), @"
    error[cache-primed-lifetime]: the 1,680 tokens that 3 requests share, up to `params.system[0]`, are kept five minutes: a batch that goes ahead may take longer than that
      ::: requests.jsonl:1 the first of them, `params.system[0]`
       = help: write a copy with breakpoints of an hour (--fix FILE) and plan that

    exit code 1
    ");
    assert_eq!(folder.names(), ["requests.jsonl"], "nothing is written");
}
