//! Which requests are drawn, and what becomes of their counts.

use std::collections::BTreeSet;

use batchwise_calibration::{Calibration, Content, Counted, Design, SizeClass, Stratum, Survey};
use batchwise_tokens::RequestKind;
use batchwise_units::{Estimate, Tokens};

/// A request: id, model, kind and likely tokens; its range is 10 % either way.
type Unit = (String, &'static str, RequestKind, u64);

fn units(count: u64) -> Vec<Unit> {
    let unit = |number: u64| {
        let (model, kind) = match number % 10 {
            0 => ("b", RequestKind::Tools),
            1 => ("b", RequestKind::Text),
            _ => ("a", RequestKind::Text),
        };
        (format!("id-{number}"), model, kind, 500 + number * 7 % 1_000)
    };
    (0..count).map(unit).collect()
}

fn design(units: &[Unit], sample: usize, seed: u64) -> Design<String> {
    let mut survey = Survey::new(sample, seed);
    for (id, model, kind, likely) in units {
        let input = Estimate::new(Tokens(likely * 9 / 10), Tokens(*likely), Tokens(likely * 11 / 10));
        survey.note(stratum(model, *kind, *likely), id, input, id.clone());
    }
    survey.design()
}

fn stratum(model: &str, kind: RequestKind, likely: u64) -> Stratum {
    Stratum { model: model.to_owned(), kind, size: SizeClass::of(Tokens(likely)) }
}

fn drawn(design: &Design<String>) -> BTreeSet<String> {
    design.picks().iter().map(|pick| pick.place.clone()).collect()
}

/// Counts everything that was drawn, except what `refused` names.
fn calibrate(
    design: Design<String>,
    real: impl Fn(&str) -> u64,
    refused: impl Fn(&str) -> bool,
) -> Calibration {
    let picks: Vec<String> = design.picks().iter().map(|pick| pick.place.clone()).collect();
    let counted = picks.into_iter().enumerate().filter(|(_, id)| !refused(id));
    let counts =
        counted.map(|(pick, id)| Counted::new(pick, id.clone(), content(&id), Tokens(real(&id)))).collect();
    design.calibrate(counts)
}

fn content(text: &str) -> Content {
    Content::of_bytes(text.as_bytes())
}

#[test]
fn the_draw_depends_on_the_ids_and_the_seed_alone() {
    let units = units(5_000);
    let mut backwards = units.clone();
    backwards.reverse();
    let sample = drawn(&design(&units, 100, 1));
    assert_eq!(sample.len(), 100);
    assert_eq!(sample, drawn(&design(&units, 100, 1)));
    assert_eq!(sample, drawn(&design(&backwards, 100, 1)));
    assert!(sample.intersection(&drawn(&design(&units, 100, 2))).count() < 20);
}

#[test]
fn a_sample_as_large_as_the_workload_is_the_workload() {
    let units = units(73);
    for sample in [73, 74, 10_000] {
        let design = design(&units, sample, 1);
        assert_eq!((drawn(&design).len(), design.requests()), (73, 73));
    }
}

#[test]
fn every_request_of_a_cell_has_the_same_chance() {
    let units: Vec<Unit> =
        (0..40).map(|number| (format!("r{number}"), "a", RequestKind::Text, 500)).collect();
    let mut hits = [0_u32; 40];
    for seed in 0..2_000 {
        for id in drawn(&design(&units, 10, seed)) {
            hits[id[1..].parse::<usize>().unwrap()] += 1;
        }
    }
    // 500 expected, with a standard deviation of 19.
    assert!(hits.iter().all(|hits| (420..=580).contains(hits)), "{hits:?}");
}

#[test]
fn strata_that_get_too_few_counts_join_others() {
    let cells = |sample| {
        let calibration = calibrate(design(&units(5_000), sample, 1), |_| 1_000, |_| false);
        calibration.cells().iter().map(|cell| cell.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(cells(20), ["`a` text, several sizes", "`b`, several kinds"]);
    assert_eq!(
        cells(400),
        [
            "`a` text, 100 to 1,000 tokens",
            "`a` text, 1,000 to 10,000 tokens",
            "`b` text, 100 to 1,000 tokens",
            "`b` text, 1,000 to 10,000 tokens",
            "`b` tools, 100 to 1,000 tokens",
            "`b` tools, 1,000 to 10,000 tokens"
        ]
    );
}

#[test]
fn counts_correct_their_own_kind() {
    let units = units(5_000);
    let likely: std::collections::HashMap<String, u64> =
        units.iter().map(|(id, _, _, likely)| (id.clone(), *likely)).collect();
    let tools = |id: &str| id.ends_with('0');
    let real = |id: &str| if tools(id) { likely[id] * 2 } else { likely[id] };
    let calibration = calibrate(design(&units, 400, 1), real, |_| false);
    let ratio = |model, kind| calibration.factor(&stratum(model, kind, 700)).unwrap().ratio;
    assert!((ratio("b", RequestKind::Tools) - 2.0).abs() < 1e-9);
    assert!((ratio("b", RequestKind::Text) - 1.0).abs() < 1e-9);
    assert_eq!(calibration.factor(&stratum("c", RequestKind::Text, 700)), None);
    let truth: u64 = units.iter().map(|(id, ..)| real(id)).sum();
    let (total, ..) = calibration.total().unwrap();
    assert!(total.low().0 <= truth && truth <= total.high().0, "{total:?} {truth}");
    assert_eq!((calibration.counts(), calibration.requests(), calibration.uncorrected()), (400, 5_000, 0));
}

#[test]
fn part_of_a_range_is_shared() {
    let shared = |sample, real: fn(&str) -> u64| {
        calibrate(design(&units(5_000), sample, 1), real, |_| false).shared_per_mille()
    };
    assert!((20..200).contains(&shared(1_000, |_| 1_000)), "{}", shared(1_000, |_| 1_000));
    assert!(shared(20, |_| 1_000) > shared(1_000, |_| 1_000));
    assert_eq!(shared(5_000, |_| 1_000), 0);
}

#[test]
fn what_could_not_be_counted_keeps_its_range() {
    let calibration = calibrate(design(&units(5_000), 400, 1), |_| 1_000, |id| id.ends_with('0'));
    assert_eq!(calibration.factor(&stratum("b", RequestKind::Tools, 700)), None);
    assert!(calibration.factor(&stratum("b", RequestKind::Text, 700)).is_some());
    assert_eq!(calibration.uncorrected(), 500);
}

#[test]
fn a_full_count_gives_the_total_itself() {
    let units = units(60);
    let calibration = calibrate(design(&units, 60, 1), |id| id.len() as u64 * 100, |_| false);
    let truth: u64 = units.iter().map(|(id, ..)| id.len() as u64 * 100).sum();
    let (total, ..) = calibration.total().unwrap();
    assert!(total.low().0 + 1 >= truth && total.high().0 <= truth + 1, "{total:?} {truth}");
    let counted = |likely, text| calibration.counted("id-3", Tokens(likely), || content(text));
    assert_eq!(counted(521, "id-3"), Some(Tokens(400)));
    assert_eq!(counted(522, "id-3"), None, "another request of that id");
    assert_eq!(counted(521, "id-4"), None, "another request of that id, with the same estimate");
}

#[test]
fn requests_of_the_same_id_are_counted_each_for_itself() {
    let mut survey = Survey::new(3, 1);
    let input = Estimate::new(Tokens(40), Tokens(50), Tokens(60));
    for place in 0..6_u64 {
        survey.note(stratum("m", RequestKind::Text, 50), &format!("{place} same"), input, place);
    }
    let design = survey.design();
    let places: Vec<u64> = design.picks().iter().map(|pick| pick.place).collect();
    let count = |(pick, place): (usize, &u64)| {
        Counted::new(pick, "same".to_owned(), content(&place.to_string()), Tokens(100 + place))
    };
    let counts = places.iter().enumerate().map(count).collect();
    let calibration = design.calibrate(counts);
    assert_eq!(calibration.counts(), 3);
    for place in 0..6 {
        let known = calibration.counted("same", Tokens(50), || content(&place.to_string()));
        assert_eq!(known, places.contains(&place).then_some(Tokens(100 + place)));
    }
}

#[test]
fn memory_does_not_grow_with_the_number_of_models() {
    let mut survey = Survey::new(10, 1);
    for number in 0..5_000_u64 {
        let stratum =
            Stratum { model: format!("m{number}"), kind: RequestKind::Chat, size: SizeClass::Under100 };
        let input = Estimate::new(Tokens(40), Tokens(50), Tokens(60));
        survey.note(stratum, &format!("id-{number}"), input, number);
    }
    survey.note(stratum("x", RequestKind::Pdf, 1), "pdf", Estimate::between(Tokens(1), Tokens(9)), 7);
    let design = survey.design();
    assert_eq!((design.picks().len(), design.requests()), (10, 5_001));
    let counts =
        (0..10).map(|pick| Counted::new(pick, format!("p{pick}"), content("p"), Tokens(55))).collect();
    let calibration = design.calibrate(counts);
    assert_eq!(calibration.uncorrected(), 1, "the one without a likely value");
    assert!(calibration.factor(&stratum("m4999", RequestKind::Chat, 50)).is_some());
}
