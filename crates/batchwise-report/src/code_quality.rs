use batchwise_findings::Severity;
use serde::Serialize;

use crate::identity::Identities;
use crate::plain::{self, one_line};
use crate::{CheckReport, Told};

/// One entry of GitLab's Code Quality report. Source: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.
#[derive(Serialize)]
struct Entry {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

/// The report for GitLab's Code Quality widget: a JSON list. What concerns the workload as a whole stands at the first
/// line of the first file, because an entry must have a place.
pub fn code_quality(report: &CheckReport) -> String {
    let mut identities = Identities::default();
    let entries: Vec<Entry> =
        report.findings.iter().map(|told| entry(told, report, &mut identities)).collect();
    plain::json(&entries)
}

fn entry(told: &Told, report: &CheckReport, identities: &mut Identities) -> Entry {
    let finding = &told.finding;
    let (path, begin) = match (&finding.at, report.files.first()) {
        (Some(place), _) => (relative(&place.file), place.line),
        (None, first) => (first.map_or_else(|| "-".to_owned(), |file| relative(&file.name)), 1),
    };
    Entry {
        description: one_line(&finding.message, finding.help.as_deref()),
        check_name: finding.rule.id(),
        fingerprint: identities.name(finding),
        severity: match told.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        location: Location { path, lines: Lines { begin } },
    }
}

/// GitLab knows files by their path in the repository, without a leading `./`.
fn relative(file: &str) -> String {
    file.strip_prefix("./").unwrap_or(file).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_report::tests_support::{finding, report};
    use batchwise_findings::{Finding, Rule};
    use insta::assert_snapshot;

    #[test]
    fn findings_are_entries() {
        let whole = Told {
            finding: Finding::new(Rule::NoRequests, "there is no request"),
            severity: Severity::Error,
        };
        assert_snapshot!(code_quality(&report(&[finding(Rule::LargeItem, "./b.jsonl", 4), whole])), @r#"
        [
          {
            "description": "there is no request",
            "check_name": "no-requests",
            "fingerprint": "2b0a28c08ccfe8b0b20c5bb421701bb2",
            "severity": "critical",
            "location": {
              "path": "a.jsonl",
              "lines": {
                "begin": 1
              }
            }
          },
          {
            "description": "`a` is odd: change it",
            "check_name": "large-item",
            "fingerprint": "87e3a9b17d5692d83ba2df0bd34726af",
            "severity": "minor",
            "location": {
              "path": "b.jsonl",
              "lines": {
                "begin": 4
              }
            }
          }
        ]
        "#);
    }
}
