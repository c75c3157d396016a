//! What a look takes of the CPU. No clock tells: that of Workers stands still while code runs. So it is counted by what was done.

use crate::observe::Spent;

/// What a look takes whatever it finds: hearing why, asking for it, writing an event.
const LEAST_MS: f64 = 1.0;
/// What it takes for each key that is looked at, read by this stream or by another one; for each byte of a reply; and for each
/// byte that is written, digested and sent. On a core as those of `docs/performance.md`.
const KEY_MS: f64 = 0.003;
const READ_MS: f64 = 0.000_01;
const WRITTEN_MS: f64 = 0.000_01;
/// What a first look is taken to be: some of them at a time, and not all that a client opens at once.
pub(crate) const FIRST_MS: f64 = 4.0;

/// What a look took that spent this on Redis and wrote so many bytes.
pub(crate) fn work_ms(spent: &Spent, written: usize) -> f64 {
    let [keys, received, written] = [spent.keys.get(), spent.bytes_received.get(), written as u64];
    LEAST_MS + keys as f64 * KEY_MS + received as f64 * READ_MS + written as f64 * WRITTEN_MS
}
