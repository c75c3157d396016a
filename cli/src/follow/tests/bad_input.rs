use dlmm_core::clarity::{Principal, Value};

use super::recording::{block, line, print, prints, transactions};
use super::world::World;
use crate::follow::block::Print;
use crate::follow::fault::Fault;

const DEPLOYER: &str = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM";

fn contract(name: &str) -> Value {
    Value::Principal(Principal::parse(&format!("{DEPLOYER}.{name}")).unwrap())
}

/// The data of a swap in the recorded pool 1, with one value replaced, or left out.
fn swap(field: &'static str, value: Option<Value>) -> Print {
    let mut data = vec![
        ("pool-contract", contract("pool-btc-usd-10")),
        ("pool-id", Value::Uint(1)),
        ("unsigned-bin-id", Value::Uint(501)),
        ("updated-x-balance", Value::Uint(7)),
        ("updated-y-balance", Value::Uint(0)),
        ("updated-active-bin-id", Value::Int(1)),
    ];
    data.retain(|(name, _)| *name != field);
    data.extend(value.map(|value| (field, value)));
    print("swap-x-for-y", &data)
}

fn world() -> (World, String) {
    let mut world = World::new();
    let line = line();
    world.take_all(&line);
    (world, line.last().unwrap().hash.clone())
}

/// The fault of a block whose last print is wrong, which must have changed nothing.
fn refused(wrong: Print) -> Fault {
    let (mut world, tip) = world();
    let (keys, fields) = (world.keys.clone(), world.fields.clone());
    let good = swap("", None);
    let fault = world.take(&block(900, 9, &tip, vec![good.clone(), wrong])).unwrap_err();
    assert_eq!((&world.keys, &world.fields), (&keys, &fields));
    for (place, text) in &keys {
        if let Some(slot) = crate::follow::market::Slot::parse(place) {
            assert_eq!(world.state.market.text(&slot).as_ref(), Some(text));
        }
    }
    // The same block without it goes through.
    assert!(world.take(&block(900, 10, &tip, vec![good])).unwrap().is_some());
    fault
}

#[test]
fn what_cannot_be_of_a_followed_pool_stops_the_block_by_name() {
    let max = || Some(Value::Uint(u128::MAX));
    for (print, said) in [
        (swap("updated-active-bin-id", Some(Value::Int(501))), "updated-active-bin-id is 501"),
        (swap("updated-active-bin-id", Some(Value::Int(-501))), "updated-active-bin-id is -501"),
        (swap("updated-active-bin-id", Some(Value::Int(i128::MAX))), "updated-active-bin-id is 1701"),
        (swap("updated-active-bin-id", Some(Value::Uint(1))), "updated-active-bin-id is a uint, not a int"),
        (swap("updated-active-bin-id", None), "updated-active-bin-id is missing"),
        (swap("unsigned-bin-id", Some(Value::Uint(1001))), "unsigned-bin-id is 1001"),
        (swap("unsigned-bin-id", max()), "unsigned-bin-id is 3402"),
        (swap("unsigned-bin-id", Some(Value::Int(5))), "unsigned-bin-id is a int"),
        (swap("updated-x-balance", max()), "worth more than the contract can count"),
        (swap("updated-y-balance", max()), "worth more than the contract can count"),
        (swap("updated-x-balance", Some(Value::None)), "updated-x-balance is a optional"),
        (swap("updated-y-balance", None), "updated-y-balance is missing"),
        (swap("pool-id", Some(Value::Uint(2))), "pool-id is 2, but this pool has 1"),
        (swap("pool-contract", Some(Value::Uint(2))), "pool-contract is a uint"),
        (
            swap("pool-contract", Some(Value::Principal(Principal::parse(DEPLOYER).unwrap()))),
            "pool-contract is a",
        ),
        (Print { raw_value: "0x0c".into(), ..swap("", None) }, "the bytes end amid a value"),
        (Print { raw_value: "0xzz".into(), ..swap("", None) }, "not 0x and hexadecimal digits"),
        (Print { raw_value: format!("0x{}", "0a".repeat(40)), ..swap("", None) }, "too deep"),
    ] {
        let fault = refused(print);
        assert_eq!((fault.code(), fault.status().as_u16()), ("EVENT_INVALID", 503));
        assert!(fault.to_string().contains(said), "{fault} / {said}");
    }
}

