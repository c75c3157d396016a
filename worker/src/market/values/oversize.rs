//! Values that are too large to be read with others: found by their length once a reply was too large, and left out.

use dlmm_core::network::age::Pulse;
use std::pin::Pin;

use super::heartbeat::{Count, KnownHeartbeat, Young, read_counted};
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
    in_parts(redis, How::Alone, keys, &mut each).await.map(|(too_large, _)| too_large)
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
    let how = How::Beating { heartbeat, young, count: Count::No };
    let (too_large, read) = in_parts(redis, how, keys, &mut each).await?;
    Ok((too_large, read.map_or_else(|| heartbeat.pulse(), |(pulse, _)| pulse)))
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
) -> Result<Within, RedisError> {
    within(redis, How::Beating { heartbeat, young, count: Count::Yes }, keys, &mut each).await
}

type Each<'e> = &'e mut dyn FnMut(usize, Option<&str>);

/// What the producer said, and how many keys hold anything where that was asked for and may be known.
type Beside = (Pulse, Option<usize>);

/// What is asked for beside the texts.
#[derive(Clone, Copy)]
enum How<'k> {
    Alone,
    Beating { heartbeat: &'k KnownHeartbeat, young: Young, count: Count },
}

/// What became of a read of texts.
#[derive(Debug)]
pub enum Within {
    /// They were read, but for those that are too large: the index and the length of each. Nothing was read where all are.
    Read { too_large: Vec<(usize, u64)>, read: Option<Beside> },
    /// Those that are not too large by themselves are so together. All lengths, where the token may ask.
    TooMuch { lengths: Option<Vec<u64>> },
}

/// On the heap, as all of these: they are awaited in many places, and compiled once.
fn read<'a, X: Exchange>(
    redis: Session<'a, X>,
    how: How<'a>,
    command: Command,
    expected: usize,
    each: Each<'a>,
) -> Pin<Box<dyn Future<Output = Result<Beside, RedisError>> + 'a>> {
    Box::pin(async move {
        match how {
            How::Alone => {
                redis
                    .command(command)
                    .await?
                    .each_text(expected, |index, text| each(index, text.as_deref()))?;
                Ok((Pulse::default(), None))
            }
            How::Beating { heartbeat, young, count } => {
                let reply = read_counted(redis, heartbeat, command, young, count).await?;
                reply.each_text_and_count(expected, |index, text| each(index, text.as_deref()))
            }
        }
    })
}

fn within<'a, X: Exchange>(
    redis: Session<'a, X>,
    how: How<'a>,
    keys: &'a [String],
    each: Each<'a>,
) -> Pin<Box<dyn Future<Output = Result<Within, RedisError>> + 'a>> {
    Box::pin(async move {
        match read(redis, how, mget(keys.iter()), keys.len(), &mut *each).await {
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
        match read_these(redis, how, keys, &fitting, each).await {
            Err(fault) if fault.is_too_large() => Ok(Within::TooMuch { lengths: Some(lengths) }),
            read => Ok(Within::Read { too_large, read: Some(read?) }),
        }
    })
}

/// Reads some of the keys, by their places.
async fn read_these<X: Exchange>(
    redis: Session<'_, X>,
    how: How<'_>,
    keys: &[String],
    places: &[usize],
    each: Each<'_>,
) -> Result<Beside, RedisError> {
    let mut each_of_these = |index, text: Option<&str>| {
        if let Some(at) = places.get(index) {
            each(*at, text);
        }
    };
    let command = mget(places.iter().filter_map(|at| keys.get(*at)));
    read(redis, how, command, places.len(), &mut each_of_these).await
}

/// What was left out, and what the first part gave.
type InParts = (Vec<(usize, u64)>, Option<Beside>);

/// As [`within`]; what does not fit together is read in halves, and those in halves again until each part fits.
fn in_parts<'a, X: Exchange>(
    redis: Session<'a, X>,
    how: How<'a>,
    keys: &'a [String],
    each: Each<'a>,
) -> Pin<Box<dyn Future<Output = Result<InParts, RedisError>> + 'a>> {
    Box::pin(async move {
        let lengths = match within(redis, how, keys, &mut *each).await? {
            Within::Read { too_large, read } => return Ok((too_large, read)),
            Within::TooMuch { lengths } => lengths.unwrap_or_else(|| vec![0; keys.len()]),
        };
        let (too_large, fitting) = sorted_out(&lengths);
        let mut first = None;
        let mut parts: Vec<&[usize]> = Vec::new();
        // All of them were asked for already.
        halve(&fitting, &mut parts);
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            match read_these(redis, how, keys, part, &mut *each).await {
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
    })
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
