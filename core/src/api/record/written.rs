//! An answer, and how it is written: alone, with what it was computed from, or with a reference to that.

use super::basis::Basis;
use super::digest::{around_input, digest_text, digest_with, sha256};
use super::shared::SharedState;
use super::tree::Tree;
use crate::api::{AnswerContext, NumberStyle, QuoteAnswer};
use crate::json::{ToJson, list, object, to_json};
use crate::plan::Plan;
use crate::quote::{BinsLookedAt, Quote};
use crate::stored::Source;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

/// When a state was read, milliseconds since 1970, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadAt {
    /// The time; ages count from it.
    pub ms: u64,
    /// The place.
    pub source: Source,
}

/// A quote with everything it was computed from.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The quote.
    pub quote: Box<Quote>,
    /// The call that executes it, where one was asked for.
    pub plan: Option<Box<Plan>>,
    /// What it was computed from.
    pub basis: Basis,
    /// When its state was read, and where.
    pub read_at: ReadAt,
    /// How many bins each used pool was walked; no part of what is written.
    pub looked_at: Vec<BinsLookedAt>,
}

/// The JSON text of an answer, which may still need its digest.
#[derive(Clone, Debug)]
pub enum Written {
    /// It has none.
    Whole(String),
    /// It waits for it.
    Undigested(Undigested),
}

/// An answer that is written but for its digest.
#[derive(Clone, Debug)]
pub struct Undigested {
    text: String,
    input: Range<usize>,
    before: String,
    after: String,
}

impl Undigested {
    /// What the digest is the SHA-256 of, in pieces.
    #[must_use]
    pub fn covered(&self) -> [&str; 3] {
        [&self.before, self.text.get(self.input.clone()).unwrap_or_default(), &self.after]
    }

    /// Bytes that it takes in memory.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.text.capacity() + self.before.capacity() + self.after.capacity()
    }

    /// That SHA-256.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.covered())
    }

    /// The whole answer.
    #[must_use]
    pub fn finish(self, sha256: &[u8; 32], request_id: Option<&str>) -> String {
        let mut text = self.text;
        end(&mut text, &digest_text(sha256), request_id);
        text
    }
}

/// Why an answer has no digest; none of ours is without.
const NOT_WHOLE: &str = "a number is not whole";
/// What stands where the pools of an input belong, and what follows it: the request has pools as well.
const NO_POOLS: (&str, &str) = ("\"pools\":", "null,\"request\":");

impl Answer {
    fn shape<'a>(&'a self, numbers: NumberStyle, request_id: Option<&'a str>) -> QuoteAnswer<'a> {
        let (decimals, ReadAt { ms: read_at_ms, source }) = (&*self.basis.decimals, self.read_at);
        let include_steps = self.basis.request.include_steps;
        let context = AnswerContext { decimals, source, read_at_ms, request_id, numbers, include_steps };
        QuoteAnswer { quote: &self.quote, plan: self.plan.as_deref(), context }
    }

    /// Writes the answer as JSON text; where the request asks for it together with what it was computed from, and a
    /// digest of both.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn to_json(&self, numbers: NumberStyle, request_id: Option<&str>) -> Result<String, String> {
        Ok(match self.undigested(numbers, request_id, 0)? {
            Written::Whole(text) => text,
            Written::Undigested(answer) => {
                let sha256 = answer.sha256();
                answer.finish(&sha256, request_id)
            }
        })
    }

    /// The same for a platform that has a faster SHA-256: all but the digest of an answer that has one. So many bytes are made
    /// room for what it was computed from: to grow step by step copies megabytes twice, and takes twice their room.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn undigested(
        &self,
        numbers: NumberStyle,
        request_id: Option<&str>,
        room: usize,
    ) -> Result<Written, String> {
        let shape = self.shape(numbers, request_id);
        if !self.basis.request.include_state {
            return Ok(Written::Whole(to_json(&shape)));
        }
        let mut text = to_json(&object(|f| shape.members(f)));
        text.pop();
        text.reserve(room);
        text.push_str(",\"input\":");
        let start = text.len();
        self.basis.write(&mut text);
        let input = start..text.len();
        let (tree, steps) = self.brief()?;
        let (before, after) = around_input(tree, steps.as_deref()).ok_or(NOT_WHOLE)?;
        Ok(Written::Undigested(Undigested { text, input, before, after }))
    }

    /// Writes the answer as JSON text with a reference to the state it was computed from, the state of place `state` in
    /// its batch, and the digest that it has with its whole input. Also gives the bytes of the whole input.
    ///
    /// # Errors
    /// None that input can cause; a candidate pool without an entry in the state.
    pub fn to_json_with_ref(
        &self,
        numbers: NumberStyle,
        request_id: Option<&str>,
        (state, shared): (usize, &SharedState),
    ) -> Result<(String, usize), String> {
        let entries = self.basis.candidates.pools.iter().map(|one| shared.entry(&one.pool.id));
        let entries: Option<Vec<_>> = entries.collect();
        let entries = entries.ok_or("a pool is not in the state")?;
        let mut text = to_json(&object(|f| self.shape(numbers, request_id).members(f)));
        text.pop();
        text.push_str(",\"input_ref\":");
        let places = list(|f| f.items(entries.iter().map(|(at, _)| *at)));
        object(|f| {
            self.basis.members(f, &places);
            f.member("state", state);
        })
        .write(&mut text);

        let without = to_json(&object(|f| self.basis.members(f, &None::<bool>)));
        let (before, after) = without.split_once(&[NO_POOLS.0, NO_POOLS.1].concat()).ok_or(NOT_WHOLE)?;
        let mut pieces = Vec::from([before, NO_POOLS.0, "["]);
        for (n, (_, entry)) in entries.iter().enumerate() {
            pieces.extend([if n > 0 { "," } else { "" }, entry]);
        }
        pieces.extend(["],\"request\":", after]);
        let digest = self.digest(&pieces)?;
        let whole = pieces.iter().map(|piece| piece.len()).sum();
        end(&mut text, &digest, request_id);
        Ok((text, whole))
    }

    /// The digest that the answer has with its whole input.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn own_digest(&self) -> Result<String, String> {
        self.digest(&[&to_json(&self.basis)])
    }

    /// The digest with an input, in pieces of its canonical text. What the digest does not cover is not written for it,
    /// and the steps, which may be thousands, are written as its canonical text has them.
    fn digest(&self, input: &[&str]) -> Result<String, String> {
        let (tree, steps) = self.brief()?;
        Ok(digest_with(tree, input, steps.as_deref()).ok_or(NOT_WHOLE)?)
    }

    fn brief(&self) -> Result<(Tree, Option<String>), String> {
        let brief = self.shape(NumberStyle::Omitted, None);
        let tree = Tree::parse(&to_json(&object(|f| brief.members(f)))).map_err(|e| e.to_string())?;
        Ok((tree, self.basis.request.include_steps.then(|| brief.steps())))
    }

    /// What a check compares: every field up to and with the input.
    pub(crate) fn to_json_without_digest(&self) -> String {
        let shape = self.shape(NumberStyle::Json, None);
        to_json(&object(|f| {
            shape.members(f);
            f.member("input", &self.basis);
        }))
    }
}

fn end(text: &mut String, digest: &str, request_id: Option<&str>) {
    text.push_str(",\"digest\":\"");
    text.push_str(digest);
    text.push_str("\",\"request_id\":");
    request_id.write(text);
    text.push('}');
}
