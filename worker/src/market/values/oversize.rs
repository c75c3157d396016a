//! Values that are too large to be read with others: found by their length once a reply was too large, and left out.

use dlmm_core::network::age::Pulse;

use super::heartbeat::{Count, KnownHeartbeat, Young, read_beating, read_counted};
use crate::redis::{Command, Counting, Exchange, RedisError, Session, Value};

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

/// Why a pool is left out that is too large by itself, though none of its values is; how large is not known where the token may
/// not ask.
#[must_use]
pub fn reason_of_whole_pool(bytes: Option<u64>) -> String {
    match bytes {
        Some(bytes) => format!("its pool holds {bytes} bytes, too many for a reply"),
        None => "its pool is too large for a reply".to_owned(),
    }
}

/// The lengths of the values under these keys; 0 for what is absent or no text.
///
/// # Errors
/// What became of Redis, also where the token may not ask.
pub async fn lengths<X: Exchange>(
    redis: Session<'_, X>,
    keys: impl IntoIterator<Item = String>,
) -> Result<Vec<u64>, RedisError> {
    let mut lengths = Vec::new();
    let mut commands = keys.into_iter().map(|key| Command::new("STRLEN").key(&key));
    loop {
        let asked: Vec<Command> = commands.by_ref().take(KEYS_PER_REQUEST).collect();
        let count = asked.len();
        if count == 0 {
            return Ok(lengths);
        }
        for length in redis.pipeline(asked).await?.items(count)? {
            lengths.push(match length.and_then(Value::into_integer) {
                Ok(length) => u64::try_from(length).unwrap_or(0),
                Err(fault) if fault.is_wrong_type() => 0,
                Err(fault) => return Err(fault),
            });
        }
    }
}

/// Reads texts with one MGET. Where they do not fit one reply, those that are too large are left out, and the rest is
/// read once more, in parts where even that does not fit; gives the index and the length of each that was left out.
///
/// # Errors
/// What became of Redis.
pub async fn texts_within<X: Exchange>(
    redis: Session<'_, X>,
    keys: &[String],
    mut each: impl FnMut(usize, Option<&str>),
) -> Result<Vec<(usize, u64)>, RedisError> {
    let read = async |command, expected, each: Each<'_>| -> Result<(), RedisError> {
        redis.command(command).await?.each_text(expected, each)
    };
    in_parts(redis, keys, &mut each, &read).await.map(|(too_large, _)| too_large)
}

/// As [`texts_within`], and gives what the producer says too; what is known and not `young` is read again. Of several parts, what
/// it said before the first one: all of them are at least as new.
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
    let read = async |command, expected, each: Each<'_>| -> Result<Pulse, RedisError> {
        read_beating(redis, heartbeat, command, young).await?.each_text(expected, each)
    };
    let (too_large, pulse) = in_parts(redis, keys, &mut each, &read).await?;
    Ok((too_large, pulse.unwrap_or_else(|| heartbeat.pulse())))
}

/// As [`beating_texts_within`], and counts the keys that hold anything; never in parts.
///
/// # Errors
/// What became of Redis.
pub async fn texts_and_count_within<X: Exchange>(
    redis: Session<'_, X>,
    heartbeat: &KnownHeartbeat,
    keys: &[String],
    young: Young,
    mut each: impl FnMut(usize, Option<&str>),
) -> Result<Within<(Pulse, Option<usize>)>, RedisError> {
    let read = async |command, expected, each: Each<'_>| -> Result<(Pulse, Option<usize>), RedisError> {
        read_counted(redis, heartbeat, command, young, Count::Yes).await?.each_text_and_count(expected, each)
    };
    within(redis, keys, &mut each, &read).await
}

type Each<'e> = &'e mut dyn FnMut(usize, Option<&str>);

/// What became of a read of texts.
#[derive(Debug)]
pub enum Within<T> {
    /// They were read, but for those that are too large: the index and the length of each. Nothing was read where all are.
    Read { too_large: Vec<(usize, u64)>, read: Option<T> },
    /// Those that are not too large by themselves are so together. All lengths, where the token may ask.
    TooMuch { lengths: Option<Vec<u64>> },
}

async fn within<X: Exchange, T>(
    redis: Session<'_, X>,
    keys: &[String],
    each: Each<'_>,
    read: &impl AsyncFn(Command, usize, Each<'_>) -> Result<T, RedisError>,
) -> Result<Within<T>, RedisError> {
    match read(mget(keys.iter()), keys.len(), &mut *each).await {
        Err(fault) if fault.is_too_large() => {}
        read => return read.map(|read| Within::Read { too_large: Vec::new(), read: Some(read) }),
    }
    let lengths = match lengths(redis, keys.iter().cloned()).await {
        Err(refused) if refused.is_about_the_command() => return Ok(Within::TooMuch { lengths: None }),
        lengths => lengths?,
    };
    let (too_large, fitting) = sorted_out(&lengths);
    if too_large.is_empty() {
        return Ok(Within::TooMuch { lengths: Some(lengths) });
    }
    if fitting.is_empty() {
        return Ok(Within::Read { too_large, read: None });
    }
    let mut each_fitting = |index, text: Option<&str>| {
        if let Some(at) = fitting.get(index) {
            each(*at, text);
        }
    };
    let command = mget(fitting.iter().filter_map(|at| keys.get(*at)));
    match read(command, fitting.len(), &mut each_fitting).await {
        Err(fault) if fault.is_too_large() => Ok(Within::TooMuch { lengths: Some(lengths) }),
        read => Ok(Within::Read { too_large, read: Some(read?) }),
    }
}

/// As [`within`]; what does not fit together is read in halves, and those in halves again until each part fits. Gives what was left
/// out, and what the first part gave.
async fn in_parts<X: Exchange, T>(
    redis: Session<'_, X>,
    keys: &[String],
    each: Each<'_>,
    read: &impl AsyncFn(Command, usize, Each<'_>) -> Result<T, RedisError>,
) -> Result<(Vec<(usize, u64)>, Option<T>), RedisError> {
    let lengths = match within(redis, keys, &mut *each, read).await? {
        Within::Read { too_large, read } => return Ok((too_large, read)),
        Within::TooMuch { lengths } => lengths.unwrap_or_else(|| vec![0; keys.len()]),
    };
    let (too_large, fitting) = sorted_out(&lengths);
    let mut first = None;
    let mut parts: Vec<&[usize]> = Vec::from([fitting.as_slice()]);
    while let Some(part) = parts.pop() {
        // All of them were asked for already.
        if part.len() == fitting.len() && part.len() > 1 {
            halve(part, &mut parts);
            continue;
        }
        let mut each_of_part = |index, text: Option<&str>| {
            if let Some(at) = part.get(index) {
                each(*at, text);
            }
        };
        let command = mget(part.iter().filter_map(|at| keys.get(*at)));
        match read(command, part.len(), &mut each_of_part).await {
            Err(fault) if fault.is_too_large() && part.len() > 1 => halve(part, &mut parts),
            read => {
                let read = read?;
                // All parts are at least as new as the first one.
                let seq = redis.counting().and_then(Counting::seq);
                let (_, seq) = first.get_or_insert((read, seq));
                if let Some(counting) = redis.counting() {
                    counting.note(*seq);
                }
            }
        }
    }
    Ok((too_large, first.map(|(read, _)| read)))
}

fn halve<'p>(part: &'p [usize], parts: &mut Vec<&'p [usize]>) {
    let (first, second) = part.split_at(part.len() / 2);
    parts.extend([second, first]);
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
