//! The three functions of the router on big integers: what a call takes and gives on a state.
//!
//! Written from the rules of the contracts and from nothing of the engine: a bin, a call of the core, the loops of the
//! router, transfers, post-conditions.

use num_bigint::BigInt;
use serde_json::Value;
use std::collections::BTreeMap;

const BPS: u32 = 10_000;
const PRICE_SCALE: u32 = 100_000_000;

#[derive(Clone, Debug)]
pub(crate) struct Bin {
    pub(crate) x: BigInt,
    pub(crate) y: BigInt,
    pub(crate) price: BigInt,
}

#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) active: i32,
    /// Protocol, provider, variable; X in and Y in.
    fees: [[u32; 3]; 2],
    pub(crate) bins: BTreeMap<i32, Bin>,
    /// Contract and asset of X and Y.
    tokens: [(String, String); 2],
}

/// All pools by their contracts, and what the sender holds of assets that he did not name.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) pools: BTreeMap<String, Pool>,
    /// What the sender owns, by asset; unlimited where it is not named.
    pub(crate) balances: BTreeMap<String, BigInt>,
    pub(crate) exempt: bool,
}

/// What a transaction sent, by principal and asset, and the unfavourable bins that the router counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran {
    pub(crate) sent: BTreeMap<(String, String), BigInt>,
    pub(crate) unfavourable: i64,
}

pub(crate) fn number(value: &Value) -> BigInt {
    value.as_str().expect("text").parse().expect("a number")
}

fn fee(pool: &Value, side: &str, part: &str) -> u32 {
    let named = &pool[format!("{side}_{part}_fee")];
    u32::try_from(named.as_u64().unwrap_or(0)).expect("a fee")
}

impl Chain {
    pub(crate) fn of(pools: &[Value]) -> Self {
        let pools = pools.iter().map(|pool| {
            let text = |name: &str| pool[name].as_str().expect("text").to_owned();
            let bins = pool["bins"].as_array().expect("bins").iter().map(|bin| {
                let id = i32::try_from(bin[0].as_i64().expect("an id")).expect("small");
                (id, Bin { x: number(&bin[1]), y: number(&bin[2]), price: number(&bin[3]) })
            });
            let fees = |side| ["protocol", "provider", "variable"].map(|part| fee(pool, side, part));
            let token =
                |side: &str| (text(&format!("token_{side}_contract")), text(&format!("token_{side}_asset")));
            let active = i32::try_from(pool["active_bin_id"].as_i64().expect("an id")).expect("small");
            let (fees, tokens) = ([fees("x"), fees("y")], [token("x"), token("y")]);
            (text("pool_contract"), Pool { active, fees, bins: bins.collect(), tokens })
        });
        Self { pools: pools.collect(), balances: BTreeMap::new(), exempt: false }
    }

    /// Runs a plan as one transaction of the sender; an error leaves the chain in whatever state.
    pub(crate) fn run(&mut self, plan: &Value) -> Result<Ran, String> {
        let mut ran = Ran::default();
        let args = plan["args"].as_array().expect("arguments");
        let function = plan["function"].as_str().expect("text");
        match function {
            "swap-x-for-y-simple-multi" | "swap-y-for-x-simple-multi" => {
                let x_for_y = function.starts_with("swap-x");
                let pool = principal(&args[0]);
                self.check_tokens(pool, &args[1], &args[2])?;
                let (mut left, mut out) = (uint(&args[3]), BigInt::ZERO);
                for _ in 0..350 {
                    if left > BigInt::ZERO {
                        let (taken, given) = self.core(&mut ran, pool, x_for_y, &left)?;
                        left -= taken;
                        out += given;
                    }
                }
                if out < uint(&args[4]) {
                    return Err("2003".to_owned());
                }
            }
            "swap-x-for-y-same-multi" | "swap-y-for-x-same-multi" => {
                let x_for_y = function.starts_with("swap-x");
                let entries = args[0]["list"].as_array().expect("a list");
                let (mut left, mut out) = (uint(&args[3]), BigInt::ZERO);
                check_list(entries)?;
                for entry in entries {
                    let entry = &entry["tuple"];
                    let expected = expected_bin(entry)?;
                    if left == BigInt::ZERO {
                        continue;
                    }
                    let pool = principal(&entry["pool-trait"]);
                    self.check_tokens(pool, &args[1], &args[2])?;
                    ran.count(x_for_y, self.active(pool)?, expected);
                    let (taken, given) = self.core(&mut ran, pool, x_for_y, &left)?;
                    if given < uint(&entry["min-received"]) {
                        return Err("2003".to_owned());
                    }
                    left -= taken;
                    out += given;
                }
                ran.check_bins(&args[5])?;
                if out < uint(&args[4]) {
                    return Err(if x_for_y { "2005" } else { "2004" }.to_owned());
                }
            }
            "swap-multi" => {
                let entries = args[0]["list"].as_array().expect("a list");
                check_list(entries)?;
                for entry in entries {
                    let entry = &entry["tuple"];
                    let (expected, pool) = (expected_bin(entry)?, principal(&entry["pool-trait"]));
                    let x_for_y = entry["x-for-y"]["bool"].as_bool().expect("a bool");
                    self.check_tokens(pool, &entry["x-token-trait"], &entry["y-token-trait"])?;
                    ran.count(x_for_y, self.active(pool)?, expected);
                    let (_, given) = self.core(&mut ran, pool, x_for_y, &uint(&entry["amount"]))?;
                    if given < uint(&entry["min-received"]) {
                        return Err("2003".to_owned());
                    }
                }
                ran.check_bins(&args[1])?;
            }
            other => panic!("{other} is no function of the router"),
        }
        ran.check_conditions(plan)?;
        Ok(ran)
    }

