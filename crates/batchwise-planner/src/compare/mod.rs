//! The same workload under other conditions, in one pass.

mod tableau;
mod trial;
mod variant;

use batchwise_plan::{Fingerprinting, Plan};

use crate::appraisal::Outcome;
use crate::ledger::Ledger;
use crate::reading::{CHUNK_BYTES, read_in_chunks};
use crate::{Context, Marking, PlanError, Planned, Scratch, Source, Watch};
use tableau::Tableau;
use trial::Trials;

pub use variant::{Variant, VariantSum};

/// The least that is handed to a thread at once. What many variants make of a line takes more memory than the line.
const CHUNK_BYTES_MIN: usize = 16 << 10;

/// What comes of comparing.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The workload as it is.
    pub plan: Plan,
    /// Where breakpoints save most, as it is.
    pub marking: Marking,
    /// What it comes to under each variant, in their order.
    pub variants: Vec<VariantSum>,
}

/// Plans the requests of all `sources` as [`plan`](crate::plan()) does, and tells what they would come to under each of
/// `variants`: what a plan would say of inputs in which each request is as the variant wants it.
///
/// Each line is read once. Its input is counted once for all models that count alike, and priced for each variant. Which
/// requests find what in the cache is followed for each kind of model; batches are those of the workload as it is, so
/// that a request is in the same wave under each variant. Prefixes that are so many that they are forgotten
/// ([`Groups`](batchwise_prefixes::Groups)) may be forgotten earlier than in a plan where more than four kinds of models
/// are compared.
///
/// Memory is that of a plan, and beside it at most 128 MB, and what the lines under way come to under all variants: the more
/// there are, the fewer lines are under way.
///
/// # Errors
/// Those of a plan.
///
/// # Panics
/// When a variant assumes what takes two passes: [`CacheScenario::Primed`](crate::CacheScenario::Primed), or a
/// [route](Context::route). When a budget cuts the batches, which would differ.
pub fn compare(
    sources: Vec<Source<'_>>,
    context: &Context<'_>,
    variants: &[Variant<'_>],
    scratch: &mut dyn Scratch,
    watch: &mut dyn Watch,
) -> Result<Compared, PlanError> {
    assert!(context.route.is_none(), "a comparison is one pass");
    assert!(context.terms.limits.usd_max.is_none(), "batches do not depend on prices");
    let trials = Trials::new(context, variants);
    let mut ledger = Ledger::new(context, scratch);
    let mut tableau = Tableau::new(&trials);
    let chunk_bytes = (CHUNK_BYTES / variants.len().max(1)).max(CHUNK_BYTES_MIN);
    for (number, source) in sources.into_iter().enumerate() {
        let input = u32::try_from(number).expect("fewer than 2^32 inputs");
        ledger.open_input(&source.name);
        let mut content = Fingerprinting::new(source.content);
        read_in_chunks(
            &source.name,
            &mut content,
            (context.threads, chunk_bytes),
            |line| trials.of_line(line),
            |chunk, outcomes| {
                for (line, outcome) in chunk.lines().zip(outcomes) {
                    let (outcome, trial) = match outcome {
                        Outcome::Request(tried) => {
                            let (appraisal, trial) = *tried;
                            (Outcome::Request(Box::new(appraisal)), Some(trial))
                        }
                        Outcome::Blank => (Outcome::Blank, None),
                        Outcome::TooLong => (Outcome::TooLong, None),
                        Outcome::Flawed(flaws) => (Outcome::Flawed(flaws), None),
                    };
                    let spot = ledger.take(&line, outcome, watch).map_err(PlanError::Scratch)?;
                    if let Some((trial, spot)) = trial.zip(spot) {
                        tableau.take(trial, &line, input, spot);
                    }
                }
                ledger.tell_progress(chunk, watch);
                Ok::<(), PlanError>(())
            },
        )?;
        ledger.close_input(&content);
    }
    let Planned { plan, marking, .. } = ledger.close(watch);
    let variants = tableau.close(plan.models.len());
    Ok(Compared { plan, marking, variants })
}
