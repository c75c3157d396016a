use dlmm_core::units::BinId;
use serde_json::Value as Json;

use super::recording::{RECORDING, line};
use super::world::World;
use crate::follow::market::Market;
use crate::follow::pool::{CENTRE, FEES};

fn number(value: &Json) -> u128 {
    value.as_str().unwrap().parse().unwrap()
}

fn compare(market: &Market, checkpoint: &Json) -> usize {
    let pools = checkpoint["pools"].as_array().unwrap();
    assert_eq!(market.pools().len(), pools.len());
    let mut compared = 0;
    for chain in pools {
        let pool = market.pool(chain["contract"].as_str().unwrap()).unwrap();
        let said = &chain["get_pool"];
        let active: i32 = said["active-bin-id"].as_str().unwrap().parse().unwrap();
        assert_eq!(i32::from(pool.active.get()) - i32::from(CENTRE), active);
        assert_eq!(
            (pool.number, pool.initial_price),
            (number(&said["pool-id"]), number(&said["initial-price"]))
        );
        assert_eq!(pool.status == "active", chain["status"].as_bool().unwrap());
        for (fee, name) in pool.fees.iter().zip(FEES) {
            assert_eq!(u128::from(*fee), number(&said[name.replace('_', "-")]), "{name}");
        }
        let exempt: Vec<&str> =
            chain["exempt"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        assert_eq!(pool.exempt.iter().collect::<Vec<_>>(), exempt);
        let bins = chain["bins"].as_array().unwrap();
        assert_eq!(pool.bins.len(), bins.len());
        for bin in bins {
            let id = BinId::new(bin["bin_id"].as_u64().unwrap().try_into().unwrap()).unwrap();
            let reserves = pool.bins[&id];
            assert_eq!((reserves.x, reserves.y), (number(&bin["x"]), number(&bin["y"])));
        }
        for sample in chain["price_samples"].as_array().unwrap() {
            let id = BinId::new(sample["bin_id"].as_u64().unwrap().try_into().unwrap()).unwrap();
            assert_eq!(pool.price_e8(id), Some(number(&sample["price"])));
        }
        compared += 11 + 2 * bins.len();
    }
    compared
}

#[test]
fn the_core_s_prints_rebuild_every_pool() {
    let mut world = World::new();
    let checkpoints = RECORDING["checkpoints"].as_array().unwrap();
    let (mut compared, mut checkpoints) = (0, checkpoints.iter().peekable());
    for (at, block) in line().iter().enumerate() {
        let tally = world.take(block).unwrap().unwrap();
        world.assert_stored();
        assert_eq!((tally.unknown, tally.left_out), (0, 0), "{:?}", tally);
        let after = |checkpoint: &&Json| checkpoint["after_tx"].as_u64() == Some(at as u64 + 1);
        if let Some(checkpoint) = checkpoints.next_if(after) {
            compared += compare(&world.state.market, checkpoint);
        }
    }
    assert!(checkpoints.next().is_none() && compared > 800, "{compared}");
}

#[test]
fn only_what_changes_is_written() {
    let mut world = World::new();
    let mut parent = String::from("0x00");
    for block in line() {
        parent.clone_from(&block.hash);
        world.take(&block).unwrap();
    }
    let before = world.keys.clone();
    let quiet = super::recording::block(999, 0, &parent, Vec::new());
    world.take(&quiet).unwrap();
    assert_eq!(world.keys, before);
}
