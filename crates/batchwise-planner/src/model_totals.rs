use std::collections::BTreeSet;

use batchwise_plan::{ModelLine, RatesUsed};
use batchwise_pricing::{Era, PriceBook, Rates, TokenKind};
use batchwise_units::Tokens;
use jiff::civil::Date;

use crate::totals::{Shares, Totals};
use crate::{Appraisal, Price, Region};

/// What the requests of one model add up to.
#[derive(Default)]
pub(crate) struct ModelTotals {
    totals: Totals,
    unpriced_because: Option<String>,
    priced_as: Option<String>,
    /// The rows of prices that were applied: region, and threshold of the tier.
    rows: BTreeSet<(Region, Option<Tokens>)>,
}

impl ModelTotals {
    pub(crate) fn add(&mut self, appraisal: &Appraisal) {
        self.totals.add(&appraisal.load());
        match &appraisal.price {
            Price::Known { priced_as, tiers, region, .. } => {
                self.priced_as.get_or_insert_with(|| priced_as.clone());
                self.rows.extend(tiers.iter().map(|&tier| (*region, tier)));
            }
            Price::Unpriced(reason) => {
                self.unpriced_because.get_or_insert_with(|| reason.sentence.clone());
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.totals.requests == 0
    }

    pub(crate) fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The id in the price book whose prices were used.
    pub(crate) fn priced_as(&self) -> Option<&str> {
        self.priced_as.as_deref()
    }

    pub(crate) fn line(&self, model: &str, shares: Shares, book: &PriceBook, day: Date) -> ModelLine {
        ModelLine {
            model: model.to_owned(),
            priced_as: self.priced_as.clone(),
            unpriced_because: self.unpriced_because.clone(),
            requests: self.totals.requests,
            unpriced_requests: self.totals.unpriced_requests,
            tokens: self.totals.tokens(shares),
            quote: self.totals.quote(shares),
            rates: self.rates_used(book, day),
        }
    }

    fn rates_used(&self, book: &PriceBook, day: Date) -> Vec<RatesUsed> {
        let model = self.priced_as().and_then(|id| book.find(id).ok());
        let Some(era) = model.and_then(|model| model.on(day).ok()) else { return Vec::new() };
        self.rows.iter().map(|&(region, over)| rates_row(book, era, region, over)).collect()
    }
}

fn rates_row(book: &PriceBook, era: &Era, region: Region, over: Option<Tokens>) -> RatesUsed {
    let prices = match over {
        None => &era.base,
        Some(over) => {
            let tier = era.tiers.iter().find(|tier| tier.prompt_over == over);
            &tier.expect("a tier that was applied is in the era").prices
        }
    };
    let list = |rates: Rates| {
        let rates = if region == Region::Us { rates.times(book.geo_us()) } else { rates };
        TokenKind::ALL.into_iter().map(|kind| (kind.name().to_owned(), rates.of(kind))).collect()
    };
    RatesUsed {
        prompt_tokens_over: over,
        geo: region.name().into(),
        usd_per_mtok: [
            ("standard".to_owned(), list(prices.standard)),
            ("batch".to_owned(), list(prices.batch)),
        ]
        .into(),
        since: era.from.to_string(),
        source: era.source.clone(),
        checked: era.checked.map(|day| day.to_string()),
    }
}
