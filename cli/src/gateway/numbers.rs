//! What the numbers of commands make Redis build: it counts as if the request had carried it.
//!
//! `HRANDFIELD k -20000000` is a short request for twenty million fields, and `SETBIT k 4294967295 1` one for half a
//! gigabyte of zeros. Every other number ends where the stored data does.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::command::Command;
use super::fault::Fault;
use super::limits::Limits;
use super::stream_read::is_option;

/// What LOLWUT writes for one sign of its picture, colours included.
const SIGN_BYTES: u64 = 16;

/// What the commands of one request have asked for so far.
pub(crate) struct Numbers {
    limits: Limits,
    picks: u64,
    bytes: u64,
    /// How much of `bytes` is the value of a key, by its hash: many bits of one bitmap are one bitmap.
    values: HashMap<u64, u64>,
    hasher: RandomState,
}

/// What the numbers of one command ask for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'c> {
    /// Members that are picked one by one, so that there may be more than the key has.
    Picks(u64),
    /// A value that has at least so many bytes, filled up with zeros.
    Value { key: &'c [u8], bytes: u64 },
    /// A picture of so many bytes.
    Picture(u64),
}

impl Numbers {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, picks: 0, bytes: 0, values: HashMap::new(), hasher: RandomState::new() }
    }

    /// Counts a command, or gives the error text for one that asks for more than is left; that one does not count.
    pub(crate) fn admit(&mut self, command: &Command) -> Result<(), String> {
        match asked(command) {
            None => Ok(()),
            Some(Asked::Picks(picks)) => self.admit_picks(picks),
            Some(Asked::Picture(bytes)) => self.admit_bytes(bytes, "A picture counts by width and height."),
            Some(Asked::Value { key, bytes }) => {
                let key = self.hasher.hash_one(key);
                let known = self.values.get(&key).copied().unwrap_or_default();
                let more = bytes.saturating_sub(known);
                self.admit_bytes(more, "An offset counts as the bytes before it.")?;
                self.values.insert(key, known.max(bytes));
                Ok(())
            }
        }
    }

    fn admit_picks(&mut self, more: u64) -> Result<(), String> {
        let (limit, sum) = (self.limits.max_commands(), self.picks.saturating_add(more));
        let actual = usize::try_from(sum).unwrap_or(usize::MAX);
        if actual > limit {
            let text = Fault::TooManyCommands { limit, actual };
            return Err(format!("{} A count below zero counts as that many commands.", text.text()));
        }
        self.picks = sum;
        Ok(())
    }

    fn admit_bytes(&mut self, more: u64, how: &str) -> Result<(), String> {
        let (limit, sum) = (self.limits.max_body(), self.bytes.saturating_add(more));
        let actual = usize::try_from(sum).unwrap_or(usize::MAX);
        if actual > limit {
            return Err(format!("{} {how}", Fault::BodyTooLarge { limit, actual }.text()));
        }
        self.bytes = sum;
        Ok(())
    }
}

/// Reads a command as Redis does. What Redis would refuse to read may be counted all the same.
fn asked(command: &Command) -> Option<Asked<'_>> {
    let mut words = command.arguments();
    match command.name() {
        "HRANDFIELD" | "SRANDMEMBER" | "ZRANDMEMBER" | "VRANDMEMBER" => {
            let count = number(words.nth(1)?)?;
            (count < 0).then(|| Asked::Picks(size(count.saturating_neg())))
        }
        "SETRANGE" => {
            let (key, offset, text) = (words.next()?, number(words.next()?)?, words.next()?);
            let bytes = size(offset).saturating_add(u64::try_from(text.len()).ok()?);
            (!text.is_empty()).then_some(Asked::Value { key, bytes })
        }
        "SETBIT" => {
            let (key, offset) = (words.next()?, number(words.next()?)?);
            Some(Asked::Value { key, bytes: bytes_up_to(offset, 1) })
        }
        "BITFIELD" => {
            let key = words.next()?;
            let bytes = bit_fields_end(words);
            (bytes > 0).then_some(Asked::Value { key, bytes })
        }
        "LOLWUT" => {
            let mut words = words.peekable();
            if words.next_if(|word| is_option(word, "VERSION")).is_some() {
                words.next();
            }
            let sides = words.filter_map(number).map(size).reduce(u64::saturating_mul)?;
            Some(Asked::Picture(sides.saturating_mul(SIGN_BYTES)))
        }
        _ => None,
    }
}

