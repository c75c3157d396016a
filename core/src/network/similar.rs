//! What was probably meant by a name that is not there.

use super::graph::Graph;
use crate::error::{QuoteError, did_you_mean};
use crate::units::{PoolId, Symbol};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// Names that are offered at most.
const OFFERED: usize = 3;

/// What was written may be held against so many letters: 10,000 names for one of twenty letters. A batch of refusals would be
/// dear without a bound.
const LETTERS: usize = 200_000;

/// Letters that two names must share at their beginning, or one have where the other differs by a slip: shorter ones are
/// like everything.
const TELLING: usize = 3;

impl Graph {
    /// The refusal of a token that no pool holds.
    #[cold]
    #[must_use]
    pub fn unknown_token(&self, token: &Symbol) -> QuoteError {
        let similar = similar(token.as_str(), &|at| self.tokens().get(at).map(Symbol::as_str));
        let no_pools = self.pools().is_empty() && self.unplaced().is_empty();
        QuoteError::UnknownToken { token: token.clone(), similar, no_pools, warnings: Vec::new() }
    }

    /// The refusal of a pool that does not exist.
    #[cold]
    #[must_use]
    pub fn unknown_pool(&self, pool_id: &PoolId) -> QuoteError {
        let similar = similar(pool_id.as_str(), &|at| self.pools().get(at).map(|pool| pool.id.as_str()));
        QuoteError::UnknownPool { pool_id: pool_id.clone(), similar, warnings: Vec::new() }
    }
}

impl Graph {
    /// Asks which name of a filter that is not there was probably meant, `; did you mean BTC?`; nothing where none is like it.
    ///
    /// Not told by answers: a check has no list of pools, so it could not tell the same.
    #[must_use]
    pub fn meant_by(&self, field: &str, name: &str) -> String {
        did_you_mean(&match field {
            "via" => similar(name, &|at| self.tokens().get(at).map(Symbol::as_str)),
            _ => similar(name, &|at| self.pools().get(at).map(|pool| pool.id.as_str())),
        })
    }
}

/// The names that are most like `written`, the best first: those that differ in capitals alone, else those with one slip of
/// the fingers, then those that go on from it or that it goes on from.
pub(crate) fn similar<'n>(written: &str, name_at: &dyn Fn(usize) -> Option<&'n str>) -> Vec<String> {
    let (mut slips, mut longer) = (Vec::new(), Vec::new());
    let mut at = 0_usize;
    while let Some(name) = name_at(at).filter(|_| at.saturating_mul(written.len()) < LETTERS) {
        at = at.saturating_add(1);
        // It may be on a list still, and gone: nobody means what he has written.
        if name == written {
            continue;
        }
        let place = match likeness(written.as_bytes(), name.as_bytes()) {
            // Who wrote it in other capitals means this one and no other.
            Some(Likeness::Same) => return Vec::from([name.to_owned()]),
            Some(Likeness::Slip) => &mut slips,
            Some(Likeness::Longer) => &mut longer,
            None => continue,
        };
        if place.len() < OFFERED {
            place.push(name.to_owned());
        }
    }
    slips.append(&mut longer);
    slips.truncate(OFFERED);
    slips
}

enum Likeness {
    Same,
    Slip,
    Longer,
}

