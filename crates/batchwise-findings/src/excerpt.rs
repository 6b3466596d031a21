use std::ops::Range;

/// A short piece of a line around the spot a finding points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, at most about 90 bytes, exactly as in the file except that bytes that are no UTF-8
    /// became U+FFFD. May hold control characters: whoever shows it must make them harmless.
    pub text: String,
    /// The marked bytes of `text`.
    pub marked: Range<usize>,
    /// Whether the line goes on before `text`.
    pub cut_before: bool,
    /// Whether the line goes on after `text`.
    pub cut_after: bool,
}

/// How much of the line is kept before the mark, and from the mark on.
const BEFORE: usize = 24;
const AFTER: usize = 60;

impl Excerpt {
    /// Cuts a window around `spot` out of `line`.
    pub fn around(line: &[u8], spot: Range<usize>) -> Excerpt {
        let spot = spot.start.min(line.len())..spot.end.min(line.len());
        let start = boundary_before(line, spot.start.saturating_sub(BEFORE));
        let end = boundary_before(line, line.len().min(spot.start + AFTER)).max(spot.start);
        let before = String::from_utf8_lossy(&line[start..spot.start]);
        let inside = String::from_utf8_lossy(&line[spot.start..spot.end.min(end).max(spot.start)]);
        let after = String::from_utf8_lossy(&line[spot.end.min(end).max(spot.start)..end]);
        Excerpt {
            marked: before.len()..before.len() + inside.len(),
            text: format!("{before}{inside}{after}"),
            cut_before: start > 0,
            cut_after: end < line.len(),
        }
    }
}

/// The nearest start of a UTF-8 character at or before `index`.
fn boundary_before(line: &[u8], index: usize) -> usize {
    let continues = |at: usize| line.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    (index.saturating_sub(3)..=index).rev().find(|&at| !continues(at)).unwrap_or(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_stay_whole() {
        let excerpt = Excerpt::around(b"{\"custom_id\":7}", 13..14);
        assert_eq!(excerpt.text, "{\"custom_id\":7}");
        assert_eq!(&excerpt.text[excerpt.marked.clone()], "7");
        assert!(!excerpt.cut_before && !excerpt.cut_after);
    }

    #[test]
    fn long_lines_are_cut_at_characters() {
        let line = "é".repeat(1000);
        let excerpt = Excerpt::around(line.as_bytes(), 1000..1002);
        assert_eq!(&excerpt.text[excerpt.marked.clone()], "é");
        assert!(excerpt.cut_before && excerpt.cut_after);
        assert!(excerpt.text.chars().all(|character| character == 'é'));
    }

    #[test]
    fn marks_beyond_the_end_and_broken_bytes_do_no_harm() {
        let excerpt = Excerpt::around(b"ab\xff", 2..99);
        assert_eq!(&excerpt.text[excerpt.marked.clone()], "\u{fffd}");
        assert_eq!(Excerpt::around(b"", 5..9).text, "");
    }
}