    /// What a call would come to without its minimum and conditions.
    pub(crate) fn run_unguarded(&self, plan: &Value) -> Result<Ran, String> {
        let mut free = plan.clone();
        free["args"][4]["uint"] = Value::from("0");
        free["post_conditions"].as_array_mut().expect("conditions").iter_mut().for_each(|condition| {
            if condition["condition"] == "sent_at_least" {
                condition["amount"] = Value::from("0");
            }
        });
        self.clone().run(&free)
    }

    /// A swap of somebody else through one pool.
    pub(crate) fn trade(&mut self, pool_id: &str, x_for_y: bool, amount: &BigInt) {
        let end = format!(".{pool_id}");
        let contract = self.pools.keys().find(|contract| contract.ends_with(&end)).expect("a pool").clone();
        let (mut left, mut ran) = (amount.clone(), Ran::default());
        for _ in 0..40 {
            if left > BigInt::ZERO {
                left -= self.core(&mut ran, &contract, x_for_y, &left.clone()).expect("a swap").0;
            }
        }
    }

    fn active(&self, pool: &str) -> Result<i32, String> {
        self.pools.get(pool).map(|pool| pool.active).ok_or_else(|| "1012".to_owned())
    }

    fn check_tokens(&self, pool: &str, x: &Value, y: &Value) -> Result<(), String> {
        let pool = self.pools.get(pool).ok_or("1012")?;
        let [(of_x, _), (of_y, _)] = &pool.tokens;
        match (principal(x) == of_x, principal(y) == of_y) {
            (true, true) => Ok(()),
            (false, _) => Err("1018".to_owned()),
            _ => Err("1019".to_owned()),
        }
    }

    /// One call of the core on the active bin, with its transfers.
    fn core(
        &mut self,
        ran: &mut Ran,
        contract: &str,
        x_for_y: bool,
        amount: &BigInt,
    ) -> Result<(BigInt, BigInt), String> {
        let exempt = self.exempt;
        let pool = self.pools.get_mut(contract).ok_or("1012")?;
        if *amount == BigInt::ZERO {
            return Err("1002".to_owned());
        }
        let id = pool.active;
        let [protocol, provider, variable] = if exempt { [0; 3] } else { pool.fees[usize::from(!x_for_y)] };
        let rate = protocol + provider + variable;
        let (mut taken, mut given) = (BigInt::ZERO, BigInt::ZERO);
        let mut emptied = true;
        if let Some(bin) = pool.bins.get_mut(&id) {
            let (price, scale) = (bin.price.clone(), BigInt::from(PRICE_SCALE));
            let most = match x_for_y {
                true => (&bin.y * &scale + (&price - 1)) / &price,
                false => (&bin.x * &price + (&scale - 1)) / &scale,
            };
            let most = if rate > 0 { most * BPS / (BPS - rate) } else { most };
            taken = amount.clone().min(most);
            let all_fees: BigInt = &taken * rate / BPS;
            let of_protocol: BigInt = &taken * protocol / BPS;
            let net = &taken - &all_fees;
            let stays = &taken - of_protocol;
            if x_for_y {
                given = (&net * &price / &scale).min(bin.y.clone());
                bin.x += stays;
                bin.y -= &given;
                emptied = bin.y == BigInt::ZERO;
            } else {
                given = (&net * &scale / &price).min(bin.x.clone());
                bin.y += stays;
                bin.x -= &given;
                emptied = bin.x == BigInt::ZERO;
            }
        }
        if emptied {
            pool.active = if x_for_y { (id - 1).max(0) } else { (id + 1).min(1_000) };
        }
        let [(_, of_x), (_, of_y)] = &pool.tokens;
        let (asset_in, asset_out) = if x_for_y { (of_x, of_y) } else { (of_y, of_x) };
        if let Some(balance) = self.balances.get_mut(asset_in) {
            if *balance < taken {
                return Err("1".to_owned());
            }
            *balance -= &taken;
        }
        if let Some(balance) = self.balances.get_mut(asset_out) {
            *balance += &given;
        }
        *ran.sent.entry(("sender".to_owned(), asset_in.clone())).or_default() += &taken;
        *ran.sent.entry((contract.to_owned(), asset_out.clone())).or_default() += &given;
        Ok((taken, given))
    }
}

