//! Keys that a quote cannot read although something is there: what is known of them, and when they were looked at.

use litemap::LiteMap;
use std::cell::RefCell;

use dlmm_core::api::SkippedPool;
use dlmm_core::network::state::{PoolState, State};
use dlmm_core::stored::keys::StateKey;
use dlmm_core::units::PoolId;

use crate::market::listing::Topology;

/// How long what was seen of a pool's keys is taken as it was.
const LOOK_MS: f64 = 2_000.0;

/// A key of a pool that holds what cannot be read, and why.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unreadable {
    pub(super) key: StateKey,
    pub(super) reason: String,
    pub(super) hold: Hold,
}

/// What is done about a pool with such a key, and until when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Hold {
    /// It is of another type: the pool is read, and left out unless the key gives a text.
    Type,
    /// It is too large: the pool is not read until a look at its length says that it may be.
    Length,
    /// The pool is too large as a whole: it is not read before that time, in Unix milliseconds.
    Until(f64),
}

impl Unreadable {
    fn left_out(&self) -> SkippedPool {
        SkippedPool { key: self.key.to_string(), reason: self.reason.clone() }
    }
}

/// What one isolate knows of such keys. A pool with one is left out until the key is read, or a look finds it mended.
#[derive(Debug, Default)]
pub struct UnreadableKeys {
    pools: RefCell<LiteMap<PoolId, Looked>>,
}

#[derive(Debug, Default)]
struct Looked {
    at_ms: f64,
    /// Keys that were asked for and are as they should be. Bounded by the keys of a pool.
    sound: LiteMap<u16, ()>,
    fault: Option<Unreadable>,
}

/// A place for each key of a pool in a set of numbers: the bins by id, then the pool value.
fn place(key: &StateKey) -> u16 {
    match key {
        StateKey::Pool(_) => u16::MAX,
        StateKey::Bin(_, id) => id.get(),
    }
}

/// The pool that a key belongs to.
pub(super) fn pool_of(key: &StateKey) -> &PoolId {
    let (StateKey::Pool(id) | StateKey::Bin(id, _)) = key;
    id
}

impl UnreadableKeys {
    /// The key that keeps this pool out, if one does.
    pub(super) fn fault(&self, id: &PoolId) -> Option<Unreadable> {
        self.pools.borrow().get(id)?.fault.clone()
    }

    /// The key of this pool that was of another type when a quote or a copy met it, if there is one.
    pub fn suspect(&self, id: &PoolId) -> Option<String> {
        self.fault(id).filter(|fault| fault.hold == Hold::Type).map(|fault| fault.key.to_string())
    }

    /// Whether the keys of this pool may be looked at again.
    pub(super) fn is_due(&self, id: &PoolId, now_ms: f64) -> bool {
        // A clock that was set back must not end the looks for good.
        self.pools.borrow().get(id).is_none_or(|looked| (now_ms - looked.at_ms).abs() >= LOOK_MS)
    }

    /// Whether this very key was found sound so short a time ago that it counts as sound still.
    pub(super) fn is_sound(&self, key: &StateKey, now_ms: f64) -> bool {
        !self.is_due(pool_of(key), now_ms) && self.was_sound(key)
    }

    /// Whether the last look, whenever that was, found this very key sound.
    pub(super) fn was_sound(&self, key: &StateKey) -> bool {
        self.pools.borrow().get(pool_of(key)).is_some_and(|looked| looked.sound.contains_key(&place(key)))
    }

    /// Notes that a look at these keys begins, so that no other one does meanwhile.
    pub(super) fn begin(&self, keys: &[StateKey], now_ms: f64) {
        let mut pools = self.pools.borrow_mut();
        for key in keys {
            let looked = pools.entry(pool_of(key).clone()).or_default();
            if (now_ms - looked.at_ms).abs() >= LOOK_MS {
                looked.at_ms = now_ms;
                looked.sound.clear();
            }
        }
    }

