//! A TOML file, read key by key, with everything that is wrong with it.
//!
//! Serde stops at the first error and has forgotten the lines when the invariants are checked, so the
//! reader walks over the parsed values itself: it notes each problem and goes on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;

use batchwise_units::{Rate, Tokens};
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::nearest::nearest;
use crate::{Problem, Severity, SourceFile};

/// A file with the places of the keys that were read and the problems that were found.
pub(crate) struct Document<'t> {
    file: &'t SourceFile,
    /// Where each line begins.
    line_starts: Vec<usize>,
    places: RefCell<BTreeMap<String, Place>>,
    problems: RefCell<Vec<Problem>>,
}

#[derive(Clone)]
struct Place {
    line: u32,
    value: Option<String>,
}

/// A table of a document, from which each key is taken once.
pub(crate) struct Table<'d> {
    document: &'d Document<'d>,
    fields: &'d DeTable<'d>,
    /// Its key with positions, like `era[0].tier[1].batch`; empty at the top.
    path: String,
    known: RefCell<Vec<&'static str>>,
    /// Whether a key could not be read, so that nothing can be built of the table.
    broken: Cell<bool>,
}

impl<'t> Document<'t> {
    /// Wraps a file that was not read yet.
    pub(crate) fn new(file: &'t SourceFile) -> Document<'t> {
        let breaks = file.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Document { file, line_starts, places: RefCell::default(), problems: RefCell::default() }
    }

    /// Parses the text. Mistakes of syntax are problems of this document.
    pub(crate) fn parse(&self) -> Option<DeTable<'t>> {
        let (root, errors) = DeTable::parse_recoverable(&self.file.text);
        for error in &errors {
            let at = error.span().map_or(self.file.text.len(), |span| span.start);
            let message = format!("is not TOML: {}", error.message());
            self.push(Severity::Error, self.line(at), "this line", None, message);
        }
        errors.is_empty().then(|| root.into_inner())
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &'t str {
        &self.file.path
    }

    /// Notes that what stands at `path` is wrong. `message` follows key and value in the sentence.
    pub(crate) fn error_at(&self, path: &str, message: String) {
        self.note(Severity::Error, path, message);
    }

    /// Notes that what stands at `path` is suspicious.
    pub(crate) fn warning_at(&self, path: &str, message: String) {
        self.note(Severity::Warning, path, message);
    }

    /// Everything found so far.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    fn note(&self, severity: Severity, path: &str, message: String) {
        let place = self.nearest_place(path);
        self.push(severity, place.line, path, place.value, message);
    }

    /// Where `path` stands or, if it is missing, the table it belongs to.
    fn nearest_place(&self, path: &str) -> Place {
        let places = self.places.borrow();
        if let Some(place) = places.get(path) {
            return place.clone();
        }
        let parents = path.rmatch_indices('.').filter_map(|(end, _)| places.get(&path[..end]));
        let line = parents.map(|place| place.line).next().unwrap_or(1);
        Place { line, value: None }
    }

    fn push(&self, severity: Severity, line: u32, path: &str, value: Option<String>, message: String) {
        let file = self.file.path.clone();
        self.problems.borrow_mut().push(Problem {
            severity,
            file,
            line,
            key: without_positions(path),
            value,
            message,
        });
    }

    fn line(&self, offset: usize) -> u32 {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// The first line of a value, shortened.
    fn excerpt(&self, span: Range<usize>) -> String {
        const WIDTH: usize = 60;
        let text = self.file.text.get(span).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let cut = line.char_indices().nth(WIDTH).map_or(line.len(), |(end, _)| end);
        if cut < text.len() { format!("{}…", &line[..cut]) } else { line.to_owned() }
    }
}

