use std::collections::BTreeMap;

use batchwise_plan::{Consumption, UsageLine};
use batchwise_pricing::{TokenKind, Usage};
use batchwise_units::{ExpectedTokens, Percent, Tokens};

use crate::Region;

/// What one request with a price is expected to use, and at which row of its model's prices: with its likely input, or
/// the most where none is likely, and so its reply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestUsage {
    pub(crate) row: (Region, Option<Tokens>),
    /// Without caching.
    pub(crate) plain: Usage,
    /// With caching, when it finds what a hit rate says is found.
    pub(crate) hit: Usage,
    /// With caching, when it does not. Where no hit rate was given, this is what happens.
    pub(crate) miss: Usage,
    /// When it writes all that it marks, whatever the plan assumes.
    pub(crate) cold: Usage,
    /// When it reads all that it marks.
    pub(crate) warm: Usage,
    /// Its `max_tokens`.
    pub(crate) cap: Tokens,
}

/// What the requests of one batch use, by model and row of prices. Takes the same memory for any number of requests.
#[derive(Default)]
pub(crate) struct Consumed {
    models: BTreeMap<String, BTreeMap<(Region, Option<Tokens>), Sum>>,
}

#[derive(Default)]
struct Sum {
    requests: u64,
    plain: Usage,
    hit: Usage,
    miss: Usage,
}

impl Consumed {
    pub(crate) fn add(&mut self, model: &str, usage: &RequestUsage) {
        if !self.models.contains_key(model) {
            self.models.insert(model.to_owned(), BTreeMap::new());
        }
        let rows = self.models.get_mut(model).expect("it was put there");
        let sum = rows.entry(usage.row).or_default();
        sum.requests += 1;
        sum.plain += usage.plain;
        sum.hit += usage.hit;
        sum.miss += usage.miss;
    }

    /// The lines of the plan, where `hit_rate` of the requests find what they look for.
    pub(crate) fn lines(&self, hit_rate: Percent) -> Vec<UsageLine> {
        let rows = self.models.iter().flat_map(|(model, rows)| rows.iter().map(move |row| (model, row)));
        rows.map(|(model, (&(region, over), sum))| UsageLine {
            model: model.clone(),
            geo: region.name().into(),
            prompt_tokens_over: over,
            requests: sum.requests,
            uncached: consumption(|kind| sum.plain.of(kind).into()),
            cached: consumption(|kind| {
                sum.hit.of(kind) * hit_rate + sum.miss.of(kind) * hit_rate.complement()
            }),
        })
        .collect()
    }
}

fn consumption(tokens: impl Fn(TokenKind) -> ExpectedTokens) -> Consumption {
    let kinds = TokenKind::ALL.into_iter().map(|kind| (kind.name().into(), tokens(kind)));
    kinds.filter(|(_, tokens)| *tokens > ExpectedTokens::ZERO).collect()
}
