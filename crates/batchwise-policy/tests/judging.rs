//! Severities and exceptions: what becomes of findings.

mod common;

use batchwise_findings::{Finding, Place, Rule, Severity};
use batchwise_policy::{Judge, Policy, Ruling, is_firm};
use batchwise_pricing::PriceBook;
use common::policy;
use insta::assert_snapshot;
use jiff::civil::{Date, date};
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 21);

fn found(rule: Rule, custom_id: &str, model: &str, file: &str) -> Finding {
    let (file, field) = (file.to_owned(), String::new());
    let place = Place { file, line: 1, column: 1, bytes: 0..1, field, excerpt: None };
    Finding::new(rule, "m").at(place).about(custom_id, model)
}

fn judge(policy: &Policy) -> Judge<'_> {
    Judge::new(policy, TODAY, PriceBook::bundled())
}

fn exception(more: &str) -> Policy {
    let text = "[[exception]]\nrule = \"policy-model\"\nreason = \"r\"\nexpires = 2026-11-21\n";
    policy(&format!("{text}{more}"))
}

#[track_caller]
fn check_excused(more: &str, finding: &Finding, excused: bool) {
    let policy = exception(more);
    let expected = if excused { Ruling::Excused(0) } else { Ruling::Counts(Severity::Error) };
    assert_eq!(judge(&policy).ruling(finding), expected, "{more}");
}

#[test]
fn severities_follow_the_policy() {
    let policy =
        policy("[severity]\nlarge-item = \"error\"\npolicy-model = \"note\"\nretired-model = \"off\"");
    let mut judge = judge(&policy);
    let mut ruling = |rule| judge.ruling(&found(rule, "a", "m", "f"));
    assert_eq!(ruling(Rule::LargeItem), Ruling::Counts(Severity::Error));
    assert_eq!(ruling(Rule::PolicyModel), Ruling::Counts(Severity::Note));
    assert_eq!(ruling(Rule::RetiredModel), Ruling::Off);
    assert_eq!(ruling(Rule::UnboundedInput), Ruling::Counts(Severity::Warning));
}

#[test]
fn an_exception_is_as_wide_as_it_says() {
    let finding = found(Rule::PolicyModel, "eval-7", "claude-opus-4-8", "./evals/a.jsonl");
    check_excused("", &finding, true);
    check_excused("model = \"claude-opus-*\"\ncustom_id = \"eval-*\"\nfile = \"evals/*\"", &finding, true);
    check_excused("model = \"claude-haiku-*\"", &finding, false);
    check_excused("custom_id = \"eval\"", &finding, false);
    check_excused("file = \"*.json\"", &finding, false);
    check_excused("", &found(Rule::PolicyMaxTokens, "eval-7", "m", "f"), false);
    let of_the_workload = Finding::new(Rule::PolicyModel, "m");
    check_excused("", &of_the_workload, true);
    check_excused("model = \"*\"", &of_the_workload, false);
    check_excused("file = \"*\"", &of_the_workload, false);
    let of_three = Finding { requests: 3, ..finding };
    check_excused("custom_id = \"eval-*\"", &of_three, false);
}

#[test]
fn another_name_of_a_model_is_the_model() {
    let named = |model| found(Rule::PolicyModel, "a", model, "f");
    check_excused("model = \"claude-haiku-4-5-20251001\"", &named("claude-haiku-4-5"), true);
    check_excused("model = \"claude-haiku-4-5\"", &named("claude-haiku-4-5-20251001"), true);
}

#[test]
fn the_last_day_is_part_of_an_exception() {
    let policy = exception("");
    let finding = found(Rule::PolicyModel, "a", "m", "f");
    let on = |day| Judge::new(&policy, day, PriceBook::bundled()).ruling(&finding);
    assert_eq!(on(date(2026, 11, 21)), Ruling::Excused(0));
    assert_eq!(on(date(2026, 11, 22)), Ruling::Counts(Severity::Error));
}

