use std::collections::HashMap;

use batchwise_prefixes::PrefixHash;
use batchwise_tokens::CacheTtl;

use crate::chance::Chance;
use crate::instant::Instant;
use crate::item::{Usage, Work};

/// The prompt cache: which beginnings of prompts were written, and until when they live. One for the whole workspace.
#[derive(Debug, Default)]
pub(crate) struct PromptCache {
    entries: HashMap<PrefixHash, Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    lives_until: Instant,
    ttl: CacheTtl,
}

/// When there are more entries than this, the dead ones are removed; if none are dead, nothing more is written.
const ENTRIES_MAX: usize = 1 << 20;

impl PromptCache {
    /// Processes the input of a request: what its breakpoints find is read and lives anew; what they mark beyond it is
    /// written. `hit_percent` times in a hundred, what is there is found.
    pub(crate) fn process(
        &mut self,
        work: &Work,
        now: Instant,
        hit_percent: u8,
        chance: &mut Chance,
    ) -> Usage {
        let is_alive = |entry: &Entry| entry.lives_until > now;
        let found =
            work.prefixes.iter().rposition(|prefix| self.entries.get(&prefix.hash).is_some_and(is_alive));
        let found = found.filter(|_| chance.happens(hit_percent));
        if let Some(index) = found
            && let Some(entry) = self.entries.get_mut(&work.prefixes[index].hash)
        {
            entry.lives_until = now.plus_seconds(seconds(entry.ttl));
        }
        let read = found.map_or(0, |index| work.prefixes[index].tokens);
        let beyond = |ttl: CacheTtl| {
            let marked = |prefix: &&crate::item::Prefix| prefix.mark.is_some_and(|mark| mark >= ttl);
            work.prefixes.iter().rfind(marked).map_or(0, |prefix| prefix.tokens).max(read)
        };
        let (hour, all) = (beyond(CacheTtl::OneHour), beyond(CacheTtl::FiveMinutes));
        for prefix in &work.prefixes[found.map_or(0, |index| index + 1)..] {
            if let Some(ttl) = prefix.mark {
                self.write(prefix.hash, ttl, now);
            }
        }
        let all = all.max(hour);
        Usage { input: work.input - all, read, written_5m: all - hour, written_1h: hour - read, output: 0 }
    }

    fn write(&mut self, hash: PrefixHash, ttl: CacheTtl, now: Instant) {
        if self.entries.len() >= ENTRIES_MAX {
            self.entries.retain(|_, entry| entry.lives_until > now);
        }
        if self.entries.len() < ENTRIES_MAX {
            self.entries.insert(hash, Entry { lives_until: now.plus_seconds(seconds(ttl)), ttl });
        }
    }
}

fn seconds(ttl: CacheTtl) -> u64 {
    match ttl {
        CacheTtl::FiveMinutes => 300,
        CacheTtl::OneHour => 3_600,
    }
}
