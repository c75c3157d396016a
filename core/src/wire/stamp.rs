//! Times as producers write them.

use super::field;
use crate::json::JsonText;
use crate::math::Decimal;
use crate::state::Stamp;
use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;
use chrono::{DateTime, SecondsFormat};

/// A number from this on counts milliseconds since 1970, one below it seconds (the year 5138).
const SECONDS_END: u128 = 100_000_000_000;
/// Milliseconds from this on (the year 10 000) are no time: RFC 3339 has no text for them, so that what an answer says
/// of them could not be read back.
const MILLISECONDS_END: u64 = 253_402_300_800_000;

/// Reads a stored time: RFC 3339, the same without a zone (taken as UTC), or a number of seconds or
/// milliseconds since 1970. What is none of these keeps its text and has no number.
#[must_use]
pub fn parse_stamp(raw: JsonText<'_>) -> Stamp {
    let text = field::text("time", raw).map_or_else(|_| raw.get().to_owned(), Cow::into_owned);
    let at_ms = stamp_ms(&text);
    Stamp { text, at_ms }
}

/// As [`parse_stamp`], only the milliseconds since 1970.
pub(super) fn stamp_ms(text: &str) -> Option<u64> {
    if let Ok(number) = Decimal::parse(text) {
        let whole = number.to_units_floor(0)?;
        let ms = if whole < SECONDS_END { number.to_units_floor(3)? } else { whole };
        return u64::try_from(ms).ok().filter(|ms| *ms < MILLISECONDS_END);
    }
    let time = DateTime::parse_from_rfc3339(text);
    let time = time.or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")));
    u64::try_from(time.ok()?.timestamp_millis()).ok().filter(|ms| *ms < MILLISECONDS_END)
}

/// Writes milliseconds since 1970 as RFC 3339 in UTC; empty beyond the calendar.
#[must_use]
pub fn write_stamp(at_ms: u64) -> String {
    i64::try_from(at_ms)
        .ok()
        .and_then(DateTime::from_timestamp_millis)
        .map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

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
        for json in ["253402300800000", "8999999999999999", "\"9999-12-31T23:59:59-01:00\""] {
            assert_eq!(at(json), None, "{json}");
        }
    }

    #[test]
    fn writes_rfc_3339() {
        assert_eq!(write_stamp(1_767_225_600_500), "2026-01-01T00:00:00.500Z");
        assert_eq!(write_stamp(u64::MAX), "");
    }
}
