use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};
use crate::wording::shown;

/// Source: <https://platform.claude.com/docs/en/build-with-claude/batch-processing>, read 2026-08-14 and 2026-09-26.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    if let Some(speed) = scene.parameter("speed") {
        flaws.push(Rule::Speed, || Remark {
            at: at(&["speed"]),
            message: format!("`speed` is {}: there is no fast mode in batches", shown(speed)),
            help: "remove `speed`".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn any_speed_is_refused() {
        let said = case("\"speed\":\"fast\"").said(Rule::Speed);
        assert_eq!(said, ["`speed` is `\"fast\"`: there is no fast mode in batches"]);
        assert_eq!(case("\"speed\":null").count(Rule::Speed), 0);
    }
}
