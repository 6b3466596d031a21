/// A JSON text without any member `cache_control`, wherever it stands, and without the comma that separates it: the one
/// before it, or behind it where it is the first. And the members that were left out, as they are written.
pub(super) fn stripped(text: &str) -> (String, Vec<&str>) {
    let mut reader = Reader { rest: text, left_out: Vec::new() };
    let stripped = reader.space() + &reader.value() + &reader.space();
    assert_eq!(reader.rest, "");
    (stripped, reader.left_out)
}

struct Reader<'t> {
    rest: &'t str,
    left_out: Vec<&'t str>,
}

impl<'t> Reader<'t> {
    fn character(&mut self) -> char {
        let next = self.rest.chars().next().expect("a text of JSON is whole");
        self.rest = &self.rest[next.len_utf8()..];
        next
    }

    fn space(&mut self) -> String {
        let mut space = String::new();
        while self.rest.starts_with([' ', '\t', '\r', '\n']) {
            space.push(self.character());
        }
        space
    }

    fn string(&mut self) -> String {
        let mut string = String::from(self.character());
        loop {
            match self.character() {
                '\\' => string.extend(['\\', self.character()]),
                '"' => return string + "\"",
                other => string.push(other),
            }
        }
    }

    fn value(&mut self) -> String {
        match self.rest.chars().next() {
            Some('"') => self.string(),
            Some('[') => self.list(']', |reader| Some(reader.value())),
            Some('{') => self.list('}', Reader::member),
            _ => {
                let mut scalar = String::new();
                while !self.rest.starts_with([',', ']', '}', ' ', '\t', '\r', '\n']) {
                    scalar.push(self.character());
                }
                scalar
            }
        }
    }

    /// `None` for one that is left out.
    fn member(&mut self) -> Option<String> {
        let start = self.rest;
        let key = self.string();
        let is_control = serde_json::from_str::<String>(&key).unwrap() == "cache_control";
        let member = key + &self.space() + &self.character().to_string() + &self.space() + &self.value();
        if !is_control {
            return Some(member);
        }
        self.left_out.push(&start[..start.len() - self.rest.len()]);
        None
    }

    /// What stands between two brackets, and they.
    fn list(&mut self, close: char, element: fn(&mut Reader<'t>) -> Option<String>) -> String {
        let mut list = String::from(self.character());
        let mut was_first_out = false;
        for index in 0.. {
            list += &self.space();
            if self.rest.starts_with(close) {
                break;
            }
            let comma = if index > 0 { self.character().to_string() } else { String::new() };
            let space = self.space();
            let element = element(self);
            let keeps_comma = element.is_some() && !(index == 1 && was_first_out);
            list += if keeps_comma { &comma } else { "" };
            list += &space;
            list += element.as_deref().unwrap_or_default();
            was_first_out = index == 0 && element.is_none();
        }
        list.push(self.character());
        list
    }
}

#[test]
fn what_is_left_is_as_it_was() {
    for (text, expected) in [
        (r#" {"a" : 1 , "b":[ ] , "c":{ }} "#, r#" {"a" : 1 , "b":[ ] , "c":{ }} "#),
        (r#"{ "cache_control" : {"x":[1,2]} , "b":"\"}", "c":1 }"#, r#"{   "b":"\"}", "c":1 }"#),
        (r#"{"b":-1e5,"cache_control":7 }"#, r#"{"b":-1e5 }"#),
        (
            r#"[{"b":"é" , "cache\u005fcontrol":[] , "c":null},{"cache_control":{"a":1}}]"#,
            r#"[{"b":"é"   , "c":null},{}]"#,
        ),
    ] {
        assert_eq!(stripped(text).0, expected);
    }
    assert_eq!(stripped(r#"{"a":{"cache_control" :7 }}"#).1, [r#""cache_control" :7"#]);
}
