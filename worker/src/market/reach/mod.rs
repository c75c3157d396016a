//! How far to read of each pool: as far as earlier quotes suggest, and no further than the bounds allow.

mod depths;
mod hints;
mod movement;
mod windows;

pub use depths::Needed;
pub use hints::{Hints, Reads, TradeSize};
pub use windows::{ALL, LEAST_REACH, READ_BYTES, Range, Ranges, Windows, keys_of, keys_of_pool, reach_of};
