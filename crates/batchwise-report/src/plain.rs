use batchwise_findings::{is_deceptive, visible};
use serde::Serialize;

/// A value as indented JSON with one newline at the end, in which characters that do something to a terminal are escaped.
/// Whoever reads it gets the exact text back.
pub(crate) fn json(value: &impl Serialize) -> String {
    let json = serde_json::to_string_pretty(value).expect("what is reported is always JSON");
    let mut escaped = String::with_capacity(json.len() + 1);
    for character in json.chars() {
        match character {
            other if is_deceptive(other) || other == '\u{7f}' => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            }
            other => escaped.push(other),
        }
    }
    escaped.push('\n');
    escaped
}

/// A message and what to do about it, as visible text on one line.
pub(crate) fn one_line(message: &str, help: Option<&str>) -> String {
    let mut text = visible(message);
    if let Some(help) = help {
        text.push_str(": ");
        text.push_str(&visible(help));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_without_harm() {
        let text = "\u{9b}31m\u{7f}\u{202e}\n\"é\u{e0041}";
        let shown = json(&text);
        assert_eq!(shown, "\"\\u009b31m\\u007f\\u202e\\n\\\"é\\udb40\\udc41\"\n");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }

    #[test]
    fn help_follows_the_message() {
        assert_eq!(one_line("it is bad", Some("mend it\n")), "it is bad: mend it␊");
        assert_eq!(one_line("it is bad", None), "it is bad");
    }
}
