//! What a follower does with a node's reads: checks, tokens, and a state read anew.

use dlmm_core::clarity::Value;
use dlmm_core::units::PoolId;

use super::block::Block;
use super::event::{self, Action, Event};
use super::fault::Fault;
use super::follower::{Follower, Taken};
use super::node::Reading;
use super::pool::Pool;

/// What a check found.
#[derive(Debug)]
pub(crate) enum Checked {
    /// Redis holds what the chain says of this pool.
    Equal,
    /// It did not; the state was read anew.
    Repaired(PoolId, Taken),
}

impl Follower {
    /// Compares one pool with the chain at the tip, when it is time; each pool in turn.
    ///
    /// # Errors
    /// [`Fault::Node`] and others, which say nothing about the pool.
    pub(crate) async fn check(&mut self, block: &Block) -> Result<Option<Checked>, Fault> {
        let due = self.settings.check_every.is_some_and(|every| self.since_check >= every);
        let Some(node) = self.settings.node.clone().filter(|_| due) else { return Ok(None) };
        let Some(market) = self.market() else { return Ok(None) };
        let after = |pool: &&Pool| self.checked.as_ref().is_none_or(|checked| pool.id > *checked);
        let Some(pool) = market.pools().find(after).or_else(|| market.pools().next()) else {
            return Ok(None);
        };
        let (id, pool) = (pool.id.clone(), pool.clone());
        self.since_check = 0;
        self.checked = Some(id.clone());
        let (at, tokens) = (block.clone(), self.tokens.clone());
        let equal = blocking(move || node.agrees(&at, &pool, &tokens)).await?;
        if equal {
            return Ok(Some(Checked::Equal));
        }
        let taken = self.read_anew(block).await?;
        Ok(Some(Checked::Repaired(id, taken)))
    }

    /// Asks the node for tokens of new pools that the file does not have.
    pub(super) async fn complete_tokens(&mut self, block: &Block) -> Result<(), Fault> {
        let Some(node) = self.settings.node.clone() else { return Ok(()) };
        let unknown: Vec<String> =
            new_tokens(block).into_iter().filter(|token| self.tokens.get(token).is_none()).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let (at, tokens) = (block.hash.clone(), self.tokens.clone());
        for token in blocking(move || node.tokens(&at, &unknown, tokens)).await? {
            let _ = self.tokens.add(token);
        }
        Ok(())
    }

    /// Reads the whole state at a block from the chain, and writes it.
    pub(super) async fn read_anew(&mut self, block: &Block) -> Result<Taken, Fault> {
        let Some(node) = self.settings.node.clone() else { return Err(Fault::Lease) };
        let (at, rules, tokens) = (block.clone(), self.settings.rules.clone(), self.tokens.clone());
        // Before anything is watched: it takes longer than a lease lasts.
        let Reading { market, tokens, notes } = blocking(move || node.read(&at, &rules, &tokens)).await?;
        for token in tokens {
            let _ = self.tokens.add(token);
        }
        let mut store = self.open().await?;
        let taken = async {
            self.watch(&mut store).await?;
            let Some(state) = &mut self.state else { return Err(Fault::Lease) };
            let step = state.reset(block, market, notes);
            let written = self.commit(&mut store, &step).await?;
            Ok(Taken::ReadAnew { tally: step.tally, written })
        }
        .await;
        match &taken {
            Ok(_) => self.store = Some(store),
            // The connection may still watch, so it goes too.
            Err(_) => (self.state, self.watching) = (None, false),
        }
        taken
    }
}

/// Runs what waits for a node.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|_| Err(Fault::Node { reason: "a read ended before its time".to_owned() }))
}

/// `create-pool` in hexadecimal digits.
const CREATE_POOL: &str = "6372656174652d706f6f6c";

/// Tokens of pools that a block creates.
fn new_tokens(block: &Block) -> Vec<String> {
    let mut tokens = Vec::new();
    // Few blocks create a pool, and reading every value twice costs as much as the rest of a block.
    let may_create = block.prints.iter().filter(|print| {
        print.raw_value.contains(CREATE_POOL)
            || print.raw_value.bytes().any(|digit| digit.is_ascii_uppercase())
    });
    for value in may_create.filter_map(|print| Value::from_hex(&print.raw_value).ok()) {
        if let Ok(Event::Pool { data, action: Action::Create, .. }) = event::read(&value) {
            tokens.extend(["x-token", "y-token"].into_iter().filter_map(|name| data.principal(name).ok()));
        }
    }
    tokens
}
