//! Every explanation is true: its examples run through a plan, and show the rule or do not.

mod common;

use batchwise_findings::{Rule, Severity, Verdict};
use batchwise_rules::explain;
use common::{Example, examples, found};

/// Their examples would take more bytes than a page can hold, prices of one's own, or a plan of two passes.
const WITHOUT_EXAMPLE: [Rule; 4] =
    [Rule::LargeItem, Rule::BodyOverSafeLimit, Rule::NonBatchModel, Rule::CachePrimedLifetime];

#[test]
fn an_explanation_begins_with_severity_and_exit_code() {
    for &rule in Rule::ALL {
        let start = match (rule.severity(), rule.verdict()) {
            (Severity::Error, Verdict::Refused) => "Error, exit code 1. ",
            (Severity::Error, _) => "Error, exit code 2. ",
            (Severity::Warning, _) => "Warning. ",
            (Severity::Note, _) => "Note. ",
        };
        assert!(explain(rule).starts_with(start), "{rule} does not start with {start:?}");
        assert!(explain(rule).ends_with('\n'), "{rule}");
        if !rule.id().starts_with("policy-") {
            assert!(explain(rule).contains("\nWhy: "), "{rule} does not say why");
        }
    }
}

#[test]
fn every_example_shows_what_it_should() {
    for &rule in Rule::ALL {
        let examples = examples(explain(rule));
        let fails = examples.iter().filter(|example| example.fails).count();
        let expected = usize::from(!WITHOUT_EXAMPLE.contains(&rule) && !rule.id().starts_with("policy-"));
        assert_eq!((fails, examples.len() - fails), (expected, expected), "examples of {rule}");
        for example in examples {
            check(rule, &example);
        }
    }
}

fn check(rule: Rule, example: &Example) {
    let mut rules: Vec<Rule> = found(example);
    rules.retain(|other| *other != rule && !example.also.contains(&other.id().to_owned()));
    let shown = found(example).contains(&rule);
    assert_eq!(shown, example.fails, "{rule}: {}", example.text);
    let serious: Vec<Rule> = rules.into_iter().filter(|other| other.severity() > Severity::Note).collect();
    assert_eq!(serious, [], "{rule}: {}", example.text);
}
