use super::*;
use proptest::prelude::*;

/// Uniform numbers by SplitMix64.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        f64::from(u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap()) / 4_294_967_296.0
    }

    /// Nearly normal: twelve uniform numbers.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// `count` different members of a population, at random.
    fn draw<'p>(&mut self, population: &'p [Pair], count: usize) -> (Vec<Pair>, Vec<&'p Pair>) {
        let mut order: Vec<&Pair> = population.iter().collect();
        order.sort_by_cached_key(|_| self.uniform().to_bits());
        let rest = order.split_off(count);
        (order.into_iter().copied().collect(), rest)
    }
}

/// A population of `count` requests with sizes over a power of ten, whose real tokens are those estimated times
/// `error`, and whose estimates had a range of a quarter either way.
fn population(dice: &mut Dice, count: usize, error: impl Fn(&mut Dice) -> f64) -> (Vec<Pair>, Totals) {
    let mut totals = Totals::default();
    let pairs = (0..count).map(|_| {
        let estimated = whole(1_000.0 * 10f64.powf(dice.uniform()));
        let pair = Pair { estimated, real: whole(estimated as f64 * error(dice)) };
        totals.include(Totals {
            requests: 1,
            low: estimated * 3 / 4,
            likely: estimated,
            high: estimated * 5 / 4,
        });
        pair
    });
    (pairs.collect(), totals)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
fn whole(number: f64) -> u64 {
    number.round().max(0.0) as u64
}

fn true_ratio(population: &[Pair]) -> f64 {
    let sum = |part: fn(&Pair) -> u64| population.iter().map(part).sum::<u64>() as f64;
    sum(|pair| pair.real) / sum(|pair| pair.estimated)
}

fn holds(interval: Interval, ratio: f64) -> bool {
    (interval.low - 1e-12..=interval.high + 1e-12).contains(&ratio)
}

/// How often, in percent, the total's interval and the single requests' intervals hold the truth.
fn coverage(count: usize, sample: usize, error: impl Fn(&mut Dice) -> f64) -> (f64, f64) {
    let mut dice = Dice(7);
    let (mut totals_held, mut singles_held, mut singles) = (0, 0, 0);
    const ROUNDS: u32 = 600;
    for _ in 0..ROUNDS {
        let (population, totals) = population(&mut dice, count, &error);
        let (drawn, rest) = dice.draw(&population, sample);
        let factor = factor(&drawn, totals).unwrap();
        totals_held += u32::from(holds(factor.total, true_ratio(&population)));
        for pair in rest.into_iter().take(20) {
            singles += 1;
            singles_held += u32::from(holds(factor.single, pair.real as f64 / pair.estimated as f64));
        }
    }
    let percent = |held: u32, of: u32| 100.0 * f64::from(held) / f64::from(of);
    (percent(totals_held, ROUNDS), percent(singles_held, singles))
}

#[track_caller]
fn check(
    (total, single): (f64, f64),
    totals: std::ops::RangeInclusive<f64>,
    singles: std::ops::RangeInclusive<f64>,
) {
    assert!(totals.contains(&total), "the totals' intervals hold the truth in {total} %");
    assert!(singles.contains(&single), "the requests' intervals hold the truth in {single} %");
}

#[test]
fn intervals_of_ordinary_errors_hold_what_they_promise() {
    let percent_3 = |dice: &mut Dice| 1.04 + 0.03 * dice.normal();
    let percent_20 = |dice: &mut Dice| 0.9 + 0.2 * dice.normal();
    check(coverage(2_000, 200, percent_3), 92.5..=97.5, 93.0..=97.0);
    check(coverage(400, 200, percent_3), 92.5..=97.5, 93.0..=97.0); // half of all are counted
    check(coverage(500, 50, percent_20), 92.5..=97.5, 93.0..=97.0);
    check(coverage(500, 10, percent_20), 92.0..=99.0, 93.0..=99.5);
    check(coverage(500, 3, percent_20), 92.0..=100.0, 93.0..=100.0);
}

#[test]
fn what_a_small_sample_misses_is_still_in_the_interval() {
    // One request in fifty is a fifth longer; most small samples do not see one.
    let rare = |dice: &mut Dice| if dice.uniform() < 0.02 { 1.2 } else { 1.0 };
    check(coverage(2_000, 20, rare), 97.0..=100.0, 96.0..=100.0);
    check(coverage(2_000, 60, rare), 93.0..=100.0, 96.0..=100.0);
}

#[test]
fn agreement_leaves_a_margin_unless_all_were_counted() {
    let pairs = |count: usize| vec![Pair { estimated: 1_000, real: 1_000 }; count];
    let totals = Totals { requests: 100, low: 90_000, likely: 100_000, high: 120_000 };
    let factor_of = |count| factor(&pairs(count), totals).unwrap();
    let ends = |interval: Interval| format!("{:.4} {:.4}", interval.low, interval.high);
    assert_eq!(ends(factor_of(30).systematic), "0.9900 1.0200"); //   3/30 of -10 % and +20 %
    assert_eq!(ends(factor_of(30).total), "0.9930 1.0140"); //      of the 70 % not counted
    assert_eq!(ends(factor_of(2).systematic), "0.9000 1.2000"); //      two say nothing about the rest
    assert_eq!(ends(factor_of(100).total), "1.0000 1.0000");
    assert_eq!(factor(&pairs(1), totals), None);
    assert_eq!(factor(&[], Totals::default()), None);
}

#[test]
fn one_huge_request_makes_a_small_sample() {
    let mut pairs: Vec<Pair> = (0..20).map(|index| Pair { estimated: 100, real: 98 + index % 5 }).collect();
    let totals = Totals { requests: 10_000, low: 990_000, likely: 1_000_000, high: 1_010_000 };
    let width = |pairs: &[Pair]| {
        let interval = factor(pairs, totals).unwrap().total;
        interval.high - interval.low
    };
    let even = width(&pairs);
    pairs[0] = Pair { estimated: 100_000, real: 103_000 };
    assert!(width(&pairs) > 5.0 * even);
}

proptest! {
    #[test]
    fn a_full_count_is_the_truth_and_a_part_is_honest(
        pairs in proptest::collection::vec((1u64..5_000, 0u64..9_000), 1..60),
        part in 0usize..60,
    ) {
        let pairs: Vec<Pair> = pairs.into_iter().map(|(estimated, real)| Pair { estimated, real }).collect();
        let likely = pairs.iter().map(|pair| pair.estimated).sum::<u64>();
        let totals = Totals { requests: pairs.len() as u64, low: likely / 2, likely, high: likely * 2 };
        let all = factor(&pairs, totals).unwrap();
        prop_assert!(holds(all.total, true_ratio(&pairs)));
        prop_assert!(all.total.low.to_bits() == all.total.high.to_bits());
        if let Some(Factor { ratio, total, systematic, single }) = factor(&pairs[..part.min(pairs.len())], totals) {
            let ends = [single.low, systematic.low, total.low, ratio, total.high, systematic.high, single.high];
            prop_assert!(ends[0] >= 0.0 && ends.is_sorted(), "{ends:?}");
        }
    }
}
