//! How long to wait between tries.

/// Wait before the first retry, at most, with a factor of 1.
const BASE_MS: f64 = 50.0;

/// How often a failed request is tried again, and how patiently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    pub max_retries: u32,
    /// Stretches every wait; 1 means at most 50, 100, 200 … ms.
    pub factor: f64,
}

impl RetryPolicy {
    /// Picks the wait before retry `retry` (counted from 0): anything from 0 to 50 ms × factor × 2^retry.
    ///
    /// The whole span is random ("full jitter"), so that isolates that failed together do not return together.
    /// `random` is uniform over all of `u32`.
    pub fn wait_ms(&self, retry: u32, random: u32) -> u32 {
        let longest = BASE_MS * self.factor * f64::from(retry).exp2();
        let share = f64::from(random) / f64::from(u32::MAX);
        // The cast saturates; the deadline of the request cuts whatever is too long.
        (longest * share).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_doubles_with_every_retry() {
        let policy = RetryPolicy { max_retries: 3, factor: 1.0 };
        let longest: Vec<_> = (0..4).map(|retry| policy.wait_ms(retry, u32::MAX)).collect();
        assert_eq!(longest, [50, 100, 200, 400]);
    }

    #[test]
    fn the_wait_is_spread_over_the_whole_span() {
        let policy = RetryPolicy { max_retries: 3, factor: 2.0 };
        assert_eq!(policy.wait_ms(1, 0), 0);
        assert_eq!(policy.wait_ms(1, u32::MAX / 2), 100);
        assert_eq!(policy.wait_ms(1, u32::MAX), 200);
    }

    #[test]
    fn a_factor_of_zero_never_waits_and_huge_waits_saturate() {
        assert_eq!(RetryPolicy { max_retries: 3, factor: 0.0 }.wait_ms(9, u32::MAX), 0);
        assert_eq!(RetryPolicy { max_retries: 3, factor: 100.0 }.wait_ms(4000, u32::MAX), u32::MAX);
    }
}
