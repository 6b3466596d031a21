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
