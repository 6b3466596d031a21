//! A user's own prices over those of the book.

use batchwise_pricing::{PriceBook, SourceFile};
use batchwise_units::Tokens;
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 21);

fn files(text: &str) -> [SourceFile; 1] {
    [SourceFile { path: "contract.toml".to_owned(), text: format!("schema = 1\n{text}") }]
}

fn book(text: &str) -> PriceBook {
    PriceBook::bundled().overlaid(&files(text)).unwrap()
}

fn errors(text: &str) -> String {
    PriceBook::bundled()
        .overlaid(&files(text))
        .map_or_else(|errors| errors.to_string(), |_| "no error".to_owned())
}

/// Standard and batch input, standard and batch cache reads.
#[track_caller]
fn check(book: &PriceBook, model: &str, day: Date, prompt: u64, expected: [&str; 4]) {
    let prices = *book.find(model).unwrap().on(day).unwrap().for_prompt(Tokens(prompt));
    let (standard, batch) = (prices.standard, prices.batch);
    let rates = [standard.input, batch.input, standard.cache_read, batch.cache_read];
    assert_eq!(rates.map(|rate| rate.to_string()), expected);
}

#[test]
fn a_discount_takes_its_share_of_everything() {
    let book = book("label = \"2026 contract\"\ndiscount_percent = \"12.5\"");
    check(&book, "claude-opus-5-5", TODAY, 1, ["3.5", "1.75", "0.175", "0.0875"]);
    check(&book, "claude-haiku-5-5", TODAY, 100_001, ["0.4375", "0.21875", "0.04375", "0.021875"]);
    assert_eq!(book.version_label(), "2026-11-21+overlay");
    assert_eq!(book.overlay_labels(), ["2026 contract"]);
    assert_ne!(book.sha256(), PriceBook::bundled().sha256());
    insta::assert_snapshot!(
        book.find("claude-opus-5-5").unwrap().on(TODAY).unwrap().source,
        @"https://platform.claude.com/docs/en/about-claude/pricing less 12.5% (contract.toml)"
    );
}

#[test]
fn the_discount_of_a_model_beats_the_general_one() {
    let book =
        book("discount_percent = \"10\"\n[[model]]\nid = \"claude-sonnet-4-5\"\ndiscount_percent = \"20\"");
    check(&book, "claude-sonnet-4-5-20250929", TODAY, 1, ["2.4", "1.2", "0.24", "0.12"]);
    check(&book, "claude-sonnet-5-5", TODAY, 1, ["1.8", "0.9", "0.09", "0.045"]);
}

const NEGOTIATED: &str = r#"
[[model]]
id = "claude-sonnet-5-5"
[[model.era]]
from = 2026-12-01
[model.era.standard]
input = "1.50"
output = "7.50"
cache_write_5m = "1.80"
cache_write_1h = "3.00"
cache_read = "0.08"
"#;

#[test]
fn negotiated_rates_hold_from_their_day() {
    let book = book(&format!("discount_percent = \"50\"\n{NEGOTIATED}"));
    check(&book, "claude-sonnet-5-5", date(2026, 10, 6), 1, ["1", "0.5", "0.1", "0.05"]);
    check(&book, "claude-sonnet-5-5", date(2026, 11, 30), 1, ["1", "0.5", "0.05", "0.025"]);
    check(&book, "claude-sonnet-5-5", date(2026, 12, 1), 1, ["1.5", "0.75", "0.08", "0.04"]);
    let era = book.find("claude-sonnet-5-5").unwrap().eras().last().unwrap();
    assert_eq!((era.source.as_str(), era.checked), ("overlay contract.toml", None));
}

#[test]
fn negotiated_rates_replace_what_comes_later() {
    let book = book(&NEGOTIATED.replace("2026-12-01", "2026-10-01"));
    check(&book, "claude-sonnet-5-5", date(2026, 9, 30), 1, ["2", "1", "0.2", "0.1"]);
    check(&book, "claude-sonnet-5-5", date(2026, 10, 7), 1, ["1.5", "0.75", "0.08", "0.04"]);
    assert_eq!(book.find("claude-sonnet-5-5").unwrap().eras().len(), 2);
}

