use batchwise_records::Request;
use batchwise_tokens::{Basis, Estimator, InputEstimate, ModelTraits};
use batchwise_units::{Estimate, SharedError, Tokens, grouped};

use crate::calibration::tokens;
use crate::{Calibration, CellReport, Content, Factor, Interval, SizeClass, Stratum};

/// Cells beyond this number are not told one by one.
const CELLS_TOLD_MAX: usize = 20;

/// A thousand times what the largest context window of 2026 holds: no request has more, whatever a ratio says.
const REQUEST_TOKENS_MAX: f64 = 1e9;

/// Another estimator, corrected by counts.
///
/// A counted request is exactly what was counted. Any other is the old estimate times its cell's ratio, and its
/// range is that of [`Factor::single`], in place of the old one. Where too few requests of a sort were counted, or
/// the old estimate has no likely value, the old estimate stays.
#[derive(Debug)]
pub struct CalibratedEstimator<E> {
    inner: E,
    calibration: Calibration,
    method: String,
    basis: Vec<Basis>,
}

/// Where counts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Who counted, like `https://api.anthropic.com/v1/messages/count_tokens, version 2026-10-21`.
    pub source: String,
    /// The first and the last day on which something was counted, `YYYY-MM-DD`.
    pub days: (String, String),
    /// How many requests of the sample the API refused.
    pub refused: u64,
}

impl<E: Estimator> CalibratedEstimator<E> {
    /// Corrects `inner`, by which the workload was surveyed.
    pub fn new(inner: E, calibration: Calibration, provenance: &Provenance) -> CalibratedEstimator<E> {
        let basis = basis(inner.method(), &calibration, provenance);
        CalibratedEstimator { method: format!("{}+exact", inner.method()), inner, calibration, basis }
    }
}

impl<E: Estimator> Estimator for CalibratedEstimator<E> {
    fn method(&self) -> &str {
        &self.method
    }

    fn basis(&self) -> Vec<Basis> {
        self.basis.clone()
    }

    /// Not corrected: what was counted are whole requests.
    fn estimate_text(&self, text: &str, model: &ModelTraits) -> Estimate<Tokens> {
        self.inner.estimate_text(text, model)
    }

    fn shared_error(&self) -> SharedError {
        let corrected = SharedError::from_per_mille(self.calibration.shared_per_mille());
        if self.calibration.uncorrected() == 0 { corrected } else { corrected.max(self.inner.shared_error()) }
    }

    fn estimate(&self, request: &Request<'_>, model: &ModelTraits) -> InputEstimate {
        let mut estimate = self.inner.estimate(request, model);
        let Some(likely) = estimate.total.likely() else { return estimate };
        let counted = self.calibration.counted(&request.custom_id, likely, || Content::of(request));
        if let Some(real) = counted {
            let ratio = real.0 as f64 / likely.0.max(1) as f64;
            let total = Estimate::exactly(real);
            estimate.total = total;
            for prefix in estimate.prefixes_mut() {
                // The ratio of a part is not that of the whole, so the part keeps its range.
                *prefix = within(scaled_range(*prefix, ratio), total);
            }
            return estimate;
        }
        let stratum = Stratum {
            model: request.model.clone().into_owned(),
            kind: estimate.kind,
            size: SizeClass::of(likely),
        };
        let Some(Factor { ratio, single, .. }) = self.calibration.factor(&stratum) else { return estimate };
        let total = corrected(estimate.total, ratio, single);
        estimate.total = total;
        for prefix in estimate.prefixes_mut() {
            *prefix = within(corrected(*prefix, ratio, single), total);
        }
        estimate
    }
}

/// The likely value times the ratio, with the interval as its range.
fn corrected(old: Estimate<Tokens>, ratio: f64, interval: Interval) -> Estimate<Tokens> {
    let Some(likely) = old.likely() else { return old };
    let likely = likely.0 as f64;
    tokens_of_one(likely * interval.low, likely * ratio, likely * interval.high)
}

/// All three values times the ratio.
fn scaled_range(old: Estimate<Tokens>, ratio: f64) -> Estimate<Tokens> {
    let Some(likely) = old.likely() else { return old };
    tokens_of_one(old.low().0 as f64 * ratio, likely.0 as f64 * ratio, old.high().0 as f64 * ratio)
}

/// An estimate of one request: however large the ratio, sums of many stay far from the end of the numbers.
fn tokens_of_one(low: f64, likely: f64, high: f64) -> Estimate<Tokens> {
    let [low, likely, high] = [low, likely, high].map(|end| end.min(REQUEST_TOKENS_MAX));
    tokens(low, likely, high)
}

