//! A quote as it is shown: what of it counts as a change, and what changed, in words.

use std::collections::BTreeSet;

use dlmm_core::api::Answer;
use dlmm_core::quote::{Mode, Quote, Warning};
use dlmm_core::units::{Amount, PoolId, Symbol};

use crate::clock::span;
use crate::market::{Amounts, percent};

/// Pools that are named in a line.
const NAMED: usize = 3;

/// A quote, and what of it is compared.
pub(super) struct Shown {
    pub(super) answer: Answer,
    /// Without times and ages: those move by themselves.
    compared: Quote,
}

impl Shown {
    pub(super) fn of(answer: Answer) -> Self {
        let mut compared = (*answer.quote).clone();
        compared.pulse.heartbeat = None;
        compared.pools.iter_mut().for_each(|pool| pool.age_ms = None);
        compared
            .warnings
            .retain(|warning| !matches!(warning, Warning::StateOld { .. } | Warning::TimeAhead { .. }));
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

    /// The age of the oldest pool it uses.
    pub(super) fn age(&self, now_ms: u64) -> String {
        let ages: Option<Vec<u64>> = self.answer.quote.pools.iter().map(|pool| pool.age_ms).collect();
        let since = now_ms.saturating_sub(self.answer.read_at.ms);
        match ages.and_then(|ages| ages.into_iter().max()) {
            Some(age_ms) => format!("{} old", span(age_ms.saturating_add(since))),
            None => "of unknown age".to_owned(),
        }
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
mod tests {
    use dlmm_core::network::decimals::DecimalTable;

    use super::*;

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
