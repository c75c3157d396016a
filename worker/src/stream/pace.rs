//! When a stream polls, shows that it lives, and ends.

/// Where messages come, polls are this many times rarer; after as many without a message these are not relied on any more.
const QUIET_POLLS: f64 = 5.0;
/// After a look it rests so many times as long as that took, however fast its market moves: no stream takes more than its part of
/// Redis and of the CPU. On a busy machine a look may take long though few look, so that rest is short enough for what changes
/// meanwhile to be told within 250 ms. One that waits for nothing takes no time by the clock of Workers, which stands still
/// meanwhile. What many take together is bounded by their line: [`Turns`](crate::observe::Turns).
const REST: f64 = 10.0;
const REST_MS: (f64, f64) = (20.0, 100.0);
/// How often something goes out, news or not: proxies take a silent stream for dead.
const BEAT_MS: f64 = 15_000.0;

/// The clock of one stream, in Unix milliseconds.
#[derive(Debug)]
pub(crate) struct Pace {
    poll_ms: f64,
    ends_ms: f64,
    /// When it read Redis last, for whatever reason.
    read_ms: f64,
    /// When it wrote last.
    wrote_ms: f64,
    /// Before then it does not look.
    rests_until_ms: f64,
    /// When the subscription brought a message last; none before the first.
    heard_ms: Option<f64>,
}

impl Pace {
    pub(crate) fn new(now_ms: f64, poll_ms: u32, max_seconds: u32) -> Self {
        Self {
            poll_ms: poll_ms.into(),
            ends_ms: now_ms + f64::from(max_seconds) * 1_000.0,
            read_ms: now_ms,
            wrote_ms: now_ms,
            rests_until_ms: now_ms,
            heard_ms: None,
        }
    }

    /// It has read Redis.
    pub(crate) fn read(&mut self, now_ms: f64) {
        self.read_ms = now_ms;
    }

    pub(crate) fn wrote(&mut self, now_ms: f64) {
        self.wrote_ms = now_ms;
    }

    /// A message came.
    pub(crate) fn heard(&mut self, now_ms: f64) {
        self.heard_ms = Some(now_ms);
    }

    /// The subscription is gone, and with it the right to rely on it.
    pub(crate) fn deafened(&mut self) {
        self.heard_ms = None;
    }

    /// When to poll next. Messages put it off, but not for ever: what nobody told is to be seen as well, and they may be of
    /// other pools.
    fn poll_at_ms(&self) -> f64 {
        let usual = self.read_ms + self.poll_ms;
        let Some(heard_ms) = self.heard_ms else { return usual };
        usual.max(self.read_ms.min(heard_ms) + QUIET_POLLS * self.poll_ms)
    }

    pub(crate) fn polls(&self, now_ms: f64) -> bool {
        now_ms >= self.poll_at_ms()
    }

    /// It has looked since then.
    pub(crate) fn looked(&mut self, began_ms: f64, now_ms: f64) {
        let took_ms = (now_ms - began_ms).max(0.0);
        let (least_ms, most_ms) = REST_MS;
        self.rest_until(now_ms + (REST * took_ms).clamp(least_ms, most_ms));
    }

    /// Has it not look before then.
    pub(crate) fn rest_until(&mut self, at_ms: f64) {
        self.rests_until_ms = self.rests_until_ms.max(at_ms);
    }

    /// Whether it may not look yet, whatever there is to see.
    pub(crate) fn rests(&self, now_ms: f64) -> bool {
        now_ms < self.rests_until_ms
    }

    pub(crate) fn beats(&self, now_ms: f64) -> bool {
        now_ms >= self.wrote_ms + BEAT_MS
    }

    pub(crate) fn is_over(&self, now_ms: f64) -> bool {
        now_ms >= self.ends_ms
    }

    /// How long nothing is due.
    pub(crate) fn idle_ms(&self, now_ms: f64) -> f64 {
        let look = if self.rests(now_ms) { self.rests_until_ms } else { self.poll_at_ms() };
        let next = look.min(self.wrote_ms + BEAT_MS).min(self.ends_ms);
        (next - now_ms).max(0.0)
    }

    /// How long the stream still lives.
    pub(crate) fn left_ms(&self, now_ms: f64) -> f64 {
        (self.ends_ms - now_ms).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_polls_until_the_first_message_and_after_a_silence() {
        let mut pace = Pace::new(0.0, 1_000, 300);
        assert!(!pace.polls(999.0) && pace.polls(1_000.0));
        pace.read(2_000.0);
        pace.heard(1_500.0);
        assert!(!pace.polls(6_499.0) && pace.polls(6_500.0));
        pace.read(6_500.0);
        assert!(!pace.polls(7_499.0) && pace.polls(7_500.0), "and goes on until the next one");
        pace.heard(7_600.0);
        assert!(!pace.polls(11_499.0));
        pace.deafened();
        assert!(pace.polls(7_500.0));
    }

    #[test]
    fn messages_that_ask_for_no_read_put_a_poll_off_for_a_while_only() {
        let mut pace = Pace::new(0.0, 1_000, 300);
        pace.read(100.0);
        for now in 1..=50 {
            let now_ms = f64::from(now) * 100.0;
            assert!(!pace.polls(now_ms), "{now_ms}");
            pace.heard(now_ms);
        }
        assert!(pace.polls(5_100.0), "what nobody told is seen while others are told of");
    }

    #[test]
    fn what_could_not_be_done_is_tried_again_after_a_rest_in_which_it_beats_on() {
        let mut pace = Pace::new(0.0, 60_000, 300);
        pace.wrote(14_500.0);
        pace.read(29_000.0);
        pace.rest_until(30_000.0);
        assert!(pace.rests(29_999.0) && !pace.rests(30_000.0));
        assert_eq!((pace.idle_ms(29_000.0), pace.idle_ms(29_600.0)), (500.0, 0.0), "the beat comes first");
        pace.wrote(29_500.0);
        assert_eq!(pace.idle_ms(29_600.0), 400.0);
        pace.rest_until(29_000.0);
        assert!(pace.rests(29_999.0), "a rest is not cut short");
    }

    #[test]
    fn it_rests_after_a_look_in_keeping_with_what_that_took() {
        let mut pace = Pace::new(0.0, 1_000, 300);
        pace.looked(100.0, 100.0);
        assert!(pace.rests(119.0) && !pace.rests(120.0), "what took nothing costs something all the same");
        pace.looked(100.0, 105.0);
        assert!(pace.rests(154.0) && !pace.rests(155.0));
        pace.looked(400.0, 448.0);
        assert!(pace.rests(547.0) && !pace.rests(548.0), "a slow look is told on soon");
        pace.looked(1_000.0, 900.0);
        assert!(!pace.rests(920.0), "a clock that goes back is no look");
    }

    #[test]
    fn it_beats_while_it_is_silent_and_ends() {
        let mut pace = Pace::new(0.0, 60_000, 300);
        assert!(!pace.beats(14_999.0) && pace.beats(15_000.0));
        pace.wrote(15_000.0);
        assert_eq!(pace.idle_ms(20_000.0), 10_000.0);
        assert!(!pace.is_over(299_999.0) && pace.is_over(300_000.0));
        assert_eq!((pace.idle_ms(400_000.0), pace.left_ms(290_000.0)), (0.0, 10_000.0));
    }
}
