use anstyle::Style;
use batchwise_findings::{Excerpt, Finding, Place, Reference, Severity};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{folded, harmless, shown, told_width};

/// Draws a finding the way compilers do. Ends with an empty line.
pub(super) fn finding(finding: &Finding, severity: Severity, style: Style) -> String {
    let head = format!("{style}{severity}[{}]{style:#}: {}", finding.rule, said(&finding.message));
    let mut text = folded(&head, "", "  ");
    let gutter = finding.at.as_ref().map_or(2, |place| place.line.to_string().len());
    if let Some(place) = &finding.at {
        text.push_str(&spot(place, gutter, style));
    }
    if let Some(reference) = &finding.see {
        text.push_str(&second_spot(reference, gutter));
    }
    if let Some(help) = &finding.help {
        let first = format!("{:gutter$} = help: ", "");
        text.push_str(&folded(&said(help), &first, &" ".repeat(first.len())));
    }
    text
}

fn spot(place: &Place, gutter: usize, style: Style) -> String {
    let field = if place.field.is_empty() { String::new() } else { format!(", {}", said(&place.field)) };
    let at =
        format!("{}:{}:{} (byte {}{field})", said(&place.file), place.line, place.column, place.bytes.start);
    let mut text = folded(&at, &format!("{:gutter$}--> ", ""), &" ".repeat(gutter + 4));
    if let Some(excerpt) = &place.excerpt {
        let (shown, indent, width) = window(excerpt, room(gutter));
        text.push_str(&format!("{:gutter$} |\n{} | {shown}\n", "", place.line));
        text.push_str(&format!("{:gutter$} | {:indent$}{style}{}{style:#}\n", "", "", "^".repeat(width)));
    }
    text
}

/// The place by which a finding is explained.
fn second_spot(reference: &Reference, gutter: usize) -> String {
    let Reference { file, line, column, label, excerpt } = reference;
    let column = column.map(|column| format!(":{column}")).unwrap_or_default();
    let head = format!("{}:{line}{column}", said(file));
    let folded = |text: &str| folded(text, &format!("{:gutter$}::: ", ""), &" ".repeat(gutter + 4));
    match excerpt {
        None => folded(&format!("{head} {}", said(label))),
        Some(excerpt) => {
            let (shown, indent, width) = window(excerpt, room(gutter));
            let number = format!("{line:>gutter$}");
            let marks = label_below(&"-".repeat(width), &said(label), indent, gutter);
            format!("{}{:gutter$} |\n{number} | {shown}\n{marks}", folded(&head), "")
        }
    }
}

/// A mark below what it marks, and what is said of that: beside it, or where there is no room, below it.
fn label_below(mark: &str, label: &str, indent: usize, gutter: usize) -> String {
    let margin = format!("{:gutter$} | ", "");
    match indent + mark.width() + 1 + label.width() <= room(gutter) {
        true => format!("{margin}{:indent$}{mark} {label}\n", ""),
        false => format!("{margin}{:indent$}{mark}\n{}", "", folded(label, &margin, &margin)),
    }
}

/// How wide an excerpt may be beside a gutter.
fn room(gutter: usize) -> usize {
    told_width().unwrap_or(usize::MAX) - gutter.min(WIDEST_GUTTER) - MARGIN
}

/// Longer line numbers leave room for the least.
const WIDEST_GUTTER: usize = 20;

/// What stands between the gutter and an excerpt.
const MARGIN: usize = " | ".len();

/// The excerpt in so much room, and where in it the mark stands, in columns of a terminal.
fn window(excerpt: &Excerpt, room: usize) -> (String, usize, usize) {
    let cut = shown("…".to_owned());
    let start = if excerpt.cut_before { cut.as_str() } else { "" };
    let before = format!("{start}{}", said(&excerpt.text[..excerpt.marked.start]));
    let marked = said(&excerpt.text[excerpt.marked.clone()]);
    let after = said(&excerpt.text[excerpt.marked.end..]);
    let whole = format!("{before}{marked}{after}");
    let end = if excerpt.cut_after { cut.as_str() } else { "" };
    let line = match whole.width() + end.width() <= room {
        true => whole + end,
        false => beginning(&whole, room.saturating_sub(cut.width())) + &cut,
    };
    let indent = before.width();
    let width = marked.width().min(line.width().saturating_sub(indent)).max(1);
    (line, indent, width)
}

/// As many characters as have room.
fn beginning(text: &str, room: usize) -> String {
    let mut used = 0;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used <= room
    };
    text.chars().take_while(fits).collect()
}

/// A text of a file as it may be shown.
fn said(text: &str) -> String {
    shown(harmless(text))
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
