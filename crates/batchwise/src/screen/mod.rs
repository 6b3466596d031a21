//! What people see. Everything here is text in, text out; only this file writes to standard error.

mod answer;
mod cache;
mod check;
mod comparison;
mod count;
mod difference;
mod draw;
mod lines;
mod paper;
mod quote;
mod retry;
mod status;
mod table;

use std::io::Write;

use anstyle::{AnsiColor, Style};
use batchwise_findings::{Finding, Rule, Severity};

pub(crate) use batchwise_findings::visible as harmless;
pub(crate) use batchwise_units::grouped;
pub(crate) use check::{CheckScreen, check};
pub(crate) use comparison::{comparison, comparison_in_html, comparison_in_markdown};
pub(crate) use count::{CountLine, CountRows, CountScreen, CountSection, count, token_cells, uncounted};
pub(crate) use difference::{difference, difference_in_markdown};
pub(crate) use lines::{filled, folded, reflowed, wrapped};
pub(crate) use paper::{shown, shown_toml, take_ascii_only, told_width, width};
pub(crate) use quote::quote;
pub(crate) use retry::retry;
pub(crate) use status::status;
pub(crate) use table::Table;

/// Draws a finding on standard error.
pub(crate) fn finding(finding: &Finding) {
    let drawn = draw::finding(finding, finding.severity(), style(finding.severity()));
    let _ = writeln!(anstream::stderr().lock(), "{}", shown(drawn));
}

/// Tells on standard error how many findings of a rule were not drawn.
pub(crate) fn more_findings(rule: Rule, count: u64) {
    let (severity, style) = (rule.severity(), style(rule.severity()));
    let told = format!("{style}{severity}[{rule}]{style:#}: … and {count} more; -v shows all");
    let _ = writeln!(anstream::stderr().lock(), "{}", folded(&shown(told), "", "  "));
}

/// Tells something on standard error that is no finding about the input.
pub(crate) fn tell(severity: Severity, message: &str) {
    let style = style(severity);
    let told = format!("{style}{severity}{style:#}: {}", shown(harmless(message)));
    let _ = write!(anstream::stderr().lock(), "{}", folded(&told, "", "  "));
}

/// Tells on standard error what went wrong.
pub(crate) fn error(message: &str) {
    let style = style(Severity::Error);
    let said: Vec<String> = message.lines().map(|line| shown(harmless(line))).collect();
    let told = format!("{style}error{style:#}: {}", said.join("\n"));
    let lines: String = told.lines().map(|line| folded(line, "", "    ")).collect();
    let _ = write!(anstream::stderr().lock(), "{lines}");
}

/// Whether standard output is a terminal that shows colours, and nobody said NO_COLOR.
pub(crate) fn stdout_takes_colours() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// Colour is an addition only: the word is always there.
fn style(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}
