//! What `verify` found, as the object it gives.

use dlmm_core::wire::{Difference, Verification};
use serde::Serialize;

/// Whether a quote is what its state gives.
#[derive(Serialize)]
pub(crate) struct Verdict<'a> {
    digest_matches: bool,
    differences: Vec<Differing<'a>>,
}

#[derive(Serialize)]
struct Differing<'a> {
    path: &'a str,
    given: Option<&'a str>,
    computed: Option<&'a str>,
}

impl<'a> From<&'a Verification> for Verdict<'a> {
    fn from(found: &'a Verification) -> Self {
        let differing = |one: &'a Difference| Differing {
            path: &one.path,
            given: one.given.as_deref(),
            computed: one.computed.as_deref(),
        };
        let differences = found.differences.iter().map(differing).collect();
        Self { digest_matches: found.digest_matches, differences }
    }
}