#[test]
fn a_tier_is_not_dropped_silently() {
    let flat =
        |model: &str, from: &str| NEGOTIATED.replace("claude-sonnet-5-5", model).replace("2026-12-01", from);
    let haiku = flat("claude-haiku-5-5", "2026-12-01");
    insta::assert_snapshot!(errors(&haiku), @r#"contract.toml:5: model.era has no tier where the prices it replaces have one for prompts over 100000 tokens: write [[model.era.tier]] with prompt_tokens_over = 100000, or `no_tier = "why there is none"`"#);
    let tier = r#"
[[model.era.tier]]
prompt_tokens_over = 200_000
[model.era.tier.standard]
input = "3.00"
output = "15.00"
cache_write_5m = "3.60"
cache_write_1h = "6.00"
cache_read = "0.16"
"#;
    assert_eq!(errors(&format!("{haiku}{tier}")), "no error");
    let other_reason = haiku.replace("from =", "exception = \"batch is cheaper still\"\nfrom =");
    assert!(errors(&other_reason).contains("has no tier"), "that answers another question");
    let explained = haiku.replace("from =", "no_tier = \"one price for all prompts\"\nfrom =");
    check(&book(&explained), "claude-haiku-5-5", date(2026, 12, 1), 100_001, ["1.5", "0.75", "0.08", "0.04"]);

    // Only eras that the negotiated one replaces count: this model's tier ended on 2026-03-12.
    assert_eq!(errors(&flat("claude-opus-4-6", "2026-03-13")), "no error");
    insta::assert_snapshot!(errors(&flat("claude-opus-4-6", "2026-03-12")), @r#"contract.toml:5: model.era has no tier where the prices it replaces have one for prompts over 200000 tokens: write [[model.era.tier]] with prompt_tokens_over = 200000, or `no_tier = "why there is none"`"#);

    // The second of two eras is looked at by itself.
    let second = haiku.split_once("[[model.era]]").unwrap().1.replace("2026-12-01", "2027-01-01");
    insta::assert_snapshot!(errors(&format!("{haiku}{tier}[[model.era]]{second}")), @r#"contract.toml:22: model.era has no tier where the prices it replaces have one for prompts over 100000 tokens: write [[model.era.tier]] with prompt_tokens_over = 100000, or `no_tier = "why there is none"`"#);
}

#[test]
fn doubts_about_replaced_prices_go_with_them() {
    let negotiated = NEGOTIATED.replace("claude-sonnet-5-5", "claude-mythos-preview");
    let unconfirmed = |book: &PriceBook| book.find("claude-mythos-preview").unwrap().unconfirmed.clone();
    assert_eq!(unconfirmed(&book(&negotiated)), ["image_tier", "min_cacheable_tokens"]);
    let less = book("[[model]]\nid = \"claude-mythos-preview\"\ndiscount_percent = \"10\"");
    assert_eq!(unconfirmed(&less), unconfirmed(PriceBook::bundled()));
}

const NEW_MODEL: &str = r#"
[[model]]
id = "claude-house-1"
name = "Claude House 1"
family = "house"
aliases = ["claude-house"]
released = 2026-11-01
status = "active"
context_window = 200_000
max_output = 64_000
batch_supported = true
inference_geo = false
forced_tool_choice = true
tokenizer = "claude-4.7+"
image_tier = "high"
[[model.era]]
from = 2026-11-01
[model.era.standard]
input = "1.00"
output = "5.00"
cache_write_5m = "1.25"
cache_write_1h = "2.00"
cache_read = "0.10"
[[model.era.tier]]
prompt_tokens_over = 100_000
[model.era.tier.standard]
input = "2.00"
output = "10.00"
cache_write_5m = "2.50"
cache_write_1h = "4.00"
cache_read = "0.20"
"#;

#[test]
fn a_whole_model_can_be_added() {
    let book = book(&format!("discount_percent = \"50\"\n{NEW_MODEL}"));
    check(&book, "claude-house", TODAY, 100_000, ["1", "0.5", "0.1", "0.05"]);
    check(&book, "claude-house", TODAY, 100_001, ["2", "1", "0.2", "0.1"]);
    let without = |line: &str| errors(&NEW_MODEL.replacen(line, "", 1));
    insta::assert_snapshot!(
        without("tokenizer = \"claude-4.7+\"\n"),
        @r#"contract.toml:3: model.tokenizer is missing: write one of "claude-pre-4.7", "claude-4.7+""#
    );
    insta::assert_snapshot!(
        errors(&NEW_MODEL.replace("\"claude-house\"", "\"claude-opus-5\"")),
        @r#"contract.toml:7: model.aliases = ["claude-opus-5"] has `claude-opus-5`, which already means claude-opus-5: names are unique"#
    );
}

#[test]
fn nothing_laid_over_changes_nothing() {
    let same = PriceBook::bundled().overlaid(&[]).unwrap();
    assert_eq!(same.version_label(), "2026-11-21");
    assert_eq!(same.sha256(), PriceBook::bundled().sha256());
}

#[test]
fn overlays_add_up() {
    let twice = book("discount_percent = \"50\"").overlaid(&files("discount_percent = \"50\"")).unwrap();
    check(&twice, "claude-opus-5-5", TODAY, 1, ["1", "0.5", "0.05", "0.025"]);
}

#[test]
fn discounts_are_below_a_hundred_percent() {
    insta::assert_snapshot!(
        errors("discount_percent = \"101\""),
        @r#"contract.toml:2: discount_percent = "101" is not possible here: write a percentage from 0 to below 100 with at most two decimals as text, like "12.5""#
    );
    insta::assert_snapshot!(
        errors("discount_percent = \"100%\""),
        @r#"contract.toml:2: discount_percent = "100%" is not possible here: write a percentage from 0 to below 100 with at most two decimals as text, like "12.5""#
    );
    insta::assert_snapshot!(
        errors("discount_percent = 12.5"),
        @r#"contract.toml:2: discount_percent = 12.5 is not possible here: write a percentage from 0 to below 100 with at most two decimals as text, like "12.5""#
    );
    insta::assert_snapshot!(
        errors("discount_percent = \"-5\""),
        @r#"contract.toml:2: discount_percent = "-5" is not possible here: write a percentage from 0 to below 100 with at most two decimals as text, like "12.5""#
    );
    assert_eq!(errors("discount_percent = \"33.33\""), "no error");
    insta::assert_snapshot!(
        errors("discount_percent = \"33.333\""),
        @r#"contract.toml:2: discount_percent = "33.333" is not possible here: write a percentage from 0 to below 100 with at most two decimals as text, like "12.5""#
    );
}

#[test]
fn entries_name_a_model_and_one_wish() {
    let entry = |text: &str| errors(&format!("[[model]]\n{text}"));
    insta::assert_snapshot!(
        entry("id = \"claude-opus-5-6\"\ndiscount_percent = \"10\""),
        @r#"contract.toml:3: model.id = "claude-opus-5-6" is not in the price book: did you mean `claude-opus-5-5`?"#
    );
    insta::assert_snapshot!(
        entry("id = \"gpt-5\"\ndiscount_percent = \"10\""),
        @r#"contract.toml:3: model.id = "gpt-5" is not in the price book: to add a model, write all its facts and prices"#
    );
    insta::assert_snapshot!(
        entry("id = \"us.anthropic.claude-opus-5\"\ndiscount_percent = \"10\""),
        @r#"contract.toml:3: model.id = "us.anthropic.claude-opus-5" names no model: `us.anthropic.claude-opus-5` is an id of Amazon Bedrock, which has its own batch format and prices: the Message Batches API takes the plain id, such as `claude-opus-5`"#
    );
    insta::assert_snapshot!(
        entry("id = \"claude-opus-5\""),
        @r#"contract.toml:3: model.id = "claude-opus-5" asks for nothing: write either discount_percent or [[model.era]]"#
    );
    insta::assert_snapshot!(
        entry("id = \"claude-opus-5\"\nmax_output = 1\ndiscount_percent = \"10\""),
        @"contract.toml:4: model.max_output = 1 is not known here: write one of id, discount_percent, era"
    );
    insta::assert_snapshot!(
        entry("discount_percent = \"10\""),
        @r#"contract.toml:2: model.id is missing: write a text like "…""#
    );
    insta::assert_snapshot!(
        errors(&format!("{NEGOTIATED}{NEGOTIATED}")),
        @r#"contract.toml:15: model.id = "claude-sonnet-5-5" has an entry already: write one per model"#
    );
    insta::assert_snapshot!(
        errors(&NEGOTIATED.replace("[[model.era]]", "discount_percent = \"5\"\n[[model.era]]")),
        @r#"contract.toml:4: model.id = "claude-sonnet-5-5" asks for a discount and for its own eras: write either discount_percent or [[model.era]]"#
    );
    insta::assert_snapshot!(
        errors(&NEGOTIATED.replace("2026-12-01", "2026-09-01")),
        @"contract.toml:6: model.era.from = 2026-09-01 is before the model was released on 2026-09-28: a price starts with its model"
    );
    insta::assert_snapshot!(
        errors("discount = \"5\""),
        @r#"contract.toml:2: discount = "5" is not known here: write one of schema, label, discount_percent, model"#
    );
}

#[test]
fn the_schema_is_known() {
    let overlay = |text: &str| [SourceFile { path: "contract.toml".to_owned(), text: text.to_owned() }];
    let error = |text: &str| PriceBook::bundled().overlaid(&overlay(text)).unwrap_err();
    insta::assert_snapshot!(
        error("schema = 2"),
        @"contract.toml:1: schema = 2 is not a schema this program reads: write `schema = 1`, or use a newer program"
    );
    insta::assert_snapshot!(error("schema = \"1\""), @r#"contract.toml:1: schema = "1" is not a schema this program reads: write `schema = 1`, or use a newer program"#);
    insta::assert_snapshot!(
        error(""),
        @"contract.toml:1: schema is missing: write `schema = 1`"
    );
}

/// The examples of docs/pricing.md, together one overlay.
#[test]
fn the_documented_examples_load() {
    let blocks = include_str!("../../../docs/pricing.md").split("```toml\n").skip(1);
    let examples: Vec<&str> = blocks.map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(examples.len(), 3);
    let file = SourceFile { path: "contract.toml".to_owned(), text: examples.join("\n") };
    let book = PriceBook::bundled().overlaid(&[file]).unwrap();
    check(&book, "claude-opus-5", TODAY, 1, ["4.375", "2.1875", "0.4375", "0.21875"]);
    check(&book, "claude-opus-5-5", TODAY, 1, ["3.2", "1.6", "0.16", "0.08"]);
    check(&book, "claude-sonnet-5-5", date(2026, 12, 1), 1, ["1.5", "0.75", "0.075", "0.0375"]);
}

#[test]
fn two_files_make_one_overlay() {
    let [first] = files("discount_percent = \"10\"");
    let second =
        SourceFile { path: "more.toml".to_owned(), text: "schema = 1\ndiscount_percent = \"20\"".to_owned() };
    let error = PriceBook::bundled().overlaid(&[first, second]).unwrap_err();
    insta::assert_snapshot!(
        error,
        @r#"more.toml:2: discount_percent = "20" is a second discount for all models: contract.toml has one already"#
    );
}
