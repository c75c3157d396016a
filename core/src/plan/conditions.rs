//! What must hold of the transaction.

use super::call::Terms;
use super::side::{Side, share};
use crate::clarity::Principal;
use crate::quote::PlanMode;
use crate::units::Amount;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// How an amount bounds what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// No more than this.
    SentAtMost,
    /// No less than this.
    SentAtLeast,
}

impl Condition {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SentAtMost => "sent_at_most",
            Self::SentAtLeast => "sent_at_least",
        }
    }
}

/// What a principal may or must send of an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostCondition {
    /// Who sends.
    pub principal: String,
    /// `STX`, or `<principal>::<asset>`.
    pub asset: String,
    /// How the amount bounds it.
    pub condition: Condition,
    /// Smallest units.
    pub amount: Amount,
}

/// One condition for each principal and asset, in the order in which the quote first names them.
pub(super) fn of(
    sender: &Principal,
    mode: PlanMode,
    routes: &[&[Side<'_>]],
    terms: &Terms<'_>,
) -> Vec<PostCondition> {
    let sender = sender.to_string();
    let mut conditions = Vec::new();
    let last = |side: &&Side<'_>| side.is_last;
    let mut pools = routes.iter().copied().flatten().filter(last).map(|side| &side.hop.pool_id);
    let first = pools.next();
    let one_pool = pools.all(|pool| Some(pool) == first);
    let (mut given, mut promised) = (0_u128, 0_u128);
    for side in routes.iter().copied().flatten() {
        let (hop, (token_in, token_out)) = (side.hop, side.tokens());
        add(&mut conditions, &sender, &token_in.asset, Condition::SentAtMost, hop.amount_in);
        let least = if !side.is_last || terms.slippage_bps == 0 {
            // The next hop takes this much, from the sender's own balance if the pool sent less.
            hop.amount_out
        } else if mode == PlanMode::Explicit || one_pool {
            // No function guards the total of an explicit call, so the shares of its pools add up to it.
            given = given.saturating_add(hop.amount_out);
            let promised_before = promised;
            promised = share(terms.minimum, given, terms.quote.amount_out);
            promised.saturating_sub(promised_before)
        } else {
            // The router guards the total, and what a pool gives of it may move to another.
            0
        };
        add(&mut conditions, side.facts.text(), &token_out.asset, Condition::SentAtLeast, least);
    }
    conditions
}

fn add(
    conditions: &mut Vec<PostCondition>,
    principal: &str,
    asset: &str,
    condition: Condition,
    amount: Amount,
) {
    let known = conditions
        .iter_mut()
        .find(|known| known.principal == principal && known.asset == asset && known.condition == condition);
    match known {
        Some(known) => known.amount = known.amount.saturating_add(amount),
        None => conditions.push(PostCondition {
            principal: principal.to_string(),
            asset: asset.to_string(),
            condition,
            amount,
        }),
    }
}
