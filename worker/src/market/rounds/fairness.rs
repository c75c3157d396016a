//! Other requests' turns between the quotes of a batch: an isolate does one thing at a time, and a batch may take a second.

use crate::market::live::LiveMarket;
use crate::market::read::HeldRead;

/// The turns of others while the quotes of one read are made.
#[derive(Debug)]
pub(super) struct OthersFirst {
    /// The first quote follows a wait for Redis, where everybody had a turn.
    is_first: bool,
}

impl OthersFirst {
    pub(super) const fn new() -> Self {
        Self { is_first: true }
    }

    /// Lets others go first, before any quote but the first. Many reads that are kept meanwhile must not fill the memory of the
    /// isolate, so where there is no room the quotes are made in one go.
    pub(super) async fn before_next<X>(&mut self, market: &LiveMarket<'_, X>, read: &mut HeldRead) {
        if !std::mem::take(&mut self.is_first) && read.count_spare() {
            market.background.others_first(0).await;
        }
    }
}
