//! A [`RowCheck`] against a slow obvious oracle, and against every fault of the simulator.

use std::collections::BTreeSet;

use batchwise_results::{IdSum, Incomplete, OutcomeKind, ResultRow, RowCheck, RowCounts, RowProblem};
use batchwise_simulator::{Head, Settings, Simulator};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// What went wrong first.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Row(RowProblem),
    End(Incomplete),
}

impl Wrong {
    fn may_be_cured(&self) -> bool {
        match self {
            Wrong::Row(problem) => problem.may_be_cured(),
            Wrong::End(incomplete) => incomplete.may_be_cured(),
        }
    }
}

fn sum<'i>(ids: impl IntoIterator<Item = &'i str>) -> IdSum {
    let mut sum = IdSum::default();
    ids.into_iter().for_each(|id| sum.add(id));
    sum
}

fn check(expected: IdSum, counts: &RowCounts, file: &[u8]) -> Result<RowCounts, Wrong> {
    let mut check = RowCheck::new(expected);
    for line in file.split_inclusive(|&byte| byte == b'\n') {
        check.row(line).map_err(Wrong::Row)?;
    }
    check.finish(counts).map_err(Wrong::End)
}

/// The oracle keeps everything: a file is good when its lines are objects whose ids, as a list, are those of the requests,
/// and their types are counted right.
fn is_good(ids: &[String], counts: &RowCounts, file: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(file) else { return false };
    let values: Result<Vec<serde_json::Value>, _> = text.lines().map(serde_json::from_str).collect();
    let Ok(values) = values else { return false };
    let mut found: Vec<&str> = values.iter().filter_map(|value| value["custom_id"].as_str()).collect();
    let mut wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    let of = |kind: &str| values.iter().filter(|value| value["result"]["type"] == kind).count() as u64;
    let are_counted =
        [OutcomeKind::Succeeded, OutcomeKind::Errored, OutcomeKind::Canceled, OutcomeKind::Expired]
            .iter()
            .all(|kind| of(kind.name()) == counts.of(*kind));
    found == wanted && are_counted
}

/// Rows with these ids, of all known types, some with texts that look like rows.
fn rows(ids: &BTreeSet<String>) -> (Vec<String>, RowCounts) {
    let results = [
        r#"{"type":"succeeded","message":{"content":[{"type":"text","text":"{\"custom_id\":\"no\"}\né"}]}}"#,
        r#"{"type":"errored","error":{"type":"error","error":{"type":"api_error","message":"no"}}}"#,
        r#"{"type":"canceled"}"#,
        r#"{"type":"expired"}"#,
    ];
    let mut counts = RowCounts::default();
    let rows = ids.iter().zip(results.iter().cycle()).map(|(id, result)| {
        let row = format!("{{\"custom_id\":\"{id}\",\"result\":{result}}}\n");
        counts.add(ResultRow::read(row.as_bytes()).unwrap().outcome.kind);
        row
    });
    let rows = rows.collect();
    (rows, counts)
}

fn ids() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[a-c_-]{1,3}", 1..9)
}

