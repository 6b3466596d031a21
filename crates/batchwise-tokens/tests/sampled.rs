//! Texts that are counted piece by piece are the texts that `claude` counts.

use batchwise_records::Request;
use batchwise_tokens::{
    Estimator, Family, Generation, ImageTier, ModelTraits, TextFactor, TextFactors, Texture, Windows, claude,
    sample_texts, sampled,
};
use batchwise_units::{SharedError, Tokens};

fn model(family: Family, trailing_blanks_are_free: bool) -> ModelTraits {
    ModelTraits {
        family,
        generation: match family {
            Family::PreClaude47 => Generation::Claude46,
            Family::Claude47 => Generation::Claude48,
        },
        keeps_thinking: false,
        trailing_blanks_are_free,
        frame: None,
        image_tier: ImageTier::High,
        tool_prompt_auto: Some(Tokens(290)),
        tool_prompt_any: Some(Tokens(410)),
        pdf_pages_max: 600,
        context_window: Tokens(1_000_000),
    }
}

/// A chat with a tool, a call, a result and long texts.
fn chat(long: &str) -> String {
    let long = long.repeat(300);
    format!(
        r#"{{"custom_id":"a","params":{{"model":"m","max_tokens":9,"system":"Be brief.","tools":[{{"name":"look","description":"{long}","input_schema":{{"type":"object"}}}}],"messages":[{{"role":"user","content":"{long}"}},{{"role":"assistant","content":[{{"type":"tool_use","id":"t","name":"look","input":{{"at":"{long}"}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t","content":"{long}"}}]}},{{"role":"assistant","content":"Eight."}},{{"role":"user","content":"And why? {long}  "}}]}}}}"#
    )
}

/// Texts that are cut at line breaks, and those that are cut at spaces.
const LONG: [&str; 3] = [
    r"How many legs has a spider?\nEight, and Zoë counted them twice.\n",
    "How many legs has a spider and why ",
    "legs ",
];

fn models() -> impl Iterator<Item = ModelTraits> {
    [Family::PreClaude47, Family::Claude47]
        .into_iter()
        .flat_map(|family| [false, true].map(|free| model(family, free)))
}

#[test]
fn without_factors_it_is_claude() {
    for (long, model) in LONG.iter().flat_map(|long| models().map(move |model| (long, model))) {
        let json = chat(long);
        let request = Request::parse(json.as_bytes()).unwrap();
        let pieces = sampled(TextFactors::new(), SharedError::ALL).estimate(&request, &model);
        assert_eq!(pieces, claude().estimate(&request, &model));
    }
}

#[test]
fn every_piece_is_in_one_window() {
    for (long, model) in LONG.iter().flat_map(|long| models().map(move |model| (long, model))) {
        let json = chat(long);
        let request = Request::parse(json.as_bytes()).unwrap();
        let sample = |chosen, of| sample_texts(&request, &model, &Windows { chosen: vec![chosen], of });
        let all = sample(0, 1);
        let real = |pieces: &[batchwise_tokens::SampledPiece]| -> u64 {
            pieces.iter().map(|piece| piece.real.0).sum()
        };
        for of in [2, 7, 1_000] {
            let each: Vec<_> = (0..of).map(|window| sample(window, of)).collect();
            assert_eq!(real(&each.concat()), real(&all));
            let most = all.len().div_ceil(usize::try_from(of).unwrap());
            assert!(each.iter().all(|window| window.len() <= most));
        }
        // Everything else of this request is some hundred tokens.
        let total = claude().estimate(&request, &model).total.likely().unwrap().0;
        let texts = real(&all) / 1_000;
        assert!(texts <= total + 1 && total < texts + 600, "{texts} of {total}");
    }
}

#[test]
fn ranges_are_errors_of_counting_and_in_order() {
    let json = chat(LONG[0]);
    let request = Request::parse(json.as_bytes()).unwrap();
    let factor = TextFactor { ratio: 950_000, below: 100_000, above: 2_000_000 };
    for model in models() {
        let factors = Texture::ALL.map(|texture| ((model.family, texture), factor)).into();
        let estimate = sampled(factors, SharedError::ALL).estimate(&request, &model);
        let counted = claude().estimate(&request, &model);
        assert!(estimate.total.low() < counted.total.low() && counted.total.high() < estimate.total.high());
        assert_eq!(estimate.has_bounds, counted.has_bounds);
    }
}
