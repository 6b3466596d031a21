use batchwise_records::{Flaw, Object};

use crate::circumstances::Scene;
use crate::flaws::Flaws;
use crate::rules::{self, images::Images, tool_pairing::Turns};
use crate::walk::{Block, Message, Visitor, walk};
use crate::{Circumstances, Subject};

/// What the API would say about one request, and what about it costs more than it should.
///
/// The flaws come in the order of [`Rule::ALL`](crate::Rule::ALL). At most 20 are told, and the first of each rule in any
/// case; where there are more, the last one counts them. Depends on nothing but its arguments. A request without flaws
/// costs one walk over its blocks.
///
/// What [`Request::parse`](batchwise_records::Request::parse) and the planner notice themselves is not repeated.
pub fn inspect(subject: &Subject<'_>, circumstances: &Circumstances<'_>) -> Vec<Flaw> {
    let scene = Scene { subject, circumstances };
    let mut flaws = Flaws::default();
    for check in rules::OF_REQUESTS {
        check(&scene, &mut flaws);
    }
    let mut tour = Tour { scene, flaws, turns: Turns::default(), images: Images::default() };
    walk(scene.list("messages"), &mut tour);
    let Tour { mut flaws, turns, images, .. } = tour;
    turns.finish(&mut flaws);
    images.finish(&scene, &mut flaws);
    flaws.into_vec()
}

/// Shows each message and each block to the rules about them.
struct Tour<'s> {
    scene: Scene<'s>,
    flaws: Flaws,
    turns: Turns<'s>,
    images: Images,
}

impl<'s> Visitor<'s> for Tour<'s> {
    fn message(&mut self, role: &'s str, message: &Message<'_>) {
        self.turns.message(role, &mut self.flaws);
        rules::message_role::check(message, &mut self.flaws);
        rules::empty_message::check(message, &mut self.flaws);
    }

    fn block(&mut self, object: &'s Object<'s>, block: &Block<'_>) {
        match block.kind {
            "text" => {
                rules::empty_message::check_block(block, &mut self.flaws);
                rules::user_citations::check(block, &self.scene, &mut self.flaws);
            }
            "tool_use" | "tool_result" => self.turns.block(object, block),
            "image" => {
                self.images.block(block, &mut self.flaws);
                rules::url_media::check(block, &mut self.flaws);
            }
            "document" => {
                rules::assistant_document::check(block, &self.scene, &mut self.flaws);
                rules::url_media::check(block, &mut self.flaws);
            }
            _ => (),
        }
    }
}
