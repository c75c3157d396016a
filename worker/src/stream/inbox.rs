//! What was heard and not looked at yet. Messages are merged as they come, so that a stream that cannot keep up costs no more
//! than one that can.

use dlmm_core::sorted::SortedSet;
use litemap::LiteMap;
use std::rc::Rc;

use dlmm_core::stored::keys;
use dlmm_core::units::PoolId;

use super::message::{Changed, Message};
use crate::observe::Holding;

/// Bytes of texts that are kept for a stream; beyond them it reads the pools instead.
const MAX_TEXTS: usize = 500_000;
/// Pools whose moves are kept apart; beyond them all are looked at.
const MAX_POOLS: usize = 1_000;

/// Everything since the last look.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// Something may have been missed: everything is to be looked at.
    pub(crate) is_lost: bool,
    /// The count went back.
    pub(crate) begins_anew: bool,
    /// Pools of which something was written.
    pub(crate) moved: SortedSet<PoolId>,
    /// Texts that were told, by the pool they belong to, each with the count of its message.
    pub(crate) told: LiteMap<PoolId, Vec<(u64, Changed)>>,
    /// Pools whose texts were not told.
    pub(crate) untold: SortedSet<PoolId>,
    pub(crate) block_height: Option<u64>,
    pub(crate) taken_at: Option<String>,
    /// The last message's count; it outlasts a look.
    pub(crate) seq: Option<u64>,
    has_news: bool,
    /// Messages that were merged with an earlier one.
    merged: u64,
    text_bytes: usize,
    /// What texts take of the memory of all streams; none where they are of no interest.
    room: Option<Holding>,
    /// Pools whose texts are of interest; none before that is known.
    watched: Option<Rc<SortedSet<PoolId>>>,
}

impl Inbox {
    /// With `room` the texts of keys are of interest, not only which pools moved.
    pub(crate) fn new(room: Option<Holding>) -> Self {
        Self { room, ..Self::default() }
    }

    /// Keeps the texts of these pools alone. What was told meanwhile of one that was not watched yet is read.
    pub(crate) fn watch<'p>(&mut self, pools: impl Iterator<Item = &'p PoolId> + Clone) {
        let Some(known) = self.watched.as_ref() else {
            self.watched = Some(Rc::new(pools.cloned().collect()));
            return;
        };
        if pools.clone().eq(known.iter()) {
            return;
        }
        let missed = pools.clone().filter(|id| !known.contains(*id) && self.moved.contains(*id));
        self.untold.extend(missed.cloned());
        self.watched = Some(Rc::new(pools.cloned().collect()));
    }

    /// Whether there is something to look at.
    pub(crate) const fn has_news(&self) -> bool {
        self.has_news
    }

    /// Something may have been missed.
    pub(crate) fn lose(&mut self) {
        self.has_news = true;
        self.is_lost = true;
    }

    /// Takes a message in.
    pub(crate) fn hear(&mut self, message: &Message<'_>) {
        match (self.seq, message.seq) {
            // It was told before.
            (Some(last), Some(seq)) if seq == last => return,
            (Some(last), Some(seq)) if seq > last.saturating_add(1) => self.is_lost = true,
            // The database was emptied, or is a copy of an earlier day.
            (Some(last), Some(seq)) if seq < last => {
                self.begins_anew = true;
                self.is_lost = true;
            }
            (_, None) => self.is_lost = true,
            _ => {}
        }
        self.merged += u64::from(self.has_news);
        self.has_news = true;
        self.seq = message.seq.or(self.seq);
        self.block_height = message.block_height.or(self.block_height);
        self.taken_at = Some(message.taken_at.to_string());
        let pools: SortedSet<PoolId> = message.pools.iter().filter_map(|id| PoolId::new(id).ok()).collect();
        if self.room.is_some() && !self.is_lost {
            self.take_texts(message, &pools);
        }
        self.moved.extend(pools);
        if self.moved.len() > MAX_POOLS {
            self.is_lost = true;
            self.moved.clear();
        }
        if self.is_lost {
            self.told.clear();
            self.text_bytes = 0;
        }
        self.keep_within(MAX_TEXTS);
    }

    fn take_texts(&mut self, message: &Message<'_>, pools: &SortedSet<PoolId>) {
        let watched = self.watched.clone();
        let is_watched = |id: &PoolId| watched.as_ref().is_none_or(|watched| watched.contains(id));
        if !pools.iter().any(is_watched) {
            return;
        }
        let Some(texts) = message.keys() else {
            self.untold.extend(pools.iter().filter(|id| is_watched(id)).cloned());
            return;
        };
        let mut by_pool: LiteMap<PoolId, Changed> = LiteMap::new();
        for (key, text) in texts {
            let Some(pool) = pool_of(&key).filter(|id| is_watched(id)) else { continue };
            self.text_bytes =
                self.text_bytes.saturating_add(key.len() + text.as_ref().map_or(0, String::len));
            by_pool.entry(pool).or_default().insert(key, text);
        }
        let seq = message.seq.unwrap_or_default();
        for (pool, changed) in by_pool {
            self.told.entry(pool).or_default().push((seq, changed));
        }
    }

    /// Forgets texts that are too much for this stream, or for all streams together: their pools are read.
    fn keep_within(&mut self, most: usize) {
        let Some(room) = &mut self.room else { return };
        if self.text_bytes > most || !room.has_room(self.text_bytes) {
            self.untold.extend(std::mem::take(&mut self.told).into_iter().map(|(pool, _)| pool));
            self.text_bytes = 0;
        }
        room.hold(self.text_bytes);
    }

    /// Hands over what there is, and begins anew after it.
    pub(crate) fn take(&mut self) -> Self {
        let room = self.room.as_ref().map(Holding::another);
        let next = Self { seq: self.seq, room, watched: self.watched.clone(), ..Self::default() };
        std::mem::replace(self, next)
    }

    /// Adds what was heard after this.
    pub(crate) fn join(&mut self, later: Self) {
        self.merged += later.merged + u64::from(self.has_news && later.has_news);
        self.has_news |= later.has_news;
        self.is_lost |= later.is_lost;
        self.begins_anew |= later.begins_anew;
        self.moved.extend(later.moved);
        self.untold.extend(later.untold);
        for (pool, told) in later.told {
            self.told.entry(pool).or_default().extend(told);
        }
        self.text_bytes = self.text_bytes.saturating_add(later.text_bytes);
        if self.is_lost {
            self.untold.extend(std::mem::take(&mut self.told).into_iter().map(|(pool, _)| pool));
            self.text_bytes = 0;
        }
        // Held twice would be counted twice.
        drop(later.room);
        self.keep_within(2 * MAX_TEXTS);
        self.block_height = later.block_height.or(self.block_height);
        self.taken_at = later.taken_at.or(self.taken_at.take());
        self.seq = later.seq.or(self.seq);
    }

    /// Puts back what could not be looked at.
    pub(crate) fn put_back(&mut self) {
        self.lose();
    }

    pub(crate) const fn merged(&self) -> u64 {
        self.merged
    }
}

