use std::collections::{BTreeMap, HashMap};

use batchwise_units::{Estimate, Tokens};

use crate::ratio::{Pair, factor};
use crate::survey::Totals;
use crate::{Content, Design, Factor, Interval, Stratum};

/// What the counts of a sample say about a workload.
#[derive(Clone, Debug)]
pub struct Calibration {
    cells: Vec<CellReport>,
    cell_of: BTreeMap<Stratum, usize>,
    /// By id, which in a count may be that of several requests.
    counted: HashMap<String, Vec<Counted>>,
    without_likely: u64,
}

/// A request that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Which of the design's picks it is.
    pub pick: usize,
    /// Its id.
    pub custom_id: String,
    /// What it asks: requests of the same id may ask something else.
    pub content: Content,
    /// What was counted.
    pub real: Tokens,
    estimated: Tokens,
}

/// What is known about one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellReport {
    /// What its requests have in common, in words.
    pub name: String,
    /// How many there are.
    pub requests: u64,
    /// How many of them were counted.
    pub counted: u64,
    /// How to correct them; `None` when too few were counted.
    pub factor: Option<Factor>,
    totals: Totals,
}

impl Counted {
    /// The count of a pick.
    pub fn new(pick: usize, custom_id: String, content: Content, real: Tokens) -> Counted {
        Counted { pick, custom_id, content, real, estimated: Tokens::ZERO }
    }
}

impl<P: Ord + Clone> Design<P> {
    /// What the counts say. Picks without one (which the API refused, say) are as if they had not been drawn.
    ///
    /// # Panics
    /// When a count is not of one of this design's picks.
    pub fn calibrate(self, counts: Vec<Counted>) -> Calibration {
        let mut pairs = vec![Vec::new(); self.cells.len()];
        let mut counted: HashMap<String, Vec<Counted>> = HashMap::with_capacity(counts.len());
        for mut count in counts {
            let pick = &self.picks()[count.pick];
            count.estimated = Tokens(pick.likely);
            pairs[pick.cell].push(Pair { estimated: pick.likely, real: count.real.0 });
            counted.entry(count.custom_id.clone()).or_default().push(count);
        }
        let cells = self.cells.into_iter().zip(pairs).map(|(cell, pairs)| CellReport {
            name: cell.name,
            requests: cell.totals.requests,
            counted: pairs.len() as u64,
            factor: factor(&pairs, cell.totals),
            totals: cell.totals,
        });
        Calibration {
            cells: cells.collect(),
            cell_of: self.cell_of,
            counted,
            without_likely: self.without_likely,
        }
    }
}

impl Calibration {
    /// How to correct the requests of a stratum; `None` when too few like it were counted.
    pub fn factor(&self, stratum: &Stratum) -> Option<Factor> {
        let cell = self.cell_of.get(stratum).or_else(|| self.cell_of.get(&Stratum::rest()))?;
        self.cells[*cell].factor
    }

    /// What was counted for the request of that id, estimate and content, if it was. The content is asked for
    /// only where the rest fits.
    pub fn counted(
        &self,
        custom_id: &str,
        likely: Tokens,
        content: impl FnOnce() -> Content,
    ) -> Option<Tokens> {
        let mut fitting =
            self.counted.get(custom_id)?.iter().filter(|counted| counted.estimated == likely).peekable();
        fitting.peek()?;
        let content = content();
        fitting.find(|counted| counted.content == content).map(|counted| counted.real)
    }

    /// The cells, in the order of their strata.
    pub fn cells(&self) -> &[CellReport] {
        &self.cells
    }

    /// How many requests were counted.
    pub fn counts(&self) -> u64 {
        self.cells.iter().map(|cell| cell.counted).sum()
    }

    /// How many requests the workload has.
    pub fn requests(&self) -> u64 {
        self.cells.iter().map(|cell| cell.requests).sum::<u64>() + self.without_likely
    }

    /// How many of them keep the range they had, because too few like them were counted.
    pub fn uncorrected(&self) -> u64 {
        let without = self.cells.iter().filter(|cell| cell.factor.is_none());
        without.map(|cell| cell.requests).sum::<u64>() + self.without_likely
    }

