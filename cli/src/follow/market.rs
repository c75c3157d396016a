//! All pools of a core, and what was written down about them: text by place, either way.

use std::collections::BTreeMap;
use std::sync::Arc;

use dlmm_core::stored::keys;
use dlmm_core::units::{BinId, PoolId};

use super::fault::Fault;
use super::pool::{BINS, Factors, Facts, Head, Pool, Reserves};
use super::tokens::Tokens;
use super::values::{bin_value, pool_value, read_bin, read_pool};

/// One thing that is stored, in the order in which things must be read again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// Factors of a bin step; a field of the follower's hash.
    Step(u32),
    /// A pool's facts; a field.
    Facts(PoolId),
    /// Why a pool is left out; a field.
    LeftOut(String),
    /// A pool's value; a key.
    Pool(PoolId),
    /// A bin's value; a key.
    Bin(PoolId, BinId),
}

impl Slot {
    /// Whether it is a key of its own, and not a field of the follower's hash.
    pub(crate) fn is_key(&self) -> bool {
        matches!(self, Self::Pool(_) | Self::Bin(..))
    }

    /// The key or field.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Step(step) => format!("step:{step}"),
            Self::Facts(id) => format!("facts:{id}"),
            Self::LeftOut(contract) => format!("left_out:{contract}"),
            Self::Pool(id) => keys::pool(id),
            Self::Bin(id, bin) => keys::bin(id, *bin),
        }
    }

    /// Reads a key or a field; `None` for those that are something else.
    pub(crate) fn parse(place: &str) -> Option<Self> {
        let (kind, rest) = place.split_once(':')?;
        match kind {
            "step" => rest.parse().ok().map(Self::Step),
            "facts" => PoolId::new(rest).ok().map(Self::Facts),
            "left_out" => Some(Self::LeftOut(rest.to_owned())),
            _ => match keys::StateKey::parse(place)? {
                keys::StateKey::Pool(id) => Some(Self::Pool(id)),
                keys::StateKey::Bin(id, bin) => Some(Self::Bin(id, bin)),
            },
        }
    }
}

/// What a slot holds, before it is text: comparing it costs less than writing it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Held {
    Step(Factors),
    Facts(Facts),
    LeftOut(String),
    /// A pool without its bins.
    Pool(Box<Pool>),
    /// A bin's reserves, and whether it is the active one.
    Bin(Reserves, bool),
}

impl Held {
    /// Its text; that of a bin needs its pool.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Step(factors) => {
                let texts: Vec<String> = factors.iter().map(u128::to_string).collect();
                Some(texts.join(","))
            }
            Self::Facts(facts) => serde_json::to_string(facts).ok(),
            Self::LeftOut(reason) => Some(reason.clone()),
            Self::Pool(pool) => Some(pool_value(pool)),
            Self::Bin(..) => None,
        }
    }
}

/// What is kept of a slot to go back to, or to come to again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kept {
    /// As it is stored.
    Text(String),
    /// What of a pool can change.
    Head(Head),
    Bin(Reserves),
}

/// Everything that follows from the core's events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Market {
    steps: BTreeMap<u32, Factors>,
    facts: BTreeMap<PoolId, Facts>,
    left_out: BTreeMap<String, String>,
    pools: BTreeMap<PoolId, Pool>,
    bins: usize,
}

impl Market {
    pub(crate) fn pools(&self) -> impl ExactSizeIterator<Item = &Pool> {
        self.pools.values()
    }

    pub(crate) fn pool(&self, id: &str) -> Option<&Pool> {
        self.pools.get(id)
    }

    pub(crate) fn factors(&self, step: u32) -> Option<Factors> {
        self.steps.get(&step).cloned()
    }

    /// Contracts of pools that are not followed, with the reason.
    pub(crate) fn left_out(&self) -> &BTreeMap<String, String> {
        &self.left_out
    }

