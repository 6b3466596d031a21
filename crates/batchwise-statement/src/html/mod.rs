//! One self-contained page for a browser, a phone, a printer and a mailbox.

mod answer;
mod batches;
mod chart;
mod costs;
mod grid;
mod grounds;
pub mod page;
mod panel;
mod policy;
mod sections;
mod text;

use crate::Statement;

const SCRIPT: &str = include_str!("page.js");

/// The statement as one HTML file that loads nothing: it may be opened from a disk, sent by mail, read on a phone and
/// printed. It is also well-formed XML.
///
/// Without scripts all figures are there. With them, a calculator tells the stated costs for replies of another length,
/// another hit rate and more requests, exactly and by the planner's rules; it shows nothing unless it arrives at the
/// report's own figures first. The page may run that one script and nothing else, which its content security policy
/// holds. No text of a file can be markup.
pub fn html(statement: &Statement) -> Vec<u8> {
    let script = statement.calculator.as_ref().map(|_| SCRIPT);
    page::page(&title(statement), &sections::all(statement, &panel::panel(statement)), script).into_bytes()
}

/// What a tab of a browser shows.
fn title(statement: &Statement) -> String {
    match &statement.plans[..] {
        [plan] => format!("What {} costs", plan.name),
        plans => format!("What {} plans cost", plans.len()),
    }
}
