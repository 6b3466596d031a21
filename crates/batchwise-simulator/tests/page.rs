//! The documentation's file of settings and faults can be read, and has the values that it says are the default.

use batchwise_simulator::Settings;

#[test]
fn the_page_has_the_defaults() {
    let page = include_str!("../../../docs/simulate.md");
    let text = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let settings = Settings::parse(text).unwrap();
    assert_eq!(settings.faults.0.len(), 2);
    assert_eq!(Settings { faults: Settings::default().faults, ..settings }, Settings::default());
}
