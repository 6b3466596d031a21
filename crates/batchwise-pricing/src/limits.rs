use batchwise_units::Bytes;
use jiff::civil::Date;

/// A value with the page that states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documented<T> {
    /// The value.
    pub value: T,
    /// The page that states it.
    pub source: String,
    /// The newest day on which the page was read.
    pub checked: Date,
    /// What to know about it.
    pub notes: Vec<String>,
}

/// The limits of a batch and of the queue in front of the models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most requests in one batch.
    pub max_requests: Documented<u64>,
    /// The largest HTTP body that surely is accepted: "256 MB" read as 10^6 bytes each.
    pub max_body: Documented<Bytes>,
    /// The largest HTTP body that may be accepted: the same words read as 2^20 bytes each.
    pub max_body_upper: Documented<Bytes>,
    /// Hours after which what was not processed expires.
    pub max_hours: Documented<u64>,
    /// Days for which results can be fetched.
    pub results_days: Documented<u64>,
    /// The size of a single request above which acceptance is not certain.
    pub item_warning: Documented<Bytes>,
    /// The value of the `anthropic-beta` header that raises the output limit of a batch.
    pub large_output_header: Documented<String>,
    /// Queue limits by usage tier of the organization, smallest first.
    pub queue_tiers: Vec<Documented<QueueTier>>,
}

/// What an organization of one usage tier may do at a time, over all models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueTier {
    /// `start`, `build` or `scale`.
    pub name: String,
    /// Calls of the batch endpoints per minute.
    pub requests_per_minute: u64,
    /// Batch requests waiting to be processed.
    pub queued_requests: u64,
}

impl Limits {
    /// The queue limits of a usage tier, by its name.
    pub fn queue_tier(&self, name: &str) -> Option<&QueueTier> {
        self.queue_tiers.iter().map(|tier| &tier.value).find(|tier| tier.name == name)
    }
}
