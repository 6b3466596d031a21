use std::collections::BTreeMap;

use batchwise_tokens::{
    CLAUDE_SHARED_ERROR, Family, MilliTokens, SHORT_TEXT, SampledPiece, TextFactor, TextFactors, Texture,
};
use batchwise_units::SharedError;

use crate::Interval;
use crate::ratio::{Pair, factor};
use crate::student::t_975;
use crate::survey::Totals;

/// How far off a rough count is taken to be where nothing was seen of it, in thousandths: by the rule of three, a
/// share of this stays in every interval.
const UNSEEN_PER_MILLE: u64 = 100;

/// What `claude` allows for a request of text, as a share of it: 1 to 5 thousandths for all kinds but quoted documents.
const TEXT_ALLOWANCE: f64 = 0.01;

/// Pieces of text that were counted, by how the rough count is off.
///
/// A window, which is drawn as a whole, is one observation of each stratum that it has text of. Memory: 16 bytes for
/// each of these.
#[derive(Clone, Debug, Default)]
pub struct TextSample {
    strata: BTreeMap<(Family, Texture), Observed>,
    windows: u64,
}

#[derive(Clone, Debug, Default)]
struct Observed {
    windows: Vec<Pair>,
    moments: Moments,
}

/// Sums over windows of x², xy and y², each by the square of the window's reach, where x is the rough count and y the
/// real one.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    xx: f64,
    xy: f64,
    yy: f64,
}

/// What a sample of texts says.
#[derive(Clone, Debug, PartialEq)]
pub struct TextFit {
    /// How to correct rough counts; strata without enough windows are not among them.
    pub factors: TextFactors,
    /// How much of the range of one request all requests share: no less than with `claude`, and no less than the
    /// uncertainty of the ratios.
    pub shared: SharedError,
    /// The same for the sum of all requests, of which the sample is a fair share: the uncertainty of the ratios, and
    /// of what `claude` itself allows for texts the part that it shares.
    pub shared_of_whole: SharedError,
    /// What was found in each stratum.
    pub strata: Vec<TextStratum>,
    /// How many windows with text were counted.
    pub windows: u64,
}

/// What was found of one family and texture.
#[derive(Clone, Debug, PartialEq)]
pub struct TextStratum {
    /// Which tokenizer.
    pub family: Family,
    /// What the texts look like.
    pub texture: Texture,
    /// How many windows have such text.
    pub windows: u64,
    /// Their tokens.
    pub real: MilliTokens,
    /// Real by rough tokens, and the 95 % interval of it; `None` where too few windows were counted.
    pub ratio: Option<(f64, Interval)>,
}

/// A stratum that is estimated.
struct Fitted {
    stratum: (Family, Texture),
    /// All it has in the sample, in real tokens.
    weight: f64,
    ratio: f64,
    interval: Interval,
    /// How far the real count of a window lies from the corrected one, at 95 %, by the reach of the window.
    own: f64,
    /// What of it is the uncertainty of the ratio, in the middle of the sample.
    shared: f64,
}

impl TextSample {
    /// So many windows of a stratum are needed at least. Where there are fewer, it is rare, and counting all of it takes
    /// little time.
    pub const WINDOWS_MIN: u64 = 30;

    /// Takes notice of a window.
    pub fn note(&mut self, window: &[SampledPiece]) {
        self.windows += 1;
        let mut sums: BTreeMap<(Family, Texture), Pair> = BTreeMap::new();
        for piece in window {
            let stratum = (piece.family, piece.texture);
            let sum = sums.entry(stratum).or_insert(Pair { estimated: 0, real: 0 });
            sum.estimated += piece.rough.0;
            sum.real += piece.real.0;
        }
        for (stratum, sum) in sums {
            self.strata.entry(stratum).or_default().push(sum);
        }
    }

