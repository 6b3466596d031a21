use batchwise_findings::{Severity, visible};

use crate::{CheckReport, Told};

/// The report as JUnit XML: one test case for each finding, failed for an error and skipped with a reason for the others,
/// or a single one that passed.
///
/// There is no standard, only what readers have in common: `testsuites`, `testsuite` with its numbers, `testcase` with
/// `classname` and `name`, `failure` with `message` and `type`.
pub fn junit(report: &CheckReport) -> String {
    let cases: String = report.findings.iter().map(|told| case(told, report)).collect();
    let passed = "    <testcase classname=\"batchwise\" name=\"no findings\"/>\n".to_owned();
    let cases = if report.findings.is_empty() { passed } else { cases };
    let told = |fails: bool| report.findings.iter().filter(|told| fails_in(told, report) == fails).count();
    let (failures, skipped, tests) = (told(true), told(false), report.findings.len().max(1));
    let numbers = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"");
    let more = match report.omitted() {
        0 => String::new(),
        more => format!("    <system-out>{more} more findings are counted but not listed</system-out>\n"),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"batchwise\" {numbers}>\n  \
         <testsuite name=\"batchwise check\" {numbers}>\n{cases}{more}  </testsuite>\n</testsuites>\n"
    )
}

/// Whether a finding is a failed test: errors are, and whatever else refused the files.
fn fails_in(told: &Told, report: &CheckReport) -> bool {
    let refused = report.verdict != batchwise_findings::Verdict::Ok;
    told.severity == Severity::Error
        || (refused && report.counts().error == 0 && Some(told.severity) == report.counts().worst())
}

fn case(told: &Told, report: &CheckReport) -> String {
    let finding = &told.finding;
    let file = finding.at.as_ref().map_or("workload", |place| place.file.as_str());
    let mut name = finding.rule.id().to_owned();
    if let Some(place) = &finding.at {
        name.push_str(&format!(" at line {}", place.line));
    }
    if let Some(request) = &finding.request {
        name.push_str(&format!(" ({})", request.custom_id));
    }
    let head = format!("    <testcase classname=\"{}\" name=\"{}\">\n", xml(file), xml(&name));
    let message = xml(&finding.message);
    let body = match fails_in(told, report) {
        true => {
            let (rule, text) = (finding.rule, xml(finding.help.as_deref().unwrap_or("")));
            format!("      <failure message=\"{message}\" type=\"{rule}\">{text}</failure>\n")
        }
        false => format!("      <skipped message=\"{}: {message}\"/>\n", told.severity),
    };
    head + &body + "    </testcase>\n"
}

/// Text in XML, as content or as an attribute. Characters that XML cannot hold have become visible ones.
fn xml(text: &str) -> String {
    let text = visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_report::tests_support::{finding, report};
    use batchwise_findings::Rule;
    use insta::assert_snapshot;

    #[test]
    fn findings_are_test_cases() {
        let told = [finding(Rule::DuplicateCustomId, "a&b.jsonl", 7), finding(Rule::LargeItem, "b.jsonl", 1)];
        assert_snapshot!(junit(&report(&told)), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="batchwise" tests="2" failures="1" errors="0" skipped="1">
          <testsuite name="batchwise check" tests="2" failures="1" errors="0" skipped="1">
            <testcase classname="a&amp;b.jsonl" name="duplicate-custom-id at line 7 (a)">
              <failure message="`a` is odd" type="duplicate-custom-id">change it</failure>
            </testcase>
            <testcase classname="b.jsonl" name="large-item at line 1 (a)">
              <skipped message="warning: `a` is odd"/>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn no_findings_are_a_test_that_passed() {
        assert_snapshot!(junit(&report(&[])), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="batchwise" tests="1" failures="0" errors="0" skipped="0">
          <testsuite name="batchwise check" tests="1" failures="0" errors="0" skipped="0">
            <testcase classname="batchwise" name="no findings"/>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn nothing_in_a_file_ends_an_element() {
        let mut told = finding(Rule::DuplicateCustomId, "\"/><testcase", 1);
        told.finding.message = "]]></failure>\u{0}\u{1b}\u{ffff}".to_owned();
        let text = junit(&report(&[told]));
        assert_eq!(text.matches("<testcase").count(), 1, "{text}");
        assert_eq!(text.matches("</failure>").count(), 1, "{text}");
        assert!(!text.contains(['\u{0}', '\u{1b}', '\u{ffff}']), "{text}");
    }
}
