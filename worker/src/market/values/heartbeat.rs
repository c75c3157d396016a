//! What the producer says of all pools, its heartbeat and its block, as this isolate read it last, and when it is read again.
//!
//! While the producer lives, the check of the list of pools brings a heartbeat every two seconds, and a quote costs one
//! command. When the known one is older than that, it rides along with the quote's own read: the same request, one more
//! command. Where there is none, only the check looks for one again. A request that demands a block always asks: what was
//! known before may be of a replica that is ahead of the one that gives the pools.

use std::cell::RefCell;

use dlmm_core::network::age::{AgeRule, Pulse};
use dlmm_core::stored::{HEARTBEAT_FIELD, HEIGHT_FIELD, keys, parse_heartbeat, parse_height};

use super::lenient::lenient;
use crate::redis::{Command, Counting, Exchange, RedisError, Reply, Session, Text, Value};

/// Age from which the known heartbeat is read again.
pub const READ_AGAIN_MS: u64 = 2_000;

/// When what is known will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Young {
    /// Up to this age, milliseconds.
    UpTo(u64),
    /// Never: it is asked for with the pools.
    Now,
}

/// What is known of the producer.
#[derive(Debug, Default)]
pub struct KnownHeartbeat {
    seen: RefCell<Seen>,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    pulse: Pulse,
    /// The clock when it had been read.
    read_ms: u64,
}

impl KnownHeartbeat {
    /// Takes note of what Redis has.
    pub fn note(&self, pulse: Pulse, now_ms: f64) {
        *self.seen.borrow_mut() = Seen { pulse, read_ms: now_ms as u64 };
    }

    /// Forgets it: the next listing brings it anew.
    pub fn forget(&self) {
        *self.seen.borrow_mut() = Seen::default();
    }

    /// What the producer says of all pools.
    pub fn pulse(&self) -> Pulse {
        self.seen.borrow().pulse.clone()
    }

    /// Whether a newer one is worth its command: there is one to go by, and it is older than this. A block without a
    /// heartbeat is as old as its reading.
    pub fn is_older_than(&self, young: Young, now_ms: f64) -> bool {
        let Young::UpTo(ms) = young else { return true };
        let Seen { pulse, read_ms } = &*self.seen.borrow();
        let at_ms = match &pulse.heartbeat {
            Some(stamp) => stamp.at_ms,
            None => pulse.block_height.map(|_| *read_ms),
        };
        at_ms.is_some_and(|at_ms| (now_ms as u64).saturating_sub(at_ms) > ms)
    }

    /// How old it was when it had been read: an isolate without traffic must not call a live producer dead.
    pub fn age_when_read_ms(&self) -> Option<u64> {
        let Seen { pulse, read_ms } = self.seen.borrow().clone();
        AgeRule { pulse, ..AgeRule::default() }.heartbeat_age_ms(read_ms)
    }
}

/// The command that asks for the heartbeat and the block.
fn pulse_command() -> Command {
    Command::new("HMGET").key(keys::METADATA).arg(HEARTBEAT_FIELD).arg(HEIGHT_FIELD)
}

/// The field of the metadata that counts what was told of changes.
const SEQ_FIELD: &str = "seq";

/// What Redis has, from the reply to [`pulse_command`]: nothing where this token may not ask, or where the metadata is
/// no hash.
///
/// # Errors
/// What became of Redis.
fn pulse_in(reply: Result<Value<'_>, RedisError>, counting: Option<&Counting>) -> Result<Pulse, RedisError> {
    let Some(fields) = lenient(reply)? else { return Ok(Pulse::default()) };
    let mut texts = fields.into_texts(if counting.is_some() { 3 } else { 2 })?.into_iter();
    let (heartbeat, block_height) = (texts.next().flatten(), texts.next().flatten());
    if let Some(counting) = counting {
        counting.note(texts.next().flatten().and_then(|text| text.parse().ok()));
    }
    Ok(pulse_of(heartbeat.as_deref(), block_height.as_deref()))
}

/// What the stored texts of the metadata say.
pub fn pulse_of(heartbeat: Option<&str>, block_height: Option<&str>) -> Pulse {
    Pulse { heartbeat: heartbeat.map(parse_heartbeat), block_height: block_height.and_then(parse_height) }
}

