//! Every recorded swap of the contracts' core and "simple multi" router calls, reproduced to the last unit.
//!
//! The vectors were made by running the unmodified contracts in a simulator; see `docs/math.md`.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod swap;
mod vectors;

use std::path::{Path, PathBuf};
use swap::judge;
use vectors::{File, Kind};

fn vector_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("tests/vectors exists")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json") && !path.ends_with("bin_prices.json"))
        .collect();
    files.sort();
    files
}

#[test]
fn reproduces_every_recorded_swap() {
    let (mut succeeded, mut refused, mut failures) = (0, 0, Vec::new());
    for path in vector_files() {
        let text = std::fs::read_to_string(&path).expect("readable");
        let file: File = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for pool in &file.pools {
            for (index, swap) in pool.swaps.iter().enumerate() {
                if !matches!(
                    (&swap.kind, swap.router.as_deref()),
                    (Kind::SingleBin, _) | (Kind::MultiBin, Some("simple"))
                ) {
                    continue;
                }
                if swap.result.ok {
                    succeeded += 1;
                } else {
                    refused += 1;
                }
                if let Err(why) = judge(pool, swap) {
                    failures.push(format!(
                        "{}: {} swap {index}: {why}",
                        path.file_name().unwrap_or_default().display(),
                        pool.name
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
    // All of them were there: the numbers of the recorded set.
    assert_eq!((succeeded, refused), (2_647, 203));
}