#[test]
fn fees_that_no_pool_can_have_stop_the_block() {
    let fees = |protocol: u128| {
        let pool = [("pool-contract", contract("pool-btc-usd-10")), ("pool-id", Value::Uint(1))];
        let fees = [("x-protocol-fee", protocol), ("x-provider-fee", 9_000), ("x-variable-fee", 0)];
        let fees = fees.map(|(name, bps)| (name, Value::Uint(bps)));
        print("set-x-fees", &[&pool[..], &fees].concat())
    };
    for bps in [1_000, 10_000, 65_536, u128::MAX] {
        assert!(matches!(refused(fees(bps)), Fault::Event { .. }), "{bps}");
    }
    let (mut world, tip) = world();
    assert!(world.take(&block(900, 9, &tip, vec![fees(999)])).is_ok());
    let one_side =
        print("set-x-fees", &[("pool-contract", contract("pool-btc-usd-10")), ("pool-id", Value::Uint(1))]);
    assert!(refused(one_side).to_string().contains("x-protocol-fee is missing"));
}

#[test]
fn unknown_actions_and_pools_are_counted_and_nothing_more() {
    let (mut world, tip) = world();
    let keys = world.keys.clone();
    let stranger = print(
        "swap-x-for-y",
        &[("pool-contract", contract("pool-of-nobody")), ("unsigned-bin-id", Value::Uint(u128::MAX))],
    );
    let no_action = Print { raw_value: "0x03".into(), ..stranger.clone() };
    let prints = vec![stranger, print("dance", &[]), no_action, print("claim-protocol-fees", &[])];
    let tally = world.take(&block(900, 9, &tip, prints)).unwrap().unwrap();
    assert_eq!((tally.events, tally.left_out, tally.unknown), (4, 1, 2));
    assert_eq!(world.keys, keys);
}

#[test]
fn pools_that_are_not_verified_or_of_unknown_tokens_are_left_out_by_name() {
    let mut strict = World::new();
    strict.rules.allow_unverified = false;
    strict.take_all(&line());
    assert!(strict.keys.is_empty());
    let reasons: Vec<&String> = strict.state.market.left_out().values().collect();
    assert_eq!(reasons, vec!["it is not verified"; 5]);

    // One of three tokens is unknown here, and a second contract has its symbol: never the same thing.
    let mut poor = World::new();
    let other = format!(r#""{DEPLOYER}.fake-btc": {{"symbol":"MBTC","decimals":8}}"#);
    let known = ["mock-usd", "mock-stx"].map(|name| {
        let entry = &super::recording::RECORDING["tokens"][format!("{DEPLOYER}.{name}")];
        format!(r#""{DEPLOYER}.{name}": {entry}"#)
    });
    poor.tokens = crate::follow::tokens::Tokens::parse(&format!("{{{},{other}}}", known.join(","))).unwrap();
    poor.take_all(&line());
    assert!(
        poor.keys.keys().all(|key| !key.contains("MBTC") && !key.contains("btc")),
        "{:?}",
        poor.keys.keys()
    );
    assert_eq!(poor.state.market.pools().len(), 2);
    let named = format!("the token {DEPLOYER}.mock-btc is unknown");
    assert_eq!(poor.state.market.left_out().values().collect::<Vec<_>>(), vec![&named; 3]);
}

#[test]
fn a_pool_that_moves_to_another_core_is_quoted_no_more() {
    let (mut world, tip) = world();
    let pool = [("pool-contract", contract("pool-btc-usd-10")), ("pool-id", Value::Uint(1))];
    let tally = world.take(&block(900, 9, &tip, vec![print("migrate-pool", &pool)])).unwrap().unwrap();
    assert!(tally.notes[0].contains("moved to another core"));
    let key = format!("pool:{DEPLOYER}.pool-btc-usd-10");
    assert!(world.keys[&key].contains(r#""status":"inactive""#));
    // What this core still says of it changes nothing, and stops nothing; also when it comes back.
    let (keys, tip) = (world.keys.clone(), world.state.chain.tip().unwrap().hash.clone());
    let on = print("set-pool-status", &[&pool[..], &[("status", Value::Bool(true))]].concat());
    let prints =
        vec![swap("", None), swap("updated-x-balance", None), on, print("accept-migrated-pool", &pool)];
    let tally = world.take(&block(901, 9, &tip, prints)).unwrap().unwrap();
    assert_eq!((tally.left_out, world.keys), (4, keys));
    assert!(tally.notes[0].contains("came back"));
}

#[test]
fn a_pool_is_created_once_and_on_known_prices() {
    let creates = transactions().iter().find(|one| one["label"] == "create-pool").unwrap();
    let fault = refused(prints(creates).pop().unwrap());
    assert!(fault.to_string().contains("the pool is there already"), "{fault}");

    let mut world = World::new();
    world.take(&block(1, 0, "0x00", prints(creates))).unwrap();
    assert_eq!(world.state.market.left_out().values().collect::<Vec<_>>(), ["the bin step 10 is unknown"]);
    let odd =
        print("add-bin-step", &[("step", Value::Uint(10)), ("factors", Value::List(vec![Value::Uint(1)]))]);
    let tally = world.take(&block(2, 0, "0x0000000000000001", vec![odd])).unwrap().unwrap();
    assert!(tally.notes[0].contains("bin step 10"));
}
