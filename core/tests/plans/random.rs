//! Random networks: a plan run on the state of its quote, and on states that have moved since.

use super::interpreter::{Chain, Ran, number};
use super::market::{DEPLOYER, SENDER, answer, market, with_contracts};
use super::numbers::Random;
use num_bigint::BigInt;
use serde_json::{Value, json};

/// Quotes in all; `PLANS` asks for fewer or more.
fn quotes() -> usize {
    std::env::var("PLANS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

const TOKENS: [&str; 3] = ["A", "B", "C"];

fn pool(random: &mut Random, id: usize, pair: (usize, usize)) -> Value {
    let step = random.one(&[1_u64, 10, 25, 50]);
    let active = 480 + random.below(40);
    let unit = random.one(&[1_u64, 50, 100_000, 1_000_000_000]);
    let base = random.one(&[1_000_u64, 99_999_999, 100_000_000, 123_456_789, 9_876_543_210]);
    let first = active.saturating_sub(random.below(25));
    let ids = first..=active + random.below(25);
    let ids: Vec<u64> = ids.filter(|_| !random.once_in(4)).collect();
    let bins: Vec<Value> = ids
        .into_iter()
        .map(|id| {
            let price = u128::from(base) * (10_000 + u128::from(step) * (u128::from(id) - 400)) / 10_000;
            let amount = |random: &mut Random| 1 + random.below(1_000) * unit;
            let x = if id >= active { amount(random) } else { 0 };
            let worth = u128::from(amount(random)) * price / 100_000_000 + 1;
            let y = if id <= active { worth } else { 0 };
            json!([id, x.to_string(), y.to_string(), price.to_string()])
        })
        .collect();
    let mut pool = json!({"pool_id": format!("p{id}"), "token_x": TOKENS[pair.0], "token_y": TOKENS[pair.1],
        "token_x_decimals": 0, "token_y_decimals": 0, "bin_step": step, "active_bin_id": active, "status": "active",
        "bins": bins});
    for side in ["x", "y"] {
        for part in ["protocol", "provider", "variable"] {
            pool[format!("{side}_{part}_fee")] = json!(random.one(&[0, 0, 3, 10, 30, 400]));
        }
    }
    with_contracts(pool)
}

fn network(random: &mut Random) -> Vec<Value> {
    let count = 1 + usize::try_from(random.below(5)).expect("small");
    let pairs = [(0, 1), (0, 1), (0, 1), (1, 2), (0, 2)];
    (0..count).map(|id| pool(random, id, pairs[id])).collect()
}

fn request(random: &mut Random) -> Value {
    let (token_in, token_out) = random.one(&[("A", "B"), ("B", "A"), ("A", "C"), ("C", "A")]);
    let scale = random.one(&[10, 1_000, 1_000_000, 1_000_000_000, 1_000_000_000_000]);
    let amount = (1 + random.below(scale)).to_string();
    let side = random.one(&["amount_in_atomic", "amount_in_atomic", "amount_out_atomic"]);
    let mode = random.one(&["auto", "auto", "simple", "strict", "explicit"]);
    json!({"token_in": token_in, "token_out": token_out, side: amount,
        "slippage_bps": random.one(&[0, 0, 50, 100, 1_000]), "max_splits": random.one(&[0, 1, 2, 4]),
        "max_reads": if random.once_in(4) { json!(60 + random.below(600)) } else { Value::Null },
        "plan": {"sender": SENDER, "mode": mode}})
}

/// Somebody else trades, one pool or several, either way.
fn moved(random: &mut Random, chain: &Chain, against: bool, answer: &Value) -> Chain {
    let mut chain = chain.clone();
    let hops: Vec<&Value> = answer["routes"]
        .as_array()
        .expect("routes")
        .iter()
        .flat_map(|route| route["hops"].as_array().expect("hops"))
        .collect();
    for hop in hops {
        let part = random.one(&[1_000_u64, 100, 10, 3, 1]);
        let amount: BigInt = number(&hop["amount_in_atomic"]) / part + 1_u8;
        let down = hop["active_bin_after"].as_u64() < hop["active_bin_before"].as_u64();
        let pool = hop["pool_id"].as_str().expect("text");
        chain.trade(pool, if against { down } else { !down }, &amount);
    }
    chain
}

#[derive(Debug, Default)]
struct Count {
    planned: usize,
    refused: usize,
    of_mode: std::collections::BTreeMap<String, usize>,
    several: usize,
    /// Splits that had to be rounded, and those bound by reads.
    compared: usize,
    bound: usize,
    moved_and_passed: usize,
    moved_and_failed: usize,
}

#[test]
fn plans_are_exact_on_their_state_and_safe_on_every_other() {
    let mut random = Random(20_261_128);
    let mut count = Count::default();
    while count.planned < quotes() {
        let pools = network(&mut random);
        let mut market = market(&pools);
        for _ in 0..8 {
            let request = request(&mut random);
            let Ok(answer) = answer(&mut market, &request) else {
                count.refused += 1;
                continue;
            };
            check(&mut random, &Chain::of(&pools), &request, &answer, &mut count);
        }
    }
    assert!(count.of_mode.values().all(|of_mode| *of_mode > quotes() / 50), "{count:?}");
    assert!(count.several > quotes() / 20 && count.moved_and_passed > quotes() / 5, "{count:?}");
    assert!(count.moved_and_failed > quotes() / 5, "{count:?}");
    assert!(count.compared > quotes() / 1_000 && count.bound > quotes() / 20, "{count:?}");
}

fn check(random: &mut Random, chain: &Chain, request: &Value, answer: &Value, count: &mut Count) {
    let plan = &answer["plan"];
    count.planned += 1;
    *count.of_mode.entry(plan["mode"].as_str().expect("text").to_owned()).or_default() += 1;
    count.several += usize::from(
        plan["function"].as_str().expect("text").ends_with("same-multi")
            && plan["post_conditions"].as_array().expect("conditions").len() > 2,
    );
    let ran = chain.clone().run(plan).unwrap_or_else(|e| panic!("{e}\n{request}\n{answer}"));
    ran.check_exact(answer);
    let reads = plan["reads"].as_u64().expect("a number");
    assert!(reads <= request["max_reads"].as_u64().unwrap_or(14_250), "{request}");
    count.bound += usize::from(!request["max_reads"].is_null());
    if let Some(chosen) = plan["compared"]["chosen"].as_str() {
        count.compared += 1;
        let compared = &plan["compared"];
        let of = |mode: &str, side: &str| number(&compared[mode][side]);
        assert_eq!(
            (chosen, &of(chosen, "amount_out_atomic")),
            (plan["mode"].as_str().expect("text"), &number(&answer["amount_out_atomic"]))
        );
        // Bin by bin only for more than 1 part in 10 000.
        let explicit = of("explicit", "amount_out_atomic") * 9_999_u32 / 10_000_u32;
        if request.get("amount_in_atomic").is_some() {
            assert_eq!(chosen == "explicit", of("simple", "amount_out_atomic") < explicit, "{compared}");
        }
    }

    let token_out = answer["token_out"].as_str().expect("text").to_lowercase();
    let asset = format!("{}.{token_out}::token", DEPLOYER);
    let minimum = number(&plan["minimum_received_atomic"]);
    let quoted = number(&answer["amount_out_atomic"]);
    let slippage = request["slippage_bps"].as_u64().expect("a number");
    assert_eq!(minimum, quoted * (10_000 - slippage) / 10_000_u32);
    for against in [true, true, false] {
        let mut later = moved(random, chain, against, answer);
        let before = later.clone();
        match later.run(plan) {
            Ok(ran) => {
                assert!(ran.given(&asset) >= minimum, "{request}\n{answer}");
                check_spent(&ran, plan);
                count.moved_and_passed += 1;
            }
            Err(why) => {
                count.moved_and_failed += 1;
                if plan["holds"] == "within_minimum" {
                    check_holds(before.run_unguarded(plan), plan, &asset, &why);
                }
            }
        }
    }
}

/// A plan that holds within its minimum fails for no other reason than that, or for more unfavourable bins than it allows.
fn check_holds(unguarded: Result<Ran, String>, plan: &Value, asset: &str, why: &str) {
    match unguarded {
        Ok(ran) => assert!(ran.given(asset) < number(&plan["minimum_received_atomic"]), "{why}\n{plan}"),
        Err(too_many) => assert_eq!(too_many, "2002", "{plan}"),
    }
}

/// Nobody spends more of any token than the conditions say, and of a token in between no more than comes in.
fn check_spent(ran: &Ran, plan: &Value) {
    for condition in plan["post_conditions"].as_array().expect("conditions") {
        if condition["condition"] == "sent_at_most" {
            assert!(ran.taken(condition["asset"].as_str().expect("text")) <= number(&condition["amount"]));
        }
    }
}
