//! What is wrong with a watched quote: shortly for the line that moves, and whole for the end.

use dlmm_core::quote::{PoolUse, Quote, Warning};

use crate::market::percent;
use crate::output::counted;

/// What is not filled, and the other warnings: one by its code, more by their number. What the age tells is not told twice.
pub(super) fn wrong(quote: &Quote) -> Option<String> {
    let is_age_known = quote.pools.iter().all(|pool| pool.age_ms.is_some());
    let is_told = |warning: &Warning| match warning {
        Warning::PartialFill { .. } | Warning::AgeUnknown { .. } => true,
        Warning::StateOld { .. } => is_age_known,
        _ => false,
    };
    let others: Vec<_> = quote.warnings.iter().filter(|warning| !is_told(warning)).collect();
    let others = match others.as_slice() {
        [] => None,
        [one] => Some(one.code().to_owned()),
        more => Some(counted(more.len(), "warning")),
    };
    // The amount has no place beside the trade in 80 columns.
    let unfilled = unfilled_ppm(quote).map(|ppm| format!("{} not filled", percent(ppm)));
    let told: Vec<_> = unfilled.into_iter().chain(others).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// The part of what was asked for that is not filled, if any is not: then it is never told as none.
fn unfilled_ppm(quote: &Quote) -> Option<u32> {
    let Quote { unfilled, requested, .. } = *quote;
    let ppm = match unfilled.checked_mul(1_000_000) {
        Some(millions) => millions.checked_div(requested),
        None => unfilled.checked_div(requested / 1_000_000),
    };
    (unfilled > 0).then(|| ppm.and_then(|ppm| u32::try_from(ppm).ok()).unwrap_or(1_000_000).max(1))
}

/// The warnings after some time in which nothing else was learnt: the state may have become old since.
pub(super) fn aged(quote: &Quote, since_ms: u64) -> Vec<Warning> {
    let is_old = |warning: &Warning| matches!(warning, Warning::StateOld { .. });
    let mut warnings = quote.warnings.clone();
    let place = warnings.iter().position(is_old).unwrap_or(warnings.len());
    warnings.retain(|warning| !is_old(warning));
    // Of pools of one age the first, as core has it.
    let oldest = quote.pools.iter().rev().max_by_key(|pool| pool.age_ms);
    if let Some(PoolUse { pool_id, age_ms: Some(age_ms), .. }) = oldest {
        let age_ms = age_ms.saturating_add(since_ms);
        if quote.warn_age_ms.is_some_and(|warn_ms| age_ms > warn_ms) {
            warnings.insert(place, Warning::StateOld { pool_id: pool_id.clone(), age_ms });
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use dlmm_core::units::PoolId;

    use super::*;
    use crate::commands::watch::shown::tests::quote;

    #[test]
    fn a_line_tells_what_is_not_filled_and_how_much_else_is_wrong() {
        let told = |quote: &Quote| wrong(quote).unwrap_or_default();
        let pool_id = || PoolId::new("P").unwrap();
        let unknown = |name: &str| Warning::FilterUnknown { field: "via".to_owned(), name: name.to_owned() };
        let partial = |unfilled, requested, more: &[Warning]| {
            let warnings = [Warning::PartialFill { unfilled }].iter().chain(more).cloned().collect();
            Quote { requested, unfilled, ..quote(Some(5), None, Some(1), warnings) }
        };
        assert_eq!(told(&quote(Some(5), None, Some(1), vec![])), "");
        assert_eq!(told(&quote(Some(5), None, Some(1), vec![unknown("A")])), "FILTER_UNKNOWN");
        assert_eq!(told(&quote(Some(5), None, Some(1), vec![unknown("A"), unknown("B")])), "2 warnings");
        assert_eq!(told(&partial(93, 100, &[])), "93.0000 % not filled");
        assert_eq!(told(&partial(1, u128::MAX, &[])), "0.0001 % not filled");
        assert_eq!(
            told(&partial(u128::MAX - 1, u128::MAX, &[unknown("A")])),
            "100.0000 % not filled, FILTER_UNKNOWN"
        );
        // The age tells both, but not that one pool is old where that of another is unknown.
        let old = Warning::StateOld { pool_id: pool_id(), age_ms: 61_000 };
        assert_eq!(told(&quote(Some(61_000), None, Some(1), vec![old.clone()])), "");
        let unknown_age = Warning::AgeUnknown { pool_id: pool_id() };
        assert_eq!(told(&quote(None, None, Some(1), vec![unknown_age.clone(), old])), "STATE_OLD");
        assert_eq!(told(&quote(None, None, None, vec![unknown_age])), "");
    }

    #[test]
    fn a_state_that_has_become_old_since_is_warned_of_like_one_that_was() {
        let stated = || Warning::FilterUnknown { field: "via".to_owned(), name: "A".to_owned() };
        let old = |age_ms| Warning::StateOld { pool_id: PoolId::new("P").unwrap(), age_ms };
        let fresh = quote(Some(5_000), None, Some(1), vec![stated()]);
        assert_eq!(aged(&fresh, 55_000), [stated()]);
        assert_eq!(aged(&fresh, 55_001), [stated(), old(60_001)]);
        let stale = quote(Some(61_000), None, Some(1), vec![old(61_000), stated()]);
        assert_eq!(aged(&stale, 4_000), [old(65_000), stated()]);
        assert_eq!(aged(&quote(None, None, None, vec![]), 99_000), []);
    }
}
