//! Answers on their way out.

use std::rc::Rc;

use dlmm_core::api::{Answer, SharedState};
use dlmm_core::stored::WrittenBins;

use crate::market::read::{WholeRead, bytes_of};
use crate::market::refusal::Refusal;

/// An answer and the read it came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub answer: Answer<WrittenBins>,
    pub read: Rc<WholeRead>,
}

impl Loaded {
    /// Bytes that what it was computed from takes in an answer at least.
    pub(crate) fn least_bytes(&self) -> usize {
        let basis = &self.answer.basis;
        bytes_of(&basis.stored, &basis.candidates.pools)
    }

    /// The same for all pools of the read.
    pub(crate) fn least_bytes_of_all(&self) -> usize {
        bytes_of(&self.answer.basis.stored, &self.read.pools)
    }

    /// What was read of all pools, for the answers of a batch that refer to it.
    pub(crate) fn shared_state(&self) -> SharedState {
        let basis = &self.answer.basis;
        let read = self.read.pools.iter();
        let read = read.filter_map(|one| Some((&one.pool, basis.stored.get(&one.pool.id)?)));
        SharedState::new(read, basis.default_fee_bps)
    }
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
