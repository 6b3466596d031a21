/// Which batches are looked through.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    /// Those with rows.
    pub(super) settled: Vec<u32>,
    /// Those that were certainly never created, when they are asked for.
    pub(super) unsent: Vec<u32>,
    /// Those without rows that are left out.
    pub(super) missing: Vec<u32>,
    /// Those that went to another file before.
    pub(super) earlier: Vec<u32>,
}

/// What is known of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) batch: u32,
    /// What is there of it.
    pub(super) state: State,
    /// Whether an earlier retry looked through it, and for which file.
    pub(super) taken: Option<Taken>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Its rows are there.
    Settled,
    /// It was certainly never created.
    NeverCreated,
    /// It may be under way.
    Open,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// For the file that is to be written now.
    ForThisFile,
    /// For another.
    ForAnother,
}

impl Choice {
    /// Each batch is looked through once, or again for the same file as long as nothing has come since; `None` when
    /// something has, as the file may have been sent.
    pub(super) fn of(known: impl IntoIterator<Item = Known>, with_unsent: bool) -> Option<Choice> {
        let mut choice = Choice::default();
        let (mut same, mut new) = (false, false);
        for Known { batch, state, taken } in known {
            let list = match (taken, state) {
                (Some(Taken::ForAnother), _) => &mut choice.earlier,
                (_, State::Settled) => &mut choice.settled,
                (Some(Taken::ForThisFile), State::NeverCreated) => &mut choice.unsent,
                (None, State::NeverCreated) if with_unsent => &mut choice.unsent,
                _ => &mut choice.missing,
            };
            list.push(batch);
            same |= taken == Some(Taken::ForThisFile);
            new |=
                taken.is_none() && (state == State::Settled || state == State::NeverCreated && with_unsent);
        }
        (!(same && new)).then_some(choice)
    }

    /// All that are looked through.
    pub(super) fn all(&self) -> impl Iterator<Item = u32> {
        self.settled.iter().chain(&self.unsent).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::State::{NeverCreated, Open, Settled};
    use super::Taken::{ForAnother, ForThisFile};
    use super::*;

    /// What becomes of batches 0, 1 and so on, in letters: settled, unsent, missing, earlier.
    #[track_caller]
    fn check(known: &[(State, Option<Taken>)], with_unsent: bool, wanted: Option<&str>) {
        let known = known.iter().zip(0..).map(|((state, taken), batch)| Known {
            batch,
            state: *state,
            taken: *taken,
        });
        let choice = Choice::of(known, with_unsent).map(|choice| {
            let lists = [
                ('s', &choice.settled),
                ('u', &choice.unsent),
                ('m', &choice.missing),
                ('e', &choice.earlier),
            ];
            let mut letters: Vec<(u32, char)> =
                lists.iter().flat_map(|(letter, list)| list.iter().map(|batch| (*batch, *letter))).collect();
            letters.sort_unstable();
            letters.into_iter().map(|(_, letter)| letter).collect::<String>()
        });
        assert_eq!(choice.as_deref(), wanted);
    }

    #[test]
    fn nothing_is_taken_twice() {
        check(&[(Settled, None), (Open, None), (NeverCreated, None)], false, Some("smm"));
        check(&[(Settled, None), (Open, None), (NeverCreated, None)], true, Some("smu"));
        check(&[(Settled, Some(ForThisFile)), (Open, None), (NeverCreated, None)], false, Some("smm"));
        check(&[(Settled, Some(ForThisFile)), (Open, None), (NeverCreated, None)], true, None);
        check(&[(Settled, Some(ForThisFile)), (Settled, None)], false, None);
        check(&[(Settled, Some(ForAnother)), (Settled, None)], false, Some("es"));
        check(&[(Settled, Some(ForAnother)), (Settled, Some(ForThisFile))], false, Some("es"));
        // What the file had, it has again.
        check(&[(NeverCreated, Some(ForThisFile)), (NeverCreated, None)], false, Some("um"));
        check(&[(NeverCreated, Some(ForAnother))], true, Some("e"));
        check(&[], true, Some(""));
    }
}
