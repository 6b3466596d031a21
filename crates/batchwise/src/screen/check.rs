use std::collections::BTreeMap;

use anstyle::Style;
use batchwise_findings::{Rule, Severity};
use batchwise_report::{CheckReport, Counts, RuleCount, workload};

use super::{Table, draw, folded, grouped, harmless, style};

/// A check for people.
pub(crate) struct CheckScreen<'s> {
    pub(crate) report: &'s CheckReport,
    /// How many findings of each rule are drawn.
    pub(crate) drawn: usize,
    /// Only what refuses is drawn, and no table.
    pub(crate) quiet: bool,
    /// The least severity that refuses.
    pub(crate) fails_on: Severity,
    /// Whether colours are used.
    pub(crate) colours: bool,
}

/// The findings, the worst first, then the rules with their numbers, and in the last line what it comes to.
pub(crate) fn check(screen: &CheckScreen<'_>) -> String {
    let mut text = findings(screen);
    if !screen.quiet && !screen.report.rules.is_empty() {
        text.push_str(&rules(screen.report));
        text.push('\n');
    }
    text + &last_line(screen.report)
}

fn findings(screen: &CheckScreen<'_>) -> String {
    let mut drawn: BTreeMap<Rule, usize> = BTreeMap::new();
    let mut text = String::new();
    for told in &screen.report.findings {
        let number = drawn.entry(told.finding.rule).or_default();
        *number += 1;
        if *number > screen.drawn || (screen.quiet && told.severity < screen.fails_on) {
            continue;
        }
        let style = if screen.colours { style(told.severity) } else { Style::new() };
        text.push_str(&draw::finding(&told.finding, told.severity, style));
        text.push('\n');
    }
    text
}

/// One row for each rule that was broken.
fn rules(report: &CheckReport) -> String {
    let mut table = Table::new(2);
    for (rule, RuleCount { counts, .. }) in report.rules_by_weight() {
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let count = counts.of(severity);
            if count > 0 {
                table.row([severity.name().to_owned(), rule.id().to_owned(), grouped(count)]);
            }
        }
    }
    table.draw(0)
}

fn last_line(report: &CheckReport) -> String {
    let verdict = report.verdict.name();
    let excused = match report.excused {
        0 => String::new(),
        excused => format!(", {} excused by the policy", grouped(excused)),
    };
    let counts = told(report.counts());
    folded(&harmless(&format!("{verdict}: {}; {counts}{excused}", workload(report))), "", "  ")
}

fn told(counts: Counts) -> String {
    let number = |count: u64, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        count => Some(format!("{} {noun}s", grouped(count))),
    };
    let told =
        [number(counts.error, "error"), number(counts.warning, "warning"), number(counts.note, "note")];
    let told: Vec<String> = told.into_iter().flatten().collect();
    if told.is_empty() { "nothing was found".to_owned() } else { told.join(", ") }
}
