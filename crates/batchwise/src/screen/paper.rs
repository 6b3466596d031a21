//! What screens are written on: how wide it is, and which characters it takes.

use std::env;
use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// How wide a screen is where nobody says.
const WIDTH: usize = 100;

/// Below that, tables would not fit; beyond, lines are hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=120;

static ASCII_ONLY: AtomicBool = AtomicBool::new(false);

/// How wide a screen may be: as `COLUMNS` says, or the terminal.
pub(crate) fn width() -> usize {
    told_width().unwrap_or(WIDTH)
}

/// The same where somebody says it: nothing where the text goes into a file or to another program.
pub(crate) fn told_width() -> Option<usize> {
    static KNOWN: OnceLock<Option<usize>> = OnceLock::new();
    *KNOWN.get_or_init(|| columns().map(|columns| columns.clamp(*WIDTHS.start(), *WIDTHS.end())))
}

fn columns() -> Option<usize> {
    let told = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    told.or_else(|| if io::stdout().is_terminal() { seen() } else { None })
}

/// From now on nothing but ASCII is shown.
pub(crate) fn take_ascii_only() {
    ASCII_ONLY.store(true, Ordering::Relaxed);
}

/// A text as it may be shown.
pub(crate) fn shown(text: String) -> String {
    if ASCII_ONLY.load(Ordering::Relaxed) { in_ascii(&text) } else { text }
}

/// A TOML file as it may be shown. What is not ASCII stands in its texts and comments only.
pub(crate) fn shown_toml(text: String) -> String {
    if !ASCII_ONLY.load(Ordering::Relaxed) {
        return text;
    }
    let escaped = |character: char| match character.is_ascii() {
        true => character.to_string(),
        false => format!("\\U{:08X}", u32::from(character)),
    };
    text.chars().map(escaped).collect()
}

/// A text in ASCII: what was cut ends with dots, everything else is escaped as Rust and JSON do it, more or less.
fn in_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '…' => ascii.push_str("..."),
            // The pictures of control characters, which stand for them everywhere else.
            '\u{2400}'..='\u{241f}' => {
                ascii.extend(
                    char::from_u32(u32::from(character) - 0x2400).into_iter().flat_map(char::escape_default),
                );
            }
            _ if character.is_ascii() => ascii.push(character),
            _ => ascii.extend(character.escape_unicode()),
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_says_the_same() {
        for (text, ascii) in [
            ("plain: $1,234.50\n", "plain: $1,234.50\n"),
            ("sha256 28fa…, and 5 more", "sha256 28fa..., and 5 more"),
            ("a␛[31m␊", "a\\u{1b}[31m\\n"),
            ("Zoë 漢", "Zo\\u{eb} \\u{6f22}"),
        ] {
            assert_eq!(in_ascii(text), ascii);
        }
    }
}
