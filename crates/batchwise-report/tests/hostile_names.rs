//! Whatever users put into their files, every format stays what it is.

use std::sync::LazyLock;

use batchwise_findings::{Excerpt, Finding, Place, Reference, Rule, Severity, Verdict};
use batchwise_report::{
    CheckReport, CheckedFile, Desk, annotations, check_json, code_quality, junit, markdown, sarif,
};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;

/// Texts that mean something to one of the formats, and any others.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n::error::x".to_owned()),
        Just("%0A::warning file=a::b".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("]]></failure><testcase>".to_owned()),
        Just("\"/><!--".to_owned()),
        Just("|\n| a | b |".to_owned()),
        Just("](https://example.org) @someone #1".to_owned()),
        Just("\u{0}\u{85}\u{2028}\u{ffff}\u{202e}".to_owned()),
        ".{0,12}",
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn finding() -> impl Strategy<Value = (Finding, Severity)> {
    let severity = prop_oneof![Just(Severity::Error), Just(Severity::Warning), Just(Severity::Note)];
    let rule = prop_oneof![Just(Rule::DuplicateCustomId), Just(Rule::InvalidJson), Just(Rule::LargeItem)];
    let texts = proptest::array::uniform6(text());
    (rule, texts, 1_u64..9, any::<bool>(), severity).prop_map(|(rule, texts, line, placed, severity)| {
        let [message, help, file, field, id, excerpt] = texts;
        let mut finding = Finding::new(rule, message).with_help(help).about(&id, &field);
        if placed {
            let excerpt = Excerpt::around(excerpt.as_bytes(), 0..excerpt.len().min(3));
            let see = Reference { file: file.clone(), line, column: None, label: id, excerpt: None };
            let (bytes, excerpt) = (0..9, Some(excerpt));
            finding = finding.at(Place { file, line, column: line, bytes, field, excerpt }).see(see);
        }
        (finding, severity)
    })
}

fn report() -> impl Strategy<Value = CheckReport> {
    (proptest::collection::vec(finding(), 0..30), text()).prop_map(|(taken, name)| {
        let mut desk = Desk::new(1_000, Severity::Error);
        taken.into_iter().for_each(|(finding, severity)| desk.take(finding, severity));
        let (findings, rules, verdict) = desk.close();
        CheckReport {
            version: "0.1.0".to_owned(),
            files: vec![CheckedFile { name, requests: 5 }],
            requests: 5,
            unpriced_requests: 0,
            unbounded_requests: 0,
            left_out_lines: 0,
            batches: 1,
            quote: None,
            findings,
            rules,
            excused: 0,
            verdict,
        }
    })
}

/// Whether a character may do something to a terminal or a reader.
fn harmful(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}')
}

static SARIF: LazyLock<Validator> = LazyLock::new(|| {
    // In one pattern of the published schema there is a bracket too many for strict readers.
    let schema = include_str!("schemas/sarif-2.1.0.schema.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn json_is_json(report in report()) {
        for json in [check_json(&report), code_quality(&report)] {
            prop_assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json}");
            prop_assert!(!json.contains(|character: char| harmful(character)));
        }
    }

    #[test]
    fn sarif_keeps_its_schema(report in report()) {
        let log = sarif(&report, |rule| format!("About {rule}."));
        let log: Value = serde_json::from_str(&log).unwrap();
        let problems: Vec<String> = SARIF.iter_errors(&log).map(|error| error.to_string()).collect();
        prop_assert!(problems.is_empty(), "{problems:?}");
        let results = log["runs"][0]["results"].as_array().unwrap();
        prop_assert_eq!(results.len(), report.findings.len());
        // GitHub refuses a log in which one has none.
        prop_assert!(results.iter().all(|result| result["locations"].as_array().is_some_and(|places| places.len() == 1)));
    }

    #[test]
    fn a_line_is_an_annotation(report in report()) {
        let text = annotations(&report);
        for line in text.split('\n').filter(|line| !line.is_empty()) {
            let kind = ["::error ", "::warning ", "::notice "].iter().any(|kind| line.starts_with(kind));
            prop_assert!(kind && !line.contains(harmful), "{line}");
        }
        let counts = report.counts();
        let shown = |count: u64| usize::try_from(count.min(10)).unwrap();
        prop_assert_eq!(text.matches('\n').count(), shown(counts.error) + shown(counts.warning) + shown(counts.note));
    }

    #[test]
    fn a_finding_is_a_test_case(report in report()) {
        let text = junit(&report);
        let document = roxmltree::Document::parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase")).count();
        prop_assert_eq!(cases, report.findings.len().max(1));
        let failures = document.descendants().filter(|node| node.has_tag_name("failure")).count();
        let announced = document.root_element().attribute("failures").unwrap().parse::<usize>().unwrap();
        prop_assert_eq!(failures, announced);
        prop_assert_eq!(failures == 0, report.verdict == Verdict::Ok);
    }

    #[test]
    fn a_finding_is_a_row(report in report()) {
        let text = markdown(&report);
        prop_assert!(!text.contains(harmful) && !text.contains("](") && !text.contains('@'), "{text}");
        let rows = text.lines().filter(|line| line.starts_with("| ")).count();
        let heads = if report.findings.is_empty() { 0 } else { 2 };
        prop_assert_eq!(rows, report.findings.len() + report.rules.len() + heads);
    }
}
