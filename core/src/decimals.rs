//! How many decimals a token has, and how sure that is.

use crate::units::Symbol;
use alloc::collections::BTreeMap;

/// Decimals a token may have at most: 10^38 still fits in 128 bits.
pub const MAX_DECIMALS: u8 = 38;

/// Decimals of a token of which nothing is known.
const ASSUMED: u8 = 18;

/// Where the decimals of a token come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A pool value or a snapshot states them.
    Stated,
    /// They are in the built-in table of well-known symbols.
    WellKnown,
    /// Nothing is known; 18 is assumed and every quote that uses the token warns.
    Assumed,
}

/// Stated decimals by token; what is not stated comes from the built-in table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecimalTable {
    stated: BTreeMap<Symbol, u8>,
}

impl DecimalTable {
    /// Records what a value states of a token. The first statement stays; gives it back if it differs.
    ///
    /// # Errors
    /// The decimals stated before, if they are others.
    pub fn state(&mut self, token: &Symbol, decimals: u8) -> Result<(), u8> {
        match self.stated.get(token) {
            Some(&before) if before != decimals => Err(before),
            Some(_) => Ok(()),
            None => {
                self.stated.insert(token.clone(), decimals);
                Ok(())
            }
        }
    }

    /// Gives the decimals of a token and where they come from.
    #[must_use]
    pub fn of(&self, token: &Symbol) -> (u8, Origin) {
        if let Some(&decimals) = self.stated.get(token) {
            return (decimals, Origin::Stated);
        }
        match well_known(token.as_str()) {
            Some(decimals) => (decimals, Origin::WellKnown),
            None => (ASSUMED, Origin::Assumed),
        }
    }
}

/// Decimals of symbols so common that producers leave them out.
const fn well_known(symbol: &str) -> Option<u8> {
    Some(match symbol.as_bytes() {
        b"BTC" => 8,
        b"USDC" | b"USDT" | b"STX" => 6,
        b"ETH" => 18,
        b"SOL" => 9,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_wins_over_the_table() {
        let (btc, odd) = (Symbol::new("BTC").expect("a name"), Symbol::new("ODD").expect("a name"));
        let mut table = DecimalTable::default();
        assert_eq!(table.of(&btc), (8, Origin::WellKnown));
        assert_eq!(table.of(&odd), (18, Origin::Assumed));
        assert_eq!(table.state(&btc, 9), Ok(()));
        assert_eq!(table.of(&btc), (9, Origin::Stated));
        assert_eq!(table.state(&btc, 8), Err(9));
    }
}
