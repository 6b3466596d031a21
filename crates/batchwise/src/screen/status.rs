use batchwise_submit::{State, Status};
use batchwise_units::{grouped, requests};

use super::{Table, harmless};

/// How far an execution is, for people.
pub(crate) fn status(status: &Status) -> String {
    let mut table = Table::new(2);
    table.row(["batch", "state", "requests", "succeeded", "errored", "expired", "canceled", " id"]);
    for batch in &status.batches {
        let count = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), grouped);
        let id = batch.batch_id.as_deref().map(harmless).unwrap_or_default();
        let row = [
            batch.index.to_string(),
            batch.state.name().to_owned(),
            grouped(batch.requests),
            count(batch.succeeded),
            count(batch.errored),
            count(batch.expired),
            count(batch.canceled),
        ];
        let why = batch.why.as_deref().map(|why| format!(" ({})", harmless(why))).unwrap_or_default();
        table.row_with_note(row, format!("{id}{why}"));
    }
    format!("{}\n{}", headline(status), table.draw(2))
}

fn headline(status: &Status) -> String {
    let saved = status.batches.iter().filter(|batch| batch.state == State::Saved).count();
    let done: u64 =
        status.batches.iter().filter(|batch| batch.state == State::Saved).map(|batch| batch.requests).sum();
    let batches = status.batches.len();
    let end = match (status.finished, status.called_off) {
        (true, false) => "done",
        (true, true) => "called off, and done",
        (false, true) => "called off, and not at its end yet",
        (false, false) => "not at its end yet",
    };
    format!(
        "{end}: the results of {saved} of {batches} batches are here, {done} of {}\n",
        requests(status.requests),
        done = grouped(done)
    )
}
