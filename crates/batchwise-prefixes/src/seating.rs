//! Where in a request's line breakpoints stand or could stand.

use std::ops::Range;

use batchwise_records::{Node, Object, Request, Scanner};
use batchwise_tokens::CacheTtl;

use crate::prompt_walk::{Holder, holds_blocks};
use crate::remarking::Obstacle;

/// The seats of a request in the order of the blocks of its [`PrefixChain`](crate::PrefixChain), one for each.
pub(crate) struct Seating {
    pub seats: Vec<Seat>,
    /// The `cache_control` at the top of the request.
    pub automatic: Option<Control>,
}

/// A block as it stands in the line. Ranges are bytes of it.
pub(crate) struct Seat {
    pub form: Form,
    /// Why it can carry no breakpoint.
    pub obstacle: Option<Obstacle>,
}

pub(crate) enum Form {
    Object(Frame),
    /// A text in place of blocks, with its quotes.
    Text(Range<usize>),
}

/// An object that may have a `cache_control`.
pub(crate) struct Frame {
    pub control: Option<Control>,
    /// Behind the last member; behind the brace, where there is none.
    pub end: usize,
    pub is_empty: bool,
}

/// A member `cache_control`.
pub(crate) struct Control {
    /// From the key to the value.
    pub member: Range<usize>,
    pub value: Range<usize>,
    /// The comma that separates it from its neighbour: from the one before, if there is one.
    pub comma: Option<usize>,
    /// Whether it is a breakpoint: `null` is none.
    pub is_mark: bool,
    /// The lifetime of a breakpoint; `None` where it is written in a way that the API does not know.
    pub ttl: Option<CacheTtl>,
}

impl Seating {
    /// `None` where `line` is not the text of `request`, as far as it is noticed.
    pub(crate) fn of(line: &str, request: &Request<'_>) -> Option<Seating> {
        Usher { scanner: Scanner::new(line), seats: Vec::new() }.line(request)
    }
}

impl Seat {
    /// The breakpoint that stands there.
    pub(crate) fn mark(&self) -> Option<&Control> {
        match &self.form {
            Form::Object(frame) => frame.control.as_ref().filter(|control| control.is_mark),
            Form::Text(_) => None,
        }
    }
}

/// Why a block can carry no breakpoint. Source: "What cannot be cached" in
/// <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>.
pub(crate) fn block_obstacle(block: &Node<'_>) -> Option<Obstacle> {
    let is_empty = || block.get("text").and_then(Node::as_str) == Some("");
    match block.get("type").and_then(Node::as_str) {
        Some("thinking" | "redacted_thinking") => Some(Obstacle::Thinking),
        Some("text") if is_empty() => Some(Obstacle::Empty),
        _ => None,
    }
}

/// Source: the API's answer to such a tool with a breakpoint, as recorded in
/// <https://github.com/router-for-me/CLIProxyAPI/issues/4561>, 2026-07-25.
pub(crate) fn tool_obstacle(tool: &Node<'_>) -> Option<Obstacle> {
    let is_deferred = tool.get("defer_loading").and_then(Node::as_bool) == Some(true);
    if is_deferred { Some(Obstacle::Deferred) } else { block_obstacle(tool) }
}

/// Of what stands in place of blocks.
pub(crate) fn text_obstacle(content: &Node<'_>) -> Obstacle {
    if content.as_str() == Some("") { Obstacle::Empty } else { Obstacle::Text }
}

/// Goes over a line and knows from what was read of it what comes next. Every step is `None` where something else
/// comes. The depth is bounded by the JSON reader's own limit.
struct Usher<'l> {
    scanner: Scanner<'l>,
    seats: Vec<Seat>,
}

