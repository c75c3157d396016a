//! Who waits for the work: a client, whose going the platform tells, or nobody.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

use js_sys::{Function, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{AbortSignal, Request};

/// The one a unit of work is done for. The default is nobody, for work in the background.
#[derive(Debug, Default)]
pub struct Caller {
    signal: Option<AbortSignal>,
    /// Who is to be told that the client goes.
    waiting: RefCell<Vec<Waker>>,
}

impl Caller {
    /// The client of a request. Where the flag `enable_request_signal` is off, it seems to wait for ever.
    pub fn of(request: &Request) -> Self {
        let signal = Reflect::get(request, &"signal".into()).ok();
        Self { signal: signal.and_then(|signal| signal.dyn_into().ok()), waiting: RefCell::default() }
    }

    /// Whether the client has closed its connection, so that no answer reaches it.
    pub fn is_gone(&self) -> bool {
        self.signal.as_ref().is_some_and(AbortSignal::aborted)
    }

    /// Has the platform call this when the client goes.
    pub(crate) fn when_gone(&self, call: &Function) {
        if let Some(signal) = &self.signal {
            signal.set_onabort(Some(call));
        }
    }

    /// Wakes whoever waits for the client to go.
    pub(crate) fn tell_gone(&self) {
        for waker in self.waiting.take() {
            waker.wake();
        }
    }

    /// Waits until the client goes. For nobody that is never.
    ///
    /// A signal handed to `fetch` would tell as well, but the platform ignores that of the request there, and one made
    /// from it costs a twelfth of a quote.
    pub(super) async fn gone(&self) {
        poll_fn(|context| {
            if self.is_gone() {
                return Poll::Ready(());
            }
            let mut waiting = self.waiting.borrow_mut();
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }
}
