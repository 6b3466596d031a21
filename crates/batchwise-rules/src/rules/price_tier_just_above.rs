use batchwise_findings::Rule;
use batchwise_units::{Tokens, Usd};

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// A prompt that is above the tier by no more than this share of it, in percent, is worth a thought.
const NEAR_PERCENT: u64 = 10;

/// What shortening would save counts the uncached input of a batch alone; the reply costs less too.
///
/// Source: the tiers of the price book, <https://platform.claude.com/docs/en/about-claude/pricing>, read 2026-10-09.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let (total, Some(model)) = (scene.subject.input.total, scene.subject.model) else { return };
    let Ok(era) = model.on(scene.circumstances.day) else { return };
    let Some(tier) = era.tier_for(total.low()) else { return };
    let prompt = total.likely_or_high();
    if prompt.0 - tier.prompt_over.0 > tier.prompt_over.0 / 100 * NEAR_PERCENT {
        return;
    }
    let surcharge = scene.subject.is_in_us.then(|| scene.circumstances.book.geo_us());
    let cost = |tokens: Tokens| -> Usd {
        let rate = era.for_prompt(tokens).batch.input;
        surcharge.map_or(rate, |factor| rate.times(factor)) * tokens
    };
    flaws.push(Rule::PriceTierJustAbove, || Remark {
        at: at(&["messages"]),
        message: format!(
            "the prompt has about {prompt} tokens; above {} every token of a `{}` request costs more",
            tier.prompt_over, model.id
        ),
        help: format!(
            "shorten it by {} tokens or more: its input then costs ${} instead of ${} in a batch",
            Tokens(total.high().0 - tier.prompt_over.0),
            cost(tier.prompt_over).rounded(4),
            cost(prompt).rounded(4)
        ),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Case, case_of};

    #[test]
    fn just_above_the_tier_is_noted() {
        let check = |tokens, expected| {
            let case = case_of("claude-haiku-5-5", "").tokens(tokens);
            assert_eq!(case.count(Rule::PriceTierJustAbove), expected, "{tokens:?}");
        };
        check([100_000, 105_000, 107_000], 0); // straddled
        check([100_001, 105_000, 107_000], 1);
        check([100_001, 110_000, 112_000], 1);
        check([100_001, 110_001, 112_000], 0);
        check([99_000, 99_500, 100_000], 0);
        assert_eq!(case_of("claude-opus-5-5", "").tokens([100_001; 3]).count(Rule::PriceTierJustAbove), 0);
    }

    #[test]
    fn the_way_out_says_what_it_saves() {
        let check = |case: Case, costs| {
            let flaws = case.tokens([103_000, 104_000, 105_000]).flaws();
            let expected =
                format!("shorten it by 5000 tokens or more: its input then costs {costs} in a batch");
            assert_eq!(flaws[0].help.as_ref(), Some(&expected));
        };
        check(case_of("claude-haiku-5-5", ""), "$0.0050 instead of $0.0260");
        check(case_of("claude-haiku-5-5", "").in_us(), "$0.0055 instead of $0.0286");
    }
}
