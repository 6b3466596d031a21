use std::io::{self, ErrorKind, Read};

use memchr::memchr2;
use serde::de::IgnoredAny;

/// What stands around the requests of a batch: an object whose only member should be `requests`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Whether there are `requests`.
    pub(crate) has_requests: bool,
    /// Whether they are a list.
    pub(crate) is_list: bool,
    /// How many elements the list has.
    pub(crate) items: usize,
    /// The first member that is not `requests`.
    pub(crate) unknown_key: Option<String>,
}

/// Why a body cannot be read.
#[derive(Debug)]
pub(crate) enum FrameError {
    /// It is not JSON, in words.
    Json(String),
    /// It is longer than allowed.
    TooLong,
    /// It ends before its end, or the connection broke.
    Broken,
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> FrameError {
        match error.kind() {
            ErrorKind::FileTooLarge => FrameError::TooLong,
            _ => FrameError::Broken,
        }
    }
}

/// Who is handed each element: its index, and its text.
pub(crate) type Taker<'t> = dyn FnMut(usize, &[u8]) -> Result<(), FrameError> + 't;

/// Reads a body and hands out the text of each element of `requests` as it comes by, with its index. No more than one
/// element is in memory at a time. The element's own JSON is for the taker to check.
pub(crate) fn read_frame(body: &mut dyn Read, on_item: &mut Taker<'_>) -> Result<Frame, FrameError> {
    let mut text = Text { body, buffer: vec![0; BUFFER_BYTES], start: 0, end: 0 };
    let mut frame = Frame::default();
    text.expect(b'{')?;
    let mut value = Vec::new();
    if text.peek_solid()? == Some(b'}') {
        text.skip();
    } else {
        loop {
            text.value(&mut value)?;
            let key: String = serde_json::from_slice(&value).map_err(not_json)?;
            text.expect(b':')?;
            match key.as_str() {
                "requests" => read_requests(&mut text, &mut frame, on_item)?,
                _ => {
                    text.value(&mut value)?;
                    check(&value)?;
                    frame.unknown_key.get_or_insert(key);
                }
            }
            if text.ends_with(b'}')? {
                break;
            }
        }
    }
    match text.peek_solid()? {
        None => Ok(frame),
        Some(_) => Err(FrameError::Json("something follows the object".to_owned())),
    }
}

fn read_requests(text: &mut Text<'_>, frame: &mut Frame, on_item: &mut Taker<'_>) -> Result<(), FrameError> {
    frame.has_requests = true;
    let mut value = Vec::new();
    if text.peek_solid()? != Some(b'[') {
        text.value(&mut value)?;
        return check(&value);
    }
    frame.is_list = true;
    text.skip();
    if text.peek_solid()? == Some(b']') {
        text.skip();
        return Ok(());
    }
    loop {
        text.value(&mut value)?;
        on_item(frame.items, &value)?;
        frame.items += 1;
        if text.ends_with(b']')? {
            return Ok(());
        }
    }
}

fn check(value: &[u8]) -> Result<(), FrameError> {
    serde_json::from_slice::<IgnoredAny>(value).map(|_| ()).map_err(not_json)
}

/// What the JSON reader says, without the place, which would be one within a part.
pub(crate) fn not_json(error: serde_json::Error) -> FrameError {
    let text = error.to_string();
    FrameError::Json(text.split(" at line ").next().unwrap_or_default().to_owned())
}

const BUFFER_BYTES: usize = 64 * 1024;

