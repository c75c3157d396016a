//! The market within one request: all that the rooms below need of the Worker, and nothing of HTTP.

use std::fmt;
use std::pin::Pin;

use dlmm_core::stored::keys::StateKey;
use dlmm_core::units::Symbol;

use super::known::Known;
use crate::config::Limits;
use crate::redis::{FetchExchange, Session};

/// Ends when others have had their turn.
pub type Turn<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What is read, what is known already, how much may be read, and who goes on after the answer.
pub struct LiveMarket<'a, X = FetchExchange> {
    /// Redis, its clock, and what this request may spend on it.
    pub redis: Session<'a, X>,
    /// What the isolate knows: requests share it, and it outlives them.
    pub known: &'a Known,
    pub limits: &'a Limits,
    pub background: &'a dyn Background,
}

impl<X> fmt::Debug for LiveMarket<'_, X> {
    /// By hand: one who works in the background would have to show a whole request, which is 20 kB of code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveMarket { .. }")
    }
}

/// Who does what need not be waited for, and who else waits.
pub trait Background {
    /// Has a task done on a budget of its own, once the caller waits or is done. Its faults reach nobody.
    fn begin(&self, task: Task);

    /// Lets whatever else is ready have its turn, for so long at least: other requests, and replies that have come. What this takes does not
    /// count against the time for Redis.
    fn others_first(&self, ms: u32) -> Turn<'_>;
}

/// What need not be waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Compares the list of pools with Redis, and lists them anew if that is needed; walks begin at these tokens.
    Check(Vec<Symbol>),
    /// Lists the pools anew.
    Relist(Vec<Symbol>),
    /// Looks what these keys hold that gave no value.
    Look(Vec<StateKey>),
}
