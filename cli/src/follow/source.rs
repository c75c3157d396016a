//! Where blocks come from. Whatever the source, a block is taken in the same way, so forks, gaps, repeats and restarts are
//! no source's business.

use std::future::Future;
use std::pin::Pin;

use tokio::sync::watch;

use super::service::Service;

/// A source at work, until it is told to stop.
pub(crate) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Hands blocks over to a follower.
pub(crate) trait Source {
    /// Begins; it ends when something comes through the channel.
    fn run(self: Box<Self>, service: Service, stopped: watch::Receiver<()>) -> Running;
}
