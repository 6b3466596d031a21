use batchwise_findings::markdown_text;

use crate::{CheckReport, Told, workload};

/// How many findings are listed one by one: a step summary may have 1 MB, and nobody reads so much.
const LISTED_MAX: usize = 50;

/// The report as GitHub-flavoured Markdown, for a step summary or a comment: verdict, cost, rules with their numbers, and
/// the first findings.
pub fn markdown(report: &CheckReport) -> String {
    let mut text = format!("## batchwise check: {}\n\n{}\n", report.verdict.name(), summary(report));
    if !report.rules.is_empty() {
        text.push_str("\n| rule | errors | warnings | notes |\n|---|--:|--:|--:|\n");
    }
    for (rule, count) in report.rules_by_weight() {
        let counts = count.counts;
        text.push_str(&format!("| {rule} | {} | {} | {} |\n", counts.error, counts.warning, counts.note));
    }
    if !report.findings.is_empty() {
        text.push_str("\n| | place | finding |\n|---|---|---|\n");
        report.findings.iter().take(LISTED_MAX).for_each(|told| text.push_str(&row(told)));
    }
    let listed: u64 = report.findings.iter().take(LISTED_MAX).map(|told| told.finding.requests).sum();
    if let Some(more) = report.counts().total().checked_sub(listed).filter(|more| *more > 0) {
        text.push_str(&format!("\n… and {more} more.\n"));
    }
    text
}

fn summary(report: &CheckReport) -> String {
    let excused = match report.excused {
        0 => String::new(),
        excused => format!("; {excused} excused by the policy"),
    };
    format!("{}{excused}.", workload(report))
}

fn row(told: &Told) -> String {
    let finding = &told.finding;
    let place =
        finding.at.as_ref().map_or_else(String::new, |place| format!("{}:{}", place.file, place.line));
    let mut message = finding.message.clone();
    if let Some(help) = &finding.help {
        message = format!("{message} ({help})");
    }
    let (severity, rule) = (told.severity, finding.rule);
    format!("| {severity} | {} | **{rule}** {} |\n", markdown_text(&place), markdown_text(&message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_report::tests_support::{finding, report};
    use batchwise_findings::Rule;
    use insta::assert_snapshot;

    #[test]
    fn a_report_is_short() {
        let told = [finding(Rule::DuplicateCustomId, "a_b.jsonl", 7), finding(Rule::LargeItem, "b.jsonl", 1)];
        assert_snapshot!(markdown(&report(&told)), @r"
        ## batchwise check: refused

        3 requests in 1 batch.

        | rule | errors | warnings | notes |
        |---|--:|--:|--:|
        | duplicate-custom-id | 1 | 0 | 0 |
        | large-item | 0 | 1 | 0 |

        | | place | finding |
        |---|---|---|
        | error | a\_b.jsonl&#58;7 | **duplicate-custom-id** \`a\` is odd (change it) |
        | warning | b.jsonl&#58;1 | **large-item** \`a\` is odd (change it) |
        ");
        assert_snapshot!(markdown(&report(&[])), @"
        ## batchwise check: ok

        3 requests in 1 batch.
        ");
    }

    #[test]
    fn many_findings_are_counted() {
        let many: Vec<Told> =
            (0..200).map(|line| finding(Rule::DuplicateCustomId, "a.jsonl", line)).collect();
        let text = markdown(&report(&many));
        assert!(text.lines().count() < 70 && text.contains("and 150 more"), "{text}");
    }
}
