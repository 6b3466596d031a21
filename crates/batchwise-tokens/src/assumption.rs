/// Lists the assumptions once: each with what it means, its key, its sentence and its source. So none can be
/// missing from [`Assumption::ALL`].
macro_rules! assumptions {
    ($($(#[$meaning:meta])* $name:ident = ($key:literal, $value:literal, $source:expr);)*) => {
        /// Something an estimate took for granted because the request does not tell it.
        ///
        /// Each has a stable key for machines, one sentence for people and the source of what was assumed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Assumption {
            $($(#[$meaning])* $name,)*
        }

        impl Assumption {
            /// Every assumption, in order.
            pub const ALL: &[Assumption] = &[$(Assumption::$name),*];

            fn describe(self) -> (&'static str, &'static str, &'static str) {
                match self {
                    $(Assumption::$name => ($key, $value, $source),)*
                }
            }
        }
    };
}

/// Recordings of the real API in public test suites, evaluated for this crate.
const RECORDINGS: &str = "recorded observations, 2026-11";

assumptions! {
    /// The prompt that comes with tools is not published for the model.
    ToolPromptUnknown = (
        "tool-prompt-unknown",
        "the prompt that tools bring with them is not published for this model and tool choice; other models have up to 804 tokens",
        "https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview, 2026-08-21"
    );
    /// `disable_parallel_tool_use` shortens that prompt by an amount measured on few models.
    ParallelToolUseDisabled = (
        "parallel-tool-use-disabled",
        "`disable_parallel_tool_use` shortens the tool prompt as it does on the models measured",
        RECORDINGS
    );
    /// A tool defined by Anthropic whose cost nobody measured in this version or family.
    ToolTypeUnmeasured = (
        "tool-type-unmeasured",
        "a tool defined by Anthropic costs about what its other versions cost",
        RECORDINGS
    );
    /// A member of a tool that no recorded request had.
    ToolMemberUnmeasured = (
        "tool-member-unmeasured",
        "a member of a tool that was never recorded, such as `input_examples`, costs about what its JSON does",
        "no source"
    );
    /// A tool of a type that is not known at all.
    ToolTypeUnknown = (
        "tool-type-unknown",
        "a tool of unknown type costs about what its JSON does, and may add more that no one can know",
        "no source"
    );
    /// A tool that is loaded only when a tool search finds it.
    ToolDeferred = (
        "tool-deferred",
        "a tool with `defer_loading` costs nothing unless a tool search finds it, and then what any tool costs",
        "what the request itself says; not measured"
    );
    /// Tools that run at Anthropic add results to the input.
    ServerTools = (
        "server-tools",
        "results of tools that run at Anthropic are not counted: the same request was seen to vary from 12,000 to 63,000 tokens",
        RECORDINGS
    );
    /// MCP servers add their tools and results to the input.
    McpServers = (
        "mcp-servers",
        "the tools and results of MCP servers are not counted",
        "https://platform.claude.com/docs/en/agents-and-tools/mcp-connector, 2026-08-22"
    );
    /// The API may edit or compact the context.
    ContextManagement = (
        "context-management",
        "the context is neither edited nor compacted by the API",
        "https://platform.claude.com/docs/en/build-with-claude/compaction, 2026-08-22"
    );
    /// Something that is kept on the server belongs to the input.
    ServerState = (
        "server-state",
        "what the server keeps (a thread, its summary, the skills and files of a container) is not counted, and may add more that no one can know",
        "no source"
    );
    /// A parameter that may add anything.
    ParameterUnknown = (
        "parameter-unknown",
        "a parameter that is not known here adds nothing that is counted, and may add more that no one can know",
        "no source"
    );
    /// Files handed to a container may be read into the input.
    ContainerUpload = (
        "container-upload",
        "files handed to a container are not read into the input",
        "no source"
    );
    /// An image whose size is not in the request.
    ImageSizeUnknown = (
        "image-size-unknown",
        "an image that is not in the request, or not readable, is most probably 1920 by 1080 pixels",
        "https://platform.claude.com/docs/en/build-with-claude/vision, 2026-08-22"
    );
    /// A document that is not in the request, or not readable.
    DocumentUnread = (
        "document-unread",
        "a document that is not in the request, or not readable, has between one page and all that the model accepts",
        "https://platform.claude.com/docs/en/build-with-claude/pdf-support, 2026-08-22"
    );
    /// A PDF whose text was extracted here, not by Anthropic.
    PdfText = (
        "pdf-text",
        "the text extracted from a PDF here is about the text that Anthropic extracts",
        RECORDINGS
    );
    /// Documents or search results with citations turned on.
    Citations = (
        "citations",
        "citations add what they were seen to add to a request on models of the same tokenizer",
        RECORDINGS
    );
    /// Thinking in the history, which may be shown in part and which some models drop.
    KeptThinking = (
        "kept-thinking",
        "thinking in the history is about as long as what is shown of it, or as its signature tells; where it is not known whether the model drops that of earlier turns, both are within the range",
        "https://platform.claude.com/docs/en/build-with-claude/thinking, 2026-08-22"
    );
    /// Content that only Anthropic can decrypt.
    EncryptedContent = (
        "encrypted-content",
        "encrypted content has at most one token for each byte",
        "no source"
    );
    /// A content block of a type that is not known.
    BlockTypeUnknown = (
        "block-type-unknown",
        "a content block of unknown type costs about what its JSON does, and may add more that no one can know",
        "no source"
    );
    /// A value of a type that the API does not accept there.
    WrongType = (
        "wrong-type",
        "a value of a type that the API does not accept there costs about what its JSON does",
        "no source"
    );
    /// A cache lifetime that is not known.
    CacheTtlUnknown = (
        "cache-ttl-unknown",
        "a cache lifetime other than `5m` and `1h` is five minutes",
        "https://platform.claude.com/docs/en/build-with-claude/prompt-caching, 2026-08-22"
    );
    /// The prompt that structured outputs bring with them is not published.
    StructuredOutput = (
        "structured-output",
        "a structured output brings a prompt with it as long as the ones recorded",
        RECORDINGS
    );
    /// Text in another script than Latin, or with many accents.
    ForeignText = (
        "foreign-text",
        "text that is not English is counted by figures that others published, which hardly any recording of a request confirms",
        "docs/accuracy.md, Known weaknesses"
    );
}

impl Assumption {
    /// The name of the assumption, in words with hyphens. Never changes.
    pub fn key(self) -> &'static str {
        self.describe().0
    }

    /// What was assumed, as one sentence without a full stop.
    pub fn value(self) -> &'static str {
        self.describe().1
    }

    /// Where the assumption comes from.
    pub fn source(self) -> &'static str {
        self.describe().2
    }

    /// Whether the ends of the estimate are bounds because of it, although there is a likely value: what is
    /// assumed is then true or false of all such requests at once, or may be far off, so it does not average
    /// out.
    pub fn is_of_bounds(self) -> bool {
        use Assumption::{
            ImageSizeUnknown, ParallelToolUseDisabled, ToolDeferred, ToolPromptUnknown, ToolTypeUnmeasured,
        };
        matches!(
            self,
            ToolPromptUnknown
                | ParallelToolUseDisabled
                | ToolTypeUnmeasured
                | ToolDeferred
                | ImageSizeUnknown
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn keys_are_distinct_and_plain() {
        let keys: BTreeSet<&str> = Assumption::ALL.iter().map(|assumption| assumption.key()).collect();
        assert_eq!(keys.len(), Assumption::ALL.len());
        for assumption in Assumption::ALL {
            assert!(assumption.key().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
            assert!(!assumption.value().ends_with('.') && !assumption.source().is_empty());
        }
    }
}
