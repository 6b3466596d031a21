//! One self-contained page for a browser, a phone, a printer and a mailbox.

mod answer;
mod batches;
mod chart;
mod costs;
mod grid;
mod grounds;
mod panel;
mod policy;
mod sections;
mod text;

use crate::Statement;
use policy::content_security_policy;
use text::escaped;

const STYLE: &str = include_str!("page.css");
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
    let policy = content_security_policy(STYLE, script);
    let script = script.map(|script| format!("<script>{script}</script>\n")).unwrap_or_default();
    let sections = sections::all(statement, &panel::panel(statement));
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\" />\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n\
         <meta name=\"color-scheme\" content=\"light dark\" />\n\
         <meta name=\"referrer\" content=\"no-referrer\" />\n\
         <meta name=\"generator\" content=\"batchwise {}\" />\n\
         <link rel=\"icon\" href=\"data:,\" />\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{sections}{script}</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        escaped(&title(statement)),
    )
    .into_bytes()
}

/// What a tab of a browser shows.
fn title(statement: &Statement) -> String {
    match &statement.plans[..] {
        [plan] => format!("What {} costs", plan.name),
        plans => format!("What {} plans cost", plans.len()),
    }
}
