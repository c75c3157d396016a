//! Keeps a request running to its end, and tells its work when the client goes.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use js_sys::futures::JsFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;

use crate::redis::Caller;

/// A request that is to be run to its end. Dropping it tells that the end is reached.
#[derive(Debug)]
pub(crate) struct Held {
    end: Rc<End>,
}

#[derive(Debug, Default)]
struct End {
    is_reached: Cell<bool>,
    /// Resolves the promise that is waited for.
    release: RefCell<Option<Function>>,
}

impl Held {
    /// Begins to hold. The platform is to wait for the future, which ends with the request.
    pub(crate) fn new(caller: Rc<Caller>) -> (Self, impl Future<Output = ()> + 'static) {
        let end = Rc::<End>::default();
        let mut promise = end.promise();
        if let Some(release) = &*end.release.borrow() {
            caller.when_gone(release);
        }
        let held = Self { end: Rc::clone(&end) };
        let waiting = async move {
            loop {
                // It is resolved or, if the instance breaks, never; there is nothing to learn from either.
                let _ = JsFuture::from(promise).await;
                if end.is_reached.get() {
                    return;
                }
                // Only the client's going resolves it earlier. The work then comes to its end by itself.
                caller.tell_gone();
                promise = end.promise();
            }
        };
        (held, waiting)
    }
}

impl End {
    fn promise(&self) -> Promise {
        Promise::new(&mut |resolve, _| *self.release.borrow_mut() = Some(resolve))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end.is_reached.set(true);
        if let Some(release) = self.end.release.take() {
            // A function that resolves a promise throws nothing.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}
