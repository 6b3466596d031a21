use batchwise_api::BatchId;
use batchwise_results::{IdSum, RowCounts};

use super::*;
use crate::{Begun, Conclusion, Stage};

fn begun() -> Entry {
    Entry::Begun(Begun {
        schema: SCHEMA.to_owned(),
        plan_sha256: Fingerprint::of(b"plan"),
        batches: 2,
        base_url: "https://api.anthropic.com".to_owned(),
        api_version: "2026-10-21".to_owned(),
        betas: Vec::new(),
        workspace: None,
        user_profile: None,
    })
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn id(name: &str) -> BatchId {
    BatchId::new(name).unwrap()
}

fn sending(batch: u32) -> Entry {
    Entry::Sending { batch, since: at(0), known: vec![id("msgbatch_old")], ids: IdSum::default() }
}

fn created(batch: u32, name: &str) -> Entry {
    Entry::Created { batch, id: id(name), created_at: at(1), how: Conclusion::Answered }
}

/// A journal of an execution in full swing.
fn entries() -> Vec<Entry> {
    let counts = RowCounts { succeeded: 1, errored: 1, ..RowCounts::default() };
    vec![
        sending(0),
        created(0, "msgbatch_a"),
        sending(1),
        Entry::Unclear { batch: 1, why: "a \"timeout\"\n,\"check\":\"".to_owned() },
        Entry::Created { batch: 1, id: id("msgbatch_b"), created_at: at(2), how: Conclusion::Listed },
        Entry::Ended { batch: 0, counts },
        Entry::Saved { batch: 0, rows: 2, bytes: 99, sha256: Fingerprint::of(b"rows"), counts },
        Entry::Foreign { batch: 1, id: id("msgbatch_b") },
        Entry::Absent { batch: 1, how: Conclusion::Told },
        sending(1),
        Entry::NotCreated { batch: 1, why: "429".to_owned() },
        Entry::CalledOff,
    ]
}

/// The journal, and its bytes.
fn written() -> (Journal, Vec<u8>) {
    let (mut journal, mut text) = Journal::begin(at(0), begun());
    for (second, entry) in (1..).zip(entries()) {
        let line = journal.line(at(second), &entry);
        text.push_str(&line);
        journal.append(at(second), entry, &line);
    }
    (journal, text.into_bytes())
}

#[test]
fn a_journal_is_read_as_it_was_written() {
    let (journal, bytes) = written();
    let found = Journal::read(&bytes).unwrap();
    assert_eq!((found.bytes, found.torn_bytes), (bytes.len() as u64, 0));
    assert_eq!(found.journal, journal);
    insta::assert_snapshot!(String::from_utf8(bytes).unwrap().lines().nth(1).unwrap(), @r#"{"n":2,"at":"2026-11-18T11:06:41Z","event":"sending","batch":0,"since":"2026-11-18T11:06:40Z","known":["msgbatch_old"],"ids":"0:00000000000000000000000000000000","check":"2005b2466daf1da2"}"#);
}

#[test]
fn cut_anywhere_it_ends_with_the_last_whole_line() {
    let (_, bytes) = written();
    let ends: Vec<usize> = (1..=bytes.len()).filter(|&end| bytes[end - 1] == b'\n').collect();
    for cut in 0..bytes.len() {
        let whole = ends.iter().rfind(|&&end| end <= cut);
        // What a file system leaves of a last write may also be zeros.
        let zeros = [&bytes[..cut], &[0; 9], b"\n"].concat();
        for torn in [bytes[..cut].to_vec(), [&bytes[..cut], &[0; 9][..]].concat(), zeros] {
            match (Journal::read(&torn), whole) {
                (Ok(found), Some(&whole)) => {
                    assert_eq!(found.bytes, whole as u64);
                    assert_eq!(found.torn_bytes, (torn.len() - whole) as u64);
                }
                (Err(JournalError::Empty), None) => (),
                (other, _) => panic!("cut at {cut}: {other:?}"),
            }
        }
    }
}

#[test]
fn no_byte_can_change_and_no_line_be_lost_or_exchanged() {
    let (_, bytes) = written();
    let last_line = bytes[..bytes.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    for place in 0..bytes.len() - 1 {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(Journal::read(&changed).is_err(), "byte {place}");
    }
    let lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    for lost in 0..lines.len() - 1 {
        let rest = [&lines[..lost], &lines[lost + 1..]].concat().concat();
        assert!(Journal::read(&rest).is_err(), "without line {lost}");
        let mut exchanged = lines.clone();
        exchanged.swap(lost, lost + 1);
        assert!(Journal::read(&exchanged.concat()).is_err(), "line {lost} behind the next");
        let twice = [&lines[..=lost], &lines[lost..]].concat().concat();
        assert!(Journal::read(&twice).is_err(), "line {lost} twice");
    }
    // Only the loss of whole lines at the end cannot be seen: nobody has promised that there were more.
    assert!(Journal::read(&bytes[..last_line]).is_ok());
}

#[track_caller]
fn complaint(bytes: &[u8]) -> String {
    Journal::read(bytes).unwrap_err().to_string()
}

#[test]
fn what_is_no_journal_is_told() {
    let newer = |name: &str| {
        let mut head = begun();
        if let Entry::Begun(begun) = &mut head {
            begun.schema = name.to_owned();
        }
        complaint(Journal::begin(at(0), head).1.as_bytes())
    };
    let lines = [
        complaint(b""),
        complaint(b"{\"n\":1"),
        complaint(b"{\"schema\":\"batchwise.plan/1\"}\n"),
        complaint(b"hello\n"),
        newer("batchwise.journal/2"),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    it has no whole line, so it was damaged, and nobody knows what was sent: restore it from a copy, or look at the batches in the Console before you send anything again from another folder
    it has no whole line, so it was damaged, and nobody knows what was sent: restore it from a copy, or look at the batches in the Console before you send anything again from another folder
    it is no journal of batchwise: name the folder that `batchwise submit` wrote
    it is no journal of batchwise: name the folder that `batchwise submit` wrote
    its format is "batchwise.journal/2", written by a newer version of batchwise: update batchwise
    "#);
}

#[test]
fn entries_that_cannot_follow_are_refused() {
    let check = |before: &[Entry], next: Entry| {
        let Entry::Begun(head) = begun() else { unreachable!() };
        let mut execution = Execution::new(head);
        before.iter().for_each(|entry| execution.apply(entry).unwrap());
        let untouched = execution.clone();
        let error = execution.apply(&next).unwrap_err().to_string();
        assert_eq!(execution, untouched);
        error
    };
    let ended = Entry::Ended { batch: 0, counts: RowCounts::default() };
    let sent = [sending(0)];
    let running = [sending(0), created(0, "msgbatch_a")];
    let lines = [
        check(&[], begun()),
        check(&[], sending(2)),
        check(&[], created(0, "msgbatch_a")),
        check(&[], ended.clone()),
        check(&[Entry::CalledOff], sending(0)),
        check(&sent, sending(0)),
        check(&sent, ended),
        check(&running, sending(0)),
        check(&running, Entry::Absent { batch: 0, how: Conclusion::Told }),
        check(&[&running[..], &[sending(1)]].concat(), created(1, "msgbatch_a")),
        check(&running, Entry::Foreign { batch: 0, id: id("msgbatch_x") }),
    ];
    insta::assert_snapshot!(lines.join("\n"), @"
    begins a second time
    is about batch 2 of a plan with 2
    cannot follow what happened to batch 0 before
    cannot follow what happened to batch 0 before
    cannot follow what happened to batch 0 before
    cannot follow what happened to batch 0 before
    cannot follow what happened to batch 0 before
    cannot follow what happened to batch 0 before
    cannot follow what happened to batch 0 before
    gives batch 1 a name that another has
    cannot follow what happened to batch 0 before
    ");
}

#[test]
fn an_execution_is_what_its_journal_tells() {
    let execution = written().0.execution().clone();
    assert!(matches!(execution.records()[0].stage, Stage::Saved { .. }));
    assert_eq!(execution.records()[1].stage, Stage::Waiting);
    assert!(execution.is_called_off() && execution.is_finished() && execution.has_sent());
    let names: Vec<&str> = execution.names().map(BatchId::as_str).collect();
    assert_eq!(names, ["msgbatch_a"]);
    assert_eq!(execution.records()[1].foreign, [id("msgbatch_b")].into());
}