/// How far the writes of BITFIELD reach, in bytes; its reads make nothing longer.
///
/// An operation that is not known here counts as one word, so that nothing which might be a write is passed over.
fn bit_fields_end<'c>(mut words: impl Iterator<Item = &'c [u8]>) -> u64 {
    let mut end = 0;
    while let Some(word) = words.next() {
        if is_option(word, "SET") || is_option(word, "INCRBY") {
            let (Some(kind), Some(offset), Some(_)) = (words.next(), words.next(), words.next()) else {
                break;
            };
            // As in u8 or i16.
            let bits = kind.get(1..).and_then(number).unwrap_or(64);
            let first = match offset.strip_prefix(b"#") {
                Some(nth) => number(nth).map(|nth| nth.saturating_mul(bits)),
                None => number(offset),
            };
            end = end.max(first.map_or(0, |first| bytes_up_to(first, bits)));
        } else if is_option(word, "GET") {
            words.nth(1);
        } else if is_option(word, "OVERFLOW") {
            words.next();
        }
    }
    end
}

/// The bytes that hold so many bits from the first one on, and all before it.
fn bytes_up_to(first: i128, bits: i128) -> u64 {
    size(first.saturating_add(bits).saturating_add(7) / 8)
}

/// A whole number; where C reads it, only up to a zero byte.
fn number(word: &[u8]) -> Option<i128> {
    let end = word.iter().position(|byte| *byte == 0).unwrap_or(word.len());
    std::str::from_utf8(word.get(..end)?).ok()?.trim().parse().ok()
}

/// As far as it can be a size; Redis refuses offsets below zero.
fn size(number: i128) -> u64 {
    u64::try_from(number.max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Command {
        let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.replace('_', "\0").into_bytes()).collect();
        Command::new(&words).unwrap()
    }

    fn bytes_of(line: &str) -> Option<u64> {
        match asked(&command(line))? {
            Asked::Value { key: b"k", bytes } | Asked::Picture(bytes) => Some(bytes),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_count_below_zero_is_picks() {
        for (line, picks) in [
            ("HRANDFIELD k -5", Some(5)),
            ("hrandfield k -5 WITHVALUES", Some(5)),
            ("SRANDMEMBER k -05", Some(5)),
            ("ZRANDMEMBER -9 -5 WITHSCORES", Some(5)),
            ("SRANDMEMBER k -99999999999999999999", Some(u64::MAX)),
            ("SRANDMEMBER k 5", None),
            ("SRANDMEMBER -5", None),
            ("SRANDMEMBER k five", None),
            ("SPOP k -5", None),
        ] {
            assert_eq!(asked(&command(line)), picks.map(Asked::Picks), "{line}");
        }
    }

    #[test]
    fn an_offset_is_the_bytes_up_to_it() {
        for (line, bytes) in [
            ("SETRANGE k 100 abc", Some(103)),
            ("SETRANGE k 100", None),
            ("SETBIT k 7 1", Some(1)),
            ("SETBIT k 8 0", Some(2)),
            ("SETBIT k 4294967295 1", Some(536_870_912)),
            ("GETBIT k 4294967295", None),
            ("LOLWUT", None),
            ("LOLWUT VERSION 6", None),
            ("LOLWUT VERSION 6 10 20", Some(3_200)),
            ("LOLWUT version 5 10 20 3", Some(9_600)),
            ("LOLWUT 10", Some(160)),
        ] {
            assert_eq!(bytes_of(line), bytes, "{line}");
        }
        let empty =
            Command::new(&[b"SETRANGE".to_vec(), b"k".to_vec(), b"100".to_vec(), Vec::new()]).unwrap();
        assert_eq!(asked(&empty), None, "nothing is written");
    }

    #[test]
    fn the_fields_that_are_written_are_found_by_the_grammar() {
        for (line, bytes) in [
            ("BITFIELD k SET u8 0 1", Some(1)),
            ("BITFIELD k set i16 #4 1", Some(10)),
            ("BITFIELD k INCRBY u3 6 1", Some(2)),
            ("BITFIELD k GET u8 80000 SET u8 8 1", Some(2)),
            ("BITFIELD k SET u8 8 1 GET u8 80000 INCRBY u8 16 1", Some(3)),
            ("BITFIELD k OVERFLOW SET SET u8 8 1", Some(2)),
            ("BITFIELD k OVERFLOW SAT INCRBY u8 #1000 1", Some(1001)),
            ("BITFIELD k NEWER SET u8 #1000 1", Some(1001)),
            // An underline stands for a zero byte: C's comparison ends there.
            ("BITFIELD k SET_x u8_x #1000 1", Some(1001)),
            ("BITFIELD k SET bits #1000 1", Some(8008)),
            ("BITFIELD k GET u8 #80000", None),
            ("BITFIELD k GET SET u8 80000 1", None),
            ("BITFIELD k GET u8 SET u8 80000 1", None),
            ("BITFIELD k SET u8 80000", None),
            ("BITFIELD k", None),
        ] {
            assert_eq!(bytes_of(line), bytes, "{line}");
        }
    }
}
