//! The life of a stream: look, write what changed, wait until something moves, until it is over or the client goes.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use serde::Serialize;

use super::{AGAIN_MS, Looked, Opened, Source};
use crate::observe::{Level, Turn};
use crate::request::{RequestContext, client};
use crate::seam::{Call, Ended, Op, now_ms};
use crate::stream::{BEAT, Ear, EventId, FIRST_MS, Inbox, Pace, event, retry};

/// When to come again after a stream has ended: a time from this to its double, so that clients do not all come at once.
const COME_AGAIN_MS: u32 = 500;
/// Bytes from which an event counts against what large answers may hold together, and what a client has to take one.
const LARGE: usize = 64 * 1024;
const LARGE_MS: f64 = 30_000.0;
/// A timer that nobody waits for any more lasts to its end: writes, which are mostly taken at once, wait by short ones.
const LONGEST_TIMER_MS: f64 = 5_000.0;
/// What a client has to take the last event.
const LAST_WORDS_MS: f64 = 1_000.0;
/// What a stream of changes waits for its subscription to stand before it reads.
const STAND_MS: f64 = 400.0;

/// One stream.
struct Stream<'c> {
    context: &'c RequestContext,
    call: &'c Call,
    ear: Ear,
    inbox: Inbox,
    pace: Pace,
    /// The timer that is under way, and when it ends. It is kept while it serves: each one is an object of the platform.
    timer: Option<(Op, f64)>,
    /// Who reads it, where that is known.
    client: Option<Rc<str>>,
    /// What its last look took.
    work_ms: f64,
    /// The count of the last event.
    seq: u64,
    events: u64,
    /// Whether the client did not take what was written in time.
    is_stuck: bool,
}

/// The line of the log that closes a stream.
#[derive(Serialize)]
struct Ending<'a> {
    path: &'a str,
    seconds: u64,
    events: u64,
    ended: &'static str,
}

/// Runs a stream to its end. Its head has been sent.
pub(crate) async fn pump(context: &RequestContext, opened: Opened) {
    let Opened { mut source, _place } = opened;
    let limits = context.config().streams;
    let call = context.call();
    let began_ms = now_ms();
    let mut stream = Stream {
        context,
        call,
        ear: Ear::new(call.clone(), Rc::clone(context.isolate())),
        inbox: source.inbox(context),
        pace: Pace::new(began_ms, limits.poll_ms, limits.max_seconds),
        timer: None,
        client: client(context).map(Rc::from),
        work_ms: FIRST_MS,
        seq: last_event_id(context).seq,
        events: 0,
        is_stuck: false,
    };
    let ended = stream.run(&mut source).await;
    source.leave(context);
    call.close(ended != "slow");
    let seconds = ((now_ms() - began_ms) / 1_000.0) as u64;
    let line = Ending { path: context.path(), seconds, events: stream.events, ended };
    context.log().write(Level::Info, "stream", &line);
}

/// What the client has seen last.
pub(super) fn last_event_id(context: &RequestContext) -> EventId {
    context.header("last-event-id").map(|text| EventId::parse(&text)).unwrap_or_default()
}

