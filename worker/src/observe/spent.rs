//! What one unit of work has spent on Redis.

use std::cell::Cell;

/// Counters for metrics and for the log line of the request.
#[derive(Debug, Default)]
pub struct Spent {
    /// HTTP requests sent, retries included.
    pub requests: Cell<u32>,
    /// Redis commands sent, retries included: the unit that Upstash bills.
    pub commands: Cell<u32>,
    /// Bytes of request bodies.
    pub bytes_sent: Cell<u64>,
    /// Bytes of reply bodies.
    pub bytes_received: Cell<u64>,
    /// Keys whose values were looked at, whether they were read for it or for somebody else.
    pub keys: Cell<u64>,
    /// Milliseconds waited for replies.
    pub waited_ms: Cell<f64>,
}

impl Spent {
    pub(crate) fn count_sent(&self, commands: u32, bytes: usize) {
        self.requests.set(self.requests.get().saturating_add(1));
        self.commands.set(self.commands.get().saturating_add(commands));
        self.bytes_sent.set(self.bytes_sent.get().saturating_add(bytes as u64));
    }

    pub(crate) fn count_wait(&self, ms: f64) {
        self.waited_ms.set(self.waited_ms.get() + ms);
    }

    pub(crate) fn count_keys(&self, keys: usize) {
        self.keys.set(self.keys.get().saturating_add(keys as u64));
    }

    pub(crate) fn count_received(&self, bytes: usize) {
        self.bytes_received.set(self.bytes_received.get().saturating_add(bytes as u64));
    }
}
