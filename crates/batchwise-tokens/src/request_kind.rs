use std::fmt;

/// What a request is made of, as far as counting it is concerned: the hardest thing in it to count.
///
/// The order is that of the difficulty, so the kind of a whole is the greatest kind of its parts. Margins
/// are measured, and samples are drawn, for each kind apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestKind {
    /// One message, and perhaps a system prompt.
    #[default]
    Text,
    /// Several messages.
    Chat,
    /// Thinking turned on, or earlier thinking sent along.
    Thinking,
    /// A reply that follows a schema.
    StructuredOutput,
    /// Tools, their calls or their results.
    Tools,
    /// Documents as text, search results, citations.
    Document,
    /// Images.
    Image,
    /// PDF documents.
    Pdf,
    /// Tools and servers that add input while the request runs, and parts that are encrypted or unknown.
    ServerTools,
}

impl RequestKind {
    /// Every kind, in order.
    pub const ALL: [RequestKind; 9] = [
        RequestKind::Text,
        RequestKind::Chat,
        RequestKind::Thinking,
        RequestKind::StructuredOutput,
        RequestKind::Tools,
        RequestKind::Document,
        RequestKind::Image,
        RequestKind::Pdf,
        RequestKind::ServerTools,
    ];

    /// The name in reports: `text`, `structured-output`.
    pub fn name(self) -> &'static str {
        match self {
            RequestKind::Text => "text",
            RequestKind::Chat => "chat",
            RequestKind::Thinking => "thinking",
            RequestKind::StructuredOutput => "structured-output",
            RequestKind::Tools => "tools",
            RequestKind::Document => "document",
            RequestKind::Image => "image",
            RequestKind::Pdf => "pdf",
            RequestKind::ServerTools => "server-tools",
        }
    }
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
