//! Other requests' turns between the quotes of a batch: an isolate does one thing at a time, and a batch may take a second.

use crate::market::live::LiveMarket;
use crate::observe::Holding;

/// What a key of a read holds in memory, in bytes: decoded, and with its text besides.
const DECODED_BYTES: usize = 120;
const BYTES_WITH_TEXT: usize = 500;

/// The turns of others while the quotes of one read are made.
#[derive(Debug)]
pub(super) struct OthersFirst {
    /// What the read holds meanwhile. Many such reads at once must not fill the memory of the isolate, so where there is
    /// no room the quotes are made in one go.
    holding: Holding,
    bytes: usize,
    /// The first quote follows a wait for Redis, where everybody had a turn.
    is_first: bool,
}

impl OthersFirst {
    /// Over a read of so many keys.
    pub(super) fn over<X>(market: &LiveMarket<'_, X>, keys: usize, keeps_texts: bool) -> Self {
        let each = if keeps_texts { BYTES_WITH_TEXT } else { DECODED_BYTES };
        let holding = market.known.strict_reads.begin();
        Self { holding, bytes: keys.saturating_mul(each), is_first: true }
    }

    /// Lets others go first, before any quote but the first.
    pub(super) async fn before_next<X>(&mut self, market: &LiveMarket<'_, X>) {
        if std::mem::take(&mut self.is_first) {
            return;
        }
        if self.bytes > 0 {
            if !self.holding.take_spare(self.bytes) {
                return;
            }
            self.bytes = 0;
        }
        market.background.others_first().await;
    }
}
