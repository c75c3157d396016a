//! How long values are is no secret that one pair may use against another.

use serde_json::json;

use super::desk::{Desk, bin_value, pool_value};

/// Three pools of a pair, 400 bins on each side of the active one, each bin with so much beside its usual fields.
fn add_pair(desk: &Desk, (token_x, token_y): (&str, &str), beside: &str) {
    for n in 0..3 {
        let id = format!("{token_x}{n}");
        let mut value = pool_value(&id, 500);
        (value["token_x"], value["token_y"]) = (json!(token_x), json!(token_y));
        desk.redis.set(&format!("pool:{id}"), value);
        for bin in 100..=900 {
            let mut value = bin_value(bin, 500);
            value["note"] = json!(beside);
            desk.redis.set(&format!("bin:{id}:{bin}"), value);
        }
    }
}

fn sell_all(desk: &Desk, token_in: &str, token_out: &str) -> Vec<usize> {
    let request = format!(
        r#"{{"token_in":"{token_in}","token_out":"{token_out}","amount_in_atomic":"120000","max_bins":1001,"allow_partial":true}}"#
    );
    for _ in 0..3 {
        desk.batch(&[&request]).remove(0).unwrap();
    }
    desk.redis.take_reads().iter().map(Vec::len).collect()
}

#[test]
fn long_values_of_one_pair_make_no_other_pair_read_less() {
    let desk = Desk::new(&[]);
    add_pair(&desk, ("A", "B"), "");
    add_pair(&desk, ("F", "G"), &"x".repeat(8_000));
    let fat = sell_all(&desk, "F", "G");
    assert!(fat.iter().skip(1).all(|keys| *keys <= 600), "about 4 MB a read: {fat:?}");
    let usual = sell_all(&desk, "A", "B");
    assert!(usual.iter().any(|keys| *keys > 1_200), "{usual:?}");
}

#[test]
fn a_pair_whose_values_became_short_is_read_as_far_as_before() {
    let desk = Desk::new(&[]);
    add_pair(&desk, ("F", "G"), &"x".repeat(8_000));
    sell_all(&desk, "F", "G");
    add_pair(&desk, ("F", "G"), "");
    for _ in 0..10 {
        sell_all(&desk, "F", "G");
    }
    assert!(sell_all(&desk, "F", "G").iter().any(|keys| *keys > 1_200));
}
