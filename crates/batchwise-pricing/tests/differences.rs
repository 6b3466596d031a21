//! What changes from one book to another.

use batchwise_pricing::{Change, PriceBook, SourceFile, diff};

/// The embedded book after `change` has rewritten its files.
fn book_with(change: impl Fn(&str, &str) -> Option<String>) -> PriceBook {
    let rewritten = batchwise_price_data::FILES.iter().filter_map(|(path, text)| {
        change(path, text).map(|text| SourceFile { path: (*path).to_owned(), text })
    });
    PriceBook::parse(&rewritten.collect::<Vec<_>>()).unwrap()
}

fn edited(file: &str, old: &str, new: &str) -> PriceBook {
    book_with(|path, text| {
        assert!(path != file || text.contains(old), "{old} is not in {file}");
        Some(if path == file { text.replacen(old, new, 1) } else { text.to_owned() })
    })
}

#[track_caller]
fn check_both_ways(a: &PriceBook, b: &PriceBook) -> String {
    let there = diff(a, b);
    let back: Vec<Change> = diff(b, a).into_iter().map(Change::reversed).collect();
    assert_eq!(there, back);
    there.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_book_equals_itself() {
    assert_eq!(diff(PriceBook::bundled(), PriceBook::bundled()), []);
    assert_eq!(diff(PriceBook::bundled(), &book_with(|_, text| Some(text.to_owned()))), []);
}

#[test]
fn prices_and_facts_are_compared() {
    let discounted = SourceFile {
        path: "contract.toml".to_owned(),
        text: "schema = 1\n[[model]]\nid = \"claude-haiku-5-5\"\ndiscount_percent = \"10\"".to_owned(),
    };
    let cheaper = PriceBook::bundled().overlaid(&[discounted]).unwrap();
    insta::assert_snapshot!(check_both_ways(PriceBook::bundled(), &cheaper), @r"
    claude-haiku-5-5: era 2026-10-07 source https://platform.claude.com/docs/en/about-claude/pricing -> https://platform.claude.com/docs/en/about-claude/pricing less 10% (contract.toml)
    claude-haiku-5-5: from 2026-10-07: standard input 0.1 -> 0.09
    claude-haiku-5-5: from 2026-10-07: standard cache_write_5m 0.125 -> 0.1125
    claude-haiku-5-5: from 2026-10-07: standard cache_write_1h 0.2 -> 0.18
    claude-haiku-5-5: from 2026-10-07: standard cache_read 0.01 -> 0.009
    claude-haiku-5-5: from 2026-10-07: standard output 0.5 -> 0.45
    claude-haiku-5-5: from 2026-10-07: batch input 0.05 -> 0.045
    claude-haiku-5-5: from 2026-10-07: batch cache_write_5m 0.0625 -> 0.05625
    claude-haiku-5-5: from 2026-10-07: batch cache_write_1h 0.1 -> 0.09
    claude-haiku-5-5: from 2026-10-07: batch cache_read 0.005 -> 0.0045
    claude-haiku-5-5: from 2026-10-07: batch output 0.25 -> 0.225
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: standard input 0.5 -> 0.45
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: standard cache_write_5m 0.625 -> 0.5625
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: standard cache_write_1h 1 -> 0.9
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: standard cache_read 0.05 -> 0.045
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: standard output 2.5 -> 2.25
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: batch input 0.25 -> 0.225
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: batch cache_write_5m 0.3125 -> 0.28125
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: batch cache_write_1h 0.5 -> 0.45
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: batch cache_read 0.025 -> 0.0225
    claude-haiku-5-5: from 2026-10-07, prompts over 100000: batch output 1.25 -> 1.125
    ");

    let limits = edited("limits.toml", "value = 100_000", "value = 50_000");
    insta::assert_snapshot!(
        check_both_ways(PriceBook::bundled(), &limits),
        @"book: limits.max_requests 100000 -> 50000"
    );

    let forgotten = edited("models/claude-opus-4-7.toml", "frame_tokens = 12\n", "");
    insta::assert_snapshot!(
        check_both_ways(PriceBook::bundled(), &forgotten),
        @"claude-opus-4-7: frame_tokens 12 -> (none)"
    );
}

#[test]
fn models_and_eras_come_and_go() {
    let without_fable =
        book_with(|path, text| (path != "models/claude-fable-5-2.toml").then(|| text.to_owned()));
    insta::assert_snapshot!(
        check_both_ways(&without_fable, PriceBook::bundled()),
        @"
    claude-fable-5-2: added
    claude-fable-5-2: prices from 2026-11-09 added
      standard: in 8 out 40 write 5m 10 write 1h 16 read 0.2
      batch: in 4 out 20 write 5m 5 write 1h 8 read 0.1
    "
    );

    let without_haiku =
        book_with(|path, text| (path != "models/claude-haiku-5-5.toml").then(|| text.to_owned()));
    insta::assert_snapshot!(check_both_ways(PriceBook::bundled(), &without_haiku), @"
    claude-haiku-5-5: removed
    claude-haiku-5-5: prices from 2026-10-07 removed
      standard: in 0.1 out 0.5 write 5m 0.125 write 1h 0.2 read 0.01
      batch: in 0.05 out 0.25 write 5m 0.0625 write 1h 0.1 read 0.005
      standard, prompts over 100000: in 0.5 out 2.5 write 5m 0.625 write 1h 1 read 0.05
      batch, prompts over 100000: in 0.25 out 1.25 write 5m 0.3125 write 1h 0.5 read 0.025
    ");

    let before_the_cut = book_with(|path, text| {
        let end = if path == "models/claude-sonnet-5-5.toml" { text.rfind("[[era]]") } else { None };
        Some(text[..end.unwrap_or(text.len())].to_owned())
    });
    insta::assert_snapshot!(
        check_both_ways(&before_the_cut, PriceBook::bundled()),
        @"
    claude-sonnet-5-5: prices from 2026-10-07 added
      standard: in 2 out 10 write 5m 2.5 write 1h 4 read 0.1
      batch: in 1 out 5 write 5m 1.25 write 1h 2 read 0.05
    "
    );
}
