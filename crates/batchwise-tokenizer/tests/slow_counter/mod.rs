//! The rules of counting once more, as slow and as plain as they can be written: a list of parts, the stream of
//! all of them, and every way to cut the stream into pieces. Nothing here is shared with the crate but the
//! vocabulary files.

use std::collections::HashSet;
use std::sync::LazyLock;

use batchwise_tokenizer::Version;
use unicode_normalization::UnicodeNormalization;

/// A byte, or one of the marks.
type Atom = u16;

const BEGIN: Atom = 256;
const END: Atom = 257;
const SHIFT: Atom = 258;
const CAPS: Atom = 259;

const PIECE_ATOMS_MAX: usize = 255;

const CONTRACTIONS: [&str; 7] = ["'s", "'t", "'d", "'m", "'re", "'ve", "'ll"];

static CLAUDE_3: LazyLock<HashSet<Vec<Atom>>> =
    LazyLock::new(|| pieces(include_str!("../../vocabulary/claude-3.txt")));
static CLAUDE_47: LazyLock<HashSet<Vec<Atom>>> =
    LazyLock::new(|| pieces(include_str!("../../vocabulary/claude-4.7.txt")));
static CHARACTERS: LazyLock<Vec<&str>> =
    LazyLock::new(|| characters(include_str!("../../vocabulary/characters.txt")));

/// What stands together in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Word(String),
    /// Signs between which no blank stands.
    Signs(String),
    /// An apostrophe right before a word.
    Apostrophe,
    /// An apostrophe and an ending like `s`.
    Contraction(&'static str),
    /// Digits and other numbers side by side, but not 0 to 9.
    Numbers(String),
    /// Spaces, tabs and line feeds.
    Blanks(String),
    /// A character that stands for itself: 0 to 9, ideographs, emoji.
    Lone(char),
}

/// What `count` should say.
pub(crate) fn count(text: &str, version: Version) -> u64 {
    let cleaned = clean(text, version);
    let body = cleaned.trim_end_matches('\n');
    let line_feeds = cleaned.len() - body.len();
    let pieces = if version == Version::Claude3 { &*CLAUDE_3 } else { &*CLAUDE_47 };
    let tokens = fewest(&stream(text, body, version), pieces);
    // Two line feeds follow every text and are one token that does not belong to it.
    tokens + fewest(&vec![Atom::from(b'\n'); line_feeds + 2], pieces) - 1
}

fn clean(text: &str, version: Version) -> String {
    let clean = text.nfc().filter_map(|char| match (char, kind(char)) {
        (_, "space") => Some(' '),
        (_, "dropped") => None,
        ('‘' | '’', _) if version == Version::Claude3 => Some('\''),
        ('“' | '”', _) if version == Version::Claude3 => Some('"'),
        _ => Some(char),
    });
    clean.collect::<String>().replace("\u{E4D}\u{E32}", "\u{E33}")
}

// Parts

fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (part, length) = first_part(rest);
        rest = &rest[length..];
        match (parts.last_mut(), part) {
            (Some(Part::Signs(signs)), Part::Signs(more)) => signs.push_str(&more),
            (_, part) => parts.push(part),
        }
    }
    glue_apostrophes(parts)
}

fn first_part(text: &str) -> (Part, usize) {
    let char = text.chars().next().expect("there is some text");
    let run = |belongs: fn(char) -> bool| {
        let run: String = text.chars().take_while(|char| belongs(*char)).collect();
        let length = run.len();
        (run, length)
    };
    if is_blank(char) {
        let (blanks, length) = run(is_blank);
        (Part::Blanks(blanks), length)
    } else if is_letter(char) {
        let (word, length) = run(is_letter);
        (Part::Word(word), length)
    } else if is_number(char) {
        let (numbers, length) = run(is_number);
        let mixed = numbers.chars().any(|char| kind(char) != kind(numbers.chars().next().unwrap_or(' ')));
        (if mixed { Part::Numbers(numbers) } else { Part::Signs(numbers) }, length)
    } else if kind(char) == "sign" {
        (Part::Signs(char.into()), char.len_utf8())
    } else {
        (Part::Lone(char), char.len_utf8())
    }
}

fn glue_apostrophes(parts: Vec<Part>) -> Vec<Part> {
    let mut glued: Vec<Part> = Vec::new();
    for part in parts {
        match (glued.last_mut(), part) {
            (Some(last), Part::Word(word)) if *last == Part::Signs("'".into()) => {
                match CONTRACTIONS.into_iter().find(|contraction| contraction[1..] == word) {
                    Some(contraction) => *last = Part::Contraction(contraction),
                    None => {
                        *last = Part::Apostrophe;
                        glued.push(Part::Word(word));
                    }
                }
            }
            (_, part) => glued.push(part),
        }
    }
    glued
}

fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n')
}

fn is_letter(char: char) -> bool {
    matches!(kind(char), "letter" | "upper" | "title" | "unpaired" | "neutral")
}

fn is_number(char: char) -> bool {
    matches!(kind(char), "digit" | "number")
}

// The stream

