//! The gateway's connections to Redis: one shared by all commands, one of its own for each transaction.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{ErrorKind, Pipeline, RedisError, Value};
use tokio::sync::Mutex;

use super::command::Command;
use super::fault::Fault;
use super::reply::{Outcome, error_text, outcome};
use crate::redis_connection::{RedisLink, RedisTimeouts};
use crate::redis_target::RedisTarget;

/// Long enough for a slow command, short enough that no caller waits for good.
const TIMEOUTS: RedisTimeouts =
    RedisTimeouts { connect: Duration::from_secs(1), reply: Duration::from_secs(5) };

pub(crate) struct Upstream {
    target: RedisTarget,
    shared: Mutex<Shared>,
    /// Counts failed attempts to connect, see [`Upstream::shared`].
    failures: AtomicU64,
}

#[derive(Default)]
struct Shared {
    link: Option<RedisLink>,
    /// Tells links apart, so that a late failure does not close a newer link.
    generation: u64,
    /// Whether the last attempt failed; each change of it is one line in the log.
    down: bool,
}

impl Upstream {
    pub(crate) fn new(target: RedisTarget) -> Self {
        Self { target, shared: Mutex::default(), failures: AtomicU64::new(0) }
    }

    /// Connects ahead of the first request; a failure is only logged, since Redis may come later.
    pub(crate) async fn warm_up(&self) {
        let _ = self.shared().await;
    }

    /// Runs commands in order on the shared connection; other requests may come between them.
    pub(crate) async fn run(&self, commands: &[&Command]) -> Result<Vec<Outcome>, Fault> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        let (mut connection, generation) = self.shared().await?;
        let sent = match commands {
            // A lone command keeps its own error, where a pipeline would only see the connection end.
            [command] => connection.send_packed_command(&command.to_redis()).await.map(|value| vec![value]),
            _ => connection.send_packed_commands(&pipeline(commands), 0, commands.len()).await,
        };
        match sent {
            Ok(values) => Ok(values.into_iter().map(outcome).collect()),
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
    pub(crate) async fn run_transaction(&self, commands: &[&Command]) -> Result<Vec<Outcome>, Fault> {
        let link = self.target.open(TIMEOUTS).await.map_err(|_| Fault::Unreachable)?;
        let outcome = transaction(link.connection.clone(), commands).await;
        link.close();
        outcome
    }

    /// The shared connection, opened anew where there is none or it has died.
    async fn shared(&self) -> Result<(MultiplexedConnection, u64), Fault> {
        let failures_before = self.failures.load(Ordering::Acquire);
        let mut shared = self.shared.lock().await;
        if let Some(link) = shared.link.as_ref().filter(|link| !link.is_closed()) {
            return Ok((link.connection.clone(), shared.generation));
        }
        // Whoever queued here while an attempt failed takes that answer. If each tried for itself, the
        // last of a hundred callers would wait a hundred timeouts.
        if self.failures.load(Ordering::Acquire) != failures_before {
            return Err(Fault::Unreachable);
        }
        match self.target.open(TIMEOUTS).await {
            Ok(link) => {
                if shared.down {
                    eprintln!("gateway: connected to Redis at {}", self.target.address());
                }
                let connection = link.connection.clone();
                *shared =
                    Shared { link: Some(link), generation: shared.generation.wrapping_add(1), down: false };
                Ok((connection, shared.generation))
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

fn pipeline(commands: &[&Command]) -> Pipeline {
    let mut pipeline = Pipeline::with_capacity(commands.len());
    for command in commands {
        pipeline.add_command(command.to_redis());
    }
    pipeline
}

async fn transaction(
    mut connection: MultiplexedConnection,
    commands: &[&Command],
) -> Result<Vec<Outcome>, Fault> {
    // MULTI goes alone: were it refused (an ACL can do that), the commands behind it would run one by one.
    let opened = connection.send_packed_command(&redis::cmd("MULTI")).await.map_err(|error| fault(&error))?;
    if let Value::ServerError(error) = opened {
        return Err(Fault::Redis(error_text(&error)));
    }
    let mut queue = pipeline(commands);
    queue.cmd("EXEC");
    let mut replies = connection
        .send_packed_commands(&queue, 0, commands.len() + 1)
        .await
        .map_err(|error| fault(&error))?;
    match replies.pop() {
        Some(Value::Array(values)) => Ok(values.into_iter().map(outcome).collect()),
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
