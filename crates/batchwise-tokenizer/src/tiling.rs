use std::borrow::Cow;

use crate::rules::Rules;

/// Costs are kept for so many positions: more than the longest piece has bytes.
const WINDOW: usize = 256;

/// The longest piece that repeats one byte.
const REPEATS_MAX: usize = 128;

/// A run of one byte that is longer than this can be shortened without changing what it costs beside the
/// whole pieces that were taken out. Let m be the length of the longest piece that repeats the byte. Of any m
/// shorter pieces inside the run, some add up to a multiple of m and could be replaced by fewer pieces of m,
/// so a cheapest tiling has fewer than m shorter ones, and whatever is beyond m times m bytes is pieces of m.
const RUN_MAX: usize = REPEATS_MAX * REPEATS_MAX + 2 * WINDOW;

/// The fewest pieces that make up `marked`. Any byte is a piece at need.
pub(crate) fn fewest_pieces(marked: &[u8], rules: &Rules) -> u64 {
    let (marked, taken_out) = if marked.len() > RUN_MAX { shortened(marked, rules) } else { (marked.into(), 0) };
    taken_out + cheapest(&marked, rules)
}

fn cheapest(marked: &[u8], rules: &Rules) -> u64 {
    let mut window = [0; WINDOW];
    let costs = &mut window;
    costs[..WINDOW.min(marked.len() + 1)].fill(u64::MAX);
    costs[0] = 0;
    for start in 0..marked.len() {
        let here = std::mem::replace(&mut costs[start % WINDOW], u64::MAX);
        let mut reach = |length: usize| {
            let cost = &mut costs[(start + length) % WINDOW];
            *cost = (*cost).min(here + 1);
        };
        reach(1);
        for (_, length) in rules.pieces.common_prefix_search(&marked[start..]) {
            if start == 0 && length == marked.len() {
                return 1;
            }
            reach(length);
        }
    }
    costs[marked.len() % WINDOW]
}

/// Takes whole pieces out of long runs of one byte; says how many.
fn shortened<'m>(marked: &'m [u8], rules: &Rules) -> (Cow<'m, [u8]>, u64) {
    let mut rest = Vec::new();
    let mut pieces = 0;
    for run in marked.chunk_by(|a, b| a == b) {
        let longest = longest_repeat(run, rules);
        let surplus = run.len().saturating_sub(RUN_MAX) / longest;
        pieces += surplus as u64;
        rest.extend(&run[surplus * longest..]);
    }
    (rest.into(), pieces)
}

fn longest_repeat(run: &[u8], rules: &Rules) -> usize {
    let start = &run[..run.len().min(WINDOW)];
    rules.pieces.common_prefix_search(start).map(|(_, length)| length).last().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Version;

    #[test]
    fn no_piece_repeats_a_byte_more_often_than_assumed() {
        for version in Version::ALL {
            for byte in 1..=u8::MAX {
                assert!(longest_repeat(&[byte; WINDOW], version.rules()) <= REPEATS_MAX);
            }
        }
    }

    #[test]
    fn shortened_runs_cost_what_they_cost() {
        for (byte, length) in [(b'.', RUN_MAX + 1), (b'-', RUN_MAX + 777), (b'a', 3 * RUN_MAX), (b'\n', 2 * RUN_MAX)] {
            for version in Version::ALL {
                let mut marked = vec![byte; length];
                marked.push(crate::mark::END);
                let rules = version.rules();
                assert_eq!(fewest_pieces(&marked, rules), cheapest(&marked, rules), "{byte} {length}");
            }
        }
    }
}
