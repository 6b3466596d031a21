//! The template, the schema, the page of docs and what is shown agree with the parser.

mod common;

use std::collections::BTreeSet;

use batchwise_findings::Rule;
use batchwise_policy::{Policy, is_firm};
use common::{policy, whole_template};
use insta::assert_snapshot;
use jsonschema::Validator;
use serde_json::Value;

const DOCS: &str = include_str!("../../../docs/policy.md");

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/schemas/policy.schema.json")).unwrap()
}

fn validator() -> Validator {
    jsonschema::options().should_validate_formats(true).build(&schema()).unwrap()
}

/// TOML as a validator of JSON sees it.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Table(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Datetime(day) => day.to_string().into(),
    }
}

fn is_valid(text: &str) -> bool {
    validator().is_valid(&json(&toml::from_str(text).unwrap()))
}

/// The keys of each table in the schema: the name of the table, empty at the top, and what may stand in it.
fn schema_keys() -> Vec<(String, BTreeSet<String>)> {
    let schema = schema();
    let keys = |table: &Value| {
        table["properties"].as_object().map(|fields| fields.keys().cloned().collect::<BTreeSet<_>>())
    };
    let mut tables = vec![(String::new(), keys(&schema).unwrap())];
    for (name, table) in schema["properties"].as_object().unwrap() {
        let table = if table["type"] == "array" { &table["items"] } else { table };
        tables.extend(keys(table).map(|keys| (name.clone(), keys)));
    }
    tables
}

#[test]
fn the_template_is_an_empty_policy() {
    assert_eq!(Policy::parse("", Policy::template()).unwrap(), Policy::none());
    assert!(is_valid(Policy::template()));
}

#[test]
fn the_template_shows_every_key_as_it_may_be() {
    let text = whole_template();
    policy(&text);
    assert!(is_valid(&text));
    let value = json(&toml::from_str(&text).unwrap());
    for (table, keys) in schema_keys() {
        let found = if table.is_empty() { &value } else { &value[&table] };
        let found = found.as_array().map_or(found, |items| &items[0]);
        let found: BTreeSet<String> = found.as_object().unwrap().keys().cloned().collect();
        assert_eq!(found, keys, "[{table}]");
    }
}

#[test]
fn the_schema_has_the_keys_of_the_parser() {
    for (table, keys) in schema_keys() {
        let heading = match table.as_str() {
            "" => String::new(),
            "budget" | "exception" => format!("[[{table}]]\n"),
            _ => format!("[{table}]\n"),
        };
        let problems =
            Policy::parse("p", &format!("{heading}no-such-thing-at-all = 1")).unwrap_err().problems;
        let helps = problems.iter().filter_map(|problem| problem.help.as_deref());
        let known = helps.filter_map(|help| help.strip_prefix("known here: ")).next().unwrap();
        assert_eq!(known.split(", ").map(str::to_owned).collect::<BTreeSet<_>>(), keys, "[{table}]");
    }
}

#[test]
fn the_docs_name_every_key_and_their_examples_are_right() {
    for (table, keys) in schema_keys().into_iter().filter(|(table, _)| !table.is_empty()) {
        let heading = if ["budget", "exception"].contains(&table.as_str()) {
            format!("\n## [[{table}]]\n")
        } else {
            format!("\n## [{table}]\n")
        };
        let section = DOCS.split_once(&heading).unwrap_or_else(|| panic!("{heading}")).1;
        let section = section.split("\n## ").next().unwrap();
        assert!(keys.iter().all(|key| section.contains(&format!("| `{key}` |"))), "{heading}");
    }
    let examples: Vec<&str> =
        DOCS.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        policy(example);
        assert!(is_valid(example), "{example}");
    }
    for rule in Rule::ALL.iter().filter(|rule| is_firm(**rule)) {
        assert!(DOCS.contains(&format!("`{rule}`")), "{rule}");
    }
}

#[test]
fn what_the_parser_refuses_the_schema_refuses() {
    for text in [
        "version = 2",
        "[modles]",
        "[check]\napi_version = \"2024-01-01\"",
        "[check]\nbetas = [\"a,b\"]",
        "[check]\nfail_on = \"off\"",
        "[budget]\ntotal = \"5\"",
        "[[budget]]\ntotal = 5.0",
        "[[budget]]\ntotal = \"-5\"",
        "[[budget]]\non = \"likely\"",
        "[increase]\nmax_percent = \"1.234%\"",
        "[increase]\nwithout_baseline = \"skip\"",
        "[increase]\nmax_usd = \"1\"\non = \"low\"",
        "[models]\nallow = []",
        "[max_tokens]\n\"\" = 5",
        "[max_tokens]\n\"*\" = 0",
        "[limits]\nbytes = \"5 bananas\"",
        "[cache]\nttl = \"2h\"",
        "[severity]\nlarge-item = \"fatal\"",
        "[[exception]]\nrule = \"large-item\"\nreason = \" \"\nexpires = 2027-01-01",
        "[[exception]]\nrule = \"large-item\"\nreason = \"r\"",
    ] {
        assert!(Policy::parse("p", text).is_err(), "{text}");
        assert!(!is_valid(text), "{text}");
    }
}

