//! How often memory is asked for.

use allocation_counter::measure;
use batchwise_tokenizer::{Version, count};

const TEXT: &str = "Dear Sir or Madam,\n\nI don't know what \"internationalization\" costs: 1,234.50 or 99?\n\
    | a | b |\n|-----|------------------------|\n    let x = HashMap::<String, Vec<u8>>::new();  // NASA!!!!!!!?\n\n";

#[test]
fn a_clean_text_that_is_counted_again_needs_no_memory() {
    for version in Version::ALL {
        let text = TEXT.repeat(50);
        let cold = count(&text, version);
        let mut warm = 0;
        let asked = measure(|| warm = count(&text, version));
        assert_eq!(warm, cold);
        assert_eq!(asked.count_total, 0, "{version:?}");
    }
}

#[test]
fn new_words_need_no_memory_of_their_own() {
    for version in Version::ALL {
        count(TEXT, version);
        let text: String = (0..20_000).map(|n| format!("w{} ", letters(n))).collect();
        assert_eq!(measure(|| _ = count(&text, version)).count_total, 0, "{version:?}");
    }
}

#[test]
fn a_text_that_must_be_cleaned_is_copied_once_or_twice() {
    for version in Version::ALL {
        let text = "Ein schöner\u{a0}Tag, “sagte” er. ".repeat(5_000);
        count(&text, version);
        let asked = measure(|| _ = count(&text, version));
        assert!(asked.count_total <= 2, "{version:?}: {}", asked.count_total);
    }
}

/// A number in letters.
fn letters(number: u32) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}
