//! Texts to Claude's tokens. Baseline: a plain count with the vocabulary o200k_base.
//!
//! Prose and JSON come from `examples/data`, code from this repository. Each file `NAME.txt` in the folder that
//! the variable `BATCHWISE_POOLS` names is one more kind of text: `docs/performance.md` shows Chinese that way.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use batchwise_benches::{Dice, Pool};
use batchwise_tokenizer::{Version, count};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Texts like the messages of a chat.
const TEXTS: usize = 100;
const TEXT_BYTES: usize = 4_000;

/// One text without an end, to see that the time does not grow faster than the text.
const WORST_BYTES: usize = 1_000_000;

/// A kind of text and texts of that kind.
struct Corpus {
    name: String,
    texts: Vec<String>,
}

impl Corpus {
    /// Cuts texts out of `whole`, evenly spread over it.
    fn cut(name: &str, whole: &str) -> Corpus {
        let starts = (0..TEXTS).map(|n| n * whole.len().saturating_sub(TEXT_BYTES) / TEXTS);
        let cut = |start| &whole[character_start(whole, start)..character_start(whole, start + TEXT_BYTES)];
        Corpus { name: name.to_owned(), texts: starts.map(|start| cut(start).to_owned()).collect() }
    }

    fn bytes(&self) -> u64 {
        self.texts.iter().map(|text| text.len() as u64).sum()
    }
}

fn real_texts(criterion: &mut Criterion) {
    let o200k = tiktoken_rs::o200k_base_singleton();
    for corpus in corpora() {
        let mut group = criterion.benchmark_group(format!("tokenizer/{}", corpus.name));
        group.throughput(Throughput::BytesDecimal(corpus.bytes()));
        group.bench_function("o200k_base", |bencher| {
            bencher.iter(|| {
                black_box(&corpus.texts).iter().map(|text| o200k.encode_ordinary(text).len()).sum::<usize>()
            })
        });
        for version in Version::ALL {
            group.bench_function(format!("{version:?}"), |bencher| {
                bencher.iter(|| black_box(&corpus.texts).iter().map(|text| count(text, version)).sum::<u64>())
            });
        }
        group.finish();
    }
}

fn corpora() -> Vec<Corpus> {
    let mut prose = Pool::of(&["contracts.jsonl", "models.jsonl"], 1);
    let prose = (0..TEXTS).map(|_| prose.text(TEXT_BYTES)).collect();
    let mut corpora = vec![
        Corpus { name: "prose".to_owned(), texts: prose },
        Corpus::cut("code", &sources(&repository().join("crates"))),
        Corpus::cut("json", &read(&repository().join("examples/data/models.jsonl"))),
    ];
    if let Some(folder) = env::var_os("BATCHWISE_POOLS") {
        let files = files(Path::new(&folder)).into_iter().filter(|path| has_ending(path, "txt"));
        let name = |path: &Path| path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        corpora.extend(files.map(|path| Corpus::cut(&format!("pool {}", name(&path)), &read(&path))));
    }
    corpora
}

/// Texts that a counter could stumble over. Their speed is to be seen against that of prose.
fn worst_cases(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tokenizer/worst");
    let mut dice = Dice::new(1);
    let mut letter = || char::from(b'a' + u8::try_from(dice.roll(26)).expect("26 is small"));
    let letters: String = (0..WORST_BYTES).map(|_| letter()).collect();
    let words: String = (0..WORST_BYTES).map(|n| if n % 8 == 7 { ' ' } else { letter() }).collect();
    let bytes: Vec<u8> = (0..WORST_BYTES).map(|_| u8::try_from(dice.roll(256)).expect("a byte")).collect();
    let cases = [
        ("one letter", "a".repeat(WORST_BYTES)),
        ("dashes", "-".repeat(WORST_BYTES)),
        ("random letters", letters),
        ("random words", words),
        ("random bytes", String::from_utf8_lossy(&bytes).into_owned()),
    ];
    for (name, text) in &cases {
        group.throughput(Throughput::BytesDecimal(text.len() as u64));
        for version in [Version::Claude3, Version::Claude48] {
            group.bench_function(BenchmarkId::new(*name, format!("{version:?}")), |bencher| {
                bencher.iter(|| count(black_box(text), version))
            });
        }
    }
    group.finish();
}

/// The last start of a character at or before `at`.
fn character_start(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default()
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the benches lie in the repository")
}

/// All Rust files in the folder and the folders in it, one after another.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for path in files(folder) {
        if path.is_dir() {
            text.push_str(&sources(&path));
        } else if has_ending(&path, "rs") {
            text.push_str(&read(&path));
        }
    }
    text
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension == ending)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_000))
}

criterion_group! { name = benches; config = short(); targets = real_texts, worst_cases }
criterion_main!(benches);
