//! Warnings of an answer for people: the code, and what it says in words.

use dlmm_core::quote::{Mode, Quote, Warning};

use super::Amounts;
use crate::clock::span;
use crate::grouping::grouped;

/// One warning in a line: `warning: POOL_SKIPPED: pool:P is left out: not JSON`.
pub(crate) fn warning_line(warning: &Warning, quote: &Quote, amounts: Amounts<'_>) -> String {
    match words(warning, quote, amounts) {
        Some(words) => format!("warning: {}: {words}", warning.code()),
        None => format!("warning: {}", warning.code()),
    }
}

fn words(warning: &Warning, quote: &Quote, amounts: Amounts<'_>) -> Option<String> {
    Some(match warning {
        Warning::PoolSkipped { key, reason } => format!("{key} is left out: {reason}"),
        Warning::StateSuspect { key, reason } => format!("{key}: {reason}"),
        Warning::DecimalsAssumed { token } => {
            format!("nothing states the decimals of {token}; {} are assumed", amounts.decimals(token))
        }
        Warning::AgeUnknown { pool_id } => format!("the age of {pool_id} is unknown"),
        Warning::TimeAhead { pool_id, ahead_ms } => format!("{pool_id} is {} ahead of now", span(*ahead_ms)),
        Warning::StateOld { pool_id, age_ms } => format!("{pool_id} is {} old", span(*age_ms)),
        Warning::HeartbeatInvalid { ahead_ms: Some(ahead_ms) } => {
            format!("the producer's heartbeat is {} ahead of now, so it does not count", span(*ahead_ms))
        }
        Warning::HeartbeatInvalid { ahead_ms: None } => {
            "the producer's heartbeat is no time, so it does not count".to_owned()
        }
        Warning::CandidatesLimited { pools } => {
            format!(
                "more pools than the {} that were looked at connect the tokens",
                grouped(&pools.to_string())
            )
        }
        Warning::PartialFill { unfilled } => {
            let token = match quote.mode {
                Mode::ExactIn => &quote.token_in,
                Mode::ExactOut => &quote.token_out,
            };
            format!("{} of what was asked for is not filled", amounts.in_sentence(*unfilled, token))
        }
        Warning::SplitsLimited { wanted, allowed } => {
            format!("the best answer takes {wanted} routes, and {allowed} are allowed")
        }
        Warning::BinsLimited { allowed } => {
            format!("more would fill, but through more than {allowed} bins of one pool")
        }
        Warning::SearchLimited { limit } => format!("the search ended at its bound ({limit})"),
        Warning::FeeExempt { pool_id } => {
            format!("{pool_id} takes no fees of the sender, and they are counted here")
        }
        Warning::FilterUnknown { field, name } => {
            format!("{field} names {name}, which is not there")
        }
        Warning::KeysLimited { keys } => {
            format!("{} keys were read, and more might have mattered", grouped(&keys.to_string()))
        }
        // Their codes say it all, and so does a code that is newer than this list.
        _ => return None,
    })
}
