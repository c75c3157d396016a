//! What streams do in one isolate: how many there are, and what goes through them.

use litemap::LiteMap;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::prometheus::MetricsText;

/// Counters of streams. Plain data: each stream belongs to a request of its own.
#[derive(Debug, Default)]
pub struct Streams {
    live: Rc<Cell<u64>>,
    /// Those that are open, by client.
    of_clients: Rc<RefCell<LiteMap<String, u64>>>,
    subscriptions: Rc<Cell<u64>>,
    subscribed: Cell<u64>,
    polls: Cell<u64>,
    merged: Cell<u64>,
    /// By the name of the event.
    events: RefCell<LiteMap<&'static str, u64>>,
}

/// One of what is counted while it lasts.
#[derive(Debug)]
pub struct Counted(Rc<Cell<u64>>);

/// A stream's place among all that are open, and among those of its client.
#[derive(Debug)]
pub struct Place {
    client: Option<String>,
    of_clients: Rc<RefCell<LiteMap<String, u64>>>,
    _counted: Counted,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(client) = &self.client else { return };
        let mut of_clients = self.of_clients.borrow_mut();
        match of_clients.get_mut(client) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(of_clients.remove(client)),
        }
    }
}

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
    /// Begins a stream, if there is room for one more beside these, and beside those of its client, where that is known: nobody
    /// takes all places alone.
    pub fn begin(&self, most: u64, client: Option<String>) -> Option<Place> {
        let mut of_clients = self.of_clients.borrow_mut();
        let own = client.as_ref().and_then(|client| of_clients.get(client).copied()).unwrap_or_default();
        if self.live.get() >= most || own >= most_of_client(most) {
            return None;
        }
        if let Some(client) = &client {
            of_clients.insert(client.clone(), own.saturating_add(1));
        }
        let of_clients = Rc::clone(&self.of_clients);
        Some(Place { client, of_clients, _counted: Counted::begin(&self.live) })
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

/// A tenth of all places, and a few where that is less.
fn most_of_client(most: u64) -> u64 {
    (most / 10).max(4)
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
        let begin = |most| streams.begin(most, None);
        let (first, second) = (begin(2), begin(2));
        assert!(first.is_some() && second.is_some() && begin(2).is_none());
        drop(first);
        assert!(begin(2).is_some() && begin(0).is_none());
    }

    #[test]
    fn no_client_takes_all_places() {
        let streams = Streams::default();
        let begin = |client: &str| streams.begin(50, Some(client.to_owned()));
        let mut places: Vec<Place> = (0..5).map(|_| begin("a").unwrap()).collect();
        assert!(begin("a").is_none() && begin("b").is_some(), "others go on");
        places.pop();
        assert!(begin("a").is_some());
        drop(places);
        assert!(streams.of_clients.borrow().is_empty(), "nothing is kept of clients that went");
        let few: Vec<_> = (0..5).map(|_| streams.begin(20, Some("a".to_owned()))).collect();
        assert_eq!(few.iter().flatten().count(), 4);
    }

    #[test]
    fn what_streams_do_is_told() {
        let streams = Streams::default();
        let _one = streams.begin(1, None);
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
