use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Sources: "batch items accept and ignore the token", official Python client 2.11.0, read 2026-11; batches never use
/// Priority Tier, <https://platform.claude.com/docs/en/api/service-tiers>, read 2026-08-22.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let ignored = [
        ("fallback_credit_token", "batches accept it and ignore it"),
        ("service_tier", "a batch has a service tier of its own, and never Priority Tier"),
    ];
    for (name, why) in ignored {
        if scene.parameter(name).is_some() {
            flaws.push(Rule::IgnoredParameter, || Remark {
                at: at(&[name]),
                message: format!("`{name}` changes nothing: {why}"),
                help: "remove it".to_owned(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn what_changes_nothing_is_noted() {
        assert_eq!(case("\"service_tier\":\"auto\"").count(Rule::IgnoredParameter), 1);
        assert_eq!(case("\"fallback_credit_token\":\"t\"").count(Rule::IgnoredParameter), 1);
        assert_eq!(case("\"service_tier\":null").count(Rule::IgnoredParameter), 0);
    }
}
