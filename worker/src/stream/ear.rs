//! The subscription of one stream: asked for, listened to, and asked for again when it breaks.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::inbox::Inbox;
use super::lines::{Lines, Said};
use super::message::{CHANNEL, Message};
use super::pace::Pace;
use crate::isolate::Isolate;
use crate::observe::Counted;
use crate::seam::{Call, Ended, Op, now_ms};

/// Before the subscription is asked for again: doubled each time, and a random part of it.
const FIRST_WAIT_MS: f64 = 500.0;
const LONGEST_WAIT_MS: f64 = 5_000.0;

/// Hears what producers say.
pub(crate) struct Ear {
    call: Call,
    isolate: Rc<Isolate>,
    state: Hearing,
    lines: Lines,
    /// Subscriptions in a row that broke before a message came.
    faults: i32,
    counted: Option<Counted>,
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ear").field("faults", &self.faults).finish()
    }
}

enum Hearing {
    /// There is nothing to be heard: no Redis, or one that does not let us.
    Never,
    /// Asked for again then.
    Later {
        at_ms: f64,
    },
    Asked(Op),
    /// Answered, but it does not stand yet.
    Listening {
        op: Op,
        stands: bool,
    },
}

impl Ear {
    pub(crate) fn new(call: Call, isolate: Rc<Isolate>) -> Self {
        let state = match isolate.redis() {
            Some(redis) => Hearing::Asked(call.subscribe(redis.exchange().connection(), CHANNEL)),
            None => Hearing::Never,
        };
        Self { call, isolate, state, lines: Lines::default(), faults: 0, counted: None }
    }

    /// Whether it is known what becomes of the first subscription.
    pub(crate) const fn is_settled(&self) -> bool {
        !matches!(self.state, Hearing::Asked(_) | Hearing::Listening { stands: false, .. })
    }

    /// How long until it wants to be asked for again.
    pub(crate) fn idle_ms(&self) -> f64 {
        match self.state {
            Hearing::Later { at_ms } => (at_ms - now_ms()).max(0.0),
            _ => f64::INFINITY,
        }
    }

    /// Takes in all that there is to hear.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>, inbox: &mut Inbox, pace: &mut Pace) {
        loop {
            match &mut self.state {
                Hearing::Never => return,
                Hearing::Later { at_ms } => {
                    if now_ms() < *at_ms {
                        return;
                    }
                    self.ask();
                }
                Hearing::Asked(op) => {
                    let Poll::Ready(ended) = Pin::new(op).poll(context) else { return };
                    self.answered(&ended);
                }
                Hearing::Listening { op, stands } => {
                    let Poll::Ready(ended) = Pin::new(op).poll(context) else { return };
                    let Ended::Well { bytes, .. } = ended else {
                        self.counted = None;
                        pace.deafened();
                        self.wait();
                        continue;
                    };
                    let mut stands = *stands;
                    let mut was_message = false;
                    self.lines.push(&bytes, |said| match said {
                        Said::Stands => {
                            stands = true;
                            // What was told before it stood, nobody here heard.
                            inbox.lose();
                        }
                        Said::Lost => inbox.lose(),
                        Said::Message(text) => {
                            was_message = true;
                            match Message::parse(&text) {
                                Some(message) => inbox.hear(&message),
                                None => inbox.lose(),
                            }
                        }
                    });
                    if was_message {
                        self.faults = 0;
                        pace.heard(now_ms());
                    }
                    self.state = Hearing::Listening { op: self.call.heard(), stands };
                }
            }
        }
    }

    fn ask(&mut self) {
        let Some(redis) = self.isolate.redis() else {
            self.state = Hearing::Never;
            return;
        };
        self.lines = Lines::default();
        self.state = Hearing::Asked(self.call.subscribe(redis.exchange().connection(), CHANNEL));
    }

    fn answered(&mut self, ended: &Ended) {
        match ended {
            Ended::Well { status: 200, .. } => {
                self.counted = Some(self.isolate.metrics().streams().subscribed());
                self.state = Hearing::Listening { op: self.call.heard(), stands: false };
            }
            // NOPERM, or a server that knows no subscriptions: it will not know them a second later either.
            Ended::Well { status: 400..=428 | 430..=499, .. } => self.state = Hearing::Never,
            _ => self.wait(),
        }
    }

    fn wait(&mut self) {
        self.call.unsubscribe();
        let most = (FIRST_WAIT_MS * f64::from(self.faults.min(10)).exp2()).min(LONGEST_WAIT_MS);
        self.faults = self.faults.saturating_add(1);
        let part = f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX);
        self.state = Hearing::Later { at_ms: now_ms() + most * (0.5 + part / 2.0) };
    }
}
