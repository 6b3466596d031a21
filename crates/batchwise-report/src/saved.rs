use batchwise_plan::Quote;
use batchwise_units::percentage;

/// What batches with caching save against one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// In percent of one by one, as people read it; negative where more is paid.
    pub percent: String,
    /// Of which costs.
    pub at: SavedAt,
}

/// Where in their ranges the two costs are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedAt {
    /// At the likely costs, as both are known.
    Likely,
    /// At the high ends, and it is the same percentage at the low ends.
    BothEnds,
    /// At the high ends.
    High,
}

impl Saved {
    /// Of the likely costs where both are known, else of the high ends. `None` where one by one costs nothing.
    pub fn of(quote: &Quote) -> Option<Saved> {
        let saving = quote.savings().batch_cached;
        let (percent, amount, at) = match saving.likely {
            Some(likely) => (saving.percent_likely?, likely, SavedAt::Likely),
            None => {
                let is_same = saving.low.percent_of(quote.standard.low()) == saving.percent_high;
                let at = if is_same { SavedAt::BothEnds } else { SavedAt::High };
                (saving.percent_high?, saving.high, at)
            }
        };
        Some(Saved { percent: percentage(&percent, amount), at })
    }
}

/// The same for a sentence: `38.2 % less than one by one`. Where that is so at the high end only, it says so.
pub fn saved(quote: &Quote) -> Option<String> {
    let Saved { percent, at } = Saved::of(quote)?;
    let end = if at == SavedAt::High { " at the high end" } else { "" };
    Some(match percent.strip_prefix('-') {
        Some(more) => format!("{more} % more than one by one{end}"),
        None => format!("{percent} % less than one by one{end}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use batchwise_units::{Estimate, Usd};

    #[test]
    fn like_is_compared_with_like() {
        let usd = |text: &str| Usd::parse(text).unwrap();
        let range = |low, likely: Option<&str>, high| match likely {
            Some(likely) => Estimate::new(usd(low), usd(likely), usd(high)),
            None => Estimate::between(usd(low), usd(high)),
        };
        let (standard, cached) = (("2", Some("4"), "8"), ("1", Some("1"), "6"));
        for (standard, cached, expected) in [
            (standard, cached, Some("75.0 % less than one by one")),
            (standard, ("1", None, "6"), Some("25.0 % less than one by one at the high end")),
            (("2", None, "4"), ("1", None, "5"), Some("25.0 % more than one by one at the high end")),
            (("2", None, "4"), ("1", None, "2"), Some("50.0 % less than one by one")),
            (
                ("8000", Some("8000"), "8000"),
                ("7999", Some("7999"), "7999"),
                Some("<0.1 % less than one by one"),
            ),
            (
                ("8000", Some("8000"), "8000"),
                ("8001", Some("8001"), "8001"),
                Some("<0.1 % more than one by one"),
            ),
            (("0", None, "0"), ("0", None, "0"), None),
        ] {
            let standard = range(standard.0, standard.1, standard.2);
            let batch_cached = range(cached.0, cached.1, cached.2);
            let quote = Quote { standard, batch: standard, batch_cached, batch_bound: standard.high() };
            assert_eq!(saved(&quote).as_deref(), expected);
        }
    }
}
