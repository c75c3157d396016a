//! Histories that no recording has: random events of every kind in random blocks on random branches, against a model that
//! shares nothing with the fold.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::clarity::{Principal, Tuple, Value};
use fastrand::Rng;
use serde_json::{Value as Json, json};

use super::world::World;
use crate::follow::block::Block;
use crate::follow::pool::FEES;
use crate::follow::tokens::Tokens;

const DEPLOYER: &str = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM";
const STEPS: [u32; 3] = [1, 10, 25];

/// What the contracts hold, in the plainest form.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    steps: BTreeSet<u32>,
    pools: BTreeMap<String, ModelPool>,
    left_out: BTreeSet<String>,
    /// Pools that were ever created, followed or not.
    created: u128,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct ModelPool {
    number: u128,
    active: i32,
    is_on: bool,
    fees: BTreeMap<&'static str, u128>,
    exempt: BTreeSet<String>,
    bins: BTreeMap<u128, (u128, u128)>,
}

fn contract(name: &str) -> String {
    format!("{DEPLOYER}.{name}")
}

fn principal(text: &str) -> Value {
    Value::Principal(Principal::parse(text).unwrap())
}

fn account(rng: &mut Rng) -> String {
    Principal::new(26, [rng.u8(..4); 20], None).unwrap().to_string()
}

/// Small and large ones, and none at all.
fn amount(rng: &mut Rng) -> u128 {
    if rng.u8(..4) == 0 { 0 } else { rng.u128(..) >> rng.u32(38..128) }
}

