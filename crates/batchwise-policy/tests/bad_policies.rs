//! What users see of a policy file that is wrong.

mod common;

use batchwise_policy::{POLICY_BYTES_MAX, Policy};
use insta::assert_snapshot;

#[track_caller]
fn problems(text: &str) -> String {
    let problems = Policy::parse("batchwise.toml", text).expect_err("it is wrong");
    common::draw_all(&problems.problems)
}

#[test]
fn unknown_keys() {
    assert_snapshot!(problems("[models]\nalow = [\"claude-*\"]"), @r#"
    error[policy-invalid]: `models.alow` is not known
      --> batchwise.toml:2:1 (models.alow)
       | alow = ["claude-*"]
       | ^^^^
       = help: did you mean `allow`? known here: allow, deny
    "#);
    assert_snapshot!(problems("[model]\nallow = [\"claude-*\"]"), @"
    error[policy-invalid]: `model` is not known
      --> batchwise.toml:1:2 (model)
       | [model]
       |  ^^^^^
       = help: did you mean `models`? known here: version, check, budget, increase, models, max_tokens, limits, cache, severity, exception
    ");
    assert_snapshot!(problems("[[budget]]\ntotal = \"5\"\ncurrency = \"EUR\""), @r#"
    error[policy-invalid]: `budget.currency` is not known
      --> batchwise.toml:3:1 (budget.currency)
       | currency = "EUR"
       | ^^^^^^^^
       = help: known here: total, per_batch, per_request, on, scenario
    "#);
}

#[test]
fn wrong_types() {
    assert_snapshot!(problems("budget = 5"), @"
    error[policy-invalid]: `budget = 5` is not a list of tables
      --> batchwise.toml:1:10 (budget)
       | budget = 5
       |          ^
       = help: write [[budget]], and the keys below it
    ");
    assert_snapshot!(problems("[budget]\ntotal = \"5\""), @"
    error[policy-invalid]: `budget` is not a list of tables
      --> batchwise.toml:1:1 (budget)
       | [budget]
       | ^^^^^^^^
       = help: write [[budget]], and the keys below it
    ");
    assert_snapshot!(problems("[models]\ndeny = \"claude-opus-*\""), @r#"
    error[policy-invalid]: `models.deny = "claude-opus-*"` is not a list
      --> batchwise.toml:2:8 (models.deny)
       | deny = "claude-opus-*"
       |        ^^^^^^^^^^^^^^^
       = help: write a list, like ["…", "…"]
    "#);
    assert_snapshot!(problems("[limits]\nrequests = \"many\"\nbatches = 0\nbytes = \"200 bananas\""), @r#"
    error[policy-invalid]: `limits.requests = "many"` is not a count
      --> batchwise.toml:2:12 (limits.requests)
       | requests = "many"
       |            ^^^^^^
       = help: write a whole number above zero, like 100_000
    error[policy-invalid]: `limits.batches = 0` is not a count
      --> batchwise.toml:3:11 (limits.batches)
       | batches = 0
       |           ^
       = help: write a whole number above zero, like 100_000
    error[policy-invalid]: `limits.bytes = "200 bananas"` is not a size
      --> batchwise.toml:4:9 (limits.bytes)
       | bytes = "200 bananas"
       |         ^^^^^^^^^^^^^
       = help: write bytes or a size as text, like "200MB" (200,000,000) or "256MiB"
    "#);
    assert_snapshot!(problems("version = 2"), @"
    error[policy-invalid]: `version = 2` is not a version this program reads
      --> batchwise.toml:1:11 (version)
       | version = 2
       |           ^
       = help: write version = 1
    ");
}

#[test]
fn bad_money() {
    assert_snapshot!(problems("[[budget]]\ntotal = 100.0"), @r#"
    error[policy-invalid]: `budget.total = 100.0` is not an amount
      --> batchwise.toml:2:9 (budget.total)
       | total = 100.0
       |         ^^^^^
       = help: write US dollars as text, with at most 12 decimals, like "250" or "12.50"
    "#);
    assert_snapshot!(problems("[[budget]]\nper_batch = \"-5\""), @r#"
    error[policy-invalid]: `budget.per_batch = "-5"` is not an amount
      --> batchwise.toml:2:13 (budget.per_batch)
       | per_batch = "-5"
       |             ^^^^
       = help: write US dollars as text, with at most 12 decimals, like "250" or "12.50"
    "#);
    assert_snapshot!(problems("[[budget]]\nper_request = \"0,50\"\non = \"average\""), @r#"
    error[policy-invalid]: `budget.per_request = "0,50"` is not an amount
      --> batchwise.toml:2:15 (budget.per_request)
       | per_request = "0,50"
       |               ^^^^^^
       = help: write US dollars as text, with at most 12 decimals, like "250" or "12.50"
    error[policy-invalid]: `budget.on = "average"` is not possible here
      --> batchwise.toml:3:6 (budget.on)
       | on = "average"
       |      ^^^^^^^^^
       = help: write "likely" or "high"
    "#);
    assert_snapshot!(problems("[increase]\nmax_percent = \"20\""), @r#"
    error[policy-invalid]: `increase.max_percent = "20"` is not a percentage
      --> batchwise.toml:2:15 (increase.max_percent)
       | max_percent = "20"
       |               ^^^^
       = help: write a percentage with at most two decimals as text, like "20%" or "150%"
    "#);
}

#[test]
fn budgets_that_limit_nothing_or_twice() {
    assert_snapshot!(problems("[[budget]]\non = \"likely\"\n[increase]\n[cache]"), @r#"
    error[policy-invalid]: `budget` limits nothing
      --> batchwise.toml:1:1 (budget)
       | [[budget]]
       | ^^^^^^^^^^
       = help: add `total`, `per_batch` or `per_request`
    error[policy-invalid]: `increase` limits nothing
      --> batchwise.toml:3:1 (increase)
       | [increase]
       | ^^^^^^^^^^
       = help: add `max_usd` or `max_percent`
    error[policy-invalid]: `cache.ttl` is missing
      --> batchwise.toml:4:1 (cache.ttl)
       | [cache]
       | ^^^^^^^
       = help: write ttl = "1h"
    "#);
    assert_snapshot!(problems("[[budget]]\nper_request = \"1\"\n[[budget]]\nper_request = \"2\""), @r#"
    error[policy-invalid]: `budget.per_request = "2"` is a second limit of single requests
      --> batchwise.toml:4:15 (budget.per_request)
       | per_request = "2"
       |               ^^^
       = help: keep one of them: a request is held to one limit
    "#);
}

#[test]
fn unknown_rules_and_severities() {
    assert_snapshot!(problems("[severity]\nretired-modell = \"error\"\nlarge-item = \"fatal\""), @r#"
    error[policy-invalid]: `severity.retired-modell` is not known
      --> batchwise.toml:2:1 (severity.retired-modell)
       | retired-modell = "error"
       | ^^^^^^^^^^^^^^
       = help: did you mean `retired-model`? docs/rules.md has all rules
    error[policy-invalid]: `severity.large-item = "fatal"` is not a severity
      --> batchwise.toml:3:14 (severity.large-item)
       | large-item = "fatal"
       |              ^^^^^^^
       = help: write "error" or "warning" or "note" or "off"
    "#);
}

#[test]
fn rules_that_stand() {
    assert_snapshot!(problems("[severity]\ninvalid-json = \"warning\"\nunpriced = \"off\"\nno-requests = \"error\""), @r#"
    error[policy-invalid]: `severity.invalid-json = "warning"` can be neither lowered nor switched off
      --> batchwise.toml:2:16 (severity.invalid-json)
       | invalid-json = "warning"
       |                ^^^^^^^^^
       = help: it tells of what could not be read or priced or is in no batch, so that no number covers it: correct the request files instead
    error[policy-invalid]: `severity.unpriced = "off"` can be neither lowered nor switched off
      --> batchwise.toml:3:12 (severity.unpriced)
       | unpriced = "off"
       |            ^^^^^
       = help: it tells of what could not be read or priced or is in no batch, so that no number covers it: correct the request files instead
    "#);
    assert_snapshot!(problems("[[exception]]\nrule = \"duplicate-custom-id\"\nreason = \"x\"\nexpires = 2027-01-01"), @r#"
    error[policy-invalid]: `exception.rule = "duplicate-custom-id"` cannot be excused
      --> batchwise.toml:2:8 (exception.rule)
       | rule = "duplicate-custom-id"
       |        ^^^^^^^^^^^^^^^^^^^^^
       = help: it tells of what could not be read or priced or is in no batch, so that no number covers it: correct the request files instead
    "#);
    assert_snapshot!(problems("[[exception]]\nrule = \"policy-exception-unused\"\nreason = \"x\"\nexpires = 2027-01-01"), @r#"
    error[policy-invalid]: `exception.rule = "policy-exception-unused"` is about exceptions themselves and cannot be excused
      --> batchwise.toml:2:8 (exception.rule)
       | rule = "policy-exception-unused"
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: remove the other exception, or set the rule in [severity]
    "#);
}

#[test]
fn exceptions_that_lack_something() {
    assert_snapshot!(problems("[[exception]]\nrule = \"policy-model\"\nreason = \"  \"\nexpires = \"2027-01-01\""), @r#"
    error[policy-invalid]: `exception.reason = "  "` says nothing
      --> batchwise.toml:3:10 (exception.reason)
       | reason = "  "
       |          ^^^^
       = help: write some words in quotes
    error[policy-invalid]: `exception.expires = "2027-01-01"` is not a day
      --> batchwise.toml:4:11 (exception.expires)
       | expires = "2027-01-01"
       |           ^^^^^^^^^^^^
       = help: write it without quotes, like 2027-03-31
    "#);
    assert_snapshot!(problems("[[exception]]\nmodel = \"\""), @r#"
    error[policy-invalid]: `exception.rule` is missing
      --> batchwise.toml:1:1 (exception.rule)
       | [[exception]]
       | ^^^^^^^^^^^^^
       = help: write the id of a rule, like "policy-model"
    error[policy-invalid]: `exception.reason` is missing
      --> batchwise.toml:1:1 (exception.reason)
       | [[exception]]
       | ^^^^^^^^^^^^^
       = help: say why the rule need not hold, in a few words
    error[policy-invalid]: `exception.expires` is missing
      --> batchwise.toml:1:1 (exception.expires)
       | [[exception]]
       | ^^^^^^^^^^^^^
       = help: name the last day it holds, like expires = 2027-03-31
    error[policy-invalid]: `exception.model = ""` is not a pattern
      --> batchwise.toml:2:9 (exception.model)
       | model = ""
       |         ^^
       = help: write 1 to 256 characters in quotes, in which * stands for anything
    "#);
}

#[test]
fn broken_syntax() {
    assert_snapshot!(problems("[limits]\nrequests = 5\nrequests = 6"), @"
    error[policy-invalid]: this is not TOML: duplicate key
      --> batchwise.toml:3:1 ()
       | requests = 6
       | ^^^^^^^^
       = help: keys stand once, texts in quotes, and names with other characters than a-z A-Z 0-9 _ - in quotes too
    ");
    assert_snapshot!(problems("[check]\nfail_on = error"), @"
    error[policy-invalid]: this is not TOML: string values must be quoted, expected literal string
      --> batchwise.toml:2:11 ()
       | fail_on = error
       |           ^^^^^
       = help: keys stand once, texts in quotes, and names with other characters than a-z A-Z 0-9 _ - in quotes too
    ");
    assert_snapshot!(problems("[max_tokens]\nclaude-* = 4096"), @"
    error[policy-invalid]: this is not TOML: invalid unquoted key, expected letters, numbers, `-`, `_`
      --> batchwise.toml:2:8 ()
       | claude-* = 4096
       |        ^
       = help: keys stand once, texts in quotes, and names with other characters than a-z A-Z 0-9 _ - in quotes too
    ");
    assert_snapshot!(problems("[models"), @"
    error[policy-invalid]: this is not TOML: unclosed table, expected `]`
      --> batchwise.toml:1:8 ()
       | [models
       |        ^
       = help: keys stand once, texts in quotes, and names with other characters than a-z A-Z 0-9 _ - in quotes too
    ");
}

#[test]
fn many_problems_are_cut() {
    let keys: String = (0..500).map(|number| format!("key{number} = 1\n")).collect();
    let problems = Policy::parse("batchwise.toml", &keys).unwrap_err().problems;
    assert_eq!(problems.len(), 101);
    assert_snapshot!(common::draw(&problems[100]), @"
    error[policy-invalid]: batchwise.toml has 400 more problems
       = help: correct the ones before
    ");
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let text = " ".repeat(POLICY_BYTES_MAX + 1);
    assert_snapshot!(problems(&text), @"
    error[policy-invalid]: batchwise.toml has 100001 bytes; a policy has at most 100000
       = help: name another file with --policy
    ");
}

#[test]
fn a_problem_is_one_harmless_line_without_a_drawing() {
    let text = "[[budget]]\ntotal = \"5\"\n\"x\\u001b[31m\" = 1";
    let problems = Policy::parse("batch\u{1b}wise.toml", text).unwrap_err();
    assert_snapshot!(problems.to_string(), @"batch␛wise.toml:3:1: `budget.x␛[31m` is not known: known here: total, per_batch, per_request, on, scenario");
}
