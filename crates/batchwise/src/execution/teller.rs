use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use batchwise_api::{BatchId, MessageBatch, ProcessingStatus, RequestCounts};
use batchwise_findings::Severity;
use batchwise_plan::Plan;
use batchwise_submit::{Event, Folder, Reply, Watcher};
use batchwise_units::{grouped, requests};
use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{answer, somebody_is_there};
use crate::screen;

/// Tells the user on standard error what happens: lines that stay, and on a terminal one that changes.
pub(crate) struct Teller<'p> {
    plan: &'p Plan,
    folder: PathBuf,
    quiet: bool,
    bar: ProgressBar,
    /// What was told of each batch the last time, and when.
    told: BTreeMap<u32, (RequestCounts, Instant)>,
    shown: BTreeMap<u32, MessageBatch>,
    /// Batches of which was told that they are looked for.
    sought: BTreeSet<u32>,
}

/// How much time lies between two lines about the same batch, where no line changes.
const LINES_APART: Duration = Duration::from_secs(60);

impl<'p> Teller<'p> {
    pub(crate) fn new(plan: &'p Plan, folder: PathBuf, quiet: bool) -> Teller<'p> {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(4) };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(ProgressStyle::with_template("{msg}").expect("the template is valid"));
        let (told, shown, sought) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Teller { plan, folder, quiet, bar, told, shown, sought }
    }

    fn note(&self, message: &str) {
        if !self.quiet {
            self.line(Severity::Note, message);
        }
    }

    fn line(&self, severity: Severity, message: &str) {
        self.bar.suspend(|| screen::tell(severity, message));
    }

    fn requests(&self, batch: u32) -> u64 {
        self.plan.batches[batch as usize].requests
    }

    /// Where no line changes, one in a minute says how far a batch is.
    fn polled(&mut self, batch: u32, made: &MessageBatch) {
        self.shown.insert(batch, made.clone());
        let has_ended = made.status == ProcessingStatus::Ended;
        let is_due = match self.told.get(&batch) {
            None => true,
            Some((counts, at)) => *counts != made.counts && at.elapsed() >= LINES_APART,
        };
        if has_ended || (is_due && self.bar.is_hidden()) {
            self.told.insert(batch, (made.counts, Instant::now()));
            let state = if has_ended { "has ended" } else { "is being processed" };
            self.note(&format!("batch {batch} {state}: {}", counts(&made.counts)));
        }
        let processing: u64 = self.shown.values().map(|made| made.counts.processing).sum();
        let all: u64 = self.shown.values().map(|made| made.counts.total()).sum();
        let running = self.shown.values().filter(|made| made.status != ProcessingStatus::Ended).count();
        let done = grouped(all - processing);
        self.bar
            .set_message(format!("{running} batches are being processed: {done} of {} done", requests(all)));
    }
}

/// How far the requests of a batch are.
fn counts(counts: &RequestCounts) -> String {
    let parts = [
        (counts.processing, "processing"),
        (counts.succeeded, "succeeded"),
        (counts.errored, "errored"),
        (counts.expired, "expired"),
        (counts.canceled, "canceled"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, name)| format!("{} {name}", grouped(*count))).collect();
    if parts.is_empty() { "nothing yet".to_owned() } else { parts.join(", ") }
}

impl Watcher for Teller<'_> {
    fn tell(&mut self, event: &Event<'_>) {
        match event {
            Event::Sending { batch } => {
                let bytes = DecimalBytes(self.plan.batches[*batch as usize].body_bytes.0);
                let what = requests(self.requests(*batch));
                self.note(&format!("batch {batch}: sending {what}, {bytes}"));
            }
            Event::Sent { bytes } => self.bar.set_message(format!("{} sent", DecimalBytes(*bytes))),
            Event::Created { batch, id, is_adopted: false } => self.note(&format!("batch {batch} is {id}")),
            Event::Created { batch, id, is_adopted: true } => {
                self.line(
                    Severity::Warning,
                    &format!("batch {batch} was made: it is {id}, and not sent again"),
                );
            }
            Event::Held { batch, why, wait } => {
                self.note(&format!("batch {batch} waits {} s to be sent: {why}", wait.as_secs()));
            }
            Event::SetAside { batch, why } => {
                let text = format!("batch {batch} is set aside, and the others are cared for: {why}");
                self.line(Severity::Warning, &text);
            }
            Event::Looking { batch, why } => {
                let text = format!(
                    "nobody knows whether batch {batch} was made ({why}): looking for it in the API's list before anything is sent"
                );
                self.line(Severity::Warning, &text);
            }
            Event::NotListed { batch, wait } => {
                if self.sought.insert(*batch) {
                    self.note(&format!(
                        "batch {batch} is not listed; looking again every {} s",
                        wait.as_secs()
                    ));
                }
            }
            Event::Comparing { batch, candidates, .. } => {
                if self.sought.insert(*batch) {
                    let count = candidates.len();
                    self.note(&format!(
                        "{count} batches of the list could be batch {batch}: waiting for their results, which will tell"
                    ));
                }
            }
            Event::Polled { batch, shown } => self.polled(*batch, shown),
            Event::Fetching { batch, rows } => {
                self.bar.set_message(format!("fetching {} results of batch {batch}", grouped(*rows)));
            }
            Event::FetchingAgain { batch, why, wait } => {
                let seconds = wait.as_secs();
                let text = format!("the results of batch {batch} are fetched again in {seconds} s: {why}");
                self.line(Severity::Warning, &text);
            }
            Event::Saved { batch } => {
                let path = Folder::results_path(&self.folder, *batch);
                self.note(&format!("the results of batch {batch} are in {}", path.display()));
            }
            Event::Lost { batch, why } => {
                self.line(Severity::Error, &format!("the results of batch {batch} cannot be had: {why}"));
            }
            Event::Foreign { batch, id } => {
                let text = format!("{id} was taken for batch {batch}, but has the results of other requests");
                self.line(Severity::Warning, &text);
            }
            Event::Doubt { message } => self.line(Severity::Warning, message),
        }
    }

    fn ask(&mut self, batch: u32, candidates: &[MessageBatch]) -> Option<Reply> {
        if !somebody_is_there() {
            return None;
        }
        self.bar.suspend(|| {
            screen::tell(Severity::Warning, &format!("the list does not tell whether batch {batch} was made"));
            for made in candidates {
                eprintln!("  {} of {}, {}", made.id, made.created_at, requests(made.counts.total()));
            }
            eprintln!(
                "Look at the batches of this workspace with {} in the Console. Sending it again pays it again if it exists.",
                requests(self.plan.batches[batch as usize].requests)
            );
            let reply = answer("Write its id, `none` if it does not exist, or nothing to stop: ");
            Some(match reply.trim() {
                "none" => Reply::SendAgain,
                id => BatchId::new(id).map_or(Reply::Stop, Reply::Adopt),
            })
        })
    }
}

impl Drop for Teller<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
