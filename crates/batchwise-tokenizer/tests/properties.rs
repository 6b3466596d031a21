//! What holds for every text.

mod slow_counter;

use batchwise_tokenizer::{Version, count};
use proptest::prelude::*;
use proptest::sample::select;

/// A few characters of every kind that the rules tell apart, and what is close to them.
const TELLING: [&str; 58] = [
    "a",
    "b",
    "Z",
    "N",
    "é",
    "É",
    "ß",
    "Σ",
    "ς",
    "ı",
    "İ",
    "ǅ",
    "ª",
    "ⓐ",
    "word",
    "The",
    "NASA",
    " ",
    " ",
    " ",
    "  ",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\u{a0}",
    "\u{3000}",
    "\0",
    "\u{ad}",
    "'",
    "'s",
    "’",
    "’ll",
    "“",
    ".",
    ",",
    "--",
    "---",
    "</",
    "1",
    "12",
    "1234",
    "१",
    "०",
    "½",
    "²",
    "₂",
    "中",
    "文",
    "ー",
    "가",
    "😀",
    "\u{301}",
    "\u{323}",
    "\u{e4d}",
    "\u{e32}",
    "\u{11a8}",
    "\u{10ffff}",
];

fn telling_text() -> impl Strategy<Value = String> {
    prop::collection::vec(select(&TELLING[..]), 0..24).prop_map(|parts| parts.concat())
}

/// Runs whose lengths are around those at which the counter changes its way.
fn repetitive_text() -> impl Strategy<Value = String> {
    let run = (
        select(&TELLING[..]),
        select(vec![1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 128, 255, 256, 257]),
    );
    prop::collection::vec(run.prop_map(|(part, times)| part.repeat(times)), 1..4)
        .prop_map(|runs| runs.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![4 => telling_text(), 2 => repetitive_text(), 2 => any::<String>(), 1 => "[ -~\n]{0,80}", 1 => "[a-zA-Z' .,]{0,80}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_count_is_that_of_the_slow_counter(text in any_text()) {
        for version in Version::ALL {
            prop_assert_eq!(count(&text, version), slow_counter::count(&text, version), "{:?}", version);
        }
    }

    #[test]
    fn bytes_of_any_kind_are_counted(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        for version in Version::ALL {
            // At most the mark that begins the text, and for every byte a word of its own: three marks and the byte.
            prop_assert!(count(&text, version) <= 1 + 4 * text.len() as u64);
        }
    }

    #[test]
    fn what_was_counted_before_changes_nothing(texts in prop::collection::vec(any_text(), 1..8)) {
        for version in Version::ALL {
            let all = |texts: &[String]| texts.iter().map(|text| count(text, version)).collect::<Vec<u64>>();
            let warm = all(&texts);
            // A new thread remembers nothing.
            let cold: Vec<u64> = texts.iter().map(|text| in_a_new_thread(|| count(text, version))).collect();
            prop_assert_eq!(&warm, &cold);
            prop_assert_eq!(&warm, &all(&texts));
        }
    }

    #[test]
    fn a_blank_line_parts_what_is_counted_alone(before in "\\PC{0,40}", after in "\\PC{0,40}") {
        // Neither may reach into the blank line. The newer versions put nothing before a text, so anything may
        // stand after it; the older ones do, and a word takes that in.
        let before = format!("{before}.");
        let word = format!("word{after}");
        for version in Version::ALL {
            let whole = count(&format!("{before}\n\n{word}"), version);
            prop_assert_eq!(whole, count(&before, version) + 1 + count(&word, version), "{:?}", version);
        }
        let (whole, version) = (format!("{before}\n\n{after}-"), Version::Claude48);
        prop_assert_eq!(count(&whole, version), count(&before, version) + 1 + count(&format!("{after}-"), version));
    }
}

fn in_a_new_thread<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| scope.spawn(work).join().expect("counting does not panic"))
}

#[test]
fn threads_agree() {
    let texts: Vec<String> =
        (0..2_000).map(|n| format!("{} word{n} Übung {}", TELLING[n % 58], n * n)).collect();
    let total =
        || texts.iter().map(|text| Version::ALL.map(|version| count(text, version))).collect::<Vec<_>>();
    let expected = total();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(total)).collect();
        for thread in threads {
            assert_eq!(thread.join().expect("counting does not panic"), expected);
        }
    });
}
