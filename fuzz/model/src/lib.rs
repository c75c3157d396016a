//! The contract's swap once more, in big integers, as plainly as its rules are written.
//!
//! It is the second opinion on `dlmm-core`: it was written from the contract's rules alone, shares no code with
//! core and does not depend on it. It is slow, and only tests, fuzzing and benches use it.
//!
//! * [`Pool`] holds plain numbers: an active bin, six fees, and bins by id.
//! * [`Pool::swap`] is the router call "simple multi": up to `max_bins` core calls in one direction. It changes the
//!   pool, so that the next swap meets what this one left.
//! * [`Price`] is exact (`price_e8`, with the contract's 128-bit arithmetic) or human (whole Y per whole X as a
//!   decimal number, with arithmetic as wide as needed). [`units_floor`] reads a human reserve.
//! * [`Pool::least_input`] finds the input of an exact-out swap by bisection: from its meaning, not from a formula.
//!
//! ```
//! use dlmm_model::{Bin, Direction, Pool, Price};
//!
//! let mut pool = Pool { active: 500, ..Pool::default() };
//! pool.fees_x.provider = 100;
//! pool.bins.insert(500, Bin { x: 0, y: 500, price: Price::exact(200_000_000) });
//! let swap = pool.swap(Direction::XForY, 100, 350).unwrap();
//! assert_eq!((swap.taken, swap.given, swap.steps[0].fees.provider), (100, 198, 1));
//! assert_eq!(pool.bins[&500].y, 302);
//! ```

mod call;
mod least;
mod price;
mod router;

pub use call::{Bin, Direction, FeeParts, Fees};
pub use price::{Price, units_floor};
pub use router::{Pool, Step, Swap};

/// The contract's arithmetic exceeds 128 bits, or a balance would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abort;
