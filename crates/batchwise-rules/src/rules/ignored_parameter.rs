use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Source: "batch items accept and ignore the token", official Python client 2.11.0, read 2026-11.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    if scene.parameter("fallback_credit_token").is_some() {
        flaws.push(Rule::IgnoredParameter, || Remark {
            at: at(&["fallback_credit_token"]),
            message: "`fallback_credit_token` changes nothing: batches accept it and ignore it".to_owned(),
            help: "remove it".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn what_changes_nothing_is_noted() {
        assert_eq!(case("\"fallback_credit_token\":\"t\"").count(Rule::IgnoredParameter), 1);
        assert_eq!(case("\"fallback_credit_token\":null").count(Rule::IgnoredParameter), 0);
    }
}
