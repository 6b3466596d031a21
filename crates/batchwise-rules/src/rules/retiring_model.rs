use batchwise_findings::Rule;
use batchwise_pricing::{Model, Status};

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// A retirement that is announced on the day of the batch. One that is over is `retired-model`.
///
/// Source: <https://platform.claude.com/docs/en/about-claude/model-deprecations>, read 2026-08-22, and the release notes
/// of 2026-11-09; the day of each model stands in the price book.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let day = scene.circumstances.day;
    let Some(model) = scene.subject.model else { return };
    let announced = model.deprecated_on.is_none_or(|announced| announced <= day);
    if model.status != Status::Deprecated || !announced || model.is_retired_on(day) {
        return;
    }
    flaws.push(Rule::RetiringModel, || Remark {
        at: at(&["model"]),
        message: match model.retires_on {
            Some(end) => format!("`{}` retires on {end}: requests processed from then on fail", model.id),
            None => format!("`{}` is deprecated; its last day is not known", model.id),
        },
        help: way_out(model),
    });
}

fn way_out(model: &Model) -> String {
    match &model.replacement {
        Some(replacement) => format!("move to `{replacement}`; a batch may take 24 hours"),
        None => "move to a current model; a batch may take 24 hours".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;
    use jiff::civil::date;

    #[test]
    fn an_announced_end_is_told_until_it_has_come() {
        let said = |day| case_of("claude-sonnet-4-5", "").on(day).said(Rule::RetiringModel);
        let message =
            "`claude-sonnet-4-5-20250929` retires on 2026-11-30: requests processed from then on fail";
        assert_eq!(said(date(2026, 9, 29)), [""; 0], "nobody knew");
        assert_eq!(said(date(2026, 9, 30)), [message]);
        assert_eq!(said(date(2026, 11, 29)), [message]);
        assert_eq!(said(date(2026, 11, 30)), [""; 0], "it is retired");
        assert_eq!(case_of("claude-mythos-preview", "").count(Rule::RetiringModel), 1);
        assert_eq!(case_of("claude-opus-4-5", "").count(Rule::RetiringModel), 0);
    }
}
