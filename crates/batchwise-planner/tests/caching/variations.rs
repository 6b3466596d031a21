//! What a plan tells of other replies and hit rates is what plans with those terms say.

use batchwise_plan::{ModelLine, Plan, PromptTokens, WhatIfLine};
use batchwise_planner::{CacheScenario, OutputExpectation};
use batchwise_units::{ExpectedTokens, Percent, Tokens, Usd};
use proptest::prelude::*;
use proptest::sample::select;

use crate::asks::{Ask, block};
use crate::planning::{first, terms};
use crate::workloads::any_marks;

/// What the requests of a line cost at its prices.
struct Line<'p> {
    line: &'p WhatIfLine,
    model: &'p ModelLine,
}

impl Line<'_> {
    fn cost(&self, mode: &str, kind: &str, tokens: ExpectedTokens) -> Usd {
        let mut rates = self.model.rates.iter();
        let row = rates
            .find(|row| row.geo == self.line.geo && row.prompt_tokens_over == self.line.prompt_tokens_over);
        tokens.checked_cost(row.unwrap().usd_per_mtok[mode][kind]).unwrap()
    }

    fn prompts(&self, hit_rate: Percent) -> Usd {
        let share = |prompt: &PromptTokens, share: Percent| {
            prompt.iter().map(|(kind, tokens)| self.cost("batch", kind, *tokens * share)).sum::<Usd>()
        };
        share(&self.line.warm, hit_rate) + share(&self.line.cold, hit_rate.complement())
    }

    fn plain(&self, mode: &str) -> Usd {
        self.cost(mode, "input", self.line.cold.values().copied().sum::<Tokens>().into())
    }

    fn replies(&self, mode: &str, reply: u64) -> Usd {
        let caps = self.line.caps.as_ref().unwrap();
        let tokens =
            caps.iter().map(|cap| Tokens(cap.max_tokens.0.min(reply) * cap.requests)).sum::<Tokens>();
        self.cost(mode, "output", tokens.into())
    }
}

/// Standard, batch and with caching, from what a plan tells.
fn varied(plan: &Plan, reply: u64, hit_rate: Percent) -> [Usd; 3] {
    let mut costs = [Usd::ZERO; 3];
    for line in &plan.what_if.as_ref().unwrap().lines {
        let model = plan.models.iter().find(|model| model.model == line.model).unwrap();
        let line = Line { line, model };
        costs[0] += line.plain("standard") + line.replies("standard", reply);
        costs[1] += line.plain("batch") + line.replies("batch", reply);
        costs[2] += line.prompts(hit_rate) + line.replies("batch", reply);
    }
    costs
}

proptest! {
    #[test]
    fn other_terms_cost_what_their_plan_says(
        asks in any_marks(),
        planned in select(vec![CacheScenario::Bounds, CacheScenario::Ignored, CacheScenario::Best]),
        reply in 0u64..500,
        hit_rate in select(vec!["0%", "12.5%", "33.33%", "100%"]),
    ) {
        let hit_rate = Percent::parse(hit_rate).unwrap();
        let told = first(&asks, &batchwise_planner::Terms { cache: planned, ..terms() }).plan;
        let other = batchwise_planner::Terms {
            cache: CacheScenario::HitRate(hit_rate),
            output: OutputExpectation::Tokens(Tokens(reply)),
            ..terms()
        };
        let quote = first(&asks, &other).plan.quote.unwrap();
        let likely = [quote.standard, quote.batch, quote.batch_cached].map(|range| range.likely().unwrap());
        prop_assert_eq!(varied(&told, reply, hit_rate), likely);
    }
}

#[test]
fn too_many_different_caps_are_not_told() {
    let ask = |cap| Ask::new("claude-haiku-5-5", Vec::new(), block('q', 7), cap);
    let caps = |count: u64| {
        let asks: Vec<Ask> = (1..=count).map(ask).collect();
        first(&asks, &terms()).plan.what_if.unwrap().lines.remove(0).caps.map(|caps| caps.len())
    };
    assert_eq!([caps(200), caps(201)], [Some(200), None]);
}
