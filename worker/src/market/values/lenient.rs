//! What a token may not ask for is unknown, and no fault.

use crate::redis::{RedisError, Value};

/// A command that this token may not give, or a key of another type, is only a missing value.
///
/// # Errors
/// What became of Redis.
pub fn lenient(answer: Result<Value<'_>, RedisError>) -> Result<Option<Value<'_>>, RedisError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(fault) if fault.is_no_permission() || fault.is_wrong_type() => Ok(None),
        Err(fault) => Err(fault),
    }
}
