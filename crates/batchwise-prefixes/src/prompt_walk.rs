//! One walk over a prompt in the API's order: tools, system, messages, and before each what it depends on.

use batchwise_records::{Node, Object, Request, Trail};

use crate::piece::Piece;
use crate::seating::{block_obstacle, text_obstacle, tool_obstacle};
use crate::settings::{AFTER_TOOLS, BEFORE_MESSAGES, FIRST, is_obscure};
use crate::{BlockPlace, Obstacle};

/// Who is told what a walk comes by.
pub(crate) trait Visitor<'n> {
    /// The next piece of the prompt.
    fn piece(&mut self, piece: Piece<'n>, at: &Trail<'_>);

    /// The end of a block: a point up to which the prompt may be cached, with the block's `cache_control`, and what
    /// keeps it from carrying one.
    fn block(&mut self, at: BlockPlace, control: Option<&'n Node<'n>>, obstacle: Option<Obstacle>);
}

/// Walks over the prompt of `request`, which `model` is to read.
///
/// `cache_control` of tools and blocks is no piece. Every other member is, in the order of the text: whether the order
/// matters to the cache is not documented.
pub(crate) fn walk<'n>(request: &'n Request<'n>, model: &'n str, visitor: &mut impl Visitor<'n>) {
    let params = Trail::Key(&Trail::Top, "params");
    let mut walk = Walk { params: &request.params, visitor };
    walk.visitor.piece(Piece::Id(model), &Trail::Key(&params, "model"));
    walk.settings(FIRST, &params);
    walk.obscure_settings(&params);
    walk.tools(&Trail::Key(&params, "tools"));
    walk.settings(AFTER_TOOLS, &params);
    walk.has(is_cited, &params);
    walk.system(&Trail::Key(&params, "system"));
    walk.settings(BEFORE_MESSAGES, &params);
    walk.has(is_image, &params);
    walk.messages(&Trail::Key(&params, "messages"));
}

struct Walk<'n, 'v, V> {
    params: &'n Object<'n>,
    visitor: &'v mut V,
}

