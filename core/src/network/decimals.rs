//! How many decimals a token has, and how sure that is.

use crate::units::Symbol;
use alloc::format;
use alloc::string::String;
use litemap::LiteMap;

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

impl Origin {
    /// The word that JSON has for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::WellKnown => "well_known",
            Self::Assumed => "assumed",
        }
    }
}

/// Two statements about one token that cannot both be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The key that spoke second.
    pub key: String,
    /// Both keys and what they say.
    pub reason: String,
}

/// Stated decimals by token; what is not stated comes from the built-in table.
///
/// A token on which two values disagree is not quoted at all: a wrong guess would be wrong by a power of ten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecimalTable {
    stated: LiteMap<Symbol, (u8, String)>,
    disagreements: LiteMap<Symbol, Disagreement>,
}

impl DecimalTable {
    /// Records what the value under `key` states of a token.
    pub fn state(&mut self, token: &Symbol, decimals: u8, key: &str) {
        match self.stated.get(token) {
            Some((before, first_key)) if *before != decimals => {
                let reason = format!(
                    "{token} has {before} decimals in {first_key} and {decimals} in {key}, so pools of {token} are left out"
                );
                let disagreement = Disagreement { key: String::from(key), reason };
                self.disagreements.entry(token.clone()).or_insert(disagreement);
            }
            Some(_) => {}
            None => {
                self.stated.insert(token.clone(), (decimals, String::from(key)));
            }
        }
    }

    /// Records a disagreement that was found elsewhere, in its own words.
    pub fn contest(&mut self, token: &Symbol, disagreement: Disagreement) {
        self.disagreements.insert(token.clone(), disagreement);
    }

    /// Gives the decimals of a token and where they come from.
    #[must_use]
    pub fn of(&self, token: &Symbol) -> (u8, Origin) {
        if let Some((decimals, _)) = self.stated.get(token) {
            return (*decimals, Origin::Stated);
        }
        match well_known(token.as_str()) {
            Some(decimals) => (decimals, Origin::WellKnown),
            None => (ASSUMED, Origin::Assumed),
        }
    }

    /// The disagreement on a token, if there is one.
    #[must_use]
    pub fn disagreement(&self, token: &Symbol) -> Option<&Disagreement> {
        self.disagreements.get(token)
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
        table.state(&btc, 9, "pool:A");
        assert_eq!(table.of(&btc), (9, Origin::Stated));
        table.state(&btc, 9, "pool:B");
        assert_eq!(table.disagreement(&btc), None);
    }

    #[test]
    fn a_disagreement_names_both_keys() {
        let btc = Symbol::new("BTC").expect("a name");
        let mut table = DecimalTable::default();
        table.state(&btc, 9, "pool:A");
        table.state(&btc, 8, "pool:B");
        let reason = &table.disagreement(&btc).expect("they disagree").reason;
        assert!(reason.contains("9 decimals in pool:A and 8 in pool:B"), "{reason}");
    }
}