impl Stream<'_> {
    /// Gives why it ended.
    async fn run(&mut self, source: &mut Source) -> &'static str {
        if source.wants_texts() {
            self.until_it_stands().await;
        }
        // The first look is asked for by nobody, and sees everything.
        let mut news = Some(source.inbox(self.context));
        news.iter_mut().for_each(Inbox::lose);
        let mut is_first = true;
        loop {
            if self.call.is_gone() {
                return "gone";
            }
            let is_poll = news.is_none();
            if is_poll {
                self.streams().polled();
            }
            if is_first
                || is_poll
                || news.as_ref().is_some_and(|news| source.is_concerned(self.context, news))
            {
                is_first = false;
                let Some(turn) = self.turn().await else {
                    return if self.call.is_gone() { "gone" } else { self.end().await };
                };
                // What came while others had their turn is in this look too.
                if let Some(news) = &mut news {
                    news.join(self.inbox.take());
                }
                self.streams().merged(news.as_ref().map_or(0, Inbox::merged));
                let began_ms = now_ms();
                let looked = {
                    let context = self.context;
                    self.hearing(source.look(context, news.as_ref())).await
                };
                self.work_ms = looked.work_ms;
                turn.end(looked.work_ms, now_ms());
                self.pace.looked(began_ms, now_ms());
                source.watch(&mut self.inbox);
                if looked.is_read {
                    self.pace.read(now_ms());
                }
                if let Some(ms) = looked.again_ms {
                    self.try_again(ms);
                }
                if !self.tell(looked, source).await {
                    return self.why();
                }
            }
            loop {
                let now = now_ms();
                if self.call.is_gone() {
                    return "gone";
                }
                if self.pace.is_over(now) {
                    return self.end().await;
                }
                if self.pace.beats(now) && !self.beat(source).await {
                    return self.why();
                }
                let rests = self.pace.rests(now);
                if !rests && self.inbox.has_news() {
                    news = Some(self.inbox.take());
                    break;
                }
                if !rests && self.pace.polls(now) {
                    news = None;
                    break;
                }
                self.wait(self.pace.idle_ms(now).min(self.ear.idle_ms()), !rests).await;
            }
        }
    }

    /// Shows that the stream lives; tells whether the client took it.
    async fn beat(&mut self, source: &mut Source) -> bool {
        let context = self.context;
        // While something of theirs waits to be looked at, the producer's life does not vouch for the pools that the client has.
        let waits = self.inbox.has_news() && source.is_concerned(context, &self.inbox);
        let quiet = if waits { None } else { self.hearing(source.beat(context)).await };
        match quiet {
            Some((kind, json)) => {
                self.streams().sent(kind);
                self.write(&event(kind, source.id(self.seq), &json), f64::INFINITY).await
            }
            None => self.write(BEAT, f64::INFINITY).await,
        }
    }

    /// Waits in line until this stream may look; none where it is over before.
    async fn turn(&mut self) -> Option<Turn> {
        let turns = &self.context.isolate().market().turns;
        let mut turn = turns.line_up(self.client.as_ref(), self.work_ms);
        while let Some(ms) = turn.wait_ms(now_ms()) {
            if self.call.is_gone() || self.pace.is_over(now_ms()) {
                return None;
            }
            self.wait(ms.into(), false).await;
        }
        Some(turn)
    }

    fn streams(&self) -> &crate::observe::Streams {
        self.context.isolate().metrics().streams()
    }

    /// Why nothing can be written any more.
    fn why(&self) -> &'static str {
        if self.is_stuck { "slow" } else { "gone" }
    }

    /// Waits until it is known whether the subscription stands, for a moment.
    async fn until_it_stands(&mut self) {
        let until = now_ms() + STAND_MS;
        while !self.ear.is_settled() && now_ms() < until && !self.call.is_gone() {
            self.wait(until - now_ms(), true).await;
        }
    }

    /// Has everything looked at again, in a moment: it could not be done now. Until then the stream beats and ends as usual.
    fn try_again(&mut self, ms: f64) {
        self.inbox.put_back();
        let poll_ms = f64::from(self.context.config().streams.poll_ms);
        self.pace.rest_until(now_ms() + ms.min(poll_ms));
    }

    /// Writes the event of a look; tells whether that worked.
    async fn tell(&mut self, looked: Looked, source: &mut Source) -> bool {
        let Some((kind, json)) = looked.event else { return true };
        // Large ones share a bound until their clients have them, so that no number of slow clients fills the memory.
        let mut holding = looked.holding;
        let is_large = json.len() > LARGE;
        if is_large && holding.is_none() {
            let mut own = self.context.isolate().market().memory.begin();
            if !own.take(json.len()) {
                source.forget();
                self.try_again(AGAIN_MS);
                return true;
            }
            holding = Some(own);
        }
        // The producer's count; where there is none the time, which grows as well. Of what could not be read neither is known.
        let known = looked.seq.or((kind != "refused").then_some(now_ms() as u64));
        self.seq = self.seq.max(known.unwrap_or_default());
        self.events += 1;
        self.streams().sent(kind);
        let text = event(kind, source.id(self.seq), &json);
        drop(json);
        let patience_ms = if is_large { LARGE_MS } else { f64::INFINITY };
        let is_written = self.write(text, patience_ms).await;
        drop(holding);
        if is_written {
            source.sent(self.seq);
        } else {
            // Nobody knows whether it arrived: what comes next begins with everything.
            source.forget();
        }
        is_written
    }

    /// Writes, and hears meanwhile what happens; tells whether the client took it. One that does not within its time, at the
    /// latest when the stream is over, reads too slowly to be served.
    async fn write(&mut self, text: impl AsRef<[u8]>, patience_ms: f64) -> bool {
        let mut written = self.call.write(text.as_ref());
        // The platform has a copy.
        drop(text);
        let until = now_ms() + patience_ms.min(self.pace.left_ms(now_ms()) + LAST_WORDS_MS);
        while !self.call.is_gone() && now_ms() < until {
            self.set_timer((until - now_ms()).min(LONGEST_TIMER_MS));
            let Self { ear, inbox, pace, timer, .. } = self;
            let ended = poll_fn(|context| {
                ear.poll(context, inbox, pace);
                if let Poll::Ready(ended) = Pin::new(&mut written).poll(context) {
                    return Poll::Ready(Some(ended));
                }
                let is_time = timer.as_mut().is_none_or(|(op, _)| Pin::new(op).poll(context).is_ready());
                if is_time { Poll::Ready(None) } else { Poll::Pending }
            });
            match ended.await {
                Some(ended) => {
                    self.pace.wrote(now_ms());
                    return matches!(ended, Ended::Well { .. });
                }
                None => self.timer = None,
            }
        }
        self.is_stuck = !self.call.is_gone();
        false
    }

    /// Does something, and hears meanwhile what happens.
    async fn hearing<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let Self { ear, inbox, pace, .. } = self;
        poll_fn(|context| {
            ear.poll(context, inbox, pace);
            work.as_mut().poll(context)
        })
        .await
    }

    /// Waits for so long at most, or until there is news if that is of interest.
    async fn wait(&mut self, ms: f64, or_news: bool) {
        self.set_timer(ms.max(1.0));
        // A subscription that breaks is asked for again earlier than anything else is due.
        let (was_settled, was_waiting) = (self.ear.is_settled(), self.ear.idle_ms().is_finite());
        let Self { ear, inbox, pace, timer, .. } = self;
        let is_time = poll_fn(|context| {
            ear.poll(context, inbox, pace);
            let is_time = timer.as_mut().is_none_or(|(op, _)| Pin::new(op).poll(context).is_ready());
            let turned = ear.is_settled() != was_settled || ear.idle_ms().is_finite() != was_waiting;
            let woke = turned || or_news && inbox.has_news();
            if is_time || woke { Poll::Ready(is_time) } else { Poll::Pending }
        });
        if is_time.await {
            self.timer = None;
        }
    }

    /// Has the timer end in so many milliseconds, or earlier.
    fn set_timer(&mut self, ms: f64) {
        let at_ms = now_ms() + ms;
        if self.timer.as_ref().is_none_or(|(_, known)| *known > at_ms) {
            self.timer = Some((self.call.sleep(ms.ceil() as u32), at_ms));
        }
    }

    /// The last words.
    async fn end(&mut self) -> &'static str {
        let part = getrandom::u32().unwrap_or_default() % COME_AGAIN_MS;
        if self.write(retry(COME_AGAIN_MS + part), f64::INFINITY).await { "over" } else { self.why() }
    }
}