    /// Takes over what a look at these keys found; `faults` are those that cannot be read.
    pub(super) fn settle(&self, keys: &[StateKey], faults: Vec<Unreadable>) {
        let mut pools = self.pools.borrow_mut();
        for key in keys {
            let Some(looked) = pools.get_mut(pool_of(key)) else { continue };
            looked.sound.insert(place(key), ());
            if looked.fault.as_ref().is_some_and(|fault| fault.key == *key) {
                looked.fault = None;
            }
        }
        for fault in faults {
            let Some(looked) = pools.get_mut(pool_of(&fault.key)) else { continue };
            looked.sound.remove(&place(&fault.key));
            looked.fault.get_or_insert(fault);
        }
    }

    /// Notes a key that cannot be read, found otherwise than by a look.
    pub(super) fn note(&self, fault: &Unreadable, now_ms: f64) {
        let mut pools = self.pools.borrow_mut();
        let looked = pools.entry(pool_of(&fault.key).clone()).or_default();
        looked.at_ms = now_ms;
        looked.fault = Some(fault.clone());
    }

    /// Notes a key for which a read of the whole pool left it out. What is known of the pool already stays.
    pub(super) fn note_left_out(&self, left_out: &SkippedPool, hold: Hold, now_ms: f64) {
        let Some(key) = StateKey::parse(&left_out.key) else { return };
        if self.fault(pool_of(&key)).is_none() {
            self.note(&Unreadable { key, reason: left_out.reason.clone(), hold }, now_ms);
        }
    }

    /// Why this pool is not to be read at the moment, if it is not.
    pub(super) fn held_back(&self, id: &PoolId, now_ms: f64) -> Option<SkippedPool> {
        let mut pools = self.pools.borrow_mut();
        let looked = pools.get_mut(id)?;
        let fault = looked.fault.as_ref()?;
        match fault.hold {
            Hold::Type => None,
            Hold::Until(end_ms) if now_ms >= end_ms => {
                looked.fault = None;
                None
            }
            Hold::Length | Hold::Until(_) => Some(fault.left_out()),
        }
    }

    /// Leaves the pools out of what was read that have such a key; one whose key was read is sound again. Gives
    /// those that are left out.
    pub(super) fn apply(&self, state: &mut State) -> Vec<(PoolId, SkippedPool)> {
        let mut pools = self.pools.borrow_mut();
        let mut left_out = Vec::new();
        for (id, looked) in pools.iter_mut() {
            let Some(fault) = looked.fault.as_ref().filter(|fault| fault.hold == Hold::Type) else {
                continue;
            };
            let Some(read) = state.pools.get_mut(id) else { continue };
            match judge(read, &fault.key) {
                Judged::Mended => looked.fault = None,
                Judged::Moot => {}
                Judged::Unread => {
                    let out = fault.left_out();
                    *read = PoolState::Skipped { key: out.key.clone(), reason: out.reason.clone() };
                    left_out.push((id.clone(), out));
                }
            }
        }
        left_out
    }

    /// The keys that keep pools out and may be looked at again. Of those that are kept out for a time, that time is over
    /// first.
    pub(super) fn faults_due(&self, now_ms: f64) -> Vec<StateKey> {
        let mut pools = self.pools.borrow_mut();
        let mut due = Vec::new();
        for (_, looked) in pools.iter_mut() {
            let age_ms = (now_ms - looked.at_ms).abs();
            let Some(fault) = &looked.fault else { continue };
            match fault.hold {
                Hold::Until(end_ms) if now_ms >= end_ms => looked.fault = None,
                Hold::Until(_) => {}
                Hold::Type | Hold::Length if age_ms >= LOOK_MS => due.push(fault.key.clone()),
                Hold::Type | Hold::Length => {}
            }
        }
        due
    }

    /// The keys that keep pools out.
    pub fn named(&self) -> Vec<SkippedPool> {
        let pools = self.pools.borrow();
        let faults = pools.values().filter_map(|looked| looked.fault.as_ref());
        faults.map(Unreadable::left_out).collect()
    }

    /// Forgets all of it.
    pub fn clear(&self) {
        self.pools.borrow_mut().clear();
    }

    /// Forgets pools that are gone.
    pub fn keep_only(&self, topology: &Topology) {
        self.pools.borrow_mut().retain(|id, _| topology.routing(id).is_some());
    }
}

