//! A snapshot with the bins of its pools in columns: a third of its size once it is compressed.
//!
//! Bins of one pool differ little from their neighbours: ids follow each other, prices grow by one factor, amounts are alike.
//! So each column holds what a bin adds to the guess that the bins before it make. A pool whose bins cannot be told that way,
//! to the last digit of everything that a quote rests on, stays as it is in a plain snapshot.

use std::fmt::Write as _;

use dlmm_core::network::state::PoolState;
use dlmm_core::pool::suspect::suspicions;
use dlmm_core::stored::{Snapshot, StoredPool};
use dlmm_core::units::BinId;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The format's name, and the media type that asks for it.
pub(super) const FORMAT: &str = "dlmm-snapshot-columns/1";
pub(super) const MEDIA_TYPE: &str = "application/vnd.dlmm.snapshot-columns+json";

/// Products of two prices below this fit.
const GUESSED_BELOW: u128 = 1 << 63;
/// Differences of amounts below this fit.
const TOLD_BELOW: u128 = 1 << 126;

/// A bin in its exact form, as producers on chain write it.
#[derive(Deserialize)]
struct ExactBin<'b> {
    bin_id: u16,
    price_e8: &'b str,
    reserve_x: &'b str,
    reserve_y: &'b str,
}

/// The columns of one pool.
#[derive(Debug, PartialEq, Eq)]
struct Columns {
    /// Runs of ids: the first and how many, `400*5 410*20`.
    ids: String,
    prices: String,
    /// Reserves of Y up to the active bin, and of X from there on.
    y: String,
    x: String,
}

/// A plain snapshot in columns; none for a text that is no snapshot.
pub(super) fn in_columns(document: &str) -> Option<String> {
    let snapshot = Snapshot::parse(document).ok()?;
    let decimals = snapshot.decimals();
    let (head, _) = document.split_once(",\"pools\":[")?;
    let tail = document.get(pools_end(document)?..)?;
    let mut text = head.replacen(dlmm_core::stored::FORMAT, FORMAT, 1);
    text.push_str(",\"pools\":[");
    let mut all: [Vec<String>; 4] = Default::default();
    for (at, (routing, pool)) in snapshot.pools.iter().enumerate() {
        let value = pool.value.as_deref()?.strip_suffix('}')?;
        text.push_str(if at == 0 { "" } else { "," });
        // What is left out with the human form must not have contradicted the exact one.
        let is_sound = match pool.state(&routing.pool, &decimals, 0) {
            PoolState::Ready { pool, .. } => suspicions(&pool, BinId::MIN, BinId::MAX).next().is_none(),
            _ => false,
        };
        match routing.active_bin.filter(|_| is_sound).and_then(|active| columns(pool, active.get())) {
            Some(Columns { ids, prices, y, x }) => {
                let _ = write!(text, "{value}}}");
                all.iter_mut().zip([ids, prices, y, x]).for_each(|(column, of_pool)| column.push(of_pool));
            }
            None => {
                let bins: Vec<&str> = pool.bins.iter().map(|(_, bin)| &**bin).collect();
                let _ = write!(text, "{value},\"bins\":[{}]}}", bins.join(","));
            }
        }
    }
    text.push_str("],\"columns\":{");
    for (at, (name, column)) in ["ids", "prices", "y", "x"].iter().zip(&all).enumerate() {
        // Numbers, spaces and stars need no escaping.
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\"{name}\":[");
        for (at, of_pool) in column.iter().enumerate() {
            let _ = write!(text, "{}\"{of_pool}\"", if at == 0 { "" } else { "," });
        }
        text.push(']');
    }
    text.push('}');
    text.push_str(tail);
    Some(text)
}

/// Where the list of pools has ended.
fn pools_end(document: &str) -> Option<usize> {
    #[derive(Deserialize)]
    struct Pools<'d> {
        #[serde(borrow)]
        pools: &'d RawValue,
    }
    let pools = serde_json::from_str::<Pools<'_>>(document).ok()?.pools.get();
    let at = (pools.as_ptr() as usize).checked_sub(document.as_ptr() as usize)?;
    at.checked_add(pools.len())
}

fn columns(pool: &StoredPool<'_>, active: u16) -> Option<Columns> {
    let mut columns =
        Columns { ids: String::new(), prices: String::new(), y: String::new(), x: String::new() };
    let mut run: Option<(u16, u16)> = None;
    let (mut before, mut one): (Option<u128>, Option<u128>) = (None, None);
    let (mut last_y, mut last_x) = (0, 0);
    for (_, text) in &pool.bins {
        let bin: ExactBin<'_> = serde_json::from_str(text).ok()?;
        run = match run {
            Some((first, count)) if first.checked_add(count)? == bin.bin_id => Some((first, count + 1)),
            // In order of their ids, each once.
            Some((first, count)) if bin.bin_id > first.checked_add(count)? => {
                push(&mut columns.ids, format_args!("{first}*{count}"));
                Some((bin.bin_id, 1))
            }
            Some(_) => return None,
            None => Some((bin.bin_id, 1)),
        };
        let price = number(bin.price_e8)?;
        push(&mut columns.prices, format_args!("{}", signed(price, guess(before, one))?));
        (before, one) = (one, Some(price));
        let (x, y) = (number(bin.reserve_x)?, number(bin.reserve_y)?);
        if bin.bin_id <= active {
            push(&mut columns.y, format_args!("{}", signed(y, last_y)?));
            last_y = y;
        } else if y != 0 {
            return None;
        }
        if bin.bin_id >= active {
            push(&mut columns.x, format_args!("{}", signed(x, last_x)?));
            last_x = x;
        } else if x != 0 {
            return None;
        }
    }
    let (first, count) = run?;
    push(&mut columns.ids, format_args!("{first}*{count}"));
    Some(columns)
}

