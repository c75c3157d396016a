//! What streams do in one isolate: how many there are, and what goes through them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::prometheus::MetricsText;

/// Counters of streams. Plain data: each stream belongs to a request of its own.
#[derive(Debug, Default)]
pub struct Streams {
    live: Rc<Cell<u64>>,
    subscriptions: Rc<Cell<u64>>,
    subscribed: Cell<u64>,
    polls: Cell<u64>,
    merged: Cell<u64>,
    /// By the name of the event.
    events: RefCell<BTreeMap<&'static str, u64>>,
}

/// One of what is counted while it lasts.
#[derive(Debug)]
pub struct Counted(Rc<Cell<u64>>);

impl Counted {
    fn begin(all: &Rc<Cell<u64>>) -> Self {
        all.set(all.get().saturating_add(1));
        Self(Rc::clone(all))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl Streams {
    /// Begins a stream, if there is room for one more beside these.
    pub fn begin(&self, most: u64) -> Option<Counted> {
        (self.live.get() < most).then(|| Counted::begin(&self.live))
    }

    /// Begins a subscription.
    pub fn subscribed(&self) -> Counted {
        add(&self.subscribed, 1);
        Counted::begin(&self.subscriptions)
    }

    pub fn polled(&self) {
        add(&self.polls, 1);
    }

    /// Counts changes that were merged with others because nobody had looked at those yet.
    pub fn merged(&self, changes: u64) {
        add(&self.merged, changes);
    }

    pub fn sent(&self, event: &'static str) {
        *self.events.borrow_mut().entry(event).or_default() += 1;
    }

    /// Writes all of it.
    pub fn write(&self, text: &mut MetricsText) {
        text.gauge("dlmm_streams", "Streams that are open.", self.live.get());
        let help = "Subscriptions to the changes in Redis that are open.";
        text.gauge("dlmm_stream_subscriptions", help, self.subscriptions.get());
        for (name, help, total) in [
            ("dlmm_stream_subscriptions_total", "Subscriptions that were begun.", &self.subscribed),
            ("dlmm_stream_polls_total", "Looks at Redis that no message asked for.", &self.polls),
            (
                "dlmm_stream_merged_changes_total",
                "Messages that were merged with earlier ones because their stream was not done with those.",
                &self.merged,
            ),
        ] {
            text.counter(name, help, total.get());
        }
        text.head("dlmm_stream_events_total", "counter", "Events sent, by kind.");
        for (event, count) in &*self.events.borrow() {
            text.sample("dlmm_stream_events_total", &format!(r#"event="{event}""#), count);
        }
    }
}

fn add(total: &Cell<u64>, more: u64) {
    total.set(total.get().saturating_add(more));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_streams_as_are_let() {
        let streams = Streams::default();
        let (first, second) = (streams.begin(2), streams.begin(2));
        assert!(first.is_some() && second.is_some() && streams.begin(2).is_none());
        drop(first);
        assert!(streams.begin(2).is_some() && streams.begin(0).is_none());
    }

    #[test]
    fn what_streams_do_is_told() {
        let streams = Streams::default();
        let _one = streams.begin(1);
        drop(streams.subscribed());
        streams.polled();
        streams.merged(3);
        streams.sent("quote");
        let mut text = MetricsText::default();
        streams.write(&mut text);
        let text = text.into_text();
        for line in [
            "dlmm_streams 1",
            "dlmm_stream_subscriptions 0",
            "dlmm_stream_subscriptions_total 1",
            "dlmm_stream_polls_total 1",
            "dlmm_stream_merged_changes_total 3",
            r#"dlmm_stream_events_total{event="quote"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} not in {text}");
        }
    }
}
