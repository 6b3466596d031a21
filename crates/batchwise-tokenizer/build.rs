//! Turns the vocabulary files into tables that are used as they lie in the program.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the crate is pure; its build script reads, writes and tells cargo"
)]

#[path = "src/kind.rs"]
mod kind;
#[path = "src/mark.rs"]
mod mark;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use kind::{COST_SHIFT, Kind, REWRITTEN, THAI_APART, UNSURE};
use yada::builder::DoubleArrayBuilder;

/// The counter keeps so many costs at a time.
const PIECE_BYTES_MAX: usize = 255;

fn main() {
    println!("cargo::rerun-if-changed=vocabulary");
    println!("cargo::rerun-if-changed=src/kind.rs");
    println!("cargo::rerun-if-changed=src/mark.rs");
    let characters = read("characters.txt");
    for (name, quotes) in [("claude-3", "‘’“”"), ("claude-4.7", "")] {
        let pieces = pieces(&read(&format!("{name}.txt")));
        write(&format!("{name}.trie"), &trie(&pieces));
        write(&format!("{name}.characters"), &character_table(&characters, &pieces, quotes));
    }
}

fn read(name: &str) -> String {
    let folder = env::var("CARGO_MANIFEST_DIR").expect("cargo sets the folder of the crate");
    let path = Path::new(&folder).join("vocabulary").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(name: &str, bytes: &[u8]) {
    let path = PathBuf::from(env::var("OUT_DIR").expect("cargo sets the folder for output")).join(name);
    fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// The pieces as byte strings, sorted.
fn pieces(file: &str) -> BTreeSet<Vec<u8>> {
    file.lines()
        .map(unescaped)
        .inspect(|piece| assert!((1..=PIECE_BYTES_MAX).contains(&piece.len())))
        .collect()
}

fn unescaped(line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            bytes.extend(char.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        bytes.push(match chars.next() {
            Some('b') => mark::BEGIN,
            Some('e') => mark::END,
            Some('s') => mark::SHIFT,
            Some('c') => mark::CAPS,
            Some('n') => b'\n',
            Some('t') => b'\t',
            Some('_') => b' ',
            Some('\\') => b'\\',
            Some('x') => {
                let digits: String = chars.by_ref().take(2).collect();
                u8::from_str_radix(&digits, 16).unwrap_or_else(|_| panic!("`{line}`: two digits after \\x"))
            }
            _ => panic!("`{line}`: an unknown escape"),
        });
    }
    bytes
}

fn trie(pieces: &BTreeSet<Vec<u8>>) -> Vec<u8> {
    let keys: Vec<(&[u8], u32)> = pieces.iter().map(|piece| (piece.as_slice(), 1)).collect();
    DoubleArrayBuilder::build(&keys).expect("the pieces are sorted, distinct, and without NUL")
}

/// A byte for each character of the basic plane.
fn character_table(ranges: &str, pieces: &BTreeSet<Vec<u8>>, quotes: &str) -> Vec<u8> {
    let mut table = vec![Kind::Lone as u8; 0x1_0000];
    for line in ranges.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let code = |text| u32::from_str_radix(text, 16).unwrap_or_else(|_| panic!("`{line}`: no code point"));
        let kind = Kind::named(fields[2]).unwrap_or_else(|| panic!("`{line}`: no kind of character"));
        for char in (code(fields[0])..=code(fields[1])).filter_map(char::from_u32) {
            let rewritten = matches!(kind, Kind::Space | Kind::Dropped)
                || quotes.contains(char)
                || THAI_APART.starts_with(char);
            table[char as usize] = kind as u8
                | if fields.len() > 3 { UNSURE } else { 0 }
                | if rewritten { REWRITTEN } else { 0 }
                | if kind == Kind::Lone { (lone_cost(char, pieces) - 1) << COST_SHIFT } else { 0 };
        }
    }
    table
}

/// One token where the character is a piece; else the longest prefix that is one, and a token for each byte
/// after it.
fn lone_cost(char: char, pieces: &BTreeSet<Vec<u8>>) -> u8 {
    let mut buffer = [0; 4];
    let bytes = char.encode_utf8(&mut buffer).as_bytes();
    let longest = (1..=bytes.len()).rev().find(|&end| pieces.contains(&bytes[..end])).unwrap_or(1);
    u8::try_from(1 + bytes.len() - longest).expect("a character has few bytes")
}
