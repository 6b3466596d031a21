//! What people see fits where they see it: 80 and 120 columns, no colours, nothing but ASCII where that is wanted.

mod common;

use common::Folder;
use unicode_width::UnicodeWidthStr;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Screens of all kinds, of example files.
const SCREENS: [&str; 11] = [
    "compare examples/data/tickets.jsonl --as-of 2026-11-21 --output-tokens 120 --what-if model=claude-opus-5-5,claude-haiku-5-5 -q",
    "plan examples/data/tickets.jsonl --as-of 2026-11-21 --output-tokens 120",
    "plan examples/data/reviews.jsonl --as-of 2026-11-21 --cache primed --tier 30",
    "plan examples/data/models.jsonl examples/data/contracts.jsonl --as-of 2026-11-21 --max-requests 5",
    "plan examples/data/reviews.jsonl --as-of 2026-11-21 -q",
    "check examples/data/models.jsonl --as-of 2026-11-21",
    "count examples/data/models.jsonl examples/data/tickets.jsonl",
    "count --text README.md",
    "prices show claude-sonnet-4-6",
    "prices list",
    "explain duplicate-custom-id",
];

fn screen(arguments: &str, columns: &str) -> String {
    let mut command = Folder::new().command(arguments);
    let output = command.env("COLUMNS", columns).current_dir(ROOT).output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{arguments}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn lines_are_no_wider_than_the_terminal() {
    let mut wide = Vec::new();
    // Findings are one line each, tables of prices have as many columns as there are prices, and explanations are written
    // as they are.
    let is_narrow =
        |arguments: &&&str| ["plan", "count", "compare"].iter().any(|command| arguments.starts_with(command));
    for arguments in SCREENS.iter().filter(is_narrow) {
        for columns in [80, 120] {
            let text = screen(arguments, &columns.to_string());
            // What cannot be broken, as an address, may stand out.
            let is_wide = |line: &&str| line.width() > columns && !line.contains("https://");
            wide.extend(text.lines().filter(is_wide).map(|line| format!("{columns} {arguments}\n{line}")));
        }
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

#[test]
fn no_colours_are_shown_where_nobody_sees_them() {
    for arguments in SCREENS {
        assert!(!screen(arguments, "80").contains('\u{1b}'), "{arguments}");
    }
}

#[test]
fn ascii_is_nothing_but_ascii() {
    for arguments in SCREENS {
        let (plain, ascii) = (screen(arguments, "100"), screen(&format!("{arguments} --ascii"), "100"));
        assert!(ascii.is_ascii(), "{arguments}");
        assert_eq!(ascii, plain.replace('…', "..."), "{arguments}");
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
