//! `batchwise diff` as a user runs it.

mod common;

use common::{Folder, good, line};
use insta::assert_snapshot;
use serde_json::{Value, json};

const PLAN: &str = "plan requests.jsonl --tokenizer bytes --as-of";

/// A folder with `base.json`, `head.json`, and both inputs.
fn two_plans() -> Folder {
    let base =
        [good("spider"), line("bird", "claude-haiku-5-5", 2000, "How many legs has a bird?")].join("\n");
    let more = [line("cat", "claude-opus-5-5", 100, "And a cat?"), "{".to_owned()].join("\n");
    let folder = Folder::with(&base);
    assert_eq!(folder.run(&format!("{PLAN} 2026-11-20 -o base.json")).code, 0);
    let folder = folder.file("requests.jsonl", format!("{}\n{more}", good("spider")));
    assert_eq!(folder.run(&format!("{PLAN} 2026-11-21 -o head.json")).code, 2);
    folder
}

/// The plan `base.json` with one value replaced, as `name`.
fn changed(folder: Folder, name: &str, pointer: &str, value: Value) -> Folder {
    let mut plan: Value = serde_json::from_str(&folder.read("base.json")).unwrap();
    *plan.pointer_mut(pointer).unwrap() = value;
    folder.file(name, plan.to_string())
}

#[test]
fn tables_for_people() {
    let run = two_plans().run("diff base.json head.json");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100));
    assert_snapshot!(run.stdout, @"
    base.json -> head.json
    As batches up to $0.006056000 instead of $0.005525150: +$0.000530850, +9.6 %.

      lines in no batch and in no number: 0 before, 1 now

                                              base          head         change       %
    requests                                     2             2              =
    batches                                      1             1              =
    body bytes                                 307           289            -18    -5.9
    input tokens, low                           15            12             -3   -20.0
    input tokens, likely                        31            26             -5   -16.1
    input tokens, high                          47            40             -7   -14.9
    output tokens, low                           0             0              =
    output tokens, high                      3,000         1,100         -1,900   -63.3

    USD                                       base          head         change       %
    standard, low                     $0.000016700  $0.000032000  +$0.000015300   +91.6
    standard, high                    $0.011050300  $0.012112000  +$0.001061700    +9.6
    batch, low                        $0.000008350  $0.000016000  +$0.000007650   +91.6
    batch, high                       $0.005525150  $0.006056000  +$0.000530850    +9.6
    batch with caching, low           $0.000008350  $0.000016000  +$0.000007650   +91.6
    batch with caching, high          $0.005525150  $0.006056000  +$0.000530850    +9.6
    as batches up to                  $0.005525150  $0.006056000  +$0.000530850    +9.6
    saved by batches, high            $0.005525150  $0.006056000  +$0.000530850    +9.6
    saved with caching, high          $0.005525150  $0.006056000  +$0.000530850    +9.6

    models                                    base          head         change       %
    claude-opus-5-5, new: requests               0             1             +1     new
      input tokens, likely                       0            10            +10     new
      standard, high                  $0.000000000  $0.002064000  +$0.002064000     new
      batch, high                     $0.000000000  $0.001032000  +$0.001032000     new
      batch with caching, high        $0.000000000  $0.001032000  +$0.001032000     new
    claude-haiku-5-5, gone: requests             1             0             -1  -100.0
      input tokens, likely                      15             0            -15  -100.0
      standard, high                  $0.001002300  $0.000000000  -$0.001002300  -100.0
      batch, high                     $0.000501150  $0.000000000  -$0.000501150  -100.0
      batch with caching, high        $0.000501150  $0.000000000  -$0.000501150  -100.0

    findings                                  base          head         change
    invalid-json                                 0             1             +1     new

    Changed
      verdict: ok -> unusable
      priced on: 2026-11-20 -> 2026-11-21
      inputs: other content
      unconfirmed-price: `era.tier` of `claude-haiku-5-5` rests on third parties or derivation ->
        nothing
    ");
}

