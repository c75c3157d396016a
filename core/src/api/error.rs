//! The details of an error as HTTP shows them.

use super::answer::WarningEntry;
use super::number::Units;
use crate::error::QuoteError;
use crate::json::{Object, ToJson, list, object, to_json};
use crate::narrowed::Narrowed;
use crate::warning::Warning;
use alloc::string::String;

/// Writes the `details` object of an error; amounts are strings of smallest units.
#[derive(Clone, Copy, Debug)]
pub struct ErrorDetails<'a>(pub &'a QuoteError);

impl ToJson for ErrorDetails<'_> {
    fn write(&self, out: &mut String) {
        // By name, so that whoever reads and writes them again has the same text.
        object(|f| {
            write_own(f, self.0);
            write_warnings(f, self.0.warnings());
            if let QuoteError::PlanUnavailable { what, .. } = self.0 {
                f.member("what", what);
            }
        })
        .write(out);
    }
}

/// What the refusal itself says, as far as it stands before the warnings.
fn write_own(f: &mut Object<'_>, refusal: &QuoteError) {
    match refusal {
        QuoteError::InvalidRequest { field, .. } | QuoteError::AmountOverflow { field: Some(field), .. } => {
            f.member("field", field);
        }
        QuoteError::SameToken { token } | QuoteError::UnknownToken { token, .. } => {
            f.member("token", token.as_str());
        }
        QuoteError::UnknownPool { pool_id, .. } => f.member("pool_id", pool_id.as_str()),
        QuoteError::NoRoute { token_in, token_out, max_hops, narrowed_by, .. } => {
            f.member("max_hops", max_hops);
            write_narrowed(f, *narrowed_by);
            f.member("token_in", token_in.as_str());
            f.member("token_out", token_out.as_str());
        }
        QuoteError::InsufficientLiquidity { requested, fillable, narrowed_by, .. } => {
            f.member("fillable", Units(*fillable));
            write_narrowed(f, *narrowed_by);
            f.member("requested", Units(*requested));
        }
        QuoteError::TooManyBins { needed, allowed, .. } => {
            f.member("allowed", allowed);
            f.member("needed", needed);
        }
        QuoteError::AmountTooSmall { .. } | QuoteError::AmountOverflow { field: None, .. } => {}
        QuoteError::StateInvalid { key, reason, .. } => {
            f.member("key", key);
            f.member("reason", reason);
        }
        QuoteError::StaleState { pool_id, age_ms, max_age_ms, block_height, min_block_height, .. } => {
            f.member("age_ms", age_ms);
            f.member("block_height", block_height);
            f.member("max_age_ms", max_age_ms);
            f.member("min_block_height", min_block_height);
            f.member("pool_id", pool_id.as_str());
        }
        QuoteError::PlanUnavailable { reason, .. } => f.member("reason", reason.as_str()),
        QuoteError::PlanTooLarge { reads, limit, bins_that_fit, .. } => {
            f.member("bins_that_fit", *bins_that_fit);
            f.member("limit", *limit);
            f.member("reads", *reads);
        }
        QuoteError::AnswerTooLarge { limit } => f.member("limit", *limit),
    }
}

/// Gives the `details` object of an error as JSON text.
#[must_use]
pub fn error_details(error: &QuoteError) -> String {
    to_json(&ErrorDetails(error))
}

/// Why there may be more than was looked at, and which names are not there, where that is so.
fn write_warnings(f: &mut Object<'_>, warnings: &[Warning]) {
    if !warnings.is_empty() {
        f.member("warnings", list(|f| f.items(warnings.iter().map(WarningEntry))));
    }
}

/// Which fields of the request narrowed what was looked at, where some did.
fn write_narrowed(f: &mut Object<'_>, narrowed_by: Narrowed) {
    if narrowed_by != Narrowed::default() {
        f.member("narrowed_by", list(|f| narrowed_by.each(&mut |name| f.item(name))));
    }
}
