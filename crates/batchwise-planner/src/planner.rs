use std::io::{self, Read};
use std::num::NonZero;

use batchwise_plan::{Fingerprinting, Plan};
use batchwise_pricing::PriceBook;
use batchwise_tokens::Estimator;

use crate::appraisal::appraise;
use crate::ledger::Ledger;
use crate::reading::read_in_order;
use crate::{Inspector, Marking, Route, Scratch, Terms, Watch};

/// What a plan depends on beside the inputs.
pub struct Context<'c> {
    /// The prices.
    pub book: &'c PriceBook,
    /// Who counts tokens.
    pub estimator: &'c dyn Estimator,
    /// What the user decided.
    pub terms: &'c Terms,
    /// How many threads count. The plan does not depend on it.
    pub threads: NonZero<usize>,
    /// Who looks at each request, if somebody does.
    pub inspector: Option<&'c dyn Inspector>,
    /// What a first pass found, where requests are to be regrouped by what they share.
    pub route: Option<&'c Route>,
}

/// One input: a name for messages and its decompressed content.
pub struct Source<'s> {
    /// As the user named it; `-` is standard input.
    pub name: String,
    /// The content.
    pub content: Box<dyn Read + 's>,
}

/// An input that could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {name} beyond byte {bytes}")]
pub struct ReadError {
    /// The input.
    pub name: String,
    /// How far it was read.
    pub bytes: u64,
    /// What happened.
    pub source: io::Error,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// An input could not be read to its end.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The temporary storage failed, so nobody can say which ids are used twice.
    #[error("cannot keep the ids in temporary storage")]
    Scratch(#[source] io::Error),
}

/// What comes of reading a workload.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Where breakpoints would save most.
    pub marking: Marking,
    /// How a second pass can regroup the requests as the terms want it; `None` where they stay in the order of the inputs.
    pub route: Option<Route>,
}

/// Plans the requests of all `sources`, in their order, as one workload.
///
/// Memory grows with the number of requests (at most 24 bytes each, for the uniqueness of their ids, and less than 2
/// for those beyond [`Scratch::ids_in_memory`], which go to `scratch`; where lines of different batches, or in and out of
/// batches, alternate, some 40 more for each change) and with the longest lines (those under way at once are some
/// megabytes, or one line), never with the size of the inputs.
///
/// Which requests go ahead, and which belong together, is known only when all were read. So a plan with
/// [`CacheScenario::Primed`](crate::CacheScenario::Primed) or [`Terms::group_by_prefix`] takes two passes: the first gives
/// a [`Planned::route`], the second follows it by [`Context::route`].
///
/// # Errors
/// When an input cannot be read to its end, or `scratch` fails. What is wrong *in* the inputs is no error: it is told to
/// `watch`, left out of the batches, and turns the plan's verdict.
pub fn plan(
    sources: Vec<Source<'_>>,
    context: &Context<'_>,
    scratch: &mut dyn Scratch,
    watch: &mut dyn Watch,
) -> Result<Planned, PlanError> {
    let mut ledger = Ledger::new(context, scratch);
    for source in sources {
        read(source, context, &mut ledger, watch)?;
    }
    Ok(ledger.close(watch))
}

fn read(
    source: Source<'_>,
    context: &Context<'_>,
    ledger: &mut Ledger<'_>,
    watch: &mut dyn Watch,
) -> Result<(), PlanError> {
    ledger.open_input(&source.name);
    let mut content = Fingerprinting::new(source.content);
    read_in_order(
        &source.name,
        &mut content,
        context.threads,
        |line| appraise(line, context),
        |chunk, outcomes| {
            for (line, outcome) in chunk.lines().zip(outcomes) {
                ledger.take(&line, outcome, watch).map_err(PlanError::Scratch)?;
            }
            ledger.tell_progress(chunk, watch);
            Ok::<(), PlanError>(())
        },
    )?;
    ledger.close_input(&content);
    Ok(())
}
