//! The documentation's file of settings and faults can be read, and has the values that it says are the default.

use batchwise_simulator::{Settings, SettingsError};

const PAGE: &str = include_str!("../../../docs/simulate.md");

#[test]
fn the_page_has_the_defaults() {
    let text = PAGE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let settings = Settings::parse(text).unwrap();
    assert_eq!(settings.faults.0.len(), 2);
    assert_eq!(Settings { faults: Settings::default().faults, ..settings }, Settings::default());
}

/// A line of a script that does this, with what it needs.
fn script(what: &str) -> Result<Settings, SettingsError> {
    let (on, more) = match what {
        "answer" => ("create", "status = 500"),
        "slow" => ("create", "milliseconds = 5"),
        "list-lag" => ("list", "milliseconds = 5"),
        "drop-before" | "drop-after" | "spend-cap" => ("create", ""),
        _ => ("results", ""),
    };
    Settings::parse(&format!("[[fault]]\non = \"{on}\"\ndo = \"{what}\"\n{more}\n"))
}

#[test]
fn each_fault_of_the_page_is_one() {
    let rows = PAGE.split("|---|---|\n").nth(1).unwrap();
    let cells = rows.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let named: Vec<&str> =
        cells.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`')).collect();
    assert_eq!(named.len(), 13, "{named:?}");
    for what in named {
        script(what).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}
