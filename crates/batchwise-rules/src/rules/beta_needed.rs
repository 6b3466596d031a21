use batchwise_findings::Rule;
use batchwise_records::Node;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// The beta header of threads. Source: the official Python client 2.11.0, read 2026-11.
pub(crate) const THREADS: &str = "message-threads-2026-08-12";

/// The only parameter whose beta header is known. That of a long reply belongs to `max-tokens-over-limit`.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let thread = scene.parameter("thread").filter(|thread| **thread != Node::Bool(false));
    if thread.is_some() && !scene.has_beta(THREADS) {
        flaws.push(Rule::BetaNeeded, || Remark {
            at: at(&["thread"]),
            message: format!("`thread` is a beta feature, and `{THREADS}` is not among the beta headers"),
            help: format!("remove it, or send the batch with --beta {THREADS}"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn a_beta_feature_needs_its_header() {
        assert_eq!(case("\"thread\":{}").count(Rule::BetaNeeded), 1);
        assert_eq!(case("\"thread\":{}").beta(THREADS).count(Rule::BetaNeeded), 0);
        assert_eq!(case("").count(Rule::BetaNeeded), 0);
    }
}
