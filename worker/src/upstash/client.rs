//! Sends commands: one deadline for all tries, retries where they can help, counters and a debug line each try.

use serde::Serialize;

use super::backoff::RetryPolicy;
use super::budget::Budget;
use super::command::Command;
use super::error::UpstashError;
use super::exchange::Exchange;
use super::fault::{Fault, judge};
use super::reply::Reply;
use crate::observe::Level;

/// A client of one database. Holds no state of any request, so it may serve interleaved requests.
#[derive(Debug)]
pub struct Client<X> {
    exchange: X,
    retries: RetryPolicy,
}

impl<X: Exchange> Client<X> {
    pub fn new(exchange: X, retries: RetryPolicy) -> Self {
        Self { exchange, retries }
    }

    /// Sends one command.
    ///
    /// # Errors
    /// What became of the last try. What Redis says about the command itself may also come out of [`Reply`].
    pub async fn command(&self, budget: &Budget, command: Command) -> Result<Reply, UpstashError> {
        let what = Sent { command: command.name().into(), commands: 1, keys: command.keys() };
        self.send(budget, "/", &command.into_body(), &what).await
    }

    /// Sends several commands in one request; not atomic. Read the reply with [`Reply::items`].
    ///
    /// # Errors
    /// As [`Self::command`]. A refused command inside the pipeline is an error of its item only.
    pub async fn pipeline(&self, budget: &Budget, commands: &[Command]) -> Result<Reply, UpstashError> {
        let what = Sent {
            command: commands.iter().map(Command::name).collect::<Vec<_>>().join("+").into(),
            commands: u32::try_from(commands.len()).unwrap_or(u32::MAX),
            keys: commands.iter().map(Command::keys).sum(),
        };
        self.send(budget, "/pipeline", &Command::pipeline_body(commands), &what).await
    }

    /// Tries until there is a reply, a fault that no retry helps, no retry left, or no time left.
    async fn send(
        &self,
        budget: &Budget,
        path: &'static str,
        body: &[u8],
        what: &Sent,
    ) -> Result<Reply, UpstashError> {
        let mut retry = 0;
        loop {
            let started_ms = self.exchange.now_ms();
            let left_ms = budget.left_ms(started_ms);
            if left_ms == 0 {
                return Err(UpstashError::Timeout { deadline_ms: budget.total_ms() });
            }
            budget.spent().count_sent(what.commands, body.len());
            let tried = match self.exchange.post(path, body, left_ms).await {
                Ok(reply) => {
                    budget.spent().count_received(reply.body.len());
                    judge(reply)
                }
                Err(fault) => Err(fault.into()),
            };
            let attempts = retry + 1;
            let now_ms = self.exchange.now_ms();
            budget.spent().count_wait(now_ms - started_ms);
            what.log(budget, attempts, now_ms - started_ms, &tried);
            let fault = match tried {
                Ok(body) => return Ok(Reply::new(body, attempts)),
                Err(fault) => fault,
            };
            let wait_ms = self.retries.wait_ms(retry, self.exchange.random());
            // A wait that reaches the deadline leaves no time for a try, so the fault itself is the better answer.
            if !fault.is_transient() || retry >= self.retries.max_retries || wait_ms >= budget.left_ms(now_ms)
            {
                return Err(fault.into_error(attempts, budget.total_ms()));
            }
            self.exchange.sleep_ms(wait_ms).await;
            retry = attempts;
        }
    }
}

/// What was sent, for the counters and the log.
struct Sent {
    command: std::borrow::Cow<'static, str>,
    commands: u32,
    keys: u32,
}

/// The facts of the debug line: what was asked, never which keys nor what came back.
#[derive(Serialize)]
struct CallLine<'a> {
    command: &'a str,
    keys: u32,
    attempt: u32,
    ms: u64,
    outcome: &'static str,
    bytes: usize,
}

impl Sent {
    fn log(&self, budget: &Budget, attempt: u32, ms: f64, tried: &Result<Vec<u8>, Fault>) {
        if !budget.log().writes(Level::Debug) {
            return;
        }
        let (outcome, bytes) = match tried {
            Ok(body) => ("ok", body.len()),
            Err(fault) => (fault.outcome(), 0),
        };
        let line =
            CallLine { command: &self.command, keys: self.keys, attempt, ms: ms as u64, outcome, bytes };
        budget.log().write(Level::Debug, "redis", &line);
    }
}

#[cfg(test)]
mod tests;
