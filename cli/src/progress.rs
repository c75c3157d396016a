//! What a command that takes longer is at, on standard error: a line that is drawn anew on a terminal, a plain line now and
//! then elsewhere, and nothing at all for a command that ends within a second.
//!
//! A process has one standard error, so there is one display for all of it: whoever does the work says how far it is and
//! need not know whether anybody looks.

use std::io::{IsTerminal, stderr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::grouping::grouped;

/// Until then a terminal shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// From one drawing to the next.
const TICK: Duration = Duration::from_millis(100);
/// From one plain line to the next: whoever keeps them does not want many.
const PLAIN: Duration = Duration::from_secs(5);

/// The display of this process, while there is one.
static DISPLAY: Mutex<Option<Display>> = Mutex::new(None);

struct Display {
    shared: Arc<Shared>,
    drawer: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    phase: Phase,
    /// On a terminal, once the patience is over.
    bar: Option<ProgressBar>,
    is_over: bool,
}

/// One part of the work.
#[derive(Clone, Default)]
struct Phase {
    doing: &'static str,
    done: usize,
    of: Option<usize>,
}

/// Shows what follows until [`end`].
pub(crate) fn show() {
    let shared = Arc::new(Shared::default());
    let drawer = spawn({
        let shared = Arc::clone(&shared);
        move || shared.draw(stderr().is_terminal())
    });
    *locked(&DISPLAY) = Some(Display { shared, drawer });
}

/// A part of the work begins; `of` so many things, where their number is known.
pub(crate) fn phase(doing: &'static str, of: Option<usize>) {
    if let Some(display) = &*locked(&DISPLAY) {
        locked(&display.shared.state).phase = Phase { doing, done: 0, of };
    }
}

/// So many more of them are done.
pub(crate) fn add(count: usize) {
    if let Some(display) = &*locked(&DISPLAY) {
        let mut state = locked(&display.shared.state);
        state.phase.done = state.phase.done.saturating_add(count);
    }
}

/// Takes the line away: what is written next is the result.
pub(crate) fn end() {
    // The lock is not held while the drawer ends.
    let display = locked(&DISPLAY).take();
    if let Some(Display { shared, drawer }) = display {
        locked(&shared.state).is_over = true;
        shared.ended.notify_all();
        let _ = drawer.join();
    }
}

/// Writes a line to standard error, above the progress where that is shown.
pub(crate) fn note(text: &str) {
    let display = locked(&DISPLAY);
    let state = display.as_ref().map(|display| locked(&display.shared.state));
    match state.as_ref().and_then(|state| state.bar.as_ref()) {
        Some(bar) => bar.suspend(|| eprintln!("dlmm: {text}")),
        None => eprintln!("dlmm: {text}"),
    }
}

impl Shared {
    fn draw(&self, on_terminal: bool) {
        let started = Instant::now();
        let mut next_line = PLAIN;
        let mut state = locked(&self.state);
        while !state.is_over {
            (state, _) = self.ended.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner);
            let elapsed = started.elapsed();
            if on_terminal && elapsed >= PATIENCE && !state.is_over {
                let phase = state.phase.clone();
                draw(state.bar.get_or_insert_with(bar), &phase);
            } else if !on_terminal && is_due(elapsed, &mut next_line) {
                eprintln!("dlmm: {}", told(&state.phase));
            }
        }
        if let Some(bar) = state.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
}

fn draw(bar: &ProgressBar, phase: &Phase) {
    let template = if phase.of.is_some() { "{spinner} {bar:30} {wide_msg}" } else { "{spinner} {wide_msg}" };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    bar.set_length(phase.of.map_or(1, number));
    bar.set_position(number(phase.done));
    bar.set_message(told(phase));
    bar.tick();
}

/// Whether a plain line is due; the next one is then set.
fn is_due(elapsed: Duration, next: &mut Duration) -> bool {
    let is_due = elapsed >= *next;
    if is_due {
        *next = elapsed + PLAIN;
    }
    is_due
}

/// A phase in words.
fn told(Phase { doing, done, of }: &Phase) -> String {
    let doing = if doing.is_empty() { "at work" } else { doing };
    let number = |count: &usize| grouped(&count.to_string());
    match (done, of) {
        (_, Some(of)) => format!("{doing}: {} of {}", number(done), number(of)),
        (0, None) => doing.to_owned(),
        (_, None) => format!("{doing}: {}", number(done)),
    }
}

/// What a panic elsewhere left is still a phase and a line.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_is_told_with_what_is_known_of_it() {
        let phase = |done, of| told(&Phase { doing: "checking pools", done, of });
        assert_eq!(phase(1_200, Some(2_000)), "checking pools: 1,200 of 2,000");
        assert_eq!([phase(0, None), phase(50, None)], ["checking pools", "checking pools: 50"]);
        assert_eq!(told(&Phase::default()), "at work");
    }

    #[test]
    fn plain_lines_are_rare_and_a_short_command_has_none() {
        let mut next = PLAIN;
        let due: Vec<u64> = (0..240)
            .map(|tenth| tenth * 100)
            .filter(|ms| is_due(Duration::from_millis(*ms), &mut next))
            .collect();
        assert_eq!(due, [5_000, 10_000, 15_000, 20_000]);
    }
}
