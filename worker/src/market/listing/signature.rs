//! The counters that tell whether the set of pools may have changed.

use dlmm_core::network::age::Pulse;
use dlmm_core::stored::{HEARTBEAT_FIELD, HEIGHT_FIELD, keys};

use crate::market::values::{lenient, pulse_of};
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
    /// Keys in the database; not looked at where the set and `data_version` say which pools there are. A producer that
    /// follows a chain makes and empties bins with every block, and each time all pools would be listed anew.
    pub keys: Option<i64>,
}

/// What stands beside the counters.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// What the producer says of all pools: it moves with every round and says nothing about which there are.
    pub pulse: Pulse,
    /// Keys in the database, compared or not.
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
                .arg(HEARTBEAT_FIELD)
                .arg(HEIGHT_FIELD),
            Command::new("DBSIZE"),
        ]
    }

    /// The command that counts the `pools` set.
    pub(super) fn count_command() -> Command {
        Command::new("SCARD").key(keys::POOLS)
    }

    /// Reads the counters from the replies to the commands that ask for them, and what stands beside them.
    ///
    /// # Errors
    /// What Redis answered instead, or [`RedisError::Invalid`] for values of another shape.
    pub fn read(
        listed: Option<i64>,
        metadata: Result<Value<'_>, RedisError>,
        size: Result<Value<'_>, RedisError>,
    ) -> Result<(Self, Beside), RedisError> {
        let mut metadata = match lenient(metadata)? {
            Some(value) => value.into_texts(4)?.into_iter(),
            None => Vec::new().into_iter(),
        };
        let mut next = || metadata.next().flatten().map(|text| text.into_owned());
        let (total_pools, data_version, heartbeat, height) = (next(), next(), next(), next());
        let keys = lenient(size)?.map(Value::into_integer).transpose()?;
        let beside = Beside { pulse: pulse_of(heartbeat.as_deref(), height.as_deref()), keys };
        let is_told = listed.is_some_and(|pools| pools > 0) && data_version.is_some();
        let keys = keys.filter(|_| !is_told);
        Ok((Self { listed, total_pools, data_version, keys }, beside))
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
        let (signature, beside) = Signature::read(None, mistyped, forbidden()).unwrap();
        assert!(signature.is_blind() && beside == Beside::default());
        let down = Err(RedisError::Timeout { deadline_ms: 1 });
        assert!(Signature::read(None, forbidden(), down).is_err());
    }

    #[test]
    fn counters_are_read_as_they_come() {
        let text = |text: &'static str| Value::Text(text.into());
        let metadata = Value::Array(vec![text("3"), Value::Nil, text("9"), text("7")]);
        let (signature, beside) = Signature::read(Some(3), Ok(metadata), Ok(Value::Integer(312))).unwrap();
        assert_eq!((signature.total_pools.as_deref(), signature.data_version), (Some("3"), None));
        assert_eq!((signature.listed, signature.keys), (Some(3), Some(312)));
        assert_eq!(beside, Beside { pulse: pulse_of(Some("9"), Some("7")), keys: Some(312) });
    }

    #[test]
    fn the_number_of_keys_counts_only_where_nothing_else_tells_of_pools() {
        let compared = |listed, version: Option<&'static str>| {
            let version = version.map_or(Value::Nil, |text| Value::Text(text.into()));
            let metadata = Value::Array(vec![Value::Nil, version, Value::Nil, Value::Nil]);
            let (signature, beside) = Signature::read(listed, Ok(metadata), Ok(Value::Integer(312))).unwrap();
            assert_eq!(beside.keys, Some(312), "a listing asks whether it may scan");
            signature.keys
        };
        assert_eq!(compared(Some(3), Some("v1")), None);
        assert_eq!(compared(Some(0), Some("v1")), Some(312), "an empty set lists nothing");
        assert_eq!(compared(None, Some("v1")), Some(312));
        assert_eq!(compared(Some(3), None), Some(312));
    }
}
