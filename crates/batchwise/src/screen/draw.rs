use anstyle::Style;
use batchwise_findings::{Excerpt, Finding, Place, Reference, Severity};
use unicode_width::UnicodeWidthStr;

use super::harmless;

/// Draws a finding the way compilers do. Ends with an empty line.
pub(super) fn finding(finding: &Finding, severity: Severity, style: Style) -> String {
    let mut text = format!("{style}{severity}[{}]{style:#}: {}\n", finding.rule, harmless(&finding.message));
    let gutter = finding.at.as_ref().map_or(2, |place| place.line.to_string().len());
    if let Some(place) = &finding.at {
        text.push_str(&spot(place, gutter, style));
    }
    if let Some(reference) = &finding.see {
        text.push_str(&second_spot(reference, gutter));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("{:gutter$} = help: {}\n", "", harmless(help)));
    }
    text
}

fn spot(place: &Place, gutter: usize, style: Style) -> String {
    let field = if place.field.is_empty() { String::new() } else { format!(", {}", harmless(&place.field)) };
    let mut text = format!(
        "{:gutter$}--> {}:{}:{} (byte {}{field})\n",
        "",
        harmless(&place.file),
        place.line,
        place.column,
        place.bytes.start
    );
    if let Some(excerpt) = &place.excerpt {
        let (shown, indent, width) = window(excerpt);
        text.push_str(&format!("{:gutter$} |\n{} | {shown}\n", "", place.line));
        text.push_str(&format!("{:gutter$} | {:indent$}{style}{}{style:#}\n", "", "", "^".repeat(width)));
    }
    text
}

/// The place by which a finding is explained.
fn second_spot(reference: &Reference, gutter: usize) -> String {
    let Reference { file, line, column, label, excerpt } = reference;
    let column = column.map(|column| format!(":{column}")).unwrap_or_default();
    let head = format!("{:gutter$}::: {}:{line}{column}", "", harmless(file));
    match excerpt {
        None => format!("{head} {}\n", harmless(label)),
        Some(excerpt) => {
            let (shown, indent, width) = window(excerpt);
            let mark = "-".repeat(width);
            let number = format!("{line:>gutter$}");
            format!(
                "{head}\n{:gutter$} |\n{number} | {shown}\n{:gutter$} | {:indent$}{mark} {}\n",
                "",
                "",
                "",
                harmless(label)
            )
        }
    }
}

/// The excerpt as shown, and where in it the mark stands, in columns of a terminal.
fn window(excerpt: &Excerpt) -> (String, usize, usize) {
    let start = if excerpt.cut_before { "…" } else { "" };
    let end = if excerpt.cut_after { "…" } else { "" };
    let before = format!("{start}{}", harmless(&excerpt.text[..excerpt.marked.start]));
    let marked = harmless(&excerpt.text[excerpt.marked.clone()]);
    let after = harmless(&excerpt.text[excerpt.marked.end..]);
    let (indent, width) = (before.width(), marked.width().max(1));
    (format!("{before}{marked}{after}{end}"), indent, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use batchwise_findings::Rule;
    use insta::assert_snapshot;

    fn drawn(line: &str, marked: &str) -> String {
        let start = line.find(marked).unwrap();
        let place = Place {
            file: "invoices.jsonl".to_owned(),
            line: 118,
            column: line[..start].chars().count() as u64 + 1,
            bytes: 5000 + start as u64..5000 + (start + marked.len()) as u64,
            field: "custom_id".to_owned(),
            excerpt: Some(Excerpt::around(line.as_bytes(), start..start + marked.len())),
        };
        let message = "`a` names two requests; invoices.jsonl:7 is the first".to_owned();
        let help = "each must be unique";
        finding(
            &Finding::new(Rule::DuplicateCustomId, message).at(place).with_help(help),
            Severity::Error,
            Style::new(),
        )
    }

    #[test]
    fn a_finding_points_into_its_line() {
        assert_snapshot!(drawn(r#"{"custom_id":"a","params":{"model":"m"}}"#, "\"a\""), @r#"
        error[duplicate-custom-id]: `a` names two requests; invoices.jsonl:7 is the first
           --> invoices.jsonl:118:14 (byte 5013, custom_id)
            |
        118 | {"custom_id":"a","params":{"model":"m"}}
            |              ^^^
            = help: each must be unique
        "#);
    }

    #[test]
    fn long_and_wide_lines_are_cut_around_the_spot() {
        let line = format!(
            "{{\"x\":\"{}\",\"custom_id\":\"日本\",\"y\":\"{}\"}}",
            "漢".repeat(100),
            "z".repeat(100)
        );
        assert_snapshot!(drawn(&line, "\"日本\""), @r#"
        error[duplicate-custom-id]: `a` names two requests; invoices.jsonl:7 is the first
           --> invoices.jsonl:118:121 (byte 5320, custom_id)
            |
        118 | …漢漢漢漢","custom_id":"日本","y":"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz…
            |                        ^^^^^^
            = help: each must be unique
        "#);
    }
}
