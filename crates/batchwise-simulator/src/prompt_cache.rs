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

#[cfg(test)]
mod tests {
    use batchwise_prefixes::PrefixChain;
    use batchwise_records::Request;
    use jiff::Timestamp;

    use super::*;
    use crate::item::Prefix;

    /// What tells a beginning from others: any text gives one.
    fn hash(text: &str) -> PrefixHash {
        let line = format!(
            r#"{{"custom_id":"a","params":{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"{text}"}}]}}}}"#
        );
        PrefixChain::of(&Request::parse(line.as_bytes()).unwrap(), "m").blocks()[0].prefix
    }

    /// What it says, how many tokens it has, and the mark at its end.
    type Beginning<'b> = (&'b str, u64, Option<CacheTtl>);

    /// Requests of 100 tokens, each a list of beginnings with their tokens and marks; a number of seconds passes before
    /// each. Tells input, read, written for five minutes and for an hour.
    #[track_caller]
    fn check(requests: &[(u64, &[Beginning<'_>])], expected: &[[u64; 4]]) {
        let (mut cache, mut chance) = (PromptCache::default(), Chance::new(1));
        let mut now = Instant::of(Timestamp::UNIX_EPOCH);
        let mut usages = Vec::new();
        for (seconds, prefixes) in requests {
            now = now.plus_seconds(*seconds);
            let prefix = |(text, tokens, mark): &Beginning<'_>| Prefix {
                hash: hash(text),
                tokens: *tokens,
                mark: *mark,
            };
            let prefixes = prefixes.iter().map(prefix).collect();
            let work = Work { model: "m", input: 100, max_tokens: 1, geo: None, prefixes };
            let usage = cache.process(&work, now, 100, &mut chance);
            usages.push([usage.input, usage.read, usage.written_5m, usage.written_1h]);
        }
        assert_eq!(usages, expected);
    }

    const SHORT: Option<CacheTtl> = Some(CacheTtl::FiveMinutes);
    const HOUR: Option<CacheTtl> = Some(CacheTtl::OneHour);

    #[test]
    fn what_was_written_is_read_while_it_lives() {
        let a: &[_] = &[("a", 60, SHORT)];
        check(
            &[(0, a), (299, a), (299, a), (300, a)],
            &[
                [40, 0, 60, 0],
                [40, 60, 0, 0],
                [40, 60, 0, 0], //      each reading keeps it alive
                [40, 0, 60, 0],
            ],
        );
        let a: &[_] = &[("a", 60, HOUR)];
        check(&[(0, a), (3_599, a), (3_600, a)], &[[40, 0, 0, 60], [40, 60, 0, 0], [40, 0, 0, 60]]);
        check(&[(0, &[]), (0, &[])], &[[100, 0, 0, 0]; 2]);
    }

    #[test]
    fn the_longest_beginning_is_read_and_what_follows_is_written() {
        let both: &[_] = &[("a", 30, HOUR), ("b", 80, SHORT)];
        let other: &[_] = &[("a", 30, HOUR), ("c", 90, SHORT)];
        check(&[(0, both), (0, other), (0, both)], &[[20, 0, 50, 30], [10, 30, 60, 0], [20, 80, 0, 0]]);
        // A beginning that is only looked at is read where another request wrote it, and never written.
        let looks: &[_] = &[("a", 30, None), ("b", 80, SHORT)];
        let writes: &[_] = &[("a", 30, SHORT)];
        check(&[(0, looks), (0, writes), (0, looks)], &[[20, 0, 80, 0], [70, 0, 30, 0], [20, 80, 0, 0]]);
        check(&[(0, writes), (0, looks)], &[[70, 0, 30, 0], [20, 30, 50, 0]]);
    }
}
