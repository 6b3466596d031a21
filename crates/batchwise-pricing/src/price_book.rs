use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use crate::document::Document;
use crate::invariants::{self, Written};
use crate::load::{self, Header};
use crate::{BookErrors, Geo, Limits, LookupError, Model, Problem, ServerTools, lookup, overlay};

/// All prices, limits and facts of one version, with the overlays laid over them.
#[derive(Clone, Debug)]
pub struct PriceBook {
    pub(crate) version: Date,
    pub(crate) geo: Geo,
    pub(crate) server_tools: ServerTools,
    pub(crate) limits: Limits,
    /// By family, then newest first.
    pub(crate) models: Vec<Model>,
    pub(crate) overlay_labels: Vec<String>,
    /// The files it was read from: those of the book, then those of each overlay.
    layers: Vec<Vec<SourceFile>>,
    sha256: String,
}

/// A file that the caller has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path: below the folder of a book (`models/claude-opus-5.toml`), or any for an overlay.
    pub path: String,
    /// Its content.
    pub text: String,
}

static BUNDLED: LazyLock<PriceBook> = LazyLock::new(|| {
    let files: Vec<SourceFile> = batchwise_price_data::FILES
        .iter()
        .map(|(path, text)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() })
        .collect();
    PriceBook::parse(&files).expect("a test reads the embedded files")
});

impl PriceBook {
    /// The book that this program was built with.
    pub fn bundled() -> &'static PriceBook {
        &BUNDLED
    }

    /// Reads a whole book: `book.toml`, `limits.toml` and `models/<id>.toml`.
    ///
    /// # Errors
    /// All problems of all files at once.
    pub fn parse(files: &[SourceFile]) -> Result<PriceBook, BookErrors> {
        let (parts, problems) = read(files);
        BookErrors::among(problems)?;
        let Parts { header, limits, mut models } = parts;
        let (header, limits) = header.zip(limits).expect("a missing or unreadable file is a problem");
        sort(&mut models);
        let layers = vec![files.to_vec()];
        Ok(PriceBook {
            version: header.version,
            geo: header.geo,
            server_tools: header.server_tools,
            limits,
            models,
            overlay_labels: Vec::new(),
            sha256: digest(&layers),
            layers,
        })
    }

    /// This book with a user's own discounts, rates and models laid over it. The format is described in
    /// `docs/pricing.md`. No files change nothing.
    ///
    /// # Errors
    /// All problems of all files at once.
    pub fn overlaid(&self, files: &[SourceFile]) -> Result<PriceBook, BookErrors> {
        if files.is_empty() {
            return Ok(self.clone());
        }
        let overlay = overlay::lay_over(self, files)?;
        let mut book = self.clone();
        book.models = overlay.models;
        sort(&mut book.models);
        book.overlay_labels.extend(overlay.labels);
        book.layers.push(files.to_vec());
        book.sha256 = digest(&book.layers);
        Ok(book)
    }

    /// The model of that id or, failing that, alias. Ids are case-sensitive and never guessed.
    ///
    /// # Errors
    /// When the book does not list the id; the error says what was probably meant.
    pub fn find(&self, id: &str) -> Result<&Model, LookupError> {
        lookup::find(&self.models, id)
    }

    /// The day as of which the book was put together.
    pub fn version(&self) -> Date {
        self.version
    }

    /// By how many days the book is older than `day`, when that is more than 60: prices may have changed.
    pub fn stale_days_on(&self, day: Date) -> Option<i32> {
        const FRESH_DAYS: i32 = 60;
        let age = (day - self.version()).get_days();
        (age > FRESH_DAYS).then_some(age)
    }

    /// The version for people: `2026-11-21`, or `2026-11-21+overlay`.
    pub fn version_label(&self) -> String {
        let overlay = if self.layers.len() > 1 { "+overlay" } else { "" };
        format!("{}{overlay}", self.version)
    }

    /// The labels that the overlays give themselves.
    pub fn overlay_labels(&self) -> &[String] {
        &self.overlay_labels
    }

    /// SHA-256 over path and content of every file, overlays included, as 64 hexadecimal digits. The order
    /// in which the files were given does not matter.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// All models, by family and then newest first.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The factor of `inference_geo = "us"` on every kind of token.
    pub fn geo_us(&self) -> Decimal {
        self.geo.us
    }

    /// The same factor with its source.
    pub fn geo(&self) -> &Geo {
        &self.geo
    }

    /// The limits of a batch and of the queue.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The fees of server tools.
    pub fn server_tools(&self) -> &ServerTools {
        &self.server_tools
    }
}

