//! Thousands of ways in which sending may go wrong: the process is killed between any two things that it does and in the
//! middle of writing, calls and answers are lost, late, refused or lies, and other programs write to the same workspace.
//! Whatever happens: no request is accepted twice, no batch is lost, and the results are those of an undisturbed run.

mod chance;
mod schedule;
mod workload;
mod world;

use std::collections::BTreeMap;

use batchwise_submit::OnAmbiguous;
use schedule::{Schedule, Tale};

/// How many schedules are played.
const SCHEDULES: u64 = 2_500;

fn undisturbed(schedule: &Schedule) -> Schedule {
    Schedule {
        faults: String::new(),
        lives: Vec::new(),
        strangers: 0,
        skew_seconds: 0,
        is_pair: false,
        ..schedule.clone()
    }
}

#[test]
fn whatever_happens_nothing_is_paid_twice_and_nothing_is_lost() {
    let mut sum = Tale::default();
    let mut expected: BTreeMap<_, _> = BTreeMap::new();
    for seed in 0..SCHEDULES {
        let schedule = Schedule::of(seed);
        let tale = schedule.play();
        let shape = (schedule.requests, schedule.batch_max, schedule.queued_max);
        let undisturbed = expected.entry(shape).or_insert_with(|| undisturbed(&schedule).play().results);
        assert_eq!(tale.results, *undisturbed, "{schedule:?}");
        sum.runs += tale.runs;
        sum.happened += tale.happened;
        sum.asked += tale.asked;
        sum.adopted += tale.adopted;
        sum.sent_again += tale.sent_again;
        sum.foreign += tale.foreign;
        sum.compared += tale.compared;
    }
    println!(
        "{SCHEDULES} schedules, {} runs, {} events, {} adopted ({} by their results), {} sent again, {} foreign, {} questions",
        sum.runs, sum.happened, sum.adopted, sum.compared, sum.sent_again, sum.foreign, sum.asked
    );
    // That the schedules do what they are for.
    assert!(
        sum.runs > SCHEDULES
            && sum.adopted > 100
            && sum.sent_again > 100
            && sum.foreign > 10
            && sum.compared > 10
            && sum.asked > 10
    );
}

#[test]
fn it_may_be_killed_between_any_two_things() {
    let quiet = Schedule {
        seed: 7,
        requests: 5,
        batch_max: 2,
        queued_max: Some(4),
        faults: String::new(),
        lives: Vec::new(),
        on_ambiguous: OnAmbiguous::Wait,
        strangers: 0,
        skew_seconds: 0,
        is_pair: false,
    };
    let whole = quiet.play();
    println!("killed at each of {} places, three times", whole.happened);
    for life in 0..whole.happened {
        for again in [None, Some(life / 2), Some(3)] {
            let lives = [Some(life), again].into_iter().flatten().collect();
            let tale = Schedule { lives, ..quiet.clone() }.play();
            assert_eq!(tale.results, whole.results, "killed after {life}, then {again:?}");
        }
    }
}