    /// Bins that hold something.
    pub(crate) fn bin_count(&self) -> usize {
        self.bins
    }

    /// Tokens that followed pools have.
    pub(crate) fn token_count(&self) -> usize {
        let tokens = self.pools.values().flat_map(|pool| [&pool.token_x.symbol, &pool.token_y.symbol]);
        tokens.collect::<std::collections::BTreeSet<_>>().len()
    }

    pub(crate) fn set_step(&mut self, step: u32, factors: Factors) {
        self.steps.insert(step, factors);
    }

    pub(crate) fn leave_out(&mut self, contract: &str, reason: String) {
        self.left_out.insert(contract.to_owned(), reason);
    }

    pub(crate) fn add_pool(&mut self, pool: Pool) {
        self.remove_pool(&pool.id.clone());
        self.bins += pool.bins.len();
        self.facts.insert(pool.id.clone(), pool.facts());
        self.pools.insert(pool.id.clone(), pool);
    }

    /// Changes all of a pool but its bins.
    pub(crate) fn change_pool(&mut self, id: &PoolId, change: impl FnOnce(&mut Pool)) {
        if let Some(pool) = self.pools.get_mut(id) {
            change(pool);
        }
    }

    /// Sets what a bin holds; nothing at all takes it away.
    pub(crate) fn set_bin(&mut self, id: &PoolId, bin: BinId, reserves: Option<Reserves>) {
        let Some(pool) = self.pools.get_mut(id) else { return };
        let before = pool.bins.len();
        pool.set_bin(bin, reserves);
        self.bins = self.bins + pool.bins.len() - before;
    }

    /// Everything there is.
    pub(crate) fn slots(&self) -> Vec<Slot> {
        let pools = self.pools.values().flat_map(|pool| {
            let bins = pool.bins.keys().map(|bin| Slot::Bin(pool.id.clone(), *bin));
            std::iter::once(Slot::Pool(pool.id.clone())).chain(bins)
        });
        let steps = self.steps.keys().map(|step| Slot::Step(*step));
        let facts = self.facts.keys().cloned().map(Slot::Facts);
        let left_out = self.left_out.keys().cloned().map(Slot::LeftOut);
        steps.chain(facts).chain(left_out).chain(pools).collect()
    }

    fn remove_pool(&mut self, id: &PoolId) {
        if let Some(pool) = self.pools.remove(id) {
            self.bins -= pool.bins.len();
        }
    }

    /// What a slot holds; `None` where there is nothing.
    pub(crate) fn held(&self, slot: &Slot) -> Option<Held> {
        Some(match slot {
            Slot::Step(step) => Held::Step(self.factors(*step)?),
            Slot::Facts(id) => Held::Facts(self.facts.get(id)?.clone()),
            Slot::LeftOut(contract) => Held::LeftOut(self.left_out.get(contract)?.clone()),
            Slot::Pool(id) => Held::Pool(Box::new(self.pools.get(id)?.without_bins())),
            Slot::Bin(id, bin) => {
                let pool = self.pools.get(id)?;
                Held::Bin(*pool.bins.get(bin)?, *bin == pool.active)
            }
        })
    }

    /// Puts back what a slot held.
    pub(crate) fn put_back(&mut self, slot: &Slot, held: Option<Held>) {
        match (slot, held) {
            (Slot::Step(step), Some(Held::Step(factors))) => self.set_step(*step, factors),
            (Slot::Facts(id), Some(Held::Facts(facts))) => {
                self.facts.insert(id.clone(), facts);
            }
            (Slot::LeftOut(contract), Some(Held::LeftOut(reason))) => self.leave_out(contract, reason),
            (Slot::Pool(_), Some(Held::Pool(pool))) => self.set_head(*pool),
            (Slot::Bin(id, bin), Some(Held::Bin(reserves, _))) => self.set_bin(id, *bin, Some(reserves)),
            (slot, _) => self.clear(slot),
        }
    }

