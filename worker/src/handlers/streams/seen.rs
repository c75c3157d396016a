//! How far a stream has seen the market. Replicas lag: what is read may be older than what was told or read before, and would
//! take it back.

use crate::stream::Inbox;

/// Reads in a row that may be too old. After so many it is the count that has gone back: the database was emptied, or is a copy
/// of an earlier day.
const TRIES: i32 = 8;
/// Before the next read: doubled each time.
const FIRST_WAIT_MS: f64 = 25.0;
const LONGEST_WAIT_MS: f64 = 1_000.0;
/// Changes by which a read may be ahead of the messages. Where it is more, the count itself has gone back.
const MOST_AHEAD: u64 = 100;

/// The producer's count of what a client was told last.
#[derive(Debug, Default)]
pub(super) struct Seen {
    seq: Option<u64>,
    tries: i32,
}

impl Seen {
    pub(super) fn at(seq: Option<u64>) -> Self {
        Self { seq, tries: 0 }
    }

    /// The count that a read must have to be as new as what was told, and as what was read before. None where anything may have
    /// happened, and only a read of one's own tells what.
    pub(super) fn needs(&self, news: &Inbox) -> Option<u64> {
        let told = news.seq.filter(|_| !news.is_lost && !news.begins_anew)?;
        (Some(told) >= self.seq).then_some(told)
    }

    /// Whether all that was told is in what was read already: a read may be ahead of the messages.
    pub(super) fn covers(&self, news: &Inbox) -> bool {
        let (Some(told), Some(seen)) = (news.seq, self.seq) else { return false };
        !news.is_lost && !news.begins_anew && (told..told.saturating_add(MOST_AHEAD)).contains(&seen)
    }

    /// What was told is taken in, without a read.
    pub(super) fn told(&mut self, seq: Option<u64>) {
        self.seq = seq.max(self.seq);
    }

    /// Whether what was read is to be passed over, and read again: after how many milliseconds. If not, it is seen.
    pub(super) fn is_behind(&mut self, read: Option<u64>, news: Option<&Inbox>) -> Option<f64> {
        let begins_anew = news.is_some_and(|news| news.begins_anew);
        let known = self.seq.filter(|_| !begins_anew).max(news.and_then(|news| news.seq));
        // Where nothing is counted nobody knows.
        if read.is_some() && read < known && self.tries < TRIES {
            let wait_ms = (FIRST_WAIT_MS * f64::from(self.tries).exp2()).min(LONGEST_WAIT_MS);
            self.tries += 1;
            return Some(wait_ms);
        }
        *self = Self::at(read.or(self.seq));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Message;

    fn told(seqs: &[u64]) -> Inbox {
        let mut news = Inbox::new(None);
        for seq in seqs {
            news.hear(&Message::parse(&format!(r#"{{"seq":{seq},"pools":[]}}"#)).unwrap());
        }
        news
    }

    #[test]
    fn a_read_is_as_new_as_what_was_told_and_read_before() {
        let mut seen = Seen::default();
        assert_eq!(seen.is_behind(Some(7), None), None);
        assert_eq!(seen.is_behind(Some(6), None), Some(25.0));
        assert_eq!(seen.is_behind(Some(8), Some(&told(&[9]))), Some(50.0));
        assert_eq!(seen.is_behind(Some(9), Some(&told(&[9]))), None);
        seen.told(Some(12));
        assert_eq!(seen.is_behind(Some(11), None), Some(25.0));
        assert_eq!(seen.is_behind(None, None), None, "where nothing is counted nobody knows");
        assert_eq!(seen.is_behind(Some(11), None), Some(25.0), "nor is anything forgotten then");
    }

    #[test]
    fn a_read_of_another_one_does_only_after_what_was_told_in_order() {
        let seen = Seen::at(Some(7));
        assert_eq!(seen.needs(&told(&[8, 9])), Some(9));
        assert_eq!(seen.needs(&told(&[7])), Some(7));
        assert_eq!(seen.needs(&told(&[6])), None, "the count may have gone back");
        assert_eq!(seen.needs(&told(&[8, 10])), None, "something was missed");
        assert_eq!(seen.needs(&told(&[8, 3])), None);
        assert_eq!(seen.needs(&told(&[])), None);
    }

    #[test]
    fn what_was_read_before_it_was_told_is_known() {
        let seen = Seen::at(Some(7));
        assert!(seen.covers(&told(&[6])) && seen.covers(&told(&[6, 7])));
        for news in [told(&[8]), told(&[7, 8]), told(&[4, 7]), told(&[7, 6]), told(&[])] {
            assert!(!seen.covers(&news), "{news:?}");
        }
        assert!(!Seen::at(Some(1_000)).covers(&told(&[5])), "an emptied database");
        assert!(!Seen::default().covers(&told(&[1])));
    }

    #[test]
    fn a_count_that_stays_behind_has_gone_back() {
        let mut seen = Seen::at(Some(1_000));
        let waits: Vec<f64> = std::iter::from_fn(|| seen.is_behind(Some(5), None)).take(100).collect();
        assert_eq!(waits.len(), 8);
        assert!(waits.iter().sum::<f64>() < 5_000.0);
        assert_eq!(seen.is_behind(Some(6), None), None);
        // Of a message that says so it is known at once.
        let mut seen = Seen::at(Some(1_000));
        assert_eq!(seen.is_behind(Some(5), Some(&told(&[1_000, 5]))), None);
    }
}
