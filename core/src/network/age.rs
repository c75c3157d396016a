//! How old the state of a pool is: the one rule, for every place that tells, limits or shows an age.
//!
//! The age counts from the later of two times: the pool's own `last_updated`, and the heartbeat that a producer
//! moves every round, changes or not. So a quiet pool under a live producer is not old.

use alloc::string::String;

/// How far a producer's clock may be ahead of ours. What lies further ahead says nothing about an age.
pub const CLOCK_SKEW_MS: u64 = 5_000;
/// Age above which an answer warns, where nothing else is set.
pub const DEFAULT_WARN_AGE_MS: u64 = 60_000;

/// When a state was written, as stored and as a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The stored text.
    pub text: String,
    /// Milliseconds since 1970; `None` where the text is no time.
    pub at_ms: Option<u64>,
}

/// An age above which something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeLimit {
    /// The age, milliseconds.
    pub ms: u64,
    /// Whether it holds only where the producer keeps a heartbeat: without one nobody knows whether a pool is old or
    /// only quiet.
    pub needs_heartbeat: bool,
}

impl AgeLimit {
    /// A limit that somebody has set by name: it holds for every state.
    #[must_use]
    pub const fn named(ms: u64) -> Self {
        Self { ms, needs_heartbeat: false }
    }

    /// A default: it holds where there is a heartbeat.
    #[must_use]
    pub const fn by_heartbeat(ms: u64) -> Self {
        Self { ms, needs_heartbeat: true }
    }
}

/// What a producer says of all its pools at once, in the metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// `heartbeat_ms` as stored; `None` where there is none.
    pub heartbeat: Option<Stamp>,
    /// `block_height`: every pool is as it was after this block, or a later one. `None` where nobody says so.
    pub block_height: Option<u64>,
}

/// What ages and heights are judged by, beside the times and heights of the pools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgeRule {
    /// What the producer says of all pools.
    pub pulse: Pulse,
    /// Age above which an answer warns.
    pub warn: Option<AgeLimit>,
    /// Age above which a request is refused, whatever it says itself.
    pub refuse: Option<AgeLimit>,
}

impl AgeRule {
    /// The heartbeat, unless it says nothing at `now_ms`.
    #[must_use]
    pub fn heartbeat_ms(&self, now_ms: u64) -> Option<u64> {
        self.pulse.heartbeat.as_ref()?.at_ms.filter(|at| !is_beyond(*at, now_ms))
    }

    /// Milliseconds since the heartbeat, 0 where its clock is a little ahead.
    #[must_use]
    pub fn heartbeat_age_ms(&self, now_ms: u64) -> Option<u64> {
        self.heartbeat_ms(now_ms).map(|at| now_ms.saturating_sub(at))
    }

    /// By how much a heartbeat is too far ahead to say anything.
    #[must_use]
    pub fn heartbeat_ahead_ms(&self, now_ms: u64) -> Option<u64> {
        ahead_ms(self.pulse.heartbeat.as_ref(), now_ms)
    }

    /// The age of a pool with this time; `None` where nobody knows it.
    #[must_use]
    pub fn age_ms(&self, last_updated: Option<&Stamp>, now_ms: u64) -> Option<u64> {
        let at_ms = last_updated.and_then(|stamp| stamp.at_ms);
        // A clock that is wrong by hours goes on to be wrong while its producer is dead.
        if at_ms.is_some_and(|at| is_beyond(at, now_ms)) {
            return None;
        }
        let latest = at_ms.max(self.heartbeat_ms(now_ms))?;
        Some(now_ms.saturating_sub(latest))
    }

    /// The block that a pool is known to be at least as new as: its own, or the producer's, whichever is later. So a quiet
    /// pool under a live producer is not old.
    #[must_use]
    pub fn block_height(&self, own: Option<u64>) -> Option<u64> {
        own.max(self.pulse.block_height)
    }

    /// The age above which an answer warns at `now_ms`.
    #[must_use]
    pub fn warn_ms(&self, now_ms: u64) -> Option<u64> {
        self.in_force(self.warn, now_ms)
    }

    /// The age above which a request is refused at `now_ms`, whatever it says itself.
    #[must_use]
    pub fn refuse_ms(&self, now_ms: u64) -> Option<u64> {
        self.in_force(self.refuse, now_ms)
    }

    pub(crate) fn in_force(&self, limit: Option<AgeLimit>, now_ms: u64) -> Option<u64> {
        limit
            .filter(|limit| !limit.needs_heartbeat || self.heartbeat_ms(now_ms).is_some())
            .map(|limit| limit.ms)
    }
}

/// By how much a time is too far ahead to say anything about an age.
#[must_use]
pub fn ahead_ms(stamp: Option<&Stamp>, now_ms: u64) -> Option<u64> {
    stamp?.at_ms.filter(|at| is_beyond(*at, now_ms)).map(|at| at.saturating_sub(now_ms))
}

