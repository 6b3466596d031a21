/// A message without what differs from request to request: numbers become `#`, and what stands in quotation marks or
/// backticks `…`. Messages of one shape say the same. Long ones are cut.
pub fn message_shape(message: &str) -> String {
    let mut shape = String::new();
    let mut kept = 0;
    let mut rest = message;
    while let Some(first) = rest.chars().next().filter(|_| kept < SHAPE_CHARACTERS_MAX) {
        let (length, alike) = piece(rest, shape.chars().next_back());
        match alike {
            Some(alike) => shape.push_str(&alike),
            None => shape.push(first),
        }
        rest = &rest[length..];
        kept += 1;
    }
    if !rest.is_empty() {
        shape.push('…');
    }
    shape
}

/// The longest shape, in characters and pieces.
const SHAPE_CHARACTERS_MAX: usize = 200;

/// How many bytes the next piece has, and what stands for it, if something does.
fn piece(rest: &str, before: Option<char>) -> (usize, Option<String>) {
    let first = rest.chars().next().expect("there is a piece");
    if first.is_ascii_digit() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | ','));
        let number = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',']);
        return (number.len(), Some("#".to_owned()));
    }
    // An apostrophe within a word opens nothing.
    if matches!(first, '\'' | '"' | '`')
        && !before.is_some_and(char::is_alphanumeric)
        && let Some(length) = quoted(rest, first)
    {
        return (length, Some(format!("{first}…{first}")));
    }
    (first.len_utf8(), None)
}

/// The length of a quoted text with its marks, when it has an end.
fn quoted(rest: &str, mark: char) -> Option<usize> {
    let mut ends = rest.match_indices(mark).skip(1);
    let is_end = |end: &usize| !rest[end + 1..].starts_with(char::is_alphanumeric);
    ends.find_map(|(end, _)| Some(end).filter(is_end)).map(|end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_left_out() {
        for (message, shape) in [
            ("messages: Field required", "messages: Field required"),
            (
                "max_tokens: 9999999 > 64,000, which is the maximum for claude-haiku-4-5-20251001",
                "max_tokens: # > #, which is the maximum for claude-haiku-#-#-#",
            ),
            ("Tool 'does_not_exist' not found in provided tools", "Tool '…' not found in provided tools"),
            ("\"stream=True\" is not supported, see `stream`.", "\"…\" is not supported, see `…`."),
            ("requests: custom_id's must be 'a's'", "requests: custom_id's must be '…'"),
            ("tools.0.web_fetch_20250910._type: 1.5.", "tools.#.web_fetch_#._type: #."),
            ("an 'open end", "an 'open end"),
            ("", ""),
        ] {
            assert_eq!(message_shape(message), shape);
        }
    }

    #[test]
    fn long_messages_are_cut() {
        assert_eq!(message_shape(&"é".repeat(1_000)).chars().count(), SHAPE_CHARACTERS_MAX + 1);
        assert_eq!(message_shape(&"7".repeat(1_000)), "#");
    }
}
