//! Settings of a quote that the operator fixes, by the same names as the Worker's.

use clap::Args;

/// The fee of pools that name none.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct DefaultFee {
    /// Fee in bps of pools whose value names none, all of it provider fee.
    #[arg(long, value_name = "BPS", env = "DEFAULT_FEE_BPS", default_value = FEE, value_parser = fee)]
    pub(crate) default_fee_bps: u16,
}

/// How many pools a quote looks at.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct CandidateLimit {
    /// Most pools one quote looks at; more give a warning.
    #[arg(long, value_name = "POOLS", env = "MAX_CANDIDATE_POOLS", default_value = POOLS, value_parser = pools)]
    pub(crate) max_candidate_pools: usize,
}

const FEE: &str = "10";
const POOLS: &str = "64";

pub(crate) fn fee(text: &str) -> Result<u16, String> {
    within(text, FEE, 0..=9_999)
}

fn pools(text: &str) -> Result<usize, String> {
    within(text, POOLS, 1..=1_000)
}

/// Reads a whole number. An empty setting counts as absent, because container files often carry empty ones.
fn within<T>(text: &str, default: &str, range: std::ops::RangeInclusive<T>) -> Result<T, String>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let text = text.trim();
    let number = if text.is_empty() { default.parse() } else { text.parse() };
    number
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_setting_is_the_default() {
        assert_eq!((fee(" "), pools("")), (Ok(10), Ok(64)));
        assert_eq!((fee("0"), fee("9999"), pools("1000")), (Ok(0), Ok(9_999), Ok(1_000)));
        for wrong in ["10000", "-1", "1.5", "ten"] {
            assert_eq!(fee(wrong), Err("must be a whole number from 0 to 9999".to_owned()), "{wrong}");
        }
        assert!(pools("0").is_err() && pools("1001").is_err());
    }
}
