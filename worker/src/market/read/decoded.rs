//! What replies were decoded to, so that one which says the same again is not decoded again.
//!
//! Redis is asked for every quote, and a quote is computed from what it answers: nothing here is used unless the reply that has
//! just come is, byte for byte, the one that it was decoded from, and what else decoding looks at ([`Asked`]) is the same too.
//! Between two changes of a pool all its quotes get such a reply.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::network::graph::PoolRef;
use dlmm_core::network::route::CandidatePool;
use dlmm_core::network::state::PoolState;
use dlmm_core::units::BinId;

/// Replies that are kept, those that came last.
const MAX_REPLIES: usize = 32;
/// Longer ones are not kept, nor those with more keys: that bounds all of them to about a megabyte.
const MAX_BYTES: usize = 16 * 1024;
const MAX_KEYS: usize = 128;

/// What was read of one pool.
#[derive(Debug, Clone)]
pub(super) struct PoolRead {
    pub(super) state: PoolState,
    /// What the values of its bins took in the reply.
    pub(super) bin_bytes: usize,
}

/// What a reply was asked for. Only the same pools as the same list has them, and the same bins, are the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) plan: &'a [(&'a CandidatePool, (BinId, BinId))],
    /// Of the list of pools.
    pub(super) decimals: &'a Arc<DecimalTable>,
    /// For pools whose value names no fee, bps.
    pub(super) default_fee_bps: u16,
    pub(super) keys: usize,
}

#[derive(Debug)]
struct Kept {
    pools: Vec<(PoolRef, (BinId, BinId))>,
    decimals: Arc<DecimalTable>,
    default_fee_bps: u16,
    body: Vec<u8>,
    read: Vec<PoolRead>,
}

impl Kept {
    fn is_of(&self, asked: &Asked<'_>) -> bool {
        let kept = self.pools.iter().map(|(pool, range)| (pool, *range));
        Arc::ptr_eq(&self.decimals, asked.decimals)
            && self.default_fee_bps == asked.default_fee_bps
            && kept.eq(asked.plan.iter().map(|(candidate, range)| (&candidate.pool, *range)))
    }
}

/// The replies of one isolate, the one that was used last at the end.
#[derive(Debug, Default)]
pub struct Decoded {
    kept: RefCell<VecDeque<Kept>>,
}

impl Decoded {
    /// What this very reply was decoded to before.
    pub(super) fn find(&self, asked: &Asked<'_>, body: &[u8]) -> Option<Vec<PoolRead>> {
        if !is_small(asked, body) {
            return None;
        }
        let mut kept = self.kept.borrow_mut();
        let at = kept.iter().rposition(|one| one.is_of(asked))?;
        if at + 1 < kept.len()
            && let Some(one) = kept.remove(at)
        {
            kept.push_back(one);
        }
        kept.back().filter(|one| one.body == body).map(|one| one.read.clone())
    }

    /// Keeps what a reply was decoded to, in place of the one before it.
    pub(super) fn keep(&self, asked: &Asked<'_>, body: Vec<u8>, read: &[PoolRead]) {
        let mut kept = self.kept.borrow_mut();
        let read = read.to_vec();
        if let Some(one) = kept.iter_mut().rfind(|one| one.is_of(asked)) {
            (one.body, one.read) = (body, read);
            return;
        }
        let pools = asked.plan.iter().map(|(candidate, range)| (candidate.pool.clone(), *range)).collect();
        let Asked { decimals, default_fee_bps, .. } = *asked;
        kept.push_back(Kept { pools, decimals: Arc::clone(decimals), default_fee_bps, body, read });
        if kept.len() > MAX_REPLIES {
            kept.pop_front();
        }
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.kept.borrow_mut().clear();
    }
}

