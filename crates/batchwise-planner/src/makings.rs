use std::collections::BTreeMap;

use batchwise_plan::{Cap, PromptTokens, WhatIf, WhatIfLine};
use batchwise_pricing::{TokenKind, Usage};
use batchwise_units::Tokens;

use crate::consumed::RequestUsage;
use crate::{CacheScenario, OutputExpectation, Region, Terms};

/// How many different `max_tokens` of a row of prices are told apart: a file may hold millions.
const CAPS_MAX: usize = 200;

/// What the cost of all requests in batches is made of, by model and row of prices, so that it can be told for other
/// replies and hit rates. Takes the same memory for any number of requests.
#[derive(Default)]
pub(crate) struct Makings {
    models: BTreeMap<String, BTreeMap<(Region, Option<Tokens>), Row>>,
}

struct Row {
    requests: u64,
    /// `None` once there are too many.
    caps: Option<BTreeMap<Tokens, u64>>,
    cold: Usage,
    warm: Usage,
}

impl Makings {
    pub(crate) fn add(&mut self, model: &str, usage: &RequestUsage) {
        if !self.models.contains_key(model) {
            self.models.insert(model.to_owned(), BTreeMap::new());
        }
        let rows = self.models.get_mut(model).expect("it was put there");
        rows.entry(usage.row).or_insert_with(Row::empty).add(usage);
    }

    pub(crate) fn what_if(self, terms: &Terms) -> WhatIf {
        let mut lines = Vec::new();
        for (model, rows) in self.models {
            lines.extend(rows.into_iter().map(|((region, over), row)| row.line(&model, region, over)));
        }
        WhatIf { output_tokens: expected_output(terms), cache: assumed_cache(terms), lines }
    }
}

impl Row {
    fn empty() -> Row {
        Row { requests: 0, caps: Some(BTreeMap::new()), cold: Usage::default(), warm: Usage::default() }
    }

    fn add(&mut self, usage: &RequestUsage) {
        self.requests += 1;
        self.cold += usage.cold;
        self.warm += usage.warm;
        if let Some(caps) = &mut self.caps {
            *caps.entry(usage.cap).or_default() += 1;
            if caps.len() > CAPS_MAX {
                self.caps = None;
            }
        }
    }

    fn line(self, model: &str, region: Region, over: Option<Tokens>) -> WhatIfLine {
        let cap = |(max_tokens, requests)| Cap { max_tokens, requests };
        WhatIfLine {
            model: model.to_owned(),
            geo: region.name().into(),
            prompt_tokens_over: over,
            requests: self.requests,
            caps: self.caps.map(|caps| caps.into_iter().map(cap).collect()),
            cold: prompt_tokens(&self.cold),
            warm: prompt_tokens(&self.warm),
        }
    }
}

fn prompt_tokens(usage: &Usage) -> PromptTokens {
    let prompt = TokenKind::ALL.into_iter().filter(|kind| *kind != TokenKind::Output);
    let kinds = prompt.map(|kind| (kind.name().into(), usage.of(kind)));
    kinds.filter(|(_, tokens)| *tokens > Tokens::ZERO).collect()
}

fn expected_output(terms: &Terms) -> Option<String> {
    match terms.output {
        OutputExpectation::Cap => None,
        OutputExpectation::Tokens(tokens) => Some(tokens.to_string()),
        OutputExpectation::ShareOfCap(share) => Some(share.to_string()),
    }
}

fn assumed_cache(terms: &Terms) -> String {
    match terms.cache {
        CacheScenario::Bounds => "bounds".to_owned(),
        CacheScenario::Ignored => "none".to_owned(),
        CacheScenario::Best => "best".to_owned(),
        CacheScenario::Primed => "primed".to_owned(),
        CacheScenario::HitRate(hit_rate) => hit_rate.to_string(),
    }
}
