use std::fmt;

use jiff::Timestamp;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};

/// The name of a batch. It stands in addresses and in file names, so it is nothing but letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(String);

impl BatchId {
    /// The longest one, in characters. Those of the API have about 33, but that may change.
    pub const CHARACTERS_MAX: usize = 256;

    /// Takes a name, or nothing when it is none.
    pub fn new(text: &str) -> Option<BatchId> {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = (1..=BatchId::CHARACTERS_MAX).contains(&text.len());
        (fits && text.bytes().all(is_good)).then(|| BatchId(text.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for BatchId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BatchId, D::Error> {
        let text = String::deserialize(deserializer)?;
        BatchId::new(&text)
            .ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &"the id of a batch"))
    }
}

/// How far a batch is. The API may come to know more than these, so the rest passes through.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum ProcessingStatus {
    /// Its requests wait or are under way.
    InProgress,
    /// It was told to stop, and has not stopped.
    Canceling,
    /// Nothing in it changes any more.
    Ended,
    /// As the API calls it.
    Other(String),
}

impl ProcessingStatus {
    /// As the API writes it.
    pub fn as_str(&self) -> &str {
        match self {
            ProcessingStatus::InProgress => "in_progress",
            ProcessingStatus::Canceling => "canceling",
            ProcessingStatus::Ended => "ended",
            ProcessingStatus::Other(text) => text,
        }
    }
}

impl From<String> for ProcessingStatus {
    fn from(text: String) -> ProcessingStatus {
        match text.as_str() {
            "in_progress" => ProcessingStatus::InProgress,
            "canceling" => ProcessingStatus::Canceling,
            "ended" => ProcessingStatus::Ended,
            _ => ProcessingStatus::Other(text),
        }
    }
}

/// How many requests of a batch are where. Until it has ended, they are for display only: whether the API moves them
/// before is described in two ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RequestCounts {
    /// Not done.
    pub processing: u64,
    /// With a reply, which is billed.
    pub succeeded: u64,
    /// Refused or failed; not billed.
    pub errored: u64,
    /// Stopped before they began; not billed.
    pub canceled: u64,
    /// Not begun within 24 hours; not billed.
    pub expired: u64,
}

impl RequestCounts {
    /// All requests of the batch. No sum of an odd server overflows: it stops at the largest number.
    pub fn total(&self) -> u64 {
        [self.succeeded, self.errored, self.canceled, self.expired]
            .into_iter()
            .fold(self.processing, u64::saturating_add)
    }
}

/// What the API tells of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MessageBatch {
    /// Its name.
    pub id: BatchId,
    /// How far it is.
    #[serde(rename = "processing_status")]
    pub status: ProcessingStatus,
    /// How many of its requests are where.
    #[serde(rename = "request_counts")]
    pub counts: RequestCounts,
    /// When the API made it, by the server's clock.
    #[serde(deserialize_with = "moment")]
    pub created_at: Timestamp,
    /// When what is not done expires.
    #[serde(default, deserialize_with = "perhaps_a_moment")]
    pub expires_at: Option<Timestamp>,
    /// When its processing was over.
    #[serde(default, deserialize_with = "perhaps_a_moment")]
    pub ended_at: Option<Timestamp>,
    /// When it was told to stop.
    #[serde(default, deserialize_with = "perhaps_a_moment")]
    pub cancel_initiated_at: Option<Timestamp>,
    /// When its results became unavailable.
    #[serde(default, deserialize_with = "perhaps_a_moment")]
    pub archived_at: Option<Timestamp>,
    /// Whether the API names an address of results. The address itself is not kept: nobody should dial it.
    #[serde(rename = "results_url", default, deserialize_with = "is_there")]
    pub has_results: bool,
}

/// A moment as RFC 3339.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &"a moment as RFC 3339"))
}

/// A moment that nothing rests on, so that one in another form is as if it were absent.
fn perhaps_a_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    Ok(text.is_some())
}

/// A part of the list of all batches, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchPage {
    /// The batches of this part.
    pub batches: Vec<MessageBatch>,
    /// Whether others follow. Never behind a part without batches, so that who goes on comes to an end.
    pub has_more: bool,
    /// After which the next part begins.
    pub last_id: Option<BatchId>,
}

