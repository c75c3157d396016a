//! Time between two rounds of a command that goes on.

use std::time::Duration;

/// Reads a number of seconds, fractions allowed; an empty setting means 5.
pub(crate) fn interval(text: &str) -> Result<Duration, String> {
    let seconds = if text.trim().is_empty() { Ok(5.0) } else { text.trim().parse::<f64>() };
    let seconds = seconds.ok().filter(|seconds| (0.001..=86_400.0).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "must be a number of seconds from 0.001 to 86400".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_may_be_fractions() {
        assert_eq!(interval("0.1"), Ok(Duration::from_millis(100)));
        assert_eq!(interval(" "), Ok(Duration::from_secs(5)));
        for wrong in ["0", "-1", "NaN", "inf", "soon", "86401"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
