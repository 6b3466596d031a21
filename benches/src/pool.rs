use std::fs;

use serde_json::Value;

use crate::Dice;

/// How long a passage is at least, unless its text ends before.
const PASSAGE_BYTES: usize = 1_000;

/// Passages of the messages in some files of `examples/data`, drawn in random order, each once before any
/// comes again.
#[derive(Clone, Debug)]
pub struct Pool {
    passages: Vec<String>,
    next: usize,
    dice: Dice,
}

impl Pool {
    /// The passages of the named files, in an order that depends on `seed`.
    ///
    /// # Panics
    /// When a file is missing or is not JSONL.
    pub fn of(files: &[&str], seed: u64) -> Pool {
        let mut passages = Vec::new();
        for file in files {
            for line in example(file).lines() {
                let request: Value = serde_json::from_str(line).expect("examples are JSONL");
                collect(&request["params"]["messages"], &mut passages);
            }
        }
        assert!(!passages.is_empty(), "there is text in {files:?}");
        Pool { next: passages.len(), passages, dice: Dice::new(seed) }
    }

    /// `bytes` bytes of text, or up to three less. The text starts somewhere inside a passage, so that hardly
    /// any two are equal: a counter that remembers texts gains nothing.
    pub fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 2 * PASSAGE_BYTES);
        let skipped = self.dice.roll(100);
        let first = self.draw();
        text.push_str(&first[character_start(first, skipped.min(first.len() / 2))..]);
        while text.len() < bytes {
            text.push('\n');
            text.push_str(self.draw());
        }
        text.truncate(character_start(&text, bytes));
        text
    }

    fn draw(&mut self) -> &str {
        if self.next == self.passages.len() {
            self.dice.shuffle(&mut self.passages);
            self.next = 0;
        }
        self.next += 1;
        &self.passages[self.next - 1]
    }
}

/// The content of a file in `examples/data`.
pub(crate) fn example(name: &str) -> String {
    let path = format!("{}/../examples/data/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Cuts every text of a request's messages into passages of whole lines.
fn collect(value: &Value, passages: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let mut passage = String::new();
            for line in text.split_inclusive('\n') {
                passage.push_str(line);
                if passage.len() >= PASSAGE_BYTES {
                    passages.push(std::mem::take(&mut passage));
                }
            }
            // Roles, types and ids are strings, too.
            if passage.len() > 40 {
                passages.push(passage);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, passages)),
        Value::Object(members) => members.values().for_each(|value| collect(value, passages)),
        _ => (),
    }
}

/// The last start of a character at or before `at`.
fn character_start(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default()
}