/// A prefix is no longer than the whole, at each end.
fn within(prefix: Estimate<Tokens>, whole: Estimate<Tokens>) -> Estimate<Tokens> {
    let low = prefix.low().min(whole.low());
    let high = prefix.high().min(whole.high());
    match prefix.likely().zip(whole.likely()) {
        Some((likely, most)) => Estimate::new(low, likely.min(most), high),
        None => Estimate::between(low, high),
    }
}

/// What the plan has to say about where its token counts come from.
fn basis(inner: &str, calibration: &Calibration, provenance: &Provenance) -> Vec<Basis> {
    let say = |key: &str, value: String, source: &str| Basis {
        key: key.to_owned(),
        value,
        source: source.to_owned(),
    };
    let (counts, requests) = (calibration.counts(), calibration.requests());
    let days = match &provenance.days {
        (first, last) if first == last => format!("on {last}"),
        (first, last) => format!("from {first} to {last}"),
    };
    let counted = format!("{} of {} requests counted {days}", grouped(counts), grouped(requests));
    let mut basis = Vec::new();
    match calibration.total() {
        Some((total, ratio, interval)) => {
            basis.push(say(
                "input-tokens",
                format!(
                    "estimated by `{inner}` times the ratio {} from {counted}; low and high of a request hold for 95 % of those not counted, and are no bound",
                    with_interval(ratio, interval)
                ),
                &provenance.source,
            ));
            let of = match calibration.uncorrected() {
                0 => "all requests".to_owned(),
                left => format!("{} requests", grouped(requests - left)),
            };
            let likely = total.likely_or_high();
            basis.push(say(
                "input-tokens-sampled",
                format!(
                    "{of} together have {} input tokens, at 95 % confidence {} to {}",
                    grouped(likely.0),
                    grouped(total.low().0),
                    grouped(total.high().0)
                ),
                "stratified ratio estimate, docs/exact.md",
            ));
        }
        None => basis.push(say(
            "input-tokens",
            format!("estimated offline by `{inner}`: {counted}, too few to correct anything"),
            &provenance.source,
        )),
    }
    basis.extend(
        calibration
            .cells()
            .iter()
            .take(CELLS_TOLD_MAX)
            .filter_map(told)
            .map(|value| say("input-tokens-ratio", value, "stratified ratio estimate, docs/exact.md")),
    );
    let uncorrected = calibration.uncorrected();
    if uncorrected > 0 && counts > 0 {
        let value = format!(
            "{} requests keep the range of `{inner}`: too few like them could be counted",
            grouped(uncorrected)
        );
        basis.push(say("input-tokens-uncorrected", value, "docs/accuracy.md"));
    }
    if provenance.refused > 0 {
        let value = match provenance.refused {
            1 => "1 request of the sample was refused, and is left out of it".to_owned(),
            refused => {
                format!("{} requests of the sample were refused, and are left out of it", grouped(refused))
            }
        };
        basis.push(say("input-tokens-refused", value, &provenance.source));
    }
    basis.push(say(
        "input-tokens-counting",
        "what count_tokens says is taken for what is billed; it calls itself an estimate that may differ by a small amount".to_owned(),
        "https://platform.claude.com/docs/en/build-with-claude/token-counting, read 2026-08-22",
    ));
    basis
}

fn told(cell: &CellReport) -> Option<String> {
    let Factor { ratio, total, .. } = cell.factor?;
    let CellReport { name, counted, requests, .. } = cell;
    let counted = format!("{} of {}", grouped(*counted), grouped(*requests));
    Some(format!("{name}: {} from {counted}", with_interval(ratio, total)))
}

pub(crate) fn with_interval(ratio: f64, Interval { low, high }: Interval) -> String {
    // The ends are rounded outwards: a width that is there does not disappear.
    let (low, high) = ((low * 1e4).floor() / 1e4, (high * 1e4).ceil() / 1e4);
    format!("{ratio:.4} (95 %: {low:.4} to {high:.4})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_rounded_outwards() {
        let interval = Interval { low: 1.000_09, high: 1.000_11 };
        assert_eq!(with_interval(1.000_1, interval), "1.0001 (95 %: 1.0000 to 1.0002)");
    }

    #[test]
    fn a_prefix_stays_within_the_whole() {
        let estimate = |low, likely, high| Estimate::new(Tokens(low), Tokens(likely), Tokens(high));
        assert_eq!(within(estimate(90, 95, 120), Estimate::exactly(Tokens(100))), estimate(90, 95, 100));
        assert_eq!(within(estimate(90, 105, 120), Estimate::exactly(Tokens(100))), estimate(90, 100, 100));
    }
}
