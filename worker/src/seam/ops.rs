//! What JavaScript was asked to do and has not done yet.

use litemap::LiteMap;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::wasm_bindgen;

use super::clock::tick;
use super::tasks::{go_on, next_number, running};

/// How something ended. `worker/js/seam.js` has the same numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// As it should. An exchange over HTTP gives its status.
    Well { status: u32, bytes: Vec<u8> },
    /// The time was up.
    Timeout,
    /// It failed, or broke off.
    Broken,
    /// There was more to read than was let.
    TooLarge,
    /// The client went.
    Abandoned,
}

impl Ended {
    fn of(status: u32, bytes: Option<Vec<u8>>) -> Self {
        match status {
            1 => Self::Timeout,
            2 => Self::Broken,
            3 => Self::TooLarge,
            4 => Self::Abandoned,
            status => Self::Well { status, bytes: bytes.unwrap_or_default() },
        }
    }
}

/// Waits for something that JavaScript does.
#[derive(Debug)]
pub struct Op {
    number: u32,
    slot: Rc<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    task: u32,
    ended: RefCell<Option<Ended>>,
    waker: RefCell<Option<Waker>>,
}

thread_local! {
    static UNDER_WAY: RefCell<LiteMap<u32, Rc<Slot>>> = const { RefCell::new(LiteMap::new()) };
}

impl Op {
    /// Asks for something by the number that JavaScript will end it by.
    pub(super) fn begin(ask: impl FnOnce(u32)) -> Self {
        let number = next_number();
        let slot = Rc::new(Slot { task: running(), ..Slot::default() });
        UNDER_WAY.with_borrow_mut(|under_way| under_way.insert(number, Rc::clone(&slot)));
        ask(number);
        Self { number, slot }
    }
}

impl Future for Op {
    type Output = Ended;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        match self.slot.ended.take() {
            Some(ended) => Poll::Ready(ended),
            None => {
                // Those who join several futures ask only for what was woken.
                *self.slot.waker.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Op {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(|under_way| under_way.remove(&self.number));
    }
}

/// Something has ended: whoever waited for it goes on.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "wasm-bindgen exports public functions only")]
pub fn done(op: u32, status: u32, bytes: Option<Vec<u8>>, now_ms: f64) {
    tick(now_ms);
    let slot = UNDER_WAY.with_borrow_mut(|under_way| under_way.remove(&op));
    // What nobody waits for any more is of no interest.
    let Some(slot) = slot else { return };
    *slot.ended.borrow_mut() = Some(Ended::of(status, bytes));
    if let Some(waker) = slot.waker.take() {
        waker.wake();
    }
    go_on(slot.task);
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::tasks::run;
    use super::*;

    thread_local! {
        static SEEN: RefCell<Vec<(u32, Ended)>> = const { RefCell::new(Vec::new()) };
    }

    fn begin() -> (Op, u32) {
        let mut number = 0;
        (Op::begin(|given| number = given), number)
    }

    #[test]
    fn a_task_goes_on_when_what_it_waits_for_ends() {
        let asked = Rc::new(Cell::new(0));
        let of_task = Rc::clone(&asked);
        run(async move {
            for _ in 0..2 {
                let (op, number) = begin();
                of_task.set(number);
                let ended = op.await;
                SEEN.with_borrow_mut(|seen| seen.push((number, ended)));
            }
        });
        let first = asked.get();
        done(first + 1_000, 200, None, 1.0);
        assert!(SEEN.with_borrow(Vec::is_empty), "that was nobody's");
        done(first, 200, Some(vec![7]), 2.0);
        let second = asked.get();
        assert_ne!(first, second);
        done(first, 200, None, 3.0);
        done(second, 1, None, 4.0);
        let seen = SEEN.take();
        assert_eq!(seen, [(first, Ended::Well { status: 200, bytes: vec![7] }), (second, Ended::Timeout)]);
        assert_eq!(super::super::clock::now_ms(), 4.0);
        assert!(UNDER_WAY.with_borrow(LiteMap::is_empty), "nothing is kept");
    }

    #[test]
    fn several_may_be_waited_for_at_once() {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let (of_task, ended) = (Rc::clone(&asked), Rc::new(Cell::new(0)));
        let of_end = Rc::clone(&ended);
        run(async move {
            // Above 30 futures `join_all` polls only those that were woken.
            let ops = (0..40).map(|_| {
                let (op, number) = begin();
                of_task.borrow_mut().push(number);
                op
            });
            of_end.set(futures_util::future::join_all(ops.collect::<Vec<_>>()).await.len());
        });
        let numbers = asked.take();
        for number in numbers.into_iter().rev() {
            assert_eq!(ended.get(), 0);
            done(number, 0, None, 0.0);
        }
        assert_eq!(ended.get(), 40);
    }

    #[test]
    fn what_is_no_longer_wanted_is_forgotten() {
        let (op, number) = begin();
        drop(op);
        assert!(!UNDER_WAY.with_borrow(|under_way| under_way.contains_key(&number)));
        done(number, 200, None, 0.0);
    }
}