fn stream(raw: &str, body: &str, version: Version) -> Vec<Atom> {
    let parts = parts(body);
    let mut atoms = Vec::new();
    let own_space = body.starts_with(' ');
    let space_first = version != Version::Claude48 && (!own_space || raw.starts_with(' '));
    if space_first && !own_space {
        match parts.first() {
            Some(Part::Word(_) | Part::Signs(_)) => (),
            Some(Part::Apostrophe | Part::Contraction(_)) => push_text(&mut atoms, " "),
            _ => atoms.push(BEGIN),
        }
    }
    for (at, part) in parts.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &parts[before]);
        let after = parts.get(at + 1);
        match part {
            Part::Word(word) => push_word(&mut atoms, word, version),
            Part::Signs(signs) => {
                let begins = match before {
                    Some(Part::Blanks(blanks)) => blanks.ends_with(' '),
                    None => space_first,
                    _ => false,
                };
                let ends = matches!(after, Some(Part::Blanks(blanks))
                    if blanks.starts_with(' ') && !blanks.starts_with("  "));
                atoms.extend(begins.then_some(BEGIN));
                push_text(&mut atoms, signs);
                atoms.extend(ends.then_some(END));
            }
            Part::Apostrophe => push_text(&mut atoms, "'"),
            Part::Contraction(contraction) => {
                push_text(&mut atoms, contraction);
                atoms.push(END);
            }
            Part::Blanks(blanks) if blanks == " " => match (before, after) {
                (before, Some(Part::Word(_) | Part::Signs(_))) if before.map_or(space_first, has_end) => (),
                (None, Some(Part::Numbers(_))) if space_first => atoms.push(BEGIN),
                _ => push_text(&mut atoms, " "),
            },
            Part::Blanks(blanks) => push_text(&mut atoms, blanks),
            Part::Numbers(numbers) => push_text(&mut atoms, numbers),
            Part::Lone(char) => push_text(&mut atoms, &char.to_string()),
        }
    }
    atoms
}

/// Whether a single space after the part can be its end.
fn has_end(part: &Part) -> bool {
    matches!(part, Part::Word(_) | Part::Signs(_) | Part::Apostrophe | Part::Contraction(_))
}

fn push_text(atoms: &mut Vec<Atom>, text: &str) {
    atoms.extend(text.bytes().map(Atom::from));
}

fn push_word(atoms: &mut Vec<Atom>, word: &str, version: Version) {
    let kinds: Vec<&str> = word.chars().map(kind).collect();
    let is_capitals = version == Version::Claude3
        && kinds.len() >= 4
        && kinds.contains(&"upper")
        && kinds.iter().all(|kind| matches!(*kind, "upper" | "neutral"));
    let is_capitalised =
        kinds[0] == "upper" && !kinds[1..].iter().any(|kind| matches!(*kind, "upper" | "unpaired"));
    match (is_capitals, is_capitalised) {
        (true, _) => atoms.extend([CAPS, BEGIN]),
        (false, true) => atoms.extend([SHIFT, BEGIN]),
        (false, false) => atoms.push(BEGIN),
    }
    for char in word.chars() {
        match char.to_lowercase().next() {
            Some(small) if (is_capitals || is_capitalised) && matches!(kind(char), "upper" | "title") => {
                push_text(atoms, &small.to_string());
            }
            _ => push_text(atoms, &char.to_string()),
        }
    }
    atoms.push(END);
}

// Pieces

/// The fewest pieces that make up the stream; a single atom is a piece at need.
fn fewest(stream: &[Atom], pieces: &HashSet<Vec<Atom>>) -> u64 {
    let mut costs = vec![0; stream.len() + 1];
    for end in 1..=stream.len() {
        costs[end] = (end.saturating_sub(PIECE_ATOMS_MAX)..end)
            .filter(|&start| end - start == 1 || pieces.contains(&stream[start..end]))
            .map(|start| costs[start] + 1)
            .min()
            .expect("a single atom is a piece");
    }
    costs[stream.len()]
}

fn pieces(file: &str) -> HashSet<Vec<Atom>> {
    file.lines().map(piece).collect()
}

fn piece(line: &str) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let mut rest = line;
    while let Some(char) = rest.chars().next() {
        let (atom, length) = match rest.as_bytes() {
            [b'\\', b'b', ..] => (BEGIN, 2),
            [b'\\', b'e', ..] => (END, 2),
            [b'\\', b's', ..] => (SHIFT, 2),
            [b'\\', b'c', ..] => (CAPS, 2),
            [b'\\', b'n', ..] => (Atom::from(b'\n'), 2),
            [b'\\', b't', ..] => (Atom::from(b'\t'), 2),
            [b'\\', b'_', ..] => (Atom::from(b' '), 2),
            [b'\\', b'\\', ..] => (Atom::from(b'\\'), 2),
            [b'\\', b'x', ..] => (Atom::from_str_radix(&rest[2..4], 16).expect("two digits"), 4),
            _ => {
                push_text(&mut atoms, &char.to_string());
                rest = &rest[char.len_utf8()..];
                continue;
            }
        };
        atoms.push(atom);
        rest = &rest[length..];
    }
    atoms
}

// Characters

/// How the vocabulary files call what a character is to the tokenizer.
fn kind(char: char) -> &'static str {
    CHARACTERS.get(char as usize).copied().unwrap_or("lone")
}

/// The kinds of the characters of the basic plane.
fn characters(file: &'static str) -> Vec<&'static str> {
    let mut kinds = vec!["lone"; 0x1_0000];
    for line in file.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let code = |text| usize::from_str_radix(text, 16).expect("a code point");
        kinds[code(fields[0])..=code(fields[1])].fill(fields[2]);
    }
    kinds
}
