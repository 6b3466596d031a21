use batchwise_records::{FieldPath, Node, Object, Step};

use super::PlanReadError;

/// How many characters of a wrong value an error shows.
const VALUE_CHARACTERS_MAX: usize = 60;

/// A value in the file with the way to it, which is spelled out only when there is something to complain about.
pub(super) struct Field<'f> {
    value: &'f Node<'f>,
    inside: Option<(&'f Field<'f>, Key<'f>)>,
}

#[derive(Clone, Copy)]
enum Key<'f> {
    Name(&'f str),
    Index(usize),
}

type Read<T> = Result<T, PlanReadError>;

impl<'f> Field<'f> {
    /// The whole file.
    pub(super) fn root(value: &'f Node<'f>) -> Field<'f> {
        Field { value, inside: None }
    }

    /// The member of that name, which must be there.
    pub(super) fn get(&'f self, name: &'f str) -> Read<Field<'f>> {
        let found = self.object()?.get(name);
        let inside = Some((self, Key::Name(name)));
        let missing = || PlanReadError::Missing { field: Field { value: self.value, inside }.path() };
        Ok(Field { value: found.ok_or_else(missing)?, inside })
    }

    /// The member of that name, if it is there.
    pub(super) fn find(&'f self, name: &'f str) -> Read<Option<Field<'f>>> {
        if self.object()?.get(name).is_some() { self.get(name).map(Some) } else { Ok(None) }
    }

    /// All members, in the order of the file.
    pub(super) fn members(&'f self) -> Read<impl Iterator<Item = (&'f str, Field<'f>)>> {
        let member = |(name, value)| (name, Field { value, inside: Some((self, Key::Name(name))) });
        Ok(self.object()?.iter().map(member))
    }

    /// What `read` makes of each element.
    pub(super) fn list<T>(&'f self, read: impl Fn(&Field<'_>) -> Read<T>) -> Read<Vec<T>> {
        let elements = self.value.as_array().ok_or_else(|| self.wrong("a list"))?;
        let element = |(index, value)| read(&Field { value, inside: Some((self, Key::Index(index))) });
        elements.iter().enumerate().map(element).collect()
    }

    /// What `read` makes of the value, unless it is null.
    pub(super) fn unless_null<T>(&self, read: impl FnOnce(&Field<'_>) -> Read<T>) -> Read<Option<T>> {
        if *self.value == Node::Null { Ok(None) } else { read(self).map(Some) }
    }

    /// A text.
    pub(super) fn text(&self) -> Read<&'f str> {
        self.value.as_str().ok_or_else(|| self.wrong("a text"))
    }

    /// A whole number from 0 on.
    pub(super) fn count(&self) -> Read<u64> {
        let count = match self.value {
            Node::Number(number) => number.as_u64(),
            _ => None,
        };
        count.ok_or_else(|| self.wrong("a whole number from 0 on"))
    }

    /// `true` or `false`.
    pub(super) fn flag(&self) -> Read<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// What `read` makes of the text, which is `expected`.
    pub(super) fn parsed<T>(&self, expected: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Read<T> {
        self.value.as_str().and_then(read).ok_or_else(|| self.wrong(expected))
    }

    /// The complaint that the value is not what is expected.
    pub(super) fn wrong(&self, expected: &'static str) -> PlanReadError {
        PlanReadError::Wrong { field: self.path(), value: shown(self.value), expected }
    }

    fn object(&self) -> Read<&'f Object<'f>> {
        let object = self.value.as_object().ok_or_else(|| self.wrong("an object"))?;
        match object.repeated_key() {
            None => Ok(object),
            Some(name) => {
                let inside = Some((self, Key::Name(name)));
                Err(PlanReadError::Repeated { field: Field { value: self.value, inside }.path() })
            }
        }
    }

    fn path(&self) -> String {
        let mut steps = Vec::new();
        let mut field = self;
        while let Some((outer, key)) = field.inside {
            steps.push(match key {
                Key::Name(name) => Step::Key(name.escape_debug().to_string()),
                Key::Index(index) => Step::Index(index),
            });
            field = outer;
        }
        steps.reverse();
        FieldPath(steps).to_string()
    }
}

/// A value as JSON on one line, shortened.
fn shown(value: &Node<'_>) -> String {
    match value {
        Node::Array(_) | Node::Object(_) => value.kind().to_owned(),
        _ => {
            let json = value.to_compact_json();
            match json.char_indices().nth(VALUE_CHARACTERS_MAX) {
                Some((end, _)) => format!("{}…", &json[..end]),
                None => json,
            }
        }
    }
}
