use batchwise_records::{FieldPath, Node, Trail};
use batchwise_tokens::image_size;

use super::{image_too_large, too_many_images};
use crate::circumstances::Scene;
use crate::flaws::Flaws;
use crate::walk::Block;

/// The images of a request: how many there are, and the first that is too large beside many others.
#[derive(Default)]
pub(crate) struct Images {
    pub(crate) count: usize,
    /// The longest edge of the first one that is longer than many images may be, and where it stands.
    pub(crate) first_long: Option<(u64, FieldPath)>,
}

impl Images {
    /// Looks at an `image` block.
    pub(crate) fn block(&mut self, block: &Block<'_>, flaws: &mut Flaws) {
        self.count += 1;
        let Some(source) = block.object.get("source") else { return };
        let Some(data) = source.get("data").and_then(Node::as_str) else { return };
        let place = || Trail::Key(&Trail::Key(block.trail, "source"), "data").path();
        image_too_large::check_bytes(data.len(), place, flaws);
        let Some(size) = image_size(data) else { return };
        let edge = size.width.max(size.height);
        image_too_large::check_edge(edge, place, flaws);
        if self.first_long.is_none() && edge > image_too_large::EDGE_OF_MANY_MAX {
            self.first_long = Some((edge, place()));
        }
    }

    /// The request has ended.
    pub(crate) fn finish(self, scene: &Scene<'_>, flaws: &mut Flaws) {
        too_many_images::check(self.count, scene, flaws);
        image_too_large::check_many(self, flaws);
    }
}
