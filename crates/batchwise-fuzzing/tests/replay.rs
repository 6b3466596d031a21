//! Every target takes what lies in its corpus, and what a few thousand mutations make of it.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use batchwise_fuzzing::{Mutator, TARGETS, Target};

const MUTANTS: u64 = 6_000;

/// The files of the target's corpus, in order of their names.
fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target.name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn the_corpora_do_no_harm() {
    for target in TARGETS {
        for (path, content) in corpus(target) {
            assert!(
                catch_unwind(|| (target.feed)(&content)).is_ok(),
                "{} with {}",
                target.name,
                path.display()
            );
        }
    }
}

#[test]
fn mutations_do_no_harm() {
    for target in TARGETS {
        let files: Vec<Vec<u8>> = corpus(target).into_iter().map(|(_, content)| content).collect();
        let mut mutator = Mutator::new(0);
        for number in 0..MUTANTS {
            let mutant = mutator.mutant(&files);
            let fed = catch_unwind(|| (target.feed)(&mutant));
            let shown = String::from_utf8_lossy(&mutant);
            assert!(fed.is_ok(), "{}, mutant {number}: {shown:?}", target.name);
        }
    }
}

#[test]
fn every_target_can_be_fuzzed() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for Target { name, .. } in TARGETS {
        let program = fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("batchwise_fuzzing::{name}(")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
