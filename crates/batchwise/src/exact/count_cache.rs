use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use batchwise_api::{ApiVersion, COUNT_TOKENS_MAX};
use batchwise_plan::Fingerprint;
use serde::{Deserialize, Serialize};

use crate::error::CliError;

/// Counts of earlier runs: a JSONL file that is only ever appended to.
///
/// A line holds the hash of a question, its answer and the day; no prompt, no key, no name. A line that cannot be
/// read, such as the torn last one of a run that was killed, is passed over, and so is a count that cannot be true.
pub(crate) struct CountCache {
    path: PathBuf,
    file: File,
    counts: HashMap<String, (u64, String)>,
}

/// What the answer depends on beside the body.
pub(crate) struct Question {
    pub(crate) base: String,
    pub(crate) version: ApiVersion,
    pub(crate) betas: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    question: String,
    input_tokens: u64,
    counted_on: String,
}

const FILE_NAME: &str = "count-tokens.jsonl";

impl Question {
    /// The hash of everything that the answer depends on. The body holds the model.
    pub(crate) fn key(&self, body: &[u8]) -> String {
        let head = format!("count_tokens\n{}\n{}\n{}\n", self.base, self.version, self.betas.join(","));
        Fingerprint::of(&[head.as_bytes(), body].concat()).to_string()
    }
}

impl CountCache {
    /// Opens the counts in `folder`, and creates both if need be.
    pub(crate) fn open(folder: &Path) -> Result<CountCache, CliError> {
        let path = folder.join(FILE_NAME);
        let failed = |source| CliError::Cache { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let mut file = File::options().read(true).append(true).create(true).open(&path).map_err(failed)?;
        let counts = read(&file).map_err(failed)?;
        end_last_line(&mut file).map_err(failed)?;
        Ok(CountCache { path, file, counts })
    }

    /// The answer to a question and the day it was given.
    pub(crate) fn get(&self, key: &str) -> Option<(u64, String)> {
        self.counts.get(key).cloned()
    }

    /// Keeps an answer, on disk at once: an interrupted run loses nothing.
    pub(crate) fn put(&mut self, key: String, input_tokens: u64, counted_on: String) -> Result<(), CliError> {
        let line = Line { question: key, input_tokens, counted_on };
        let mut text = serde_json::to_string(&line).expect("a line is always JSON");
        text.push('\n');
        // One write of a short line: two runs at the same time do not mix their lines.
        self.file
            .write_all(text.as_bytes())
            .map_err(|source| CliError::Cache { path: self.path.clone(), source })?;
        self.counts.insert(line.question, (line.input_tokens, line.counted_on));
        Ok(())
    }
}

fn read(file: &File) -> io::Result<HashMap<String, (u64, String)>> {
    let mut counts = HashMap::new();
    for line in BufReader::new(file).split(b'\n') {
        if let Ok(Line { question, input_tokens, counted_on }) = serde_json::from_slice(&line?)
            && input_tokens <= COUNT_TOKENS_MAX
        {
            counts.insert(question, (input_tokens, counted_on));
        }
    }
    Ok(counts)
}

/// Ends a torn last line, so that the next one stands by itself.
fn end_last_line(file: &mut File) -> io::Result<()> {
    if file.metadata()?.len() == 0 {
        return Ok(());
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> String {
        "2026-11-21".to_owned()
    }

    #[test]
    fn counts_outlive_the_run_and_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("new/folder");
        let mut cache = CountCache::open(&below).unwrap();
        cache.put("a".to_owned(), 1, day()).unwrap();
        cache.put("b".to_owned(), 2, day()).unwrap();
        let file = below.join(FILE_NAME);
        let whole = fs::read(&file).unwrap();
        for cut in 0..whole.len() {
            fs::write(&file, &whole[..cut]).unwrap();
            let mut cache = CountCache::open(&below).unwrap();
            let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
            let complete = usize::from(cut + 1 == whole.len() || cut * 2 + 2 == whole.len());
            assert_eq!(cache.counts.len(), lines + complete, "cut at {cut}");
            cache.put("c".to_owned(), 3, day()).unwrap();
            assert_eq!(CountCache::open(&below).unwrap().get("c"), Some((3, day())), "cut at {cut}");
        }
    }

    #[test]
    fn a_count_that_cannot_be_true_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = CountCache::open(folder.path()).unwrap();
        for (key, tokens) in [("a", COUNT_TOKENS_MAX), ("b", COUNT_TOKENS_MAX + 1), ("c", u64::MAX)] {
            cache.put(key.to_owned(), tokens, day()).unwrap();
        }
        let cache = CountCache::open(folder.path()).unwrap();
        let known = ["a", "b", "c"].map(|key| cache.get(key).is_some());
        assert_eq!(known, [true, false, false]);
    }

    #[test]
    fn another_question_has_another_key() {
        let key = |base: &str, version, beta: &str, body: &[u8]| {
            Question { base: base.to_owned(), version, betas: vec![beta.to_owned()] }.key(body)
        };
        let (new, old) = (ApiVersion::V2026_10_21, ApiVersion::V2023_06_01);
        let keys = [
            key("https://a", new, "x", b"{}"),
            key("https://b", new, "x", b"{}"),
            key("https://a", old, "x", b"{}"),
            key("https://a", new, "y", b"{}"),
            key("https://a", new, "x", b"{\"model\":\"m\"}"),
        ];
        let different: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
        assert_eq!(keys[0], key("https://a", new, "x", b"{}"));
    }
}
