use batchwise_plan::Quote;
use batchwise_units::{Estimate, Usd, percentage};
use serde::Serialize;

/// Where in their ranges costs are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    /// At their likely values, where all have one.
    Likely,
    /// At their high ends, which all have.
    High,
}

/// What something costs more than something else, end by end and exact; negative where it costs less.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Effect {
    pub(crate) low: Usd,
    /// Null where one of the two has no likely value, unless the difference is the same whatever is unknown.
    pub(crate) likely: Option<Usd>,
    pub(crate) high: Usd,
    /// Of the cost as it is, rounded to one decimal; null when that is nothing.
    pub(crate) percent_likely: Option<String>,
    pub(crate) percent_high: Option<String>,
}

impl End {
    /// The end at which all of these costs are known; `None` of no cost at all.
    pub(crate) fn of_all(costs: impl Iterator<Item = Estimate<Usd>>) -> Option<End> {
        End::common(costs.map(|cost| cost.likely().is_some()))
    }

    /// That of the likely values where all have one, else the high end.
    fn common(have_likely: impl Iterator<Item = bool>) -> Option<End> {
        let all = have_likely.reduce(|all, has_likely| all && has_likely)?;
        Some(if all { End::Likely } else { End::High })
    }

    /// A cost at that end; `None` where that is unknown.
    pub(crate) fn of(self, cost: Estimate<Usd>) -> Option<Usd> {
        match self {
            End::Likely => cost.likely(),
            End::High => Some(cost.high()),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            End::Likely => "likely",
            End::High => "high",
        }
    }

    /// What is said behind a comparison: that at likely values is what people expect, any other is named.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            End::Likely => "",
            End::High => " at the high end",
        }
    }
}

/// The end at which all of them can be compared: that of their likely values, or where one has none, the high end. `None` of
/// no effect at all.
pub(crate) fn common_end<'e>(effects: impl Iterator<Item = &'e Effect>) -> Option<End> {
    End::common(effects.map(|effect| effect.likely.is_some()))
}

impl Effect {
    pub(super) fn of(base: Estimate<Usd>, other: Estimate<Usd>) -> Effect {
        let likely = base.likely().zip(other.likely()).map(|(base, other)| other - base);
        let high = other.high() - base.high();
        Effect {
            low: other.low() - base.low(),
            likely,
            high,
            percent_likely: likely.zip(base.likely()).and_then(|(moved, whole)| moved.percent_of(whole)),
            percent_high: high.percent_of(base.high()),
        }
    }

    /// What replies of other lengths cost more than `base`. The cache does nothing to replies, so that the likely
    /// difference is known even where nobody knows what the cache does.
    pub(crate) fn of_replies(base: Quote, other: Quote) -> Effect {
        let whatever_the_cache_does = Effect::of(base.batch, other.batch).likely;
        let effect = Effect::of(base.batch_cached, other.batch_cached);
        Effect { likely: effect.likely.or(whatever_the_cache_does), ..effect }
    }

    /// What changes at that end; `None` where that is unknown.
    pub(crate) fn at(&self, end: End) -> Option<Usd> {
        match end {
            End::Likely => self.likely,
            End::High => Some(self.high),
        }
    }

    /// The same as a percentage of the cost as it is, for people: what is something never looks like nothing.
    pub(crate) fn percent(&self, end: End) -> Option<String> {
        let percent = match end {
            End::Likely => self.percent_likely.as_ref(),
            End::High => self.percent_high.as_ref(),
        };
        Some(percentage(percent?, self.at(end)?))
    }

    /// What changes at that end, then, for those that are equal there, at the others.
    pub(crate) fn order(&self, end: End) -> [Usd; 3] {
        let likely = self.likely.unwrap_or(Usd::ZERO);
        match end {
            End::Likely => [likely, self.high, self.low],
            End::High => [self.high, likely, self.low],
        }
    }

    /// Whether nothing changes, at any end.
    pub(crate) fn is_nothing(&self) -> bool {
        self.low == Usd::ZERO
            && self.high == Usd::ZERO
            && self.likely.is_none_or(|likely| likely == Usd::ZERO)
    }
}
