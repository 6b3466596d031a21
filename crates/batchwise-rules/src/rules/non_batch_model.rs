use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// All models of the bundled price book can be used in batches; one of an overlay may not.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let Some(model) = scene.subject.model.filter(|model| !model.batch_supported) else { return };
    flaws.push(Rule::NonBatchModel, || Remark {
        at: at(&["model"]),
        message: format!("`{}` cannot be used in batches", model.id),
        help: "send such requests one by one, or use another model".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    const HOUSE: &str = r#"
schema = 1
[[model]]
id = "claude-house-1"
name = "Claude House 1"
family = "house"
aliases = []
released = 2026-11-01
status = "active"
context_window = 200_000
max_output = 64_000
batch_supported = false
inference_geo = false
forced_tool_choice = true
tokenizer = "claude-4.7+"
image_tier = "high"
[[model.era]]
from = 2026-11-01
[model.era.standard]
input = "1.00"
output = "5.00"
cache_write_5m = "1.25"
cache_write_1h = "2.00"
cache_read = "0.10"
"#;

    #[test]
    fn a_model_may_stay_out_of_batches() {
        let check = |overlay: &str, expected| {
            let case = case_of("claude-house-1", "").overlaid(overlay);
            assert_eq!(case.count(Rule::NonBatchModel), expected);
        };
        check(HOUSE, 1);
        check(&HOUSE.replace("batch_supported = false", "batch_supported = true"), 0);
    }
}