const fn is_beyond(at_ms: u64, now_ms: u64) -> bool {
    at_ms > now_ms.saturating_add(CLOCK_SKEW_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    const NOW: u64 = 1_800_000_000_000;
    const HOUR: u64 = 3_600_000;

    fn stamp(at_ms: Option<u64>) -> Stamp {
        Stamp { text: String::new(), at_ms }
    }

    fn rule(heartbeat: Option<Option<u64>>) -> AgeRule {
        AgeRule {
            pulse: Pulse { heartbeat: heartbeat.map(stamp), block_height: None },
            warn: Some(AgeLimit::by_heartbeat(60_000)),
            refuse: Some(AgeLimit::named(120_000)),
        }
    }

    fn age(heartbeat: Option<u64>, pool: Option<u64>) -> Option<u64> {
        rule(heartbeat.map(Some)).age_ms(Some(&stamp(pool)), NOW)
    }

    #[test]
    fn counts_from_the_later_of_pool_and_heartbeat() {
        assert_eq!(age(None, Some(NOW - HOUR)), Some(HOUR));
        assert_eq!(age(Some(NOW - 500), Some(NOW - HOUR)), Some(500), "a quiet pool under a live producer");
        assert_eq!(
            age(Some(NOW - HOUR), Some(NOW - 500)),
            Some(500),
            "a dead producer, a pool written by hand"
        );
        assert_eq!(age(Some(NOW - HOUR), Some(NOW - 2 * HOUR)), Some(HOUR));
    }

    #[test]
    fn a_pool_without_a_time_goes_by_the_heartbeat_alone() {
        assert_eq!((age(None, None), age(Some(NOW - 700), None)), (None, Some(700)));
        assert_eq!(rule(None).age_ms(None, NOW), None);
        assert_eq!(rule(Some(None)).age_ms(None, NOW), None, "a heartbeat that is no time");
    }

    #[test]
    fn clocks_may_differ_by_five_seconds() {
        assert_eq!(age(None, Some(NOW + CLOCK_SKEW_MS)), Some(0));
        assert_eq!(age(None, Some(NOW + CLOCK_SKEW_MS + 1)), None);
        assert_eq!(age(Some(NOW), Some(NOW + HOUR)), None, "whatever the heartbeat");
        assert_eq!(age(Some(NOW + CLOCK_SKEW_MS), Some(NOW - HOUR)), Some(0));
        assert_eq!(
            age(Some(NOW + CLOCK_SKEW_MS + 1), Some(NOW - HOUR)),
            Some(HOUR),
            "as if there were no heartbeat"
        );
        assert_eq!(ahead_ms(Some(&stamp(Some(NOW + HOUR))), NOW), Some(HOUR));
        assert_eq!(ahead_ms(Some(&stamp(Some(NOW + CLOCK_SKEW_MS))), NOW), None);
        assert_eq!(age(None, Some(u64::MAX)), None);
        assert_eq!(rule(None).age_ms(Some(&stamp(Some(u64::MAX))), u64::MAX), Some(0));
    }

    #[test]
    fn a_default_holds_where_there_is_a_heartbeat_to_go_by() {
        for (heartbeat, warns) in [
            (None, None),
            (Some(None), None),
            (Some(Some(NOW - HOUR)), Some(60_000)),
            (Some(Some(NOW + 1_000)), Some(60_000)),
            (Some(Some(NOW + HOUR)), None),
        ] {
            let rule = rule(heartbeat);
            assert_eq!((rule.warn_ms(NOW), rule.refuse_ms(NOW)), (warns, Some(120_000)), "{heartbeat:?}");
        }
        assert_eq!((AgeRule::default().warn_ms(NOW), AgeRule::default().refuse_ms(NOW)), (None, None));
    }

    #[test]
    fn the_height_is_the_later_of_pool_and_producer() {
        let height = |producer, own| {
            AgeRule { pulse: Pulse { block_height: producer, ..Pulse::default() }, ..AgeRule::default() }
                .block_height(own)
        };
        assert_eq!((height(Some(9), Some(5)), height(Some(5), Some(9))), (Some(9), Some(9)));
        assert_eq!((height(None, Some(5)), height(Some(5), None)), (Some(5), Some(5)));
        assert_eq!(height(None, None), None);
    }

    #[test]
    fn the_heartbeat_tells_its_own_age() {
        let told = |at| {
            let rule = rule(Some(at));
            (rule.heartbeat_age_ms(NOW), rule.heartbeat_ahead_ms(NOW))
        };
        assert_eq!(told(Some(NOW - 300)), (Some(300), None));
        assert_eq!(told(Some(NOW + 300)), (Some(0), None));
        assert_eq!(told(Some(NOW + HOUR)), (None, Some(HOUR)));
        assert_eq!(told(None), (None, None));
    }
}
