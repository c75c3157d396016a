//! The end of a simulation: what it changed for as long as it ran is undone, and what could not be is told.

use dlmm_core::units::PoolId;

use super::Simulation;
use super::churn::{Change, Churn, Left};
use super::report::Heartbeat;
use crate::clock::now_ms;
use crate::redis::fault::RedisFault;
use crate::redis::heartbeat::remove_own;
use crate::redis::store::PoolStore;

/// Attempts at whatever is to be undone: the second has a new connection where the first broke it.
const ATTEMPTS: u32 = 2;

impl Simulation {
    /// Puts right what churn has left, looks after the heartbeat whatever becomes of that, and tells the sums.
    pub(super) async fn end(&mut self) -> anyhow::Result<()> {
        let mut told = self.undo_churn().await;
        let (heartbeat, fault) = self.leave_heartbeat().await;
        if let Some(fault) = fault {
            told = told.and(self.report.fault(&format!("{fault}"), now_ms()));
        }
        let left = self.left();
        told = told.and(self.report.end(heartbeat, &left));
        match not_undone(heartbeat, &left) {
            Some(words) => Err(anyhow::anyhow!("the end could not undo everything: {words}")),
            None => told,
        }
    }

    /// Tells what is left where the end was not waited for.
    pub(super) fn cut_short(&mut self) -> anyhow::Result<()> {
        let (left, heartbeat) = (self.left(), self.heartbeat());
        self.report.end(heartbeat, &left)?;
        let words = not_undone(heartbeat, &left).map(|words| format!(": {words}")).unwrap_or_default();
        eprintln!("dlmm: interrupted a second time, so the end was not finished{words}");
        Ok(())
    }

    fn left(&self) -> Left {
        self.churn.as_ref().map(Churn::left).unwrap_or_default()
    }

    /// What becomes of the heartbeat as long as nothing is done about it.
    const fn heartbeat(&self) -> Heartbeat {
        match (self.beats.own.is_empty(), self.beats.met_another) {
            (true, _) => Heartbeat::Untouched,
            (false, true) => Heartbeat::Stays,
            (false, false) => Heartbeat::NotRemoved,
        }
    }

    /// Undoes what it can; an error is one of telling it.
    async fn undo_churn(&mut self) -> anyhow::Result<()> {
        let mut told = Ok(());
        for _ in 0..ATTEMPTS {
            let Left { paused, added } = self.left();
            let paused = paused.into_iter().map(|id| (Change::Resumed, id));
            for (change, id) in paused.chain(added.into_iter().map(|id| (Change::Removed, id))) {
                let now = match self.undo(change, &id).await {
                    Ok(None) => Ok(()),
                    Ok(Some((change, id))) => self.report.change(change, &id, now_ms()),
                    Err(error) => {
                        self.report.fault(&format!("{id} is not {}: {error:#}", change.as_str()), now_ms())
                    }
                };
                told = told.and(now);
                if self.store.is_none() {
                    break;
                }
            }
        }
        told
    }

    async fn undo(&mut self, change: Change, id: &PoolId) -> anyhow::Result<Option<(Change, PoolId)>> {
        let mut store = self.connected().await?;
        let Some(churn) = &mut self.churn else { return Ok(None) };
        let outcome = match change {
            Change::Resumed => churn.resume(&mut store, id, now_ms()).await,
            _ => churn.remove(&mut store, id, now_ms()).await,
        };
        let fault = outcome.as_ref().err().and_then(|error| error.downcast_ref::<RedisFault>());
        self.store = Some(store).filter(|_| !fault.is_some_and(RedisFault::breaks_connection));
        outcome
    }

    /// Takes along the heartbeat that this run brought: nobody renews it now, and quotes would tell of a dead producer for
    /// good. One that a crash leaves tells the truth.
    async fn leave_heartbeat(&mut self) -> (Heartbeat, Option<RedisFault>) {
        let kept = self.heartbeat();
        let mut fault = None;
        if !matches!(kept, Heartbeat::NotRemoved) {
            return (kept, fault);
        }
        for _ in 0..ATTEMPTS {
            match self.remove_heartbeat().await {
                Ok(true) => return (Heartbeat::Removed, None),
                Ok(false) => return (Heartbeat::Stays, None),
                Err(error) => fault = Some(error),
            }
        }
        (kept, fault)
    }

    async fn remove_heartbeat(&mut self) -> Result<bool, RedisFault> {
        let mut store = self.connected().await?;
        let removed = remove_own(&mut store, &self.beats.own).await;
        self.store = Some(store).filter(|_| !removed.as_ref().is_err_and(RedisFault::breaks_connection));
        removed
    }

    /// The connection there is, or a new one.
    async fn connected(&mut self) -> Result<PoolStore, RedisFault> {
        match self.store.take() {
            Some(store) => Ok(store),
            None => PoolStore::open(&self.target).await,
        }
    }
}

/// What is still as the simulation left it, in words.
fn not_undone(heartbeat: Heartbeat, left: &Left) -> Option<String> {
    let added = left.added.iter().map(|id| format!("{id} was added and may still be there"));
    let paused = left.paused.iter().map(|id| format!("{id} was paused and may still be"));
    let beat = matches!(heartbeat, Heartbeat::NotRemoved)
        .then(|| "metadata.heartbeat_ms may still be there (`HDEL metadata heartbeat_ms`)".to_owned());
    let words: Vec<String> = paused.chain(added).chain(beat).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
