use std::time::Duration;

use crate::rows::Rows;

/// What stands before the body of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query's names and values.
    pub query: Vec<(String, String)>,
    /// The headers, their names in small letters.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The head of a request for `target`, a path with or without a query. Of what is escaped in the query, nothing is
    /// resolved: no value that the API knows needs it.
    pub fn new(method: &str, target: &str, headers: Vec<(String, String)>) -> Head {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), value.to_owned())
        };
        let query = query.split('&').filter(|text| !text.is_empty()).map(pair).collect();
        Head { method: method.to_owned(), path: path.to_owned(), query, headers }
    }

    /// The value of a header, its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The value of a part of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }
}

fn find<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// One answer, and how it reaches the client.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers, without those that frame the body.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
    /// How long nothing is sent.
    pub delay: Duration,
    /// How it ends.
    pub ending: Ending,
}

/// The body of an answer.
#[derive(Debug)]
pub enum Body {
    /// All of it.
    Text(String),
    /// Rows of results, made one by one.
    Rows(Rows),
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    Whole,
    /// Before it begins: the connection is closed without a byte.
    Nothing,
    /// The `content-length` is that of all rows, but the connection is closed before the end.
    LengthCut,
    /// The body comes in chunks, and the connection is closed without the last one.
    ChunkCut,
}

impl Body {
    /// The whole body as text.
    pub fn into_text(self) -> String {
        match self {
            Body::Text(text) => text,
            Body::Rows(rows) => rows.collect(),
        }
    }
}

impl Reply {
    pub(crate) fn json(body: String) -> Reply {
        Reply {
            status: 200,
            headers: vec![("content-type", "application/json".to_owned())],
            body: Body::Text(body),
            delay: Duration::ZERO,
            ending: Ending::Whole,
        }
    }

    pub(crate) fn rows(rows: Rows) -> Reply {
        Reply {
            headers: vec![("content-type", "application/x-jsonl".to_owned())],
            body: Body::Rows(rows),
            ..Reply::json(String::new())
        }
    }

    /// The value of a header, its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}
