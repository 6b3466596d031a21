//! What a book with a mistake says. Every message has file, line, key, value and the way out.

use batchwise_pricing::{PriceBook, SourceFile, lint};

/// The smallest model that loads.
const MODEL: &str = r#"id = "claude-test-1"
name = "Claude Test 1"
family = "test"
aliases = ["claude-test"]
released = 2026-01-01
status = "active"
context_window = 200_000
max_output = 64_000
batch_supported = true
inference_geo = true
forced_tool_choice = true
tokenizer = "claude-4.7+"
image_tier = "high"

[[era]]
from = 2026-01-01
source = "https://example.com/pricing"
checked = 2026-01-02
[era.standard]
input = "1.00"
output = "5.00"
cache_write_5m = "1.25"
cache_write_1h = "2.00"
cache_read = "0.10"
[era.batch]
input = "0.50"
output = "2.50"
cache_write_5m = "0.625"
cache_write_1h = "1.00"
cache_read = "0.05"
"#;

const TIER: &str = r#"
[[era.tier]]
prompt_tokens_over = 100_000
[era.tier.standard]
input = "2.00"
output = "4.00"
cache_write_5m = "2.50"
cache_write_1h = "4.00"
cache_read = "0.20"
[era.tier.batch]
input = "1.00"
output = "2.00"
cache_write_5m = "1.25"
cache_write_1h = "2.00"
cache_read = "0.10"
"#;

fn book_of(models: &[(&str, &str)]) -> Vec<SourceFile> {
    let embedded = batchwise_price_data::FILES.iter().filter(|(path, _)| !path.starts_with("models/"));
    let file =
        |(path, text): &(&str, &str)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() };
    embedded.chain(models).map(file).collect()
}

#[track_caller]
fn errors(model: &str) -> String {
    match PriceBook::parse(&book_of(&[("models/claude-test-1.toml", model)])) {
        Ok(_) => "no error".to_owned(),
        Err(errors) => errors.to_string(),
    }
}

/// The errors after one piece of the sound model is replaced.
#[track_caller]
fn errors_with(old: &str, new: &str) -> String {
    assert!(MODEL.contains(old), "{old} is not in the model");
    errors(&MODEL.replacen(old, new, 1))
}

#[test]
fn the_sound_model_loads() {
    assert_eq!(errors(MODEL), "no error");
}