#[test]
fn leftovers_are_told() {
    let policy = policy(
        "[[exception]]\nrule = \"policy-model\"\nreason = \"the old evaluation\"\nexpires = 2026-10-31\n\
         [[exception]]\nrule = \"policy-max-tokens\"\nreason = \"long stories\"\nexpires = 2027-01-31\n\
         [[exception]]\nrule = \"large-item\"\nreason = \"scans\"\nexpires = 2027-01-31\n",
    );
    let mut judge = judge(&policy);
    assert_eq!(judge.ruling(&found(Rule::PolicyModel, "a", "m", "f")), Ruling::Counts(Severity::Error));
    assert_eq!(judge.ruling(&found(Rule::LargeItem, "a", "m", "f")), Ruling::Excused(2));
    assert_eq!(judge.exceptions().map(|(_, matched)| matched).collect::<Vec<_>>(), [1, 0, 1]);
    assert_snapshot!(common::draw_all(&judge.leftovers()), @r#"
    warning[policy-exception-expired]: the exception from `policy-model` (the old evaluation) ended on 2026-10-31; findings it is about: 1
      ::: batchwise.toml:4:11
       | expires = 2026-10-31
       |           ---------- its last day
       = help: remove it, or decide anew and move its day
    warning[policy-exception-unused]: the exception from `policy-max-tokens` (long stories) excuses nothing
      ::: batchwise.toml:6:8
       | rule = "policy-max-tokens"
       |        ------------------- this exception
       = help: remove it, unless it is for files that were not checked this time
    "#);
}

fn any_rule() -> impl Strategy<Value = Rule> {
    prop::sample::select(Rule::ALL)
}

#[derive(Clone, Debug)]
struct Excuse {
    rule: Rule,
    days: i64,
    custom_id: Option<&'static str>,
}

prop_compose! {
    fn any_excuse()(
        rule in any_rule(),
        days in -2..3i64,
        custom_id in prop::option::of(prop::sample::select(&["a", "b", "*", "a*"][..])),
    ) -> Excuse {
        Excuse { rule, days, custom_id }
    }
}

fn may_be_excused(rule: Rule) -> bool {
    !is_firm(rule) && !matches!(rule, Rule::PolicyExceptionExpired | Rule::PolicyExceptionUnused)
}

fn day(days: i64) -> Date {
    TODAY.checked_add(jiff::Span::new().days(days)).unwrap()
}

proptest! {
    #[test]
    fn no_error_goes_through_that_nothing_covers(
        severities in prop::collection::btree_map(any_rule(), prop::sample::select(&["error", "warning", "note", "off"][..]), 0..6),
        excuses in prop::collection::vec(any_excuse(), 0..6),
        findings in prop::collection::vec((any_rule(), prop::sample::select(&["a", "b", "ab"][..])), 1..20),
    ) {
        let severities: Vec<_> = severities.into_iter().filter(|(rule, _)| !is_firm(*rule)).collect();
        let excuses: Vec<_> = excuses.into_iter().filter(|excuse| may_be_excused(excuse.rule)).collect();
        let mut text = "[severity]\n".to_owned();
        for (rule, severity) in &severities {
            text += &format!("{rule} = \"{severity}\"\n");
        }
        for Excuse { rule, days, custom_id } in &excuses {
            text += &format!("[[exception]]\nrule = \"{rule}\"\nreason = \"r\"\nexpires = {}\n", day(*days));
            text += &custom_id.map(|glob| format!("custom_id = \"{glob}\"\n")).unwrap_or_default();
        }
        let policy = policy(&text);
        let mut judge = judge(&policy);
        for (rule, custom_id) in findings {
            let ruling = judge.ruling(&found(rule, custom_id, "m", "f"));
            let set = severities.iter().find(|(known, _)| *known == rule).map(|(_, severity)| *severity);
            let error = set.map_or(rule.severity() == Severity::Error, |severity| severity == "error");
            let excused = excuses.iter().any(|excuse| {
                let about = match excuse.custom_id {
                    None | Some("*") => true,
                    Some("a*") => custom_id.starts_with('a'),
                    Some(name) => custom_id == name,
                };
                excuse.rule == rule && excuse.days >= 0 && about
            });
            prop_assert_eq!(ruling.severity() == Some(Severity::Error), error && !excused, "{} {}", rule, text);
            if is_firm(rule) {
                prop_assert_eq!(ruling, Ruling::Counts(Severity::Error));
            }
        }
    }
}
