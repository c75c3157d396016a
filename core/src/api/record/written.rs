//! An answer, and how it is written: alone, with what it was computed from, or with a reference to that.

use super::basis::Basis;
use super::digest::{around_input, digest_text, digest_with, sha256};
use super::shared::SharedState;
use super::tree::Tree;
use crate::api::{AnswerContext, NumberStyle, QuoteAnswer};
use crate::json::{ToJson, list, object, to_json};
use crate::plan::Plan;
use crate::quote::{BinsLookedAt, Quote};
use crate::stored::{BinTexts, Source, WrittenBins};
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
pub struct Answer<B = BinTexts<'static>> {
    /// The quote.
    pub quote: Box<Quote>,
    /// The call that executes it, where one was asked for.
    pub plan: Option<Box<Plan>>,
    /// What it was computed from.
    pub basis: Basis<B>,
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
    Undigested(Undigested<'static>),
    /// It has more bytes than it may.
    TooLarge,
}

/// How much room an answer with what it was computed from has.
#[derive(Clone, Copy, Debug)]
pub struct AnswerRoom {
    /// Bytes of what it was computed from, at least. Room for them is made at once: to grow step by step copies megabytes
    /// twice, and takes twice their room.
    pub input: usize,
    /// Bytes of the whole at most. More is seen before what it was computed from is written.
    pub limit: usize,
}

impl AnswerRoom {
    /// As much as it needs.
    const ANY: Self = Self { input: 0, limit: usize::MAX };
}

/// An answer that is written but for its digest.
#[derive(Clone, Debug)]
pub struct Undigested<'s> {
    text: String,
    before: String,
    /// Where the input stands in the text, or else what of it stands in a state that others share.
    input: Range<usize>,
    shared: Vec<&'s str>,
    after: String,
}

impl Undigested<'_> {
    /// What the digest is the SHA-256 of, in pieces.
    #[must_use]
    pub fn covered(&self) -> Vec<&str> {
        let mut pieces = Vec::from([&*self.before, self.text.get(self.input.clone()).unwrap_or_default()]);
        pieces.extend(&self.shared);
        pieces.push(&self.after);
        pieces
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

    /// The whole answer, with another digest for as long as its own is waited for, and where that stands.
    #[must_use]
    pub fn finish_before(self, request_id: Option<&str>) -> (String, DigestPlace) {
        let place = DigestPlace(self.text.len() + DIGEST.len());
        (self.finish(&[0; 32], request_id), place)
    }

    /// The whole answer.
    #[must_use]
    pub fn finish(self, sha256: &[u8; 32], request_id: Option<&str>) -> String {
        let mut text = self.text;
        end(&mut text, &digest_text(sha256), request_id);
        text
    }
}

/// Where the digest of an answer stands that was finished before it was known.
#[derive(Clone, Copy, Debug)]
pub struct DigestPlace(usize);

impl DigestPlace {
    /// Puts it there.
    pub fn fill(self, answer: &mut String, sha256: &[u8; 32]) {
        let digest = digest_text(sha256);
        let place = self.0..self.0 + digest.len();
        if answer.get(place.clone()).is_some() {
            answer.replace_range(place, &digest);
        }
    }
}

/// What an input takes beside its pools, mostly.
const BESIDE_POOLS: usize = 64 * 1024;
/// What stands before a digest.
const DIGEST: &str = ",\"digest\":\"";
/// Why an answer has no digest; none of ours is without.
const NOT_WHOLE: &str = "a number is not whole";
/// What stands where the pools of an input belong, and what follows it: the request has pools as well.
const NO_POOLS: (&str, &str) = ("\"pools\":", "null,\"request\":");

impl Answer {
    /// The same answer, the bins it was computed from as an input has them.
    #[must_use]
    pub fn written(self) -> Answer<WrittenBins> {
        let Self { quote, plan, basis, read_at, looked_at } = self;
        Answer { quote, plan, basis: basis.written(), read_at, looked_at }
    }
}

impl<B: ToJson + Default> Answer<B> {
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
        Ok(match self.undigested(numbers, request_id, AnswerRoom::ANY)? {
            Written::Whole(text) => text,
            Written::Undigested(answer) => {
                let sha256 = answer.sha256();
                answer.finish(&sha256, request_id)
            }
            // No room was set.
            Written::TooLarge => String::new(),
        })
    }

    /// The same for a platform that has a faster SHA-256: all but the digest of an answer that has one.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn undigested(
        &self,
        numbers: NumberStyle,
        request_id: Option<&str>,
        room: AnswerRoom,
    ) -> Result<Written, String> {
        let shape = self.shape(numbers, request_id);
        if !self.basis.request.include_state {
            return Ok(Written::Whole(to_json(&shape)));
        }
        let mut text = to_json(&object(|f| shape.members(f)));
        if text.len().saturating_add(room.input) > room.limit {
            return Ok(Written::TooLarge);
        }
        text.pop();
        if room.input > 0 {
            text.reserve(room.input.saturating_add(BESIDE_POOLS));
        }
        text.push_str(",\"input\":");
        let start = text.len();
        self.basis.write(&mut text);
        let input = start..text.len();
        let (tree, steps) = self.brief()?;
        let (before, after) = around_input(tree, steps.as_deref()).ok_or(NOT_WHOLE)?;
        Ok(Written::Undigested(Undigested { text, before, input, shared: Vec::new(), after }))
    }

    /// Writes the answer with a reference to the state it was computed from, the state of place `state` in its batch: all but the
    /// digest that it has with its whole input. Also gives the bytes of the whole input.
    ///
    /// # Errors
    /// None that input can cause; a candidate pool without an entry in the state.
    pub fn undigested_with_ref<'s>(
        &self,
        numbers: NumberStyle,
        request_id: Option<&str>,
        (state, shared): (usize, &'s SharedState),
    ) -> Result<(Undigested<'s>, usize), String> {
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
        let (opens, ends) = without.split_once(&[NO_POOLS.0, NO_POOLS.1].concat()).ok_or(NOT_WHOLE)?;
        let (tree, steps) = self.brief()?;
        let (before, after) = around_input(tree, steps.as_deref()).ok_or(NOT_WHOLE)?;
        let (opens, ends) = ([opens, NO_POOLS.0, "["], ["],\"request\":", ends]);
        let mut pieces = Vec::with_capacity(2 * entries.len());
        for (n, (_, entry)) in entries.iter().enumerate() {
            pieces.extend([if n > 0 { "," } else { "" }, entry]);
        }
        let whole = opens.iter().chain(&pieces).chain(&ends).map(|piece| piece.len()).sum();
        let (before, after) = ([&*before, &opens.concat()].concat(), [&*ends.concat(), &after].concat());
        Ok((Undigested { text, before, input: 0..0, shared: pieces, after }, whole))
    }

    /// The digest that the answer has with its whole input.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn own_digest(&self) -> Result<String, String> {
        let (tree, steps) = self.brief()?;
        let input = to_json(&self.basis);
        Ok(digest_with(tree, &[&input], steps.as_deref()).ok_or(NOT_WHOLE)?)
    }

    /// What the digest covers beside the input, and the steps, which may be thousands, as its canonical text has them. What it does
    /// not cover is not written for it.
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
    text.push_str(DIGEST);
    text.push_str(digest);
    text.push_str("\",\"request_id\":");
    request_id.write(text);
    text.push('}');
}
