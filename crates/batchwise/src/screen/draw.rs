use anstyle::Style;
use batchwise_findings::{Excerpt, Finding, Place};
use unicode_width::UnicodeWidthStr;

/// Draws a finding the way compilers do. Ends with an empty line.
pub(super) fn finding(finding: &Finding, style: Style) -> String {
    let mut text =
        format!("{style}{}[{}]{style:#}: {}\n", finding.severity(), finding.rule, harmless(&finding.message));
    let gutter = finding.at.as_ref().map_or(2, |place| place.line.to_string().len());
    if let Some(place) = &finding.at {
        text.push_str(&spot(place, gutter, style));
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

/// `text` with every character that could move a cursor, change a colour or reverse the reading direction
/// replaced by a visible one. What users put into their files must not be able to forge our output.
pub(crate) fn harmless(text: &str) -> String {
    let picture = |character: char| match character {
        '\u{00}'..='\u{1f}' => char::from_u32(0x2400 + character as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' => '\u{fffd}',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            '\u{fffd}'
        }
        other => other,
    };
    text.chars().map(picture).collect()
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
        finding(&Finding::new(Rule::DuplicateCustomId, message).at(place).with_help(help), Style::new())
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

    #[test]
    fn control_characters_cannot_forge_output() {
        assert_eq!(harmless("a\u{1b}[31m\r\n::error\u{202e}x"), "a␛[31m␍␊::error\u{fffd}x");
    }
}
