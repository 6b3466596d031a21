use batchwise_records::Node;

/// How much of a user's value a message holds.
const SHOWN_CHARACTERS_MAX: usize = 40;

/// A value for a message, in backquotes; what is long is cut, and what is nested is only named.
pub(crate) fn shown(node: &Node<'_>) -> String {
    match node {
        Node::String(text) => quoted(&format!("\"{}\"", cut(text))),
        Node::Array(_) | Node::Object(_) => node.kind().to_owned(),
        scalar => quoted(&scalar.to_compact_json()),
    }
}

/// A name for a message, in backquotes and cut to a readable length.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", cut(name))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short() {
        assert_eq!(shown(&Node::String("hi".into())), "`\"hi\"`");
        assert_eq!(shown(&Node::Bool(true)), "`true`");
        assert_eq!(shown(&Node::Array(vec![])), "an array");
        assert_eq!(quoted(&"é".repeat(1_000)), format!("`{}…`", "é".repeat(40)));
    }
}
