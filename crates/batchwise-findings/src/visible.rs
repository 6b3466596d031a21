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

/// Whether a character cannot be seen, or changes how others are read: controls beyond ASCII, those of the reading direction,
/// joiners, soft hyphens, tags, and what is no character.
pub fn is_deceptive(character: char) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_cannot_forge_output() {
        assert_eq!(visible("a\u{1b}[31m\r\n::error\u{202e}x"), "a␛[31m␍␊::error\u{fffd}x");
    }
}
