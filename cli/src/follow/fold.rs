//! Takes the events of one block into the market.

use std::collections::BTreeMap;
use std::sync::Arc;

use dlmm_core::clarity::{Principal, Value};
use dlmm_core::units::{BinId, PoolId};

use super::block::{Block, Print};
use super::event::{self, Action, Data, Event};
use super::fault::Fault;
use super::journal::Journal;
use super::market::{Market, Slot};
use super::pool::{ACTIVE, CENTRE, INACTIVE, PAUSED, Pool, Reserves, Touched};
use super::tokens::Tokens;

/// What is followed.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Principal of the core contract.
    pub(crate) core: String,
    /// Unverified pools too.
    pub(crate) allow_unverified: bool,
}

/// What a block did, beside its changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Prints of the core.
    pub(crate) events: u64,
    /// Those of pools that are left out.
    pub(crate) left_out: u64,
    /// Those with an action that is not known here.
    pub(crate) unknown: u64,
    /// What somebody should know.
    pub(crate) notes: Vec<String>,
}

/// Applies a block's events to the market; the journal holds what was there before.
///
/// # Errors
/// [`Fault::Event`] for the first event that cannot be; the market is then as it was.
pub(crate) fn fold(
    market: &mut Market,
    block: &Block,
    rules: &Rules,
    tokens: &Tokens,
) -> Result<(Journal, Tally), Fault> {
    let touched = Touched { height: block.height, hash: block.hash.as_str().into(), time_ms: block.time_ms };
    let mut fold = Fold {
        market,
        rules,
        tokens,
        touched,
        journal: Journal::default(),
        tally: Tally::default(),
        names: BTreeMap::new(),
    };
    for print in &block.prints {
        if let Err(fault) = fold.print(print) {
            let Fold { market, journal, .. } = fold;
            journal.roll_back(market);
            return Err(fault);
        }
    }
    Ok((fold.journal, fold.tally))
}

struct Fold<'m> {
    market: &'m mut Market,
    rules: &'m Rules,
    tokens: &'m Tokens,
    touched: Touched,
    journal: Journal,
    tally: Tally,
    names: BTreeMap<Principal, Arc<str>>,
}

