//! Pools that a stream watches: which ones ([`Watched`]), what its client knows of them ([`Held`]), and what clients knew whose
//! streams ended ([`Left`]).

mod held;
mod left;
mod pools;

pub(crate) use held::{Held, HeldPool, bytes_of, state_of};
pub(crate) use left::Left;
pub(crate) use pools::Watched;
