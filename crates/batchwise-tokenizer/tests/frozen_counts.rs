//! A sample of the texts of `scripts/compare-ctok.py`, with the counts of ctok 1.3.0. `scripts/compare-ctok.py
//! --freeze` writes it.

use batchwise_tokenizer::{Version, count};
use serde_json::Value;

const VERSIONS: [(&str, Version); 3] =
    [("claude_3", Version::Claude3), ("claude_4_7", Version::Claude47), ("claude_4_8", Version::Claude48)];

#[test]
fn counts_are_those_of_ctok() {
    let mut texts = 0;
    let mut differences = Vec::new();
    for line in include_str!("data/ctok-counts.jsonl").lines() {
        let expected: Value = serde_json::from_str(line).expect("the sample is JSONL");
        let text = expected["text"].as_str().expect("each line has a text");
        for (field, version) in VERSIONS {
            let tokens = count(text, version);
            if expected[field] != tokens {
                differences.push(format!("{text:?} by {field}: {tokens}, should be {}", expected[field]));
            }
        }
        texts += 1;
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(texts > 2_900, "the sample has only {texts} texts");
}
