//! For fuzzers: what must hold of any text.

use crate::Policy;

/// Reads `data` as a policy. A text that is none has problems, each with a place in it; one that is shows itself as a
/// policy that says the same.
///
/// # Panics
/// Only where this crate is wrong.
pub fn policy(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match Policy::parse("batchwise.toml", text) {
        Ok(policy) => {
            for shown in [None, Some(40)].map(|width| policy.show(width)) {
                let again = Policy::parse("batchwise.toml", &shown).unwrap_or_else(|problems| {
                    panic!("what was shown is wrong: {problems}\n{shown}");
                });
                assert_eq!(again.values(), policy.values(), "what was shown says something else");
            }
        }
        Err(problems) => {
            assert!(!problems.problems.is_empty(), "a refusal has a reason");
            for place in problems.problems.iter().filter_map(|problem| problem.at.as_ref()) {
                assert!(place.bytes.end <= text.len() as u64, "a place is in the text");
            }
            assert!(!problems.to_string().contains('\u{1b}'), "nothing of the file reaches a terminal raw");
        }
    }
}
