//! The examples of the explanations that need a policy, as `docs/rules.md` shows them.

mod common;

use batchwise_findings::Rule;
use batchwise_rules::explain;
use common::Folder;

/// The text of the first block behind `fence`.
fn block<'t>(text: &'t str, fence: &str) -> &'t str {
    let (_, rest) = text.split_once(fence).unwrap_or_else(|| panic!("no {fence} in {text}"));
    rest.trim_start_matches('\n').split("```").next().unwrap()
}

#[test]
fn policies_do_what_their_explanations_say() {
    let rules: Vec<Rule> =
        Rule::ALL.iter().copied().filter(|rule| rule.id().starts_with("policy-")).collect();
    assert!(rules.len() > 9);
    for rule in rules {
        let text = explain(rule);
        let run = |fence: &str| {
            let folder = Folder::with(block(text, "```json\n")).file("batchwise.toml", block(text, fence));
            let run = folder.run("check requests.jsonl --as-of 2026-11-21 --format json");
            (
                run.stdout.contains(&format!("\"rule\": \"{rule}\""))
                    || run.stderr.contains(&format!("[{rule}]")),
                run,
            )
        };
        let (told, failed) = run("```toml fails\n");
        assert!(told, "{rule}: {}{}", failed.stdout, failed.stderr);
        let (told, passed) = run("```toml passes\n");
        assert!(!told && passed.code == 0, "{rule}: {}{}", passed.stdout, passed.stderr);
    }
}
