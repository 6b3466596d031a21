use batchwise_records::FieldPath;

use crate::Part;

/// Where a block stands in its request. Indices count from 0.
///
/// A marked block within another has the place of the outermost that holds it, which comes after it in a
/// [`PrefixChain`](crate::PrefixChain).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockPlace {
    /// The tool of that index.
    Tool(u32),
    /// The block of the system prompt of that index; `None` where a text stands in place of blocks.
    System(Option<u32>),
    /// A message, and which of its blocks; `None` where a text stands in place of blocks.
    Message(u32, Option<u32>),
}

impl BlockPlace {
    /// The part of the prompt that it belongs to.
    pub fn part(self) -> Part {
        match self {
            BlockPlace::Tool(_) => Part::Tools,
            BlockPlace::System(_) => Part::System,
            BlockPlace::Message(..) => Part::Messages,
        }
    }

    /// The way to it from the line's outermost object.
    pub fn path(self) -> FieldPath {
        let params = FieldPath::keys(&["params"]);
        let within = |path: FieldPath, index: Option<u32>| match index {
            Some(index) => path.index(index as usize),
            None => path,
        };
        match self {
            BlockPlace::Tool(tool) => within(params.key("tools"), Some(tool)),
            BlockPlace::System(block) => within(params.key("system"), block),
            BlockPlace::Message(message, block) => {
                within(params.key("messages").index(message as usize).key("content"), block)
            }
        }
    }

    pub(crate) fn tool(index: usize) -> BlockPlace {
        BlockPlace::Tool(small(index))
    }

    /// What stands in place of the blocks of a message.
    pub(crate) fn message(index: usize) -> BlockPlace {
        BlockPlace::Message(small(index), None)
    }

    /// The block of that index, of the same content.
    pub(crate) fn block(self, index: usize) -> BlockPlace {
        match self {
            BlockPlace::Tool(_) => BlockPlace::tool(index),
            BlockPlace::System(_) => BlockPlace::System(Some(small(index))),
            BlockPlace::Message(message, _) => BlockPlace::Message(message, Some(small(index))),
        }
    }
}

fn small(index: usize) -> u32 {
    u32::try_from(index).expect("a request of so many blocks fits no memory")
}

#[cfg(test)]
mod tests {
    use batchwise_records::Request;

    use super::*;
    use crate::PrefixChain;

    /// The paths of the blocks of a request with these parameters.
    #[track_caller]
    fn check(params: &str, expected: &[&str]) {
        let line = format!(r#"{{"custom_id":"x","params":{{"model":"m","max_tokens":1,{params}}}}}"#);
        let request = Request::parse(line.as_bytes()).unwrap_or_else(|flaws| panic!("{line}: {flaws:?}"));
        let chain = PrefixChain::of(&request, "m");
        let paths: Vec<String> = chain.blocks().iter().map(|block| block.at.path().to_string()).collect();
        assert_eq!(paths, expected, "{params}");
        for block in chain.blocks() {
            assert!(block.at.path().find_in(&line).is_some(), "{line}");
        }
    }

    #[test]
    fn every_block_knows_where_it_stands() {
        let text = r#"{"type":"text","text":"t"}"#;
        let marked = r#"{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}"#;
        let hello = r#""messages":[{"role":"user","content":"hello"}]"#;
        let said = "params.messages[0].content";
        check(hello, &[said]);
        check(&format!(r#"{hello},"system":"s""#), &["params.system", said]);
        check(&format!(r#"{hello},"system":null,"tools":null"#), &[said]);
        check(&format!(r#"{hello},"system":[],"tools":[]"#), &[said]);
        check(
            &format!(r#"{hello},"system":[{text},{marked}],"tools":[{{"name":"f"}},{{"name":"g"}}]"#),
            &["params.tools[0]", "params.tools[1]", "params.system[0]", "params.system[1]", said],
        );
        check(
            &format!(
                r#""messages":[{{"content":[{text}],"role":"user"}},{{"role":"assistant","content":"a"}},{{"role":"user","content":[]}},{{"role":"user","content":[{text},{text}]}}]"#
            ),
            &[
                "params.messages[0].content[0]",
                "params.messages[1].content",
                "params.messages[3].content[0]",
                "params.messages[3].content[1]",
            ],
        );
        let found = format!(r#"{{"type":"search_result","content":[{marked}]}}"#);
        let result = format!(r#"{{"type":"tool_result","content":[{text},{marked},{found}]}}"#);
        let document =
            format!(r#"{{"type":"document","source":{{"type":"content","content":[{text},{marked}]}}}}"#);
        check(
            &format!(r#""messages":[{{"role":"user","content":[{text},{result},{document}]}}]"#),
            &[
                "params.messages[0].content[0]",
                "params.messages[0].content[1]",
                "params.messages[0].content[1]",
                "params.messages[0].content[1]",
                "params.messages[0].content[2]",
                "params.messages[0].content[2]",
            ],
        );
    }

    #[test]
    fn a_block_is_no_larger_for_it() {
        assert_eq!((size_of::<BlockPlace>(), size_of::<crate::Block>()), (12, 48));
    }
}