#[test]
fn the_policy_in_force_is_shown_with_origins() {
    assert_snapshot!(Policy::none().show(None), @r#"
    # The policy in force. Beside each value: the line that states it, or `default`.

    [check]
    api_version = "2026-10-21"  # default
    betas = []  # default
    fail_on = "error"  # default

    # [[budget]]: no budget (default)

    # [increase]: no limit (default)

    # [models]: every model is allowed (default)

    # [max_tokens]: no cap (default)

    # [limits]: no limit (default)

    # [cache]: any lifetime (default)

    # [severity]: every rule as docs/rules.md says (default)

    # [[exception]]: no exception (default)
    "#);
    assert_snapshot!(policy(&whole_template()).show(None), @r#"
    # The policy in force. Beside each value: the line that states it, or `default`.

    [check]
    api_version = "2026-10-21"  # batchwise.toml:10
    betas = ["output-300k-2026-03-24"]  # batchwise.toml:12
    fail_on = "error"  # batchwise.toml:14

    [[budget]]
    total = "500"  # batchwise.toml:19
    per_batch = "100"  # batchwise.toml:21
    per_request = "0.5"  # batchwise.toml:23
    on = "high"  # batchwise.toml:25
    scenario = "batch_cached"  # batchwise.toml:27

    [increase]
    max_usd = "50"  # batchwise.toml:31
    max_percent = "20%"  # batchwise.toml:32
    on = "high"  # batchwise.toml:34
    without_baseline = "refuse"  # batchwise.toml:36

    [models]
    allow = ["claude-haiku-*", "claude-sonnet-*"]  # batchwise.toml:40
    deny = ["claude-opus-*"]  # batchwise.toml:41

    [max_tokens]
    "claude-sonnet-*" = 16000  # batchwise.toml:46
    "*" = 4096  # batchwise.toml:45

    [limits]
    requests = 100000  # batchwise.toml:50
    bytes = 200000000  # batchwise.toml:51
    batches = 4  # batchwise.toml:52

    [cache]
    ttl = "1h"  # batchwise.toml:56

    [severity]
    price-tier-straddled = "note"  # batchwise.toml:62
    retired-model = "error"  # batchwise.toml:61

    [[exception]]
    rule = "policy-model"  # batchwise.toml:66
    reason = "the evaluation of March compares with the large model"  # batchwise.toml:67
    expires = 2027-03-31  # batchwise.toml:68
    model = "claude-opus-*"  # batchwise.toml:69
    custom_id = "eval-*"  # batchwise.toml:70
    file = "evals/*.jsonl"  # batchwise.toml:71
    "#);
}

/// What is wide stands in lines of its own, and says the same.
#[test]
fn a_policy_is_shown_in_narrow_lines() {
    let models: Vec<String> =
        (0..4).map(|number| format!("\"claude-model-of-a-long-name-{number}\"")).collect();
    let reason =
        "a text in quotes is never broken, so that whoever looks for it finds it, however long it is";
    let text = format!(
        "[models]\nallow = [{}]\ndeny = [\"claude-opus-with-a-long-name-*\"]\n[[exception]]\nrule = \"large-item\"\n\
         reason = \"{reason}\"\nexpires = 2027-01-01\n",
        models.join(", ")
    );
    let shown = policy(&text).show(Some(60));
    let values = |text: &str| -> Vec<String> {
        let shown = policy(text).show(None);
        shown.lines().map(|line| line.split("  #").next().unwrap().to_owned()).collect()
    };
    assert_eq!(values(&shown), values(&text));
    assert_snapshot!(shown.split_once("# [increase]").unwrap().1, @r#"
    : no limit (default)

    [models]
    # batchwise.toml:2
    allow = [
        "claude-model-of-a-long-name-0",
        "claude-model-of-a-long-name-1",
        "claude-model-of-a-long-name-2",
        "claude-model-of-a-long-name-3",
    ]
    # batchwise.toml:3
    deny = ["claude-opus-with-a-long-name-*"]

    # [max_tokens]: no cap (default)

    # [limits]: no limit (default)

    # [cache]: any lifetime (default)

    # [severity]: every rule as docs/rules.md says (default)

    [[exception]]
    rule = "large-item"  # batchwise.toml:5
    # batchwise.toml:6
    reason = "a text in quotes is never broken, so that whoever looks for it finds it, however long it is"
    expires = 2027-01-01  # batchwise.toml:7
    "#);
}