type Data = Vec<(&'static str, Value)>;

impl ModelPool {
    fn set_bin(&mut self, bin: u128, x: u128, y: u128) {
        if x == 0 && y == 0 {
            self.bins.remove(&bin);
        } else {
            self.bins.insert(bin, (x, y));
        }
    }

    /// New fees of some kinds, small enough for any side.
    fn draw_fees(&mut self, rng: &mut Rng, named: &[&'static str]) -> Data {
        let mut data = Data::new();
        for name in FEES.iter().filter(|name| named.iter().any(|part| name.contains(part))) {
            let fee = rng.u128(..3_300);
            self.fees.insert(name, fee);
            data.push((Box::leak(name.replace('_', "-").into_boxed_str()), Value::Uint(fee)));
        }
        data
    }
}

impl Model {
    /// Draws one event of the core and takes it in.
    fn draw(&mut self, rng: &mut Rng) -> (&'static str, Data) {
        let missing: Vec<u32> = STEPS.into_iter().filter(|step| !self.steps.contains(step)).collect();
        match rng.u8(..20) {
            0 if !missing.is_empty() => {
                let step = missing[rng.usize(..missing.len())];
                self.steps.insert(step);
                let factors =
                    (0..1_001_u128).map(|bin| Value::Uint(50_000_000 + bin * 100_000 * u128::from(step)));
                return (
                    "add-bin-step",
                    vec![("step", Value::Uint(step.into())), ("factors", Value::List(factors.collect()))],
                );
            }
            1 | 2 => return self.draw_create(rng),
            3 => {
                let name = ["dance", "claim-protocol-fees", "set-pool-uri", "swap"][rng.usize(..4)];
                return (
                    name,
                    vec![("pool-contract", principal(&contract("pool-1"))), ("pool-id", Value::Uint(1))],
                );
            }
            4 => {
                let stranger = contract("pool-of-nobody");
                return (
                    "swap-x-for-y",
                    vec![("pool-contract", principal(&stranger)), ("unsigned-bin-id", Value::Uint(9_999))],
                );
            }
            _ => {}
        }
        let count = self.pools.len();
        let Some((id, pool)) = self.pools.iter_mut().nth(rng.usize(..count.max(1))) else {
            return ("set-minimum-shares", Data::new());
        };
        let mut data = vec![("pool-contract", principal(id)), ("pool-id", Value::Uint(pool.number))];
        // Few bins, so that the same ones come again.
        let bin = |rng: &mut Rng| if rng.u8(..8) == 0 { rng.u128(..=1_000) } else { rng.u128(495..=505) };
        let action = match rng.u8(..13) {
            0..=3 => {
                let (at, x, y) = (bin(rng), amount(rng), amount(rng));
                pool.set_bin(at, x, y);
                pool.active = i32::try_from(bin(rng)).unwrap() - 500;
                data.push(("unsigned-bin-id", Value::Uint(at)));
                data.push(("updated-x-balance", Value::Uint(x)));
                data.push(("updated-y-balance", Value::Uint(y)));
                data.push(("updated-active-bin-id", Value::Int(pool.active.into())));
                ["swap-x-for-y", "swap-y-for-x"][rng.usize(..2)]
            }
            4..=6 => {
                let (at, x, y) = (bin(rng), amount(rng), amount(rng));
                pool.set_bin(at, x, y);
                data.push(("unsigned-bin-id", Value::Uint(at)));
                data.push(("updated-x-balance", Value::Uint(x)));
                data.push(("updated-y-balance", Value::Uint(y)));
                ["add-liquidity", "withdraw-liquidity"][rng.usize(..2)]
            }
            7 => {
                let (from, to) = (bin(rng), bin(rng));
                let [xa, ya, xb, yb] = [amount(rng), amount(rng), amount(rng), amount(rng)];
                pool.set_bin(from, xa, ya);
                pool.set_bin(to, xb, yb);
                data.extend([
                    ("unsigned-from-bin-id", Value::Uint(from)),
                    ("unsigned-to-bin-id", Value::Uint(to)),
                ]);
                data.extend([
                    ("updated-x-balance-a", Value::Uint(xa)),
                    ("updated-y-balance-a", Value::Uint(ya)),
                ]);
                data.extend([
                    ("updated-x-balance-b", Value::Uint(xb)),
                    ("updated-y-balance-b", Value::Uint(yb)),
                ]);
                "move-liquidity"
            }
            8 => {
                let side = rng.usize(..2);
                data.extend(pool.draw_fees(rng, &[["x_", "y_"][side]]));
                ["set-x-fees", "set-y-fees"][side]
            }
            9 => {
                data.extend(pool.draw_fees(rng, &["variable"]));
                "set-variable-fees"
            }
            10 => {
                pool.fees.insert("x_variable_fee", 0);
                pool.fees.insert("y_variable_fee", 0);
                "reset-variable-fees"
            }
            11 => {
                pool.is_on = rng.bool();
                data.push(("status", Value::Bool(pool.is_on)));
                "set-pool-status"
            }
            _ => {
                let (who, exempt) = (account(rng), rng.bool());
                data.extend([("address", principal(&who)), ("exempt", Value::Bool(exempt))]);
                if exempt {
                    pool.exempt.insert(who);
                } else {
                    pool.exempt.remove(&who);
                }
                "set-swap-fee-exemption"
            }
        };
        (action, data)
    }

    fn draw_create(&mut self, rng: &mut Rng) -> (&'static str, Data) {
        self.created += 1;
        let id = contract(&format!("pool-{}", self.created));
        let step = STEPS[rng.usize(..3)];
        let verified = rng.u8(..6) > 0;
        let x = ["token-a", "token-b", "token-nobody-knows"][rng.usize(..8).saturating_sub(5)];
        let (amount_x, amount_y) = (amount(rng), amount(rng));
        let mut pool = ModelPool {
            number: self.created,
            active: rng.i32(-3..=3),
            is_on: rng.bool(),
            ..ModelPool::default()
        };
        pool.set_bin(500, amount_x, amount_y);
        let fees = pool.draw_fees(rng, &["fee"]);
        let mut data = vec![
            ("pool-contract", principal(&id)),
            ("pool-id", Value::Uint(pool.number)),
            ("pool-verified", Value::Bool(verified)),
            ("x-token", principal(&contract(x))),
            ("y-token", principal(&contract("token-c"))),
            ("x-amount-active-bin", Value::Uint(amount_x)),
            ("y-amount-active-bin", Value::Uint(amount_y)),
            ("pool-status", Value::Bool(pool.is_on)),
            ("active-bin-id", Value::Int(pool.active.into())),
            ("bin-step", Value::Uint(step.into())),
            ("initial-price", Value::Uint(rng.u128(1_000..1_000_000_000))),
        ];
        data.extend(fees);
        if verified && x != "token-nobody-knows" && self.steps.contains(&step) {
            self.pools.insert(id, pool);
        } else {
            self.left_out.insert(id);
        }
        ("create-pool", data)
    }

    fn assert_is(&self, world: &World, seed: u64) {
        let market = &world.state.market;
        let ids: Vec<&str> = market.pools().map(|pool| pool.id.as_str()).collect();
        assert_eq!(ids, self.pools.keys().collect::<Vec<_>>(), "DLMM_TEST_SEED={seed}");
        assert_eq!(market.left_out().keys().collect::<Vec<_>>(), self.left_out.iter().collect::<Vec<_>>());
        for (pool, model) in market.pools().zip(self.pools.values()) {
            let bins = pool.bins.iter().map(|(bin, held)| (u128::from(bin.get()), (held.x, held.y)));
            let found = ModelPool {
                number: pool.number,
                active: i32::from(pool.active.get()) - 500,
                is_on: pool.status == "active",
                fees: FEES.into_iter().zip(pool.fees.map(u128::from)).collect(),
                exempt: pool.exempt.clone(),
                bins: bins.collect(),
            };
            assert_eq!(found, *model, "{} DLMM_TEST_SEED={seed}", pool.id);
        }
        world.assert_stored();
    }
}

/// A body as a node posts it: events in no order, among them some that count for nothing.
fn body(rng: &mut Rng, core: &str, at: (u64, &str, &str), drawn: Vec<(&'static str, Data)>) -> Vec<u8> {
    let (height, hash, parent) = at;
    let raw = |action: &str, data: Data| {
        let data = Value::Tuple(Tuple::new(data).unwrap());
        let action = ("action", Value::StringAscii(action.to_owned()));
        let caller = ("caller", principal(DEPLOYER));
        Value::Tuple(Tuple::new([action, caller, ("data", data)]).unwrap()).to_hex()
    };
    let event = |index: usize, txid: &str, committed: bool, contract: &str, raw: String| -> Json {
        json!({ "txid": txid, "event_index": index, "committed": committed, "type": "contract_event",
            "contract_event": { "contract_identifier": contract, "topic": "print", "raw_value": raw } })
    };
    let mut events = Vec::new();
    for (action, data) in drawn {
        match rng.u8(..8) {
            // What a rolled-back, a failed and a look-alike transaction print is no less plausible.
            0 => events.push(event(events.len(), "0x01", false, core, raw(action, data.clone()))),
            1 => {
                events.push(event(events.len(), "0xff", true, core, raw("reset-variable-fees", data.clone())))
            }
            2 => events.push(event(
                events.len(),
                "0x01",
                true,
                &format!("{core}-2"),
                raw(action, data.clone()),
            )),
            _ => {}
        }
        events.push(event(events.len(), "0x01", true, core, raw(action, data)));
    }
    rng.shuffle(&mut events);
    let transactions =
        json!([{ "txid": "0x01", "status": "success" }, { "txid": "0xff", "status": "abort_by_response" }]);
    json!({ "block_height": height, "index_block_hash": hash, "parent_index_block_hash": parent,
        "block_time": 1_790_000_000 + height, "transactions": transactions, "events": events })
    .to_string()
    .into_bytes()
}

fn history(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut world = World::new();
    world.rules.allow_unverified = false;
    let token = |symbol: &str| json!({ "symbol": symbol, "decimals": 6 });
    let tokens = json!({ contract("token-a"): token("A"), contract("token-b"): token("B"), contract("token-c"): token("C") });
    world.tokens = Tokens::parse(&tokens.to_string()).unwrap();
    let core = world.rules.core.clone();
    // Every block that was ever taken, with what holds after it.
    let mut known: Vec<(Block, Model)> = Vec::new();
    let mut tip: Option<usize> = None;
    for n in 0..rng.u64(20..60) {
        let recent = |rng: &mut Rng| known.len() - 1 - rng.usize(..known.len().min(12));
        let again = (!known.is_empty() && rng.u8(..10) == 0).then(|| recent(&mut rng));
        if let Some(at) = again {
            if world.take(&known[at].0.clone()).unwrap().is_some() {
                tip = Some(at);
            }
        } else {
            let from = if rng.u8(..5) == 0 && !known.is_empty() { Some(recent(&mut rng)) } else { tip };
            let (mut model, height, parent) = match from {
                Some(at) => (known[at].1.clone(), known[at].0.height + 1, known[at].0.hash.clone()),
                None => (Model::default(), 1, "0x00".to_owned()),
            };
            let drawn = (0..rng.usize(..12)).map(|_| model.draw(&mut rng)).collect();
            let body = body(&mut rng, &core, (height, &format!("0x{:08x}", n + 1), &parent), drawn);
            let block = Block::read(&body, &core).unwrap();
            assert!(world.take(&block).unwrap().is_some(), "DLMM_TEST_SEED={seed}");
            tip = Some(known.len());
            known.push((block, model));
        }
        let (_, model) = &known[tip.unwrap()];
        model.assert_is(&world, seed);
    }
}

#[test]
fn random_histories_are_what_a_plain_model_says() {
    let seeds = std::env::var("DLMM_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds: Vec<u64> = seeds.map_or_else(|| (0..40).collect(), |seed| vec![seed]);
    for seed in seeds {
        history(seed);
    }
}
