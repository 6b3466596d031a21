//! What people see. Everything here is text in, text out; only this file writes to standard error.

mod draw;
mod number;
mod quote;
mod table;

use std::io::Write;

use anstyle::{AnsiColor, Style};
use batchwise_findings::{Finding, Severity};

pub(crate) use draw::harmless;
pub(crate) use quote::quote;
pub(crate) use table::Table;

/// How wide a screen may be.
pub(crate) const WIDTH: usize = 100;

/// Draws findings of at least that severity on standard error, and how many more there were.
pub(crate) fn findings(findings: &[Finding], more: &[(Severity, usize)], least: Severity) {
    let mut stderr = anstream::stderr().lock();
    for finding in findings.iter().filter(|finding| finding.severity() >= least) {
        let _ = writeln!(stderr, "{}", draw::finding(finding, style(finding.severity())));
    }
    for (severity, count) in more.iter().filter(|(severity, count)| *count > 0 && *severity >= least) {
        let plural = if *count == 1 { "" } else { "s" };
        let _ = writeln!(stderr, "… and {count} more {severity}{plural}; -v shows all of them\n");
    }
}

/// Tells on standard error what went wrong.
pub(crate) fn error(message: &str) {
    let style = style(Severity::Error);
    let lines: Vec<String> = message.lines().map(harmless).collect();
    let _ = writeln!(anstream::stderr().lock(), "{style}error{style:#}: {}", lines.join("\n"));
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
