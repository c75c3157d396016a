//! Answers on their way out.

use std::sync::Arc;

use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::quote::Quote;

use super::input::QuotedFrom;
use crate::market::refusal::Refusal;

/// A quote with what its answer says of the state it was computed from.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub quote: Quote,
    /// The decimals that the amounts are written by.
    pub decimals: Arc<DecimalTable>,
    /// The clock after the reply arrived.
    pub read_at_ms: u64,
    /// What the answer is to carry with `include_state`.
    pub input: Option<QuotedFrom>,
}

/// Where answers go as they come, each request's once.
pub(super) struct Answers<'s> {
    given: Vec<bool>,
    sink: &'s mut dyn FnMut(usize, Result<Loaded, Refusal>),
}

impl<'s> Answers<'s> {
    /// For so many requests.
    pub(super) fn new(requests: usize, sink: &'s mut dyn FnMut(usize, Result<Loaded, Refusal>)) -> Self {
        Self { given: vec![false; requests], sink }
    }

    /// How many requests there are.
    pub(super) fn requests(&self) -> usize {
        self.given.len()
    }

    pub(super) fn put(&mut self, index: usize, answer: Result<Loaded, Refusal>) {
        if let Some(given @ false) = self.given.get_mut(index) {
            *given = true;
            (self.sink)(index, answer);
        }
    }

    pub(super) fn refuse_rest(&mut self, error: &Refusal) {
        (0..self.given.len()).for_each(|index| self.put(index, Err(error.clone())));
    }
}