/// Whether such a reply is kept.
pub(super) fn is_small(asked: &Asked<'_>, body: &[u8]) -> bool {
    body.len() <= MAX_BYTES && asked.keys <= MAX_KEYS
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::units::{PoolId, Symbol};

    fn candidate(id: &str) -> CandidatePool {
        let [token_x, token_y] = ["A", "B"].map(|token| Symbol::new(token).unwrap());
        let pool = PoolRef { id: PoolId::new(id).unwrap(), token_x, token_y };
        CandidatePool { pool, x_for_y: true, y_for_x: false }
    }

    fn range(low: u16, high: u16) -> (BinId, BinId) {
        (BinId::new(low).unwrap(), BinId::new(high).unwrap())
    }

    fn read(bin_bytes: usize) -> [PoolRead; 1] {
        [PoolRead { state: PoolState::Inactive, bin_bytes }]
    }

    fn found(decoded: &Decoded, asked: &Asked<'_>, body: &[u8]) -> Option<usize> {
        decoded.find(asked, body).map(|read| read[0].bin_bytes)
    }

    #[test]
    fn only_the_same_bytes_to_the_same_question_are_known() {
        let (decoded, decimals) = (Decoded::default(), Arc::default());
        let (p, q) = (candidate("P"), candidate("Q"));
        let plan = [(&p, range(1, 3))];
        let asked = Asked { plan: &plan, decimals: &decimals, default_fee_bps: 10, keys: 4 };
        decoded.keep(&asked, b"one".to_vec(), &read(1));
        assert_eq!(found(&decoded, &asked, b"one"), Some(1));
        assert_eq!(found(&decoded, &asked, b"two"), None, "other values");
        for other in [[(&p, range(1, 4))], [(&q, range(1, 3))]] {
            assert_eq!(found(&decoded, &Asked { plan: &other, ..asked }, b"one"), None);
        }
        assert_eq!(found(&decoded, &Asked { plan: &[], ..asked }, b"one"), None);
        let newer = Arc::default();
        assert_eq!(
            found(&decoded, &Asked { decimals: &newer, ..asked }, b"one"),
            None,
            "another list of pools"
        );
        assert_eq!(found(&decoded, &Asked { default_fee_bps: 11, ..asked }, b"one"), None, "another fee");
        decoded.keep(&asked, b"two".to_vec(), &read(2));
        assert_eq!((found(&decoded, &asked, b"one"), found(&decoded, &asked, b"two")), (None, Some(2)));
        decoded.clear();
        assert_eq!(found(&decoded, &asked, b"two"), None);
    }

    #[test]
    fn those_that_were_used_last_are_kept() {
        let (decoded, decimals) = (Decoded::default(), Arc::default());
        let candidates: Vec<CandidatePool> = (0..=MAX_REPLIES).map(|n| candidate(&format!("P{n}"))).collect();
        let plans: Vec<_> = candidates.iter().map(|one| [(one, range(1, 3))]).collect();
        let asked = |n: usize| Asked { plan: &plans[n], decimals: &decimals, default_fee_bps: 10, keys: 4 };
        for n in 0..MAX_REPLIES {
            decoded.keep(&asked(n), b"x".to_vec(), &read(n));
        }
        assert_eq!(found(&decoded, &asked(0), b"x"), Some(0));
        decoded.keep(&asked(MAX_REPLIES), b"x".to_vec(), &read(MAX_REPLIES));
        let known = |n: usize| found(&decoded, &asked(n), b"x");
        assert_eq!((known(0), known(1), known(2)), (Some(0), None, Some(2)));
        assert_eq!(known(MAX_REPLIES), Some(MAX_REPLIES));
    }

    #[test]
    fn large_replies_are_not_looked_for() {
        let (decoded, decimals) = (Decoded::default(), Arc::default());
        let asked = Asked { plan: &[], decimals: &decimals, default_fee_bps: 10, keys: MAX_KEYS };
        assert!(is_small(&asked, &[0; MAX_BYTES]) && !is_small(&asked, &[0; MAX_BYTES + 1]));
        let many = Asked { keys: MAX_KEYS + 1, ..asked };
        decoded.keep(&many, b"x".to_vec(), &read(1));
        assert!(decoded.find(&many, b"x").is_none());
    }
}
