//! `docs/rules.md` is made of the explanations. After a change of one of them,
//! `UPDATE_RULES=1 cargo test -p batchwise-rules --test docs` writes it anew.
#![expect(clippy::disallowed_methods, reason = "this test writes a page where it is told to")]

use batchwise_rules::{Rule, explain};

const PAGE: &str = include_str!("../../../docs/rules.md");
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");

/// What stands before the rules.
const INTRODUCTION: &str = "\
# Rules

<!-- Made of crates/batchwise-rules/explanations by `UPDATE_RULES=1 cargo test -p batchwise-rules --test docs`. -->

Everything `batchwise` can notice. An *error* turns the exit code: 1 when the API answers a request with an error or a
limit or a budget refuses it, 2 when something could not be read or priced (2 wins over 1). A *warning* is about a number
or an outcome that may not be what you expect, a *note* is worth knowing; neither turns anything.

What cannot be read, repeats a `custom_id`, or is over a limit or a budget is left out of the batches and of all numbers.
A request without a price is batched and counted, but not costed. A request that the API will answer with an error stays
in its batch and in all numbers: an errored row is not billed.

A rule is an error only where a page of the documentation or a recorded answer says that the API refuses the request;
each says which, and when it was read. [False alarms](false-alarms.md) were looked for. The examples are request files
with the arguments of `batchwise check`, and tests run them. In them `«0xE9»` stands for that one byte, and `«ab × 3»`
for `ababab`; `also=` names another rule that speaks as well, and `count` stands for `batchwise count`.
";

fn page() -> String {
    let sections = Rule::ALL.iter().map(|&rule| format!("\n## {rule}\n{}", explain(rule)));
    INTRODUCTION.to_owned() + &sections.collect::<String>()
}

#[test]
fn the_page_is_made_of_the_explanations() {
    if std::env::var_os("UPDATE_RULES").is_some() {
        std::fs::write(PATH, page()).unwrap();
    } else {
        let hint = "run `UPDATE_RULES=1 cargo test -p batchwise-rules --test docs`";
        assert!(PAGE == page(), "docs/rules.md is not what the explanations say: {hint}");
    }
}