#[test]
fn prices_are_positive_text() {
    insta::assert_snapshot!(
        errors_with(r#"input = "1.00""#, "input = 1.00"),
        @r#"models/claude-test-1.toml:20: era.standard.input = 1.00 is not a price: write US dollars per million tokens as text, above zero and below 100000 with at most eight decimals, like "3.00""#
    );
    insta::assert_snapshot!(
        errors_with(r#"input = "1.00""#, "input = 1"),
        @r#"models/claude-test-1.toml:20: era.standard.input = 1 is not a price: write US dollars per million tokens as text, above zero and below 100000 with at most eight decimals, like "3.00""#
    );
    insta::assert_snapshot!(
        errors_with(r#""1.00""#, r#""-1.00""#),
        @r#"models/claude-test-1.toml:20: era.standard.input = "-1.00" is not a price: write US dollars per million tokens as text, above zero and below 100000 with at most eight decimals, like "3.00""#
    );
    insta::assert_snapshot!(
        errors_with(r#""1.00""#, r#""0.00""#),
        @r#"models/claude-test-1.toml:20: era.standard.input = "0.00" is not a price: write US dollars per million tokens as text, above zero and below 100000 with at most eight decimals, like "3.00""#
    );
    insta::assert_snapshot!(
        errors_with(r#""1.00""#, r#""1,00""#),
        @r#"models/claude-test-1.toml:20: era.standard.input = "1,00" is not a price: write US dollars per million tokens as text, above zero and below 100000 with at most eight decimals, like "3.00""#
    );
    insta::assert_snapshot!(
        errors_with("cache_read = \"0.10\"\n", ""),
        @r#"models/claude-test-1.toml:19: era.standard.cache_read is missing: write a price like "3.00""#
    );
}

#[test]
fn keys_are_known_and_present() {
    insta::assert_snapshot!(errors_with("cache_read", "cache_reed"), @r#"
    2 problems
      models/claude-test-1.toml:19: era.standard.cache_read is missing: write a price like "3.00"
      models/claude-test-1.toml:24: era.standard.cache_reed = "0.10" is not known here: did you mean `cache_read`?
    "#);
    insta::assert_snapshot!(
        errors_with("image_tier = \"high\"", "image_tier = \"high\"\nfast = true"),
        @"models/claude-test-1.toml:14: fast = true is not known here: leave it out"
    );
    insta::assert_snapshot!(
        errors_with("checked = 2026-01-02\n", ""),
        @"models/claude-test-1.toml:15: era.checked is missing: write a day like 2026-10-07"
    );
    insta::assert_snapshot!(
        errors_with("source = \"https://example.com/pricing\"\n", ""),
        @r#"models/claude-test-1.toml:15: era.source is missing: write a text like "…""#
    );
    insta::assert_snapshot!(
        errors_with("status = \"active\"", "status = \"new\""),
        @r#"models/claude-test-1.toml:6: status = "new" is not possible here: write one of "active", "legacy", "deprecated", "retired""#
    );
    insta::assert_snapshot!(
        errors_with("context_window = 200_000", "context_window = \"200k\""),
        @r#"models/claude-test-1.toml:7: context_window = "200k" is not a count: write a whole number above zero, like 100_000"#
    );
    insta::assert_snapshot!(
        errors_with("max_output = 64_000", "max_output = 0"),
        @"models/claude-test-1.toml:8: max_output = 0 is not a count: write a whole number above zero, like 100_000"
    );
    insta::assert_snapshot!(
        errors_with("claude-test-1", "claude-test-2"),
        @r#"models/claude-test-1.toml:1: id = "claude-test-2" does not fit the file: call it models/claude-test-2.toml"#
    );
    insta::assert_snapshot!(errors("id = \"x\"\n[era]\nfrom = 2026-01-01\n"), @r#"
    12 problems
      models/claude-test-1.toml:1: batch_supported is missing: write true or false
      models/claude-test-1.toml:1: context_window is missing: write a whole number above zero
      models/claude-test-1.toml:1: family is missing: write a text like "…"
      models/claude-test-1.toml:1: forced_tool_choice is missing: write true or false
      models/claude-test-1.toml:1: image_tier is missing: write one of "standard", "high"
      models/claude-test-1.toml:1: inference_geo is missing: write true or false
      models/claude-test-1.toml:1: max_output is missing: write a whole number above zero
      models/claude-test-1.toml:1: name is missing: write a text like "…"
      models/claude-test-1.toml:1: released is missing: write a day like 2026-10-07
      models/claude-test-1.toml:1: status is missing: write one of "active", "legacy", "deprecated", "retired"
      models/claude-test-1.toml:1: tokenizer is missing: write one of "claude-pre-4.7", "claude-4.7+"
      models/claude-test-1.toml:2: era is not a list of tables: write [[era]]
    "#);
}

#[test]
fn days_are_days() {
    insta::assert_snapshot!(
        errors_with("from = 2026-01-01", "from = \"2026-01-01\""),
        @r#"models/claude-test-1.toml:16: era.from = "2026-01-01" is not a day: write it like 2026-10-07, without quotes"#
    );
    insta::assert_snapshot!(
        errors_with("from = 2026-01-01", "from = 2026-02-30"),
        @"models/claude-test-1.toml:16: this line is not TOML: invalid date, expected day between 01 and 28"
    );
    insta::assert_snapshot!(
        errors_with("from = 2026-01-01", "from = 2026-01-01T00:00:00Z"),
        @"models/claude-test-1.toml:16: era.from = 2026-01-01T00:00:00Z is not a day: write it like 2026-10-07, without quotes"
    );
    insta::assert_snapshot!(
        errors_with("from = 2026-01-01", "from = 2025-12-31"),
        @"models/claude-test-1.toml:16: era.from = 2025-12-31 is before the model was released on 2026-01-01: a price starts with its model"
    );
}

#[test]
fn broken_toml_names_the_line() {
    insta::assert_snapshot!(
        errors_with(r#"input = "1.00""#, r#"input = "1.00"#),
        @r#"models/claude-test-1.toml:20: this line is not TOML: invalid basic string, expected `"`"#
    );
    insta::assert_snapshot!(
        errors_with("family = \"test\"", "family = \"test\"\nfamily = \"test\""),
        @"models/claude-test-1.toml:4: this line is not TOML: duplicate key"
    );
}

#[test]
fn kinds_keep_their_order() {
    insta::assert_snapshot!(
        errors_with("cache_read = \"0.05\"", "cache_read = \"0.06\""),
        @r#"models/claude-test-1.toml:30: era.batch.cache_read = "0.06" is not half of the standard price: write "0.05", or explain with `exception`"#
    );
    let cheap_write = MODEL.replace("\"1.25\"", "\"0.90\"").replace("\"0.625\"", "\"0.45\"");
    insta::assert_snapshot!(errors(&cheap_write), @r#"
    2 problems
      models/claude-test-1.toml:22: era.standard.cache_write_5m = "0.90" is not at least input ("1"): correct one, or explain with `exception`
      models/claude-test-1.toml:28: era.batch.cache_write_5m = "0.45" is not at least input ("0.5"): correct one, or explain with `exception`
    "#);
    assert_eq!(
        errors(&cheap_write.replace("checked =", "exception = \"a contract\"\nchecked =")),
        "no error"
    );
}

#[test]
fn eras_follow_each_other() {
    let (head, era) = MODEL.split_once("[[era]]").unwrap();
    let twice = |first: &str, second: &str| {
        let first = era.replacen("from = 2026-01-01", first, 1);
        let second = era.replacen("from = 2026-01-01", second, 1);
        errors(&format!("{head}[[era]]{first}\n[[era]]{second}"))
    };
    assert_eq!(twice("from = 2026-01-01", "from = 2026-01-02"), "no error");
    insta::assert_snapshot!(
        twice("from = 2026-01-01", "from = 2026-01-01"),
        @"models/claude-test-1.toml:33: era.from = 2026-01-01 does not follow 2026-01-01: put eras in the order of their days"
    );
    insta::assert_snapshot!(
        twice("from = 2026-01-02", "from = 2026-01-01"),
        @"models/claude-test-1.toml:33: era.from = 2026-01-01 does not follow 2026-01-02: put eras in the order of their days"
    );
    insta::assert_snapshot!(
        twice("from = 2026-01-01\nto = 2026-06-30", "from = 2026-06-30"),
        @"models/claude-test-1.toml:34: era.from = 2026-06-30 overlaps the era before it, which holds to 2026-06-30: leave out that `to`"
    );
    insta::assert_snapshot!(
        twice("from = 2026-01-01\nto = 2025-06-30", "from = 2026-06-30"),
        @"models/claude-test-1.toml:17: era.to = 2025-06-30 is before its start 2026-01-01: 2025-06-30 cannot be the last day"
    );
}

#[test]
fn tiers_rise() {
    insta::assert_snapshot!(errors(&format!("{MODEL}{TIER}")), @r#"
    2 problems
      models/claude-test-1.toml:36: era.tier.standard.output = "4.00" is less than shorter prompts pay ("5"): tiers rise in price
      models/claude-test-1.toml:42: era.tier.batch.output = "2.00" is less than shorter prompts pay ("2.5"): tiers rise in price
    "#);
    let dearer = TIER.replace("\"4.00\"", "\"10.00\"").replace("output = \"2.00\"", "output = \"5.00\"");
    let sound = dearer.replace("cache_write_1h = \"10.00\"", "cache_write_1h = \"4.00\"");
    assert_eq!(errors(&format!("{MODEL}{sound}")), "no error");
    insta::assert_snapshot!(
        errors(&format!("{MODEL}{sound}{sound}")),
        @"models/claude-test-1.toml:48: era.tier.prompt_tokens_over = 100_000 does not rise: put tiers in the order of their thresholds"
    );
}

#[test]
fn names_are_unique() {
    let other = MODEL.replace("claude-test-1", "claude-test-2");
    let both = book_of(&[("models/claude-test-1.toml", MODEL), ("models/claude-test-2.toml", &other)]);
    insta::assert_snapshot!(
        PriceBook::parse(&both).unwrap_err(),
        @r#"models/claude-test-2.toml:4: aliases = ["claude-test"] has `claude-test`, which already means claude-test-1: names are unique"#
    );
    let twice = book_of(&[("models/claude-test-1.toml", MODEL), ("models/claude-test-1.toml", MODEL)]);
    insta::assert_snapshot!(
        PriceBook::parse(&twice).unwrap_err(),
        @"models/claude-test-1.toml:1: is given twice: name each file once"
    );
    insta::assert_snapshot!(
        errors_with("status", "replacement = \"claude-test-9\"\nstatus"),
        @r#"models/claude-test-1.toml:6: replacement = "claude-test-9" is not in the book: write the id of a model"#
    );
}

#[test]
fn a_book_is_complete() {
    insta::assert_snapshot!(PriceBook::parse(&[]).unwrap_err(), @r"
    3 problems
      book.toml:1: is missing: a price book has book.toml, limits.toml and models/<id>.toml
      limits.toml:1: is missing: a price book has book.toml, limits.toml and models/<id>.toml
      models/<id>.toml:1: is missing: a price book has book.toml, limits.toml and models/<id>.toml
    ");
    insta::assert_snapshot!(PriceBook::parse(&book_of(&[("readme.toml", "")])).unwrap_err(), @r"
    2 problems
      models/<id>.toml:1: is missing: a price book has book.toml, limits.toml and models/<id>.toml
      readme.toml:1: is not a file of a price book: those are book.toml, limits.toml and models/<id>.toml
    ");
}

#[test]
fn all_problems_are_told_at_once() {
    let model =
        MODEL.replace("\"1.00\"", "1.00").replace("true", "\"yes\"").replace("\"2.50\"", "\"\\u001b[2J\"");
    insta::assert_snapshot!(errors(&model), @r#"
    6 problems
      models/claude-test-1.toml:9: batch_supported = "yes" is not a flag: write true or false, without quotes
      models/claude-test-1.toml:10: inference_geo = "yes" is not a flag: write true or false, without quotes
      models/claude-test-1.toml:11: forced_tool_choice = "yes" is not a flag: write true or false, without quotes
      models/claude-test-1.toml:20: era.standard.input = 1.00 is not a price: write US dollars per million tokens as text, above zero and below 100000 with at most eight decimals, like "3.00"
      models/claude-test-1.toml:27: era.batch.output = "\u001b[2J" is not a price: write US dollars per million tokens as text, above zero and below 100000 with at most eight decimals, like "3.00"
      models/claude-test-1.toml:29: era.batch.cache_write_1h = 1.00 is not a price: write US dollars per million tokens as text, above zero and below 100000 with at most eight decimals, like "3.00"
    "#);
}

#[test]
fn prices_off_the_multipliers_are_warned_about() {
    let odd = MODEL
        .replace("\"0.10\"", "\"0.12\"")
        .replace("\"0.05\"", "\"0.06\"")
        .replace("2026-01-02", "2025-12-31");
    assert_eq!(errors(&odd), "no error");
    let files = book_of(&[("models/claude-test-1.toml", &odd)]);
    let warnings: Vec<String> = lint(&files).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(warnings.join("\n"), @r#"
    models/claude-test-1.toml:18: era.checked = 2025-12-31 is before the price started on 2026-01-01: read the source again
    models/claude-test-1.toml:24: era.standard.cache_read = "0.12" is not 0.1, 0.05 or 0.025 times input ("1"): check it, or explain with `exception`
    "#);
}
