//! Verifiable quotes: an answer that carries what it was computed from, and the check that computes it again.
//!
//! It is a check, not a signature: whoever can change an answer can change its state and its digest with it. It
//! shows that numbers follow from a state, and two digests show whether two answers are the same.

mod against;
mod compare;
mod reread;
mod verification;

pub use against::Own;
pub use compare::{Difference, ShortestDouble};
pub use verification::Verification;

use crate::api::ReadAt;
use crate::api::record::{Tree, digest_of};
use crate::error::QuoteError;
use crate::json::{field, without_mark};
use crate::market::answer;
use crate::network::age::{AgeLimit, AgeRule, Pulse};
use crate::stored::{Source, parse_heartbeat, stamp_ms};
use against::Given;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;
use reread::basis_in;

/// Bytes of an answer that are looked at; a quote over 64 whole pools has some 20 million.
const MAX_BYTES: usize = 64 << 20;

/// Computes an answer anew from the input it carries, and tells what differs.
///
/// Equal proves that every number of the answer follows from the request, the texts, the fee default and the decimals that
/// stand in its `input`. It does not prove that those are the caller's, the service's or Redis': see
/// [`verify_quote_against`].
///
/// The text may be the answer itself, or what JSON programs make of it: other spaces, another order of fields, and
/// amounts in whole tokens and prices as text, or as numbers that have been doubles. Such a number may only be
/// the shortest text of the double nearest to the exact one. `request_id` and `state.source` are not compared.
///
/// An answer must be checked by the version that gave it: another one may word a warning differently, or find a
/// better split.
///
/// # Errors
/// `INVALID_REQUEST` that names the field, if the text is not a quote with its input. What is wrong inside a sound
/// document is a difference, not an error.
pub fn verify_quote(text: &str) -> Result<Verification, QuoteError> {
    verify_quote_against(text, Own::default())
}

/// As [`verify_quote`], and compares the answer with what the caller knows by himself.
///
/// Only this shows that no candidate pool and no bin was left out, and that the default fee and decimals are the service's:
/// [`verify_quote`] shows that the numbers follow from the input, whatever stands in that.
///
/// # Errors
/// As [`verify_quote`].
pub fn verify_quote_against(text: &str, own: Own<'_>) -> Result<Verification, QuoteError> {
    verify_quote_with(text, own, &|number| number.parse::<f64>().ok().map(|double| format!("{double:e}")))
}

/// As [`verify_quote_against`], with a way to doubles and back: JavaScript has its own, and the tables of ours are a tenth
/// of what browsers would download.
///
/// # Errors
/// As [`verify_quote`].
pub fn verify_quote_with(
    text: &str,
    own: Own<'_>,
    shortest: ShortestDouble<'_>,
) -> Result<Verification, QuoteError> {
    let text = without_mark(text);
    if text.len() > MAX_BYTES {
        return Err(unfit("quote", &format!("has more than {MAX_BYTES} bytes")));
    }
    let given_tree = Tree::parse(text)?;
    if !matches!(given_tree, Tree::Object(_)) {
        return Err(unfit("quote", "is not a quote, but some other JSON value"));
    }
    if given_tree.field("success") != Some(&Tree::Boolean(true)) {
        return Err(unfit("success", "is not true: only a quote can be verified, not an error"));
    }
    let given_input = given_tree.field("input").filter(|input| **input != Tree::Null);
    let given_input =
        given_input.ok_or_else(|| unfit("input", "is missing: ask for the quote with include_state"))?;
    let basis = basis_in(given_input, request_text(text)?)?;
    let given_digest = given_tree.field("digest").and_then(Tree::text);
    let given_digest = given_digest.ok_or_else(|| unfit("digest", "is missing"))?.to_owned();
    let state = given_tree.field("state").ok_or_else(|| unfit("state", "is missing"))?;
    let read_at = state.field("read_at").and_then(Tree::text).and_then(stamp_ms);
    let read_at_ms = read_at.ok_or_else(|| unfit("state.read_at", "is not a time"))?;
    let given_source = state.field("source").and_then(Tree::text);
    let mut sources = [Source::Redis, Source::Snapshot, Source::Sample].into_iter();
    let source = sources.find(|source| Some(source.as_str()) == given_source);
    let source = source.ok_or_else(|| unfit("state.source", "is not redis, snapshot or sample"))?;

    let age_rule = age_rule(state);
    // Where more could have been read, an answer needed no more: it comes out the same without.
    let read_at = ReadAt { ms: read_at_ms, source };
    let differences = match answer(basis.clone(), &basis.state(age_rule.clone()), read_at) {
        Ok(answer) => {
            let computed = Tree::parse(&answer.to_json_without_digest())?;
            compare::differences(&given_tree, &computed, shortest)
        }
        Err(refusal) => Vec::from([Difference {
            path: "success".to_owned(),
            given: Some("true".to_owned()),
            computed: Some(format!("false: {refusal} ({})", refusal.code())),
        }]),
    };
    let mut found =
        Verification { digest_matches: true, differences, moved: Vec::new(), unproven: Vec::new() };
    let given = Given { answer: &given_tree, basis: &basis, read_at_ms, age_rule };
    own.compare(&given, shortest, &mut found);
    found.digest_matches = digest_of(given_tree).is_some_and(|digest| digest == given_digest);
    Ok(found)
}

/// What the answer says that its ages and heights were judged by. That it was not refused for them, it says by being there.
///
/// The height of an answer is the least one of its pools. Where no pool's own is as low, that is the producer's; where one
/// is, the producer's was that or less, and no height of the answer depends on which.
///
/// What it says in another type than ours comes out as a difference.
fn age_rule(state: &Tree) -> AgeRule {
    let heartbeat = state.field("heartbeat_ms").and_then(Tree::text).map(parse_heartbeat);
    let warn = state.field("warn_age_ms").and_then(Tree::whole).map(AgeLimit::named);
    let block_height = state.field("block_height").and_then(Tree::whole);
    AgeRule { pulse: Pulse { heartbeat, block_height }, warn, refuse: None }
}

/// The text of the request inside the input of an answer: a tree keeps no text of its parts.
fn request_text(answer: &str) -> Result<&str, QuoteError> {
    let [input] = field::pick(answer, &["input"]).map_err(|e| unfit("quote", &e))?;
    let request = input.map(|input| field::pick(input.get(), &["request"]));
    let request = request.transpose().map_err(|e| unfit("input", &e))?;
    let request = request.and_then(|[request]| request);
    Ok(request.ok_or_else(|| unfit("input.request", "is missing"))?.get())
}

fn unfit(field: &str, reason: &str) -> QuoteError {
    QuoteError::InvalidRequest { field: field.to_owned(), reason: reason.to_owned() }
}
