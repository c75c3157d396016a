//! The cases inside a wasm module without glue: `prepare()`, then `run(case, times)` gives the low half of the answer.
#![allow(unsafe_code, clippy::indexing_slicing, reason = "exports of a module that only benches load")]

use std::cell::RefCell;

use dlmm_bench::{Case, cases};

thread_local! {
    static CASES: RefCell<Vec<Case>> = const { RefCell::new(Vec::new()) };
}

/// SAFETY: no other function of the module has this name.
#[unsafe(no_mangle)]
pub extern "C" fn prepare() -> u32 {
    CASES.replace(cases());
    CASES.with_borrow(|cases| cases.len() as u32)
}

/// SAFETY: no other function of the module has this name.
#[unsafe(no_mangle)]
pub extern "C" fn run(case: u32, times: u32) -> u64 {
    CASES.with_borrow_mut(|cases| {
        let case = &mut cases[case as usize];
        (0..times).map(|_| case.run() as u64).last().unwrap_or_default()
    })
}