/// The pool that a key of state belongs to.
fn pool_of(key: &str) -> Option<PoolId> {
    if let Some(id) = key.strip_prefix(keys::POOL_PREFIX) {
        return PoolId::new(id).ok();
    }
    let (id, _) = key.strip_prefix("bin:")?.rsplit_once(':')?;
    PoolId::new(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::InFlight;

    fn listening() -> Inbox {
        Inbox::new(Some(InFlight::default().begin()))
    }

    fn hear(inbox: &mut Inbox, text: &str) {
        inbox.hear(&Message::parse(text).unwrap());
    }

    fn message(seq: u64, keys: &str) -> String {
        format!(r#"{{"seq":{seq},"block_height":5,"taken_at":"t{seq}","pools":["P"],"keys":{{{keys}}}}}"#)
    }

    fn id(text: &str) -> PoolId {
        PoolId::new(text).unwrap()
    }

    #[test]
    fn messages_are_merged_and_counted() {
        let mut inbox = listening();
        assert!(!inbox.has_news());
        for seq in 7..10 {
            hear(&mut inbox, &message(seq, &format!(r#""bin:P:{seq}":"x""#)));
        }
        let news = inbox.take();
        assert!(!news.is_lost && news.has_news() && !inbox.has_news());
        assert_eq!((news.merged(), news.seq, news.block_height), (2, Some(9), Some(5)));
        assert_eq!(news.taken_at.as_deref(), Some("t9"));
        assert_eq!(news.told[&id("P")].len(), 3);
        hear(&mut inbox, &message(9, ""));
        assert!(!inbox.has_news(), "that one was told before");
        hear(&mut inbox, &message(11, r#""bin:P:1":"x""#));
        assert!(inbox.is_lost && inbox.told.is_empty(), "the tenth is missing");
    }

    #[test]
    fn a_count_that_goes_back_is_another_database_and_goes_on_from_there() {
        let mut inbox = listening();
        hear(&mut inbox, &message(1_000, ""));
        let _ = inbox.take();
        hear(&mut inbox, &message(5, r#""bin:P:5":"x""#));
        let news = inbox.take();
        assert!(
            news.has_news()
                && news.is_lost
                && news.begins_anew
                && news.seq == Some(5)
                && news.told.is_empty()
        );
        hear(&mut inbox, &message(6, r#""bin:P:5":"y""#));
        assert!(
            !inbox.begins_anew && !inbox.is_lost && inbox.told.contains_key(&id("P")),
            "and is told as before"
        );
    }

    #[test]
    fn texts_are_kept_within_a_bound_and_read_beyond_it() {
        let mut inbox = listening();
        for seq in 1..=10_000 {
            hear(&mut inbox, &message(seq, &format!(r#""bin:P:5":"{}""#, "x".repeat(200))));
            assert!(
                inbox.text_bytes <= MAX_TEXTS && inbox.told.values().map(Vec::len).sum::<usize>() <= 2_600
            );
        }
        let news = inbox.take();
        assert!(news.untold.contains(&id("P")) && !news.is_lost);
    }

    #[test]
    fn texts_of_all_streams_together_are_kept_within_a_bound() {
        let memory = InFlight::of(1_000);
        let mut inboxes: Vec<Inbox> = (0..10).map(|_| Inbox::new(Some(memory.begin()))).collect();
        for seq in 1..=5 {
            let text = message(seq, &format!(r#""bin:P:{seq}":"{}""#, "x".repeat(100)));
            inboxes.iter_mut().for_each(|inbox| hear(inbox, &text));
            let kept: usize = inboxes.iter().map(|inbox| inbox.text_bytes).sum();
            assert!((1..=1_000).contains(&kept), "{kept}");
        }
        let news: Vec<Inbox> = inboxes.iter_mut().map(Inbox::take).collect();
        assert!(news.iter().all(|news| !news.is_lost));
        let read = news.iter().filter(|news| news.untold.contains(&id("P"))).count();
        assert!((1..=10).contains(&read), "the others read the pool");
        drop(news);
        assert!(memory.begin().has_room(1_000), "all of it is given back");
    }

    #[test]
    fn texts_of_pools_that_nobody_watches_are_not_kept() {
        let mut inbox = listening();
        let watched = id("Q");
        inbox.watch(std::iter::once(&watched));
        hear(&mut inbox, &message(1, r#""bin:P:1":"x""#));
        hear(&mut inbox, r#"{"seq":2,"pools":["P"]}"#);
        hear(&mut inbox, r#"{"seq":3,"pools":["P","Q"],"keys":{"bin:P:1":"y","bin:Q:1":"z"}}"#);
        let news = inbox.take();
        assert_eq!((news.told.len(), news.untold.len(), news.moved.len()), (1, 0, 2));
        assert!(news.told.contains_key(&watched) && !news.is_lost);
        hear(&mut inbox, &message(4, r#""bin:P:1":"x""#));
        assert!(inbox.told.is_empty(), "a look changes nothing in that");
        // The look that is under way has taken P in: what it missed is read.
        let both = [id("P"), watched];
        inbox.watch(both.iter());
        assert_eq!(inbox.take().untold, [id("P")].into());
    }

    #[test]
    fn a_message_without_texts_says_whose_are_to_be_read() {
        let mut inbox = listening();
        hear(&mut inbox, r#"{"seq":1,"pools":["P","not a name"]}"#);
        assert_eq!(inbox.take().untold, [id("P")].into());
        hear(&mut inbox, r#"{"pools":["P"]}"#);
        assert!(inbox.is_lost, "without a count nobody knows what is missing");
    }

    #[test]
    fn what_comes_later_is_joined() {
        let mut inbox = listening();
        hear(&mut inbox, &message(1, r#""bin:P:5":"x""#));
        let mut news = inbox.take();
        hear(&mut inbox, &message(2, r#""bin:P:5":"y""#));
        news.join(inbox.take());
        assert_eq!((news.seq, news.merged(), news.told[&id("P")].len()), (Some(2), 1, 2));
        news.join(inbox.take());
        assert_eq!((news.seq, news.merged(), news.is_lost), (Some(2), 1, false));
        inbox.lose();
        news.join(inbox.take());
        assert!(news.is_lost && news.told.is_empty() && news.has_news());
    }

    #[test]
    fn keys_belong_to_the_pool_in_their_name() {
        assert_eq!(pool_of("pool:A"), Some(id("A")));
        assert_eq!(pool_of("bin:SP1.pool-x:500"), Some(id("SP1.pool-x")));
        for key in ["tokens", "bin:A", "pairs:A:B", "pool:"] {
            assert_eq!(pool_of(key), None, "{key}");
        }
    }
}
