//! Values that are too large to be read with others: found by their length once a reply was too large, and left out.

use dlmm_core::network::age::Pulse;

use super::heartbeat::{Count, KnownHeartbeat, Young, read_counted};
use crate::redis::{Command, Exchange, RedisError, Session, Value};

/// A value of a pool or bin has some hundred bytes; one above this is why a reply did not fit.
pub const MAX_VALUE_BYTES: u64 = 64 * 1024;

/// Bytes of values that one reply is planned to carry where a larger one did not fit.
pub const READ_BYTES: u64 = 4_000_000;

/// Lengths asked for in one request.
const KEYS_PER_REQUEST: usize = 1_000;

/// Why a value of this length is left out.
#[must_use]
pub fn reason(bytes: u64) -> String {
    format!("holds {bytes} bytes, too many for a reply")
}

/// Why a pool is left out of which no value is large, but all of them together with those of others are.
#[must_use]
pub fn reason_of_pool(bytes: u64) -> String {
    format!("its pool holds {bytes} bytes, too many for a reply with those of other pools")
}

/// The lengths of the values under these keys; 0 for what is absent or no text.
///
/// # Errors
/// What became of Redis, also where the token may not ask.
pub async fn lengths<X: Exchange>(redis: Session<'_, X>, keys: &[String]) -> Result<Vec<u64>, RedisError> {
    let mut lengths = Vec::with_capacity(keys.len());
    for keys in keys.chunks(KEYS_PER_REQUEST) {
        let commands: Vec<Command> = keys.iter().map(|key| Command::new("STRLEN").key(key)).collect();
        let reply = redis.pipeline(commands).await?;
        for length in reply.items(keys.len())? {
            lengths.push(match length.and_then(Value::into_integer) {
                Ok(length) => u64::try_from(length).unwrap_or(0),
                Err(fault) if fault.is_wrong_type() => 0,
                Err(fault) => return Err(fault),
            });
        }
    }
    Ok(lengths)
}

/// Reads texts with one MGET. Where they do not fit one reply, those that are too large are left out, and the rest is
/// read once more; gives the index and the length of each that was left out.
///
/// # Errors
/// What became of Redis; the reply's being too large, where no single value is.
pub async fn texts_within<X: Exchange>(
    redis: Session<'_, X>,
    keys: &[String],
    mut each: impl FnMut(usize, Option<&str>),
) -> Result<Vec<(usize, u64)>, RedisError> {
    let read = async |command, expected, each: Each<'_>| -> Result<(), RedisError> {
        redis.command(command).await?.each_text(expected, each)
    };
    within(redis, keys, &mut each, read).await.map(|(too_large, _)| too_large)
}

/// As [`texts_within`], and gives what the producer says too; what is known and not `young` is read again.
///
/// # Errors
/// As [`texts_within`].
pub async fn beating_texts_within<X: Exchange>(
    redis: Session<'_, X>,
    heartbeat: &KnownHeartbeat,
    keys: &[String],
    young: Young,
    mut each: impl FnMut(usize, Option<&str>),
) -> Result<(Vec<(usize, u64)>, Pulse), RedisError> {
    let read = beating_within(redis, heartbeat, keys, young, Count::No, &mut each).await?;
    Ok((read.too_large, read.pulse))
}

/// As [`beating_texts_within`], and counts the keys that hold anything.
///
/// # Errors
/// As [`texts_within`].
pub async fn texts_and_count_within<X: Exchange>(
    redis: Session<'_, X>,
    heartbeat: &KnownHeartbeat,
    keys: &[String],
    young: Young,
    mut each: impl FnMut(usize, Option<&str>),
) -> Result<Counted, RedisError> {
    beating_within(redis, heartbeat, keys, young, Count::Yes, &mut each).await
}

/// What a read of texts brought beside them.
#[derive(Debug)]
pub struct Counted {
    /// The index and the length of each value that was left out.
    pub too_large: Vec<(usize, u64)>,
    /// What the producer said of all pools.
    pub pulse: Pulse,
    /// How many of the other keys hold anything, of whatever type; unknown where nobody asked, or the token may not.
    pub existing: Option<usize>,
}

async fn beating_within<X: Exchange>(
    redis: Session<'_, X>,
    heartbeat: &KnownHeartbeat,
    keys: &[String],
    young: Young,
    count: Count,
    each: Each<'_>,
) -> Result<Counted, RedisError> {
    let read = async |command, expected, each: Each<'_>| -> Result<(Pulse, Option<usize>), RedisError> {
        read_counted(redis, heartbeat, command, young, count).await?.each_text_and_count(expected, each)
    };
    let (too_large, read) = within(redis, keys, each, read).await?;
    let (pulse, existing) = read.unwrap_or_else(|| (heartbeat.pulse(), None));
    Ok(Counted { too_large, pulse, existing })
}

type Each<'e> = &'e mut dyn FnMut(usize, Option<&str>);

/// What was left out, and what `read` gave; nothing where all of it was left out.
async fn within<X: Exchange, T>(
    redis: Session<'_, X>,
    keys: &[String],
    each: Each<'_>,
    read: impl AsyncFn(Command, usize, Each<'_>) -> Result<T, RedisError>,
) -> Result<(Vec<(usize, u64)>, Option<T>), RedisError> {
    let fault = match read(mget(keys.iter()), keys.len(), &mut *each).await {
        Err(fault) if fault.is_too_large() => fault,
        read => return read.map(|read| (Vec::new(), Some(read))),
    };
    let lengths = match lengths(redis, keys).await {
        Err(refused) if refused.is_about_the_command() => return Err(fault),
        lengths => lengths?,
    };
    let (too_large, fitting) = sorted_out(&lengths);
    if too_large.is_empty() {
        return Err(fault);
    }
    if fitting.is_empty() {
        return Ok((too_large, None));
    }
    let mut each_fitting = |index, text: Option<&str>| {
        if let Some(at) = fitting.get(index) {
            each(*at, text);
        }
    };
    let command = mget(fitting.iter().filter_map(|at| keys.get(*at)));
    let read = read(command, fitting.len(), &mut each_fitting).await?;
    Ok((too_large, Some(read)))
}

/// Those that are too large, with their length, and those that are not.
fn sorted_out(lengths: &[u64]) -> (Vec<(usize, u64)>, Vec<usize>) {
    let (too_large, fitting): (Vec<_>, Vec<_>) =
        lengths.iter().copied().enumerate().partition(|(_, bytes)| *bytes > MAX_VALUE_BYTES);
    (too_large, fitting.into_iter().map(|(at, _)| at).collect())
}

fn mget<'k>(keys: impl Iterator<Item = &'k String>) -> Command {
    let mut command = Command::with_capacity("MGET", keys.size_hint().1.unwrap_or_default());
    keys.for_each(|key| command.push_key(key));
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_far_larger_than_any_value_is_too_large() {
        let (too_large, fitting) = sorted_out(&[0, 300, MAX_VALUE_BYTES, MAX_VALUE_BYTES + 1, 20_971_520]);
        assert_eq!(too_large, [(3, MAX_VALUE_BYTES + 1), (4, 20_971_520)]);
        assert_eq!(fitting, [0, 1, 2]);
    }
}
