//! What is new for a client: texts that it does not know yet.

use dlmm_core::sorted::SortedSet;
use dlmm_core::stored::keys::StateKey;
use dlmm_core::stored::{StoredPool, keys};
use dlmm_core::units::{BinId, PoolId};
use litemap::LiteMap;

use crate::market::watched::{Held, HeldPool};
use crate::stream::{Changed, Inbox};

/// Keys with their new texts, none for what is gone.
#[derive(Debug, Default)]
pub(super) struct Diff(pub(super) LiteMap<String, Option<String>>);

impl Diff {
    /// Takes in what a message told of a pool.
    fn tell(&mut self, id: &PoolId, held: &mut HeldPool, changed: &Changed) {
        for (key, text) in changed {
            let text = text.as_deref();
            let is_new = match bin_in(id, key) {
                Some(bin) => held.set_bin(bin, text),
                None if *key == keys::pool(id) => held.set_value(text),
                None => false,
            };
            if is_new {
                self.0.insert(key.clone(), text.map(str::to_owned));
            }
        }
    }

    /// Takes in what was told of pools that are held, each message of which the pool does not hold the effect already.
    pub(super) fn hear(&mut self, held: &mut Held, news: &Inbox) {
        for (id, told) in &news.told {
            let Some(pool) = held.get_mut(id) else { continue };
            for (seq, changed) in told {
                if *seq > pool.seq {
                    self.tell(id, pool, changed);
                    pool.seq = *seq;
                }
            }
        }
    }

    /// Takes in a pool as it was read whole: it is of that count from now on, even where an earlier one was higher.
    pub(super) fn see(&mut self, id: &PoolId, held: &mut HeldPool, pool: &StoredPool<'_>, seq: Option<u64>) {
        held.seq = seq.unwrap_or(held.seq);
        if held.set_value(pool.value.as_deref()) {
            self.0.insert(keys::pool(id), pool.value.as_deref().map(str::to_owned));
        }
        let there: SortedSet<BinId> = pool.bins.iter().filter_map(|(bin, _)| *bin).collect();
        for bin in held.bin_ids() {
            if !there.contains(&bin) && held.set_bin(bin, None) {
                self.0.insert(keys::bin(id, bin), None);
            }
        }
        for (bin, text) in &pool.bins {
            let Some(bin) = bin else { continue };
            if held.set_bin(*bin, Some(text)) {
                self.0.insert(keys::bin(id, *bin), Some(text.to_string()));
            }
        }
    }

    /// The pools of which bins are gone.
    pub(super) fn with_bins_gone(&self) -> SortedSet<PoolId> {
        let gone = self.0.iter().filter(|(_, text)| text.is_none());
        let keys = gone.filter_map(|(key, _)| StateKey::parse(key));
        keys.filter_map(|key| if let StateKey::Bin(id, _) = key { Some(id) } else { None }).collect()
    }

    /// Takes in the text of one key that was read.
    pub(super) fn read(&mut self, id: &PoolId, held: &mut HeldPool, key: &str, text: Option<&str>) {
        let changed: Changed = [(key.to_owned(), text.map(str::to_owned))].into_iter().collect();
        self.tell(id, held, &changed);
    }
}

/// The bin of this pool that the key is of.
fn bin_in(id: &PoolId, key: &str) -> Option<BinId> {
    let bin = key.strip_prefix("bin:")?.strip_prefix(id.as_str())?.strip_prefix(':')?;
    let number: u16 = bin.parse().ok()?;
    BinId::new(number).filter(|bin| keys::bin(id, *bin) == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::InFlight;
    use crate::stream::Message;

    fn id(text: &str) -> PoolId {
        PoolId::new(text).unwrap()
    }

    fn stored(bins: &[(u16, &str)]) -> StoredPool<'static> {
        let bins = bins.iter().map(|(bin, text)| (BinId::new(*bin).unwrap(), *text));
        StoredPool::new(Some("value"), (BinId::MIN, BinId::MAX), bins).into_owned()
    }

    fn keys_of(diff: Diff) -> Vec<(String, Option<String>)> {
        diff.0.into_iter().collect()
    }

    #[test]
    fn only_what_differs_is_new_and_nothing_older_than_what_was_read() {
        let mut held: Held =
            [(id("P"), HeldPool::of(&stored(&[(5, "five"), (6, "six")]), 7))].into_iter().collect();
        let mut news = Inbox::new(Some(InFlight::default().begin()));
        for (seq, keys) in [
            (7, r#""bin:P:5":"old""#),
            (8, r#""bin:P:5":"five","bin:P:6":null,"bin:Q:1":"x","pool:P":"value","bin:P:07":"x""#),
            (9, r#""bin:P:7":"seven""#),
        ] {
            let text = format!(r#"{{"seq":{seq},"pools":["P","Q"],"keys":{{{keys}}}}}"#);
            news.hear(&Message::parse(&text).unwrap());
        }
        let mut diff = Diff::default();
        diff.hear(&mut held, &news);
        let expected = [("bin:P:6".to_owned(), None), ("bin:P:7".to_owned(), Some("seven".to_owned()))];
        assert_eq!(keys_of(diff), expected);
        let mut again = Diff::default();
        again.hear(&mut held, &news);
        assert!(again.0.is_empty());
    }

    #[test]
    fn a_pool_that_is_read_whole_shows_what_is_gone() {
        let mut pool = HeldPool::of(&stored(&[(5, "five"), (6, "six")]), 7);
        let mut diff = Diff::default();
        diff.see(&id("P"), &mut pool, &stored(&[(6, "six!"), (8, "eight")]), Some(9));
        let own = |text: &str| Some(text.to_owned());
        assert_eq!(
            keys_of(diff),
            [
                ("bin:P:5".to_owned(), None),
                ("bin:P:6".to_owned(), own("six!")),
                ("bin:P:8".to_owned(), own("eight"))
            ]
        );
        assert_eq!(pool.seq, 9);
    }
}
