//! Who hears of changes: a subscription to `dlmm:changes` that is opened again whenever it ends.

use std::collections::BTreeSet;
use std::time::Duration;

use dlmm_core::units::PoolId;
use futures_util::StreamExt;
use redis::aio::PubSub;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::redis::changes::CHANNEL;
use crate::redis::store::TIMEOUTS;
use crate::redis::target::RedisTarget;

/// Messages that wait for a slow quote; what comes on top waits in the connection.
const WAITING: usize = 256;
/// From the end of a subscription to the next attempt.
const AGAIN: Duration = Duration::from_millis(500);

/// What is heard.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The subscription stands from now on.
    Stands,
    /// It ended, or could not be opened; it is tried again.
    Broken,
    /// This user will never hear anything.
    NotPermitted,
    /// These pools moved; none of them where all else did, such as the block.
    Moved(BTreeSet<PoolId>),
}

/// A subscription.
pub(super) struct Listener {
    target: RedisTarget,
    heard: mpsc::Receiver<Heard>,
    task: JoinHandle<()>,
    stands: bool,
}

impl Listener {
    pub(super) fn start(target: RedisTarget) -> Self {
        let (tell, heard) = mpsc::channel(WAITING);
        let task = tokio::spawn(listen(target.clone(), tell));
        Self { target, heard, task, stands: false }
    }

    /// Begins anew, with another connection.
    pub(super) fn restart(&mut self) {
        self.task.abort();
        *self = Self::start(self.target.clone());
    }

    /// Whether changes are heard.
    pub(super) const fn stands(&self) -> bool {
        self.stands
    }

    /// What is heard next; several messages that wait already are one.
    pub(super) async fn next(&mut self) -> Heard {
        let Some(mut heard) = self.heard.recv().await else {
            // Nothing will be heard any more.
            return std::future::pending().await;
        };
        while let Heard::Moved(pools) = &mut heard {
            match self.heard.try_recv() {
                Ok(Heard::Moved(more)) => pools.extend(more),
                Ok(other) => heard = other,
                Err(_) => break,
            }
        }
        self.stands = matches!(heard, Heard::Stands | Heard::Moved(_));
        heard
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(target: RedisTarget, tell: mpsc::Sender<Heard>) {
    loop {
        let ended = match subscribed(&target).await {
            Ok(subscription) => hear(subscription, &tell).await,
            Err(ended) => ended,
        };
        let is_lasting = ended == Heard::NotPermitted;
        if tell.send(ended).await.is_err() || is_lasting {
            return;
        }
        sleep(AGAIN).await;
    }
}

async fn subscribed(target: &RedisTarget) -> Result<PubSub, Heard> {
    let mut subscription = target.open_pubsub(TIMEOUTS.connect).await.map_err(|_| Heard::Broken)?;
    match timeout(TIMEOUTS.reply, subscription.subscribe(CHANNEL)).await {
        Ok(Ok(())) => Ok(subscription),
        Ok(Err(error)) if error.code() == Some("NOPERM") => Err(Heard::NotPermitted),
        Ok(Err(_)) | Err(_) => Err(Heard::Broken),
    }
}

async fn hear(subscription: PubSub, tell: &mpsc::Sender<Heard>) -> Heard {
    // While the sink is there the connection lives.
    let (_sink, mut messages) = subscription.split();
    if tell.send(Heard::Stands).await.is_err() {
        return Heard::Broken;
    }
    while let Some(message) = messages.next().await {
        if tell.send(Heard::Moved(pools_of(message.get_payload_bytes()))).await.is_err() {
            break;
        }
    }
    Heard::Broken
}

/// The pools of a message; none where it cannot be read, which is a reason to look as well.
fn pools_of(payload: &[u8]) -> BTreeSet<PoolId> {
    #[derive(Deserialize)]
    struct Message {
        pools: Vec<String>,
    }
    let message: Option<Message> = serde_json::from_slice(payload).ok();
    let ids = message.into_iter().flat_map(|message| message.pools);
    ids.filter_map(|id| PoolId::new(&id).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_pools() {
        let ids =
            |texts: &[&str]| texts.iter().map(|text| PoolId::new(text).unwrap()).collect::<BTreeSet<_>>();
        let message =
            br#"{"seq":7,"block_height":null,"taken_at":"x","pools":["Q","P"],"keys":{"pool:P":"{}"}}"#;
        assert_eq!(pools_of(message), ids(&["P", "Q"]));
        assert_eq!(pools_of(br#"{"pools":[]}"#), ids(&[]));
        assert_eq!(pools_of(b"hello"), ids(&[]));
    }
}
