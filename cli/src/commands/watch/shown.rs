//! A quote as it is shown: what of it counts as a change, and what changed, in words.

use std::collections::BTreeSet;

use dlmm_core::api::Answer;
use dlmm_core::network::age::Pulse;
use dlmm_core::quote::{Mode, Quote, Warning};
use dlmm_core::units::{Amount, PoolId, Symbol};

use super::warned::{aged, wrong};
use crate::clock::span;
use crate::market::{Amounts, percent, warning_line};

/// Pools that are named in a line.
const NAMED: usize = 3;

/// A quote, and what of it is compared.
pub(super) struct Shown {
    pub(super) answer: Answer,
    compared: Quote,
}

impl Shown {
    pub(super) fn of(answer: Answer) -> Self {
        let compared = settled(&answer.quote);
        Self { answer, compared }
    }

    pub(super) fn differs_from(&self, before: &Self) -> bool {
        self.compared != before.compared
    }

    /// The trade in a line: `1.0 BTC -> 99,900.0 USDC`.
    pub(super) fn trade(&self) -> String {
        let (quote, amounts) = self.parts();
        let sent = amounts.with_token(quote.amount_in, &quote.token_in);
        format!("{sent} -> {}", amounts.with_token(quote.amount_out, &quote.token_out))
    }

    /// The age of the oldest pool it uses, and whether quotes of that age warn.
    pub(super) fn age(&self, now_ms: u64) -> String {
        match self.age_ms(now_ms) {
            Some(age_ms) if self.is_old(now_ms) => format!("STATE_OLD, {} old", span(age_ms)),
            Some(age_ms) => format!("{} old", span(age_ms)),
            None => "of unknown age".to_owned(),
        }
    }

    /// What else is wrong with it, shortly: the line has no room for sentences.
    pub(super) fn wrong(&self) -> Option<String> {
        wrong(&self.answer.quote)
    }

    /// Every warning as `dlmm quote` would write it now.
    pub(super) fn warnings(&self, now_ms: u64) -> Vec<String> {
        let (quote, amounts) = self.parts();
        let warnings = aged(quote, now_ms.saturating_sub(self.answer.read_at.ms));
        warnings.iter().map(|warning| warning_line(warning, quote, amounts)).collect()
    }

    fn is_old(&self, now_ms: u64) -> bool {
        let warn_ms = self.answer.quote.warn_age_ms;
        warn_ms.zip(self.age_ms(now_ms)).is_some_and(|(warn_ms, age_ms)| age_ms > warn_ms)
    }

    fn age_ms(&self, now_ms: u64) -> Option<u64> {
        let ages: Option<Vec<u64>> = self.answer.quote.pools.iter().map(|pool| pool.age_ms).collect();
        let since = now_ms.saturating_sub(self.answer.read_at.ms);
        Some(ages?.into_iter().max()?.saturating_add(since))
    }

    /// By how much the amount that is not fixed has changed, if it has.
    pub(super) fn difference(&self, before: &Self) -> Option<String> {
        let (quote, amounts) = self.parts();
        let earlier = &before.answer.quote;
        match quote.mode {
            Mode::ExactIn => difference(quote.amount_out, earlier.amount_out, &quote.token_out, amounts),
            Mode::ExactOut => difference(quote.amount_in, earlier.amount_in, &quote.token_in, amounts),
        }
    }

    /// Which pools changed it.
    pub(super) fn movers(&self, before: &Self, moved: &BTreeSet<PoolId>) -> String {
        let (quote, earlier) = (&self.answer.quote, &before.answer.quote);
        let mut named: Vec<String> = quote
            .pools
            .iter()
            .filter_map(|pool| {
                let known = earlier.pools.iter().find(|known| known.pool_id == pool.pool_id)?;
                let (from, to) = (known.active_bin.get(), pool.active_bin.get());
                let is_named =
                    from != to || known.last_updated != pool.last_updated || moved.contains(&pool.pool_id);
                let bins = if from == to { format!("bin {to}") } else { format!("bin {from} to {to}") };
                is_named.then(|| format!("{} {bins}", pool.pool_id))
            })
            .collect();
        if named.is_empty() {
            named = moved.iter().map(ToString::to_string).collect();
        }
        if let Some(more) = named.len().checked_sub(NAMED).filter(|more| *more > 0) {
            named.truncate(NAMED);
            named.push(format!("{more} more"));
        }
        named.join(", ")
    }

    fn parts(&self) -> (&Quote, Amounts<'_>) {
        (&self.answer.quote, Amounts(&self.answer.basis.decimals))
    }
}

