//! What a look takes of the CPU. No clock tells: that of Workers stands still while code runs. So it is counted by what was done.

use crate::observe::Spent;

/// What a look takes whatever it finds: hearing why, asking for it, writing an event.
const LEAST_MS: f64 = 1.0;
/// What it takes for each key that is looked at, read by this stream or by another one; for each byte of a reply; and for each
/// byte that is written, digested and sent. On a core as those of `docs/performance.md`.
const KEY_MS: f64 = 0.003;
const READ_MS: f64 = 0.000_01;
const WRITTEN_MS: f64 = 0.000_01;
/// What a search takes beside that which ends by its bound, whatever it searches: few keys may be many ways.
pub(crate) const WHOLE_SEARCH_MS: f64 = 30.0;
/// What a first look is taken to be: some of them at a time, and not all that a client opens at once.
pub(crate) const FIRST_MS: f64 = 4.0;

/// What a look took that spent this on Redis and wrote so many bytes.
pub(crate) fn work_ms(spent: &Spent, written: usize) -> f64 {
    let [keys, received, written] = [spent.keys.get(), spent.bytes_received.get(), written as u64];
    LEAST_MS + keys as f64 * KEY_MS + received as f64 * READ_MS + written as f64 * WRITTEN_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_dear_by_what_it_reads_looks_at_and_writes() {
        let work_of = |keys: usize, received: usize, written: usize| {
            let spent = Spent::default();
            spent.count_keys(keys);
            spent.count_received(received);
            work_ms(&spent, written)
        };
        let usual = work_of(60, 15_000, 3_000);
        assert!((1.0..2.0).contains(&usual), "{usual}");
        assert!(work_of(60, 0, 3_000) > 1.0, "what another one read is looked at all the same");
        let (read, shared, written) =
            (work_of(6_400, 1_500_000, 0), work_of(6_400, 0, 0), work_of(0, 0, 4_000_000));
        assert!(
            read > shared && shared > 10.0 * usual && written > 20.0 * usual,
            "{read} {shared} {written}"
        );
    }
}
