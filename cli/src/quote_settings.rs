//! Settings of a quote that the operator fixes, by the same names as the Worker's.

use clap::Args;
use dlmm_core::clarity::Principal;
use dlmm_core::network::age::{AgeLimit, DEFAULT_WARN_AGE_MS};

/// The fee of pools that name none.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct DefaultFee {
    /// Fee in bps of pools whose value names none; all of it is provider fee.
    #[arg(long, value_name = "BPS", env = "DEFAULT_FEE_BPS", default_value = FEE, value_parser = fee)]
    pub(crate) default_fee_bps: u16,
}

/// How many pools a quote looks at.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct CandidateLimit {
    /// Most pools that one quote looks at; if there are more, the answer warns.
    #[arg(long, value_name = "POOLS", env = "MAX_CANDIDATE_POOLS", default_value = POOLS, value_parser = pools)]
    pub(crate) max_candidate_pools: usize,
}

/// The router contract of plans.
#[derive(Args, Clone, Debug)]
pub(crate) struct Router {
    /// Principal of the router contract whose calls plans are; `docs/plans.md` lists those that are known.
    #[arg(long, value_name = "PRINCIPAL", env = "STACKS_ROUTER", value_parser = router)]
    router: Option<RouterText>,
}

/// What was given: nothing where it was empty.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RouterText(Option<String>);

impl Router {
    /// The principal, if one is set.
    pub(crate) fn principal(&self) -> Option<&str> {
        self.router.as_ref()?.0.as_deref()
    }
}

fn router(text: &str) -> Result<RouterText, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(RouterText(None));
    }
    match Principal::parse(text) {
        Ok(principal) if principal.contract().is_some() => Ok(RouterText(Some(text.to_owned()))),
        Ok(_) => Err("must be a contract, such as SP….dlmm-swap-router-v-1-1".to_owned()),
        Err(fault) => Err(format!("is no principal: {fault}")),
    }
}

/// From which age on a quote warns.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct WarnAge {
    /// Warn of state older than this many ms; 0 never warns. If absent 60000, and only where there is a heartbeat.
    #[arg(long, value_name = "MS", env = "WARN_STATE_AGE_MS", value_parser = age)]
    warn_state_age_ms: Option<WarnAgeText>,
}

/// What was given: nothing where it was empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WarnAgeText(Option<u64>);

impl WarnAge {
    /// Tells whether something was given.
    pub(crate) fn is_given(self) -> bool {
        self.warn_state_age_ms.is_some_and(|given| given.0.is_some())
    }

    /// As in the Worker: what is set by name holds for every state, the default where there is a heartbeat.
    pub(crate) fn limit(self) -> Option<AgeLimit> {
        match self.warn_state_age_ms.and_then(|given| given.0) {
            None => Some(AgeLimit::by_heartbeat(DEFAULT_WARN_AGE_MS)),
            Some(0) => None,
            Some(ms) => Some(AgeLimit::named(ms)),
        }
    }
}

/// The largest limit that every reader of JSON reads exactly.
const MAX_AGE: u64 = (1 << 53) - 1;

fn age(text: &str) -> Result<WarnAgeText, String> {
    if text.trim().is_empty() {
        return Ok(WarnAgeText(None));
    }
    within(text, "", 0..=MAX_AGE).map(|ms| WarnAgeText(Some(ms)))
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

    #[test]
    fn an_age_that_is_set_by_name_holds_for_every_state() {
        let limit =
            |text: Option<&str>| WarnAge { warn_state_age_ms: text.map(|text| age(text).unwrap()) }.limit();
        let usual = Some(AgeLimit::by_heartbeat(60_000));
        assert_eq!((limit(None), limit(Some(" "))), (usual, usual));
        assert_eq!((limit(Some("0")), limit(Some("60000"))), (None, Some(AgeLimit::named(60_000))));
        assert!(age("-1").is_err() && age("soon").is_err());
    }
}
