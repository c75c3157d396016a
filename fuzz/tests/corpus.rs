//! Every target over the committed inputs, and over random changes of them that are the same in every run.
//!
//! `FUZZ_SECONDS` (per target) and `FUZZ_SEED` try more. A finding leaves its input in `fuzz/artifacts`.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dlmm_fuzz::{TARGETS, Target};

/// Random inputs of a target that only reads text; few enough for every run of the tests.
const RANDOM_INPUTS: u64 = 10_000;
/// Random inputs of a target that also quotes, which takes a thousand times longer.
const RANDOM_QUOTES: u64 = 1_000;
/// Longest random input.
const MAX_BYTES: usize = 16 << 10;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The committed inputs of a target, in order of their names.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = folder("corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// Runs a target; on a finding the input is kept where it can be run again.
fn run(name: &str, target: Target, bytes: &[u8]) {
    if let Err(finding) = catch_unwind(AssertUnwindSafe(|| target(bytes))) {
        let folder = folder("artifacts").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("finding");
        fs::write(&path, bytes).expect("a file");
        eprintln!("the input is {}", path.display());
        resume_unwind(finding);
    }
}

/// Changes an input in a few places: bytes, pieces of it or of another, numbers at the limits.
fn change(random: &mut fastrand::Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    const WORDS: [&str; 12] = [
        "0",
        "-1",
        "1e999",
        "340282366920938463463374607431768211456",
        "null",
        "\"",
        "{}",
        "[]",
        "\u{1e}",
        "é",
        "18446744073709551616",
        "1001",
    ];
    for _ in 0..random.usize(1..=6) {
        let at = random.usize(0..=bytes.len());
        match random.u8(0..6) {
            0 if at < bytes.len() => bytes[at] = random.u8(..),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => bytes.insert(at, random.u8(..)),
            3 => {
                let end = random.usize(at..=bytes.len()).min(at + 64);
                bytes.drain(at..end);
            }
            4 if !other.is_empty() => {
                let from = random.usize(0..other.len());
                let to = random.usize(from..=other.len()).min(from + 256);
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            _ => {
                let word = WORDS[random.usize(0..WORDS.len())];
                bytes.splice(at..at, word.bytes());
            }
        }
    }
    bytes.truncate(MAX_BYTES);
}

fn run_random(name: &str, target: Target, corpus: &[Vec<u8>]) -> u64 {
    let seconds = number("FUZZ_SECONDS").map(Duration::from_secs);
    let mut random = fastrand::Rng::with_seed(number("FUZZ_SEED").unwrap_or(20_261_124));
    let most = if matches!(name, "network" | "snapshot" | "swap") { RANDOM_QUOTES } else { RANDOM_INPUTS };
    let started = Instant::now();
    let mut inputs = 0;
    while seconds.map_or(inputs < most, |seconds| started.elapsed() < seconds) {
        let mut bytes = corpus[random.usize(0..corpus.len())].clone();
        let other = &corpus[random.usize(0..corpus.len())];
        change(&mut random, &mut bytes, other);
        run(name, target, &bytes);
        inputs += 1;
    }
    inputs
}

#[test]
fn no_committed_input_is_a_finding() {
    for (name, target) in TARGETS {
        for bytes in corpus(name) {
            run(name, target, &bytes);
        }
    }
}

#[test]
fn no_random_change_of_them_is_a_finding() {
    for (name, target) in TARGETS {
        let started = Instant::now();
        let inputs = run_random(name, target, &corpus(name));
        println!("{name}: {inputs} inputs in {:.1} s", started.elapsed().as_secs_f64());
    }
}

#[test]
fn every_folder_of_the_corpus_belongs_to_a_target() {
    for entry in fs::read_dir(folder("corpus")).expect("the corpus") {
        let name = entry.expect("an entry").file_name();
        assert!(TARGETS.iter().any(|(target, _)| *target == name), "{}", name.display());
    }
}
