//! The producer's heartbeat, as this isolate read it last, and when it is read again.
//!
//! While the producer lives, the check of the list of pools brings a heartbeat every two seconds, and a quote costs one
//! command. When the known one is older than that, it rides along with the quote's own read: the same request, one more
//! command. Where there is none, only the check looks for one again.

use std::cell::RefCell;

use dlmm_core::network::state::Stamp;
use dlmm_core::stored::{HEARTBEAT_FIELD, keys, parse_heartbeat};

use super::lenient::lenient;
use crate::redis::{Command, Exchange, RedisError, Reply, Session, Value};

/// Age from which the known heartbeat is read again.
pub const READ_AGAIN_MS: u64 = 2_000;

/// What is known of the heartbeat.
#[derive(Debug, Default)]
pub struct KnownHeartbeat {
    seen: RefCell<Option<Seen>>,
}

#[derive(Debug, Clone)]
struct Seen {
    stamp: Stamp,
    /// The clock when it had been read.
    read_ms: u64,
}

impl KnownHeartbeat {
    /// Takes note of what Redis has; `None` where it has none.
    pub fn note(&self, text: Option<&str>, now_ms: f64) {
        let seen = text.map(|text| Seen { stamp: parse_heartbeat(text), read_ms: now_ms as u64 });
        *self.seen.borrow_mut() = seen;
    }

    /// Forgets it: the next listing brings it anew.
    pub fn forget(&self) {
        *self.seen.borrow_mut() = None;
    }

    /// The heartbeat as it is stored.
    pub fn stamp(&self) -> Option<Stamp> {
        self.seen.borrow().as_ref().map(|seen| seen.stamp.clone())
    }

    /// Whether a newer one is worth its command: there is one to go by, and it is older than this.
    pub fn is_older_than(&self, ms: u64, now_ms: f64) -> bool {
        let at_ms = self.seen.borrow().as_ref().and_then(|seen| seen.stamp.at_ms);
        at_ms.is_some_and(|at_ms| (now_ms as u64).saturating_sub(at_ms) > ms)
    }

    /// How old it was when it had been read: an isolate without traffic must not call a live producer dead.
    pub fn age_when_read_ms(&self) -> Option<u64> {
        let seen = self.seen.borrow();
        let seen = seen.as_ref()?;
        let rule = dlmm_core::network::age::AgeRule {
            heartbeat: Some(seen.stamp.clone()),
            warn: None,
            refuse: None,
        };
        rule.heartbeat_age_ms(seen.read_ms)
    }
}

/// The command that asks for the heartbeat.
fn heartbeat_command() -> Command {
    Command::new("HMGET").key(keys::METADATA).arg(HEARTBEAT_FIELD)
}

/// What Redis has, from the reply to [`heartbeat_command`]: none where this token may not ask, or where the metadata is
/// no hash.
///
/// # Errors
/// What became of Redis.
fn heartbeat_text(reply: Result<Value<'_>, RedisError>) -> Result<Option<String>, RedisError> {
    let Some(fields) = lenient(reply)? else { return Ok(None) };
    let first = fields.into_texts(1)?.into_iter().next().flatten();
    Ok(first.map(std::borrow::Cow::into_owned))
}

/// Texts of one moment, and the heartbeat of a moment before them.
#[derive(Debug)]
pub struct Beating<'k> {
    reply: Reply,
    /// Whether the heartbeat came along in the same reply.
    rides: bool,
    heartbeat: &'k KnownHeartbeat,
    /// What was known of it when the texts were asked for.
    before: Option<Stamp>,
    /// The clock after the reply arrived.
    read_ms: f64,
}

/// Sends an MGET, and where the known heartbeat is older than `young_ms` asks for a newer one in the same request.
///
/// The heartbeat is asked for first: a state that is read after it is at least as new as it says.
///
/// # Errors
/// What became of Redis.
pub async fn read_beating<'k, X: Exchange>(
    redis: Session<'_, X>,
    heartbeat: &'k KnownHeartbeat,
    texts: Command,
    young_ms: u64,
) -> Result<Beating<'k>, RedisError> {
    let before = heartbeat.stamp();
    let rides = heartbeat.is_older_than(young_ms, redis.now_ms());
    let reply = if rides {
        redis.pipeline(&[heartbeat_command(), texts]).await?
    } else {
        redis.command(texts).await?
    };
    Ok(Beating { reply, rides, heartbeat, before, read_ms: redis.now_ms() })
}

impl Beating<'_> {
    /// The size of the reply, the heartbeat in it included.
    pub fn bytes(&self) -> usize {
        self.reply.bytes()
    }

    /// Hands out the texts as [`Reply::each_text`] does, and gives the heartbeat.
    ///
    /// # Errors
    /// As [`Reply::each_text`].
    pub fn each_text(
        self,
        expected: usize,
        each: impl FnMut(usize, Option<&str>),
    ) -> Result<Option<Stamp>, RedisError> {
        if !self.rides {
            self.reply.each_text(expected, each)?;
            return Ok(self.before);
        }
        let text = heartbeat_text(self.reply.value_then_texts(expected, each)?)?;
        self.heartbeat.note(text.as_deref(), self.read_ms);
        Ok(text.as_deref().map(parse_heartbeat))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::{AuthFault, Oddity};

    const NOW: u64 = 1_800_000_000_000;

    fn known(at_ms: u64, read_ms: u64) -> KnownHeartbeat {
        let known = KnownHeartbeat::default();
        known.note(Some(&at_ms.to_string()), read_ms as f64);
        known
    }

    #[test]
    fn it_is_read_again_when_it_is_old() {
        let now = NOW as f64;
        assert!(!known(NOW - 2_000, NOW).is_older_than(READ_AGAIN_MS, now));
        assert!(known(NOW - 2_001, NOW).is_older_than(READ_AGAIN_MS, now));
        assert!(!known(NOW + 9_000, NOW).is_older_than(READ_AGAIN_MS, now));
        assert!(known(NOW - 1, NOW).is_older_than(0, now), "as young as a request asks");
    }

    #[test]
    fn what_is_absent_or_no_time_is_never_due() {
        let heartbeat = KnownHeartbeat::default();
        assert!(!heartbeat.is_older_than(0, NOW as f64) && heartbeat.stamp().is_none());
        heartbeat.note(Some("soon"), 0.0);
        assert!(!heartbeat.is_older_than(0, NOW as f64));
        assert_eq!(heartbeat.stamp().unwrap().text, "soon");
        heartbeat.note(None, 0.0);
        assert!(heartbeat.stamp().is_none());
        heartbeat.note(Some("5"), 0.0);
        heartbeat.forget();
        assert!(heartbeat.stamp().is_none());
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
        let found = Value::Array(vec![Value::Text("5".into())]);
        assert_eq!(heartbeat_text(Ok(found)), Ok(Some("5".to_owned())));
        assert_eq!(heartbeat_text(Ok(Value::Array(vec![Value::Nil]))), Ok(None));
        assert_eq!(heartbeat_text(Err(RedisError::Auth(AuthFault::NoPermission))), Ok(None));
        let mistyped = RedisError::Invalid(Oddity::WrongType);
        assert_eq!(heartbeat_text(Err(mistyped)), Ok(None));
        assert!(heartbeat_text(Err(RedisError::Timeout { deadline_ms: 1 })).is_err());
        assert!(heartbeat_text(Ok(Value::Integer(1))).is_err());
    }
}