proptest! {
    #[test]
    fn whole_files_pass_in_any_order((ids, turn) in (ids(), 0_usize..9)) {
        let (mut rows, counts) = rows(&ids);
        let places = rows.len();
        rows.rotate_left(turn % places);
        prop_assert_eq!(check(sum(ids.iter().map(String::as_str)), &counts, rows.concat().as_bytes()), Ok(counts));
    }

    #[test]
    fn every_deletion_and_duplication_is_found(ids in ids()) {
        let (rows, counts) = rows(&ids);
        let expected = sum(ids.iter().map(String::as_str));
        for place in 0..rows.len() {
            let mut fewer = rows.clone();
            fewer.remove(place);
            let missing = Incomplete::Missing { rows: fewer.len() as u64, requests: rows.len() as u64 };
            prop_assert_eq!(check(expected, &counts, fewer.concat().as_bytes()), Err(Wrong::End(missing)));
            for again in 0..=rows.len() {
                let mut more = rows.clone();
                more.insert(again, rows[place].clone());
                let wrong = check(expected, &counts, more.concat().as_bytes());
                prop_assert!(matches!(wrong, Err(Wrong::Row(RowProblem::Twice { .. }))), "{wrong:?}");
            }
        }
    }

    #[test]
    fn every_truncation_is_found_and_can_be_cured(ids in ids()) {
        let (rows, counts) = rows(&ids);
        let (file, expected) = (rows.concat().into_bytes(), sum(ids.iter().map(String::as_str)));
        let ids: Vec<String> = ids.into_iter().collect();
        for end in 0..=file.len() {
            let checked = check(expected, &counts, &file[..end]);
            prop_assert_eq!(checked.is_ok(), is_good(&ids, &counts, &file[..end]), "{} of {}", end, file.len());
            // Without its last line end nothing is lost.
            prop_assert_eq!(checked.is_ok(), end + 1 >= file.len());
            prop_assert!(checked.map_or_else(|wrong| wrong.may_be_cured(), |_| true));
        }
    }

    #[test]
    fn other_ids_are_found_and_cannot_be_cured(ids in ids(), place in 0_usize..9, other in "[a-d]{1,4}") {
        let (rows, counts) = rows(&ids);
        let expected = sum(ids.iter().map(String::as_str));
        let id = ids.iter().nth(place % ids.len()).unwrap();
        prop_assume!(!ids.contains(&other));
        let mut file = rows.concat();
        file = file.replacen(&format!("{{\"custom_id\":\"{id}\""), &format!("{{\"custom_id\":\"{other}\""), 1);
        prop_assert_eq!(check(expected, &counts, file.as_bytes()), Err(Wrong::End(Incomplete::OtherIds)));
        file = rows.concat() + &format!("{{\"custom_id\":\"{other}\",\"result\":{{}}}}\n");
        let many = RowProblem::TooMany { requests: ids.len() as u64 };
        prop_assert!(!many.may_be_cured() && !Incomplete::OtherIds.may_be_cured());
        prop_assert_eq!(check(expected, &counts, file.as_bytes()), Err(Wrong::Row(many)));
    }

    /// Whatever a byte becomes, a file passes only if the oracle lets it pass.
    #[test]
    fn a_changed_byte_is_found_where_it_matters(ids in ids(), place in 0_usize..10_000, byte in any::<u8>()) {
        let (rows, counts) = rows(&ids);
        let mut file = rows.concat().into_bytes();
        let place = place % file.len();
        file[place] = byte;
        let checked = check(sum(ids.iter().map(String::as_str)), &counts, &file);
        let ids: Vec<String> = ids.into_iter().collect();
        // A result of a type that nobody knows passes, as long as every request has its row.
        if checked.is_ok_and(|found| found.other == 0) {
            prop_assert!(is_good(&ids, &counts, &file), "{}", String::from_utf8_lossy(&file));
        }
    }
}

#[test]
fn counts_are_held_against_the_api() {
    let file = "{\"custom_id\":\"a\",\"result\":{\"type\":\"expired\"}}\n{\"custom_id\":\"b\",\"result\":{\"type\":\"canceled\"}}\n";
    let expected = sum(["a", "b"]);
    let right = RowCounts { canceled: 1, expired: 1, ..RowCounts::default() };
    assert_eq!(check(expected, &right, file.as_bytes()), Ok(right));
    let wrong =
        check(expected, &RowCounts { expired: 2, ..RowCounts::default() }, file.as_bytes()).unwrap_err();
    assert_eq!(format!("{wrong:?}"), "End(Counts { kind: Canceled, rows: 1, counted: 0 })");
    assert!(wrong.may_be_cured());
    // Whether the API counts what it does not name, nobody knows.
    let file = file.replace("canceled", "paused");
    for counts in [
        right,
        RowCounts { expired: 1, ..RowCounts::default() },
        RowCounts { expired: 1, other: 1, ..RowCounts::default() },
    ] {
        let found = check(expected, &counts, file.as_bytes()).unwrap();
        assert_eq!((found.expired, found.other), (1, 1));
    }
    assert!(check(sum(["a", "c"]), &right, file.as_bytes()).is_err(), "but they must be ours");
}

