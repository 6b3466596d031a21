use serde::Serialize;

/// `text` with every character that could move a cursor, change a colour or reverse the reading direction
/// replaced by a visible one. What users put into their files must not be able to forge our output.
pub fn visible(text: &str) -> String {
    let picture = |character: char| match character {
        '\u{00}'..='\u{1f}' => char::from_u32(0x2400 + character as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        other if is_deceptive(other) => '\u{fffd}',
        other => other,
    };
    text.chars().map(picture).collect()
}

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

/// Whether a character cannot be seen, or changes how others are read: controls beyond ASCII, those of the reading direction,
/// joiners, soft hyphens, tags, and what is no character.
fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// A message and what to do about it, as visible text on one line.
pub fn one_line(message: &str, help: Option<&str>) -> String {
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
    fn control_characters_cannot_forge_output() {
        assert_eq!(visible("a\u{1b}[31m\r\n::error\u{202e}x"), "a␛[31m␍␊::error\u{fffd}x");
    }

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
