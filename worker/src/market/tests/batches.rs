//! What a batch reads: each quote of it comes out as it does alone, as far as the bounds on keys allow.

use serde_json::json;

use super::desk::{Desk, codes};

/// So many pools of A and B with little in the active bin, and the rest in every 37th bin from there.
fn with_gaps(settings: &[(&str, &str)], pools: u16) -> Desk {
    let desk = Desk::new(settings);
    for pool in 0..pools {
        let id = format!("P{pool:02}");
        desk.redis.set(
            &format!("pool:{id}"),
            json!({"pool_id": id, "token_x": "A", "token_y": "B", "token_x_decimals": 6, "token_y_decimals": 6,
                "active_bin_id": 500, "status": "active", "x_provider_fee": 10, "y_provider_fee": 10,
                "last_updated": "2027-01-15T08:00:00Z"}),
        );
        let mut price = 100.0 + f64::from(pool) / 50.0;
        for below in 0..=500_u16 {
            let reserve = if below == 0 { "1" } else { "10000" };
            if below % 37 == 0 {
                let bin = 500 - below;
                let price = format!("{price:.9}");
                desk.redis.set(
                    &format!("bin:{id}:{bin}"),
                    json!({"bin_id": bin, "x_amount": "0", "y_amount": reserve, "price": price}),
                );
            }
            price /= 1.001;
        }
    }
    desk
}

fn trade(amount: &str) -> String {
    format!(r#"{{"token_in":"A","token_out":"B","amount_in":{amount},"max_hops":4,"allow_partial":true}}"#)
}

/// Keys of the reads since this was called last.
fn sizes(desk: &Desk) -> Vec<usize> {
    desk.redis.take_reads().iter().map(Vec::len).collect()
}

/// An isolate that learned how deep trades of one token and of half a token go: one pool of all was read further.
fn that_learned() -> Desk {
    let desk = with_gaps(&[], 24);
    for amount in ["1", "0.5"] {
        desk.batch(&[&trade(amount)]).remove(0).unwrap();
    }
    desk.redis.take_reads();
    desk
}

#[test]
fn requests_that_run_out_together_are_read_again_as_wide_as_one_of_them_alone() {
    for amount in [200, 500, 1_000, 2_000, 4_000] {
        let desk = that_learned();
        let requests: Vec<String> = (0..20).map(|n| trade(&(amount + n).to_string())).collect();
        let answers = desk.batch(&requests.iter().map(String::as_str).collect::<Vec<_>>());
        let reads = sizes(&desk);
        assert!(reads.iter().sum::<usize>() <= 10_000, "{reads:?}");
        for at in [0, 19] {
            let desk = that_learned();
            let alone = desk.batch(&[&requests[at]]).remove(0).unwrap().answer.quote;
            let together = &answers[at].as_ref().unwrap().answer.quote;
            assert_eq!(reads, sizes(&desk), "{amount}");
            let limited = |codes: Vec<&str>| codes.contains(&"KEYS_LIMITED");
            assert!(!limited(codes(&alone)) && !limited(codes(together)), "{amount}");
            // The work of a batch is shared, so a search may end sooner and tells so.
            if !codes(together).contains(&"SEARCH_LIMITED") {
                assert_eq!(together.amount_out, alone.amount_out, "{amount}");
            }
            assert!(together.amount_out.abs_diff(alone.amount_out) <= alone.amount_out / 500, "{amount}");
        }
    }
}

#[test]
fn the_last_read_that_the_bound_leaves_takes_all_of_it() {
    let desk = that_learned();
    desk.batch(&[&trade("2000")]).remove(0).unwrap();
    let reads = sizes(&desk);
    // Four times as far is 5,436 keys, after which no wider read would have been left.
    assert!(reads.len() == 2 && reads.iter().sum::<usize>() > 9_900, "{reads:?}");
}

/// Beside pools with gaps one of a far better price, that has little in each of its bins.
fn with_one_long_pool() -> Desk {
    let desk = with_gaps(&[], 24);
    for below in 0..=500_u16 {
        let price = format!("{:.9}", 157.0 / 1.001_f64.powi(below.into()));
        let value = json!({"bin_id": 500 - below, "x_amount": "0", "y_amount": "100", "price": price});
        desk.redis.set(&format!("bin:P23:{}", 500 - below), value);
    }
    desk
}

#[test]
fn what_is_read_for_others_does_not_use_up_the_keys_of_a_quote() {
    let deep = trade("22000");
    let small = r#"{"token_in":"A","token_out":"B","amount_in":345,"max_bins":1001}"#;
    // How deep the one trades is known, so that its read takes all that one may have.
    let desk = with_one_long_pool();
    desk.batch(&[&deep]).remove(0).unwrap();
    desk.redis.take_reads();
    let answers = desk.batch(&[&deep, small]);
    let quotes = answers.iter().map(|answer| &answer.as_ref().unwrap().answer.quote);
    let [deep, small] = quotes.collect::<Vec<_>>().try_into().unwrap();
    assert!(!codes(deep).contains(&"KEYS_LIMITED") && !codes(small).contains(&"KEYS_LIMITED"));
    let reads = sizes(&desk);
    assert!(reads.len() == 2 && reads[0] > 9_900 && reads[1] < 1_000, "{reads:?}");
    // All that the pool has of better prices than the others.
    assert_eq!(small.amount_out, 43_271_798_116);
}