/// How like two names are, looked at from both ends to where they differ.
fn likeness(a: &[u8], b: &[u8]) -> Option<Likeness> {
    let is_same = |at: usize, other: usize| match (a.get(at), b.get(other)) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    };
    let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
    let (mut front, mut back) = (0_usize, 0_usize);
    while is_same(front, front) {
        front = front.saturating_add(1);
    }
    if front == longer {
        return Some(Likeness::Same);
    }
    // Before the first letter there is none: the place wraps to where no name has one.
    while is_same(a.len().wrapping_sub(back).wrapping_sub(1), b.len().wrapping_sub(back).wrapping_sub(1)) {
        back = back.saturating_add(1);
    }
    let next = front.saturating_add(1);
    let differ = longer.saturating_sub(front).saturating_sub(back);
    let is_slip = match longer.saturating_sub(shorter) {
        0 => differ < 2 || (differ == 2 && is_same(front, next) && is_same(next, front)),
        // What both ends share may overlap: in BTCC and BTC.
        1 => differ < 2,
        _ => false,
    };
    if is_slip && longer >= TELLING {
        Some(Likeness::Slip)
    } else {
        (front == shorter && shorter >= TELLING).then_some(Likeness::Longer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::tests::pool;
    use alloc::format;
    use alloc::string::ToString;
    use proptest::prelude::*;

    const NAMES: [&str; 7] = ["BTC", "ETH", "SOL", "USDC", "USDT", "BTC-USDC-25", "BTC-USDC-50"];

    #[test]
    fn offers_what_is_like_it_and_nothing_else() {
        for (written, offered) in [
            ("btc", &["BTC"][..]),
            ("uSDc", &["USDC"]),
            ("BTCC", &["BTC"]),
            ("sBTC", &["BTC"]),
            ("BT", &["BTC"]),
            ("SLO", &["SOL"]),
            ("USD", &["USDC", "USDT"]),
            ("UDSC", &["USDC"]),
            ("WETH.e", &[]),
            ("ETH.e", &["ETH"]),
            ("btc-usdc", &["BTC", "BTC-USDC-25", "BTC-USDC-50"]),
            ("BTC-USDC-52", &["BTC-USDC-25", "BTC-USDC-50", "BTC"]),
            ("BTC-USDC-20", &["BTC-USDC-25", "BTC-USDC-50", "BTC"]),
            ("BTC-USDC-25", &["BTC"]),
            ("DOGE", &[]),
            ("X", &[]),
            ("", &[]),
        ] {
            assert_eq!(similar(written, &|at| NAMES.get(at).copied()), offered, "{written}");
        }
        assert_eq!(
            similar("A", &|at| ["B", "AB", "BA"].get(at).copied()),
            [""; 0],
            "short names are like everything"
        );
        let alike: Vec<String> = (0..10_000).map(|n| format!("{}-{n}", "LONG".repeat(30))).collect();
        let last = format!("{}-", "LONG".repeat(30));
        let asked = core::cell::Cell::new(0);
        let name_at = |at| {
            asked.set(asked.get().max(at));
            alike.get(at).map(String::as_str)
        };
        assert_eq!(similar(&last, &name_at).len(), 3, "of the names looked at");
        assert!((1_000..2_000).contains(&asked.get()), "{} names of 124 letters were looked at", asked.get());
        let many: Vec<String> = (0..10_000).map(|n| format!("POOL-{n}")).collect();
        assert_eq!(similar("POOL", &|at| many.get(at).map(String::as_str)), ["POOL-0", "POOL-1", "POOL-2"]);
    }

    #[test]
    fn a_refusal_offers_names_of_its_own_kind() {
        let graph = Graph::new([pool("BTC-USDC", "BTC", "USDC")]);
        let token = graph.unknown_token(&Symbol::new("Btc").expect("a name")).to_string();
        assert_eq!(token, "no pool holds the token Btc; did you mean BTC?");
        let nowhere = Graph::default().unknown_token(&Symbol::new("BTC").expect("a name")).to_string();
        assert_eq!(nowhere, "no pool holds the token BTC: there are no pools at all");
        let pool = graph.unknown_pool(&PoolId::new("BTC").expect("a name")).to_string();
        assert_eq!(pool, "there is no pool BTC; did you mean BTC-USDC?");
        assert_eq!(graph.meant_by("exclude_pools", "BTC-USCD"), "; did you mean BTC-USDC?");
        assert_eq!(graph.meant_by("via", "USCD"), "; did you mean USDC?");
        assert_eq!(graph.meant_by("via", "BTC-USDC-25"), "; did you mean BTC?");
        assert_eq!(graph.meant_by("exclude_pools", "DOGE"), "");
    }

    proptest! {
        /// Every slip of one letter is met with the name, and never with more names than people read.
        #[test]
        fn a_slip_is_met_with_the_name(name in "[A-Za-z0-9._-]{4,128}", at in 0_usize..128, by in "[A-Za-z]", kind in 0..4) {
            let mut written: Vec<char> = name.chars().collect();
            let (at, by) = (at % (written.len() - 1), by.chars().next().unwrap_or('A'));
            match kind {
                0 => written.insert(at, by),
                1 => drop(written.remove(at)),
                2 => written[at] = by,
                _ => written.swap(at, at + 1),
            }
            let written: String = written.into_iter().collect();
            // A letter may be put in the place of itself.
            let found = similar(&written, &|at| [name.as_str(), "??", "????????"].get(at).copied());
            let is_slip = written != name;
            prop_assert_eq!(found, Vec::from_iter(is_slip.then_some(name)));
        }
    }
}