/// The bytes of a body, one at a time.
struct Text<'b> {
    body: &'b mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Text<'_> {
    fn peek(&mut self) -> Result<Option<u8>, FrameError> {
        if self.start == self.end {
            self.start = 0;
            self.end = self.body.read(&mut self.buffer)?;
        }
        Ok((self.start < self.end).then(|| self.buffer[self.start]))
    }

    fn skip(&mut self) {
        self.start += 1;
    }

    /// The next byte that is not white space.
    fn peek_solid(&mut self) -> Result<Option<u8>, FrameError> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek()? {
            self.skip();
        }
        self.peek()
    }

    fn expect(&mut self, wanted: u8) -> Result<(), FrameError> {
        if self.peek_solid()? == Some(wanted) {
            self.skip();
            return Ok(());
        }
        Err(FrameError::Json(format!("expected `{}`", char::from(wanted))))
    }

    /// Whether the list or object ends here; if not, there is a comma.
    fn ends_with(&mut self, bracket: u8) -> Result<bool, FrameError> {
        if self.peek_solid()? == Some(bracket) {
            self.skip();
            return Ok(true);
        }
        self.expect(b',').map(|()| false)
    }

    /// Copies what stands in a string, as far as it is here, up to a quote or a backslash.
    fn copy_plain(&mut self, value: &mut Vec<u8>) {
        let rest = &self.buffer[self.start..self.end];
        let plain = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        value.extend_from_slice(&rest[..plain]);
        self.start += plain;
    }

    /// Copies the text of the next value, whose inside is only looked at as far as its end must be found.
    fn value(&mut self, value: &mut Vec<u8>) -> Result<(), FrameError> {
        value.clear();
        let first = self.peek_solid()?;
        let is_scalar = !matches!(first, Some(b'{' | b'[' | b'"'));
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        while let Some(byte) = self.peek()? {
            if in_string && !escaped && !matches!(byte, b'"' | b'\\') {
                self.copy_plain(value);
                continue;
            }
            if is_scalar && matches!(byte, b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\n' | b'\r') {
                break;
            }
            value.push(byte);
            self.skip();
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth -= 1,
                _ => (),
            }
            if !is_scalar && !in_string && depth == 0 {
                return Ok(());
            }
        }
        match is_scalar && !value.is_empty() {
            true => Ok(()),
            false => Err(FrameError::Json("expected a value".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use batchwise_records::Node;
    use proptest::prelude::*;

    use super::*;

    /// The frame of a text and its elements, or what is wrong with it.
    fn read(text: &str) -> Result<(Frame, Vec<String>), String> {
        let mut items = Vec::new();
        let frame = read_frame(&mut text.as_bytes(), &mut |index, item| {
            assert_eq!(index, items.len());
            items.push(String::from_utf8(item.to_vec()).unwrap());
            check(item)
        });
        frame.map(|frame| (frame, items)).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn elements_come_as_they_are_written() {
        let (frame, items) =
            read("{ \"requests\" : [ {\"a\":\"}]\\\"\"} , 1.5,[ {} ] ,\"x,\\\\\"] }\n").unwrap();
        assert_eq!(items, ["{\"a\":\"}]\\\"\"}", "1.5", "[ {} ]", "\"x,\\\\\""]);
        assert!(frame.has_requests && frame.is_list && frame.unknown_key.is_none());
    }

    #[test]
    fn other_frames_are_told() {
        assert_eq!(read("{}").unwrap().0, Frame::default());
        assert_eq!(read("{\"requests\":[]}").unwrap().0.items, 0);
        assert!(!read("{\"requests\":{}}").unwrap().0.is_list);
        let (frame, items) = read("{\"name\":{\"a\":[1]},\"requests\":[1]}").unwrap();
        assert_eq!((frame.unknown_key.as_deref(), items.len()), (Some("name"), 1));
    }

    proptest! {
        /// The oracle reads the whole text at once.
        #[test]
        fn elements_are_those_of_a_slow_reader(text in any_text(), piece in 1_usize..7) {
            let mut items = Vec::new();
            let mut body = InPieces(text.as_bytes(), piece);
            let frame = read_frame(&mut body, &mut |_, item| {
                check(item)?;
                items.push(String::from_utf8(item.to_vec()).unwrap());
                Ok(())
            });
            let object = serde_json::from_str::<Node<'_>>(&text).ok();
            let object = object.filter(|node| node.as_object().is_some());
            prop_assert_eq!(frame.is_ok(), object.is_some(), "{}", text);
            if let Some(object) = object {
                let object = object.as_object().unwrap();
                let lists = object.iter().filter(|(key, _)| *key == "requests").filter_map(|(_, value)| value.as_array());
                let wanted: Vec<String> = lists.flatten().map(Node::to_compact_json).collect();
                let compact = |item: &String| serde_json::from_str::<Node<'_>>(item).unwrap().to_compact_json();
                prop_assert_eq!(items.iter().map(compact).collect::<Vec<_>>(), wanted);
            }
        }
    }

    /// Texts that are nearly or truly bodies.
    fn any_text() -> impl Strategy<Value = String> {
        let token = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            " ",
            "\n",
            "\"requests\"",
            "\"requests\":[",
            "\"a\"",
            "\"\\\"]\"",
            "\"\\\\\"",
            "1",
            "-0.5e3",
            "true",
            "null",
            "{}",
            "[]",
            "{\"a\":[1]}",
            "\"é\"",
        ]);
        let body = prop::collection::vec(token, 0..8).prop_map(|tokens| tokens.concat());
        let list = prop::collection::vec(
            prop::sample::select(vec!["1", "{\"a\":\"]\"}", " [ ] ", "\"\\\\\""]),
            0..5,
        );
        let whole = list.prop_map(|items| format!("{{\"b\": 1 ,\"requests\":[{}]}}", items.join(",")));
        prop_oneof![body, whole]
    }

    /// A body that comes a few bytes at a time.
    struct InPieces<'t>(&'t [u8], usize);

    impl Read for InPieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(buffer.len()).min(self.0.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn what_is_not_json_is_an_error() {
        for text in [
            "",
            "[]",
            "{",
            "{\"requests\"}",
            "{\"requests\":[}",
            "{\"requests\":[1,]}",
            "{\"requests\":[1 2]}",
            "{\"requests\":[{]}",
            "{\"requests\":[1]",
            "{\"requests\":[1]}x",
            "{\"requests\":[tru]}",
            "{,}",
            "{\"a\":01}",
            "{a:1}",
            "nul",
            "{\"requests\":[\"]}",
            "{1:2}",
        ] {
            assert!(read(text).is_err_and(|error| error.starts_with("Json")), "{text}");
        }
    }
}
