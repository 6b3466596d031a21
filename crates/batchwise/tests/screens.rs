//! What people see fits where they see it: 80 and 120 columns, no colours, nothing but ASCII where that is wanted.

mod common;

use std::path::Path;

use common::Folder;
use insta::assert_snapshot;
use unicode_width::UnicodeWidthStr;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Screens of all kinds, of example files and of those in [`folder`].
const SCREENS: [&str; 19] = [
    "compare examples/data/tickets.jsonl --as-of 2026-11-21 --output-tokens 120 --what-if model=claude-opus-5-5,claude-haiku-5-5 -q",
    "plan examples/data/tickets.jsonl --as-of 2026-11-21 --output-tokens 120",
    "plan examples/data/reviews.jsonl --as-of 2026-11-21 --cache primed --tier 30",
    "plan examples/data/models.jsonl examples/data/contracts.jsonl --as-of 2026-11-21 --max-requests 5",
    "plan examples/data/reviews.jsonl --as-of 2026-11-21 -q",
    "check examples/data/models.jsonl --as-of 2026-11-21",
    "check twice.jsonl --as-of 2026-11-21",
    "count examples/data/models.jsonl examples/data/tickets.jsonl",
    "count --text README.md",
    "prices show claude-sonnet-4-6",
    "prices show claude-haiku-5-5",
    "prices show claude-sonnet-5-5 --pricing mine.toml",
    "prices list",
    "prices list --all",
    "prices lint odd.toml",
    "prices diff bundled mine.toml",
    "explain",
    "explain duplicate-custom-id",
    "policy show",
];

/// A file with two requests of one name, a policy, prices of a user's own, and some that are odd.
fn folder() -> Folder {
    let request = |text: &str| {
        format!(
            r#"{{"custom_id":"a-name-that-is-as-long-as-names-may-be-or-nearly-so","params":{{"model":"claude-opus-5-5","max_tokens":9,"messages":[{{"role":"user","content":"{text}"}}]}}}}"#
        )
    };
    let twice = [request("one"), request("two"), request("a long question ".repeat(9).as_str())];
    Folder::new()
        .file("twice.jsonl", twice.join("\n"))
        .file("batchwise.toml", POLICY)
        .file("mine.toml", PRICES)
        .file("odd.toml", PRICES.replace("\"8\"", "8.0").replace("from", "form"))
}

const POLICY: &str = r#"
[models]
allow = ["claude-haiku-*", "claude-sonnet-*", "claude-fable-*", "claude-mythos-5-1"]
[max_tokens]
"*" = 4
[severity]
identical-request = "error"
"#;

const PRICES: &str = r#"
schema = 1
[[model]]
id = "claude-sonnet-5-5"
[[model.era]]
from = 2026-11-21
source = "the contract of the team with its provider, page 4, table 2, as amended in the spring of the same year"
[model.era.standard]
input = "1.60"
output = "8"
cache_write_5m = "2"
cache_write_1h = "3.2"
cache_read = "0.08"
[[model]]
id = "claude-haiku-4-5-20251001"
discount_percent = "10"
"#;

/// What a command prints on a screen so wide.
fn screen(arguments: &str, columns: &str) -> String {
    screen_with(arguments, columns, &[])
}

/// The same with more in the environment.
fn screen_with(arguments: &str, columns: &str, more: &[(&str, &str)]) -> String {
    let folder = folder();
    let is_of_examples = arguments.contains("examples/") || arguments.contains("README.md");
    let here = if is_of_examples { Path::new(ROOT) } else { folder.path() };
    let mut command = folder.command(arguments);
    let command = command.env("COLUMNS", columns).envs(more.iter().copied()).current_dir(here);
    let output = command.output().unwrap();
    let [text, told] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.code().is_some_and(|code| code < 3) && !text.is_empty(), "{arguments}\n{told}");
    text
}