/// A page as the API writes it.
#[derive(Deserialize)]
#[serde(bound = "I: Deserialize<'de>")]
pub(crate) struct Page<I> {
    pub(crate) data: Vec<I>,
    #[serde(default)]
    pub(crate) has_more: bool,
    #[serde(default)]
    pub(crate) last_id: Option<String>,
}

impl From<Page<MessageBatch>> for BatchPage {
    fn from(page: Page<MessageBatch>) -> BatchPage {
        let named = page.last_id.as_deref().and_then(BatchId::new);
        let last_id = named.or_else(|| page.data.last().map(|batch| batch.id.clone()));
        BatchPage { has_more: page.has_more && !page.data.is_empty(), batches: page.data, last_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded in the documentation, which leaves out `archived_at`.
    const CREATED: &str = r#"{"id":"msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d","type":"message_batch","processing_status":"in_progress","request_counts":{"processing":2,"succeeded":0,"errored":0,"canceled":0,"expired":0},"ended_at":null,"created_at":"2024-09-24T18:37:24.100435Z","expires_at":"2024-09-25T18:37:24.100435Z","cancel_initiated_at":null,"results_url":null}"#;

    fn read(text: &str) -> Option<MessageBatch> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn an_id_fits_into_addresses_and_file_names() {
        let long = "x".repeat(256);
        for good in ["msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d", "-", &long] {
            assert_eq!(BatchId::new(good).unwrap().as_str(), good);
        }
        let longer = "x".repeat(257);
        for bad in ["", "a/b", "..", "a b", "a?b", "a%2f", "ä", "a\n", &longer] {
            assert_eq!(BatchId::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_batch_is_read_as_the_api_writes_it() {
        let batch = read(CREATED).unwrap();
        assert_eq!(batch.id.as_str(), "msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d");
        assert_eq!((batch.status, batch.counts.total()), (ProcessingStatus::InProgress, 2));
        assert_eq!(batch.created_at.to_string(), "2024-09-24T18:37:24.100435Z");
        assert_eq!(batch.expires_at.unwrap().to_string(), "2024-09-25T18:37:24.100435Z");
        assert_eq!((batch.ended_at, batch.archived_at, batch.has_results), (None, None, false));
    }

    #[test]
    fn what_is_new_passes_and_what_is_needed_does_not_lack() {
        let ended =
            CREATED.replace("in_progress", "ended").replace("\"results_url\":null", "\"results_url\":\"x\"");
        let ended = read(&ended).unwrap();
        assert_eq!((ended.status, ended.has_results), (ProcessingStatus::Ended, true));
        let paused = read(&CREATED.replace("in_progress", "paused")).unwrap();
        assert_eq!(paused.status, ProcessingStatus::Other("paused".to_owned()));
        assert_eq!(read(&CREATED.replace("2024-09-25T", "soon ")).unwrap().expires_at, None);
        assert!(read(&CREATED.replace("{\"id\"", "{\"new\":[1],\"id\"")).is_some());
        for (from, to) in [
            ("\"id\"", "\"name\""),
            ("msgbatch_", "../"),
            ("\"created_at\"", "\"made_at\""),
            ("2024-09-24T", "long ago "),
            ("\"expired\":0", "\"expired\":-1"),
            (",\"expired\":0", ""),
        ] {
            assert_eq!(read(&CREATED.replace(from, to)), None, "{from} -> {to}");
        }
    }

    #[test]
    fn a_page_never_promises_more_behind_nothing() {
        let page = |text: &str| BatchPage::from(serde_json::from_str::<Page<MessageBatch>>(text).unwrap());
        let empty = page(r#"{"data":[],"has_more":true,"first_id":null,"last_id":null}"#);
        assert_eq!(empty, BatchPage { batches: Vec::new(), has_more: false, last_id: None });
        let one = page(&format!(r#"{{"data":[{CREATED}],"has_more":true,"last_id":null}}"#));
        assert_eq!((one.has_more, one.last_id), (true, BatchId::new("msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d")));
    }

    #[test]
    fn counts_of_an_odd_server_do_not_overflow() {
        let counts = RequestCounts { processing: u64::MAX, succeeded: 1, ..RequestCounts::default() };
        assert_eq!(counts.total(), u64::MAX);
    }
}