#[test]
fn a_comment_for_a_pull_request() {
    let run = two_plans().run("diff base.json head.json --format markdown -o comment.md");
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    let folder = two_plans();
    let run = folder.run("diff base.json head.json --format markdown");
    assert_snapshot!(run.stdout, @"
    ### batchwise: `base.json` -> `head.json`

    **As batches up to USD 0.006056000 instead of USD 0.005525150: +USD 0.000530850, +9.6 %.**

    - lines in no batch and in no number: 0 before, 1 now

    |  | base | head | change | % |
    |:---|---:|---:|---:|---:|
    | requests | 2 | 2 | = |  |
    | batches | 1 | 1 | = |  |
    | body bytes | 307 | 289 | -18 | -5.9 |
    | input tokens, low | 15 | 12 | -3 | -20.0 |
    | input tokens, likely | 31 | 26 | -5 | -16.1 |
    | input tokens, high | 47 | 40 | -7 | -14.9 |
    | output tokens, low | 0 | 0 | = |  |
    | output tokens, high | 3,000 | 1,100 | -1,900 | -63.3 |

    | USD | base | head | change | % |
    |:---|---:|---:|---:|---:|
    | standard, low | 0.000016700 | 0.000032000 | +0.000015300 | +91.6 |
    | standard, high | 0.011050300 | 0.012112000 | +0.001061700 | +9.6 |
    | batch, low | 0.000008350 | 0.000016000 | +0.000007650 | +91.6 |
    | batch, high | 0.005525150 | 0.006056000 | +0.000530850 | +9.6 |
    | batch with caching, low | 0.000008350 | 0.000016000 | +0.000007650 | +91.6 |
    | batch with caching, high | 0.005525150 | 0.006056000 | +0.000530850 | +9.6 |
    | as batches up to | 0.005525150 | 0.006056000 | +0.000530850 | +9.6 |
    | saved by batches, high | 0.005525150 | 0.006056000 | +0.000530850 | +9.6 |
    | saved with caching, high | 0.005525150 | 0.006056000 | +0.000530850 | +9.6 |

    | models | base | head | change | % |
    |:---|---:|---:|---:|---:|
    | `claude-opus-5-5`, new: requests | 0 | 1 | +1 | new |
    | input tokens, likely | 0 | 10 | +10 | new |
    | standard, high | 0.000000000 | 0.002064000 | +0.002064000 | new |
    | batch, high | 0.000000000 | 0.001032000 | +0.001032000 | new |
    | batch with caching, high | 0.000000000 | 0.001032000 | +0.001032000 | new |
    | `claude-haiku-5-5`, gone: requests | 1 | 0 | -1 | -100.0 |
    | input tokens, likely | 15 | 0 | -15 | -100.0 |
    | standard, high | 0.001002300 | 0.000000000 | -0.001002300 | -100.0 |
    | batch, high | 0.000501150 | 0.000000000 | -0.000501150 | -100.0 |
    | batch with caching, high | 0.000501150 | 0.000000000 | -0.000501150 | -100.0 |

    | findings | base | head | change |  |
    |:---|---:|---:|---:|---:|
    | `invalid-json` | 0 | 1 | +1 | new |

    **Changed**

    - verdict: ok -> unusable
    - priced on: `2026-11-20` -> `2026-11-21`
    - inputs: other content
    - `unconfirmed-price`: `ˋera.tierˋ of ˋclaude-haiku-5-5ˋ rests on third parties or derivation` -> nothing
    ");
}

#[test]
fn a_plan_does_not_differ_from_itself() {
    let folder = two_plans();
    assert_snapshot!(folder.run("diff base.json base.json").stdout, @"no difference: base.json and base.json plan the same requests at the same cost");
    assert_snapshot!(folder.run("diff base.json base.json --format markdown").stdout, @"**batchwise**: no difference: `base.json` and `base.json` plan the same requests at the same cost");
    assert_eq!(folder.run("diff base.json base.json --format json").json()["same"], json!(true));
}

#[test]
fn the_json_keeps_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../docs/schemas/diff.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let folder = two_plans();
    for arguments in ["base.json head.json", "head.json base.json", "base.json base.json"] {
        let json = folder.run(&format!("diff {arguments} --format json")).json();
        let errors: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let json = folder.run("diff base.json head.json --format json").json();
    assert_snapshot!(serde_json::to_string_pretty(&json["cost"]["batch_bound"]).unwrap(), @r#"
    {
      "base": "0.00552515",
      "change": "0.00053085",
      "head": "0.006056",
      "percent": "9.6",
      "unlike": null
    }
    "#);
    assert_snapshot!(json["models"][0]["tokens"]["output"]["high"], @r#"{"base":2000,"change":-2000,"head":0,"percent":"-100.0","unlike":null}"#);
}

#[test]
fn what_is_unlike_is_not_subtracted() {
    let folder = two_plans();
    let claude = "plan requests.jsonl --as-of 2026-11-21 --output-tokens 10 -o claude.json";
    assert_eq!(folder.run(claude).code, 2);
    let run = folder.run("diff head.json claude.json");
    assert_snapshot!(run.stdout.lines().take(12).collect::<Vec<_>>().join("\n"), @"
    head.json -> claude.json
    As batches up to $0.00604300, before up to $0.00605600: not compared (counted otherwise).

      not compared: input tokens were counted by bytes before and are by claude now, so neither they nor
        costs are alike
      lines in no batch and in no number: 1 before, 1 now

                                        base         head        change  %
    requests                               2            2             =
    batches                                1            1             =
    body bytes                           289          289             =
    input tokens, low                     12           22  not compared
    ");
    let json = folder.run("diff head.json claude.json --format json").json();
    let unlike = |pointer: &str| json.pointer(pointer).unwrap()["unlike"].clone();
    assert_eq!(unlike("/tokens/output/likely"), "one_unknown");
    assert_eq!(unlike("/cost/batch/high"), "tokenizer");
    assert_eq!(unlike("/tokens/output/high"), Value::Null);
}

#[test]
fn costs_of_other_requests_are_not_subtracted() {
    let folder = two_plans().file("requests.jsonl", [good("a"), line("b", "nobody", 5, "hi")].join("\n"));
    let unpriced = format!("{PLAN} 2026-11-20 --allow-unpriced -o unpriced.json");
    assert_eq!(folder.run(&unpriced).code, 0);
    let run = folder.run("diff base.json unpriced.json");
    assert_snapshot!(run.stdout.lines().take(5).collect::<Vec<_>>().join("\n"), @"
    base.json -> unpriced.json
    As batches up to $0.005024000, before up to $0.005525150: not compared (other requests lack a
      price).

      costs leave out requests without a price: 0 before, 1 now
    ");
}

#[test]
fn texts_of_plans_cannot_forge_a_comment() {
    let evil = "x` | 9 |\n\n# @everyone [click](https://evil.example) <img src=x> $a$ \u{1b}[31m\u{202e}";
    let folder = two_plans();
    let mut plan: Value = serde_json::from_str(&folder.read("base.json")).unwrap();
    plan["models"][0]["model"] = json!(evil);
    plan["batches"][0]["usage"][0]["model"] = json!(evil);
    plan["what_if"]["lines"][0]["model"] = json!(evil);
    let folder = folder.file("evil.json", plan.to_string());
    let folder = changed(folder, "worse.json", "/assumptions/0/value", json!(evil));
    let comments = ["evil.json", "worse.json"]
        .map(|head| folder.run(&format!("diff base.json {head} --format markdown")).stdout);
    for comment in &comments {
        assert!(comment.contains("@everyone"), "{comment}");
        for line in comment.lines() {
            // Outside of code there is nothing of theirs; in tables, every row has its five cells.
            let outside: String = line.split('`').step_by(2).collect();
            assert!(!outside.contains(['@', '<', '[', '$', '\u{1b}', '\u{202e}']), "{line}");
            assert_eq!(line.matches('`').count() % 2, 0, "{line}");
            assert!(!line.starts_with('|') || line.matches('|').count() == 6, "{line}");
        }
    }
    let screen = folder.run("diff base.json evil.json").stdout;
    assert!(!screen.contains(['\u{1b}', '\u{202e}']) && !screen.contains("\n# "), "{screen}");
}

#[test]
fn plans_come_from_anywhere() {
    let folder = two_plans();
    let piped = folder.run_with_input("diff - head.json --format json", folder.read("base.json").as_bytes());
    assert_eq!(piped.stdout, folder.run("diff base.json head.json --format json").stdout);
    let packed = zstd::encode_all(folder.read("base.json").as_bytes(), 1).unwrap();
    let folder = folder.file("base.json.zst", packed);
    assert_eq!(folder.run("diff base.json.zst head.json --format json").stdout, piped.stdout);
}

#[test]
fn what_is_no_plan_is_refused() {
    let folder = two_plans().file("empty.json", "").file("check.json", r#"{"schema":"batchwise.check/1"}"#);
    let folder = changed(folder, "newer.json", "/schema", json!("batchwise.plan/2"));
    let folder = changed(folder, "forged.json", "/quote/batch_bound", json!("0"));
    let complaints = [
        "diff base.json requests.jsonl",
        "diff empty.json base.json",
        "diff check.json base.json",
        "diff newer.json base.json",
        "diff forged.json base.json",
        "diff base.json missing.json",
        "diff - -",
        "diff base.json head.json -o base.json",
        "diff base.json",
    ]
    .map(|arguments| folder.run(arguments).complaint());
    assert_snapshot!(complaints.join("\n"), @r#"
    error: cannot read the plan requests.jsonl: it is a file of requests, not a plan: make a plan of it first, with `batchwise plan FILE -o plan.json`
    exit code 2
    error: cannot read the plan empty.json: it is empty: give a complete file that `batchwise plan -o plan.json` wrote
    exit code 2
    error: cannot read the plan check.json: it is a check report, not a plan: give a file that `batchwise plan -o plan.json` wrote
    exit code 2
    error: cannot read the plan newer.json: `schema` is "batchwise.plan/2", written by a newer version of batchwise: update batchwise, or make the plan again with this one, which writes "batchwise.plan/1"
    exit code 2
    error: cannot read the plan forged.json: `quote.batch_bound` is 0 but those of its batches add up to 0.00552515: the file was changed or damaged, so make the plan again
    exit code 2
    error: cannot open missing.json: No such file or directory (os error 2)
    exit code 2
    error: `-` (standard input) can be given only once
    exit code 2
    error: the output base.json is also an input: choose another name, or the input would be lost
    exit code 2
    error: the following required arguments were not provided:
      <HEAD>

    Usage: batchwise diff <BASE> <HEAD>

    For more information, try '--help'.
    exit code 2
    "#);
    assert_eq!(folder.run("diff base.json base.json").code, 0, "base.json is still there");
}

#[test]
fn no_file_makes_it_panic() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/plan_reader");
    let folder = two_plans();
    for entry in std::fs::read_dir(corpus).unwrap() {
        let odd = entry.unwrap().path();
        let odd = odd.to_str().unwrap();
        for arguments in [format!("base.json {odd}"), format!("{odd} base.json --format markdown")] {
            let run = folder.run(&format!("diff {arguments}"));
            assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
            assert_eq!(run.code == 0, run.stderr.is_empty(), "{}", run.stderr);
            assert!(run.stdout.len() < 60_000 && !run.stdout.contains(['\u{1b}', '\u{202e}']));
        }
    }
}
