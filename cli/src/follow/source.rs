//! Where blocks come from. Whatever the source, a block is taken in the same way, so forks, gaps, repeats and restarts are
//! no source's business.

use std::future::Future;
use std::pin::Pin;

use tokio::sync::watch;

use super::service::Service;

/// A source at work, until it is told to stop or has no more; an error is why there is no next block.
pub(crate) type Running = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// Hands blocks over to a follower.
pub(crate) trait Source {
    /// Begins; it ends when something comes through the channel, and one that has an end there.
    fn run(self: Box<Self>, service: Service, stopped: watch::Receiver<()>) -> Running;
}
