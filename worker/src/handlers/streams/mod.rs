//! `/quote/stream` and `/changes`: answers that go on as the market moves, as server-sent events.

mod changes;
mod diff;
mod keys_read;
mod new_pools;
mod pump;
mod quotes;
mod seen;
mod ticket;

use dlmm_core::json::to_json;

pub(crate) use changes::ChangeStream;
pub(crate) use pump::pump;
pub(crate) use quotes::QuoteStream;
pub(crate) use ticket::{admits, answer as ticket};

use crate::http::{ApiError, Path, QueryPairs};
use crate::observe::{Holding, Place};
use crate::request::{RequestContext, client};
use crate::stream::{EventId, Inbox, TICKET, work_ms};

/// What a client is told to wait where there is no room.
const RETRY_AFTER_SECONDS: u32 = 10;

/// After how long something is tried again that failed, in milliseconds.
const AGAIN_MS: f64 = 1_000.0;

/// A stream that may begin.
#[derive(Debug)]
pub(crate) struct Opened {
    source: Source,
    /// Counted until it ends.
    _place: Place,
}

/// What a stream tells.
#[derive(Debug)]
enum Source {
    Quotes(Box<QuoteStream>),
    Changes(Box<ChangeStream>),
}

/// What a look at the market brought.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// The name of the event and its JSON; none where nothing changed.
    event: Option<(&'static str, String)>,
    /// The producer's count that all of it is at least as new as.
    seq: Option<u64>,
    /// The isolate's memory that the event takes.
    holding: Option<Holding>,
    /// Whether Redis was read for it, not only what was heard taken in.
    is_read: bool,
    /// Bytes of JSON that were written for it, told or not.
    written: usize,
    /// What it took of the CPU, as far as that can be told.
    work_ms: f64,
    /// After how many milliseconds to look again although nothing was heard: it could not be looked at now.
    again_ms: Option<f64>,
}

/// Reads what a stream is asked for. What is wrong with a request that can be told at once is refused as usual.
///
/// # Errors
/// INVALID_REQUEST and the like; STREAMS_FULL.
pub(crate) async fn open(path: &Path, context: &RequestContext) -> Result<Opened, ApiError> {
    let query: QueryPairs<'_> = context.query().into_iter().filter(|(name, _)| name != TICKET).collect();
    let source = match path {
        Path::QuoteStream => Source::Quotes(Box::new(QuoteStream::read(&query, context).await?)),
        _ => Source::Changes(Box::new(ChangeStream::read(query, context)?)),
    };
    let most = context.config().streams.max_streams;
    let has_room = !context.isolate().market().streams.is_full();
    let place = context.isolate().metrics().streams().begin(most, client(context)).filter(|_| has_room);
    let place = place.ok_or_else(|| ApiError::streams_full(RETRY_AFTER_SECONDS))?;
    Ok(Opened { source, _place: place })
}

impl Source {
    const fn wants_texts(&self) -> bool {
        matches!(self, Self::Changes(_))
    }

    /// What is heard for it, and not looked at yet.
    fn inbox(&self, context: &RequestContext) -> Inbox {
        Inbox::new(self.wants_texts().then(|| context.isolate().market().streams.begin()))
    }

    /// Tells which texts are worth keeping.
    fn watch(&self, inbox: &mut Inbox) {
        if let Self::Changes(source) = self {
            source.watch(inbox);
        }
    }

    /// Whether what was heard concerns it.
    fn is_concerned(&self, context: &RequestContext, news: &Inbox) -> bool {
        match self {
            Self::Quotes(source) => source.is_concerned(context, news),
            Self::Changes(source) => source.is_concerned(context, news),
        }
    }

    /// Looks at the market. `news` is what was heard, none for a poll.
    async fn look(&mut self, context: &RequestContext, news: Option<&Inbox>) -> Looked {
        let moment = context.again();
        let looked = match self {
            Self::Quotes(source) => source.look(&moment, news).await,
            Self::Changes(source) => source.look(&moment, news).await,
        };
        let spent = moment.budget().spent();
        moment.isolate().metrics().spent(spent);
        Looked { work_ms: looked.work_ms + work_ms(spent, looked.written), ..looked }
    }

    /// What is told of a market in which nothing changes, if there is anything to tell.
    async fn beat(&mut self, context: &RequestContext) -> Option<(&'static str, String)> {
        match self {
            Self::Quotes(_) => None,
            Self::Changes(source) => source.beat(context).await,
        }
    }

    /// The event of the last look was not sent, and has to come again.
    fn forget(&mut self) {
        match self {
            Self::Quotes(source) => source.forget(),
            Self::Changes(source) => source.forget(),
        }
    }

    /// What was sent has this count.
    fn sent(&mut self, seq: u64) {
        if let Self::Changes(source) = self {
            source.sent(seq);
        }
    }

    /// The id of what is told now.
    fn id(&self, seq: u64) -> EventId {
        match self {
            Self::Quotes(_) => EventId { seq, state: None },
            Self::Changes(source) => EventId { seq, state: source.state() },
        }
    }

    /// Keeps for the client's next stream what it knows now.
    fn leave(self, context: &RequestContext) {
        if let Self::Changes(source) = self {
            source.leave(context);
        }
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    to_json(&text.to_owned())
}
