//! What goes wrong when the script says so.

mod support;

use batchwise_simulator::Ending;
use support::{BATCHES, Stage, batch, requests};

fn fault(lines: &str) -> Stage {
    Stage::new(&format!("[[fault]]\n{lines}\n"))
}

/// How many batches there are.
fn count(stage: &mut Stage) -> usize {
    stage.call("GET", BATCHES, "").json()["data"].as_array().unwrap().len()
}

#[test]
fn a_dropped_call_takes_effect_or_not() {
    for (what, batches) in [("drop-before", 0), ("drop-after", 1)] {
        let mut stage = fault(&format!("on = \"create\"\ndo = \"{what}\""));
        let reply = stage.reply("POST", BATCHES, &batch(&requests(1)));
        assert_eq!((reply.ending, count(&mut stage)), (Ending::Nothing, batches), "{what}");
        stage.create(&requests(1));
    }
}

#[test]
fn another_answer_comes_with_or_without_effect() {
    let cases = [
        ("status = 429\nretry_after = 7", 429, Some("7"), 0),
        ("status = 429", 429, None, 0),
        ("status = 500", 500, None, 0),
        ("status = 502", 502, None, 0),
        ("status = 504\nafter_accepting = true", 504, None, 1),
        ("status = 529", 529, None, 0),
        ("status = 413", 413, None, 0),
    ];
    for (lines, status, retry_after, batches) in cases {
        let mut stage = fault(&format!("on = \"create\"\ndo = \"answer\"\n{lines}"));
        let reply = stage.reply("POST", BATCHES, &batch(&requests(1)));
        assert_eq!((reply.status, reply.header("retry-after")), (status, retry_after), "{lines}");
        let text = reply.body.into_text();
        assert_eq!(text.contains("request_id"), !matches!(status, 413 | 502), "{text}");
        assert_eq!(count(&mut stage), batches, "{lines}");
    }
}

#[test]
fn the_spend_cap_names_its_code_and_no_wait() {
    let mut stage = fault("on = \"create\"\ndo = \"spend-cap\"\nfrom = 2\ntimes = 0");
    stage.create(&requests(1));
    for _ in 0..3 {
        let reply = stage.reply("POST", BATCHES, &batch(&requests(1)));
        assert_eq!((reply.status, reply.header("retry-after")), (429, None));
        assert!(
            reply.body.into_text().contains(r#""details":{"error_code":"enforced_spend_limit_reached"}"#)
        );
    }
    assert_eq!(count(&mut stage), 1);
}

#[test]
fn a_batch_may_be_missing_for_a_while() {
    let mut stage = fault("on = \"retrieve\"\ndo = \"not-found\"\ntimes = 2");
    let id = stage.create(&requests(1));
    let target = format!("{BATCHES}/{id}");
    let missing = format!("404 not_found_error: Message Batch {id} not found.");
    assert_eq!(stage.call("GET", &target, "").error(), missing);
    assert_eq!(stage.call("GET", &target, "").status, 404);
    assert_eq!(stage.call("GET", &target, "").status, 200);

    let mut stage = fault("on = \"list\"\ndo = \"list-lag\"\nmilliseconds = 5000\ntimes = 0");
    stage.create(&requests(1));
    stage.pass(4);
    assert_eq!(count(&mut stage), 0);
    stage.pass(1);
    assert_eq!(count(&mut stage), 1);
}

#[test]
fn a_slow_answer_has_taken_effect() {
    let mut stage = fault("on = \"create\"\ndo = \"slow\"\nmilliseconds = 1500");
    let reply = stage.reply("POST", BATCHES, &batch(&requests(1)));
    assert_eq!((reply.delay.as_millis(), reply.status, count(&mut stage)), (1_500, 200, 1));
}

/// The rows as they come with a fault after three of ten, and as they should.
fn faulty_rows(what: &str) -> (Ending, String, String) {
    let mut stage = fault(&format!("on = \"results\"\ndo = \"{what}\"\nrows = 3"));
    let id = stage.create(&requests(10));
    stage.pass(3_600);
    let target = format!("{BATCHES}/{id}/results");
    let reply = stage.reply("GET", &target, "");
    let ending = reply.ending;
    (ending, reply.body.into_text(), stage.call("GET", &target, "").text)
}

#[test]
fn results_are_cut_in_four_ways() {
    let lines =
        |text: &str, count: usize| -> usize { text.split_inclusive('\n').take(count).map(str::len).sum() };
    let cases = [
        ("cut-length", Ending::LengthCut, false),
        ("cut-chunk", Ending::ChunkCut, false),
        ("cut-in-line", Ending::Whole, false),
        ("cut-at-line", Ending::Whole, true),
    ];
    for (what, ending, at_line) in cases {
        let (ended, cut, whole) = faulty_rows(what);
        assert_eq!(ended, ending);
        assert!(whole.starts_with(&cut));
        let three = lines(&whole, 3);
        assert!(
            if at_line { cut.len() == three } else { cut.len() > three && !cut.ends_with('\n') },
            "{what}"
        );
    }
}

#[test]
fn a_row_comes_twice_or_not_at_all() {
    let (_, duplicated, whole) = faulty_rows("duplicate-row");
    let lines: Vec<&str> = whole.lines().collect();
    let mut twice = lines.clone();
    twice.insert(3, lines[3]);
    assert_eq!(duplicated.lines().collect::<Vec<_>>(), twice);
    let (_, missing, whole) = faulty_rows("missing-row");
    let mut lines: Vec<&str> = whole.lines().collect();
    lines.remove(3);
    assert_eq!(missing.lines().collect::<Vec<_>>(), lines);
}
