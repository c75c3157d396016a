//! Times as producers write them.
//!
//! `datealgo` has the calendar; the digits around it are read and written here. A whole library of times costs what a page
//! must not pay: with `jiff` (its `alloc` alone) in the place of both, the package has 155 471 bytes more, 54 431 with gzip.

use crate::json::JsonText;
use crate::json::field;
use crate::math::Decimal;
use crate::network::state::Stamp;
use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use datealgo::{datetime_to_secs, days_in_month, secs_to_datetime};

/// A number from this on counts milliseconds since 1970, one below it seconds (the year 5138).
const SECONDS_END: u128 = 100_000_000_000;
/// Milliseconds from this on (the year 10 000) are no time: RFC 3339 has no text for them, so that what an answer says
/// of them could not be read back.
pub(super) const MILLISECONDS_END: u64 = 253_402_300_800_000;
/// Seconds of a day, from which on nothing is an offset from UTC.
const DAY: i64 = 86_400;

/// Reads a stored time: RFC 3339, the same without a zone (taken as UTC), or a number of seconds or
/// milliseconds since 1970. What is none of these keeps its text and has no number.
#[must_use]
pub fn parse_stamp(raw: JsonText<'_>) -> Stamp {
    let text = field::text("time", raw).map_or_else(|_| raw.get().to_owned(), Cow::into_owned);
    let at_ms = stamp_ms(&text);
    Stamp { text, at_ms }
}

/// As [`parse_stamp`], only the milliseconds since 1970.
pub(crate) fn stamp_ms(text: &str) -> Option<u64> {
    let at_ms = match Decimal::parse(text) {
        Ok(number) => {
            let whole = number.to_units_floor(0)?;
            let ms = if whole < SECONDS_END { number.to_units_floor(3)? } else { whole };
            u64::try_from(ms).ok()?
        }
        Err(_) => u64::try_from(Rfc3339 { rest: text.as_bytes() }.milliseconds()?).ok()?,
    };
    (at_ms < MILLISECONDS_END).then_some(at_ms)
}

/// Writes milliseconds since 1970 as RFC 3339 in UTC; empty from the year 10 000 on.
#[must_use]
pub fn write_stamp(at_ms: u64) -> String {
    let mut text = String::with_capacity(24);
    if at_ms < MILLISECONDS_END
        && let Ok(seconds) = i64::try_from(at_ms / 1_000)
    {
        let (year, month, day, hour, minute, second) = secs_to_datetime(seconds);
        push_digits(&mut text, year.unsigned_abs(), 1_000);
        for (mark, part) in [('-', month), ('-', day), ('T', hour), (':', minute), (':', second)] {
            text.push(mark);
            push_digits(&mut text, part.into(), 10);
        }
        text.push('.');
        push_digits(&mut text, u32::try_from(at_ms % 1_000).unwrap_or(0), 100);
        text.push('Z');
    }
    text
}

/// Writes a number whose first digit counts `place`.
fn push_digits(out: &mut String, number: u32, mut place: u32) {
    while place > 0 {
        out.push(char::from_digit(number / place % 10, 10).unwrap_or('0'));
        place /= 10;
    }
}

/// A time being read.
struct Rfc3339<'t> {
    rest: &'t [u8],
}