impl<'n, V: Visitor<'n>> Walk<'n, '_, V> {
    /// Each of `names`, whether the request has it or not.
    fn settings(&mut self, names: &[&'static str], params: &Trail<'_>) {
        for &name in names {
            let trail = Trail::Key(params, name);
            match present(self.params.get(name)) {
                Some(value) => self.value(value, &trail),
                None => self.visitor.piece(Piece::Absent, &trail),
            }
        }
    }

    fn obscure_settings(&mut self, params: &Trail<'_>) {
        let mut settings: Vec<_> = self.params.iter().filter(|(name, _)| is_obscure(name)).collect();
        settings.sort_by_key(|(name, _)| *name);
        for (name, value) in settings {
            self.member(name, value, params);
        }
        self.visitor.piece(Piece::End, params);
    }

    /// A change of any tool invalidates everything, so each tool ends where all were told.
    fn tools(&mut self, trail: &Trail<'_>) {
        let tools = self.params.get("tools").and_then(Node::as_array).unwrap_or_default();
        for (index, tool) in tools.iter().enumerate() {
            self.element(tool, &Trail::Index(trail, index));
        }
        self.visitor.piece(Piece::End, trail);
        for (index, tool) in tools.iter().enumerate() {
            self.visitor.piece(Piece::Tool, &Trail::Index(trail, index));
            self.visitor.block(BlockPlace::tool(index), tool.get("cache_control"), tool_obstacle(tool));
        }
    }

    fn system(&mut self, trail: &Trail<'_>) {
        if let Some(system) = present(self.params.get("system")) {
            self.content(system, BlockPlace::System(None), trail);
        }
        self.visitor.piece(Piece::End, trail);
    }

    fn messages(&mut self, trail: &Trail<'_>) {
        let messages = self.params.get("messages").and_then(Node::as_array).unwrap_or_default();
        for (index, message) in messages.iter().enumerate() {
            let trail = Trail::Index(trail, index);
            self.visitor.piece(Piece::Object, &trail);
            let members = message.as_object().into_iter().flat_map(Object::iter);
            for (key, value) in members.filter(|(key, _)| *key != "content") {
                self.member(key, value, &trail);
            }
            if let Some(content) = message.get("content") {
                self.content(content, BlockPlace::message(index), &Trail::Key(&trail, "content"));
            }
            self.visitor.piece(Piece::End, &trail);
        }
    }

    /// A text, which is one block, or blocks.
    fn content(&mut self, content: &'n Node<'n>, at: BlockPlace, trail: &Trail<'_>) {
        match content {
            Node::Array(blocks) => {
                for (index, block) in blocks.iter().enumerate() {
                    let at = at.block(index);
                    self.block(block, at, &Trail::Index(trail, index));
                    self.visitor.block(at, block.get("cache_control"), block_obstacle(block));
                }
            }
            other => {
                self.value(other, trail);
                self.visitor.block(at, None, Some(text_obstacle(other)));
            }
        }
    }

    /// A block, and after its members the blocks within it. One of those that is marked ends a block of its own.
    fn block(&mut self, block: &'n Node<'n>, at: BlockPlace, trail: &Trail<'_>) {
        self.element(block, trail);
        inner_blocks(block, trail, &mut |inner, trail| {
            for (index, block) in inner.iter().enumerate() {
                self.block(block, at, &Trail::Index(trail, index));
                if let control @ Some(Node::Object(_)) = block.get("cache_control") {
                    self.visitor.block(at, control, block_obstacle(block));
                }
            }
            self.visitor.piece(Piece::End, trail);
        });
    }

    /// A tool or a block without its mark and without the blocks within it.
    fn element(&mut self, node: &'n Node<'n>, trail: &Trail<'_>) {
        let Some(object) = node.as_object() else { return self.value(node, trail) };
        self.visitor.piece(Piece::Object, trail);
        for (key, value) in object.iter().filter(|(key, _)| *key != "cache_control") {
            match holds_blocks(node, key) {
                Some(Holder::List) => self.later(key, trail),
                Some(Holder::Source) => self.source(key, value, trail),
                None => self.member(key, value, trail),
            }
        }
        self.visitor.piece(Piece::End, trail);
    }

    fn source(&mut self, key: &'n str, source: &'n Node<'n>, trail: &Trail<'_>) {
        let trail = Trail::Key(trail, key);
        self.visitor.piece(Piece::Key(key), &trail);
        self.visitor.piece(Piece::Object, &trail);
        for (key, value) in source.as_object().into_iter().flat_map(Object::iter) {
            match key {
                "content" => self.later(key, &trail),
                _ => self.member(key, value, &trail),
            }
        }
        self.visitor.piece(Piece::End, &trail);
    }

    fn later(&mut self, key: &'n str, trail: &Trail<'_>) {
        let trail = Trail::Key(trail, key);
        self.visitor.piece(Piece::Key(key), &trail);
        self.visitor.piece(Piece::Later, &trail);
    }

    fn member(&mut self, key: &'n str, value: &'n Node<'n>, trail: &Trail<'_>) {
        let trail = Trail::Key(trail, key);
        self.visitor.piece(Piece::Key(key), &trail);
        self.value(value, &trail);
    }

    /// Any JSON. The depth is bounded by the JSON reader's own limit.
    fn value(&mut self, node: &'n Node<'n>, trail: &Trail<'_>) {
        match node {
            Node::Null => self.visitor.piece(Piece::Null, trail),
            Node::Bool(value) => self.visitor.piece(Piece::Bool(*value), trail),
            Node::Number(number) => self.visitor.piece(Piece::Number(number.to_string()), trail),
            Node::String(text) => self.visitor.piece(Piece::Text(text), trail),
            Node::Array(elements) => {
                self.visitor.piece(Piece::Array, trail);
                for (index, element) in elements.iter().enumerate() {
                    self.value(element, &Trail::Index(trail, index));
                }
                self.visitor.piece(Piece::End, trail);
            }
            Node::Object(object) => {
                self.visitor.piece(Piece::Object, trail);
                object.iter().for_each(|(key, value)| self.member(key, value, trail));
                self.visitor.piece(Piece::End, trail);
            }
        }
    }

    /// Whether any block of the messages is such a one; told at the first that is.
    fn has(&mut self, is_one: fn(&Node<'_>) -> bool, params: &Trail<'_>) {
        let messages = self.params.get("messages").and_then(Node::as_array).unwrap_or_default();
        let trail = Trail::Key(params, "messages");
        let mut search = Search { is_one, visitor: self.visitor, found: false };
        for (index, message) in messages.iter().enumerate() {
            let trail = Trail::Index(&trail, index);
            let blocks = message.get("content").and_then(Node::as_array).unwrap_or_default();
            search.blocks(blocks, &Trail::Key(&trail, "content"));
        }
        if !search.found {
            self.visitor.piece(Piece::Has(false), &trail);
        }
    }
}

struct Search<'v, V> {
    is_one: fn(&Node<'_>) -> bool,
    visitor: &'v mut V,
    found: bool,
}

impl<'n, V: Visitor<'n>> Search<'_, V> {
    fn blocks(&mut self, blocks: &'n [Node<'n>], trail: &Trail<'_>) {
        for (index, block) in blocks.iter().enumerate() {
            if self.found {
                return;
            }
            let trail = Trail::Index(trail, index);
            if (self.is_one)(block) {
                self.found = true;
                return self.visitor.piece(Piece::Has(true), &trail);
            }
            inner_blocks(block, &trail, &mut |inner, trail| self.blocks(inner, trail));
        }
    }
}

