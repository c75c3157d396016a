//! Lists of what an iterator gives, in a fifth of the code that `collect` compiles to.
//!
//! The standard library compiles three functions for every `collect` into a `Vec`, and two loops where it does not know
//! how long the iterator is. Each is made for one iterator and found nowhere else, and browsers download them all.

use alloc::vec::Vec;

/// `collect` into a list, as one loop.
pub(crate) trait Gather: Iterator + Sized {
    /// The list of what is left.
    fn gather(self) -> Vec<Self::Item> {
        let mut list = Vec::with_capacity(self.size_hint().0);
        for item in self {
            list.push(item);
        }
        list
    }
}

impl<I: Iterator> Gather for I {}
