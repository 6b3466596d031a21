use std::fmt;

/// A pattern in which `*` stands for any characters, also for none, and everything else for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Glob(String);

/// Longer than anything that is matched by one: it keeps a match short.
const CHARACTERS_MAX: usize = 256;

impl Glob {
    /// Reads a pattern: 1 to 256 characters, none of them a control character.
    pub fn parse(text: &str) -> Option<Glob> {
        let length = text.chars().count();
        let plain = (1..=CHARACTERS_MAX).contains(&length) && !text.chars().any(char::is_control);
        plain.then(|| Glob(text.to_owned()))
    }

    /// Whether the whole of `text` is of this pattern.
    pub fn matches(&self, text: &str) -> bool {
        let (pattern, text) = (self.0.as_bytes(), text.as_bytes());
        let (mut at, mut next) = (0, 0);
        // Where the last `*` stands, and how much of the text it has taken.
        let mut star: Option<(usize, usize)> = None;
        while next < text.len() {
            match pattern.get(at) {
                Some(b'*') => {
                    star = Some((at, next));
                    at += 1;
                }
                Some(byte) if *byte == text[next] => (at, next) = (at + 1, next + 1),
                _ => {
                    let Some((place, taken)) = star else { return false };
                    star = Some((place, taken + 1));
                    (at, next) = (place + 1, taken + 1);
                }
            }
        }
        pattern[at..].iter().all(|byte| *byte == b'*')
    }

    /// How much it says: its characters without the `*`.
    pub fn specificity(&self) -> usize {
        self.0.chars().filter(|character| *character != '*').count()
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What anyone can see is right.
    fn slow(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(b'*'), _) => slow(&pattern[1..], text) || (!text.is_empty() && slow(pattern, &text[1..])),
            (Some(byte), Some(other)) => byte == other && slow(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    #[test]
    fn a_star_stands_for_anything() {
        let matches = |pattern: &str, text| Glob::parse(pattern).unwrap().matches(text);
        assert!(matches("claude-opus-*", "claude-opus-4-8"));
        assert!(matches("*", ""));
        assert!(matches("*-5-*", "claude-haiku-5-5-x"));
        assert!(!matches("claude-opus", "claude-opus-4-8"));
        assert!(!matches("opus*", "claude-opus-4-8"));
        assert!(!matches("Claude-*", "claude-opus-4-8"));
    }

    #[test]
    fn patterns_have_limits() {
        assert_eq!(Glob::parse(""), None);
        assert_eq!(Glob::parse("a\nb"), None);
        assert_eq!(Glob::parse(&"x".repeat(257)), None);
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_slow_one(pattern in "[ab*]{1,8}", text in "[ab]{0,10}") {
            let fast = Glob::parse(&pattern).unwrap().matches(&text);
            prop_assert_eq!(fast, slow(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