impl Ran {
    fn count(&mut self, x_for_y: bool, active: i32, expected: i32) {
        let worse = if x_for_y { expected - active } else { active - expected };
        self.unfavourable += i64::from(worse.max(0));
    }

    fn check_bins(&self, allowed: &Value) -> Result<(), String> {
        if BigInt::from(self.unfavourable) > uint(allowed) { Err("2002".to_owned()) } else { Ok(()) }
    }

    /// Deny mode: every condition holds, and nothing is sent that no condition names.
    fn check_conditions(&self, plan: &Value) -> Result<(), String> {
        assert_eq!(plan["post_condition_mode"], "deny");
        let conditions = plan["post_conditions"].as_array().expect("conditions");
        // The one condition that is not a contract's is the sender's.
        let of = |condition: &Value| {
            let principal = condition["principal"].as_str().expect("text");
            let principal = if principal.contains('.') { principal } else { "sender" };
            (principal.to_owned(), condition["asset"].as_str().expect("text").to_owned())
        };
        let zero = BigInt::ZERO;
        for condition in conditions {
            let sent = self.sent.get(&of(condition)).unwrap_or(&zero);
            let amount = number(&condition["amount"]);
            let holds = match condition["condition"].as_str() {
                Some("sent_at_most") => *sent <= amount,
                Some("sent_at_least") => *sent >= amount,
                other => panic!("{other:?}"),
            };
            if !holds {
                return Err(format!("post-condition {condition}: {sent} was sent"));
            }
        }
        let denied = self.sent.iter().find(|(what, sent)| {
            **sent > zero && !conditions.iter().any(|condition| of(condition) == **what)
        });
        denied.map_or(Ok(()), |(what, sent)| Err(format!("{sent} of {what:?} is denied")))
    }

    /// What pools sent of an asset.
    pub(crate) fn given(&self, asset: &str) -> BigInt {
        let of_pools = |((who, what), _): &(&(String, String), &BigInt)| who != "sender" && what == asset;
        self.sent.iter().filter(of_pools).map(|(_, sent)| sent).sum()
    }

    /// What the sender sent of an asset.
    pub(crate) fn taken(&self, asset: &str) -> BigInt {
        self.sent.get(&("sender".to_owned(), asset.to_owned())).cloned().unwrap_or_default()
    }

    /// The call took and gave what the quote says, pool by pool, and met no bin it did not expect.
    pub(crate) fn check_exact(&self, answer: &Value) {
        let conditions = answer["plan"]["post_conditions"].as_array().expect("conditions");
        let asset_of = |principal: &str, condition: &str| {
            let one = conditions.iter().find(|one| {
                one["condition"] == condition && one["principal"].as_str().expect("text").ends_with(principal)
            });
            one.unwrap_or_else(|| panic!("{principal} {condition}"))["asset"]
                .as_str()
                .expect("text")
                .to_owned()
        };
        assert_eq!(self.unfavourable, 0);
        let mut given: BTreeMap<String, BigInt> = BTreeMap::new();
        let mut hops = answer["routes"].as_array().expect("routes").iter();
        hops.clone().flat_map(|route| route["hops"].as_array().expect("hops")).for_each(|hop| {
            let pool = format!(".{}", hop["pool_id"].as_str().expect("text").to_lowercase());
            *given.entry(pool).or_default() += number(&hop["amount_out_atomic"]);
        });
        for (pool, amount) in given {
            let asset = asset_of(&pool, "sent_at_least");
            let sent = self.sent.iter().find(|((who, what), _)| who.ends_with(&pool) && *what == asset);
            let sent = sent.map_or(BigInt::ZERO, |(_, sent)| sent.clone());
            assert_eq!(sent, amount, "{pool} {answer}");
        }
        let first = hops.next().expect("a route")["hops"][0]["token_in"].clone();
        assert_eq!(first, answer["token_in"]);
        let asset_in = conditions.iter().find(|one| one["condition"] == "sent_at_most").expect("the sender");
        assert_eq!(
            self.taken(asset_in["asset"].as_str().expect("text")),
            number(&answer["amount_in_atomic"])
        );
    }
}

fn principal(value: &Value) -> &str {
    value["principal"].as_str().expect("a principal")
}

fn uint(value: &Value) -> BigInt {
    number(&value["uint"])
}

fn expected_bin(entry: &Value) -> Result<i32, String> {
    let signed: i32 = entry["expected-bin-id"]["int"].as_str().expect("text").parse().expect("a number");
    let id = signed + 500;
    if (0..=1_000).contains(&id) { Ok(id) } else { Err("2009".to_owned()) }
}

fn check_list(entries: &[Value]) -> Result<(), String> {
    assert!(entries.len() <= 350, "the list takes 350 entries");
    if entries.is_empty() { Err("2007".to_owned()) } else { Ok(()) }
}
