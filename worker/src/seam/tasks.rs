//! The work that is under way, each piece of it one future.

use litemap::LiteMap;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};

type Task = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    /// What waits for something.
    static WAITING: RefCell<LiteMap<u32, Task>> = const { RefCell::new(LiteMap::new()) };
    /// The number of the task that runs.
    static RUNNING: Cell<u32> = const { Cell::new(0) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// A number that nothing under way has.
pub(super) fn next_number() -> u32 {
    LAST.set(LAST.get().wrapping_add(1));
    LAST.get()
}

/// The number of the task that runs.
pub(super) fn running() -> u32 {
    RUNNING.get()
}

/// Begins a task and runs it until it waits. What it waits for has it go on.
pub fn run(future: impl Future<Output = ()> + 'static) {
    go_on_with(next_number(), Box::pin(future));
}

/// Goes on with a task that waited.
pub(super) fn go_on(number: u32) {
    let task = WAITING.with_borrow_mut(|waiting| waiting.remove(&number));
    if let Some(task) = task {
        go_on_with(number, task);
    }
}

/// No borrow is held while a task runs: it may begin others.
fn go_on_with(number: u32, mut task: Task) {
    let outer = RUNNING.replace(number);
    // Nobody needs to be woken: whoever ends what a task waits for goes on with it.
    let is_waiting = task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
    RUNNING.set(outer);
    if is_waiting {
        WAITING.with_borrow_mut(|waiting| waiting.insert(number, task));
    }
}
