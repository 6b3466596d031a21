//! Random workloads whose requests have much in common.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::asks::{Ask, Block, Lifetime, block};

/// With minima of 512, 1,024, 512 and 4,096 tokens; the first has a price tier above 100,000.
pub(crate) const MODELS: [&str; 4] =
    ["claude-haiku-5-5", "claude-sonnet-4-6", "claude-opus-5-5", "claude-haiku-4-5"];

/// What the requests of one workload are made of.
#[derive(Clone, Debug)]
struct World {
    models: [&'static str; 2],
    /// The tokens of a block by its letter: two tools, two blocks of the system prompt, three of the messages.
    sizes: [u64; 7],
}

/// The tokens of blocks, from next to nothing to more than the threshold of a price tier.
const SIZES: [u64; 12] = [1, 60, 300, 511, 512, 513, 1_024, 3_600, 4_096, 20_000, 99_000, 100_001];

/// The tokens of blocks that end near some model's minimum.
const NEAR_MINIMA: [u64; 12] = [1, 20, 60, 430, 500, 512, 530, 600, 1_024, 1_100, 3_600, 4_096];

fn world(sizes: &'static [u64]) -> impl Strategy<Value = World> {
    let models = [select(MODELS.to_vec()), select(MODELS.to_vec())];
    (models, proptest::array::uniform7(select(sizes))).prop_map(|(models, sizes)| World { models, sizes })
}

/// A request without breakpoints. Its messages are runs of equal blocks, so that there may be more than a breakpoint looks
/// back over.
fn ask(world: World) -> impl Strategy<Value = Ask> {
    let run = (0usize..3, prop_oneof![3 => 1usize..3, 1 => 8usize..24], any::<bool>());
    let head = (
        0usize..3,
        0usize..3,
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
    );
    (head, vec(run, 1..4), 1u64..400).prop_map(
        move |((tools, system, other_model, us, choice), runs, max_tokens)| {
            let blocks = |letters: &[char], from: usize| -> Vec<Block> {
                letters.iter().zip(&world.sizes[from..]).map(|(letter, size)| block(*letter, *size)).collect()
            };
            let mut messages: Vec<Vec<Block>> = vec![Vec::new()];
            for (letter, times, same_message) in runs {
                if !same_message && !messages.last().unwrap().is_empty() {
                    messages.push(Vec::new());
                }
                let repeated = block(['X', 'Y', 'Z'][letter], world.sizes[4 + letter]);
                messages.last_mut().unwrap().extend(vec![repeated; times]);
            }
            let model = world.models[usize::from(other_model)];
            Ask {
                model,
                us: us && model != "claude-haiku-4-5",
                tool_choice: choice,
                tools: blocks(&['T', 'U'][..tools], 0),
                system: blocks(&['A', 'B'][..system], 2),
                messages,
                automatic: None,
                max_tokens,
            }
        },
    )
}

fn lifetimes() -> impl Strategy<Value = [Lifetime; 2]> {
    let (five, hour) = (Lifetime::FiveMinutes, Lifetime::Hour);
    select(vec![[five, five], [hour, hour], [hour, five]])
}

/// Requests that mark equal beginnings alike, as far as no other ends in between: the last tool, blocks of the system
/// prompt by their letters, and the end.
pub(crate) fn uniform() -> impl Strategy<Value = Vec<Ask>> {
    uniform_in(world(&SIZES))
}

/// Requests whose marked prefixes are about as long as what the models cache.
pub(crate) fn near_minima() -> impl Strategy<Value = Vec<Ask>> {
    prop_oneof![uniform_in(world(&NEAR_MINIMA)), any_marks_in(world(&NEAR_MINIMA))]
}

fn uniform_in(world: impl Strategy<Value = World>) -> impl Strategy<Value = Vec<Ask>> {
    let asks = world.prop_flat_map(|world| vec(ask(world), 1..=12));
    let marks = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (asks, marks, lifetimes()).prop_map(|(mut asks, (tool, first, second, end), [early, late])| {
        for ask in &mut asks {
            if let Some(last) = ask.tools.last_mut().filter(|_| tool) {
                last.mark = Some(early);
            }
            for block in &mut ask.system {
                block.mark = if block.letter == 'A' { first } else { second }.then_some(early);
            }
            ask.automatic = end.then_some(late);
        }
        asks
    })
}

/// Requests with any breakpoints that the API takes.
pub(crate) fn any_marks() -> impl Strategy<Value = Vec<Ask>> {
    any_marks_in(world(&SIZES))
}

fn any_marks_in(world: impl Strategy<Value = World>) -> impl Strategy<Value = Vec<Ask>> {
    let marks = (vec(any::<prop::sample::Index>(), 0..=3), 0usize..=4, option::of(any::<bool>()));
    let one = move |world: World| (ask(world), marks.clone());
    let asks = world.prop_flat_map(move |world| vec(one(world), 1..=12));
    asks.prop_map(|asks| {
        let mark = |(mut ask, (places, hours, automatic)): (
            Ask,
            (Vec<prop::sample::Index>, usize, Option<bool>),
        )| {
            let mut blocks = ask.blocks_mut();
            let mut places: Vec<usize> = places.iter().map(|place| place.index(blocks.len())).collect();
            places.sort_unstable();
            places.dedup();
            for (count, place) in places.iter().enumerate() {
                blocks[*place].mark =
                    Some(if count < hours { Lifetime::Hour } else { Lifetime::FiveMinutes });
            }
            let last = blocks.last().unwrap().mark;
            let all_hours = places.len() <= hours;
            ask.automatic = automatic.map(|hour| match last {
                Some(lifetime) => lifetime,
                None if hour && all_hours => Lifetime::Hour,
                None => Lifetime::FiveMinutes,
            });
            ask
        };
        asks.into_iter().map(mark).collect()
    })
}
