use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// What a page of these inline blocks may do: run that script if there is one, apply that style, and nothing else. It
/// reaches no network.
pub(super) fn content_security_policy(style: &str, script: Option<&str>) -> String {
    format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        script.map_or("'none'".to_owned(), source),
        source(style)
    )
}

/// Names an inline block by the hash of its text.
fn source(block: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(block.as_bytes())))
}