    /// Takes over what was kept, or that there was nothing.
    ///
    /// # Errors
    /// [`Fault::Record`] where it is not what was written.
    pub(crate) fn go_to(&mut self, slot: &Slot, kept: Option<&Kept>, tokens: &Tokens) -> Result<(), Fault> {
        match (slot, kept) {
            (_, None) => self.clear(slot),
            (_, Some(Kept::Text(text))) => self.set_text(slot, Some(text), tokens)?,
            (Slot::Bin(id, bin), Some(Kept::Bin(reserves))) => self.set_bin(id, *bin, Some(*reserves)),
            (Slot::Pool(id), Some(Kept::Head(head))) if self.pools.contains_key(id) => {
                self.change_pool(id, |pool| pool.set_head(head.clone()));
            }
            _ => {
                let reason = "what it was before is missing".to_owned();
                return Err(Fault::Record { place: slot.place(), reason });
            }
        }
        Ok(())
    }

    fn clear(&mut self, slot: &Slot) {
        match slot {
            Slot::Step(step) => drop(self.steps.remove(step)),
            Slot::Facts(id) => drop(self.facts.remove(id)),
            Slot::LeftOut(contract) => drop(self.left_out.remove(contract)),
            Slot::Pool(id) => self.remove_pool(id),
            Slot::Bin(id, bin) => self.set_bin(id, *bin, None),
        }
    }

    /// All of a pool but its bins.
    fn set_head(&mut self, mut pool: Pool) {
        (pool.bins, pool.worth) = match self.pools.get_mut(&pool.id) {
            Some(known) => (std::mem::take(&mut known.bins), known.worth),
            None => (BTreeMap::new(), 0),
        };
        self.pools.insert(pool.id.clone(), pool);
    }

    /// The text that is stored for a slot; `None` where there is nothing.
    pub(crate) fn text(&self, slot: &Slot) -> Option<String> {
        match slot {
            Slot::Pool(id) => self.pools.get(id).map(pool_value),
            Slot::Bin(id, bin) => {
                let pool = self.pools.get(id)?;
                pool.bins.get(bin).map(|reserves| bin_value(pool, *bin, *reserves))
            }
            slot => self.held(slot)?.text(),
        }
    }

    /// Takes over a stored text, or that there is none.
    ///
    /// # Errors
    /// [`Fault::Record`] where it is not what was written.
    pub(crate) fn set_text(&mut self, slot: &Slot, text: Option<&str>, tokens: &Tokens) -> Result<(), Fault> {
        self.take_text(slot, text, tokens).map_err(|reason| Fault::Record { place: slot.place(), reason })
    }

    fn take_text(&mut self, slot: &Slot, text: Option<&str>, tokens: &Tokens) -> Result<(), String> {
        match (slot, text) {
            (Slot::Step(step), Some(text)) => {
                self.steps.insert(*step, read_factors(text)?);
            }
            (Slot::Facts(id), Some(text)) => {
                let facts = serde_json::from_str(text).map_err(|error| error.to_string())?;
                self.facts.insert(id.clone(), facts);
            }
            (Slot::LeftOut(contract), Some(text)) => self.leave_out(contract, text.to_owned()),
            (Slot::Pool(id), Some(text)) => {
                let facts = self.facts.get(id).ok_or("its facts are missing")?;
                let pool = read_pool(id, text, facts, tokens, |step| self.factors(step))?;
                self.set_head(pool);
            }
            (Slot::Bin(id, bin), Some(text)) => self.set_bin(id, *bin, Some(read_bin(text)?)),
            (slot, None) => self.clear(slot),
        }
        Ok(())
    }
}

fn read_factors(text: &str) -> Result<Factors, String> {
    let factors: Option<Vec<u128>> = text.split(',').map(|factor| factor.parse().ok()).collect();
    let factors = factors.filter(|factors| factors.len() == BINS);
    factors.map(Arc::from).ok_or_else(|| format!("not {BINS} factors"))
}