    /// How much of the range of one uncounted request is shared with all others of its cell, in thousandths of
    /// its reach: [`Factor::systematic`] by [`Factor::single`], of the cell and the side where it is most. When
    /// many requests are added up, this part of their ranges adds up too, and only the rest cancels in part.
    pub fn shared_per_mille(&self) -> u16 {
        let sides = |Factor { ratio, systematic, single, .. }: Factor| {
            let side = |reach: fn(f64, Interval) -> f64| [reach(ratio, systematic), reach(ratio, single)];
            [side(|ratio, interval| ratio - interval.low), side(|ratio, interval| interval.high - ratio)]
        };
        let sides = self.cells.iter().filter_map(|cell| cell.factor).flat_map(sides);
        let shares =
            sides.filter(|[_, single]| *single > 0.0).map(|[systematic, single]| systematic / single);
        // Rounded up, and never more than all of it.
        let thousandths = (shares.fold(0.0, f64::max) * 1_000.0).ceil();
        (0..=1_000).find(|&whole| f64::from(whole) >= thousandths).unwrap_or(1_000)
    }

    /// The input of all corrected requests together, at 95 %, and the ratio to their estimates. The cells'
    /// errors are independent of each other, so their squares add. `None` when nothing is corrected.
    pub fn total(&self) -> Option<(Estimate<Tokens>, f64, Interval)> {
        let (mut estimated, mut real, mut below, mut above) = (0.0, 0.0, 0.0, 0.0);
        for cell in &self.cells {
            let Some(Factor { ratio, total, .. }) = cell.factor else { continue };
            let tokens = cell.totals.likely as f64;
            estimated += tokens;
            real += ratio * tokens;
            below += square((ratio - total.low) * tokens);
            above += square((total.high - ratio) * tokens);
        }
        if estimated < 1.0 {
            return None;
        }
        let (low, high) = ((real - below.sqrt()).max(0.0), real + above.sqrt());
        let interval = Interval { low: low / estimated, high: high / estimated };
        Some((tokens(low, real, high), real / estimated, interval))
    }
}

fn square(number: f64) -> f64 {
    number * number
}

/// An estimate from floating point, rounded outwards.
pub(crate) fn tokens(low: f64, likely: f64, high: f64) -> Estimate<Tokens> {
    let likely = whole(likely.round());
    Estimate::new(whole(low.floor()).min(likely), likely, whole(high.ceil()).max(likely))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tokens stay below 10^15; `as` saturates"
)]
fn whole(number: f64) -> Tokens {
    Tokens(number.clamp(0.0, 1e15) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a workload of cells with these systematic and single intervals around 1 shares.
    #[track_caller]
    fn check(cells: &[[(f64, f64); 2]], expected: u16) {
        let interval = |(low, high)| Interval { low, high };
        let report = |[systematic, single]: &[(f64, f64); 2]| CellReport {
            name: String::new(),
            requests: 9,
            counted: 3,
            factor: Some(Factor {
                ratio: 1.0,
                total: interval(*systematic),
                systematic: interval(*systematic),
                single: interval(*single),
            }),
            totals: Totals::default(),
        };
        let calibration = Calibration {
            cells: cells.iter().map(report).collect(),
            cell_of: BTreeMap::new(),
            counted: HashMap::new(),
            without_likely: 0,
        };
        assert_eq!(calibration.shared_per_mille(), expected);
    }

    #[test]
    fn the_worse_side_says_what_is_shared() {
        check(&[[(0.75, 1.25), (0.5, 1.5)]], 500);
        check(&[[(0.75, 1.0), (0.75, 1.75)]], 1_000); // a fourth of the width, but all of one side
        check(&[[(1.0, 1.5), (0.0, 2.0)]], 500);
        check(&[[(0.75, 1.25), (0.5, 1.5)], [(1.0, 1.375), (1.0, 1.5)]], 750);
        check(&[[(1.0, 1.0), (1.0, 1.0)]], 0);
        check(&[], 0);
    }
}