#[test]
fn problems_can_follow_the_name_of_a_batch() {
    let texts = [
        RowProblem::NotJson.to_string(),
        RowProblem::Cut.to_string(),
        RowProblem::Twice { custom_id: "a".to_owned() }.to_string(),
        RowProblem::TooMany { requests: 20_000 }.to_string(),
        Incomplete::Missing { rows: 19_959, requests: 20_000 }.to_string(),
        Incomplete::OtherIds.to_string(),
        Incomplete::Counts { kind: OutcomeKind::Errored, rows: 41, counted: 1_000 }.to_string(),
    ];
    insta::assert_snapshot!(texts.map(|text| format!("the results of batch 3: {text}")).join("\n"), @"
    the results of batch 3: a row is not JSON
    the results of batch 3: the last row is cut in the middle
    the results of batch 3: the row of `a` comes twice
    the results of batch 3: there are more rows than the 20,000 requests that were sent, so the batch is another one
    the results of batch 3: rows are missing: 19,959 of 20,000 are there
    the results of batch 3: the rows have other ids than were sent, so the batch is another one
    the results of batch 3: counts differ: 41 rows are `errored`, and the API counted 1,000
    ");
}

#[test]
fn blank_lines_mean_nothing() {
    let file = b"\n{\"custom_id\":\"a\",\"result\":{\"type\":\"expired\"}}\r\n \n";
    let counts = RowCounts { expired: 1, ..RowCounts::default() };
    assert_eq!(check(sum(["a"]), &counts, file), Ok(counts));
}

/// The results of a batch of ten requests as a download brings them, and the counts of the API.
fn downloaded(faults: &str) -> (IdSum, RowCounts, String) {
    let mut simulator = Simulator::new(Settings::parse(faults).unwrap(), 5);
    let mut call = |method: &str, target: &str, body: &str, minutes: i64| {
        let headers = [("x-api-key", "any"), ("anthropic-version", "2026-10-21")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let now = start + SignedDuration::from_mins(minutes);
        simulator.handle(&Head::new(method, target, headers), &mut body.as_bytes(), now).body.into_text()
    };
    let ids: Vec<String> = (0..10).map(|index| format!("r-{index}")).collect();
    let requests: Vec<String> = ids.iter().map(|id| {
        // Every third is refused by a worker.
        let tokens = if id.ends_with(['2', '5', '8']) { 0 } else { 100 };
        format!(r#"{{"custom_id":"{id}","params":{{"model":"claude-haiku-4-5","max_tokens":{tokens},"messages":[{{"role":"user","content":"Hello"}}]}}}}"#)
    }).collect();
    let body = format!("{{\"requests\":[{}]}}", requests.join(","));
    let created: serde_json::Value =
        serde_json::from_str(&call("POST", "/v1/messages/batches", &body, 0)).unwrap();
    let path = format!("/v1/messages/batches/{}", created["id"].as_str().unwrap());
    let ended: serde_json::Value = serde_json::from_str(&call("GET", &path, "", 60)).unwrap();
    let count = |kind: &str| ended["request_counts"][kind].as_u64().unwrap();
    let counts = RowCounts {
        succeeded: count("succeeded"),
        errored: count("errored"),
        canceled: count("canceled"),
        expired: count("expired"),
        other: 0,
    };
    let rows = call("GET", &format!("{path}/results"), "", 60);
    (sum(ids.iter().map(String::as_str)), counts, rows)
}

#[test]
fn every_fault_of_a_download_is_found() {
    let (expected, counts, rows) = downloaded("");
    assert_eq!(counts, RowCounts { succeeded: 7, errored: 3, ..RowCounts::default() });
    assert_eq!(check(expected, &counts, rows.as_bytes()), Ok(counts));
    for fault in ["cut-length", "cut-chunk", "cut-in-line", "cut-at-line", "duplicate-row", "missing-row"] {
        for row in 0..10 {
            let script = format!("[[fault]]\non = \"results\"\ndo = \"{fault}\"\nrows = {row}\n");
            let (expected, counts, rows) = downloaded(&script);
            let wrong = check(expected, &counts, rows.as_bytes()).unwrap_err();
            assert!(wrong.may_be_cured(), "{fault} at {row}: {wrong:?}");
        }
    }
}