#[test]
fn lines_are_no_wider_than_the_terminal() {
    let mut wide = Vec::new();
    for arguments in SCREENS {
        for (columns, ascii) in [(80, ""), (80, " --ascii"), (120, "")] {
            let text = screen(&format!("{arguments}{ascii}"), &columns.to_string());
            // What cannot be broken, as an address, may stand out; so may requests in an explanation, which are to be copied.
            let is_whole = |line: &str| line.contains("https://") || line.starts_with("{\"custom_id\"");
            let is_wide = |line: &&str| line.width() > columns && !is_whole(line);
            wide.extend(
                text.lines().filter(is_wide).map(|line| format!("{columns} {arguments}{ascii}\n{line}")),
            );
        }
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

/// A difference of plans, with names of models that are wider than their column.
#[test]
fn differences_are_no_wider_than_the_terminal() {
    let folder = folder();
    for (name, day) in [("before", "2026-09-30"), ("after", "2026-11-21")] {
        let data = format!("{ROOT}/examples/data/models.jsonl {ROOT}/examples/data/reviews.jsonl");
        let planned = folder.run(&format!("plan {data} --as-of {day} -o {name}.json -q --allow-unpriced"));
        assert!(planned.code < 2, "{}", planned.stderr);
    }
    for columns in [80, 120] {
        let mut command = folder.command("diff before.json after.json");
        let shown = command.env("COLUMNS", columns.to_string()).output().unwrap().stdout;
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.lines().count() > 20 && shown.lines().all(|line| line.width() <= columns), "{shown}");
    }
}

#[test]
fn no_colours_are_shown_where_nobody_sees_them() {
    for arguments in SCREENS {
        assert!(!screen(arguments, "80").contains('\u{1b}'), "{arguments}");
    }
}

/// Colour is an addition: without it the screen says the same, and `NO_COLOR` has the last word.
#[test]
fn colours_add_nothing() {
    let check = "check twice.jsonl --as-of 2026-11-21";
    let [plain, coloured, refused] = [
        &[][..],
        &[("CLICOLOR_FORCE", "1"), ("TERM", "xterm")],
        &[("CLICOLOR_FORCE", "1"), ("TERM", "xterm"), ("NO_COLOR", "1")],
    ]
    .map(|more| screen_with(check, "80", more));
    assert!(coloured.contains('\u{1b}'), "{coloured}");
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    assert_eq!(refused, plain);
}

#[test]
fn narrow_screens_keep_every_figure() {
    let rows = screen("prices list --as-of 2026-11-21", "80");
    assert_snapshot!(rows.lines().take(11).collect::<Vec<_>>().join("\n"), @"
    USD per million tokens on 2026-11-21, price book 2026-11-21; cache prices are
      those in a batch

                                                  batch batch  write write
    model                      status      in out    in   out     5m    1h  read
    claude-fable-5-2           active       8  40     4    20      5     8   0.1
    claude-fable-5-1           legacy      10  50     5    25   6.25    10 0.125
    claude-fable-5             legacy      10  50     5    25   6.25    10   0.5
    claude-haiku-5-5           active     0.1 0.5  0.05  0.25 0.0625   0.1 0.005
      prompts over 100000      active     0.5 2.5  0.25  1.25 0.3125   0.5 0.025
    claude-haiku-4-5-20251001  legacy       1   5   0.5   2.5  0.625     1  0.05
    ");
    let prices = screen("prices show claude-haiku-5-5", "80");
    assert_snapshot!(prices.split_once("\nFrom").unwrap().1.split_once("\n\n").unwrap().0, @r#"
    2026-10-07, USD per million tokens
                                              cache     cache  cache
                                    input  write 5m  write 1h   read  output
     standard                         0.1     0.125       0.2   0.01     0.5
     batch                           0.05    0.0625       0.1  0.005    0.25
     standard, prompts over 100000    0.5     0.625         1   0.05     2.5
     batch, prompts over 100000      0.25    0.3125       0.5  0.025    1.25
     - https://platform.claude.com/docs/en/about-claude/pricing, read 2026-10-09
     - derived by a documented multiplier: batch.cache_write_5m,
       batch.cache_write_1h, batch.cache_read
     - docs: "a request whose prompt is over 100,000 tokens pays higher prices"
     - that cache reads and writes count as prompt, that the whole request moves
       and that exactly 100,000 is still the lower price is not in the docs text
       seen; Claude Code 2.1.293, claudit 1.9.2, genai-prices 0.2.3, synaps-core
       0.10.2 and rightsize 0.9.0 agree on it, and the older 200,000 rule said so
     - claudit 1.9.2 (third party) re-checked every rate against the pricing page
       on 2026-10-24
    "#);
    assert_snapshot!(screen("prices diff bundled mine.toml", "80"), @"
    claude-haiku-4-5-20251001: era 2025-10-15 source
        https://platform.claude.com/docs/en/about-claude/pricing ->
        https://platform.claude.com/docs/en/about-claude/pricing less 10%
        (mine.toml)
    claude-haiku-4-5-20251001: from 2025-10-15: standard input 1 -> 0.9
    claude-haiku-4-5-20251001: from 2025-10-15: standard cache_write_5m 1.25 ->
        1.125
    claude-haiku-4-5-20251001: from 2025-10-15: standard cache_write_1h 2 -> 1.8
    claude-haiku-4-5-20251001: from 2025-10-15: standard cache_read 0.1 -> 0.09
    claude-haiku-4-5-20251001: from 2025-10-15: standard output 5 -> 4.5
    claude-haiku-4-5-20251001: from 2025-10-15: batch input 0.5 -> 0.45
    claude-haiku-4-5-20251001: from 2025-10-15: batch cache_write_5m 0.625 -> 0.5625
    claude-haiku-4-5-20251001: from 2025-10-15: batch cache_write_1h 1 -> 0.9
    claude-haiku-4-5-20251001: from 2025-10-15: batch cache_read 0.05 -> 0.045
    claude-haiku-4-5-20251001: from 2025-10-15: batch output 2.5 -> 2.25
    claude-sonnet-5-5: prices from 2026-11-21 added
      standard: in 1.6 out 8 write 5m 2 write 1h 3.2 read 0.08
      batch: in 0.8 out 4 write 5m 1 write 1h 1.6 read 0.04
    ");
    assert_snapshot!(screen("prices lint odd.toml", "80"), @r#"
    error: odd.toml:5: model.era.from is missing: write a day like 2026-10-07
    error: odd.toml:6: model.era.form = 2026-11-21 is not known here: leave it out
    error: odd.toml:10: model.era.standard.output = 8.0 is not a price: write US
      dollars per million tokens as text, above zero and below 100000 with at most
      eight decimals, like "3.00"
    1 file: 3 problems
    "#);
}

#[test]
fn findings_are_broken_between_words() {
    assert_snapshot!(screen("check twice.jsonl --as-of 2026-11-21", "80"), @r#"
    error[duplicate-custom-id]:
      `a-name-that-is-as-long-as-names-may-be-or-nearly-so` names two requests;
      twice.jsonl:1 is the first
     --> twice.jsonl:2:14 (byte 178, custom_id)
      |
    2 | {"custom_id":"a-name-that-is-as-long-as-names-may-be-or-nearly-so","param…
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
     ::: twice.jsonl:1 first used here
      = help: results come back by `custom_id`, so each must be unique in the
              workload

    error[duplicate-custom-id]:
      `a-name-that-is-as-long-as-names-may-be-or-nearly-so` names two requests;
      twice.jsonl:1 is the first
     --> twice.jsonl:3:14 (byte 343, custom_id)
      |
    3 | {"custom_id":"a-name-that-is-as-long-as-names-may-be-or-nearly-so","param…
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
     ::: twice.jsonl:1 first used here
      = help: results come back by `custom_id`, so each must be unique in the
              workload

    error[policy-model]: the model `claude-opus-5-5` is not among those allowed
     --> twice.jsonl:1:86 (byte 85, params.model)
      |
    1 | …y-so","params":{"model":"claude-opus-5-5","max_tokens":9,"messages":[{"rol…
      |                          ^^^^^^^^^^^^^^^^^
     ::: batchwise.toml:3:9
      |
    3 | allow = ["claude-haiku-*", "claude-sonnet-*", "claude-fable-*", "cla…
      |         ------------------------------------------------------------
      | by this list
      = help: ask for one of `claude-haiku-*`, `claude-sonnet-*`, `claude-fable-*`,
              `claude-mythos-5-1`, or add it to `models.allow`

    error[policy-model]: the model `claude-opus-5-5` is not among those allowed
     --> twice.jsonl:2:86 (byte 250, params.model)
      |
    2 | …y-so","params":{"model":"claude-opus-5-5","max_tokens":9,"messages":[{"rol…
      |                          ^^^^^^^^^^^^^^^^^
     ::: batchwise.toml:3:9
      |
    3 | allow = ["claude-haiku-*", "claude-sonnet-*", "claude-fable-*", "cla…
      |         ------------------------------------------------------------
      | by this list
      = help: ask for one of `claude-haiku-*`, `claude-sonnet-*`, `claude-fable-*`,
              `claude-mythos-5-1`, or add it to `models.allow`

    error[policy-model]: the model `claude-opus-5-5` is not among those allowed
     --> twice.jsonl:3:86 (byte 415, params.model)
      |
    3 | …y-so","params":{"model":"claude-opus-5-5","max_tokens":9,"messages":[{"rol…
      |                          ^^^^^^^^^^^^^^^^^
     ::: batchwise.toml:3:9
      |
    3 | allow = ["claude-haiku-*", "claude-sonnet-*", "claude-fable-*", "cla…
      |         ------------------------------------------------------------
      | by this list
      = help: ask for one of `claude-haiku-*`, `claude-sonnet-*`, `claude-fable-*`,
              `claude-mythos-5-1`, or add it to `models.allow`

    error[policy-max-tokens]: `max_tokens` is 9, above the 4 that `*` may have
     --> twice.jsonl:1:117 (byte 116, params.max_tokens)
      |
    1 | …-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":"one"}]}}
      |                          ^
     ::: batchwise.toml:5:7
      |
    5 | "*" = 4
      |       - this cap
      = help: use at most 4, or raise it in `[max_tokens]` of the policy

    error[policy-max-tokens]: `max_tokens` is 9, above the 4 that `*` may have
     --> twice.jsonl:2:117 (byte 281, params.max_tokens)
      |
    2 | …-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":"two"}]}}
      |                          ^
     ::: batchwise.toml:5:7
      |
    5 | "*" = 4
      |       - this cap
      = help: use at most 4, or raise it in `[max_tokens]` of the policy

    error[policy-max-tokens]: `max_tokens` is 9, above the 4 that `*` may have
     --> twice.jsonl:3:117 (byte 446, params.max_tokens)
      |
    3 | …-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":"a long que…
      |                          ^
     ::: batchwise.toml:5:7
      |
    5 | "*" = 4
      |       - this cap
      = help: use at most 4, or raise it in `[max_tokens]` of the policy

    error  policy-model         3
    error  policy-max-tokens    3
    error  duplicate-custom-id  2

    refused: 1 request in 1 batch, up to $0.000108, 50.0 % less than one by one (2
      lines left out); 8 errors
    "#);
}

#[test]
fn a_policy_says_where_it_says_it() {
    assert_snapshot!(screen("policy show", "80"), @r#"
    # batchwise.toml
    # The policy in force. Beside each value: the line that states it, or `default`.

    [check]
    api_version = "2026-10-21"  # default
    betas = []  # default
    fail_on = "error"  # default

    # [[budget]]: no budget (default)

    # [increase]: no limit (default)

    [models]
    # batchwise.toml:3
    allow = [
        "claude-haiku-*",
        "claude-sonnet-*",
        "claude-fable-*",
        "claude-mythos-5-1",
    ]

    [max_tokens]
    "*" = 4  # batchwise.toml:5

    # [limits]: no limit (default)

    # [cache]: any lifetime (default)

    [severity]
    identical-request = "error"  # batchwise.toml:7

    # [[exception]]: no exception (default)
    "#);
}

#[test]
fn explanations_are_as_wide_as_the_screen() {
    let text = screen("explain cache-breakpoint-doubtful", "80");
    assert_snapshot!(text.split_once("\n{").unwrap().0, @"
    # cache-breakpoint-doubtful

    Note. The model's minimum lies within the estimate of the longest marked prefix,
    so nobody can say whether it is cached.

    Why: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>,
    read 2026-08-22 and 2026-10-08.

    ```jsonl fails
    ");
}

/// What goes into a file or to a program keeps one line for each thing.
#[test]
fn nobody_looking_gets_whole_lines() {
    let folder = folder();
    for (arguments, lines) in [
        ("prices lint odd.toml", 4),
        (
            "explain duplicate-custom-id",
            batchwise_rules::explain(batchwise_findings::Rule::DuplicateCustomId).trim().lines().count() + 2,
        ),
    ] {
        let text = folder.run(arguments).stdout;
        assert_eq!(text.lines().count(), lines, "{text}");
    }
}

/// A TOML file is one with escapes, too.
#[test]
fn a_policy_in_ascii_is_still_one() {
    let folder = Folder::new().file("batchwise.toml", "[max_tokens]\n\"modèle-*\" = 4\n");
    let shown = folder.run("policy show --ascii").stdout;
    assert!(shown.is_ascii() && shown.contains(r#""mod\U000000E8le-*" = 4"#), "{shown}");
    let folder = folder.file("shown.toml", &shown);
    assert!(folder.run("policy show --policy shown.toml").stdout.contains("\"modèle-*\" = 4  # shown.toml"));
}

#[test]
fn ascii_is_nothing_but_ascii() {
    for arguments in SCREENS {
        let (plain, ascii) = (screen(arguments, "100"), screen(&format!("{arguments} --ascii"), "100"));
        assert!(ascii.is_ascii(), "{arguments}");
        // Marks stand below what they mark, so they move with it.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&ascii), words(&plain.replace('…', "...")), "{arguments}");
    }
}

#[test]
fn ascii_escapes_what_files_say() {
    let folder = Folder::with("{\"custom_id\":\"zoë\"}\n");
    let run = folder.run("check requests.jsonl --ascii");
    assert!(run.stderr.is_ascii() && run.stdout.is_ascii(), "{}{}", run.stderr, run.stdout);
    let plain = folder.run("check requests.jsonl");
    assert!((plain.stderr + &plain.stdout).contains("zoë"));
    // Data stay as they are.
    let row = folder.run("check requests.jsonl --ascii --format json").stdout;
    assert_eq!(row, folder.run("check requests.jsonl --format json").stdout);
}
