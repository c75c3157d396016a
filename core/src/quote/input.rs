//! What a quote is computed from, and what comes of it.

use super::effort::Effort;
use super::request::QuoteRequest;
use super::result::{BinsLookedAt, Quote};
use super::shortfall::MoreBins;
use crate::network::route::Candidates;
use crate::network::state::State;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Everything a quote depends on.
#[derive(Clone, Copy, Debug)]
pub struct QuoteInput<'a> {
    /// What is asked.
    pub request: &'a QuoteRequest,
    /// Which pools and paths may serve it.
    pub candidates: &'a Candidates,
    /// What was read.
    pub state: &'a State,
    /// The time at which the state was read, milliseconds since 1970.
    pub now_ms: u64,
    /// Whether the caller can read more bins; if not, unknown bins count as out of reach.
    pub can_read_more: bool,
    /// How much work the quote may cost.
    pub effort: Effort,
}

/// The outcome of a quote that did not fail.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The quote, and how many bins each used pool was walked: a hint for how many to read next time.
    Quote(Box<Quote>, Vec<BinsLookedAt>),
    /// Known bins ran out before the answer was certain: read more of these and ask again.
    ReadMore(Vec<MoreBins>),
}
