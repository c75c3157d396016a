//! The counters that tell whether the set of pools may have changed.

use dlmm_core::stored::{HEARTBEAT_FIELD, keys};

use crate::market::values::lenient;
use crate::redis::{Command, RedisError, Value};

/// Counters of one moment. `None` where Redis has no such value or the token may not ask.
///
/// `last_update` is left out on purpose: it moves with every price and says nothing about pools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// Size of the `pools` set.
    pub listed: Option<i64>,
    /// `total_pools` of the metadata.
    pub total_pools: Option<String>,
    /// `data_version` of the metadata.
    pub data_version: Option<String>,
    /// Keys in the database.
    pub keys: Option<i64>,
}

impl Signature {
    /// The commands whose replies [`Self::read`] takes, after the one for the `pools` set.
    pub(super) fn commands() -> [Command; 2] {
        [
            Command::new("HMGET")
                .key(keys::METADATA)
                .arg("total_pools")
                .arg("data_version")
                .arg(HEARTBEAT_FIELD),
            Command::new("DBSIZE"),
        ]
    }

    /// The command that counts the `pools` set.
    pub(super) fn count_command() -> Command {
        Command::new("SCARD").key(keys::POOLS)
    }

    /// Reads the counters from the replies to the commands that ask for them, and the heartbeat that stands beside them: it
    /// moves with every round of the producer and says nothing about pools.
    ///
    /// # Errors
    /// What Redis answered instead, or [`RedisError::Invalid`] for values of another shape.
    pub fn read(
        listed: Option<i64>,
        metadata: Result<Value<'_>, RedisError>,
        size: Result<Value<'_>, RedisError>,
    ) -> Result<(Self, Option<String>), RedisError> {
        let mut metadata = match lenient(metadata)? {
            Some(value) => value.into_texts(3)?.into_iter(),
            None => Vec::new().into_iter(),
        };
        let mut next = || metadata.next().flatten().map(|text| text.into_owned());
        let (total_pools, data_version, heartbeat) = (next(), next(), next());
        let keys = lenient(size)?.map(Value::into_integer).transpose()?;
        Ok((Self { listed, total_pools, data_version, keys }, heartbeat))
    }

    /// Whether nothing at all could be counted, so that a change would go unseen.
    pub fn is_blind(&self) -> bool {
        self.keys.is_none()
            && self.total_pools.is_none()
            && self.data_version.is_none()
            && self.listed.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::{AuthFault, Oddity};

    #[test]
    fn forbidden_and_mistyped_counters_are_missing_not_fatal() {
        let forbidden = || Err(RedisError::Auth(AuthFault::NoPermission));
        let mistyped = Err(RedisError::Invalid(Oddity::WrongType));
        let (signature, heartbeat) = Signature::read(None, mistyped, forbidden()).unwrap();
        assert!(signature.is_blind() && heartbeat.is_none());
        let down = Err(RedisError::Timeout { deadline_ms: 1 });
        assert!(Signature::read(None, forbidden(), down).is_err());
    }

    #[test]
    fn counters_are_read_as_they_come() {
        let metadata = Value::Array(vec![Value::Text("3".into()), Value::Nil, Value::Text("9".into())]);
        let (signature, heartbeat) = Signature::read(Some(3), Ok(metadata), Ok(Value::Integer(312))).unwrap();
        assert_eq!((signature.total_pools.as_deref(), signature.data_version), (Some("3"), None));
        assert_eq!((signature.listed, signature.keys), (Some(3), Some(312)));
        assert_eq!(heartbeat.as_deref(), Some("9"));
    }
}
