//! What pages are made of, also those of others than a statement: all look alike, load nothing, and show no text of a file
//! as markup.

use super::policy::content_security_policy;

pub use super::chart::{Bar, chart};
pub use super::grid::Grid;
pub use super::sections::{caveat, paragraph, section};
pub use super::text::{escaped, prose};

const STYLE: &str = include_str!("page.css");

/// A whole page: the markup of its body, and the one script that it may run. It reaches no network, which its content
/// security policy holds, and is well-formed XML if its body is.
pub fn page(title: &str, body: &str, script: Option<&str>) -> String {
    let policy = content_security_policy(STYLE, script);
    let script = script.map(|script| format!("<script>{script}</script>\n")).unwrap_or_default();
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\" />\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n\
         <meta name=\"color-scheme\" content=\"light dark\" />\n\
         <meta name=\"referrer\" content=\"no-referrer\" />\n\
         <meta name=\"generator\" content=\"batchwise {}\" />\n\
         <link rel=\"icon\" href=\"data:,\" />\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}{script}</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        escaped(title),
    )
}
