//! The heartbeat of a producer: `heartbeat_ms` of the metadata.

use super::stamp::MILLISECONDS_END;
use crate::network::state::Stamp;

/// The field of the hash `metadata`.
pub const HEARTBEAT_FIELD: &str = "heartbeat_ms";
/// Characters of a stored heartbeat that are kept: more make no time.
const MAX_TEXT: usize = 32;
/// Digits of the largest time.
const MAX_DIGITS: usize = 20;
/// Fewer milliseconds (1973) are seconds that somebody took for milliseconds, which would look like a producer long dead.
const MILLISECONDS_START: u64 = 100_000_000_000;

/// Reads a stored heartbeat: milliseconds since 1970 in whole digits. What is none keeps its text, shortened, and has no
/// number.
#[must_use]
pub fn parse_heartbeat(text: &str) -> Stamp {
    // What was shortened is not a time either, so what is kept is read as it was.
    let at_ms = (text.len() <= MAX_DIGITS).then(|| text.parse().ok()).flatten();
    let at_ms = at_ms.filter(|at_ms| (MILLISECONDS_START..MILLISECONDS_END).contains(at_ms));
    Stamp { text: text.chars().take(MAX_TEXT).collect(), at_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_unix_milliseconds() {
        for (text, at_ms) in [
            ("1800000000000", Some(1_800_000_000_000)),
            ("100000000000", Some(100_000_000_000)),
            ("253402300799999", Some(MILLISECONDS_END - 1)),
            ("253402300800000", None),
            // Seconds.
            ("1800000000", None),
        ] {
            let heartbeat = parse_heartbeat(text);
            assert_eq!((heartbeat.at_ms, heartbeat.text.as_str()), (at_ms, text));
        }
    }

    #[test]
    fn what_is_no_time_has_no_number() {
        for text in [
            "",
            " ",
            "soon",
            "-5",
            "NaN",
            "2026-01-01T00:00:00Z",
            "1800000000000.5",
            "1.8e12",
            "18446744073709551616",
        ] {
            assert_eq!(parse_heartbeat(text).at_ms, None, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_cut_and_read_as_it_was() {
        for text in ["1".repeat(1_000), "\u{e9}".repeat(1_000), "0".repeat(21) + "1800000000000"] {
            let heartbeat = parse_heartbeat(&text);
            assert_eq!((heartbeat.text.chars().count(), heartbeat.at_ms), (MAX_TEXT, None));
            assert_eq!(parse_heartbeat(&heartbeat.text), heartbeat);
        }
    }
}
