use std::collections::BTreeMap;
use std::time::Duration;

use crate::Reply;

/// What the user decided about an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What happens when nobody knows whether a batch was created.
    pub on_ambiguous: OnAmbiguous,
    /// What somebody who looked says about batches of which nobody knows whether they were created, or whose results cannot
    /// be had, by their number. It is about how they are when the run begins, and used once.
    pub resolutions: BTreeMap<u32, Reply>,
    /// How many requests of the organisation may be queued, where that is to be held to.
    pub queued_requests_max: Option<u64>,
    /// Whether it ends when all that can be sent now was sent.
    pub sends_only: bool,
    /// How long to wait before asking for a batch again, where the server does not say.
    pub poll_wait: Duration,
    /// How long to wait when the queue is full.
    pub queue_wait: Duration,
    /// On the server's clock: how long a batch that was created may be missing from the list, before somebody has to look.
    pub lag: Duration,
    /// On the server's clock: after how long a batch that is not listed was never created. What is sent again then is
    /// paid twice if the list is later still.
    pub settling: Duration,
}

/// What happens when nobody knows whether a batch was created, and the list does not show exactly one that could be it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnAmbiguous {
    /// Somebody is asked; where there is nobody, everything stops.
    #[default]
    Ask,
    /// Everything stops.
    Adopt,
    /// The list is looked at for longer, and what is in none of it is sent again. With several candidates, everything stops.
    Wait,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms {
            on_ambiguous: OnAmbiguous::Ask,
            resolutions: BTreeMap::new(),
            queued_requests_max: None,
            sends_only: false,
            poll_wait: Duration::from_secs(30),
            queue_wait: Duration::from_secs(60),
            lag: Duration::from_secs(60),
            settling: Duration::from_secs(600),
        }
    }
}