/// A quote without the times, ages and heights that move by themselves. Whether its state is old, or of an age that nobody
/// knows, is no matter of numbers and stays.
fn settled(quote: &Quote) -> Quote {
    let mut settled = quote.clone();
    settled.pulse = Pulse::default();
    settled.warn_age_ms = None;
    for pool in &mut settled.pools {
        pool.age_ms = pool.age_ms.map(|_| 0);
        pool.block_height = None;
    }
    settled.warnings.retain_mut(|warning| {
        match warning {
            // It goes by itself; where the age is unknown, that is told by the pool.
            Warning::TimeAhead { .. } => return false,
            Warning::StateOld { age_ms, .. } => *age_ms = 0,
            Warning::HeartbeatInvalid { ahead_ms } => *ahead_ms = ahead_ms.map(|_| 0),
            _ => {}
        }
        true
    });
    settled
}

fn difference(now: Amount, then: Amount, token: &Symbol, amounts: Amounts<'_>) -> Option<String> {
    let (sign, by) = match now.cmp(&then) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Greater => ("+", now - then),
        std::cmp::Ordering::Less => ("-", then - now),
    };
    let share = by.checked_mul(1_000_000).and_then(|millions| millions.checked_div(then));
    let share = share.and_then(|ppm| u32::try_from(ppm).ok()).map(|ppm| format!(" ({sign}{})", percent(ppm)));
    Some(format!("{sign}{}{}", amounts.number(by, token), share.unwrap_or_default()))
}

#[cfg(test)]
pub(super) mod tests {
    use dlmm_core::network::age::Stamp;
    use dlmm_core::network::decimals::DecimalTable;
    use dlmm_core::quote::PoolUse;
    use dlmm_core::units::BinId;

    use super::*;

    /// A quote at a moment: the age and height of its pool, what it warns of, and when the heart beat.
    pub(in super::super) fn quote(
        age_ms: Option<u64>,
        height: Option<u64>,
        beat_ms: Option<u64>,
        warnings: Vec<Warning>,
    ) -> Quote {
        let pool = PoolUse {
            pool_id: PoolId::new("P").unwrap(),
            active_bin: BinId::new(500).unwrap(),
            last_updated: None,
            age_ms,
            block_height: height,
        };
        Quote {
            mode: Mode::ExactIn,
            token_in: Symbol::new("BTC").unwrap(),
            token_out: Symbol::new("USDC").unwrap(),
            requested: 1,
            amount_in: 1,
            amount_out: 1,
            unfilled: 0,
            bound: 1,
            price_impact_ppm: None,
            routes: Vec::new(),
            pools: vec![pool],
            pulse: Pulse {
                heartbeat: beat_ms.map(|at| Stamp { text: at.to_string(), at_ms: Some(at) }),
                block_height: height,
            },
            warn_age_ms: beat_ms.map(|_| 60_000),
            warnings,
            explained: None,
            choice: None,
        }
    }

    #[test]
    fn what_moves_by_itself_is_no_change_and_what_it_comes_to_is_one() {
        let old = |age_ms| vec![Warning::StateOld { pool_id: PoolId::new("P").unwrap(), age_ms }];
        let ahead = |ahead_ms| vec![Warning::TimeAhead { pool_id: PoolId::new("P").unwrap(), ahead_ms }];
        let invalid = |ahead_ms| vec![Warning::HeartbeatInvalid { ahead_ms }];
        let differ = |one: Quote, other: Quote| settled(&one) != settled(&other);
        let fresh = || quote(Some(5), Some(100), Some(1), Vec::new());

        assert!(!differ(fresh(), quote(Some(900), Some(101), Some(2), Vec::new())));
        assert!(!differ(fresh(), quote(Some(0), None, None, ahead(2_000))));
        assert!(!differ(
            quote(Some(61_000), None, Some(1), old(61_000)),
            quote(Some(62_000), None, Some(1), old(62_000))
        ));
        assert!(!differ(
            quote(None, None, None, invalid(Some(9_000))),
            quote(None, None, None, invalid(Some(8_000)))
        ));

        assert!(differ(fresh(), quote(Some(61_000), Some(100), Some(1), old(61_000))));
        assert!(
            differ(fresh(), quote(None, Some(100), None, ahead(9_000))),
            "an age that nobody knows any more"
        );
        assert!(differ(fresh(), quote(Some(5), Some(100), None, invalid(Some(9_000)))));
        assert!(differ(fresh(), Quote { amount_out: 2, ..fresh() }));
        assert!(differ(fresh(), Quote { price_impact_ppm: Some(1), ..fresh() }));
    }

    #[test]
    fn a_difference_is_told_in_tokens_and_parts_of_what_was() {
        let (table, usdc) = (DecimalTable::default(), Symbol::new("USDC").unwrap());
        assert_eq!(difference(5, 5, &usdc, Amounts(&table)), None);
        let told = |now, then| difference(now, then, &usdc, Amounts(&table)).unwrap();
        assert_eq!(told(99_912_500_000, 99_900_000_000), "+12.5 (+0.0125 %)");
        assert_eq!(told(0, 2_000_000), "-2.0 (-100.0000 %)");
        assert_eq!(told(2_000_000, 0), "+2.0");
        assert_eq!(told(u128::MAX, 1), "+340,282,366,920,938,463,463,374,607,431,768.211454");
    }
}
