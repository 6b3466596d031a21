use std::borrow::Cow;

use batchwise_findings::{Finding, Rule};
use batchwise_records::{Line, Node, Object, Request, Where};
use batchwise_tokens::{Estimator, ModelTraits};
use batchwise_units::{Estimate, Tokens};

/// How many tokens a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextCount {
    /// The text alone.
    pub content: Estimate<Tokens>,
    /// A request whose only message is the text, with what every request costs.
    pub message: Estimate<Tokens>,
}

/// Counts `text`, alone and as a single user message, for a model of these traits.
pub fn count_text(text: &str, estimator: &dyn Estimator, model: &ModelTraits) -> TextCount {
    TextCount {
        content: estimator.estimate_text(text, model),
        message: estimator.estimate(&single_message(text), model).total,
    }
}

/// The text that `bytes` are, without a byte order mark in front of it.
///
/// # Errors
/// A finding at the first byte that is not UTF-8.
pub fn text_of<'t>(file: &str, bytes: &'t [u8]) -> Result<&'t str, Box<Finding>> {
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => Err(Box::new(not_utf8(file, bytes, error.valid_up_to()))),
    }
}

fn not_utf8(file: &str, bytes: &[u8], at: usize) -> Finding {
    let before = &bytes[..at];
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let content = bytes[start..].split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = Line {
        number: before.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1,
        extent: start as u64..(start + content.len()) as u64,
        content_start: start as u64,
        content,
        content_bytes: content.len() as u64,
    };
    Finding::new(Rule::InvalidUtf8, format!("byte 0x{:02X} is not UTF-8", bytes[at]))
        .with_help("save the file as UTF-8")
        .at(Where::Byte(at - start).in_line(file, &line))
}

fn single_message(text: &str) -> Request<'_> {
    let string = |text| Node::String(Cow::Borrowed(text));
    let message = Object::from_iter([("role", string("user")), ("content", string(text))]);
    let params = Object::from_iter([("messages", Node::Array(vec![Node::Object(message)]))]);
    Request { custom_id: Cow::Borrowed("text"), model: Cow::Borrowed(""), max_tokens: 1, params }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer_traits;
    use batchwise_pricing::Tokenizer;
    use batchwise_tokens::bytes;

    #[test]
    fn a_message_is_its_text_and_a_frame() {
        let count = |text| count_text(text, &bytes(), &tokenizer_traits(Tokenizer::Claude47));
        let likely = |text| {
            let TextCount { content, message } = count(text);
            (content.likely().unwrap().0, message.likely().unwrap().0)
        };
        let (nothing, frame) = likely("");
        assert_eq!(nothing, 0);
        assert!((1..20).contains(&frame));
        let (content, message) = likely(&"word ".repeat(1_000));
        assert!(content > 1_000 && message.abs_diff(content + frame) <= 1);
    }

    #[test]
    fn the_message_is_what_the_same_line_would_be() {
        let text = "Say \"hi\" \\ to\n\tZoë, 漢字 🎉";
        let line = serde_json::json!({"custom_id": "a", "params": {"model": "m", "max_tokens": 1,
            "messages": [{"role": "user", "content": text}]}})
        .to_string();
        let traits = tokenizer_traits(Tokenizer::PreClaude47);
        let request = Request::parse(line.as_bytes()).unwrap();
        let expected = bytes().estimate(&request, &traits).total;
        assert_eq!(count_text(text, &bytes(), &traits).message, expected);
    }

    #[test]
    fn a_mark_is_no_text_and_broken_bytes_have_a_place() {
        assert_eq!(text_of("a.txt", b"\xEF\xBB\xBFhi"), Ok("hi"));
        let place = text_of("a.txt", b"one\ntwo \xE9\nthree").unwrap_err().at.unwrap();
        assert_eq!((place.line, place.column, place.bytes), (2, 5, 8..9));
    }
}
