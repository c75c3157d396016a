//! Who waits for the work: a client, whose going the platform tells, or nobody.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{AbortSignal, Request};

/// The one a unit of work is done for. The default is nobody, for work in the background.
#[derive(Debug, Default)]
pub struct Caller {
    signal: Option<AbortSignal>,
}

impl Caller {
    /// The client of a request. Where the flag `enable_request_signal` is off, it seems to wait for ever.
    pub fn of(request: &Request) -> Self {
        let signal = Reflect::get(request, &"signal".into()).ok();
        Self { signal: signal.and_then(|signal| signal.dyn_into().ok()) }
    }

    /// Whether the client has closed its connection, so that no answer reaches it.
    pub fn is_gone(&self) -> bool {
        self.signal.as_ref().is_some_and(AbortSignal::aborted)
    }

    /// A signal for one fetch: it ends after `timeout_ms`, or when the client goes.
    pub(super) fn signal_within(&self, timeout_ms: u32) -> AbortSignal {
        let timeout = AbortSignal::timeout_with_u32(timeout_ms);
        match &self.signal {
            Some(gone) => AbortSignal::any(&Array::of2(gone, &timeout)),
            None => timeout,
        }
    }
}
