//! JSON as the API writes it into a prompt, which costs more than the compact JSON of a request.

use batchwise_records::Node;

/// How letters beyond ASCII are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// As they are.
    AsTheyAre,
    /// As `\u` and four digits, twice where one is not enough.
    Ascii,
}

/// JSON on one line, with a space after each colon and comma; optionally with the keys in order.
pub(crate) fn spaced_json(node: &Node<'_>, letters: Letters, sorted: bool) -> String {
    let mut writer = Writer { text: String::new(), letters, sorted, indent: None };
    writer.value(node);
    writer.text
}

/// JSON with each member on a line of its own, indented by two spaces for each level.
pub(crate) fn indented_json(node: &Node<'_>) -> String {
    let mut writer =
        Writer { text: String::new(), letters: Letters::AsTheyAre, sorted: false, indent: Some(0) };
    writer.value(node);
    writer.text
}

struct Writer {
    text: String,
    letters: Letters,
    sorted: bool,
    /// The level of indentation, where members stand on lines of their own.
    indent: Option<usize>,
}

impl Writer {
    fn value(&mut self, node: &Node<'_>) {
        match node {
            Node::String(text) => self.string(text),
            Node::Array(elements) => {
                self.list('[', ']', elements.iter(), |writer, element| writer.value(element));
            }
            Node::Object(object) => {
                let mut members: Vec<(&str, &Node<'_>)> = object.iter().collect();
                if self.sorted {
                    members.sort_by_key(|(key, _)| *key);
                }
                self.list('{', '}', members.into_iter(), |writer, (key, value)| {
                    writer.string(key);
                    writer.text.push_str(": ");
                    writer.value(value);
                });
            }
            plain => self.text.push_str(&plain.to_compact_json()),
        }
    }

    fn list<T>(
        &mut self,
        open: char,
        close: char,
        items: impl ExactSizeIterator<Item = T>,
        write: impl Fn(&mut Writer, T),
    ) {
        self.text.push(open);
        let empty = items.len() == 0;
        self.indent = self.indent.map(|level| level + 1);
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            match self.indent {
                Some(_) => self.new_line(),
                None if index > 0 => self.text.push(' '),
                None => (),
            }
            write(self, item);
        }
        self.indent = self.indent.map(|level| level - 1);
        if !empty {
            self.new_line();
        }
        self.text.push(close);
    }

    fn new_line(&mut self) {
        if let Some(level) = self.indent {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", level));
        }
    }

    fn string(&mut self, text: &str) {
        let json = Node::String(text.into()).to_compact_json();
        if self.letters == Letters::AsTheyAre || json.is_ascii() {
            return self.text.push_str(&json);
        }
        for letter in json.chars() {
            if letter.is_ascii() {
                self.text.push(letter);
            } else {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    self.text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"b":[1,2.5,{}],"a":{"y":null,"x":"é🎉\n"},"c":[]}"#;

    #[track_caller]
    fn check(write: impl Fn(&Node<'_>) -> String, expected: &str) {
        assert_eq!(write(&serde_json::from_str(JSON).unwrap()), expected);
    }

    #[test]
    fn json_is_written_in_each_form() {
        check(
            |node| spaced_json(node, Letters::AsTheyAre, false),
            r#"{"b": [1, 2.5, {}], "a": {"y": null, "x": "é🎉\n"}, "c": []}"#,
        );
        check(
            |node| spaced_json(node, Letters::Ascii, true),
            r#"{"a": {"x": "\u00e9\ud83c\udf89\n", "y": null}, "b": [1, 2.5, {}], "c": []}"#,
        );
        check(
            indented_json,
            "{\n  \"b\": [\n    1,\n    2.5,\n    {}\n  ],\n  \"a\": {\n    \"y\": null,\n    \"x\": \"é🎉\\n\"\n  },\n  \"c\": []\n}",
        );
    }
}