impl Usher<'_> {
    /// The two members of a line, of which only `params` is an object.
    fn line(mut self, request: &Request<'_>) -> Option<Seating> {
        let mut seating = None;
        self.take(b'{')?;
        while !self.scanner.take(b'}') {
            self.scanner.skip_string()?;
            self.take(b':')?;
            match self.scanner.upcoming()? {
                b'{' => seating = Some(self.params(&request.params)?),
                _ => self.skip()?,
            }
            self.scanner.take(b',');
        }
        seating
    }

    fn params(&mut self, params: &Object<'_>) -> Option<Seating> {
        let [mut tools, mut system, mut messages] = [const { Vec::new() }; 3];
        let frame = self.object(params, &mut |usher, key, value| {
            let (seats, done) = match key {
                "tools" => (&mut tools, usher.tools(value)),
                "system" => (&mut system, usher.content(value)),
                "messages" => (&mut messages, usher.messages(value)),
                _ => return usher.skip(),
            };
            *seats = std::mem::take(&mut usher.seats);
            done
        })?;
        let seats = [tools, system, messages].into_iter().flatten().collect();
        Some(Seating { seats, automatic: frame.control })
    }

    fn tools(&mut self, tools: &Node<'_>) -> Option<()> {
        self.array(tools, |usher, tool| {
            let mut seat = usher.block(tool)?;
            seat.obstacle = tool_obstacle(tool);
            usher.seats.push(seat);
            Some(())
        })
    }

    fn messages(&mut self, messages: &Node<'_>) -> Option<()> {
        self.array(messages, |usher, message| {
            usher.object(message.as_object()?, &mut |usher, key, value| match key {
                "content" => usher.content(value),
                _ => usher.skip(),
            })?;
            Some(())
        })
    }

    /// A text, which is one block, or blocks.
    fn content(&mut self, content: &Node<'_>) -> Option<()> {
        let Node::String(_) = content else {
            return self.array(content, |usher, block| {
                let seat = usher.block(block)?;
                usher.seats.push(seat);
                Some(())
            });
        };
        let form = Form::Text(self.scanner.skip_string()?);
        let obstacle = text_obstacle(content);
        self.seats.push(Seat { form, obstacle: Some(obstacle) });
        Some(())
    }

    /// A tool or a block, after the marked ones within it.
    fn block(&mut self, block: &Node<'_>) -> Option<Seat> {
        let object = block.as_object()?;
        let frame = self.object(object, &mut |usher, key, value| match holds_blocks(block, key) {
            Some(Holder::List) => usher.inner_blocks(value),
            Some(Holder::Source) => usher.source(value),
            None => usher.skip(),
        })?;
        Some(Seat { form: Form::Object(frame), obstacle: block_obstacle(block) })
    }

    fn source(&mut self, source: &Node<'_>) -> Option<()> {
        self.object(source.as_object()?, &mut |usher, key, value| match key {
            "content" => usher.inner_blocks(value),
            _ => usher.skip(),
        })?;
        Some(())
    }

    /// Those that are not marked are no blocks of a chain.
    fn inner_blocks(&mut self, blocks: &Node<'_>) -> Option<()> {
        self.array(blocks, |usher, block| {
            if block.as_object().is_none() {
                return usher.skip();
            }
            let seat = usher.block(block)?;
            usher.seats.extend(Some(seat).filter(|seat| seat.mark().is_some()));
            Some(())
        })
    }

    /// Each element; what is no array is skipped.
    fn array(
        &mut self,
        node: &Node<'_>,
        mut each: impl FnMut(&mut Self, &Node<'_>) -> Option<()>,
    ) -> Option<()> {
        let Some(elements) = node.as_array() else { return self.skip() };
        self.take(b'[')?;
        for element in elements {
            each(self, element)?;
            self.scanner.take(b',');
        }
        self.take(b']')
    }

    /// Each member but its `cache_control`: `value` is to go over the value.
    fn object(
        &mut self,
        object: &Object<'_>,
        value: &mut dyn FnMut(&mut Self, &str, &Node<'_>) -> Option<()>,
    ) -> Option<Frame> {
        self.take(b'{')?;
        let mut frame = Frame { control: None, end: self.scanner.at(), is_empty: object.is_empty() };
        let (mut comma, mut is_first) = (None, true);
        for (key, node) in object.iter() {
            let start = self.scanner.skip_string()?.start;
            self.take(b':')?;
            match key {
                "cache_control" => {
                    let range = self.scanner.skip_value()?;
                    frame.control = Some(Control::of(node, start..range.end, range, comma));
                }
                _ => value(self, key, node)?,
            }
            frame.end = self.scanner.at();
            comma = self.comma();
            if let Some(control) = frame.control.as_mut().filter(|_| is_first) {
                control.comma = comma;
            }
            is_first = false;
        }
        self.take(b'}')?;
        Some(frame)
    }

    fn comma(&mut self) -> Option<usize> {
        self.scanner.take(b',').then(|| self.scanner.at() - 1)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.scanner.take(byte).then_some(())
    }

    fn skip(&mut self) -> Option<()> {
        self.scanner.skip_value().map(|_| ())
    }
}

impl Control {
    fn of(node: &Node<'_>, member: Range<usize>, value: Range<usize>, comma: Option<usize>) -> Control {
        Control { member, value, comma, is_mark: node.as_object().is_some(), ttl: lifetime(node) }
    }
}

/// The lifetime that a well-formed `cache_control` asks for.
fn lifetime(control: &Node<'_>) -> Option<CacheTtl> {
    if control.get("type").and_then(Node::as_str) != Some("ephemeral") {
        return None;
    }
    match control.get("ttl") {
        None | Some(Node::Null) => Some(CacheTtl::FiveMinutes),
        Some(ttl) => match ttl.as_str()? {
            "5m" => Some(CacheTtl::FiveMinutes),
            "1h" => Some(CacheTtl::OneHour),
            _ => None,
        },
    }
}
