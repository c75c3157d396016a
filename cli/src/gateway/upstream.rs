//! The gateway's connections to Redis: one shared by all commands, one of its own for each transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::{MultiplexedConnection, PubSub};
use redis::{Cmd, ErrorKind, Pipeline, RedisError, Value};
use tokio::sync::Mutex;

use super::command::Command;
use super::command_table::CommandTable;
use super::fault::Fault;
use super::policy;
use super::reply::{Outcome, error_text, outcome};
use crate::redis::bounded_replies::cut_out;
use crate::redis::connection::{RedisLink, RedisTimeouts};
use crate::redis::target::RedisTarget;

/// Long enough for a slow command, short enough that no caller waits for good.
const TIMEOUTS: RedisTimeouts =
    RedisTimeouts { connect: Duration::from_secs(1), reply: Duration::from_secs(5) };

pub(crate) struct Upstream {
    target: RedisTarget,
    /// Largest reply, see [`RedisTarget::open_bounded`].
    max_reply: usize,
    shared: Mutex<Shared>,
    /// Counts failed attempts to connect, see [`Upstream::shared`].
    failures: AtomicU64,
}

#[derive(Default)]
struct Shared {
    link: Option<RedisLink>,
    /// What the Redis of this link knows; read anew with each link, since the next may be of another version.
    table: Arc<CommandTable>,
    /// Tells links apart, so that a late failure does not close a newer link.
    generation: u64,
    /// Whether the last attempt failed; each change of it is one line in the log.
    down: bool,
}

impl Upstream {
    pub(crate) fn new(target: RedisTarget, max_reply: usize) -> Self {
        Self { target, max_reply, shared: Mutex::default(), failures: AtomicU64::new(0) }
    }

    /// Connects ahead of the first request; a failure is only logged, since Redis may come later.
    pub(crate) async fn warm_up(&self) {
        let _ = self.shared().await;
    }

    /// What the Redis that would run the next command knows.
    pub(crate) async fn table(&self) -> Result<Arc<CommandTable>, Fault> {
        self.shared().await.map(|(_, _, table)| table)
    }

    /// Runs commands in order on the shared connection; other requests may come between them.
    pub(crate) async fn run(&self, commands: Vec<Command>) -> Result<Vec<Outcome>, Fault> {
        let mut commands: Vec<Cmd> = commands.into_iter().map(Command::into_redis).collect();
        let Some(last) = commands.pop() else { return Ok(Vec::new()) };
        let (mut connection, generation, _) = self.shared().await?;
        let sent = if commands.is_empty() {
            // A lone command keeps its own error, where a pipeline would only see the connection end.
            connection.send_packed_command(&last).await.map(|value| vec![value])
        } else {
            let pipeline = pipeline(commands, last);
            connection.send_packed_commands(&pipeline, 0, pipeline.len()).await
        };
        match sent {
            Ok(values) => {
                if self.target.sentinels.is_some() && values.iter().any(is_read_only) {
                    // It was the primary once. The next command asks the sentinels who is.
                    self.discard(generation).await;
                }
                Ok(values.into_iter().map(|value| outcome(value, self.max_reply)).collect())
            }
            Err(error) => {
                self.discard(generation).await;
                Err(fault(&error))
            }
        }
    }

    /// Runs commands between MULTI and EXEC on a connection that nobody else uses.
    ///
    /// # Errors
    /// [`Fault::Redis`] with an `EXECABORT` text when Redis refused to queue a command; nothing has run then.
    pub(crate) async fn run_transaction(&self, commands: Vec<Command>) -> Result<Vec<Outcome>, Fault> {
        let link =
            self.target.open_bounded(TIMEOUTS, self.max_reply).await.map_err(|_| Fault::Unreachable)?;
        let outcome = transaction(link.connection.clone(), commands, self.max_reply).await;
        link.close();
        outcome
    }

    /// Opens a connection that listens to a channel.
    pub(crate) async fn subscribe(&self, channel: &[u8]) -> Result<PubSub, Fault> {
        let mut listening =
            self.target.open_pubsub(TIMEOUTS.connect).await.map_err(|_| Fault::Unreachable)?;
        let subscribed = tokio::time::timeout(TIMEOUTS.reply, listening.subscribe(channel)).await;
        match subscribed.map_err(|_| Fault::NoAnswer)? {
            Ok(()) => Ok(listening),
            Err(error) => match error.code() {
                Some(word) => Err(Fault::Redis(format!("{word} {}", error.detail().unwrap_or_default()))),
                None => Err(fault(&error)),
            },
        }
    }

