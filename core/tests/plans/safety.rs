//! What guards the sender: hops, fees that he does not pay, and what becomes of a plan where the market moves.

use super::interpreter::{Chain, number};
use super::market::{DEPLOYER, SENDER, answer, market};
use super::refusals::{pool, request};
use num_bigint::BigInt;
use serde_json::{Value, json};

fn with_rest(mut chain: Chain, of: &str, units: u32) -> Chain {
    chain.balances.insert(format!("{DEPLOYER}.{of}::token"), BigInt::from(units));
    chain
}

/// After an adverse trade a call with hops would take what the first pool sent too little from the sender's own balance.
#[test]
fn the_second_hop_never_spends_what_the_sender_had_before() {
    let pools = [pool("p", "A", "C"), pool("q", "C", "B")];
    let mut asked = request(json!({"sender": SENDER}));
    asked["slippage_bps"] = json!(500);
    asked["amount_in_atomic"] = json!("150");
    let answer = answer(&mut market(&pools), &asked).expect("a quote");
    let plan = &answer["plan"];
    assert_eq!(plan["mode"], "explicit");
    let quoted = number(&answer["routes"][0]["hops"][1]["amount_in_atomic"]);
    // Somebody trades before: the first bin of the first pool holds less than was quoted.
    let mut moved = with_rest(Chain::of(&pools), "c", 968);
    moved.pools.get_mut(&format!("{DEPLOYER}.p")).expect("the pool").bins.get_mut(&500).expect("a bin").y -=
        4;
    let first_pool = |condition: &Value| {
        condition["condition"] == "sent_at_least" && condition["principal"] == format!("{DEPLOYER}.p")
    };
    let guard = plan["post_conditions"].as_array().expect("conditions").iter().find(|one| first_pool(one));
    assert_eq!(number(&guard.expect("the first pool is guarded")["amount"]), quoted);
    let refused = moved.clone().run(plan).expect_err("the first pool sends less");
    assert!(refused.starts_with("post-condition"), "{refused}");
    // Without the guard it goes through, and the sender pays for what is missing.
    let mut unguarded = plan.clone();
    let conditions = unguarded["post_conditions"].as_array_mut().expect("conditions");
    conditions.iter_mut().filter(|one| first_pool(one)).for_each(|one| one["amount"] = json!("0"));
    moved.run(&unguarded).expect("it passes");
    assert!(moved.balances[&format!("{DEPLOYER}.c::token")] < BigInt::from(968));
}

#[test]
fn a_sender_that_a_pool_exempts_is_quoted_without_fees_if_he_asks() {
    let mut exempting = pool("p", "A", "B");
    exempting["x_provider_fee"] = json!(100);
    exempting["fee_exempt"] = json!([DEPLOYER, SENDER]);
    let pools = [exempting];
    let quoted = |plan: Value| {
        let mut asked = request(plan);
        asked["slippage_bps"] = json!(0);
        answer(&mut market(&pools), &asked).expect("a quote")
    };
    let out = |answer: &Value| number(&answer["amount_out_atomic"]);
    let codes = |answer: &Value| -> Vec<String> {
        let warnings = answer["warnings"].as_array().expect("warnings").iter();
        warnings.map(|one| one["code"].as_str().expect("text").to_owned()).collect()
    };
    let (usual, free) =
        (quoted(json!({"sender": SENDER})), quoted(json!({"sender": SENDER, "fee_exempt": true})));
    assert!(out(&free) > out(&usual));
    assert!(
        codes(&usual).contains(&"FEE_EXEMPT".to_owned()) && !codes(&free).contains(&"FEE_EXEMPT".to_owned())
    );
    assert_eq!(free["fees"][0]["total_atomic"], "0");
    let mut chain = Chain::of(&pools);
    assert!(chain.clone().run(&free["plan"]).is_err(), "nobody else gets that much");
    chain.exempt = true;
    chain.clone().run(&free["plan"]).expect("without fees").check_exact(&free);
    assert!(chain.run(&usual["plan"]).is_ok(), "with fees it promised less");
    let other = "ST2CY5V39NHDPWSXMW9QDT3HC3GD6Q6XX4CFRK9AG";
    let stranger = quoted(json!({"sender": other, "fee_exempt": true}));
    assert_eq!((out(&stranger), codes(&stranger).len()), (out(&usual), codes(&usual).len() - 1));
}

/// The same rule by other means: the bins that were left are emptied of the output, and the plan is run.
#[test]
fn drift_is_what_the_routers_make_of_a_moved_market() {
    let kinds = [
        (vec![pool("p", "A", "B")], "simple", 250),
        (vec![pool("p", "A", "B"), pool("q", "A", "B")], "simple", 330),
        (vec![pool("p", "A", "B")], "strict", 250),
        (vec![pool("p", "A", "C"), pool("q", "C", "B")], "explicit", 150),
        (vec![pool("p", "B", "A")], "simple", 250),
    ];
    let (mut passed, mut refused) = (0, 0);
    for (pools, mode, amount) in kinds {
        for slippage in [0, 60, 300, 2_000] {
            let mut asked = request(json!({"sender": SENDER, "mode": mode}));
            asked["amount_in_atomic"] = json!(amount.to_string());
            asked["slippage_bps"] = json!(slippage);
            let answer = answer(&mut market(&pools), &asked).expect("a quote");
            let drift = answer["drift"].as_array().expect("a list");
            assert_eq!(
                drift.iter().map(|one| one["bins"].as_u64()).collect::<Vec<_>>(),
                [Some(1), Some(2), Some(5)]
            );
            for one in drift {
                let mut chain = Chain::of(&pools);
                for pool in chain.pools.values_mut() {
                    let down = pools[0]["token_x"] == "A";
                    for _ in 0..one["bins"].as_u64().expect("a number") {
                        let bin = pool.bins.get_mut(&pool.active).expect("a bin");
                        *(if down { &mut bin.y } else { &mut bin.x }) = BigInt::ZERO;
                        pool.active += if down { -1 } else { 1 };
                    }
                }
                let ran = chain.run(&answer["plan"]);
                assert_eq!(one["result"] == "passes", ran.is_ok(), "{mode} {slippage} {one} {ran:?}");
                if let Ok(ran) = ran {
                    passed += 1;
                    let token = format!("{DEPLOYER}.b::token");
                    assert_eq!(
                        ran.given(&token),
                        number(&one["amount_out_atomic"]),
                        "{mode} {slippage} {one}"
                    );
                } else {
                    refused += 1;
                }
            }
        }
    }
    assert!(passed > 5 && refused > 20, "{passed} {refused}");
}
