/// Where in `raw`, the inside of a JSON string as it is written, the byte `offset` of the unescaped text comes from. The
/// end of `raw`, where the text is not so long.
pub(crate) fn raw_offset(raw: &str, offset: usize) -> usize {
    let (mut at, mut unescaped) = (0, 0);
    while unescaped < offset && at < raw.len() {
        let (written, meant) = character(&raw[at..]);
        at += written;
        unescaped += meant;
    }
    at.min(raw.len())
}

/// How many bytes the first character of `raw` has as it is written, and as it is meant.
fn character(raw: &str) -> (usize, usize) {
    let first = raw.chars().next().map_or(1, char::len_utf8);
    match raw.as_bytes().get(..2) {
        Some(b"\\u") => match unit(raw, 2) {
            0xd800..0xdc00 => (12, 4),
            0..0x80 => (6, 1),
            0x80..0x800 => (6, 2),
            _ => (6, 3),
        },
        Some([b'\\', _]) => (2, 1),
        _ => (first, first),
    }
}

fn unit(raw: &str, at: usize) -> u32 {
    raw.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_the_text_is_found() {
        let raw = r#"a\"é\u00e9\u0041\n\u20ac\ud83d\ude00€z"#;
        let text: String = serde_json::from_str(&format!("\"{raw}\"")).unwrap();
        let found: Vec<&str> = text
            .char_indices()
            .map(|(offset, char)| {
                let ends = [offset, offset + char.len_utf8()].map(|offset| raw_offset(raw, offset));
                &raw[ends[0]..ends[1]]
            })
            .collect();
        assert_eq!(
            found,
            ["a", "\\\"", "é", "\\u00e9", "\\u0041", "\\n", "\\u20ac", "\\ud83d\\ude00", "€", "z"]
        );
        assert_eq!(raw_offset(raw, 1_000), raw.len());
    }
}