impl<'d> Table<'d> {
    /// The table at the top of a document.
    pub(crate) fn root(document: &'d Document<'d>, fields: &'d DeTable<'d>) -> Table<'d> {
        Table { document, fields, path: String::new(), known: RefCell::default(), broken: Cell::new(false) }
    }

    /// The document it is in.
    pub(crate) fn document(&self) -> &'d Document<'d> {
        self.document
    }

    /// Its key with positions.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The key of one of its fields, with positions.
    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Whether the table has that key, right or wrong.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Names the keys that were not asked for, and says whether everything was readable.
    #[must_use = "what was read from a broken table is incomplete"]
    pub(crate) fn finish(self) -> Option<()> {
        const LISTED_MAX: usize = 8;
        let known = self.known.borrow();
        for (key, value) in self.fields {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let way_out = match nearest(name, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if known.len() <= LISTED_MAX => format!("write one of {}", known.join(", ")),
                    None => "leave it out".to_owned(),
                };
                let path = self.place(name, value);
                self.refuse(&path, format!("is not known here: {way_out}"));
            }
        }
        (!self.broken.get()).then_some(())
    }

    /// The version of the file format; this program reads no other than `only`.
    pub(crate) fn schema(&self, only: u64) {
        let write = format!("`schema = {only}`");
        let wrong = format!("is not a schema this program reads: write {write}, or use a newer program");
        let read = |value: &DeValue| as_count(value).filter(|schema| *schema == only);
        self.required("schema", &write, self.take("schema", &wrong, read));
    }

    /// Text that must not be empty.
    pub(crate) fn text(&self, name: &'static str) -> Option<String> {
        self.required(name, "a text like \"…\"", self.optional_text(name))
    }

    /// Text, where it is given.
    pub(crate) fn optional_text(&self, name: &'static str) -> Option<String> {
        let read = |value: &DeValue| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
        self.take(name, "is not a text: write some words in quotes", read)
    }

    /// A list of texts; empty where it is not given.
    pub(crate) fn texts(&self, name: &'static str) -> Vec<String> {
        let read = |value: &DeValue| {
            let items = value.as_array()?;
            items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        };
        self.take(name, "is not a list of texts: write it like [\"…\", \"…\"]", read).unwrap_or_default()
    }

    /// A day.
    pub(crate) fn day(&self, name: &'static str) -> Option<Date> {
        self.required(name, "a day like 2026-10-07", self.optional_day(name))
    }

    /// A day, where it is given.
    pub(crate) fn optional_day(&self, name: &'static str) -> Option<Date> {
        self.take(name, "is not a day: write it like 2026-10-07, without quotes", as_day)
    }

    /// A whole number above zero.
    pub(crate) fn count(&self, name: &'static str) -> Option<u64> {
        self.required(name, "a whole number above zero", self.optional_count(name))
    }

    /// A whole number above zero, where it is given.
    pub(crate) fn optional_count(&self, name: &'static str) -> Option<u64> {
        self.take(name, "is not a count: write a whole number above zero, like 100_000", as_count)
    }

    /// A number of tokens above zero.
    pub(crate) fn tokens(&self, name: &'static str) -> Option<Tokens> {
        self.count(name).map(Tokens)
    }

    /// A number of tokens above zero, where it is given.
    pub(crate) fn optional_tokens(&self, name: &'static str) -> Option<Tokens> {
        self.optional_count(name).map(Tokens)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, name: &'static str) -> Option<bool> {
        self.required(name, "true or false", self.optional_flag(name))
    }

    /// `true` or `false`, where it is given.
    pub(crate) fn optional_flag(&self, name: &'static str) -> Option<bool> {
        self.take(name, "is not a flag: write true or false, without quotes", |value| value.as_bool())
    }

    /// One of a few names.
    pub(crate) fn choice<T: Copy>(
        &self,
        name: &'static str,
        all: &[T],
        named: fn(T) -> &'static str,
    ) -> Option<T> {
        let names = all.iter().map(|&one| format!("\"{}\"", named(one))).collect::<Vec<_>>().join(", ");
        let read = |value: &DeValue| all.iter().copied().find(|&one| value.as_str() == Some(named(one)));
        let wrong = format!("is not possible here: write one of {names}");
        self.required(name, &format!("one of {names}"), self.take(name, &wrong, read))
    }

    /// A price in US dollars per million tokens.
    pub(crate) fn rate(&self, name: &'static str) -> Option<Rate> {
        let wrong = "is not a price: write US dollars per million tokens as text, above zero and below 100000 \
                     with at most eight decimals, like \"3.00\"";
        let read = |value: &DeValue| Rate::parse(value.as_str()?).ok();
        self.required(name, "a price like \"3.00\"", self.take(name, wrong, read))
    }

    /// Text that `parse` understands.
    pub(crate) fn parsed<T>(
        &self,
        name: &'static str,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.required(name, wanted, self.optional_parsed(name, wanted, parse))
    }

    /// Text that `parse` understands, where it is given.
    pub(crate) fn optional_parsed<T>(
        &self,
        name: &'static str,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.take(name, &format!("is not possible here: write {wanted}"), |value| parse(value.as_str()?))
    }

    /// A table.
    pub(crate) fn table(&self, name: &'static str) -> Option<Table<'d>> {
        self.required(name, "a table", self.optional_table(name))
    }

    /// A table, where it is given.
    pub(crate) fn optional_table(&self, name: &'static str) -> Option<Table<'d>> {
        let value = self.known_value(name)?;
        let path = self.place(name, value);
        match value.get_ref() {
            DeValue::Table(fields) => Some(self.inner(path, fields)),
            _ => {
                self.refuse(&path, format!("is not a table: write [{}]", without_positions(&path)));
                None
            }
        }
    }

    /// A list of tables; empty where it is not given.
    pub(crate) fn tables(&self, name: &'static str) -> Vec<Table<'d>> {
        let Some(value) = self.known_value(name) else { return Vec::new() };
        let list = self.path_of(name);
        let items: &[Spanned<DeValue>] = value.get_ref().as_array().map_or(&[], |items| items);
        let mut tables = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if let DeValue::Table(fields) = item.get_ref() {
                let path = format!("{list}[{index}]");
                self.remember(&path, item.span(), None);
                tables.push(self.inner(path, fields));
            }
        }
        if items.is_empty() || tables.len() < items.len() {
            let path = self.place(name, value);
            self.refuse(&path, format!("is not a list of tables: write [[{}]]", without_positions(&list)));
        }
        tables
    }

    fn inner(&self, path: String, fields: &'d DeTable<'d>) -> Table<'d> {
        Table { document: self.document, fields, path, known: RefCell::default(), broken: Cell::new(false) }
    }

    fn take<T>(
        &self,
        name: &'static str,
        wrong: &str,
        read: impl FnOnce(&DeValue) -> Option<T>,
    ) -> Option<T> {
        let value = self.known_value(name)?;
        let path = self.place(name, value);
        let taken = read(value.get_ref());
        if taken.is_none() {
            self.refuse(&path, wrong.to_owned());
        }
        taken
    }

    /// Complains about a missing key; a wrong one has its complaint already.
    fn required<T>(&self, name: &'static str, wanted: &str, taken: Option<T>) -> Option<T> {
        if !self.has(name) {
            self.refuse(&self.path_of(name), format!("is missing: write {wanted}"));
        }
        taken
    }

    fn known_value(&self, name: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&name) {
            known.push(name);
        }
        self.fields.get(name)
    }

    /// Remembers where a field stands and returns its path.
    fn place(&self, name: &str, value: &Spanned<DeValue>) -> String {
        let path = self.path_of(name);
        let shown = match value.get_ref() {
            DeValue::Table(_) => None,
            _ => Some(self.document.excerpt(value.span())),
        };
        self.remember(&path, value.span(), shown);
        path
    }

    fn remember(&self, path: &str, span: Range<usize>, value: Option<String>) {
        let place = Place { line: self.document.line(span.start), value };
        self.document.places.borrow_mut().insert(path.to_owned(), place);
    }

    fn refuse(&self, path: &str, message: String) {
        self.broken.set(true);
        self.document.error_at(path, message);
    }
}

fn as_day(value: &DeValue) -> Option<Date> {
    let written = value.as_datetime().filter(|datetime| datetime.time.is_none())?.date?;
    let (year, month, day) = (written.year, written.month, written.day);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn as_count(value: &DeValue) -> Option<u64> {
    const MOST: u64 = 1_000_000_000_000_000;
    let written = value.as_integer().filter(|integer| integer.radix() == 10)?;
    written.as_str().parse().ok().filter(|count| (1..=MOST).contains(count))
}

/// `era.batch.input` for `era[1].batch.input`.
fn without_positions(path: &str) -> String {
    let mut inside = false;
    path.chars()
        .filter(|&character| {
            inside = (inside || character == '[') && character != ']';
            !inside && character != ']'
        })
        .collect()
}
