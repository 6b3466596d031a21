use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;

/// A JSON value that borrows its text from the line it was read from.
///
/// Unlike `serde_json::Value` it copies no string that has no escape in it, keeps the order of keys, and
/// keeps a key that occurs twice twice.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number.
    Number(Number),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// A JSON object: its members in the order of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Node<'a>)>,
}

impl<'a> Node<'a> {
    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when this is a whole number from 0 on. `512.0` is one: table programs write them so.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Node::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            _ => None,
        }
    }

    /// The truth value, when this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Node::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements, when this is an array.
    pub fn as_array(&self) -> Option<&[Node<'a>]> {
        match self {
            Node::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members, when this is an object.
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Node::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value under `key`, when this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.as_object()?.get(key)
    }

    /// What kind of JSON value this is, as users call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::String(_) => "a string",
            Node::Array(_) => "an array",
            Node::Object(_) => "an object",
        }
    }

    /// The value as JSON text without white space.
    pub fn to_compact_json(&self) -> String {
        serde_json::to_string(self).expect("a node is always JSON")
    }
}

impl<'a> Object<'a> {
    /// The value under `key`. Of a key that occurs twice, the last counts, as in most JSON readers.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Takes the value under `key` out; the last one, where the key occurs twice.
    pub fn remove(&mut self, key: &str) -> Option<Node<'a>> {
        let index = self.members.iter().rposition(|(name, _)| name == key)?;
        Some(self.members.remove(index).1)
    }

    /// The members in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node<'a>)> {
        self.members.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The first key that occurs for the second time.
    pub fn repeated_key(&self) -> Option<&str> {
        if self.len() <= 16 {
            let later =
                |index: usize| self.members[..index].iter().any(|(key, _)| *key == self.members[index].0);
            return (1..self.len()).find(|&index| later(index)).map(|index| self.members[index].0.as_ref());
        }
        let mut seen = std::collections::HashSet::with_capacity(self.len());
        self.members.iter().map(|(key, _)| key.as_ref()).find(|&key| !seen.insert(key))
    }
}

/// A whole number below 10^15, up to which the conversion is exact.
fn whole(number: f64) -> Option<u64> {
    let exact = number.fract() == 0.0 && (0.0..1e15).contains(&number);
    if exact { format!("{number:.0}").parse().ok() } else { None }
}

impl<'a> FromIterator<(&'a str, Node<'a>)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a str, Node<'a>)>>(members: I) -> Object<'a> {
        Object { members: members.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect() }
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(value) => serializer.serialize_bool(*value),
            Node::Number(number) => number.serialize(serializer),
            Node::String(text) => serializer.serialize_str(text),
            Node::Array(elements) => serializer.collect_seq(elements),
            Node::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (key, value) in object.iter() {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node<'a>, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node<'de>, E> {
        Number::from_f64(value).map(Node::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::String(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::String(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node<'de>, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Node::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(BorrowedKey(key)) = entries.next_key()? {
            members.push((key, entries.next_value()?));
        }
        Ok(Node::Object(Object { members }))
    }
}

/// `Cow<str>` alone always copies when deserialised.
struct BorrowedKey<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for BorrowedKey<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BorrowedKey<'a>, D::Error> {
        match deserializer.deserialize_str(NodeVisitor)? {
            Node::String(key) => Ok(BorrowedKey(key)),
            _ => unreachable!("serde_json hands object keys over as strings"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Node<'_> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn order_and_repeated_keys_are_kept() {
        let text = r#"{"b":1,"a":{"x":null},"b":[true,-2,0.5]}"#;
        let node = parse(text);
        assert_eq!(node.to_compact_json(), text);
        assert_eq!(node.as_object().unwrap().repeated_key(), Some("b"));
        assert!(matches!(node.get("b"), Some(Node::Array(_))), "the last one counts");
    }

    #[test]
    fn repeated_keys_of_large_objects_are_found() {
        let members: Vec<String> = (0..40).map(|i| format!("\"k{}\":{i}", i % 39)).collect();
        let text = format!("{{{}}}", members.join(","));
        assert_eq!(parse(&text).as_object().unwrap().repeated_key(), Some("k0"));
    }

    #[test]
    fn whole_numbers_may_be_written_as_fractions() {
        let number = |text| parse(text).as_u64();
        assert_eq!([number("7"), number("512.0"), number("1e3")], [Some(7), Some(512), Some(1_000)]);
        assert_eq!(
            [number("0.5"), number("-1"), number("-1.0"), number("1e300"), number("\"7\"")],
            [None; 5]
        );
    }

    #[test]
    fn only_escaped_strings_are_copied() {
        let text = r#"["plain","esc\u00e9"]"#;
        let node = parse(text);
        let strings: Vec<bool> = node
            .as_array()
            .unwrap()
            .iter()
            .map(|element| matches!(element, Node::String(Cow::Borrowed(_))))
            .collect();
        assert_eq!(strings, [true, false]);
        assert_eq!(node.as_array().unwrap()[1].as_str(), Some("escé"));
    }
}
