//! Samples of texts, against populations whose counts are known.

use batchwise_calibration::{TextFit, TextSample};
use batchwise_tokens::{Family, MilliTokens, SampledPiece, Texture};
use proptest::prelude::*;

/// Numbers that look random, from a seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// A window of very different size and ratio, with text of one or two textures.
fn window(random: &mut Random) -> Vec<SampledPiece> {
    let pieces = 1 + random.below(3);
    let style = random.below(200);
    let mut piece = |window| {
        let texture = if random.below(3) == 0 { Texture::Marked } else { Texture::Plain };
        let rough = 10_000 + random.below(1_400) * random.below(1_000);
        let ratio = 850 + style + random.below(100) + if texture == Texture::Marked { 150 } else { 0 };
        let real = MilliTokens(rough * ratio / 1_000);
        SampledPiece { window, family: Family::Claude47, texture, rough: MilliTokens(rough), real }
    };
    (0..pieces).map(|_| piece(0)).collect()
}

fn fit(windows: &[Vec<SampledPiece>]) -> TextFit {
    let mut sample = TextSample::default();
    windows.iter().for_each(|window| sample.note(window));
    sample.fit()
}

fn rough_and_real(windows: &[Vec<SampledPiece>], texture: Texture) -> (f64, f64) {
    let pieces = windows.iter().flatten().filter(|piece| piece.texture == texture);
    pieces.fold((0.0, 0.0), |(x, y), piece| (x + piece.rough.0 as f64, y + piece.real.0 as f64))
}

#[test]
fn ratios_are_unbiased_and_their_intervals_hold_what_they_say() {
    let mut random = Random(1);
    let population: Vec<_> = (0..20_000).map(|_| window(&mut random)).collect();
    const RUNS: u32 = 1_000;
    for texture in [Texture::Plain, Texture::Marked] {
        let (x, y) = rough_and_real(&population, texture);
        let truth = y / x;
        let (mut error, mut held) = (0.0, 0);
        for _ in 0..RUNS {
            let draw = |_| population[usize::try_from(random.below(20_000)).unwrap()].clone();
            let fit = fit(&(0..150).map(draw).collect::<Vec<_>>());
            let stratum = fit.strata.iter().find(|stratum| stratum.texture == texture).unwrap();
            let (ratio, interval) = stratum.ratio.unwrap();
            error += ratio / truth - 1.0;
            held += u32::from(interval.low <= truth && truth <= interval.high);
        }
        assert!((error / f64::from(RUNS)).abs() < 0.001, "{error}");
        assert!((900..=990).contains(&held), "{held} of {RUNS}");
    }
}

#[test]
fn rare_texts_are_counted() {
    let mut random = Random(2);
    let windows: Vec<_> = (0..30).map(|_| window(&mut random)).collect();
    let plain = |fit: TextFit| fit.factors.contains_key(&(Family::Claude47, Texture::Plain));
    let only_plain = |windows: &[Vec<SampledPiece>]| {
        let mut windows = windows.to_vec();
        windows.iter_mut().flatten().for_each(|piece| piece.texture = Texture::Plain);
        windows
    };
    assert!(plain(fit(&only_plain(&windows))));
    assert!(!plain(fit(&only_plain(&windows[1..]))));
    assert!(fit(&[]).factors.is_empty());
}

#[test]
fn a_sample_without_spread_keeps_a_range() {
    let piece = SampledPiece {
        window: 0,
        family: Family::Claude47,
        texture: Texture::Plain,
        rough: MilliTokens(1_000_000),
        real: MilliTokens(900_000),
    };
    let fit = fit(&vec![vec![piece]; 100]);
    let (ratio, interval) = fit.strata[0].ratio.unwrap();
    assert!((ratio - 0.9).abs() < 1e-12);
    assert!((interval.high - ratio - 0.9 * 0.1 * 0.03).abs() < 1e-9, "{interval:?}");
    assert!(fit.factors[&(Family::Claude47, Texture::Plain)].below > 0);
}

proptest! {
    /// Whatever the sample, the shared part of every factor's range is no less than the uncertainty of its ratio, and
    /// no less than what `claude` shares.
    #[test]
    fn totals_keep_what_requests_share(seed in any::<u64>(), count in 30_u32..120) {
        let mut random = Random(seed);
        let fit = fit(&(0..count).map(|_| window(&mut random)).collect::<Vec<_>>());
        let shared = u64::from(fit.shared.per_mille());
        for stratum in &fit.strata {
            let Some((ratio, interval)) = stratum.ratio else { continue };
            let factor = fit.factors[&(stratum.family, stratum.texture)];
            let systematic = (interval.high - ratio).max(ratio - interval.low);
            prop_assert!((factor.below * shared) as f64 / 1e9 >= systematic - 1e-9);
            prop_assert!(factor.above >= factor.below);
        }
        prop_assert!(shared >= 547 && fit.shared_of_whole <= fit.shared);
        prop_assert!(fit.shared_of_whole.per_mille() > 0);
    }
}
