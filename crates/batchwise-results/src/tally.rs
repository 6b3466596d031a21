use std::collections::BTreeMap;

use crate::{Fate, OutcomeKind, ResultRow, RowCounts, RowError, message_shape};

/// The most groups of errors that are kept apart; what a file of results can name without end must not fill the memory.
pub const GROUPS_MAX: usize = 1_000;

/// What became of requests, counted: by outcome, by fate, and by what the errors say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By the type of the result.
    pub outcomes: RowCounts,
    fates: BTreeMap<Fate, u64>,
    groups: BTreeMap<(Fate, String, String), ErrorGroup>,
    ungrouped: u64,
}

/// Errors that say the same, or results of a type that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorGroup {
    /// What they mean for their requests.
    pub fate: Fate,
    /// The type of the error, or of the result; empty where a row names none.
    pub error: String,
    /// What they say; where they differ by numbers or names, [what is alike](message_shape).
    pub message: String,
    /// How many there are.
    pub requests: u64,
    /// The id of the first.
    pub example: String,
}

impl Tally {
    /// Counts a row. Returns what it means for its request.
    pub fn add(&mut self, row: &ResultRow<'_>) -> Fate {
        let fate = Fate::of(row);
        self.outcomes.add(row.outcome.kind);
        *self.fates.entry(fate).or_default() += 1;
        match row.outcome.kind {
            OutcomeKind::Errored => {
                let error = RowError::of(&row.outcome);
                self.group(fate, &error.kind, &error.message, &row.custom_id);
            }
            OutcomeKind::Other => self.group(fate, &row.outcome.name, "", &row.custom_id),
            OutcomeKind::Succeeded | OutcomeKind::Canceled | OutcomeKind::Expired => (),
        }
        fate
    }

    fn group(&mut self, fate: Fate, error: &str, message: &str, custom_id: &str) {
        let shape = message_shape(message);
        // A type is as free as a message: what does not look like one is cut as well.
        let error: String = error.chars().take(64).collect();
        let is_full = self.groups.len() >= GROUPS_MAX;
        let key = (fate, error, shape);
        if is_full && !self.groups.contains_key(&key) {
            self.ungrouped += 1;
            return;
        }
        let first = || ErrorGroup {
            fate,
            error: key.1.clone(),
            message: message.chars().take(MESSAGE_CHARACTERS_MAX).collect(),
            requests: 0,
            example: custom_id.to_owned(),
        };
        let group = self.groups.entry(key.clone()).or_insert_with(first);
        group.requests += 1;
        if group.message != message {
            group.message = key.2;
        }
    }

    /// How many requests have this fate.
    pub fn of(&self, fate: Fate) -> u64 {
        self.fates.get(&fate).copied().unwrap_or_default()
    }

    /// The groups of errors and of unknown results, the largest first.
    pub fn groups(&self) -> Vec<&ErrorGroup> {
        let mut groups: Vec<&ErrorGroup> = self.groups.values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.requests));
        groups
    }

    /// How many rows are in no group, because there were too many groups.
    pub fn ungrouped(&self) -> u64 {
        self.ungrouped
    }
}

/// The longest message that is shown as it is; longer ones by their shape.
const MESSAGE_CHARACTERS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn errored(id: &str, kind: &str, message: &str) -> String {
        format!(
            r#"{{"custom_id":"{id}","result":{{"type":"errored","error":{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}}}}}"#
        )
    }

    fn tally(lines: &[String]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.add(&ResultRow::read(line.as_bytes()).unwrap());
        }
        tally
    }

    #[test]
    fn errors_that_say_the_same_are_one_group() {
        let tally = tally(&[
            errored("a", "invalid_request_error", "max_tokens: 7 > 5"),
            errored("b", "invalid_request_error", "messages: Field required"),
            errored("c", "invalid_request_error", "max_tokens: 8 > 5"),
            errored("d", "api_error", "max_tokens: 8 > 5"),
            r#"{"custom_id":"e","result":{"type":"paused"}}"#.to_owned(),
            r#"{"custom_id":"f","result":{"type":"expired"}}"#.to_owned(),
        ]);
        let groups: Vec<String> = tally
            .groups()
            .iter()
            .map(|group| format!("{} {} {} {:?}", group.requests, group.example, group.error, group.message))
            .collect();
        assert_eq!(
            groups,
            [
                r##"2 a invalid_request_error "max_tokens: # > #""##,
                r#"1 d api_error "max_tokens: 8 > 5""#,
                r#"1 b invalid_request_error "messages: Field required""#,
                r#"1 e paused """#,
            ]
        );
        assert_eq!(Fate::ALL.map(|fate| tally.of(fate)), [0, 2, 3, 1]);
        assert_eq!((tally.outcomes.errored, tally.outcomes.total()), (4, 6));
    }

    #[test]
    fn groups_are_limited_and_nothing_is_lost() {
        let line = |index| errored("a", &format!("error_{index}"), "");
        let tally = tally(&(0..GROUPS_MAX + 50).chain(0..7).map(line).collect::<Vec<String>>());
        let grouped: u64 = tally.groups().iter().map(|group| group.requests).sum();
        assert_eq!((tally.groups().len(), tally.ungrouped()), (GROUPS_MAX, 50));
        assert_eq!(grouped, (GROUPS_MAX + 7) as u64);
    }
}
