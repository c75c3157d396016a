//! Snapshots of networks of pools with 101 bins each, every token at par but for a little.

use serde_json::{Value, json};

use crate::Ladder;
use crate::hostile::{NETWORKS, stored};

/// Pairs of a network, and how many pools each has.
type Pairs = Vec<(String, String, usize)>;

/// The snapshot `dlmm-snapshot/1` of a network by its name: `ladder`, a number of pools (3, 20 or 200), or the name of
/// a hostile network.
///
/// # Panics
/// For any other name.
#[must_use]
pub fn market_of(name: &str) -> String {
    let pools = match name {
        "ladder" => vec![with_bins(Ladder { reserve: 1_000_000_000 }.stored())],
        "3" => pools(&pairs(&[("IN", "OUT", 3)])),
        "20" => pools(&pairs(&[
            ("IN", "OUT", 4),
            ("IN", "M1", 3),
            ("M1", "OUT", 3),
            ("IN", "M2", 3),
            ("M2", "OUT", 3),
            ("M1", "M2", 2),
            ("M3", "M1", 1),
            ("M3", "OUT", 1),
        ])),
        "200" => pools(&many()),
        other => match NETWORKS.into_iter().find(|(known, ..)| *known == other) {
            Some((known, ..)) => stored(known),
            None => panic!("no network {other}"),
        },
    };
    json!({"format": "dlmm-snapshot/1", "taken_at": "2027-01-15T08:00:00Z", "tokens": {}, "pools": pools})
        .to_string()
}

fn pairs(named: &[(&str, &str, usize)]) -> Pairs {
    named.iter().map(|&(x, y, pools)| (x.to_owned(), y.to_owned(), pools)).collect()
}

/// 200 pools: 20 of the pair itself, the others over eight tokens in between.
fn many() -> Pairs {
    let mut all = pairs(&[("IN", "OUT", 20)]);
    for n in 0..8 {
        let (token, next) = (format!("M{n}"), format!("M{}", (n + 1) % 8));
        all.push(("IN".to_owned(), token.clone(), 10));
        all.push((token.clone(), "OUT".to_owned(), 10));
        all.push((token, next, if n % 2 == 0 { 3 } else { 2 }));
    }
    all
}

fn pools(pairs: &Pairs) -> Vec<Value> {
    let each = pairs.iter().flat_map(|(x, y, pools)| std::iter::repeat_n((x, y), *pools));
    each.enumerate().map(|(n, (x, y))| pool(n, x, y)).collect()
}

/// A pool of 101 bins around a price that differs a little from pool to pool.
fn pool(n: usize, x: &str, y: &str) -> Value {
    let step_bps = match n % 3 {
        0 => 10_u128,
        1 => 25,
        _ => 50,
    };
    let middle = 100_000_000_u128 + 37_000 * (n as u128 % 7);
    let price = |id: usize| {
        (0..id.abs_diff(500)).fold(middle, |price, _| match id < 500 {
            true => price * 10_000 / (10_000 + step_bps),
            false => price * (10_000 + step_bps) / 10_000,
        })
    };
    let id = format!("{x}-{y}-{n:03}");
    let bins = (450..=550).map(|bin_id| {
        let held = 9_000_000_000_000_u64 + 31_000_000 * ((bin_id as u64 * 7 + n as u64 * 13) % 101);
        let held = held.to_string();
        let x_held = if bin_id >= 500 { held.as_str() } else { "0" };
        let y_held = if bin_id <= 500 { held.as_str() } else { "0" };
        json!({"pool_id": id, "bin_id": bin_id, "reserve_x": x_held, "reserve_y": y_held,
            "price_e8": price(bin_id).to_string()})
    });
    let value = json!({"pool_id": id, "token_x": x, "token_y": y, "active_bin_id": 500,
        "status": "active", "token_x_decimals": 6, "token_y_decimals": 6, "bin_step": step_bps as u64,
        "x_protocol_fee": 2, "x_provider_fee": 8 + n % 5, "x_variable_fee": 1,
        "y_protocol_fee": 2, "y_provider_fee": 8 + n % 5, "y_variable_fee": 1,
        "last_updated": "2027-01-15T08:00:00Z"});
    with_bins((value, bins.collect()))
}

fn with_bins((mut pool, bins): (Value, Vec<Value>)) -> Value {
    pool.as_object_mut().unwrap().insert("bins".to_owned(), bins.into());
    pool
}
