//! What is read for a quote: pools and bins of one moment, and what is done about those that cannot be read.

mod broken;
mod decoded;
mod held_read;
mod look_at_broken;
mod looks;
mod pools;
mod shared;
mod texts;
mod too_large;
mod unreadable;
mod whole;

pub use broken::BrokenValues;
pub use decoded::Decoded;
pub(crate) use held_read::{HeldRead, bytes_of_read};
pub(crate) use looks::{Looks, Outcomes, look, look_at_faults};
pub(crate) use pools::read;
pub use shared::SharedReads;
pub(crate) use shared::{SharedRead, Wanted};
pub(crate) use texts::bytes_of;
pub use texts::{ReadTexts, WholeRead};
pub use unreadable::UnreadableKeys;
pub use whole::{KEYS_PER_POOL, Whole, keys_of_pool, pool_of, read_whole};
