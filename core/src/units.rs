//! Numbers and names that cannot be wrong once they exist.

use alloc::sync::Arc;
use core::fmt;

/// A number of smallest units of a token.
///
/// Every `u128` is a possible amount, so this is an alias and not a type of its own.
pub type Amount = u128;

/// Parts of a whole in which fees and slippage are counted: 1 bps = 1 / 10 000.
pub const BPS_SCALE: u128 = 10_000;

/// Fixed-point scale of the contract's prices (`PRICE_SCALE`).
pub const PRICE_SCALE: u128 = 100_000_000;

/// Length of the router's lists, and rounds of its loops (`MAX_ITER` of the contract's router). It is not what a block
/// bears: see [`DEFAULT_MAX_BINS`].
pub const MAX_BINS: u16 = 350;

/// Bins of one pool that a quote visits at most where the caller names no limit.
///
/// A block bears 15 000 reads and a bin that trades costs 52: a call of 288 such bins passes. This leaves room for tokens
/// that read more and for the other transactions of the block.
pub const DEFAULT_MAX_BINS: u16 = 270;

/// Position of a bin, counted from the cheapest (0) to the dearest (1000); the centre is 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BinId(u16);

impl BinId {
    /// The cheapest bin.
    pub const MIN: Self = Self(0);
    /// The dearest bin; the contract keeps 1001 of them.
    pub const MAX: Self = Self(1000);

    /// Gives the id, or `None` above 1000.
    #[must_use]
    pub const fn new(id: u16) -> Option<Self> {
        if id <= Self::MAX.0 { Some(Self(id)) } else { None }
    }

    /// Gives the plain number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Moves by `delta` bins and stops at either end.
    #[must_use]
    pub const fn saturating_offset(self, delta: i32) -> Self {
        let moved = (self.0 as i32).saturating_add(delta);
        if moved < 0 {
            Self::MIN
        } else if moved > Self::MAX.0 as i32 {
            Self::MAX
        } else {
            Self(moved as u16)
        }
    }

    /// Gives the next bin in the direction of a swap, or `None` at the edge.
    #[must_use]
    pub const fn next(self, direction: Direction) -> Option<Self> {
        match direction {
            Direction::XForY if self.0 > 0 => Some(Self(self.0 - 1)),
            Direction::YForX if self.0 < Self::MAX.0 => Some(Self(self.0 + 1)),
            _ => None,
        }
    }
}

impl fmt::Display for BinId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which token of a pool goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// X goes in and Y comes out: the walk goes down, to lower ids, which hold Y.
    XForY,
    /// Y goes in and X comes out: the walk goes up, to higher ids, which hold X.
    YForX,
}

/// What makes a pool id or a token symbol unfit for use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError;

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be 1 to 128 characters of A-Z a-z 0-9 . _ -")
    }
}

/// Longest pool id or symbol, in characters: a contract's principal with its name has up to 82.
const MAX_NAME: usize = 128;

/// Checks a name before it may ever form a Redis key.
pub(crate) fn check_name(text: &str) -> Result<(), NameError> {
    let fits = (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    if fits { Ok(()) } else { Err(NameError) }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads the name.
            ///
            /// # Errors
            /// [`NameError`] unless it is 1 to 128 characters of `[A-Za-z0-9._-]`.
            pub fn new(text: &str) -> Result<Self, NameError> {
                check_name(text)?;
                Ok(Self(Arc::from(text)))
            }

            /// Gives the name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name!(
    /// The symbol of a token, for example `BTC`.
    Symbol
);
name!(
    /// The id of a pool, for example `BTC-USDC-25`.
    PoolId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bin_ids_end_at_1000() {
        assert_eq!(BinId::new(1000), Some(BinId::MAX));
        assert_eq!(BinId::new(1001), None);
        assert_eq!(BinId::MAX.next(Direction::YForX), None);
        assert_eq!(BinId::MIN.next(Direction::XForY), None);
        assert_eq!(BinId::MAX.saturating_offset(5), BinId::MAX);
        assert_eq!(BinId::MAX.saturating_offset(-2000), BinId::MIN);
    }

    #[test]
    fn names_keep_separators_and_wildcards_out() {
        assert!(Symbol::new("aeUSDC.v-1_2").is_ok() && Symbol::new(&"A".repeat(128)).is_ok());
        for bad in ["", "A:B", "A*", "A B", "é", "A\n", &"A".repeat(129)] {
            assert_eq!(Symbol::new(bad), Err(NameError), "{bad:?}");
        }
    }
}
