//! The time of day, and spans of it in words.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Writes how long ago something was, in its largest unit: `850 ms`, `12 s`, `3 min`, `5 h`, `9 d`.
pub(crate) fn span(ms: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    match UNITS.into_iter().find(|(length, _)| ms >= *length) {
        Some((length, unit)) => format!("{} {unit}", ms / length),
        None => format!("{ms} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_largest_unit() {
        let told = [0, 999, 1_000, 59_999, 60_000, 7_200_000, 86_400_000 * 9].map(span);
        assert_eq!(told, ["0 ms", "999 ms", "1 s", "59 s", "1 min", "2 h", "9 d"]);
    }
}
