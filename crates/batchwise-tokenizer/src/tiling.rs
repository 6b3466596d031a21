use crate::rules::Rules;

/// Costs are kept for so many positions: more than the longest piece has bytes.
const WINDOW: usize = 256;

/// Most words are shorter than this.
const SHORT: usize = 32;

/// The longest piece that repeats one byte.
const REPEATS_MAX: usize = 128;

/// A run of one byte that is longer than this can be shortened without changing what it costs beside the
/// whole pieces that were taken out. Let m be the length of the longest piece that repeats the byte. Of any m
/// shorter pieces inside the run, some add up to a multiple of m and could be replaced by fewer pieces of m,
/// so a cheapest tiling has fewer than m shorter ones, and whatever is beyond m times m bytes is pieces of m.
const RUN_MAX: usize = REPEATS_MAX * REPEATS_MAX + 2 * WINDOW;

/// The fewest pieces that make up `marked`. Any byte is a piece at need.
pub(crate) fn fewest_pieces(marked: &[u8], rules: &Rules) -> u64 {
    if marked.len() < SHORT {
        return cheapest::<SHORT>(marked, rules);
    }
    if marked.len() <= RUN_MAX {
        return cheapest::<WINDOW>(marked, rules);
    }
    let (rest, taken_out) = shortened(marked, rules);
    taken_out + cheapest::<WINDOW>(&rest, rules)
}

/// Goes from each position to every other that one piece leads to. `N` positions are in view: more than the
/// longest piece has bytes, or more than there are.
fn cheapest<const N: usize>(marked: &[u8], rules: &Rules) -> u64 {
    let mut costs = [u64::MAX; N];
    costs[0] = 0;
    for start in 0..marked.len() {
        let here = std::mem::replace(&mut costs[start % N], u64::MAX);
        let mut reach = |length: usize| {
            let cost = &mut costs[(start + length) % N];
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
    costs[marked.len() % N]
}

/// Takes whole pieces out of long runs of one byte; says how many.
fn shortened(marked: &[u8], rules: &Rules) -> (Vec<u8>, u64) {
    let mut rest = Vec::new();
    let mut pieces = 0;
    for run in marked.chunk_by(|a, b| a == b) {
        let longest = longest_repeat(run, rules);
        let surplus = run.len().saturating_sub(RUN_MAX) / longest;
        pieces += surplus as u64;
        rest.extend(&run[surplus * longest..]);
    }
    (rest, pieces)
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
        for (byte, length) in
            [(b'.', RUN_MAX + 1), (b'-', RUN_MAX + 777), (b'a', 3 * RUN_MAX), (b'\n', 2 * RUN_MAX)]
        {
            for version in Version::ALL {
                let mut marked = vec![byte; length];
                marked.push(crate::mark::END);
                let rules = version.rules();
                assert_eq!(
                    fewest_pieces(&marked, rules),
                    cheapest::<WINDOW>(&marked, rules),
                    "{byte} {length}"
                );
            }
        }
    }
}
