use std::collections::VecDeque;

use crate::PrefixHash;

/// Prefixes that one request has so far, in the order in which they came, so that the oldest can be forgotten.
pub(crate) struct OnceSeen {
    max: usize,
    queue: VecDeque<PrefixHash>,
    waiting: usize,
}

impl OnceSeen {
    pub(crate) fn new(max: usize) -> OnceSeen {
        OnceSeen { max, queue: VecDeque::new(), waiting: 0 }
    }

    /// How many are in the queue, promoted or not.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn add(&mut self, prefix: PrefixHash) {
        self.queue.push_back(prefix);
        self.waiting += 1;
    }

    /// One of them is shared now. It is still in the queue, but waits no longer.
    pub(crate) fn promote(&mut self) {
        self.waiting -= 1;
    }

    /// The next to forget, where there are too many. Those that were promoted are passed over.
    pub(crate) fn overflow(&mut self, waits: impl Fn(PrefixHash) -> bool) -> Option<PrefixHash> {
        while self.waiting > self.max {
            let oldest = self.queue.pop_front()?;
            if waits(oldest) {
                self.waiting -= 1;
                return Some(oldest);
            }
        }
        None
    }
}
