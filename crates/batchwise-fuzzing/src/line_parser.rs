use batchwise_records::{Line, Request};

/// Reads a line of a request file. A request has what numbers rest on; a line that is none has flaws, and each of
/// them has a place inside it.
pub fn line_parser(content: &[u8]) {
    match Request::parse(content) {
        Ok(request) => {
            assert!(request.max_tokens >= 1, "a request has a cap");
            assert!(request.params.get("messages").is_some_and(|messages| messages.as_array().is_some()));
        }
        Err(flaws) => {
            assert!(!flaws.is_empty(), "what is no request has a flaw");
            let line = line(content);
            for flaw in flaws {
                let place = flaw.in_line("any.jsonl", &line).at.expect("a flaw has a place");
                assert!(place.bytes.start <= place.bytes.end && place.column >= 1);
                assert!(line.extent.start <= place.bytes.start && place.bytes.end <= line.extent.end);
                let excerpt = place.excerpt.expect("a spot has an excerpt");
                assert!(excerpt.text.get(excerpt.marked).is_some(), "marks lie between characters");
            }
        }
    }
}

/// The bytes as the seventh line of an input.
pub(crate) fn line(content: &[u8]) -> Line<'_> {
    let length = content.len() as u64;
    Line { number: 7, extent: 1_000..1_000 + length, content_start: 1_000, content, content_bytes: length }
}
