use batchwise_plan::Quote;

/// What batches with caching save against one by one, for a sentence: `38.2 % less than one by one`. Of the likely costs where
/// both are known, else of the high ends, and then it says so unless it is the same at the low ends. `None` where one by one costs nothing.
pub fn saved(quote: &Quote) -> Option<String> {
    let saving = quote.savings().batch_cached;
    let (percent, end) = match saving.likely {
        Some(_) => (saving.percent_likely?, ""),
        None if saving.low.percent_of(quote.standard.low()) == saving.percent_high => {
            (saving.percent_high?, "")
        }
        None => (saving.percent_high?, " at the high end"),
    };
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
            (("0", None, "0"), ("0", None, "0"), None),
        ] {
            let standard = range(standard.0, standard.1, standard.2);
            let batch_cached = range(cached.0, cached.1, cached.2);
            let quote = Quote { standard, batch: standard, batch_cached, batch_bound: standard.high() };
            assert_eq!(saved(&quote).as_deref(), expected);
        }
    }
}
