use std::cell::RefCell;
use std::ops::Range;

use batchwise_pricing::nearest;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::document::Document;
use crate::{Glob, Setting};

/// A table of a document, from which each key is taken once.
pub(crate) struct Table<'d> {
    document: &'d Document<'d>,
    fields: &'d DeTable<'d>,
    /// Its key, like `budget`; empty at the top.
    path: String,
    /// Where it begins.
    spot: Range<usize>,
    known: RefCell<Vec<&'static str>>,
}

impl<'d> Table<'d> {
    /// The table at the top of a document.
    pub(crate) fn root(document: &'d Document<'d>, fields: &'d DeTable<'d>) -> Table<'d> {
        Table { document, fields, path: String::new(), spot: 0..0, known: RefCell::default() }
    }

    /// Names the keys that were not asked for.
    pub(crate) fn finish(self) {
        let known = self.known.borrow();
        for key in self.fields.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let guess = nearest(name, known.iter().copied()).map(|meant| format!("did you mean `{meant}`? "));
            let path = self.path_of(name);
            let help = format!("{}known here: {}", guess.unwrap_or_default(), known.join(", "));
            self.document.problem(key.span(), &path, format!("`{path}` is not known"), help);
        }
    }

    /// What `read` makes of the value under `name`, where it is given. `wrong` follows key and value in a sentence.
    pub(crate) fn take<T>(
        &self,
        name: &'static str,
        wrong: &str,
        help: &str,
        read: impl FnOnce(&DeValue) -> Option<T>,
    ) -> Option<Setting<T>> {
        let value = self.known_value(name)?;
        self.read(name, value, wrong, help, read)
    }

    /// The same for something that must be there.
    pub(crate) fn require<T>(&self, name: &'static str, help: &str, taken: Option<T>) -> Option<T> {
        if !self.has(name) {
            let path = self.path_of(name);
            self.document.problem(self.spot.clone(), &path, format!("`{path}` is missing"), help);
        }
        taken
    }

    /// Text that `parse` understands.
    pub(crate) fn parsed<T>(
        &self,
        name: &'static str,
        wrong: &str,
        help: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Setting<T>> {
        self.take(name, wrong, help, |value| parse(value.as_str()?))
    }

    /// Text that is not empty.
    pub(crate) fn text(&self, name: &'static str) -> Option<Setting<String>> {
        let words = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        self.parsed(name, "says nothing", "write some words in quotes", words)
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, name: &'static str, all: &[(&str, T)]) -> Option<Setting<T>> {
        let words: Vec<String> = all.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let find = |text: &str| all.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        self.parsed(name, "is not possible here", &format!("write {}", words.join(" or ")), find)
    }

    /// A whole number above zero.
    pub(crate) fn count(&self, name: &'static str) -> Option<Setting<u64>> {
        self.take(name, NOT_A_COUNT, COUNT, as_count)
    }

    /// A day.
    pub(crate) fn day(&self, name: &'static str) -> Option<Setting<Date>> {
        self.take(name, "is not a day", "write it without quotes, like 2027-03-31", as_day)
    }

    /// A pattern.
    pub(crate) fn glob(&self, name: &'static str) -> Option<Setting<Glob>> {
        self.parsed(name, NOT_A_GLOB, GLOB, Glob::parse)
    }

    /// A list of what `parse` understands.
    pub(crate) fn list<T>(
        &self,
        name: &'static str,
        wrong: &str,
        help: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Setting<Vec<Setting<T>>>> {
        let value = self.known_value(name)?;
        let Some(items) = value.get_ref().as_array() else {
            self.complain(name, value, "is not a list", "write a list, like [\"…\", \"…\"]");
            return None;
        };
        let read = |item| self.read(name, item, wrong, help, |value: &DeValue| parse(value.as_str()?));
        let value_origin = self.document.origin(value.span());
        Some(Setting { value: items.iter().filter_map(read).collect(), origin: value_origin })
    }

    /// A list of patterns, not empty.
    pub(crate) fn globs(&self, name: &'static str) -> Option<Setting<Vec<Setting<Glob>>>> {
        let globs = self.list(name, NOT_A_GLOB, GLOB, Glob::parse);
        if let Some(value) = self.fields.get(name).filter(|value| is_empty_list(value)) {
            self.complain(name, value, "is empty", "name at least one, or leave the key out");
        }
        globs
    }

    /// A table, where it is given.
    pub(crate) fn table(&self, name: &'static str) -> Option<Table<'d>> {
        let value = self.known_value(name)?;
        let Some(fields) = value.get_ref().as_table() else {
            let help = format!("write [{}], and the keys below it", self.path_of(name));
            self.complain(name, value, "is not one table", &help);
            return None;
        };
        Some(self.inner(name, fields, value.span()))
    }

    /// A list of tables; empty where it is not given.
    pub(crate) fn tables(&self, name: &'static str) -> Vec<Table<'d>> {
        let Some(value) = self.known_value(name) else { return Vec::new() };
        let items: &'d [Spanned<DeValue<'d>>] = value.get_ref().as_array().map_or(&[], |items| items);
        let table = |item: &'d Spanned<DeValue<'d>>| Some((item.get_ref().as_table()?, item.span()));
        let tables: Vec<_> = items.iter().filter_map(table).collect();
        if tables.is_empty() || tables.len() < items.len() {
            let help = format!("write [[{}]], and the keys below it", self.path_of(name));
            self.complain(name, value, "is not a list of tables", &help);
        }
        tables.into_iter().map(|(fields, spot)| self.inner(name, fields, spot)).collect()
    }

    /// All keys and values, whatever they are called. What `name` or `read` does not understand is a problem.
    pub(crate) fn entries<K, T>(
        &self,
        name: impl Fn(&str) -> Result<K, String>,
        wrong: &str,
        help: &str,
        read: impl Fn(&K, &DeValue) -> Option<T>,
    ) -> Vec<(K, Setting<T>)> {
        let mut entries = Vec::new();
        for (key, value) in self.fields {
            let written: &str = key.get_ref();
            match name(written) {
                Ok(known) => {
                    let taken = self.read(written, value, wrong, help, |value| read(&known, value));
                    entries.extend(taken.map(|taken| (known, taken)));
                }
                Err(help) => {
                    let path = self.path_of(written);
                    self.document.problem(key.span(), &path, format!("`{path}` is not known"), help);
                }
            }
        }
        entries
    }

    /// Whether the table has that key, right or wrong.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Complains about the value under `name`.
    pub(crate) fn refuse(&self, name: &str, wrong: &str, help: &str) {
        if let Some(value) = self.fields.get(name) {
            self.complain(name, value, wrong, help);
        }
    }

    /// Complains about the table as a whole.
    pub(crate) fn refuse_all(&self, wrong: &str, help: &str) {
        self.document.problem(self.spot.clone(), &self.path, format!("`{}` {wrong}", self.path), help);
    }

    fn inner(&self, name: &str, fields: &'d DeTable<'d>, spot: Range<usize>) -> Table<'d> {
        let path = self.path_of(name);
        Table { document: self.document, fields, path, spot, known: RefCell::default() }
    }

    fn read<T>(
        &self,
        name: &str,
        value: &Spanned<DeValue>,
        wrong: &str,
        help: &str,
        read: impl FnOnce(&DeValue) -> Option<T>,
    ) -> Option<Setting<T>> {
        let taken = read(value.get_ref());
        if taken.is_none() {
            self.complain(name, value, wrong, help);
        }
        taken.map(|value_taken| Setting { value: value_taken, origin: self.document.origin(value.span()) })
    }

    fn complain(&self, name: &str, value: &Spanned<DeValue>, wrong: &str, help: &str) {
        let path = self.path_of(name);
        let said = match value.get_ref() {
            DeValue::Table(_) => String::new(),
            _ => format!(" = {}", self.document.quote(value.span())),
        };
        self.document.problem(value.span(), &path, format!("`{path}{said}` {wrong}"), help);
    }

    fn known_value(&self, name: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.known.borrow_mut().push(name);
        self.fields.get(name)
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

pub(crate) const NOT_A_COUNT: &str = "is not a count";
pub(crate) const COUNT: &str = "write a whole number above zero, like 100_000";
const NOT_A_GLOB: &str = "is not a pattern";
const GLOB: &str = "write 1 to 256 characters in quotes, in which * stands for anything";

/// A whole number above zero, and below what no workload reaches.
pub(crate) fn as_count(value: &DeValue) -> Option<u64> {
    const MOST: u64 = 1_000_000_000_000_000;
    let written = value.as_integer().filter(|integer| integer.radix() == 10)?;
    written.as_str().parse().ok().filter(|count| (1..=MOST).contains(count))
}

fn as_day(value: &DeValue) -> Option<Date> {
    let written = value.as_datetime().filter(|datetime| datetime.time.is_none())?.date?;
    let (year, month, day) = (written.year, written.month, written.day);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn is_empty_list(value: &Spanned<DeValue>) -> bool {
    value.get_ref().as_array().is_some_and(|items| items.is_empty())
}