/// Texts of one moment, and what the producer said a moment before them.
#[derive(Debug)]
pub struct Beating<'k> {
    reply: Reply,
    /// Whether that came along in the same reply.
    rides: bool,
    /// Whether the count of what is there came along.
    counts: bool,
    heartbeat: &'k KnownHeartbeat,
    counting: Option<&'k Counting>,
    /// What was known of it when the texts were asked for.
    before: Pulse,
    /// The clock after the reply arrived.
    read_ms: f64,
}

/// Sends an MGET, and where the known heartbeat is not `young` asks for a newer one in the same request.
///
/// The heartbeat is asked for first: a state that is read after it is at least as new as it says.
///
/// # Errors
/// What became of Redis.
pub async fn read_beating<'k, X: Exchange>(
    redis: Session<'k, X>,
    heartbeat: &'k KnownHeartbeat,
    texts: Command,
    young: Young,
) -> Result<Beating<'k>, RedisError> {
    read_counted(redis, heartbeat, texts, young, Count::No).await
}

/// Whether the keys that hold anything are counted, of whatever type: more than give a text where one is of another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Yes,
    No,
}

/// As [`read_beating`], and counts the keys.
///
/// # Errors
/// As [`read_beating`].
pub(super) async fn read_counted<'k, X: Exchange>(
    redis: Session<'k, X>,
    heartbeat: &'k KnownHeartbeat,
    texts: Command,
    young: Young,
    count: Count,
) -> Result<Beating<'k>, RedisError> {
    let count = (count == Count::Yes).then(|| texts.of_the_same("EXISTS"));
    let (before, counting) = (heartbeat.pulse(), redis.counting());
    let pulse = match counting {
        Some(_) => Some(pulse_command().arg(SEQ_FIELD)),
        None => heartbeat.is_older_than(young, redis.now_ms()).then(pulse_command),
    };
    let (rides, counts) = (pulse.is_some(), count.is_some());
    let reply = if rides || counts {
        let commands: Vec<Command> = pulse.into_iter().chain([texts]).chain(count).collect();
        match counting {
            // What is read and its count are of one moment.
            Some(_) => redis.transaction(commands).await?,
            None => redis.pipeline(commands).await?,
        }
    } else {
        redis.command(texts).await?
    };
    Ok(Beating { reply, rides, counts, heartbeat, counting, before, read_ms: redis.now_ms() })
}