impl Fold<'_> {
    fn print(&mut self, print: &Print) -> Result<(), Fault> {
        self.tally.events += 1;
        let mut pool = None;
        let read = Value::from_hex(&print.raw_value).map_err(|error| error.to_string());
        let taken = read.and_then(|value| match event::read(&value)? {
            Event::Idle => Ok(()),
            Event::Unknown => {
                self.tally.unknown += 1;
                Ok(())
            }
            Event::BinStep { step, factors } => {
                match (u32::try_from(step), factors) {
                    (Ok(step), Some(factors)) => {
                        self.journal.touch(self.market, Slot::Step(step));
                        self.market.set_step(step, factors);
                    }
                    _ => self.note(format!("the factors of bin step {step} cannot be used")),
                }
                Ok(())
            }
            Event::Pool { contract, data, action } => {
                let contract = self.name(contract);
                pool = Some(contract.to_string());
                self.pool_event(&contract, &data, action)
            }
        });
        taken.map_err(|reason| Fault::Event { place: print.place(), pool, reason })
    }

    /// The text of a principal. It has a checksum to be computed, and a block names few pools many times.
    fn name(&mut self, contract: Principal) -> Arc<str> {
        let name = self.names.entry(contract);
        Arc::clone(name.or_insert_with_key(|contract| contract.to_string().into()))
    }

    fn note(&mut self, text: String) {
        self.tally.notes.push(text);
    }

    fn pool_event(&mut self, contract: &str, data: &Data<'_>, action: Action) -> Result<(), String> {
        if action == Action::Create {
            return self.create(contract, data);
        }
        let Some(pool) = self.market.pool(contract) else {
            if action == Action::MovedHere {
                self.leave_out(
                    contract,
                    "it came from another core, with a past that is unknown here".to_owned(),
                );
            }
            self.tally.left_out += 1;
            return Ok(());
        };
        if pool.status == INACTIVE {
            // Another core rules it, and what this one says of it is not all. It must not stop the market either.
            if action == Action::MovedHere {
                self.note(format!(
                    "pool {contract} came back, with a past that is unknown here: it stays inactive"
                ));
            }
            self.tally.left_out += 1;
            return Ok(());
        }
        let number = data.uint("pool-id")?;
        if number != pool.number {
            return Err(format!("pool-id is {number}, but this pool has {}", pool.number));
        }
        let (id, fees) = (pool.id.clone(), pool.fees);
        self.journal.touch(self.market, Slot::Pool(id.clone()));
        match action {
            Action::Create => {}
            Action::Swap => {
                self.set_bin(&id, data, ["unsigned-bin-id", "updated-x-balance", "updated-y-balance"])?;
                self.set_active(&id, data.centred_bin("updated-active-bin-id")?);
            }
            Action::Liquidity => {
                self.set_bin(&id, data, ["unsigned-bin-id", "updated-x-balance", "updated-y-balance"])?;
            }
            Action::Move => {
                self.set_bin(
                    &id,
                    data,
                    ["unsigned-from-bin-id", "updated-x-balance-a", "updated-y-balance-a"],
                )?;
                self.set_bin(
                    &id,
                    data,
                    ["unsigned-to-bin-id", "updated-x-balance-b", "updated-y-balance-b"],
                )?;
            }
            Action::Fees(named) => {
                let fees = data.fees(fees, named)?;
                self.market.change_pool(&id, |pool| pool.fees = fees);
            }
            Action::ResetVariableFees => {
                let [x_protocol, x_provider, _, y_protocol, y_provider, _] = fees;
                let fees = [x_protocol, x_provider, 0, y_protocol, y_provider, 0];
                self.market.change_pool(&id, |pool| pool.fees = fees);
            }
            Action::Status => {
                let status = if data.boolean("status")? { ACTIVE } else { PAUSED };
                self.market.change_pool(&id, |pool| pool.status = status);
            }
            Action::Exemption => {
                let (address, exempt) = (data.principal("address")?, data.boolean("exempt")?);
                self.market.change_pool(&id, |pool| {
                    if exempt {
                        pool.exempt.insert(address);
                    } else {
                        pool.exempt.remove(&address);
                    }
                });
            }
            Action::MovedAway => {
                self.market.change_pool(&id, |pool| pool.status = INACTIVE);
                self.note(format!("pool {id} moved to another core and is no longer followed"));
            }
            Action::MovedHere => {
                return Err("a pool that is followed here came from another core".to_owned());
            }
        }
        let touched = self.touched.clone();
        self.market.change_pool(&id, |pool| pool.touched = touched);
        Ok(())
    }

    /// The fields name the bin and its reserves.
    fn set_bin(&mut self, id: &PoolId, data: &Data<'_>, [bin, x, y]: [&str; 3]) -> Result<(), String> {
        let bin = data.bin(bin)?;
        let reserves = Reserves { x: data.uint(x)?, y: data.uint(y)?, time_ms: self.touched.time_ms };
        let pool = self.market.pool(id.as_str());
        if pool.and_then(|pool| pool.worth_e8(bin, reserves.x, reserves.y)).is_none() {
            return Err(format!("{x} and {y} are worth more than the contract can count"));
        }
        self.journal.touch(self.market, Slot::Bin(id.clone(), bin));
        self.market.set_bin(id, bin, Some(reserves));
        Ok(())
    }

    /// Both bins say whether they are the active one.
    fn set_active(&mut self, id: &PoolId, active: BinId) {
        let Some(before) = self.market.pool(id.as_str()).map(|pool| pool.active) else { return };
        if active != before {
            self.journal.touch(self.market, Slot::Bin(id.clone(), before));
            self.journal.touch(self.market, Slot::Bin(id.clone(), active));
            self.market.change_pool(id, |pool| pool.active = active);
        }
    }

    fn leave_out(&mut self, contract: &str, reason: String) {
        self.journal.touch(self.market, Slot::LeftOut(contract.to_owned()));
        self.note(format!("pool {contract} is left out: {reason}"));
        self.market.leave_out(contract, reason);
    }

    fn create(&mut self, contract: &str, data: &Data<'_>) -> Result<(), String> {
        if self.market.pool(contract).is_some() {
            return Err("the pool is there already".to_owned());
        }
        let verified = data.boolean("pool-verified")?;
        if !verified && !self.rules.allow_unverified {
            self.leave_out(contract, "it is not verified".to_owned());
            return Ok(());
        }
        let (x, y) = (data.principal("x-token")?, data.principal("y-token")?);
        if let Some(token) = [&x, &y].into_iter().find(|token| self.tokens.get(token).is_none()) {
            self.leave_out(contract, format!("the token {token} is unknown"));
            return Ok(());
        }
        let step = data.uint("bin-step")?;
        let factors = u32::try_from(step).ok().and_then(|step| Some((step, self.market.factors(step)?)));
        let Some((bin_step, factors)) = factors else {
            self.leave_out(contract, format!("the bin step {step} is unknown"));
            return Ok(());
        };
        let (Some(token_x), Some(token_y)) = (self.tokens.get(&x).cloned(), self.tokens.get(&y).cloned())
        else {
            return Ok(());
        };
        if x == y {
            self.leave_out(contract, "both of its tokens are the same".to_owned());
            return Ok(());
        }
        let id = PoolId::new(contract).map_err(|wrong| format!("pool-contract {wrong}"))?;
        let centre = BinId::new(CENTRE).unwrap_or(BinId::MIN);
        let active = data.centred_bin("active-bin-id")?;
        let pool = Pool {
            number: data.uint("pool-id")?,
            token_x,
            token_y,
            bin_step,
            initial_price: data.uint("initial-price")?,
            initial_active: active,
            created_ms: Some(self.touched.time_ms),
            factors,
            active,
            status: if data.boolean("pool-status")? { ACTIVE } else { PAUSED },
            fees: data.fees([0; 6], &super::pool::FEES)?,
            exempt: Default::default(),
            touched: self.touched.clone(),
            worth: 0,
            bins: BTreeMap::new(),
            id: id.clone(),
        };
        if pool.price(BinId::MIN).is_none() {
            return Err("initial-price leaves a bin without a price".to_owned());
        }
        for slot in [Slot::Pool(id.clone()), Slot::Facts(id.clone()), Slot::LeftOut(contract.to_owned())] {
            self.journal.touch(self.market, slot);
        }
        if !verified {
            self.note(format!("pool {contract} is not verified, and followed all the same"));
        }
        let (x, y) = (data.uint("x-amount-active-bin")?, data.uint("y-amount-active-bin")?);
        if pool.worth_e8(centre, x, y).is_none() {
            return Err("the first amounts are worth more than the contract can count".to_owned());
        }
        self.market.add_pool(pool);
        self.journal.touch(self.market, Slot::Bin(id.clone(), centre));
        self.market.set_bin(&id, centre, Some(Reserves { x, y, time_ms: self.touched.time_ms }));
        Ok(())
    }
}
