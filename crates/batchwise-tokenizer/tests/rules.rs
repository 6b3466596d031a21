//! One table for each rule. The numbers are those of ctok 1.3.0, without what a message costs beside its text.

use batchwise_tokenizer::{Version, count};

#[track_caller]
fn check(text: &str, expected: [u64; 3]) {
    assert_eq!(Version::ALL.map(|version| count(text, version)), expected, "{text:?}");
}

#[test]
fn words_take_the_space_before_them() {
    check("hello, world", [3, 4, 4]);
    check("the", [1, 1, 1]);
    check("a b", [2, 2, 2]);
    check("a  b", [3, 3, 3]);
    check("a\tb", [3, 3, 3]);
    check("a ", [2, 2, 2]);
}

#[test]
fn only_the_newest_version_puts_nothing_before_the_text() {
    check("", [1, 1, 0]);
    check(" a", [1, 1, 2]);
    check("\u{a0}a", [2, 2, 2]);
    check("1", [2, 2, 1]);
    check("中", [2, 2, 1]);
}

#[test]
fn capitals_are_marks() {
    check("The", [1, 1, 1]);
    check("THE", [1, 2, 2]);
    check("NASA", [1, 3, 3]);
    check("NASA likes tokenizers", [4, 10, 10]);
    check("camelCase", [3, 4, 4]);
    check("snake_case", [3, 4, 4]);
    check("SNAKE_CASE", [5, 9, 9]);
    check("Straße", [3, 3, 3]);
    check("STRASSE", [3, 5, 5]);
    check("İstanbul", [3, 5, 5]);
    check("ΣΊΣΥΦΟΣ", [9, 16, 16]);
    check("Ǆ", [5, 5, 5]);
    check("ǅ", [4, 4, 4]);
}

#[test]
fn endings_belong_to_their_apostrophe() {
    check("don't", [2, 2, 2]);
    check("don't stop", [3, 4, 4]);
    check("DON'T", [4, 4, 4]);
    check("'tis", [4, 4, 3]);
}

#[test]
fn the_older_version_straightens_quotes() {
    check("don’t", [2, 3, 3]);
    check("\"quoted\"", [3, 5, 5]);
    check("“quoted”", [3, 5, 5]);
}

#[test]
fn three_digits_are_a_token() {
    check("12", [2, 2, 1]);
    check("123", [2, 2, 1]);
    check("1234", [3, 3, 2]);
    check("1 2", [4, 4, 3]);
    check("3.14", [4, 4, 3]);
}

#[test]
fn numbers_of_two_kinds_have_no_marks() {
    check("½", [2, 2, 1]);
    check("१½", [2, 2, 2]);
    check(" १½", [2, 2, 3]);
    check("\u{a0}१½", [3, 3, 3]);
    check("१². ", [3, 3, 3]);
}

#[test]
fn line_feeds_at_the_end_join_the_two_that_follow() {
    check("a\nb", [3, 3, 3]);
    check("a\n\nb", [3, 3, 3]);
    check("a\n", [1, 1, 1]);
    check(&format!("a{}", "\n".repeat(14)), [1, 1, 1]);
    check(&format!("a{}", "\n".repeat(15)), [1, 2, 2]);
    check(&format!("a{}", "\n".repeat(30)), [1, 1, 1]);
}

#[test]
fn texts_are_cleaned() {
    check("a\u{a0}b", [2, 2, 2]);
    check("a\r\nb", [3, 3, 3]);
    check("a\0b", [2, 2, 2]);
    check("a\u{200b}b", [3, 3, 3]);
    check("a\u{feff}b", [5, 5, 5]);
    check("e\u{301}", [1, 1, 1]);
    check("é", [1, 1, 1]);
    check("\u{1100}\u{1161}", [2, 2, 1]);
    check("가", [2, 2, 1]);
    check("ก\u{e4d}\u{e32}", [3, 3, 3]);
    check("ก\u{e33}", [3, 3, 3]);
}

#[test]
fn ideographs_and_emoji_stand_alone() {
    check("中文", [3, 3, 2]);
    check("中 文", [4, 4, 3]);
    check("😀", [3, 3, 2]);
    check("👩\u{200d}💻", [7, 7, 6]);
    check("🇩🇪", [7, 7, 6]);
}

#[test]
fn other_scripts() {
    check("שָׁלוֹם", [9, 9, 9]);
    check("नमस्ते", [6, 6, 6]);
}

#[test]
fn signs_run_together() {
    check("----", [2, 2, 1]);
    check(&"-".repeat(100), [3, 18, 17]);
    check("...", [1, 2, 1]);
    check("</div>", [3, 3, 3]);
}

#[test]
fn a_megabyte_of_one_character_is_counted() {
    let megabyte =
        |char: char, expected| check(&char.to_string().repeat(1_000_000 / char.len_utf8()), expected);
    megabyte('a', [333_335, 1_000_000, 1_000_000]);
    megabyte('A', [333_336, 1_000_000, 1_000_000]);
    megabyte('e', [500_001, 999_999, 999_999]);
    megabyte('é', [250_001, 250_001, 250_001]);
    megabyte('-', [15_626, 166_668, 166_667]);
    megabyte('=', [15_626, 62_501, 62_500]);
    megabyte('.', [7_814, 62_501, 62_500]);
    megabyte(' ', [62_500, 62_500, 62_500]);
    megabyte('\n', [7_814, 31_251, 31_250]);
    megabyte('0', [333_335, 333_335, 333_334]);
    megabyte('中', [333_334, 333_334, 333_333]);
    megabyte('😀', [500_001, 500_001, 500_000]);
}