    /// What the sample says.
    pub fn fit(self) -> TextFit {
        let fitted: Vec<Fitted> =
            self.strata.iter().filter_map(|(stratum, observed)| observed.fit(*stratum)).collect();
        let reach: f64 = fitted.iter().map(|fit| fit.weight * fit.own).sum();
        let shared: f64 = fitted.iter().map(|fit| fit.weight * fit.shared).sum();
        let weight: f64 = fitted.iter().map(|fit| fit.weight).sum();
        let by_claude = weight * TEXT_ALLOWANCE * f64::from(CLAUDE_SHARED_ERROR.per_mille()) / 1_000.0;
        let share = |error: f64| if reach > 0.0 { per_mille(error / reach) } else { 1_000 };
        let whole = share(shared + by_claude);
        let shared = share(shared).max(CLAUDE_SHARED_ERROR.per_mille());
        let factors = fitted.iter().map(|fit| (fit.stratum, fit.factor(shared)));
        TextFit {
            factors: factors.collect(),
            shared: SharedError::from_per_mille(shared),
            shared_of_whole: SharedError::from_per_mille(whole.min(shared)),
            strata: self.strata.iter().map(|(stratum, observed)| observed.told(*stratum, &fitted)).collect(),
            windows: self.windows,
        }
    }
}

impl Moments {
    fn add(&mut self, window: Pair) {
        let (x, y) = (window.estimated as f64, window.real as f64);
        let reach = x + SHORT_TEXT.0 as f64;
        self.xx += x * x / (reach * reach);
        self.xy += x * y / (reach * reach);
        self.yy += y * y / (reach * reach);
    }

    /// The sum of the squares of what is left of y when the ratio times x is taken off.
    fn residual(self, ratio: f64) -> f64 {
        (self.yy - 2.0 * ratio * self.xy + ratio * ratio * self.xx).max(0.0)
    }
}

impl Observed {
    fn push(&mut self, window: Pair) {
        self.windows.push(window);
        self.moments.add(window);
    }

    fn fit(&self, stratum: (Family, Texture)) -> Option<Fitted> {
        if (self.windows.len() as u64) < TextSample::WINDOWS_MIN {
            return None;
        }
        let rough = self.rough();
        let unseen = rough * UNSEEN_PER_MILLE / 1_000;
        // The windows that were not drawn are many: what was counted is no notable part of them.
        let totals = Totals { requests: u64::MAX, low: rough - unseen, likely: rough, high: rough + unseen };
        let factor = factor(&self.windows, totals)?;
        let interval = factor.systematic;
        let variance = self.moments.residual(factor.ratio) / (self.windows.len() as f64 - 1.0);
        let shared = (factor.ratio - interval.low).max(interval.high - factor.ratio);
        let own = t_975(self.windows.len() as f64 - 1.0) * variance.sqrt() + shared;
        Some(Fitted { stratum, weight: rough as f64, ratio: factor.ratio, interval, own, shared })
    }

    fn rough(&self) -> u64 {
        self.windows.iter().map(|window| window.estimated).sum()
    }

    fn told(&self, (family, texture): (Family, Texture), fitted: &[Fitted]) -> TextStratum {
        let fit = fitted.iter().find(|fit| fit.stratum == (family, texture));
        TextStratum {
            family,
            texture,
            windows: self.windows.len() as u64,
            real: MilliTokens(self.windows.iter().map(|window| window.real).sum()),
            ratio: fit.map(|fit| (fit.ratio, fit.interval)),
        }
    }
}

impl Fitted {
    /// The range of a piece is so wide that `shared` thousandths of it are at least the uncertainty of the ratio.
    fn factor(&self, shared: u16) -> TextFactor {
        let own = self.own.max(self.shared * 1_000.0 / f64::from(shared));
        let reach = millionths(own);
        TextFactor { ratio: millionths(self.ratio), below: reach, above: reach }
    }
}

/// Rounded up.
fn per_mille(share: f64) -> u16 {
    (0..=1_000).find(|&whole| f64::from(whole) >= share * 1_000.0).unwrap_or(1_000)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ratios are between 0 and some thousands; `as` saturates"
)]
fn millionths(share: f64) -> u64 {
    (share * 1e6).ceil().clamp(0.0, 1e15) as u64
}
