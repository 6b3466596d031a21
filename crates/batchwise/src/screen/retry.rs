use batchwise_units::requests;

use super::{Table, grouped, harmless, wrapped};
use crate::commands::{ErrorLine, RetryReport};

/// How many groups of errors are drawn, of at most three lines each.
const GROUPS_DRAWN: usize = 8;

/// What became of the requests, what is in which file, and as many errors as a screen takes.
pub(crate) fn retry(report: &RetryReport<'_>) -> String {
    let title = format!("{}: {}", harmless(&report.folder), requests(report.requests));
    let mut text = format!("{title}\n{}", fates(report));
    if report.requests > 0 {
        text.push_str(&format!("\nResults\n{}", results(report)));
    }
    if !report.errors.is_empty() {
        text.push_str(&format!("\nErrors\n{}", errors(report)));
    }
    if report.again.requests > 0 {
        let hint = format!(
            "To send them: batchwise plan {} -o PLAN.json, with the options you want; send that plan in a folder of its own, \
             and retry it there.",
            report.again.file
        );
        text.push_str(&format!("\n{}", wrapped(&harmless(&hint), "")));
    }
    text
}

/// One row for each fate, with its file.
fn fates(report: &RetryReport<'_>) -> String {
    let rejected = match (&report.hopeless.file, report.hopeless.requests) {
        (Some(file), _) => format!("-> {file}"),
        (None, 0) => String::new(),
        (None, _) => "--rejected FILE writes them".to_owned(),
    };
    let mut table = Table::new(1);
    let mut row = |name: &str, count: u64, note: &str| {
        table.row_with_note([name.to_owned(), grouped(count)], harmless(note));
    };
    row("done, with a reply, billed", report.done.requests, "");
    row("worth sending again", report.again.requests, &format!("-> {}", report.again.file));
    row("refused, and would be again", report.hopeless.requests, &rejected);
    if report.unknown.requests > 0 {
        row("of unknown types, in no file", report.unknown.requests, "");
    }
    table.draw(2)
}

/// One row for each type of result that there is.
fn results(report: &RetryReport<'_>) -> String {
    let mut table = Table::new(1);
    for (name, count) in [
        ("succeeded", report.outcomes.succeeded),
        ("errored", report.outcomes.errored),
        ("canceled", report.outcomes.canceled),
        ("expired", report.outcomes.expired),
        ("of unknown type", report.outcomes.other),
        ("never sent", report.again.unsent),
    ] {
        if count > 0 {
            table.row([name.to_owned(), grouped(count)]);
        }
    }
    table.draw(2)
}

fn errors(report: &RetryReport<'_>) -> String {
    let mut text = String::new();
    for line in report.errors.iter().take(GROUPS_DRAWN) {
        text.push_str(&wrapped(&harmless(&error(line)), "  "));
    }
    let rest: u64 = report.errors.iter().skip(GROUPS_DRAWN).map(|line| line.requests).sum();
    let others = rest + report.ungrouped_errors;
    if others > 0 {
        text.push_str(&format!("  … and {} others; --format json tells more\n", grouped(others)));
    }
    text
}

fn error(line: &ErrorLine<'_>) -> String {
    let ErrorLine { fate, error, message, requests, example } = line;
    let error = if error.is_empty() { "no type" } else { error };
    let says = if message.is_empty() { String::new() } else { format!(": {message}") };
    let fate = match *fate {
        "again" => "send again",
        "hopeless" => "refused",
        other => other,
    };
    format!("{} {error}{says} [{fate}, like {example}]", grouped(*requests))
}
