use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use batchwise_records::Request;
use batchwise_units::{Estimate, SharedError};

use crate::estimator::StructureEstimator;
use crate::piece::{Piece, pieces};
use crate::rough_count::RoughCount;
use crate::{Estimator, Family, MilliTokens, ModelTraits, Structure, TextCounter, TextRole, Texture};

/// By so many tokens a piece is taken for larger than it is when its own error is told: short texts vary more.
pub const SHORT_TEXT: MilliTokens = MilliTokens::tokens(20);

/// How pieces of one family and texture are corrected, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextFactor {
    /// Tokens per token of the rough count.
    pub ratio: u64,
    /// How far below that a piece may lie, of its rough count and [`SHORT_TEXT`] together.
    pub below: u64,
    /// How far above.
    pub above: u64,
}

/// The factors by family and texture. Where there is none, texts are counted.
pub type TextFactors = BTreeMap<(Family, Texture), TextFactor>;

/// Counts texts by a look at their bytes, corrected by what a sample of them has shown.
#[derive(Clone, Debug)]
pub struct SampledText(TextFactors);

/// The estimator that counts as [`claude`](crate::claude()) does, but texts by `factors`.
pub fn sampled(factors: TextFactors, shared: SharedError) -> StructureEstimator<SampledText> {
    StructureEstimator::new(SampledText(factors), Structure::for_claude, shared)
}

impl TextCounter for SampledText {
    fn method(&self) -> &'static str {
        "claude, sampled"
    }

    fn count(&self, text: &str, _: TextRole, family: Family) -> Estimate<MilliTokens> {
        self.sum(text, family, |piece| piece.count(family))
    }

    fn count_first(&self, text: &str, model: &ModelTraits) -> Estimate<MilliTokens> {
        self.sum(text, model.family, |piece| piece.count_first(model))
    }

    fn knows_every_script(&self) -> bool {
        true
    }
}

impl SampledText {
    /// `count` counts a piece.
    fn sum(
        &self,
        text: &str,
        family: Family,
        count: impl Fn(&Piece<'_>) -> MilliTokens,
    ) -> Estimate<MilliTokens> {
        let mut sum = Estimate::default();
        for piece in pieces(text) {
            let rough = RoughCount::of(piece.text, family);
            sum += match self.0.get(&(family, rough.texture)) {
                Some(factor) => factor.times(rough.size),
                None => Estimate::exactly(count(&piece)),
            };
        }
        sum
    }
}

impl TextFactor {
    fn times(self, rough: MilliTokens) -> Estimate<MilliTokens> {
        let of = |amount: MilliTokens, millionths: u64| {
            let product = u128::from(amount.0) * u128::from(millionths);
            MilliTokens(u64::try_from((product + 500_000) / 1_000_000).unwrap_or(u64::MAX))
        };
        let (likely, reach) = (of(rough, self.ratio), rough + SHORT_TEXT);
        let low = MilliTokens(likely.0.saturating_sub(of(reach, self.below).0));
        Estimate::new(low, likely, likely + of(reach, self.above))
    }
}

/// The windows of a request that are in a sample: so many of the `of` windows it has, which are its pieces of text
/// dealt out to them in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Their numbers, counted from 0, in rising order.
    pub chosen: Vec<u64>,
    /// How many windows the request has.
    pub of: u64,
}

/// A piece of text of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampledPiece {
    /// Which window it is in.
    pub window: u64,
    /// Which tokenizer counted it.
    pub family: Family,
    /// What it looks like.
    pub texture: Texture,
    /// What a look at its bytes tells.
    pub rough: MilliTokens,
    /// What was counted.
    pub real: MilliTokens,
}

/// Counts the pieces of text of a request that are in its chosen windows. Every piece of every text that counts is
/// in exactly one window.
pub fn sample_texts(request: &Request<'_>, model: &ModelTraits, windows: &Windows) -> Vec<SampledPiece> {
    let recorder = Recorder { windows, recorded: Mutex::default() };
    let estimator = StructureEstimator::new(recorder, Structure::for_claude, SharedError::ALL);
    estimator.estimate(request, model);
    let recorded = estimator.into_counter().recorded.into_inner();
    recorded.unwrap_or_else(PoisonError::into_inner).pieces
}

/// Counts nothing, but for what is in the windows.
struct Recorder<'w> {
    windows: &'w Windows,
    recorded: Mutex<Recorded>,
}

#[derive(Default)]
struct Recorded {
    /// How many pieces went by.
    passed: u64,
    pieces: Vec<SampledPiece>,
}

impl TextCounter for Recorder<'_> {
    fn method(&self) -> &'static str {
        "sample"
    }

    fn count(&self, text: &str, _: TextRole, family: Family) -> Estimate<MilliTokens> {
        self.record(text, family, |piece| piece.count(family));
        Estimate::default()
    }

    fn count_first(&self, text: &str, model: &ModelTraits) -> Estimate<MilliTokens> {
        self.record(text, model.family, |piece| piece.count_first(model));
        Estimate::default()
    }

    /// Is no text of its own.
    fn count_end(&self, _: &str, _: &str, _: Family) -> Estimate<MilliTokens> {
        Estimate::default()
    }

    fn knows_every_script(&self) -> bool {
        true
    }
}

impl Recorder<'_> {
    fn record(&self, text: &str, family: Family, count: impl Fn(&Piece<'_>) -> MilliTokens) {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in pieces(text) {
            let window = recorded.passed % self.windows.of;
            recorded.passed += 1;
            if self.windows.chosen.binary_search(&window).is_ok() {
                let RoughCount { texture, size } = RoughCount::of(piece.text, family);
                let real = count(&piece);
                recorded.pieces.push(SampledPiece { window, family, texture, rough: size, real });
            }
        }
    }
}
