//! Which keys hold another type than the text that is expected of them. `MGET` gives nothing for such a key, as if it
//! were not there.

use dlmm_core::api::SkippedPool;
use litemap::LiteMap;

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

/// `TYPE` commands of one search at most, in ten requests.
const MOST_TYPES: usize = 1_000;

/// Finds those of these keys, none of which gave a text, that hold another type; gives the index and the reason of each.
///
/// Up to a hundred are asked for their types. Of more, one request tells first in which parts of them anything is at all,
/// and only there the types are asked for, of a thousand keys at most. A token that may not ask learns nothing.
///
/// # Errors
/// What became of Redis.
pub async fn wrong_types<X: Exchange>(
    redis: Session<'_, X>,
    keys: &[String],
) -> Result<Vec<(usize, String)>, RedisError> {
    let mut suspects: Vec<(usize, &String)> = keys.iter().enumerate().collect();
    if keys.len() > KEYS_PER_LOOK {
        let size = keys.len().div_ceil(KEYS_PER_LOOK);
        let parts: Vec<&[String]> = keys.chunks(size).collect();
        let holding = hold_something(redis, &parts).await?;
        suspects.retain(|(at, _)| holding.get(at / size) == Some(&true));
        suspects.truncate(MOST_TYPES);
    }
    let found = types(redis, &suspects).await?;
    Ok(found.into_iter().map(|((at, _), reason)| (at, reason)).collect())
}

/// Finds in each of these groups of keys, none of which gave a text, one that holds another type, if there is one: the index
/// of its group, the key and the reason.
///
/// One request tells in which parts of a group anything is at all; of the first such part the types are asked for.
///
/// # Errors
/// As [`wrong_types`].
pub async fn wrong_type_in_each<X: Exchange>(
    redis: Session<'_, X>,
    groups: &[Vec<String>],
) -> Result<LiteMap<usize, SkippedPool>, RedisError> {
    let parts_each = KEYS_PER_LOOK.checked_div(groups.len()).unwrap_or_default().max(1);
    let mut parts: Vec<(usize, &[String])> = Vec::new();
    for (group, keys) in groups.iter().enumerate() {
        let size = keys.len().div_ceil(parts_each).max(1);
        parts.extend(keys.chunks(size).map(|part| (group, part)));
    }
    let keys: Vec<&[String]> = parts.iter().map(|(_, part)| *part).collect();
    let holding = hold_something(redis, &keys).await?.into_iter();
    let mut first: LiteMap<usize, &[String]> = LiteMap::new();
    for ((group, part), _) in parts.into_iter().zip(holding).filter(|(_, holds)| *holds) {
        first.entry(group).or_insert(part);
    }
    let suspects: Vec<(usize, &String)> =
        first.into_iter().flat_map(|(group, part)| part.iter().map(move |key| (group, key))).collect();
    let mut found = LiteMap::new();
    for ((group, key), reason) in types(redis, &suspects).await? {
        found.entry(group).or_insert_with(|| SkippedPool { key: key.clone(), reason });
    }
    Ok(found)
}

/// Which of these groups of keys hold anything, of whatever type; all of them where this token may not ask.
async fn hold_something<X: Exchange>(
    redis: Session<'_, X>,
    groups: &[&[String]],
) -> Result<Vec<bool>, RedisError> {
    let mut holding = Vec::with_capacity(groups.len());
    for groups in groups.chunks(KEYS_PER_LOOK) {
        let exists = |keys: &&[String]| keys.iter().fold(Command::new("EXISTS"), |all, key| all.key(key));
        let commands: Vec<Command> = groups.iter().map(exists).collect();
        for count in redis.pipeline(commands).await?.items(groups.len())? {
            holding.push(match count.and_then(Value::into_integer) {
                Ok(count) => count > 0,
                Err(fault) if fault.is_about_the_command() => true,
                Err(fault) => return Err(fault),
            });
        }
    }
    Ok(holding)
}

/// Asks for the types of these keys, a hundred a request; gives those that hold no text, with the reason.
async fn types<'k, X: Exchange>(
    redis: Session<'_, X>,
    keys: &[(usize, &'k String)],
) -> Result<Vec<((usize, &'k String), String)>, RedisError> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS_PER_LOOK) {
        let commands: Vec<Command> = keys.iter().map(|(_, key)| Command::new("TYPE").key(key)).collect();
        let reply = redis.pipeline(commands).await?;
        for (key, kind) in keys.iter().zip(reply.items(keys.len())?) {
            let kind = match kind {
                Ok(Value::Text(kind)) => kind,
                Ok(_) => continue,
                Err(fault) if fault.is_about_the_command() => continue,
                Err(fault) => return Err(fault),
            };
            found.extend(wrong_type(&kind).map(|reason| (*key, reason)));
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
