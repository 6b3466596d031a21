use batchwise_findings::{Severity, visible};

use crate::{CheckReport, Told};

/// GitHub shows ten annotations of each kind for a step and drops the others without a word.
/// Source: <https://docs.github.com/en/actions/reference/limits>.
const SHOWN_MAX: usize = 10;

/// The report as workflow commands of GitHub Actions: one annotation on a line, the worst first, and of each kind no more
/// than are shown. Where there are more, the last says how many.
pub fn annotations(report: &CheckReport) -> String {
    let kinds = [Severity::Error, Severity::Warning, Severity::Note];
    kinds.into_iter().map(|severity| of_severity(report, severity)).collect()
}

fn of_severity(report: &CheckReport, severity: Severity) -> String {
    let total = report.counts().of(severity);
    let mut told: Vec<&Told> = report.findings.iter().filter(|told| told.severity == severity).collect();
    spread(&mut told);
    let fit = total <= SHOWN_MAX as u64 && told.len() as u64 == total;
    let shown = if fit { told.len() } else { told.len().min(SHOWN_MAX - 1) };
    let mut text: String = told[..shown].iter().map(|told| annotation(told)).collect();
    if !fit {
        let requests: u64 = told[..shown].iter().map(|told| told.finding.requests).sum();
        if let Some(more) = total.checked_sub(requests).filter(|more| *more > 0) {
            let message =
                format!("and {more} more; the report of `batchwise check` has all rules with their numbers");
            text.push_str(&format!("::{} title=batchwise::{}\n", kind(severity), data(&message)));
        }
    }
    text
}

/// Puts the first finding of each rule before the second of any, so that no rule hides another.
fn spread(told: &mut [&Told]) {
    let mut before = std::collections::BTreeMap::new();
    told.sort_by_cached_key(|told| {
        let turn = before.entry(told.finding.rule).or_insert(0_u64);
        *turn += 1;
        *turn
    });
}

fn annotation(told: &Told) -> String {
    let finding = &told.finding;
    let mut properties = Vec::new();
    if let Some(place) = finding.at.as_ref().filter(|place| place.file != "-") {
        let file = place.file.strip_prefix("./").unwrap_or(&place.file);
        properties.push(format!("file={}", property(file)));
        properties.push(format!("line={}", place.line));
        properties.push(format!("col={}", place.column));
    }
    properties.push(format!("title={}", property(&format!("batchwise: {}", finding.rule))));
    let mut message = finding.message.clone();
    if let Some(request) = &finding.request {
        message = format!("{}: {message}", request.custom_id);
    }
    if let Some(help) = &finding.help {
        message = format!("{message} ({help})");
    }
    format!("::{} {}::{}\n", kind(told.severity), properties.join(","), data(&message))
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// The message of a command. What begins a new line or a new command is escaped, after control characters have been
/// made visible.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, in which commas and colons have a meaning too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_report::tests_support::{finding, report};
    use batchwise_findings::Rule;
    use insta::assert_snapshot;

    #[test]
    fn findings_are_annotations() {
        let told = [finding(Rule::DuplicateCustomId, "a,b.jsonl", 7), finding(Rule::LargeItem, "b.jsonl", 1)];
        assert_snapshot!(annotations(&report(&told)), @"
        ::error file=a%2Cb.jsonl,line=7,col=14,title=batchwise%3A duplicate-custom-id::a: `a` is odd (change it)
        ::warning file=b.jsonl,line=1,col=14,title=batchwise%3A large-item::a: `a` is odd (change it)
        ");
    }

    #[test]
    fn nothing_in_a_file_can_forge_a_command() {
        let mut told = finding(Rule::DuplicateCustomId, "x\n::error::y%0A::warning", 1);
        told.finding.message = "a\r\n::add-mask::b %0A::error file=z::c".to_owned();
        let text = annotations(&report(&[told]));
        assert_eq!(text.lines().count(), 1);
        assert!(!text[2..].contains("\n::") && !text.contains("%0A"), "{text}");
    }

    #[test]
    fn no_more_than_ten_of_a_kind() {
        let many: Vec<Told> = (0..50).map(|line| finding(Rule::DuplicateCustomId, "a.jsonl", line)).collect();
        let text = annotations(&report(&many));
        assert_eq!(text.lines().count(), 10);
        assert!(text.lines().last().unwrap().contains("and 41 more"), "{text}");
        let ten = annotations(&report(&many[..10]));
        assert_eq!((ten.lines().count(), ten.contains("more")), (10, false));
    }

    #[test]
    fn no_rule_hides_another() {
        let mut many: Vec<Told> =
            (0..50).map(|line| finding(Rule::CustomIdPattern, "a.jsonl", line)).collect();
        many.push(finding(Rule::DuplicateCustomId, "a.jsonl", 60));
        assert!(annotations(&report(&many)).contains("duplicate-custom-id"));
    }
}
