//! Requests in odd formatting, made of a list of choices: where it ends, every choice is the simplest.

/// JSON as it is to be written.
enum Json {
    /// As it stands.
    Raw(&'static str),
    Text(&'static str),
    Array(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

/// The line of a request. In it, what bears the name `cache_control` and holds `"content"` is content.
pub(super) fn any_line(choices: &[u8]) -> String {
    let mut author = Author { choices };
    let params = author.params();
    let mut members = vec![("custom_id", Json::Text("x")), ("params", params)];
    author.turn(&mut members);
    let mut line = author.space();
    author.write(&Json::Object(members), &mut line);
    line + &author.space()
}

const TEXTS: &[&str] = &[
    "t",
    "",
    "é \" \\ \u{1f600}",
    "cache_control",
    "},\"cache_control\":{\"type\":\"ephemeral\"},{",
    "[]{}:,\n\t/",
];

const CONTROLS: &[&str] = &[
    "{\"type\":\"ephemeral\"}",
    "{\"type\":\"ephemeral\",\"ttl\":\"1h\"}",
    "null",
    "{ \"ttl\" : \"5m\" , \"type\" : \"ephemeral\" }",
    "{\"ttl\":null,\"type\":\"ephemeral\"}",
    "{\"type\":\"\\u0065phemeral\",\t\"ttl\":\"1\\u0068\",\"other\":[1.50,{}]}",
];

const CONTENT: Json = Json::Raw("{\"type\":\"ephemeral\" ,\"content\":1}");

struct Author<'c> {
    choices: &'c [u8],
}

impl Author<'_> {
    fn choose(&mut self, of: usize) -> usize {
        let Some((&first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        usize::from(first) % of
    }

    fn text(&mut self) -> Json {
        Json::Text(TEXTS[self.choose(TEXTS.len())])
    }

    fn several(&mut self, most: usize, mut one: impl FnMut(&mut Self) -> Json) -> Json {
        let count = self.choose(most + 1);
        Json::Array((0..count).map(|_| one(self)).collect())
    }

    /// Another member may come first.
    fn turn(&mut self, members: &mut [(&'static str, Json)]) {
        if !members.is_empty() {
            let by = self.choose(members.len());
            members.rotate_left(by);
        }
    }

    /// An object with these members, and often a `cache_control` somewhere.
    fn marked(&mut self, mut members: Vec<(&'static str, Json)>) -> Json {
        if let control @ 1.. = self.choose(CONTROLS.len() + 3)
            && let Some(control) = CONTROLS.get(control - 1)
        {
            members.push(("cache_control", Json::Raw(control)));
        }
        self.turn(&mut members);
        Json::Object(members)
    }

    fn params(&mut self) -> Json {
        let mut members = vec![("model", Json::Text("m")), ("max_tokens", Json::Raw("1.0"))];
        match self.choose(4) {
            1 => members.push(("system", Json::Raw("null"))),
            2 => members.push(("system", self.text())),
            3 => members.push(("system", self.several(3, |author| author.block(1)))),
            _ => (),
        }
        if self.choose(2) == 1 {
            members.push(("tools", self.several(3, Author::tool)));
        }
        let messages = (0..=self.choose(3)).map(|_| self.message()).collect();
        members.push(("messages", Json::Array(messages)));
        if self.choose(3) == 1 {
            members.push(("metadata", Json::Object(vec![("cache_control", CONTENT)])));
        }
        self.marked(members)
    }

    fn tool(&mut self) -> Json {
        match self.choose(4) {
            1 => return self.marked(Vec::new()),
            2 => return self.marked(vec![("name", Json::Text("f")), ("defer_loading", Json::Raw("true"))]),
            _ => (),
        }
        let schema = Json::Object(vec![("properties", Json::Object(vec![("cache_control", CONTENT)]))]);
        let members = vec![("name", self.text()), ("input_schema", schema)];
        self.marked(members)
    }

    fn message(&mut self) -> Json {
        let content = match self.choose(3) {
            0 => self.text(),
            _ => self.several(4, |author| author.block(2)),
        };
        let mut members = vec![("role", Json::Text("user")), ("content", content)];
        self.turn(&mut members);
        Json::Object(members)
    }

    /// A block with blocks in it, in those again, up to `depth`.
    fn block(&mut self, depth: usize) -> Json {
        let text = |author: &mut Self| vec![("type", Json::Text("text")), ("text", author.text())];
        let blocks = |author: &mut Self| match depth {
            0 => author.text(),
            _ => author.several(3, |author| author.block(depth - 1)),
        };
        let members = match self.choose(9) {
            1 => Vec::new(),
            2 => vec![("type", Json::Text("thinking")), ("thinking", self.text())],
            3 => {
                let inner = Json::Object(vec![("type", Json::Text("text")), ("cache_control", CONTENT)]);
                let input =
                    Json::Object(vec![("content", Json::Array(vec![inner])), ("cache_control", CONTENT)]);
                vec![("type", Json::Text("tool_use")), ("input", input)]
            }
            4 => vec![("content", blocks(self)), ("type", Json::Text("tool_result"))],
            5 => vec![("type", Json::Text("search_result")), ("content", blocks(self))],
            6 => {
                let source = Json::Object(vec![("type", Json::Text("content")), ("content", blocks(self))]);
                vec![("type", Json::Text("document")), ("source", source)]
            }
            7 => {
                let inner = Json::Object(vec![("cache_control", CONTENT)]);
                vec![("type", Json::Text("other")), ("content", Json::Array(vec![inner]))]
            }
            _ => text(self),
        };
        self.marked(members)
    }

    fn space(&mut self) -> String {
        ["", " ", "\t", "  ", ""][self.choose(5)].to_owned()
    }

    fn write(&mut self, json: &Json, to: &mut String) {
        match json {
            Json::Raw(text) => to.push_str(text),
            Json::Text(text) => self.quote(text, to),
            Json::Array(elements) => {
                self.list(['[', ']'], elements, to, |author, element, to| author.write(element, to))
            }
            Json::Object(members) => self.list(['{', '}'], members, to, |author, (key, value), to| {
                author.quote(key, to);
                *to += &(author.space() + ":" + &author.space());
                author.write(value, to);
            }),
        }
    }

    fn list<T>(
        &mut self,
        [open, close]: [char; 2],
        elements: &[T],
        to: &mut String,
        write: impl Fn(&mut Self, &T, &mut String),
    ) {
        to.push(open);
        for (index, element) in elements.iter().enumerate() {
            *to += if index > 0 { "," } else { "" };
            *to += &self.space();
            write(self, element, to);
            *to += &self.space();
        }
        if elements.is_empty() {
            *to += &self.space();
        }
        to.push(close);
    }

    /// Some characters are escaped that need not be.
    fn quote(&mut self, text: &str, to: &mut String) {
        to.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => to.extend(['\\', character]),
                '\n' => *to += "\\n",
                '\t' => *to += "\\u0009",
                '/' if self.choose(2) == 1 => *to += "\\/",
                '_' | 'e' if self.choose(8) == 1 => *to += &format!("\\u{:04X}", u32::from(character)),
                other => to.push(other),
            }
        }
        to.push('"');
    }
}
