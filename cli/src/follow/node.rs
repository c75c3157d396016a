//! Reads of contracts through a node: the whole state of a core at one block.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use dlmm_core::clarity::{Principal, Value};
use dlmm_core::units::{BinId, PoolId, Symbol};
use serde::Deserialize;
use serde_json::json;
use ureq::Agent;

use super::block::Block;
use super::fault::Fault;
use super::fold::Rules;
use super::market::Market;
use super::pool::{ACTIVE, BINS, CENTRE, FEES, INACTIVE, PAUSED, Pool, Reserves, Touched};
use super::tokens::{MAX_DECIMALS, Token, Tokens};

/// For one read.
const DEADLINE: Duration = Duration::from_secs(20);
/// Bytes of one answer at most: a table of factors has some 35 kB.
const MAX_BYTES: u64 = 8_000_000;
/// Reads at a time; a node answers from its disk.
const AT_ONCE: usize = 8;
/// Attempts at one read.
const ATTEMPTS: u32 = 3;
const BETWEEN: Duration = Duration::from_millis(300);

/// A node's API for read-only calls.
#[derive(Clone)]
pub(crate) struct Node {
    url: String,
    agent: Agent,
    core: String,
    /// Who asks; any address will do.
    sender: String,
}

/// What a bin holds of X and of Y.
type Balances = (BinId, (u128, u128));

#[derive(Deserialize)]
struct Answer {
    okay: bool,
    result: Option<String>,
    cause: Option<String>,
}

/// A state that was read, and what to say of it.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) market: Market,
    /// Tokens that the file did not have.
    pub(crate) tokens: Vec<Token>,
    pub(crate) notes: Vec<String>,
}

impl Node {
    pub(crate) fn new(url: &str, core: &str) -> Self {
        let config =
            Agent::config_builder().timeout_global(Some(DEADLINE)).http_status_as_error(false).build();
        let sender = core.split_once('.').map_or(core, |(address, _)| address).to_owned();
        Self {
            url: url.trim_end_matches('/').to_owned(),
            agent: config.into(),
            core: core.to_owned(),
            sender,
        }
    }

