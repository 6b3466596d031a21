use std::collections::BTreeSet;

use batchwise_api::{BatchId, MessageBatch};
use jiff::{SignedDuration, Timestamp};

use crate::Attempt;

/// How much earlier than the server's clock said before the sending a batch may have been created: that clock is read from
/// a header that tells whole seconds, and not all servers go alike.
pub(crate) const BEFORE: SignedDuration = SignedDuration::from_secs(60);

/// How much later a batch may have been created: more than any upload and its answer take.
pub(crate) const AFTER: SignedDuration = SignedDuration::from_hours(2);

/// Which of the batches that the server lists could be the one that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Exactly this one.
    One(MessageBatch),
    /// None.
    Nothing,
    /// These, and the list does not tell which: several from the time of the sending, or some from later.
    Doubtful(Vec<MessageBatch>),
}

impl Sighting {
    /// All that could be it.
    pub fn into_candidates(self) -> Vec<MessageBatch> {
        match self {
            Sighting::One(made) => vec![made],
            Sighting::Nothing => Vec::new(),
            Sighting::Doubtful(candidates) => candidates,
        }
    }
}

/// What is known of batches of the server beside the one that is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// They are certainly something else.
    pub other: BTreeSet<BatchId>,
    /// They are taken for something else, and might be wrongly.
    pub suspected: BTreeSet<BatchId>,
}

/// Looks for a batch of so many `requests` that was sent as `attempt` tells.
///
/// A batch is looked at when it has as many requests, was created since, was not there before, and is not certainly something
/// else. Beside one from the time of the sending, later ones of the same size do not matter; one that is suspected to be
/// something else is never the one without its results.
pub fn sighting(attempt: &Attempt, requests: u64, known: &Known, listed: &[MessageBatch]) -> Sighting {
    let earliest = shifted(attempt.since, -BEFORE);
    let latest = shifted(attempt.since, AFTER);
    let could_be = |batch: &&MessageBatch| {
        batch.counts.total() == requests
            && batch.created_at >= earliest
            && !attempt.known.contains(&batch.id)
            && !known.other.contains(&batch.id)
    };
    let all: Vec<&MessageBatch> = listed.iter().filter(could_be).collect();
    let (in_time, later): (Vec<&MessageBatch>, Vec<&MessageBatch>) =
        all.iter().copied().partition(|batch| batch.created_at <= latest);
    match (&in_time[..], &later[..]) {
        ([one], _) if !known.suspected.contains(&one.id) => Sighting::One((*one).clone()),
        ([], []) => Sighting::Nothing,
        _ => Sighting::Doubtful(all.into_iter().cloned().collect()),
    }
}

/// The oldest moment of which the server's list must be known, to look for a batch.
pub(crate) fn earliest(attempt: &Attempt) -> Timestamp {
    shifted(attempt.since, -BEFORE)
}

fn shifted(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use batchwise_api::{ProcessingStatus, RequestCounts};
    use batchwise_results::IdSum;

    const SENT: i64 = 1_795_000_000;

    /// A batch named after when it was created, in seconds after the sending.
    fn made(name: &str, seconds: i64, requests: u64) -> MessageBatch {
        MessageBatch {
            id: BatchId::new(name).unwrap(),
            status: ProcessingStatus::InProgress,
            counts: RequestCounts { processing: requests, ..RequestCounts::default() },
            created_at: Timestamp::from_second(SENT + seconds).unwrap(),
            expires_at: None,
            ended_at: None,
            cancel_initiated_at: None,
            archived_at: None,
            has_results: false,
        }
    }

    #[track_caller]
    fn check(listed: &[MessageBatch], expected: &str) {
        let names = |names: &[&str]| names.iter().map(|name| BatchId::new(name).unwrap()).collect();
        let attempt = Attempt {
            since: Timestamp::from_second(SENT).unwrap(),
            known: names(&["known"]),
            ids: IdSum::default(),
            unclear_because: None,
        };
        let known = Known { other: names(&["taken"]), suspected: names(&["suspect"]) };
        let seen = match sighting(&attempt, 7, &known, listed) {
            Sighting::One(made) => made.id.to_string(),
            Sighting::Nothing => "nothing".to_owned(),
            Sighting::Doubtful(all) => {
                format!("doubtful: {}", all.iter().map(|made| made.id.as_str()).collect::<Vec<_>>().join(" "))
            }
        };
        assert_eq!(seen, expected);
    }

    #[test]
    fn only_one_of_the_same_size_and_time_is_the_one() {
        check(&[], "nothing");
        check(&[made("a", 1, 7)], "a");
        check(&[made("a", 1, 6), made("b", 1, 8)], "nothing");
        check(&[made("known", 0, 7), made("taken", 1, 7)], "nothing");
        check(&[made("early", -61, 7)], "nothing");
        check(&[made("skewed", -60, 7)], "skewed");
        check(&[made("a", 1, 7), made("b", 2, 7)], "doubtful: a b");
        check(&[made("suspect", 1, 7)], "doubtful: suspect");
        check(&[made("a", 1, 7), made("suspect", 2, 7)], "doubtful: a suspect");
        check(&[made("a", 7_200, 7)], "a");
        // Far later it may be somebody else's, which must not be taken for ours, and not be overlooked either.
        check(&[made("late", 7_201, 7)], "doubtful: late");
        check(&[made("late", 7_201, 7), made("a", 3, 7)], "a");
    }
}
