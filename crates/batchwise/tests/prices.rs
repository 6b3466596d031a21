//! `batchwise prices` as a user runs it.

mod common;

use std::fs;
use std::path::Path;

use common::Folder;
use insta::assert_snapshot;
use serde_json::{Value, json};

fn prices(arguments: &str) -> common::Run {
    Folder::new().run(&format!("prices {arguments}"))
}

#[test]
fn the_list_of_a_day() {
    let list = prices("list --as-of 2026-11-21");
    assert_eq!(list.code, 0);
    assert!(list.stdout.lines().all(|line| line.chars().count() <= 100));
    assert_snapshot!(list.stdout.lines().skip(2).take(7).collect::<Vec<_>>().join("\n"), @"
                                                      batch  batch   write  write
    model                       status       in  out     in    out      5m     1h   read
    claude-fable-5-2            active        8   40      4     20       5      8    0.1
    claude-fable-5-1            legacy       10   50      5     25    6.25     10  0.125
    claude-fable-5              legacy       10   50      5     25    6.25     10    0.5
    claude-haiku-5-5            active      0.1  0.5   0.05   0.25  0.0625    0.1  0.005
      prompts over 100000       active      0.5  2.5   0.25   1.25  0.3125    0.5  0.025
    ");
    let all = prices("list --as-of 2026-11-21 --all --format json").json();
    let retired =
        all["models"].as_array().unwrap().iter().filter(|model| model["status"] == "retired").count();
    assert_eq!(retired, 10);
    let early = prices("list --as-of 2026-09-27");
    assert!(!early.stdout.contains("claude-sonnet-5-5"), "not released yet");
}

#[test]
fn all_that_is_known_about_a_model() {
    assert_snapshot!(prices("show claude-sonnet-5-5 --as-of 2026-10-06").stdout, @"
    claude-sonnet-5-5 in price book 2026-11-21

      name                          Claude Sonnet 5.5
      status                        active
      released                      2026-09-28
      retires_not_before            2027-09-28
      context_window                1000000
      max_output                    128000
      max_output_batch_beta         300000
      batch_supported               true
      inference_geo                 true
      min_cacheable_tokens          512
      tokenizer                     claude-4.7+
      image_tier                    high
      tool_prompt_tokens_auto_none  286
      forced_tool_choice            false
      thinking_optional             false
      sampling_parameters           false
      thinking                      adaptive; disabled -> 400 (between_tools instead)
      - a forced tool_choice (any or tool) is refused with 400
      - there is no fast mode
      - values of temperature, top_p and top_k other than the defaults are refused, as by every model
        since 4.7

    From 2026-09-28, USD per million tokens
                          cache     cache  cache
                input  write 5m  write 1h   read  output
      standard      2       2.5         4    0.2      10
      batch         1      1.25         2    0.1       5
      - https://platform.claude.com/docs/en/about-claude/pricing, read 2026-10-07
      - derived by a documented multiplier: batch.cache_write_5m, batch.cache_write_1h, batch.cache_read

    Sources
      - https://platform.claude.com/docs/en/about-claude/pricing (2026-10-07)
      - https://platform.claude.com/docs/en/about-claude/pricing (2026-10-08)
      - https://platform.claude.com/docs/en/build-with-claude/prompt-caching (2026-10-08)
      - https://platform.claude.com/docs/en/models/sonnet-5-5/overview (2026-10-08)
      - https://github.com/kurofune/claudit/releases/tag/v1.9.2 (2026-10-24)
      - genai-prices 0.2.3 (third party, 2026-11)
      - https://platform.claude.com/docs/zh-CN/build-with-claude/batch-processing.md (2026-11)
      - https://github.com/anthropics/skills shared/error-codes.md (2026-07)
    ");
    let both = prices("show claude-sonnet-5-5 --format json").json();
    assert_eq!(both["eras"].as_array().unwrap().len(), 2);
    let facts = &both["facts"];
    assert_eq!(facts["max_output"], json!(128_000));
    assert_eq!(facts["forced_tool_choice"], json!(false));
    assert_eq!(facts["released"], json!("2026-09-28"));
    assert_eq!(facts["aliases"], json!([]));
    assert_eq!(facts["retires_on"], Value::Null);
}

#[test]
fn models_that_are_not_there() {
    assert_snapshot!(prices("show claude-sonet-5-5").complaint(), @"
    error: no price is known for the model `claude-sonet-5-5`; did you mean `claude-sonnet-5-5`?
    exit code 2
    ");
    assert_snapshot!(prices("show claude-sonnet-5-5 --as-of 2026-09-27").complaint(), @"
    error: `claude-sonnet-5-5` has no price on 2026-09-27: its first is from 2026-09-28
    exit code 2
    ");
}

#[test]
fn books_are_linted() {
    let folder = Folder::new()
        .file("good.toml", "schema = 1\ndiscount_percent = \"10\"\n")
        .file("bad.toml", "schema = 1\ndiscount_percent = 10\n\n[[model]]\nid = \"claude-sonet-5-5\"\ndiscount_percent = \"101\"\n");
    assert_snapshot!(folder.run("prices lint good.toml").stdout, @"1 file: nothing is wrong");
    let bad = folder.run("prices lint bad.toml");
    assert_eq!(bad.code, 2);
    assert_snapshot!(bad.stdout, @r#"
    error: bad.toml:2: discount_percent = 10 is not possible here: write a percentage from 0 to below 100 with at most two decimals as text, like "12.5"
    error: bad.toml:5: model.id = "claude-sonet-5-5" is not in the price book: did you mean `claude-sonnet-5-5`?
    1 file: 2 problems
    "#);
    let folder = Folder::new().file("flat.toml", negotiated("claude-haiku-5-5")).file(
        "odd.toml",
        negotiated("claude-sonnet-5-5").replace("[[model]]", "discount_percent = \"33.33333333\"\n[[model]]"),
    );
    assert_snapshot!(folder.run("prices lint flat.toml").stdout, @r#"
    error: flat.toml:4: model.era has no tier where the prices it replaces have one for prompts over 100000 tokens: write [[model.era.tier]] with prompt_tokens_over = 100000, or `no_tier = "why there is none"`
    1 file: 1 problem
    "#);
    assert_snapshot!(folder.run("prices lint odd.toml").stdout, @r#"
    error: odd.toml:2: discount_percent = "33.33333333" is not possible here: write a percentage from 0 to below 100 with at most two decimals as text, like "12.5"
    1 file: 1 problem
    "#);
    let book = concat!(env!("CARGO_MANIFEST_DIR"), "/../../pricing");
    assert_eq!(prices(&format!("lint {book}")).code, 0);
}

#[test]
fn books_are_compared() {
    let folder = Folder::new().file(
        "mine.toml",
        "schema = 1\n\n[[model]]\nid = \"claude-haiku-4-5-20251001\"\ndiscount_percent = \"10\"\n",
    );
    assert_eq!(folder.run("prices diff bundled bundled").stdout, "no difference\n");
    let diff = folder.run("prices diff bundled mine.toml");
    assert_snapshot!(diff.stdout, @"
    claude-haiku-4-5-20251001: era 2025-10-15 source https://platform.claude.com/docs/en/about-claude/pricing -> https://platform.claude.com/docs/en/about-claude/pricing less 10% (mine.toml)
    claude-haiku-4-5-20251001: from 2025-10-15: standard input 1 -> 0.9
    claude-haiku-4-5-20251001: from 2025-10-15: standard cache_write_5m 1.25 -> 1.125
    claude-haiku-4-5-20251001: from 2025-10-15: standard cache_write_1h 2 -> 1.8
    claude-haiku-4-5-20251001: from 2025-10-15: standard cache_read 0.1 -> 0.09
    claude-haiku-4-5-20251001: from 2025-10-15: standard output 5 -> 4.5
    claude-haiku-4-5-20251001: from 2025-10-15: batch input 0.5 -> 0.45
    claude-haiku-4-5-20251001: from 2025-10-15: batch cache_write_5m 0.625 -> 0.5625
    claude-haiku-4-5-20251001: from 2025-10-15: batch cache_write_1h 1 -> 0.9
    claude-haiku-4-5-20251001: from 2025-10-15: batch cache_read 0.05 -> 0.045
    claude-haiku-4-5-20251001: from 2025-10-15: batch output 2.5 -> 2.25
    ");
    let back = folder.run("prices diff mine.toml bundled").stdout;
    assert_eq!(back.lines().count(), diff.stdout.lines().count());
}

/// An overlay with one era of flat prices.
fn negotiated(model: &str) -> String {
    format!(
        "schema = 1\n[[model]]\nid = \"{model}\"\n[[model.era]]\nfrom = 2026-12-01\n[model.era.standard]\n\
         input = \"1.60\"\noutput = \"8\"\ncache_write_5m = \"2\"\ncache_write_1h = \"3.2\"\ncache_read = \"0.08\"\n"
    )
}

#[test]
fn new_prices_are_shown() {
    let folder = Folder::new().file("mine.toml", negotiated("claude-sonnet-5-5"));
    assert_snapshot!(folder.run("prices diff bundled mine.toml").stdout, @"
    claude-sonnet-5-5: prices from 2026-12-01 added
      standard: in 1.6 out 8 write 5m 2 write 1h 3.2 read 0.08
      batch: in 0.8 out 4 write 5m 1 write 1h 1.6 read 0.04
    ");
    let change = folder.run("prices diff mine.toml bundled --format json").json()["changes"][0].clone();
    assert_eq!((&change["kind"], &change["from"]), (&json!("era_removed"), &json!("2026-12-01")));
    assert_eq!(change["prices"][0]["batch"]["cache_read"], "0.04");
}

#[test]
fn a_line_feed_in_a_fact_forges_no_change() {
    let name = "schema = 1\n[[model]]\nid = \"claude-opus-5-5\"\n[[model.era]]\nsource = \"a\\nclaude-opus-5-5: removed\"\n";
    let prices = negotiated("claude-opus-5-5").split_once("[[model.era]]").unwrap().1.to_owned();
    let folder =
        Folder::new().file("a.toml", negotiated("claude-opus-5-5")).file("b.toml", format!("{name}{prices}"));
    assert_snapshot!(folder.run("prices diff a.toml b.toml").stdout, @"claude-opus-5-5: era 2026-12-01 source overlay a.toml -> a␊claude-opus-5-5: removed");
}

#[test]
fn a_book_grows_stale() {
    assert_snapshot!(prices("list --as-of 2027-06-01").complaint(), @"
    warning[stale-price-book]: the price book is of 2026-11-21, 192 days before 2027-06-01
       = help: update batchwise, or give current prices with --pricing

    exit code 0
    ");
    assert_snapshot!(prices("show claude-opus-5-5 --as-of 2027-06-01").complaint(), @"
    warning[stale-price-book]: the price book is of 2026-11-21, 192 days before 2027-06-01
       = help: update batchwise, or give current prices with --pricing

    exit code 0
    ");
    assert_eq!(prices("list --as-of 2027-01-20").stderr, "", "60 days are fresh");
}

/// What in `value` does not follow the schema in that file of the repository.
fn flaws(schema: &str, value: &Value) -> Vec<String> {
    let text = fs::read_to_string(repository().join(schema)).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn json_keeps_its_schemas() {
    let folder = Folder::new()
        .file("less.toml", "schema = 1\ndiscount_percent = \"10\"\n")
        .file("bad.toml", "schema = 1\ndiscount_percent = 10\nlabels = \"x\"\n[[model]]\n");
    let book = repository().join("pricing");
    let shorter = folder.path().join("shorter");
    fs::create_dir_all(shorter.join("models")).unwrap();
    for file in ["book.toml", "models/claude-haiku-5-5.toml", "models/claude-opus-5-5.toml"] {
        fs::copy(book.join(file), shorter.join(file)).unwrap();
    }
    let limits = fs::read_to_string(book.join("limits.toml")).unwrap();
    fs::write(shorter.join("limits.toml"), limits.replacen("value = 100_000", "value = 50_000", 1)).unwrap();

    let mut changes = Vec::new();
    for arguments in [
        "list --all",
        "list --all --as-of 2024-01-01",
        "list --pricing less.toml",
        "show claude-haiku-5-5",
        "show claude-3-haiku-20240307",
        "show claude-mythos-preview --pricing less.toml",
        "show claude-sonnet-4-0 --as-of 2026-01-01",
        "lint less.toml",
        "lint bad.toml",
        "lint shorter",
        "diff bundled bundled",
        "diff bundled less.toml",
        "diff bundled shorter",
        "diff shorter bundled",
    ] {
        let output = folder.run(&format!("prices {arguments} --format json")).json();
        let name = arguments.split(' ').next().unwrap();
        let found = flaws(&format!("docs/schemas/prices-{name}.schema.json"), &output);
        assert!(found.is_empty(), "{arguments}: {found:#?}");
        let kinds = output["changes"].as_array().into_iter().flatten();
        changes.extend(kinds.map(|change| change["kind"].as_str().unwrap().to_owned()));
    }
    changes.sort();
    changes.dedup();
    assert_eq!(changes, ["era_added", "era_removed", "fact", "model_added", "model_removed", "price"]);
}

#[test]
fn every_bundled_model_follows_the_schema_for_editors() {
    let files = fs::read_dir(repository().join("pricing/models")).unwrap();
    for path in files.map(|entry| entry.unwrap().path()) {
        let model: toml::Value = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let found = flaws("pricing/schema.json", &as_json(model));
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
    }
}

/// JSON has no days: they become text.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(day) => day.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(as_json).collect(),
        toml::Value::Table(fields) => fields.into_iter().map(|(key, value)| (key, as_json(value))).collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}