    /// Calls a read-only function at the state of one block.
    fn call(&self, tip: &str, contract: &str, function: &str, arguments: &[Value]) -> Result<Value, Fault> {
        let path = contract.replacen('.', "/", 1);
        let tip = tip.trim_start_matches("0x");
        let url = format!("{}/v2/contracts/call-read/{path}/{function}?tip={tip}", self.url);
        let arguments: Vec<String> = arguments.iter().map(Value::to_hex).collect();
        let body = json!({ "sender": self.sender, "arguments": arguments }).to_string();
        let name = contract.split_once('.').map_or(contract, |(_, name)| name);
        let mut said = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                thread::sleep(BETWEEN);
            }
            let sent = self.agent.post(&url).header("content-type", "application/json").send(body.as_str());
            let mut response = match sent {
                Ok(response) => response,
                Err(error) => {
                    said = error.to_string();
                    continue;
                }
            };
            if response.status() != 200 {
                said = format!("status {}", response.status().as_u16());
                continue;
            }
            let text = response.body_mut().with_config().limit(MAX_BYTES).read_to_string();
            let answer: Option<Answer> = text.ok().and_then(|text| serde_json::from_str(&text).ok());
            let Some(answer) = answer else {
                said = "not the answer of a node".to_owned();
                continue;
            };
            if !answer.okay {
                let cause = answer.cause.unwrap_or_default();
                return Err(Fault::Node { reason: format!("{name} {function}: {cause}") });
            }
            let value = Value::from_hex(&answer.result.unwrap_or_default());
            return value.map_err(|error| Fault::Node { reason: format!("{name} {function}: {error}") });
        }
        Err(Fault::Node { reason: format!("{name} {function}: {said}") })
    }

    /// Reads every pool that is followed, all of them at one block. Takes a while, and waits.
    ///
    /// # Errors
    /// [`Fault::Node`]; half a state is none.
    pub(crate) fn read(&self, block: &Block, rules: &Rules, tokens: &Tokens) -> Result<Reading, Fault> {
        let (core, tip) = (rules.core.as_str(), block.hash.as_str());
        let mut reading = Reading::default();
        let mut tokens = tokens.clone();
        let last = inner(self.call(tip, core, "get-last-pool-id", &[])?);
        let last = last.as_uint().ok_or_else(|| odd("get-last-pool-id"))?;
        for step in inner(self.call(tip, core, "get-bin-steps", &[])?).as_list().unwrap_or_default() {
            let step = step.as_uint().ok_or_else(|| odd("get-bin-steps"))?;
            let factors = inner(self.call(tip, core, "get-bin-factors-by-step", &[Value::Uint(step)])?);
            let factors: Option<Vec<u128>> =
                factors.as_list().and_then(|factors| factors.iter().map(Value::as_uint).collect());
            let factors = factors.filter(|factors| factors.len() == BINS);
            let step = u32::try_from(step).map_err(|_| odd("get-bin-steps"))?;
            reading.market.set_step(step, factors.ok_or_else(|| odd("get-bin-factors-by-step"))?.into());
        }
        for number in 1..=last {
            let entry = inner(self.call(tip, core, "get-pool-by-id", &[Value::Uint(number)])?);
            if entry == Value::None {
                continue;
            }
            let contract = entry.field("pool-contract").and_then(Value::as_principal);
            let contract = contract.ok_or_else(|| odd("get-pool-by-id"))?.to_string();
            let verified = ["verified", "pool-verified"]
                .iter()
                .any(|name| entry.field(name).and_then(Value::as_bool) == Some(true));
            if !verified && !rules.allow_unverified {
                reading.leave_out(&contract, "it is not verified");
                continue;
            }
            let status =
                entry.field("status").and_then(Value::as_bool).ok_or_else(|| odd("get-pool-by-id"))?;
            self.pool(block, &contract, (number, status), &mut tokens, &mut reading)?;
        }
        Ok(reading)
    }

    /// Whether the chain says the same of a pool at a block.
    ///
    /// # Errors
    /// [`Fault::Node`]
    pub(crate) fn agrees(&self, block: &Block, pool: &Pool, tokens: &Tokens) -> Result<bool, Fault> {
        let mut reading = Reading::default();
        reading.market.set_step(pool.bin_step, Arc::clone(&pool.factors));
        let (tip, contract) = (block.hash.as_str(), pool.id.as_str());
        let entry = inner(self.call(tip, &self.core, "get-pool-by-id", &[Value::Uint(pool.number)])?);
        let status = entry.field("status").and_then(Value::as_bool).ok_or_else(|| odd("get-pool-by-id"))?;
        self.pool(block, contract, (pool.number, status), &mut tokens.clone(), &mut reading)?;
        let Some(chain) = reading.market.pool(contract) else { return Ok(false) };
        let reserves =
            |pool: &Pool| -> Vec<_> { pool.bins.iter().map(|(id, bin)| (*id, bin.x, bin.y)).collect() };
        Ok((chain.active, chain.fees, chain.initial_price) == (pool.active, pool.fees, pool.initial_price)
            && (chain.status == pool.status || pool.status == INACTIVE)
            && reserves(chain) == reserves(pool))
    }

    /// Those of the tokens that say something usable of themselves.
    ///
    /// # Errors
    /// [`Fault::Node`]
    pub(crate) fn tokens(
        &self,
        tip: &str,
        contracts: &[String],
        mut known: Tokens,
    ) -> Result<Vec<Token>, Fault> {
        let mut reading = Reading::default();
        for contract in contracts {
            self.token(tip, contract, &mut known, &mut reading)?;
        }
        Ok(reading.tokens)
    }

    fn pool(
        &self,
        block: &Block,
        contract: &str,
        (number, status): (u128, bool),
        tokens: &mut Tokens,
        reading: &mut Reading,
    ) -> Result<(), Fault> {
        let tip = block.hash.as_str();
        let value = inner(self.call(tip, contract, "get-pool", &[])?);
        let uint = |name: &str| value.field(name).and_then(Value::as_uint).ok_or_else(|| odd("get-pool"));
        let principal = |name: &str| {
            let principal = value.field(name).and_then(Value::as_principal);
            principal.map(ToString::to_string).ok_or_else(|| odd("get-pool"))
        };
        let mut pair = Vec::new();
        for contract_of_token in [principal("x-token")?, principal("y-token")?] {
            match self.token(tip, &contract_of_token, tokens, reading)? {
                Some(token) => pair.push(token),
                None => {
                    let reason = format!("the token {contract_of_token} is unknown");
                    reading.leave_out(contract, &reason);
                    return Ok(());
                }
            }
        }
        let [token_x, token_y] = <[Arc<Token>; 2]>::try_from(pair).map_err(|_| odd("get-pool"))?;
        if token_x == token_y {
            reading.leave_out(contract, "both of its tokens are the same");
            return Ok(());
        }
        let bin_step = u32::try_from(uint("bin-step")?).map_err(|_| odd("get-pool"))?;
        let Some(factors) = reading.market.factors(bin_step) else {
            reading.leave_out(contract, &format!("the bin step {bin_step} is unknown"));
            return Ok(());
        };
        let active = value.field("active-bin-id").and_then(Value::as_int);
        let active = active.and_then(|id| BinId::new(u16::try_from(id.checked_add(CENTRE.into())?).ok()?));
        let mut fees = [0; 6];
        for (fee, name) in fees.iter_mut().zip(FEES) {
            *fee = u16::try_from(uint(&name.replace('_', "-"))?).map_err(|_| odd("get-pool"))?;
        }
        if !Pool::fees_fit(fees) {
            return Err(odd("get-pool"));
        }
        let mut pool = Pool {
            id: PoolId::new(contract).map_err(|_| odd("get-pool-by-id"))?,
            number,
            token_x,
            token_y,
            bin_step,
            initial_price: uint("initial-price")?,
            initial_active: BinId::new(CENTRE).unwrap_or(BinId::MIN),
            created_ms: None,
            factors,
            active: active.ok_or_else(|| odd("get-pool"))?,
            status: if status { ACTIVE } else { PAUSED },
            fees,
            exempt: BTreeSet::new(),
            touched: Touched {
                height: block.height,
                hash: block.hash.as_str().into(),
                time_ms: block.time_ms,
            },
            worth: 0,
            bins: BTreeMap::new(),
        };
        for (bin, (x, y)) in self.bins(tip, contract)? {
            if pool.worth_e8(bin, x, y).is_none() {
                return Err(odd("get-bin-balances"));
            }
            pool.set_bin(bin, Some(Reserves { x, y, time_ms: block.time_ms }));
        }
        reading.market.add_pool(pool);
        Ok(())
    }

    /// All bins that hold something, read some at a time.
    fn bins(&self, tip: &str, contract: &str) -> Result<BTreeMap<BinId, (u128, u128)>, Fault> {
        let ids: Vec<BinId> = (BinId::MIN.get()..=BinId::MAX.get()).filter_map(BinId::new).collect();
        let read = |ids: &[BinId]| -> Result<Vec<Balances>, Fault> {
            let mut bins = Vec::new();
            for id in ids {
                let argument = [Value::Uint(id.get().into())];
                let value = inner(self.call(tip, contract, "get-bin-balances", &argument)?);
                let side = |name: &str| {
                    value.field(name).and_then(Value::as_uint).ok_or_else(|| odd("get-bin-balances"))
                };
                let (x, y) = (side("x-balance")?, side("y-balance")?);
                if x > 0 || y > 0 {
                    bins.push((*id, (x, y)));
                }
            }
            Ok(bins)
        };
        let read = &read;
        thread::scope(|scope| {
            let parts = ids.chunks(ids.len().div_ceil(AT_ONCE));
            let readers: Vec<_> = parts.map(|part| scope.spawn(move || read(part))).collect();
            let mut bins = BTreeMap::new();
            for reader in readers {
                bins.extend(reader.join().map_err(|_| odd("get-bin-balances"))??);
            }
            Ok(bins)
        })
    }

    /// A token of the file, or one that says of itself what it is, unless another one has that symbol.
    fn token(
        &self,
        tip: &str,
        contract: &str,
        tokens: &mut Tokens,
        reading: &mut Reading,
    ) -> Result<Option<Arc<Token>>, Fault> {
        if let Some(token) = tokens.get(contract) {
            return Ok(Some(Arc::clone(token)));
        }
        if Principal::parse(contract).ok().is_none_or(|principal| principal.contract().is_none()) {
            return Ok(None);
        }
        let symbol = inner(self.call(tip, contract, "get-symbol", &[])?);
        let decimals = inner(self.call(tip, contract, "get-decimals", &[])?);
        let symbol = symbol.as_text().and_then(|symbol| Symbol::new(symbol).ok());
        let decimals = decimals.as_uint().and_then(|decimals| u8::try_from(decimals).ok());
        let (Some(symbol), Some(decimals)) = (symbol, decimals.filter(|decimals| *decimals <= MAX_DECIMALS))
        else {
            reading.notes.push(format!("token {contract} says nothing that can be used of itself"));
            return Ok(None);
        };
        let token = Token { contract: contract.to_owned(), symbol, decimals, asset: None };
        match tokens.add(token.clone()) {
            Ok(shared) => {
                reading.tokens.push(token);
                Ok(Some(shared))
            }
            Err(other) => {
                let symbol = &token.symbol;
                reading.notes.push(format!("token {contract} calls itself {symbol}, as {other} is called"));
                Ok(None)
            }
        }
    }
}

impl Reading {
    fn leave_out(&mut self, contract: &str, reason: &str) {
        self.notes.push(format!("pool {contract} is left out: {reason}"));
        self.market.leave_out(contract, reason.to_owned());
    }
}

/// What is inside of `(ok …)` and `(some …)`.
fn inner(value: Value) -> Value {
    match value {
        Value::Ok(value) | Value::Some(value) => inner(*value),
        value => value,
    }
}

fn odd(function: &str) -> Fault {
    Fault::Node { reason: format!("{function} gave something unexpected") }
}