enum Judged {
    /// There is a text under the key now.
    Mended,
    /// The pool is not quoted, whatever the key holds.
    Moot,
    Unread,
}

fn judge(read: &PoolState, key: &StateKey) -> Judged {
    match (read, key) {
        (PoolState::Absent, StateKey::Pool(_)) => Judged::Unread,
        (_, StateKey::Pool(_)) => Judged::Mended,
        (PoolState::Ready { pool, .. }, StateKey::Bin(_, id)) if pool.bin(*id).is_some() => Judged::Mended,
        (PoolState::Ready { .. }, StateKey::Bin(..)) => Judged::Unread,
        (_, StateKey::Bin(..)) => Judged::Moot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlmm_core::units::BinId;

    fn id() -> PoolId {
        PoolId::new("P").unwrap()
    }

    fn bin(n: u16) -> StateKey {
        StateKey::Bin(id(), BinId::new(n).unwrap())
    }

    fn fault(key: &StateKey) -> Unreadable {
        Unreadable { key: key.clone(), reason: "is a hash, not a string".to_owned(), hold: Hold::Type }
    }

    #[test]
    fn a_pool_is_looked_at_once_in_two_seconds_and_a_set_back_clock_does_not_end_that() {
        let keys = UnreadableKeys::default();
        assert!(keys.is_due(&id(), 10_000.0));
        keys.begin(&[bin(1)], 10_000.0);
        assert!(!keys.is_due(&id(), 11_999.0));
        assert!(keys.is_due(&id(), 12_000.0) && keys.is_due(&id(), 0.0));
    }

    #[test]
    fn only_the_keys_that_were_asked_for_are_known_to_be_sound() {
        let keys = UnreadableKeys::default();
        keys.begin(&[bin(1), bin(2)], 0.0);
        keys.settle(&[bin(1), bin(2)], vec![fault(&bin(2))]);
        assert!(keys.is_sound(&bin(1), 1.0));
        assert!(!keys.is_sound(&bin(2), 1.0) && !keys.is_sound(&bin(3), 1.0));
        assert!(!keys.is_sound(&bin(1), LOOK_MS), "too long ago");
    }

    #[test]
    fn a_fault_stays_until_a_look_at_that_key_or_its_text_says_otherwise() {
        let keys = UnreadableKeys::default();
        keys.begin(&[bin(1)], 0.0);
        keys.settle(&[bin(1)], vec![fault(&bin(1))]);
        keys.settle(&[bin(2)], vec![]);
        assert!(keys.fault(&id()).is_some());
        keys.settle(&[bin(1)], vec![]);
        assert_eq!(keys.fault(&id()), None);
    }

    #[test]
    fn a_pool_that_is_too_large_is_held_back_until_a_look_or_for_a_time() {
        let keys = UnreadableKeys::default();
        keys.note(&Unreadable { hold: Hold::Length, ..fault(&bin(1)) }, 0.0);
        assert!(keys.held_back(&id(), 1e12).is_some() && !keys.is_due(&id(), 1.0));
        keys.settle(&[bin(1)], vec![]);
        assert_eq!(keys.held_back(&id(), 1.0), None);
        keys.note(&Unreadable { hold: Hold::Until(60.0), ..fault(&bin(1)) }, 0.0);
        assert!(keys.held_back(&id(), 59.0).is_some());
        assert_eq!((keys.held_back(&id(), 60.0), keys.fault(&id())), (None, None));
    }

    #[test]
    fn an_absent_pool_value_that_holds_another_type_is_skipped_and_comes_back_with_its_text() {
        let keys = UnreadableKeys::default();
        let key = StateKey::Pool(id());
        keys.begin(std::slice::from_ref(&key), 0.0);
        keys.settle(std::slice::from_ref(&key), vec![fault(&key)]);
        let mut state = State::default();
        state.pools.insert(id(), PoolState::Absent);
        assert_eq!(keys.apply(&mut state).len(), 1);
        assert!(matches!(state.pools.get(&id()), Some(PoolState::Skipped { key, .. }) if key == "pool:P"));
        state.pools.insert(id(), PoolState::Inactive);
        assert!(keys.apply(&mut state).is_empty());
        assert_eq!(keys.fault(&id()), None);
    }
}