fn push(column: &mut String, text: std::fmt::Arguments<'_>) {
    let space = if column.is_empty() { "" } else { " " };
    let _ = write!(column, "{space}{text}");
}

/// A whole number in the one spelling that is its own.
fn number(text: &str) -> Option<u128> {
    let number = text.parse::<u128>().ok().filter(|number| *number < TOLD_BELOW)?;
    (number.to_string() == text).then_some(number)
}

/// The next price if they grow by one factor; the last one where that cannot be said.
fn guess(before: Option<u128>, one: Option<u128>) -> u128 {
    let Some(one) = one else { return 0 };
    match before {
        Some(before) if before != 0 && one < GUESSED_BELOW => {
            let product = one.saturating_mul(one).saturating_mul(2).saturating_add(before);
            product / (before.saturating_mul(2))
        }
        _ => one,
    }
}

fn signed(number: u128, guess: u128) -> Option<i128> {
    i128::try_from(number).ok()?.checked_sub(i128::try_from(guess).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bin(id: u16, price: &str, x: &str, y: &str) -> String {
        format!(r#"{{"bin_id":{id},"pool_id":"P","price_e8":"{price}","reserve_x":"{x}","reserve_y":"{y}"}}"#)
    }

    fn document(bins: &[String]) -> String {
        format!(
            r#"{{"format":"dlmm-snapshot/1","taken_at":"2026-01-01T00:00:00.000Z","tokens":{{"A":{{"decimals":6}},"B":{{"decimals":6}}}},"pools":[{{"active_bin_id":500,"bins":[{}],"pool_id":"P","status":"active","token_x":"A","token_y":"B"}}],"skipped_more":1}}"#,
            bins.join(",")
        )
    }

    #[test]
    fn bins_are_told_by_what_they_add() {
        let bins = [
            bin(498, "99800100", "0", "7"),
            bin(499, "99900000", "0", "9"),
            bin(500, "100000100", "50", "8"),
            bin(502, "100200500", "40", "0"),
        ];
        let text = in_columns(&document(&bins)).unwrap();
        let expected = r#""pools":[{"active_bin_id":500,"pool_id":"P","status":"active","token_x":"A","token_y":"B"}],"columns":{"ids":["498*3 502*1"],"prices":["99800100 99900 100 100200"],"y":["7 2 -1"],"x":["50 -10"]},"skipped_more":1}"#;
        assert!(text.starts_with(r#"{"format":"dlmm-snapshot-columns/1","#), "{text}");
        assert!(text.ends_with(expected), "{text}");
    }

    #[test]
    fn a_pool_that_columns_cannot_tell_stays_as_it_is() {
        let good = bin(500, "100000000", "5", "5");
        for odd in [
            bin(501, "100100000", "5", "1"),
            bin(501, "99900000", "5", "0"),
            bin(501, "0100100000", "5", "0"),
            r#"{"bin_id":501,"x_amount":"1.0","y_amount":"0","price":"1.001"}"#.to_owned(),
            r#"{"bin_id":501,"price_e8":"100100000","reserve_x":"5","reserve_y":"0","is_active":true}"#
                .to_owned(),
            r#"{"bin_id":501,"price_e8":"100100000","reserve_x":"5","reserve_y":"0","x_amount":"7"}"#
                .to_owned(),
        ] {
            let text = in_columns(&document(&[good.clone(), odd.clone()])).unwrap();
            assert!(text.contains(&format!(r#""bins":[{good},{odd}]"#)), "{odd}: {text}");
            assert!(text.contains(r#""columns":{"ids":[],"prices":[],"y":[],"x":[]}"#), "{text}");
        }
        assert!(in_columns("{}").is_none());
    }

    #[test]
    fn large_prices_are_guessed_by_the_one_before() {
        assert_eq!(guess(Some(5), Some(GUESSED_BELOW)), GUESSED_BELOW);
        assert_eq!((guess(None, None), guess(None, Some(7)), guess(Some(0), Some(7))), (0, 7, 7));
        assert_eq!(guess(Some(1), Some(GUESSED_BELOW - 1)), (GUESSED_BELOW - 1) * (GUESSED_BELOW - 1));
        assert_eq!(signed(1, 2), Some(-1));
    }
}
