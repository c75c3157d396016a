//! The clock. It is handed in with every call of JavaScript: on Workers it stands still while code runs anyway.

use std::cell::Cell;

thread_local! {
    static NOW_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// Unix time in milliseconds, of when JavaScript called last.
pub fn now_ms() -> f64 {
    NOW_MS.get()
}

/// Sets the clock.
pub(crate) fn tick(now_ms: f64) {
    NOW_MS.set(now_ms);
}
