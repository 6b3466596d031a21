//! A small model of requests: blocks are letters with a size.

use std::fmt::{self, Write};

/// How long a breakpoint lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    FiveMinutes,
    Hour,
}

/// A tool, or a block of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) letter: char,
    pub(crate) tokens: u64,
    pub(crate) mark: Option<Lifetime>,
}

pub(crate) fn block(letter: char, tokens: u64) -> Block {
    Block { letter, tokens, mark: None }
}

pub(crate) fn marked(letter: char, tokens: u64, lifetime: Lifetime) -> Block {
    Block { letter, tokens, mark: Some(lifetime) }
}

/// One request.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) model: &'static str,
    /// Whether it has to be processed in the United States.
    pub(crate) us: bool,
    /// Whether it says which tools may be called.
    pub(crate) tool_choice: bool,
    pub(crate) tools: Vec<Block>,
    pub(crate) system: Vec<Block>,
    pub(crate) messages: Vec<Vec<Block>>,
    /// A breakpoint at the top of the request.
    pub(crate) automatic: Option<Lifetime>,
    pub(crate) max_tokens: u64,
}

impl Ask {
    /// A request of a system prompt and a question.
    pub(crate) fn new(model: &'static str, system: Vec<Block>, question: Block, max_tokens: u64) -> Ask {
        Ask {
            model,
            us: false,
            tool_choice: false,
            tools: Vec::new(),
            system,
            messages: vec![vec![question]],
            automatic: None,
            max_tokens,
        }
    }

    pub(crate) fn blocks(&self) -> Vec<&Block> {
        self.tools.iter().chain(&self.system).chain(self.messages.iter().flatten()).collect()
    }

    pub(crate) fn blocks_mut(&mut self) -> Vec<&mut Block> {
        self.tools.iter_mut().chain(&mut self.system).chain(self.messages.iter_mut().flatten()).collect()
    }

    /// Everything up to the end of each block that the cache distinguishes, spelled out.
    pub(crate) fn beginnings(&self) -> Vec<String> {
        let say = |block: &Block| format!("{}{} ", block.letter, block.tokens);
        let tools: String = self.tools.iter().map(say).collect();
        let mut said = format!("{} us:{} tools {tools}", self.model, self.us);
        let mut beginnings: Vec<String> =
            (0..self.tools.len()).map(|tool| format!("{said}tool {tool}")).collect();
        said += "system ";
        for block in &self.system {
            said += &say(block);
            beginnings.push(said.clone());
        }
        let _ = write!(said, "choice:{} messages ", self.tool_choice);
        for message in &self.messages {
            said += "| ";
            for block in message {
                said += &say(block);
                beginnings.push(said.clone());
            }
        }
        beginnings
    }

    /// The tokens up to the end of each block.
    pub(crate) fn sizes(&self) -> Vec<u64> {
        let add = |sum: &mut u64, block: &Block| {
            *sum += block.tokens;
            Some(*sum)
        };
        self.blocks().into_iter().scan(0, add).collect()
    }

    pub(crate) fn prompt(&self) -> u64 {
        self.sizes().last().copied().unwrap_or(0)
    }

    /// The breakpoints by the indexes of their blocks.
    pub(crate) fn marks(&self) -> Vec<(usize, Lifetime)> {
        let blocks = self.blocks();
        let own = blocks.iter().enumerate().filter_map(|(index, block)| Some((index, block.mark?)));
        let mut marks: Vec<(usize, Lifetime)> = own.collect();
        let last = blocks.len() - 1;
        if let Some(lifetime) = self.automatic.filter(|_| blocks[last].mark.is_none()) {
            marks.push((last, lifetime));
        }
        marks
    }

    /// Takes all breakpoints away and sets others, of an hour.
    pub(crate) fn mark_again(&mut self, marks: &[usize]) {
        self.automatic = None;
        for (index, block) in self.blocks_mut().into_iter().enumerate() {
            block.mark = marks.contains(&index).then_some(Lifetime::Hour);
        }
    }

    /// The line of a request file.
    pub(crate) fn line(&self, id: &str) -> String {
        let list = |blocks: &[Block], show: fn(&Block) -> String| {
            blocks.iter().map(show).collect::<Vec<_>>().join(",")
        };
        let messages: Vec<String> = self
            .messages
            .iter()
            .enumerate()
            .map(|(turn, blocks)| {
                let role = if turn % 2 == 0 { "user" } else { "assistant" };
                format!(r#"{{"role":"{role}","content":[{}]}}"#, list(blocks, text))
            })
            .collect();
        let mut params = format!(r#""model":"{}","max_tokens":{}"#, self.model, self.max_tokens);
        if !self.tools.is_empty() {
            let _ = write!(params, r#","tools":[{}]"#, list(&self.tools, tool));
        }
        if !self.system.is_empty() {
            let _ = write!(params, r#","system":[{}]"#, list(&self.system, text));
        }
        if self.tool_choice {
            params += r#","tool_choice":{"type":"none"}"#;
        }
        if self.us {
            params += r#","inference_geo":"us""#;
        }
        params += &control(self.automatic);
        format!(r#"{{"custom_id":"{id}","params":{{{params},"messages":[{}]}}}}"#, messages.join(","))
    }
}

fn text(block: &Block) -> String {
    format!(r#"{{"type":"text","text":"{}#{}"{}}}"#, block.letter, block.tokens, control(block.mark))
}

fn tool(block: &Block) -> String {
    format!(
        r##"{{"name":"{}","description":"#{}","input_schema":{{"type":"object"}}{}}}"##,
        block.letter,
        block.tokens,
        control(block.mark)
    )
}

fn control(mark: Option<Lifetime>) -> String {
    match mark {
        None => String::new(),
        Some(Lifetime::FiveMinutes) => r#","cache_control":{"type":"ephemeral"}"#.to_owned(),
        Some(Lifetime::Hour) => r#","cache_control":{"type":"ephemeral","ttl":"1h"}"#.to_owned(),
    }
}

/// As its line: a failing test shows a file that can be planned.
impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line("id"))
    }
}

/// The lines of a request file.
pub(crate) fn lines(asks: &[Ask]) -> Vec<String> {
    asks.iter().enumerate().map(|(index, ask)| ask.line(&format!("r{index}"))).collect()
}
