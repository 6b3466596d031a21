use std::collections::BTreeMap;

use batchwise_findings::{Excerpt, Finding, Place, Reference, Rule, Severity, Verdict, visible};
use serde::Serialize;
use serde_json::{Value, json};

use crate::identity::Identities;
use crate::plain::{self, one_line};
use crate::{CheckReport, Told};

/// GitHub refuses a file with more than 25,000 results of a run and shows 5,000 of them; of one rule this many are told.
/// Source: <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.
const RULE_RESULTS_MAX: usize = 100;

/// The name under which fingerprints stand. It changes when the way they are made does.
const FINGERPRINT: &str = "batchwiseIdentity/v1";

/// The report as SARIF 2.1.0, with the rules that were broken; `explain` gives the text of a rule in Markdown.
pub fn sarif(report: &CheckReport, explain: impl Fn(Rule) -> String) -> String {
    let rules: Vec<Rule> = report.rules.keys().copied().collect();
    let mut identities = Identities::default();
    let mut told_of: BTreeMap<Rule, usize> = BTreeMap::new();
    let mut results = Vec::new();
    for told in &report.findings {
        // Named even when it is not told, so that the names of the others do not depend on the limit.
        let name = identities.name(&told.finding);
        let number = told_of.entry(told.finding.rule).or_default();
        *number += 1;
        if *number <= RULE_RESULTS_MAX {
            results.push(result(told, &name, &rules, report));
        }
    }
    let told = results.len() as u64;
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "batchwise",
                "version": report.version,
                "semanticVersion": report.version,
                "rules": rules.iter().map(|&rule| descriptor(rule, &explain(rule))).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.verdict != Verdict::Unusable,
                "toolExecutionNotifications": omissions(report, told),
            }],
            "results": results,
        }],
    });
    plain::json(&log)
}

/// That results are missing must be told, or the list would look complete.
fn omissions(report: &CheckReport, told: u64) -> Vec<Value> {
    let missing = report.counts().total().saturating_sub(told);
    if missing == 0 {
        return Vec::new();
    }
    let text = format!(
        "{missing} more findings are counted but not listed; at most {RULE_RESULTS_MAX} of each rule are"
    );
    vec![json!({"level": "note", "message": {"text": text}})]
}

fn descriptor(rule: Rule, explanation: &str) -> Value {
    let summary = explanation.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    json!({
        "id": rule.id(),
        "shortDescription": {"text": rule.id().replace('-', " ")},
        "fullDescription": {"text": summary.unwrap_or(rule.id())},
        "help": {"text": explanation, "markdown": explanation},
        "defaultConfiguration": {"level": level(rule.severity())},
    })
}

fn result(told: &Told, name: &str, rules: &[Rule], report: &CheckReport) -> Value {
    let finding = &told.finding;
    let mut result = json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": rules.binary_search(&finding.rule).unwrap_or_default(),
        "level": level(told.severity),
        "message": {"text": one_line(&finding.message, finding.help.as_deref())},
        "partialFingerprints": {FINGERPRINT: name},
    });
    result["locations"] = match (&finding.at, &finding.see) {
        (Some(place), _) => json!([location(place)]),
        // GitHub refuses a whole log for one result without a place.
        (None, Some(reference)) => json!([{"physicalLocation": second_place(reference)}]),
        (None, None) => json!([{"physicalLocation": beginning(report)}]),
    };
    if let (Some(_), Some(reference)) = (&finding.at, &finding.see) {
        result["relatedLocations"] = json!([related(reference)]);
    }
    if let Some(properties) = properties(finding) {
        result["properties"] = properties;
    }
    result
}

/// What SARIF has no field for.
fn properties(finding: &Finding) -> Option<Value> {
    #[derive(Serialize)]
    struct Properties<'f> {
        custom_id: String,
        model: String,
        #[serde(skip_serializing_if = "is_one")]
        requests: &'f u64,
    }
    let request = finding.request.as_ref()?;
    let (custom_id, model) = (visible(&request.custom_id), visible(&request.model));
    serde_json::to_value(Properties { custom_id, model, requests: &finding.requests }).ok()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_one(requests: &&u64) -> bool {
    **requests == 1
}

fn location(place: &Place) -> Value {
    let mut region = json!({"startLine": place.line, "startColumn": place.column});
    let mut physical = json!({"artifactLocation": {"uri": uri(&place.file)}});
    if let Some(Excerpt { text, marked, .. }) = &place.excerpt {
        let marked = &text[marked.clone()];
        region["endColumn"] = json!(place.column + (marked.chars().count() as u64).max(1));
        region["snippet"] = json!({"text": visible(marked)});
        physical["contextRegion"] = json!({"startLine": place.line, "snippet": {"text": visible(text)}});
    }
    physical["region"] = region;
    let mut location = json!({"physicalLocation": physical});
    if !place.field.is_empty() {
        location["logicalLocations"] =
            json!([{"fullyQualifiedName": visible(&place.field), "kind": "member"}]);
    }
    location
}

fn related(reference: &Reference) -> Value {
    json!({
        "id": 1,
        "message": {"text": visible(&reference.label)},
        "physicalLocation": second_place(reference),
    })
}

fn second_place(reference: &Reference) -> Value {
    let mut region = json!({"startLine": reference.line});
    if let Some(column) = reference.column {
        region["startColumn"] = json!(column);
    }
    json!({"artifactLocation": {"uri": uri(&reference.file)}, "region": region})
}

