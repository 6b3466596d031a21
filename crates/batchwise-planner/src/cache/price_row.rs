use batchwise_pricing::{PriceBook, Rates};
use batchwise_tokens::CacheTtl;
use batchwise_units::{Rate, Tokens};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::Region;

/// Prices that some requests share, and what they mean for caching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PriceRow {
    /// The id of the price book's model.
    pub(crate) model: String,
    pub(crate) region: Region,
    /// The threshold of the tier.
    pub(crate) tier: Option<Tokens>,
    /// In a batch.
    pub(crate) rates: Rates,
    /// From how many tokens on the model caches.
    pub(crate) minimum: Option<Tokens>,
}

impl PriceRow {
    /// The row of a model that is known to have prices on that day.
    pub(crate) fn of(
        book: &PriceBook,
        day: Date,
        (model, region, tier): (&str, Region, Option<Tokens>),
    ) -> PriceRow {
        let known = book.find(model).expect("a model that was priced");
        let era = known.on(day).expect("a day that was priced");
        let level = era.levels().find(|(threshold, _)| *threshold == tier);
        let (_, prices) = level.expect("a tier that was applied");
        let surcharge = if region == Region::Us { book.geo_us() } else { Decimal::ONE };
        PriceRow {
            model: model.to_owned(),
            region,
            tier,
            rates: prices.batch.times(surcharge),
            minimum: known.min_cacheable,
        }
    }

    pub(crate) fn is_of(&self, model: &str, region: Region, tier: Option<Tokens>) -> bool {
        self.model == model && self.region == region && self.tier == tier
    }

    pub(crate) fn write(&self, ttl: CacheTtl) -> Rate {
        match ttl {
            CacheTtl::FiveMinutes => self.rates.cache_write_5m,
            CacheTtl::OneHour => self.rates.cache_write_1h,
        }
    }

    /// The share of requests that must find a prefix so that marking it costs no more than not marking it:
    /// (write - input) / (write - read). `None` where reading saves nothing.
    pub(crate) fn break_even_hit_rate(&self, ttl: CacheTtl) -> Option<Decimal> {
        let [write, input, read] =
            [self.write(ttl), self.rates.input, self.rates.cache_read].map(|rate| rate.usd_per_mtok());
        (read < input && read < write).then(|| ((write - input) / (write - read)).max(Decimal::ZERO))
    }

    /// From how many requests on it pays to write a prefix once and read it in the others: the least n with
    /// write + (n - 1) read <= n input. `None` where it never pays.
    pub(crate) fn break_even_group_size(&self, ttl: CacheTtl) -> Option<u64> {
        let [write, input, read] =
            [self.write(ttl), self.rates.input, self.rates.cache_read].map(|rate| rate.usd_per_mtok());
        let size = (read < input).then(|| ((write - read) / (input - read)).ceil().max(Decimal::ONE))?;
        u64::try_from(size).ok()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use CacheTtl::{FiveMinutes, OneHour};

    fn row(model: &str) -> PriceRow {
        PriceRow::of(PriceBook::bundled(), date(2026, 11, 21), (model, Region::Global, None))
    }

    /// The figures of the price book's notes: reads at 0.1, 0.05 and 0.025 of the input price.
    #[test]
    fn break_even_hit_rates_are_the_documented_ones() {
        for (model, hour, five) in [
            ("claude-haiku-4-5", "0.526", "0.217"),
            ("claude-opus-5-5", "0.513", "0.208"),
            ("claude-fable-5-1", "0.506", "0.204"),
        ] {
            let rate = |ttl| row(model).break_even_hit_rate(ttl).unwrap().round_dp(3).to_string();
            assert_eq!((rate(OneHour), rate(FiveMinutes)), (hour.to_owned(), five.to_owned()), "{model}");
        }
    }

    #[test]
    fn two_reads_pay_for_an_hour_and_one_for_five_minutes() {
        for model in ["claude-haiku-4-5", "claude-opus-5-5", "claude-fable-5-1"] {
            let row = row(model);
            assert_eq!(row.break_even_group_size(OneHour), Some(3), "{model}");
            assert_eq!(row.break_even_group_size(FiveMinutes), Some(2), "{model}");
            for size in 1..6u64 {
                let [write, input, read] = [row.rates.cache_write_1h, row.rates.input, row.rates.cache_read]
                    .map(|rate| rate.usd_per_mtok());
                let pays = write + Decimal::from(size - 1) * read <= Decimal::from(size) * input;
                assert_eq!(pays, size >= 3, "{model} {size}");
            }
        }
    }
}
