use batchwise_api::BatchId;
use batchwise_plan::Plan;
use batchwise_results::{IdSum, RowCounts};
use jiff::Timestamp;

use super::*;
use crate::{Begun, Conclusion, Entry};

/// A plan of three batches, of which the last is a wave of its own.
fn plan() -> Plan {
    Plan::read(include_bytes!("three_batches.json")).unwrap()
}

/// What happened, in a word and the number of a batch.
fn entry(text: &str) -> Entry {
    let (word, number) = text.split_once(' ').unwrap_or((text, "0"));
    let batch: u32 = number.parse().unwrap();
    let (counts, time) = (RowCounts::default(), Timestamp::UNIX_EPOCH);
    let id = BatchId::new(&format!("msgbatch_{batch}")).unwrap();
    match word {
        "sending" => Entry::Sending { batch, since: time, known: Vec::new(), ids: IdSum::default() },
        "unclear" => Entry::Unclear { batch, why: "?".to_owned() },
        "not-created" => Entry::NotCreated { batch, why: "429".to_owned() },
        "absent" => Entry::Absent { batch, how: Conclusion::Listed },
        "created" => Entry::Created { batch, id, created_at: time, how: Conclusion::Answered },
        "ended" => Entry::Ended { batch, counts },
        "saved" => {
            Entry::Saved { batch, rows: 0, bytes: 0, sha256: batchwise_plan::Fingerprint::of(b""), counts }
        }
        "unsaved" => Entry::Unsaved { batch, why: "gone".to_owned() },
        "foreign" => Entry::Foreign { batch, id },
        "lost" => Entry::Lost { batch, why: "29 days".to_owned() },
        "called-off" => Entry::CalledOff,
        _ => panic!("{word}"),
    }
}

#[track_caller]
fn check(happened: &str, expected: Step) {
    check_held(happened, true, expected);
}

#[track_caller]
fn check_held(happened: &str, may_send: bool, expected: Step) {
    check_in(happened, &Circumstances { may_send, ..Circumstances::default() }, expected);
}

#[track_caller]
fn check_aside(happened: &str, aside: u32, expected: Step) {
    check_in(happened, &Circumstances { aside: [aside].into(), ..Circumstances::default() }, expected);
}

#[track_caller]
fn check_in(happened: &str, circumstances: &Circumstances, expected: Step) {
    let mut execution = Execution::new(Begun {
        schema: String::new(),
        plan_sha256: batchwise_plan::Fingerprint::of(b""),
        batches: 3,
        base_url: String::new(),
        api_version: String::new(),
        betas: Vec::new(),
        workspace: None,
        user_profile: None,
    });
    for text in happened.split(", ").filter(|text| !text.is_empty()) {
        execution.apply(&entry(text)).unwrap();
    }
    assert_eq!(next_step(&plan(), &execution, circumstances), expected, "{happened}");
}

const RUNNING: &str = "sending 0, created 0, sending 1, created 1";

#[test]
fn what_is_unclear_comes_before_everything() {
    check("", Step::Send(0));
    check("sending 0", Step::Find(0)); //                     killed while it was sent
    check("sending 0, unclear 0", Step::Find(0));
    check("sending 0, not-created 0", Step::Send(0));
    check("sending 0, unclear 0, absent 0", Step::Send(0));
    check("sending 0, created 0", Step::Send(1));
    check("sending 0, created 0, ended 0, sending 1", Step::Find(1));
    check("sending 0, created 0, ended 0, foreign 0", Step::Find(0));
}

#[test]
fn a_wave_begins_when_the_one_before_has_ended() {
    check(RUNNING, Step::Wait);
    check(&format!("{RUNNING}, ended 0"), Step::Fetch(0));
    check(&format!("{RUNNING}, ended 0, saved 0"), Step::Wait);
    check(&format!("{RUNNING}, ended 0, saved 0, ended 1"), Step::Send(2)); // before its results are fetched
    check(&format!("{RUNNING}, ended 0, lost 0, ended 1, saved 1"), Step::Send(2));
    check(&format!("{RUNNING}, ended 0, ended 1, sending 2, created 2"), Step::Fetch(0));
}

#[test]
fn who_is_held_waits_and_fetches() {
    check_held("", false, Step::Wait);
    check_held("sending 0, created 0", false, Step::Wait);
    check_held("sending 0, created 0, ended 0", false, Step::Fetch(0));
    check_held("sending 0", false, Step::Find(0));
}

#[test]
fn it_ends_when_nothing_can_be_done() {
    let all = format!("{RUNNING}, ended 0, saved 0, ended 1, saved 1, sending 2, created 2");
    check(&all, Step::Wait);
    check(&format!("{all}, ended 2, saved 2"), Step::Finish);
    check(&format!("{all}, lost 2"), Step::Finish);
    check("called-off", Step::Finish);
    check("sending 0, created 0, called-off", Step::Wait);
    check("sending 0, created 0, called-off, ended 0", Step::Fetch(0));
    check("sending 0, called-off", Step::Find(0));
    check("sending 0, called-off, absent 0", Step::Finish);
    check("sending 0, created 0, called-off, ended 0, saved 0", Step::Finish);
}

#[test]
fn what_is_set_aside_holds_up_nothing_but_sending_while_it_is_unclear() {
    check_aside("sending 0, created 0, sending 1", 1, Step::Wait);
    check_aside("sending 0, created 0, ended 0, sending 1", 1, Step::Fetch(0));
    check_aside("sending 0, created 0, ended 0, saved 0, sending 1", 1, Step::Wait);
    check_aside("sending 0, created 0, ended 0", 0, Step::Send(1));
    check_aside("sending 0, created 0, ended 0, sending 1, created 1, ended 1, saved 1", 0, Step::Send(2));
    let all = format!("{RUNNING}, ended 0, ended 1, saved 1, sending 2, created 2, ended 2");
    check_aside(&all, 0, Step::Fetch(2));
    check_aside(&format!("{all}, saved 2"), 0, Step::Finish);
    check(&format!("{all}, saved 2, saved 0, unsaved 2"), Step::Fetch(2));
}
