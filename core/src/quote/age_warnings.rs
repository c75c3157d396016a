//! What an answer says of the age of its state. It goes by the moment of reading, so it stands outside of the digest.

use super::input::QuoteInput;
use super::result::{PoolUse, Quote};
use crate::warning::Warning;
use alloc::vec::Vec;

/// How far two clocks that are both kept well may be apart: no reason for a warning.
const CLOCKS_APART_MS: u64 = 1_000;

pub(super) fn age_warnings(input: &QuoteInput<'_>, quote: &Quote) -> Vec<Warning> {
    let (rule, now_ms) = (&input.state.age_rule, input.now_ms);
    let (mut warnings, mut oldest) = (Vec::new(), None);
    for pool in &quote.pools {
        let at_ms = pool.last_updated.as_ref().and_then(|stamp| stamp.at_ms);
        let ahead_ms = at_ms.and_then(|at_ms| at_ms.checked_sub(now_ms)).filter(|ms| *ms > CLOCKS_APART_MS);
        let pool_id = || pool.pool_id.clone();
        match (ahead_ms, pool.age_ms) {
            (Some(ahead_ms), _) => warnings.push(Warning::TimeAhead { pool_id: pool_id(), ahead_ms }),
            (None, None) => warnings.push(Warning::AgeUnknown { pool_id: pool_id() }),
            (None, Some(_)) => {}
        }
        // Of pools of one age the first.
        if pool.age_ms > oldest.and_then(|oldest: &PoolUse| oldest.age_ms) {
            oldest = Some(pool);
        }
    }
    if let Some(PoolUse { pool_id, age_ms: Some(age_ms), .. }) = oldest
        && quote.warn_age_ms.is_some_and(|warn_ms| *age_ms > warn_ms)
    {
        warnings.push(Warning::StateOld { pool_id: pool_id.clone(), age_ms: *age_ms });
    }
    if rule.pulse.heartbeat.is_some() && rule.heartbeat_ms(now_ms).is_none() {
        warnings.push(Warning::HeartbeatInvalid { ahead_ms: rule.heartbeat_ahead_ms(now_ms) });
    }
    warnings
}
