//! One walk over the messages of a request, which offers every message and every block once.

use batchwise_records::{Node, Object, Trail};

/// One message in its place.
#[derive(Clone, Copy)]
pub(crate) struct Message<'m> {
    pub(crate) role: &'m str,
    pub(crate) content: &'m Node<'m>,
    pub(crate) index: usize,
    pub(crate) is_last: bool,
    pub(crate) trail: &'m Trail<'m>,
}

/// One content block in its place.
#[derive(Clone, Copy)]
pub(crate) struct Block<'m> {
    pub(crate) kind: &'m str,
    pub(crate) object: &'m Object<'m>,
    /// The role of the message it belongs to.
    pub(crate) role: &'m str,
    /// What it stands in.
    pub(crate) inside: Inside,
    pub(crate) trail: &'m Trail<'m>,
}

impl Block<'_> {
    /// The index of its message, and its own within that message. Only for blocks directly in a message.
    pub(crate) fn position(&self) -> [usize; 2] {
        match self.trail {
            Trail::Index(Trail::Key(Trail::Index(_, message), _), block) => [*message, *block],
            _ => [0, 0],
        }
    }
}

/// What a block stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inside {
    Message,
    ToolResult,
    SearchResult,
    Document,
}

/// Who is shown what a walk comes by.
pub(crate) trait Visitor<'n> {
    /// A message, before its blocks.
    fn message(&mut self, role: &'n str, message: &Message<'_>);

    /// A block, before those within it. `object` is that of the block.
    fn block(&mut self, object: &'n Object<'n>, block: &Block<'_>);
}

/// Walks over the messages in their order.
pub(crate) fn walk<'n>(messages: &'n [Node<'n>], visitor: &mut impl Visitor<'n>) {
    let params = Trail::Key(&Trail::Top, "params");
    let list = Trail::Key(&params, "messages");
    for (index, node) in messages.iter().enumerate() {
        let Some((role, content)) = node.get("role").and_then(Node::as_str).zip(node.get("content")) else {
            continue;
        };
        let trail = Trail::Index(&list, index);
        let is_last = index + 1 == messages.len();
        visitor.message(role, &Message { role, content, index, is_last, trail: &trail });
        blocks(content, role, Inside::Message, &Trail::Key(&trail, "content"), visitor);
    }
}

fn blocks<'n>(
    content: &'n Node<'n>,
    role: &'n str,
    inside: Inside,
    trail: &Trail<'_>,
    visitor: &mut impl Visitor<'n>,
) {
    for (index, node) in content.as_array().unwrap_or_default().iter().enumerate() {
        let Some(object) = node.as_object() else { continue };
        let kind = object.get("type").and_then(Node::as_str).unwrap_or_default();
        let trail = Trail::Index(trail, index);
        visitor.block(object, &Block { kind, object, role, inside, trail: &trail });
        let content = || Trail::Key(&trail, "content");
        match kind {
            "tool_result" | "mcp_tool_result" => {
                if let Some(inner) = object.get("content") {
                    blocks(inner, role, Inside::ToolResult, &content(), visitor);
                }
            }
            "search_result" => {
                if let Some(inner) = object.get("content") {
                    blocks(inner, role, Inside::SearchResult, &content(), visitor);
                }
            }
            "document" => {
                if let Some(inner) = object.get("source").and_then(|source| source.get("content")) {
                    let source = Trail::Key(&trail, "source");
                    blocks(inner, role, Inside::Document, &Trail::Key(&source, "content"), visitor);
                }
            }
            _ => (),
        }
    }
}