/// What a member of a block holds that is made of blocks.
pub(crate) enum Holder {
    /// An array of them.
    List,
    /// An object with such an array.
    Source,
}

pub(crate) fn holds_blocks(block: &Node<'_>, key: &str) -> Option<Holder> {
    let is_list = |value: Option<&Node<'_>>| value.and_then(Node::as_array).is_some();
    match (block.get("type").and_then(Node::as_str)?, key) {
        ("tool_result" | "mcp_tool_result" | "search_result", "content") => {
            is_list(block.get("content")).then_some(Holder::List)
        }
        ("document", "source") => {
            let source = block.get("source")?;
            let is_content = source.get("type").and_then(Node::as_str) == Some("content");
            (is_content && is_list(source.get("content"))).then_some(Holder::Source)
        }
        _ => None,
    }
}

/// The blocks within a block, where it has any.
fn inner_blocks<'n>(
    block: &'n Node<'n>,
    trail: &Trail<'_>,
    then: &mut dyn FnMut(&'n [Node<'n>], &Trail<'_>),
) {
    let list = |holder: &'n Node<'n>| holder.get("content").and_then(Node::as_array).unwrap_or_default();
    if holds_blocks(block, "content").is_some() {
        then(list(block), &Trail::Key(trail, "content"));
    } else if let Some((_, source)) = holds_blocks(block, "source").zip(block.get("source")) {
        then(list(source), &Trail::Key(&Trail::Key(trail, "source"), "content"));
    }
}

fn is_image(block: &Node<'_>) -> bool {
    block.get("type").and_then(Node::as_str) == Some("image")
}

fn is_cited(block: &Node<'_>) -> bool {
    let enabled = block.get("citations").and_then(|citations| citations.get("enabled"));
    enabled.and_then(Node::as_bool) == Some(true)
}

/// `null` is as good as nothing.
fn present<'n>(node: Option<&'n Node<'n>>) -> Option<&'n Node<'n>> {
    node.filter(|node| **node != Node::Null)
}
