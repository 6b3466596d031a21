//! What several tests need.
#![allow(dead_code, reason = "each test uses a part of it")]

use batchwise_findings::{Excerpt, Finding};
use batchwise_policy::Policy;

/// The policy of that text, which is right.
#[track_caller]
pub(crate) fn policy(text: &str) -> Policy {
    Policy::parse("batchwise.toml", text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A finding much as users see it.
pub(crate) fn draw(finding: &Finding) -> String {
    let mut text = format!("{}[{}]: {}\n", finding.severity(), finding.rule, finding.message);
    if let Some(place) = &finding.at {
        text += &format!("  --> {}:{}:{} ({})\n", place.file, place.line, place.column, place.field);
        text += &place.excerpt.as_ref().map(|excerpt| marked(excerpt, '^', "")).unwrap_or_default();
    }
    if let Some(see) = &finding.see {
        text += &format!("  ::: {}:{}:{}\n", see.file, see.line, see.column.unwrap_or_default());
        text += &see.excerpt.as_ref().map(|excerpt| marked(excerpt, '-', &see.label)).unwrap_or_default();
    }
    let help = finding.help.as_ref().map(|help| format!("   = help: {help}\n"));
    text + &help.unwrap_or_default()
}

fn marked(excerpt: &Excerpt, mark: char, label: &str) -> String {
    let indent = excerpt.text[..excerpt.marked.start].chars().count();
    let width = excerpt.text[excerpt.marked.clone()].chars().count().max(1);
    let marks = mark.to_string().repeat(width);
    format!("   | {}\n   | {}", excerpt.text, format!("{:indent$}{marks} {label}", "").trim_end()) + "\n"
}

/// Many of them.
pub(crate) fn draw_all(findings: &[Finding]) -> String {
    findings.iter().map(draw).collect()
}

/// The template with every key in force.
pub(crate) fn whole_template() -> String {
    let key =
        |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned();
    Policy::template().lines().map(|line| key(line) + "\n").collect()
}
