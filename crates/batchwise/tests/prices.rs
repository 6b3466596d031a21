//! `batchwise prices` as a user runs it.

mod common;

use common::Folder;
use insta::assert_snapshot;

fn prices(arguments: &str) -> common::Run {
    Folder::new().run(&format!("prices {arguments}"))
}

#[test]
fn the_list_of_a_day() {
    let list = prices("list --as-of 2026-11-21");
    assert_eq!(list.code, 0);
    assert!(list.stdout.lines().all(|line| line.chars().count() <= 100));
    assert_snapshot!(list.stdout.lines().skip(2).take(6).collect::<Vec<_>>().join("\n"), @"
    model                       status       in  out  batch in   out  write 5m  write 1h   read
    claude-fable-5-2            active        8   40         4    20         5         8    0.1
    claude-fable-5-1            legacy       10   50         5    25      6.25        10  0.125
    claude-fable-5              legacy       10   50         5    25      6.25        10    0.5
    claude-haiku-5-5            active      0.1  0.5      0.05  0.25    0.0625       0.1  0.005
      prompts over 100000       active      0.5  2.5      0.25  1.25    0.3125       0.5  0.025
    ");
    let all = prices("list --as-of 2026-11-21 --all --format json").json();
    let retired =
        all["models"].as_array().unwrap().iter().filter(|model| model["status"] == "retired").count();
    assert_eq!(retired, 10);
    let early = prices("list --as-of 2026-09-27");
    assert!(!early.stdout.contains("claude-sonnet-5-5"), "not released yet");
}

#[test]
fn all_that_is_known_about_a_model() {
    assert_snapshot!(prices("show claude-sonnet-5-5 --as-of 2026-10-06").stdout, @"
    claude-sonnet-5-5 in price book 2026-11-21

      name                          Claude Sonnet 5.5
      status                        active
      released                      2026-09-28
      retires_not_before            2027-09-28
      context_window                1000000
      max_output                    128000
      max_output_batch_beta         300000
      batch_supported               true
      inference_geo                 true
      min_cacheable_tokens          512
      tokenizer                     claude-4.7+
      image_tier                    high
      tool_prompt_tokens_auto_none  286
      forced_tool_choice            false
      thinking                      adaptive; disabled -> 400 (between_tools instead)
      - a forced tool_choice (any or tool) is refused with 400
      - there is no fast mode

    From 2026-09-28, USD per million tokens
                input  cache_write_5m  cache_write_1h  cache_read  output
      standard      2             2.5               4         0.2      10
      batch         1            1.25               2         0.1       5
      - https://platform.claude.com/docs/en/about-claude/pricing, read 2026-10-07
      - derived by a documented multiplier: batch.cache_write_5m, batch.cache_write_1h, batch.cache_read

    Sources
      - https://platform.claude.com/docs/en/about-claude/pricing (2026-10-07)
      - https://platform.claude.com/docs/en/about-claude/pricing (2026-10-08)
      - https://platform.claude.com/docs/en/build-with-claude/prompt-caching (2026-10-08)
      - https://platform.claude.com/docs/en/models/sonnet-5-5/overview (2026-10-08)
      - https://github.com/kurofune/claudit/releases/tag/v1.9.2 (2026-10-24)
      - genai-prices 0.2.3 (third party, 2026-11)
      - https://platform.claude.com/docs/zh-CN/build-with-claude/batch-processing.md (2026-11)
    ");
    let both = prices("show claude-sonnet-5-5 --format json").json();
    assert_eq!(both["eras"].as_array().unwrap().len(), 2);
}

#[test]
fn models_that_are_not_there() {
    assert_snapshot!(prices("show claude-sonet-5-5").complaint(), @"
    error: no price is known for the model `claude-sonet-5-5`; did you mean `claude-sonnet-5-5`?
    exit code 2
    ");
    assert_snapshot!(prices("show claude-sonnet-5-5 --as-of 2026-09-27").complaint(), @"
    error: `claude-sonnet-5-5` has no price on 2026-09-27: its first is from 2026-09-28
    exit code 2
    ");
}

#[test]
fn books_are_linted() {
    let folder = Folder::new()
        .file("good.toml", "schema = 1\ndiscount_percent = \"10\"\n")
        .file("bad.toml", "schema = 1\ndiscount_percent = 10\n\n[[model]]\nid = \"claude-sonet-5-5\"\ndiscount_percent = \"101\"\n");
    assert_snapshot!(folder.run("prices lint good.toml").stdout, @"1 file: nothing is wrong");
    let bad = folder.run("prices lint bad.toml");
    assert_eq!(bad.code, 2);
    assert_snapshot!(bad.stdout, @r#"
    error: bad.toml:2: discount_percent = 10 is not possible here: write a percentage from 0 to below 100 with at most two decimals as text, like "12.5"
    error: bad.toml:5: model.id = "claude-sonet-5-5" is not in the price book: did you mean `claude-sonnet-5-5`?
    1 file: 2 problems
    "#);
    let book = concat!(env!("CARGO_MANIFEST_DIR"), "/../../pricing");
    assert_eq!(prices(&format!("lint {book}")).code, 0);
}

#[test]
fn books_are_compared() {
    let folder = Folder::new().file(
        "mine.toml",
        "schema = 1\n\n[[model]]\nid = \"claude-haiku-4-5-20251001\"\ndiscount_percent = \"10\"\n",
    );
    assert_eq!(folder.run("prices diff bundled bundled").stdout, "no difference\n");
    let diff = folder.run("prices diff bundled mine.toml");
    assert_snapshot!(diff.stdout, @"
    claude-haiku-4-5-20251001: era 2025-10-15 source https://platform.claude.com/docs/en/about-claude/pricing -> https://platform.claude.com/docs/en/about-claude/pricing less 10% (mine.toml)
    claude-haiku-4-5-20251001: from 2025-10-15: standard input 1 -> 0.9
    claude-haiku-4-5-20251001: from 2025-10-15: standard cache_write_5m 1.25 -> 1.125
    claude-haiku-4-5-20251001: from 2025-10-15: standard cache_write_1h 2 -> 1.8
    claude-haiku-4-5-20251001: from 2025-10-15: standard cache_read 0.1 -> 0.09
    claude-haiku-4-5-20251001: from 2025-10-15: standard output 5 -> 4.5
    claude-haiku-4-5-20251001: from 2025-10-15: batch input 0.5 -> 0.45
    claude-haiku-4-5-20251001: from 2025-10-15: batch cache_write_5m 0.625 -> 0.5625
    claude-haiku-4-5-20251001: from 2025-10-15: batch cache_write_1h 1 -> 0.9
    claude-haiku-4-5-20251001: from 2025-10-15: batch cache_read 0.05 -> 0.045
    claude-haiku-4-5-20251001: from 2025-10-15: batch output 2.5 -> 2.25
    ");
    let back = folder.run("prices diff mine.toml bundled").stdout;
    assert_eq!(back.lines().count(), diff.stdout.lines().count());
}