/// Where what concerns the workload as a whole is shown.
fn beginning(report: &CheckReport) -> Value {
    let file = report.files.first().map_or("-", |file| file.name.as_str());
    json!({"artifactLocation": {"uri": uri(file)}, "region": {"startLine": 1}})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A path as a relative or absolute reference: everything is percent-encoded but what may stand in a path. A colon is
/// too, so that no first segment is taken for a scheme.
fn uri(file: &str) -> String {
    let file = file.strip_prefix("./").unwrap_or(file);
    let absolute = if file.starts_with('/') { "file://" } else { "" };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    let encoded = file.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    absolute.to_owned() + &encoded.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_report::tests_support::{finding, report};
    use insta::assert_snapshot;

    #[test]
    fn a_log_is_complete() {
        let mut told =
            [finding(Rule::DuplicateCustomId, "a b.jsonl", 7), finding(Rule::LargeItem, "./b.jsonl", 1)];
        told[0].finding.see = Some(Reference {
            file: "a b.jsonl".to_owned(),
            line: 3,
            column: None,
            label: "first used here".to_owned(),
            excerpt: None,
        });
        assert_snapshot!(sarif(&report(&told), |_| "# x\nWhat it means.".to_owned()), @r##"
        {
          "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
          "runs": [
            {
              "columnKind": "unicodeCodePoints",
              "invocations": [
                {
                  "executionSuccessful": true,
                  "toolExecutionNotifications": []
                }
              ],
              "results": [
                {
                  "level": "error",
                  "locations": [
                    {
                      "logicalLocations": [
                        {
                          "fullyQualifiedName": "custom_id",
                          "kind": "member"
                        }
                      ],
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "a%20b.jsonl"
                        },
                        "contextRegion": {
                          "snippet": {
                            "text": "{\"custom_id\":\"a\",\"params\":{\"model\":\"m\"}}"
                          },
                          "startLine": 7
                        },
                        "region": {
                          "endColumn": 17,
                          "snippet": {
                            "text": "\"a\""
                          },
                          "startColumn": 14,
                          "startLine": 7
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "`a` is odd: change it"
                  },
                  "partialFingerprints": {
                    "batchwiseIdentity/v1": "aea73aeda78ca3610da6d1429e0c2908"
                  },
                  "properties": {
                    "custom_id": "a",
                    "model": "m"
                  },
                  "relatedLocations": [
                    {
                      "id": 1,
                      "message": {
                        "text": "first used here"
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "a%20b.jsonl"
                        },
                        "region": {
                          "startLine": 3
                        }
                      }
                    }
                  ],
                  "ruleId": "duplicate-custom-id",
                  "ruleIndex": 0
                },
                {
                  "level": "warning",
                  "locations": [
                    {
                      "logicalLocations": [
                        {
                          "fullyQualifiedName": "custom_id",
                          "kind": "member"
                        }
                      ],
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "b.jsonl"
                        },
                        "contextRegion": {
                          "snippet": {
                            "text": "{\"custom_id\":\"a\",\"params\":{\"model\":\"m\"}}"
                          },
                          "startLine": 1
                        },
                        "region": {
                          "endColumn": 17,
                          "snippet": {
                            "text": "\"a\""
                          },
                          "startColumn": 14,
                          "startLine": 1
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "`a` is odd: change it"
                  },
                  "partialFingerprints": {
                    "batchwiseIdentity/v1": "87e3a9b17d5692d83ba2df0bd34726af"
                  },
                  "properties": {
                    "custom_id": "a",
                    "model": "m"
                  },
                  "ruleId": "large-item",
                  "ruleIndex": 1
                }
              ],
              "tool": {
                "driver": {
                  "name": "batchwise",
                  "rules": [
                    {
                      "defaultConfiguration": {
                        "level": "error"
                      },
                      "fullDescription": {
                        "text": "What it means."
                      },
                      "help": {
                        "markdown": "# x\nWhat it means.",
                        "text": "# x\nWhat it means."
                      },
                      "id": "duplicate-custom-id",
                      "shortDescription": {
                        "text": "duplicate custom id"
                      }
                    },
                    {
                      "defaultConfiguration": {
                        "level": "warning"
                      },
                      "fullDescription": {
                        "text": "What it means."
                      },
                      "help": {
                        "markdown": "# x\nWhat it means.",
                        "text": "# x\nWhat it means."
                      },
                      "id": "large-item",
                      "shortDescription": {
                        "text": "large item"
                      }
                    }
                  ],
                  "semanticVersion": "1.2.3",
                  "version": "1.2.3"
                }
              }
            }
          ],
          "version": "2.1.0"
        }
        "##);
    }

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("./a b/ü:1%.jsonl"), "a%20b/%C3%BC%3A1%25.jsonl");
        assert_eq!(uri("/data/a.jsonl"), "file:///data/a.jsonl");
    }

    #[test]
    fn results_of_a_rule_are_limited_and_told() {
        let many: Vec<Told> =
            (1..=500).map(|line| finding(Rule::DuplicateCustomId, "a.jsonl", line)).collect();
        let log: Value = serde_json::from_str(&sarif(&report(&many), |_| String::new())).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), 100);
        let notice =
            run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
        assert!(notice.starts_with("400 more"), "{notice}");
    }
}