/// What the files of a book hold, as far as it could be read.
#[derive(Default)]
pub(crate) struct Parts {
    header: Option<Header>,
    limits: Option<Limits>,
    models: Vec<Model>,
}

/// Reads all files and returns every problem, warnings included.
pub(crate) fn read(files: &[SourceFile]) -> (Parts, Vec<Problem>) {
    let documents: Vec<Document> = files.iter().map(Document::new).collect();
    let mut parts = Parts::default();
    let mut model_documents = Vec::new();
    let mut seen = BTreeSet::new();
    for (document, file) in documents.iter().zip(files) {
        if !seen.insert(&file.path) {
            document.error_at("", "is given twice: name each file once".to_owned());
            continue;
        }
        match file.path.as_str() {
            "book.toml" => parts.header = load::header(document),
            "limits.toml" => {
                parts.limits = load::limits(document);
                parts.limits.iter().for_each(|limits| invariants::check_limits(document, limits));
            }
            path if path.starts_with("models/") && path.ends_with(".toml") => {
                if let Some(model) = load::model_file(document, file) {
                    parts.models.push(model);
                    model_documents.push(document);
                }
            }
            _ => document.error_at(
                "",
                "is not a file of a price book: those are book.toml, limits.toml and models/<id>.toml"
                    .to_owned(),
            ),
        }
    }
    let written = parts.models.iter().zip(model_documents);
    let written = written.map(|(model, document)| Written { model, at: Some((document, String::new())) });
    invariants::check_together(&written.collect::<Vec<_>>());
    let missing = missing_files(&seen).into_iter().map(|path| Problem {
        severity: crate::Severity::Error,
        file: path.to_owned(),
        line: 1,
        key: String::new(),
        value: None,
        message: "is missing: a price book has book.toml, limits.toml and models/<id>.toml".to_owned(),
    });
    let problems = missing.collect::<Vec<_>>();
    let problems =
        problems.into_iter().chain(documents.into_iter().flat_map(Document::into_problems)).collect();
    (parts, problems)
}

fn missing_files(seen: &BTreeSet<&String>) -> Vec<&'static str> {
    let has = |path: &str| seen.iter().any(|seen| seen.as_str() == path);
    let mut missing: Vec<_> = ["book.toml", "limits.toml"].into_iter().filter(|path| !has(path)).collect();
    if !seen.iter().any(|path| path.starts_with("models/")) {
        missing.push("models/<id>.toml");
    }
    missing
}

fn sort(models: &mut [Model]) {
    models.sort_by(|a, b| {
        let key = |model: &Model| (Reverse(model.released), model.id.clone());
        a.family.cmp(&b.family).then_with(|| key(a).cmp(&key(b)))
    });
}

/// Each path and text is preceded by its length, so that no two lists of files look alike.
fn digest(layers: &[Vec<SourceFile>]) -> String {
    let mut hash = Sha256::new();
    for files in layers {
        let mut files: Vec<&SourceFile> = files.iter().collect();
        files.sort_by(|a, b| (&a.path, &a.text).cmp(&(&b.path, &b.text)));
        hash.update((files.len() as u64).to_le_bytes());
        for part in files.iter().flat_map(|file| [&file.path, &file.text]) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
