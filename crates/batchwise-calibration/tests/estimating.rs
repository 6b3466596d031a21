//! A corrected estimator.

use batchwise_calibration::{
    CalibratedEstimator, Calibration, Content, Counted, Provenance, SizeClass, Stratum, Survey,
};
use batchwise_records::Request;
use batchwise_tokens::{Estimator, Family, Generation, ImageTier, InputEstimate, ModelTraits};
use batchwise_units::{Estimate, Margin, Tokens};

const MODEL: ModelTraits = ModelTraits {
    family: Family::Claude47,
    generation: Generation::Claude48,
    keeps_thinking: true,
    trailing_blanks_are_free: false,
    frame: None,
    image_tier: ImageTier::High,
    tool_prompt_auto: None,
    tool_prompt_any: None,
    pdf_pages_max: 600,
    context_window: Tokens(1_000_000),
};

/// A request whose system prompt is marked for the cache.
fn line(id: &str, words: usize) -> String {
    let text = "word ".repeat(words);
    format!(
        r#"{{"custom_id":"{id}","params":{{"model":"m","max_tokens":9,"system":[{{"type":"text","text":"{text}","cache_control":{{"type":"ephemeral"}}}}],"messages":[{{"role":"user","content":"{text}"}}]}}}}"#
    )
}

fn estimate(estimator: &dyn Estimator, line: &str) -> InputEstimate {
    estimator.estimate(&Request::parse(line.as_bytes()).unwrap(), &MODEL)
}

/// Counts `sample` of 300 requests: each has twice as many tokens as the estimator thinks.
fn doubled(sample: usize) -> Calibration {
    let mut survey = Survey::new(sample, 1);
    for number in 0..300 {
        let id = format!("r{number}");
        let InputEstimate { total, kind, .. } =
            estimate(&batchwise_tokens::bytes(), &line(&id, 50 + number % 40));
        let size = SizeClass::of(total.likely().unwrap());
        let place = (number, id.clone(), total.likely());
        survey.note(Stratum { model: "m".to_owned(), kind, size }, &id, total, place);
    }
    let design = survey.design();
    let places: Vec<_> = design.picks().iter().map(|pick| pick.place.clone()).collect();
    let count = |(pick, (number, id, likely)): (usize, (usize, String, Option<Tokens>))| {
        let content = Content::of(&Request::parse(line(&id, 50 + number % 40).as_bytes()).unwrap());
        Counted::new(pick, id, content, Tokens(2 * likely.unwrap().0))
    };
    let counts = places.into_iter().enumerate().map(count).collect();
    design.calibrate(counts)
}

fn corrected(sample: usize) -> CalibratedEstimator<impl Estimator> {
    let provenance = Provenance {
        source: "a test".to_owned(),
        days: ("2026-11-20".to_owned(), "2026-11-21".to_owned()),
        refused: 2,
    };
    CalibratedEstimator::new(batchwise_tokens::bytes(), doubled(sample), &provenance)
}

#[test]
fn what_was_counted_is_exact_and_the_rest_is_corrected() {
    let (plain, corrected, all) = (batchwise_tokens::bytes(), corrected(100), corrected(300));
    let mut exact = 0;
    for number in 0..300 {
        let line = line(&format!("r{number}"), 50 + number % 40);
        let (before, after) = (estimate(&plain, &line), estimate(&corrected, &line));
        let double = Tokens(2 * before.total.likely().unwrap().0);
        assert_eq!(after.total.likely(), Some(double));
        assert_eq!(estimate(&all, &line).total, Estimate::exactly(double));
        let width = |estimate: Estimate<Tokens>| estimate.high().0 - estimate.low().0;
        if after.total == Estimate::exactly(double) {
            exact += 1;
        } else {
            // 3/100 of twice the range, rounded outwards.
            assert!((1..width(before.total) * 10 / 100).contains(&width(after.total)), "{after:?}");
        }
        let (before, after) = (before.breakpoints[0].prefix, after.breakpoints[0].prefix);
        assert_eq!(after.likely(), before.likely().map(|tokens| Tokens(2 * tokens.0)));
        assert!(after.high() <= double);
    }
    assert_eq!(exact, 100);
}

#[test]
fn another_request_of_a_counted_id_is_not_exact() {
    // One letter instead of another: the same estimate, but nobody counted it.
    let other = line("r7", 57).replacen("word", "ward", 1);
    let plain = batchwise_tokens::bytes();
    assert_eq!(estimate(&plain, &other).total, estimate(&plain, &line("r7", 57)).total);
    let calibrated = corrected(100);
    let exact = |line: &str| {
        let total = estimate(&calibrated, line).total;
        total.low() == total.high()
    };
    for number in 0..300 {
        let other = line(&format!("r{number}"), 50 + number % 40).replacen("word", "ward", 1);
        assert!(!exact(&other), "r{number}");
    }
}

#[test]
fn no_part_of_what_was_counted_cancels() {
    let counted = estimate(&corrected(300), &line("r7", 57));
    let prefix = counted.breakpoints[0].prefix;
    assert!(prefix.low() < prefix.high(), "{prefix:?}");
    assert_eq!(counted.margin_of(prefix), Margin::none());
    let plain = estimate(&batchwise_tokens::bytes(), &line("r7", 57));
    assert_ne!(plain.margin_of(plain.breakpoints[0].prefix), Margin::none());
}

#[test]
fn other_models_keep_their_estimate() {
    let other = line("x", 50).replace(r#""model":"m""#, r#""model":"n""#);
    assert_eq!(estimate(&corrected(100), &other), estimate(&batchwise_tokens::bytes(), &other));
}

#[test]
fn it_says_what_it_rests_on() {
    let corrected = corrected(100);
    assert_eq!(corrected.method(), "bytes+exact");
    // 3/100 of the old range at least, and much of it shared, because there is no spread.
    assert!(corrected.shared_error().per_mille() > 500);
    let basis = corrected.basis();
    let first = &basis[0];
    assert_eq!((first.key.as_str(), first.source.as_str()), ("input-tokens", "a test"));
    assert!(
        first.value.contains("from 100 of 300 requests counted from 2026-11-20 to 2026-11-21"),
        "{first:?}"
    );
    assert!(basis.iter().any(|basis| basis.value.starts_with("2 requests of the sample were refused")));
}
