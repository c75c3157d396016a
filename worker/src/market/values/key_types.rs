//! Which keys hold another type than the text that is expected of them. `MGET` gives nothing for such a key, as if it
//! were not there.

use crate::redis::{Command, Exchange, RedisError, Session, Value};

/// `TYPE` commands of one request at most.
pub const KEYS_PER_LOOK: usize = 100;

/// What the type of a key tells, as the reason for leaving it out; `None` for a text and for a key that is not there.
#[must_use]
pub(super) fn wrong_type(kind: &str) -> Option<String> {
    if matches!(kind, "string" | "none") {
        return None;
    }
    // A module names its own types; whatever it says goes into answers and logs.
    let plain = (1..=32).contains(&kind.len())
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    Some(if plain { format!("is a {kind}, not a string") } else { "is no string".to_owned() })
}

/// Asks for the types of these keys, a hundred a request; gives the index and the reason of each that is no text.
///
/// A token that may not ask learns nothing.
///
/// # Errors
/// What became of Redis.
pub async fn wrong_types<X: Exchange>(
    redis: Session<'_, X>,
    keys: &[String],
) -> Result<Vec<(usize, String)>, RedisError> {
    let mut found = Vec::new();
    for (part, keys) in keys.chunks(KEYS_PER_LOOK).enumerate() {
        let commands: Vec<Command> = keys.iter().map(|key| Command::new("TYPE").key(key)).collect();
        let reply = redis.pipeline(&commands).await?;
        for (index, kind) in reply.items(commands.len())?.into_iter().enumerate() {
            let kind = match kind {
                Ok(Value::Text(kind)) => kind,
                Ok(_) => continue,
                Err(fault) if fault.is_about_the_command() => continue,
                Err(fault) => return Err(fault),
            };
            found.extend(wrong_type(&kind).map(|reason| (part * KEYS_PER_LOOK + index, reason)));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_and_nothing_at_all_are_right() {
        assert_eq!((wrong_type("string"), wrong_type("none")), (None, None));
        assert_eq!(wrong_type("hash").as_deref(), Some("is a hash, not a string"));
        assert_eq!(wrong_type("ReJSON-RL").as_deref(), Some("is a ReJSON-RL, not a string"));
        for odd in ["", "a b", "\u{1b}[2J", &"x".repeat(33)] {
            assert_eq!(wrong_type(odd).as_deref(), Some("is no string"), "{odd:?}");
        }
    }
}
