mod fetching;
mod finding;
mod polling;
mod sending;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use batchwise_api::ApiError;
use batchwise_plan::{Batch, Plan};
use batchwise_results::IdSum;

use crate::{
    Batches, Circumstances, Clock, Entry, Event, ExecutionError, Inputs, Journal, Outcome, Reply, Stage,
    Step, Terms, Vault, Watcher, next_step,
};

/// Executes a plan, one step after the other, and writes down each before and after it is done.
pub struct Executor<'x> {
    /// What is executed.
    pub plan: &'x Plan,
    /// What has happened.
    pub journal: &'x mut Journal,
    /// Its inputs.
    pub inputs: &'x mut dyn Inputs,
    /// The sums over the custom_ids of its batches; not needed where all are certainly created.
    pub ids: &'x [IdSum],
    /// The API.
    pub batches: &'x mut dyn Batches,
    /// Where everything is kept.
    pub vault: &'x mut dyn Vault,
    /// The time.
    pub clock: &'x dyn Clock,
    /// Who is told.
    pub watcher: &'x mut dyn Watcher,
    /// What the user decided.
    pub terms: &'x Terms,
}

/// Something stands in the way.
enum Setback {
    /// Of everything: the run ends.
    Stop(Outcome),
    /// Of sending: in this run, nothing more is sent. What was sent is cared for.
    Close(u32, Outcome),
    /// Of one batch: this run leaves it as it is, and cares for the others.
    Aside(u32, Outcome),
}

type Done = Result<Option<Setback>, ExecutionError>;

/// How often the same failure in a row is worth another attempt.
const ATTEMPTS_MAX: u32 = 8;

/// What one run remembers and no journal needs.
#[derive(Default)]
struct Memory {
    /// The API takes no batch before that time.
    held_until: Duration,
    /// Attempts to send that failed one after the other.
    failures: u32,
    /// Whether nothing more is sent.
    is_closed: bool,
    /// Batches that are left as they are.
    aside: BTreeSet<u32>,
    /// Why, and why nothing is sent: what is told in the end.
    outcomes: Vec<Outcome>,
    /// What somebody says about batches, as long as it was not used.
    resolutions: BTreeMap<u32, Reply>,
    /// When each batch is asked for next.
    polls: BTreeMap<u32, Duration>,
    /// Since when a batch that is known is unknown to the API.
    missing: BTreeMap<u32, Duration>,
    /// How often the results of a batch were not complete.
    fetches: BTreeMap<u32, u32>,
}

impl Executor<'_> {
    /// Goes on until all is done or nothing more can be done. What stands in the way of one batch, or of sending, does not
    /// keep the results of others from being fetched.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn run(mut self) -> Result<Outcome, ExecutionError> {
        let mut memory = Memory { resolutions: self.terms.resolutions.clone(), ..Memory::default() };
        self.give_up(&mut memory)?;
        loop {
            if self.clock.stop_is_wanted() {
                return Ok(Outcome::Interrupted);
            }
            let may_send = !memory.is_closed && self.clock.uptime() >= memory.held_until;
            let circumstances = Circumstances { may_send, aside: memory.aside.clone() };
            let done = match next_step(self.plan, self.journal.execution(), &circumstances) {
                Step::Find(batch) => self.find(batch, &mut memory)?,
                Step::Send(batch) => self.send(batch, &mut memory)?,
                Step::Fetch(batch) => self.fetch(batch, &mut memory)?,
                Step::Wait if self.terms.sends_only => return Ok(memory.end(Outcome::Sent)),
                Step::Wait if self.waits_in_vain(&memory) => return Ok(memory.end(Outcome::Sent)),
                Step::Wait => self.wait(&mut memory)?,
                Step::Finish => return Ok(memory.end(Outcome::Finished)),
            };
            match done {
                None => (),
                Some(Setback::Stop(outcome)) => return Ok(outcome),
                Some(Setback::Close(batch, outcome)) => {
                    memory.is_closed = true;
                    self.set_aside(batch, outcome, &mut memory);
                }
                Some(Setback::Aside(batch, outcome)) => {
                    memory.aside.insert(batch);
                    self.set_aside(batch, outcome, &mut memory);
                }
            }
        }
    }

    fn set_aside(&mut self, batch: u32, outcome: Outcome, memory: &mut Memory) {
        self.watcher.tell(&Event::SetAside { batch, why: &outcome.to_string() });
        memory.outcomes.push(outcome);
    }

    /// Whether nothing is processed for which this run could wait, and nothing will be sent.
    fn waits_in_vain(&self, memory: &Memory) -> bool {
        let records = (0..).zip(self.journal.execution().records());
        let mut running = records.filter(|(batch, record)| {
            matches!(record.stage, Stage::Running { .. }) && !memory.aside.contains(batch)
        });
        let is_closed = memory.is_closed || !memory.aside.is_empty();
        is_closed && running.next().is_none()
    }

    /// Gives up what the user gives up.
    fn give_up(&mut self, memory: &mut Memory) -> Result<(), ExecutionError> {
        let is_given_up = |(_, reply): &(&u32, &Reply)| **reply == Reply::GiveUp;
        let given_up: Vec<u32> =
            memory.resolutions.iter().filter(is_given_up).map(|(batch, _)| *batch).collect();
        memory.resolutions.retain(|_, reply| *reply != Reply::GiveUp);
        given_up
            .into_iter()
            .try_for_each(|batch| self.write(Entry::Lost { batch, why: "given up".to_owned() }))
    }

    /// Writes an entry; only then it counts.
    fn write(&mut self, entry: Entry) -> Result<(), ExecutionError> {
        self.journal.write(self.vault, self.clock.timestamp(), entry)
    }

    fn batch(&self, batch: u32) -> &Batch {
        &self.plan.batches[batch as usize]
    }
}

impl Memory {
    /// The end of the run: what stood in the way first, or else `end`.
    fn end(&mut self, end: Outcome) -> Outcome {
        if self.outcomes.is_empty() { end } else { self.outcomes.swap_remove(0) }
    }
}

/// An API that gives no usable answer, whatever it is asked for.
fn stuck(doing: &str, error: &ApiError) -> Setback {
    Setback::Stop(match error {
        ApiError::Interrupted => Outcome::Interrupted,
        _ => Outcome::Stuck { doing: doing.to_owned(), error: told(error) },
    })
}

/// An error with its causes, on one line.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