impl Beating<'_> {
    /// The size of the reply, the heartbeat in it included.
    pub fn bytes(&self) -> usize {
        self.reply.bytes()
    }

    /// The body of the reply, where nothing but the texts is in it.
    pub fn alone(&self) -> Option<&[u8]> {
        (!self.rides).then(|| self.reply.body())
    }

    /// What the producer said when the texts were asked for.
    pub fn said_before(self) -> Pulse {
        self.before
    }

    /// Hands out the texts as [`Reply::each_text`] does, and gives what the producer says.
    ///
    /// # Errors
    /// As [`Reply::each_text`].
    pub fn each_text(
        self,
        expected: usize,
        each: impl FnMut(usize, Option<Text<'_>>),
    ) -> Result<Pulse, RedisError> {
        self.each_text_and_count(expected, each).map(|(pulse, _)| pulse)
    }

    /// As [`Self::each_text`], and gives how many keys hold anything, where that was asked for and may be known.
    ///
    /// # Errors
    /// As [`Reply::each_text`].
    pub fn each_text_and_count(
        self,
        expected: usize,
        each: impl FnMut(usize, Option<Text<'_>>),
    ) -> Result<(Pulse, Option<usize>), RedisError> {
        if !self.rides && !self.counts {
            self.reply.each_text(expected, each)?;
            return Ok((self.before, None));
        }
        let places = (usize::from(self.rides), usize::from(self.counts));
        let mut others = self.reply.texts_among(places, expected, each)?;
        let count = if self.counts { others.pop() } else { None };
        let count = match count.map(|count| count.and_then(Value::into_integer)) {
            None => None,
            Some(Ok(count)) => usize::try_from(count).ok(),
            Some(Err(fault)) if fault.is_about_the_command() => None,
            Some(Err(fault)) => return Err(fault),
        };
        let pulse = match others.pop() {
            None => self.before,
            Some(pulse) => {
                let pulse = pulse_in(pulse, self.counting)?;
                self.heartbeat.note(pulse.clone(), self.read_ms);
                pulse
            }
        };
        Ok((pulse, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::{AuthFault, Oddity};

    const NOW: u64 = 1_800_000_000_000;
    const USUAL: Young = Young::UpTo(READ_AGAIN_MS);

    fn known(at_ms: u64, read_ms: u64) -> KnownHeartbeat {
        let known = KnownHeartbeat::default();
        known.note(pulse_of(Some(&at_ms.to_string()), None), read_ms as f64);
        known
    }

    #[test]
    fn it_is_read_again_when_it_is_old() {
        let now = NOW as f64;
        assert!(!known(NOW - 2_000, NOW).is_older_than(USUAL, now));
        assert!(known(NOW - 2_001, NOW).is_older_than(USUAL, now));
        assert!(!known(NOW + 9_000, NOW).is_older_than(USUAL, now));
        assert!(known(NOW - 1, NOW).is_older_than(Young::UpTo(0), now), "as young as a request asks");
        assert!(known(NOW + 9_000, NOW).is_older_than(Young::Now, now), "a block is asked for anew");
    }

    #[test]
    fn a_block_without_a_heartbeat_is_as_old_as_its_reading() {
        let known = KnownHeartbeat::default();
        assert!(known.is_older_than(Young::Now, 0.0), "even where none is known");
        known.note(pulse_of(None, Some("7")), NOW as f64);
        assert_eq!(known.pulse().block_height, Some(7));
        assert!(!known.is_older_than(USUAL, (NOW + 2_000) as f64));
        assert!(known.is_older_than(USUAL, (NOW + 2_001) as f64));
        known.note(pulse_of(None, Some("tip")), NOW as f64);
        assert!(!known.is_older_than(USUAL, (NOW + 9_000) as f64));
    }

    #[test]
    fn what_is_absent_or_no_time_is_never_due() {
        let heartbeat = KnownHeartbeat::default();
        let due = |heartbeat: &KnownHeartbeat| heartbeat.is_older_than(Young::UpTo(0), NOW as f64);
        let nothing = Pulse::default();
        assert!(!due(&heartbeat) && heartbeat.pulse() == nothing);
        heartbeat.note(pulse_of(Some("soon"), None), 0.0);
        assert!(!due(&heartbeat));
        assert_eq!(heartbeat.pulse().heartbeat.unwrap().text, "soon");
        heartbeat.note(nothing.clone(), 0.0);
        assert_eq!(heartbeat.pulse(), nothing);
        heartbeat.note(pulse_of(Some("5"), Some("6")), 0.0);
        heartbeat.forget();
        assert_eq!(heartbeat.pulse(), nothing);
    }

    #[test]
    fn its_age_is_that_of_the_moment_of_reading() {
        assert_eq!(known(NOW - 700, NOW).age_when_read_ms(), Some(700));
        assert_eq!(known(NOW + 700, NOW).age_when_read_ms(), Some(0));
        assert_eq!(known(NOW + 70_000, NOW).age_when_read_ms(), None);
        assert_eq!(KnownHeartbeat::default().age_when_read_ms(), None);
    }

    #[test]
    fn a_heartbeat_that_may_not_be_read_is_none() {
        let none = Ok(Pulse::default());
        let found = Value::Array(vec![Value::Text("5".into()), Value::Text("6".into())]);
        assert_eq!(pulse_in(Ok(found), None), Ok(pulse_of(Some("5"), Some("6"))));
        assert_eq!(pulse_in(Ok(Value::Array(vec![Value::Nil, Value::Nil])), None), none);
        assert_eq!(pulse_in(Err(RedisError::Auth(AuthFault::NoPermission)), None), none);
        let mistyped = RedisError::Invalid(Oddity::WrongType);
        assert_eq!(pulse_in(Err(mistyped), None), none);
        assert!(pulse_in(Err(RedisError::Timeout { deadline_ms: 1 }), None).is_err());
        assert!(pulse_in(Ok(Value::Integer(1)), None).is_err());
    }
}
