/// Kinds of characters that tokenizers treat alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Script {
    /// ASCII and Latin letters.
    Latin,
    /// Latin letters in a text with many accents, which is therefore hardly English.
    Accented,
    /// Chinese, Japanese and Korean.
    EastAsian,
    /// Pictures.
    Emoji,
    /// Arrows, mathematics, box drawing.
    Symbol,
    /// Every other script: Cyrillic, Greek, Arabic, Devanagari, Thai and so on.
    Other,
    /// One Latin letter over and over, for which vocabularies have words of very different lengths.
    Repeat,
}

/// From how many equal letters on they are a [`Script::Repeat`].
const REPEAT_LETTERS_MIN: usize = 32;

impl Script {
    pub(crate) const COUNT: usize = 7;

    /// The position of the script in a table.
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// The script of a character, or `None` where it goes along with its neighbours: spaces, digits,
    /// punctuation and marks that all scripts share.
    fn of(character: char) -> Option<Script> {
        match character {
            'A'..='Z' | 'a'..='z' => Some(Script::Latin),
            '\0'..='\u{7F}' => None,
            '\u{80}'..='\u{BF}' | '\u{D7}' | '\u{F7}' => None,
            '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => Some(Script::Latin),
            '\u{300}'..='\u{36F}' | '\u{2000}'..='\u{20CF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' => None,
            '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}' => Some(Script::Emoji),
            '\u{2100}'..='\u{2BFF}' => Some(Script::Symbol),
            '\u{1100}'..='\u{11FF}'
            | '\u{2E80}'..='\u{A4CF}'
            | '\u{AC00}'..='\u{D7FF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FE30}'..='\u{FE4F}'
            | '\u{FF00}'..='\u{FFEF}'
            | '\u{20000}'..='\u{3FFFF}' => Some(Script::EastAsian),
            _ => Some(Script::Other),
        }
    }
}

/// Whether `text` is probably not English: it has letters of another script, or many accents.
pub(crate) fn is_foreign(text: &str) -> bool {
    let other = |character| matches!(Script::of(character), Some(Script::EastAsian | Script::Other));
    !text.is_ascii() && (text.chars().any(other) || has_many_accents(text))
}

/// Whether at least one in a hundred Latin letters has an accent: 1 to 2 in German, 2 to 4 in Spanish and
/// French, next to none in English.
pub(crate) fn has_many_accents(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let (mut letters, mut accents) = (0_usize, 0_usize);
    for character in text.chars().filter(|&character| Script::of(character) == Some(Script::Latin)) {
        letters += 1;
        accents += usize::from(!character.is_ascii());
    }
    accents > 0 && accents * 100 >= letters
}

/// Cuts `text` into runs of one script, in order. Characters that all scripts share stay with the run
/// before them.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = (Script, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if rest.is_ascii() {
            return Some((Script::Latin, std::mem::take(&mut rest)));
        }
        let mut script = None;
        let mut end = rest.len();
        for (at, character) in rest.char_indices() {
            match (script, Script::of(character)) {
                (Some(current), Some(next)) if current != next => {
                    end = at;
                    break;
                }
                (None, next) => script = next,
                _ => (),
            }
        }
        let (run, after) = rest.split_at(end);
        rest = after;
        Some((script.unwrap_or(Script::Latin), run))
    })
}

/// Cuts `text` where one letter starts or stops to repeat, and says of each part whether it does.
pub(crate) fn repeats(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (at, length) = first_repeat(rest.as_bytes()).unwrap_or((rest.len(), 0));
        let (part, after) = rest.split_at(if at == 0 { length } else { at });
        rest = after;
        Some((at == 0, part))
    })
}

/// Where the first repeat starts, and how long it is.
fn first_repeat(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut at = 0;
    for equal in bytes.chunk_by(|a, b| a == b) {
        if equal.len() >= REPEAT_LETTERS_MIN && equal[0].is_ascii_alphabetic() {
            return Some((at, equal.len()));
        }
        at += equal.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(Script, &str)]) {
        assert_eq!(runs(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn runs_change_with_the_script() {
        check("", &[]);
        check("12, (34)", &[(Script::Latin, "12, (34)")]);
        check("“Café” – naïve", &[(Script::Latin, "“Café” – naïve")]);
        check("a 語、語 b", &[(Script::Latin, "a "), (Script::EastAsian, "語、語 "), (Script::Latin, "b")]);
        check("Привет, мир! 12", &[(Script::Other, "Привет, мир! 12")]);
        check("12 мир", &[(Script::Other, "12 мир")]);
        check(
            "x → y 🎉",
            &[(Script::Latin, "x "), (Script::Symbol, "→ "), (Script::Latin, "y "), (Script::Emoji, "🎉")],
        );
    }

    #[test]
    fn repeats_are_set_apart() {
        let (many, few) = ("a".repeat(32), "a".repeat(31));
        let check = |text: &str, expected: &[(bool, &str)]| {
            assert_eq!(repeats(text).collect::<Vec<_>>(), expected);
        };
        check("", &[]);
        check(&few, &[(false, &few)]);
        check(&many, &[(true, &many)]);
        check(&format!("x{many}é"), &[(false, "x"), (true, &many), (false, "é")]);
        check(&"-".repeat(80), &[(false, &"-".repeat(80))]);
    }

    #[test]
    fn foreign_text_is_told_by_its_letters() {
        for (text, expected) in [
            ("", false),
            ("plain", false),
            ("“quoted” → 🎉 3 × 4", false),
            (
                &format!("Pokémon {}", "is one word with an accent among many that have none. ".repeat(3)),
                false,
            ),
            ("¡Hola! ¿Cómo estás?", true),
            ("Die Rechnung ist noch nicht geprüft.", true),
            ("a語", true),
            ("мир", true),
        ] {
            assert_eq!(is_foreign(text), expected, "{text}");
        }
    }
}
