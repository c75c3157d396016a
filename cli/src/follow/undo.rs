//! What a block changed, kept to be undone and done again: numbers where a text follows from them.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::units::{BinId, PoolId};
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::journal::Journal;
use super::market::{Held, Kept, Market, Slot};
use super::pool::{Head, Reserves, Touched, known_status};
use super::record::changes_field;

/// Slots in the order in which they need each other, with what is to be there.
pub(crate) type Moves = Vec<(Slot, Option<Kept>)>;

/// Before and after.
#[derive(Debug, Serialize, Deserialize)]
struct Pair<T>(Option<T>, Option<T>);

impl<T> Pair<T> {
    fn side(self, back: bool) -> Option<T> {
        if back { self.0 } else { self.1 }
    }
}

/// What one block changed, as it is written down.
///
/// All of it is always there, and nothing else: whatever cannot be told from "nothing changed" would undo nothing.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    /// Steps, facts and reasons, and pools that came.
    texts: BTreeMap<String, Pair<String>>,
    pools: BTreeMap<String, Pair<HeadText>>,
    /// By pool and bin.
    bins: BTreeMap<String, BTreeMap<u16, Pair<BinText>>>,
}

/// Reserves of X and of Y, and the time.
#[derive(Debug, Serialize, Deserialize)]
struct BinText(String, String, u64);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadText {
    active: u16,
    status: String,
    fees: [u16; 6],
    exempt: BTreeSet<String>,
    height: u64,
    hash: String,
    time_ms: u64,
}

impl Changes {
    /// Of what a block found, to what it left.
    pub(crate) fn of(journal: &Journal, market: &Market) -> Self {
        let mut changes = Self::default();
        for (slot, before, now) in journal.changed(market) {
            match (slot, before, now) {
                (Slot::Pool(id), Some(Held::Pool(before)), Some(Held::Pool(now))) => {
                    let pair = Pair(Some(HeadText::of(before.head())), Some(HeadText::of(now.head())));
                    changes.pools.insert(id.to_string(), pair);
                }
                (Slot::Bin(id, bin), before, now) => {
                    let pair = Pair(before.and_then(BinText::of), now.as_ref().and_then(BinText::of));
                    match changes.bins.get_mut(id.as_str()) {
                        Some(bins) => bins.insert(bin.get(), pair).map_or((), drop),
                        None => {
                            changes.bins.insert(id.to_string(), BTreeMap::from([(bin.get(), pair)]));
                        }
                    }
                }
                (slot, before, now) => {
                    let pair = Pair(before.and_then(Held::text), now.as_ref().and_then(Held::text));
                    changes.texts.insert(slot.place(), pair);
                }
            }
        }
        changes
    }

    /// Reads what was written down of a block.
    ///
    /// # Errors
    /// [`Fault::Record`]
    pub(crate) fn read(hash: &str, text: Option<&str>) -> Result<Self, Fault> {
        let text = text.ok_or_else(|| odd(hash, "it is missing"))?;
        serde_json::from_str(text).map_err(|error| odd(hash, &error.to_string()))
    }

    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What to go back to, or to come to again.
    ///
    /// # Errors
    /// [`Fault::Record`] for the block of this hash.
    pub(crate) fn moves(self, hash: &str, back: bool) -> Result<Moves, Fault> {
        let mut moves = Moves::new();
        for (place, pair) in self.texts {
            let slot = Slot::parse(&place).ok_or_else(|| odd(hash, "a place is none"))?;
            moves.push((slot, pair.side(back).map(Kept::Text)));
        }
        // A pool's text needs its facts and its step.
        moves.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (id, pair) in self.pools {
            let id = PoolId::new(&id).map_err(|_| odd(hash, "a pool id is none"))?;
            let head = pair.side(back).map(|head| head.read().ok_or_else(|| odd(hash, "a pool is none")));
            moves.push((Slot::Pool(id), head.transpose()?.map(Kept::Head)));
        }
        for (id, bins) in self.bins {
            let id = PoolId::new(&id).map_err(|_| odd(hash, "a pool id is none"))?;
            for (bin, pair) in bins {
                let bin = BinId::new(bin).ok_or_else(|| odd(hash, "a bin id is none"))?;
                let reserves =
                    pair.side(back).map(|bin| bin.read().ok_or_else(|| odd(hash, "a bin is none")));
                moves.push((Slot::Bin(id.clone(), bin), reserves.transpose()?.map(Kept::Bin)));
            }
        }
        Ok(moves)
    }
}

impl BinText {
    fn of(held: &Held) -> Option<Self> {
        let Held::Bin(Reserves { x, y, time_ms }, _) = held else { return None };
        Some(Self(x.to_string(), y.to_string(), *time_ms))
    }

    fn read(&self) -> Option<Reserves> {
        let Self(x, y, time_ms) = self;
        Some(Reserves { x: x.parse().ok()?, y: y.parse().ok()?, time_ms: *time_ms })
    }
}

impl HeadText {
    fn of(head: Head) -> Self {
        let Head { active, status, fees, exempt, touched: Touched { height, hash, time_ms } } = head;
        let (active, status, hash) = (active.get(), status.to_owned(), hash.to_string());
        Self { active, status, fees, exempt, height, hash, time_ms }
    }

    fn read(self) -> Option<Head> {
        let Self { active, status, fees, exempt, height, hash, time_ms } = self;
        let touched = Touched { height, hash: hash.into(), time_ms };
        Some(Head { active: BinId::new(active)?, status: known_status(&status)?, fees, exempt, touched })
    }
}

fn odd(hash: &str, reason: &str) -> Fault {
    Fault::Record { place: changes_field(hash), reason: reason.to_owned() }
}