impl Rfc3339<'_> {
    /// Milliseconds since 1970; what is left of one does not count.
    fn milliseconds(mut self) -> Option<i64> {
        let year = self.number(4)?;
        self.mark(b"-")?;
        let month = self.part(1, 12)?;
        self.mark(b"-")?;
        let day = self.part(1, 31)?;
        self.mark(b"Tt ")?;
        let hour = self.part(0, 23)?;
        self.mark(b":")?;
        let minute = self.part(0, 59)?;
        self.mark(b":")?;
        // A leap second is the first one after it.
        let second = self.part(0, 60)?;
        let leap = second / 60;
        let millisecond = if self.mark(b".").is_some() { self.fraction()? } else { 0 };
        let offset = self.offset()?;
        let year = i32::try_from(year).ok().filter(|year| day <= days_in_month(*year, month))?;
        let seconds = datetime_to_secs((year, month, day, hour, minute, second - leap));
        let seconds = seconds.checked_add(leap.into())?.checked_sub(offset)?;
        seconds.checked_mul(1_000)?.checked_add(millisecond)
    }

    /// The distance from UTC in seconds, to the end of the text; where there is none, the time is in UTC.
    fn offset(&mut self) -> Option<i64> {
        let seconds = match self.mark(b"Zz+-") {
            None | Some(b'Z' | b'z') => 0,
            Some(sign) => {
                let hours = self.number(2)?;
                self.mark(b":")?;
                let minutes = i64::from(self.part(0, 59)?);
                let seconds = hours * 3_600 + minutes * 60;
                if sign == b'-' { -seconds } else { seconds }
            }
        };
        (self.rest.is_empty() && seconds.abs() < DAY).then_some(seconds)
    }

    /// Milliseconds of the digits behind the point.
    fn fraction(&mut self) -> Option<i64> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let digit = |at: usize| digits.get(at).map_or(0, |byte| i64::from(byte - b'0'));
        (length > 0).then(|| digit(0) * 100 + digit(1) * 10 + digit(2))
    }

    /// A number of two digits within bounds.
    fn part(&mut self, min: u8, max: u8) -> Option<u8> {
        u8::try_from(self.number(2)?).ok().filter(|part| (min..=max).contains(part))
    }

    /// A number of so many digits.
    fn number(&mut self, length: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
        digits.iter().try_fold(0, |number, byte| Some(number * 10 + digit(byte)?))
    }

    /// One of these bytes, if it is next.
    fn mark(&mut self, allowed: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first().filter(|(first, _)| allowed.contains(first))?;
        self.rest = rest;
        Some(*first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use chrono::{DateTime, SecondsFormat};
    use proptest::prelude::*;

    fn at(json: &str) -> Option<u64> {
        parse_stamp(JsonText::parse(json).expect("JSON")).at_ms
    }

    #[test]
    fn reads_what_producers_write() {
        let expected = Some(1_767_225_600_500);
        for json in [
            "\"2026-01-01T00:00:00.500Z\"",
            "\"2026-01-01T02:00:00.500+02:00\"",
            "\"2026-01-01T00:00:00.500000\"",
            "\"2026-01-01 00:00:00.5\"",
            "1767225600.5",
            "1767225600500",
            "\"1767225600500\"",
        ] {
            assert_eq!(at(json), expected, "{json}");
        }
        for json in ["\"yesterday\"", "\"\"", "-5", "1e300", "true", "{}"] {
            assert_eq!(at(json), None, "{json}");
        }
    }

    #[test]
    fn a_time_that_is_read_can_be_written_and_read_again() {
        let last = MILLISECONDS_END - 1;
        assert_eq!(at(&last.to_string()), Some(last));
        assert_eq!(at(&format!("{:?}", write_stamp(last))), Some(last));
        for json in [
            "253402300800000",
            "8999999999999999",
            "\"9999-12-31T23:59:59-01:00\"",
            "\"2026-01-01T00:00:00+24:00\"",
        ] {
            assert_eq!(at(json), None, "{json}");
        }
    }

    #[test]
    fn writes_rfc_3339() {
        assert_eq!(write_stamp(1_767_225_600_500), "2026-01-01T00:00:00.500Z");
        assert_eq!(write_stamp(u64::MAX), "");
    }

    /// What another library reads, which stands for every text that has the shape of a time.
    fn by_chrono(text: &str) -> Option<u64> {
        let time = DateTime::parse_from_rfc3339(text);
        let time = time.or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")));
        u64::try_from(time.ok()?.timestamp_millis()).ok().filter(|ms| *ms < MILLISECONDS_END)
    }

    proptest! {
        #[test]
        fn reads_what_chrono_reads(
            year in 1_960_u32..=10_000,
            rest in "-[0-3][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,12})?([Zz]|[+-][0-9]{2}:?[0-9]{2})?",
        ) {
            let text = format!("{year}{rest}");
            prop_assert_eq!(stamp_ms(&text), by_chrono(&text), "{}", text);
        }

        #[test]
        fn reads_days_and_leap_seconds_as_chrono_does(
            year in 1_960_u32..2_110, month in 0_u32..14, day in 0_u32..33, second in 57_u32..62, offset in -25_i32..26,
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T23:59:{second:02}.999{offset:+03}:30");
            prop_assert_eq!(stamp_ms(&text), by_chrono(&text), "{}", text);
        }

        #[test]
        fn reads_nothing_where_chrono_reads_nothing(text in "[0-9TtZz:. +-]{0,30}") {
            prop_assume!(Decimal::parse(&text).is_err());
            prop_assert_eq!(stamp_ms(&text), by_chrono(&text), "{}", text);
        }

        #[test]
        fn writes_what_chrono_writes(at_ms in 0..MILLISECONDS_END) {
            let time = DateTime::from_timestamp_millis(at_ms as i64).expect("within the calendar");
            prop_assert_eq!(write_stamp(at_ms), time.to_rfc3339_opts(SecondsFormat::Millis, true));
            prop_assert_eq!(stamp_ms(&write_stamp(at_ms)), Some(at_ms));
        }
    }
}
