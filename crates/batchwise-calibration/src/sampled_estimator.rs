use batchwise_records::Request;
use batchwise_tokens::{
    Basis, Estimator, Family, InputEstimate, ModelTraits, SampledText, StructureEstimator, sampled,
};
use batchwise_units::{Estimate, SharedError, Tokens, grouped};

use crate::calibrated_estimator::with_interval;
use crate::{TextFit, TextSample, TextStratum};

/// Where more about it stands.
const SOURCE: &str = "docs/sample.md";

/// Counts as `claude` does, but texts by the rough count and the ratios that a sample of them has shown.
#[derive(Debug)]
pub struct SampledEstimator {
    inner: StructureEstimator<SampledText>,
    shared_of_whole: SharedError,
    method: String,
    basis: Vec<Basis>,
}

impl SampledEstimator {
    /// An estimator by the `fit` of a sample of one window in `one_in`; `None` where no text was sampled often enough
    /// to estimate anything, so that all of it is to be counted.
    pub fn new(fit: TextFit, one_in: u64) -> Option<SampledEstimator> {
        if fit.factors.is_empty() {
            return None;
        }
        let method = format!("claude, sampled {} %", percent(one_in));
        let basis = basis(&fit, one_in);
        let shared_of_whole = fit.shared_of_whole;
        Some(SampledEstimator { inner: sampled(fit.factors, fit.shared), shared_of_whole, method, basis })
    }
}

impl Estimator for SampledEstimator {
    fn method(&self) -> &str {
        &self.method
    }

    fn basis(&self) -> Vec<Basis> {
        self.basis.clone()
    }

    fn estimate(&self, request: &Request<'_>, model: &ModelTraits) -> InputEstimate {
        self.inner.estimate(request, model)
    }

    fn estimate_text(&self, text: &str, model: &ModelTraits) -> Estimate<Tokens> {
        self.inner.estimate_text(text, model)
    }

    fn shared_error(&self) -> SharedError {
        self.inner.shared_error()
    }

    fn shared_error_of_whole(&self) -> SharedError {
        self.shared_of_whole
    }
}

/// One in so many as a percentage with up to three digits after the point.
fn percent(one_in: u64) -> String {
    let thousandths = (100_000 + one_in / 2) / one_in;
    let number = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn basis(fit: &TextFit, one_in: u64) -> Vec<Basis> {
    let say = |key: &str, value: String| Basis { key: key.to_owned(), value, source: SOURCE.to_owned() };
    let mut basis = vec![say(
        "input-tokens",
        format!(
            "texts are estimated by their bytes, times ratios from {} windows of up to 4 kB that `claude` counted, one \
             in {}; everything else as `claude` does; low and high are a range, not a bound",
            grouped(fit.windows),
            grouped(one_in)
        ),
    )];
    basis.extend(fit.strata.iter().map(|stratum| say("input-tokens-sampled", told(stratum))));
    basis.push(say("input-tokens-unsampled", "texts of any other sort are counted in full".to_owned()));
    basis
}

fn told(stratum: &TextStratum) -> String {
    let tokenizer = match stratum.family {
        Family::PreClaude47 => "older tokenizer",
        Family::Claude47 => "newer tokenizer",
    };
    let name = format!("{tokenizer}, {}", stratum.texture.name());
    let windows = grouped(stratum.windows);
    match stratum.ratio {
        Some((ratio, interval)) => {
            format!("{name}: ratio {} from {windows} windows", with_interval(ratio, interval))
        }
        None => format!(
            "{name}: counted in full, as only {windows} windows have such text, and a ratio takes {}",
            TextSample::WINDOWS_MIN
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn rates_are_percentages() {
        assert_eq!([2, 200, 3, 1_000, 10_000].map(percent), ["50", "0.5", "33.333", "0.1", "0.01"]);
    }
}