    /// The shared connection, opened anew where there is none or it has died.
    async fn shared(&self) -> Result<(MultiplexedConnection, u64, Arc<CommandTable>), Fault> {
        let failures_before = self.failures.load(Ordering::Acquire);
        let mut shared = self.shared.lock().await;
        if let Some(link) = shared.link.as_ref().filter(|link| !link.is_closed()) {
            return Ok((link.connection.clone(), shared.generation, Arc::clone(&shared.table)));
        }
        // Whoever queued here while an attempt failed takes that answer. If each tried for itself, the
        // last of a hundred callers would wait a hundred timeouts.
        if self.failures.load(Ordering::Acquire) != failures_before {
            return Err(Fault::Unreachable);
        }
        match self.open_shared().await {
            Ok((link, table)) => {
                if shared.down {
                    eprintln!("gateway: connected to Redis at {}", self.target.address());
                }
                let connection = link.connection.clone();
                let generation = shared.generation.wrapping_add(1);
                *shared = Shared { link: Some(link), table: Arc::clone(&table), generation, down: false };
                Ok((connection, generation, table))
            }
            Err(error) => {
                self.failures.fetch_add(1, Ordering::AcqRel);
                if !shared.down {
                    eprintln!("gateway: {error}; requests are answered with 503 until it can be reached");
                }
                shared.link = None;
                shared.down = true;
                Err(Fault::Unreachable)
            }
        }
    }

    /// Opens a connection and asks what Redis knows before anybody may use it.
    async fn open_shared(&self) -> Result<(RedisLink, Arc<CommandTable>), String> {
        let link =
            self.target.open_bounded(TIMEOUTS, self.max_reply).await.map_err(|error| error.to_string())?;
        let reply = link.connection.clone().send_packed_command(&redis::cmd("COMMAND")).await;
        let silent = |_| format!("Redis at {} does not say what commands it knows", self.target.address());
        let reply = reply.map_err(silent)?;
        // A list of which some was cut out would make commands unknown.
        let whole = cut_out(&reply, self.max_reply).is_none();
        let table = whole.then(|| CommandTable::read(&reply)).flatten().unwrap_or_else(|| {
            eprintln!(
                "gateway: Redis does not tell its user all of COMMAND; only commands known here may run"
            );
            policy::table_by_heart()
        });
        Ok((link, Arc::new(table)))
    }

    /// Drops the shared connection after a failure, unless it has been replaced already.
    async fn discard(&self, generation: u64) {
        let mut shared = self.shared.lock().await;
        if shared.generation == generation
            && let Some(link) = shared.link.take()
        {
            link.close();
        }
    }
}

/// Whether a replica refuses to write.
fn is_read_only(value: &Value) -> bool {
    matches!(value, Value::ServerError(error) if error.code() == "READONLY")
}

fn pipeline(commands: Vec<Cmd>, last: Cmd) -> Pipeline {
    let mut pipeline = Pipeline::with_capacity(commands.len() + 1);
    for command in commands.into_iter().chain([last]) {
        pipeline.add_command(command);
    }
    pipeline
}

async fn transaction(
    mut connection: MultiplexedConnection,
    commands: Vec<Command>,
    max_reply: usize,
) -> Result<Vec<Outcome>, Fault> {
    // MULTI goes alone: were it refused (an ACL can do that), the commands behind it would run one by one.
    let opened = connection.send_packed_command(&redis::cmd("MULTI")).await.map_err(|error| fault(&error))?;
    if let Value::ServerError(error) = opened {
        return Err(Fault::Redis(error_text(&error)));
    }
    let queue = pipeline(commands.into_iter().map(Command::into_redis).collect(), redis::cmd("EXEC"));
    let mut replies =
        connection.send_packed_commands(&queue, 0, queue.len()).await.map_err(|error| fault(&error))?;
    match replies.pop() {
        Some(Value::Array(values)) => Ok(values.into_iter().map(|value| outcome(value, max_reply)).collect()),
        Some(Value::ServerError(aborted)) => Err(Fault::Redis(abort_text(&aborted, &replies))),
        // EXEC gives nil only after WATCH, which is refused.
        _ => Err(Fault::Unreachable),
    }
}

/// Redis' abort text; where a command could not be queued, with the reason, in the form Redis has for it.
fn abort_text(aborted: &redis::ServerError, queued: &[Value]) -> String {
    let reason = queued.iter().find_map(|reply| match reply {
        Value::ServerError(error) => Some(error_text(error)),
        _ => None,
    });
    match reason {
        Some(reason) => discarded(&reason),
        None => error_text(aborted),
    }
}

/// The text for a transaction that is discarded as a whole.
pub(crate) fn discarded(reason: &str) -> String {
    format!("EXECABORT Transaction discarded because of: {reason}")
}

fn fault(error: &RedisError) -> Fault {
    if error.is_timeout() {
        Fault::NoAnswer
    } else if error.kind() == ErrorKind::Parse {
        // Redis cuts long arguments in its error texts, in the middle of a character if need be.
        Fault::Redis("ERR Redis answered with a text that is not UTF-8".to_owned())
    } else {
        Fault::Unreachable
    }
}
