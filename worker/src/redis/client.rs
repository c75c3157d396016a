//! Sends commands: one deadline for all tries, retries where they can help, counters and a debug line each try.
//! Nothing is sent while the breaker is open, and nothing for a client that has gone.

use serde::Serialize;

use super::backoff::RetryPolicy;
use super::breaker::{Breaker, BreakerPolicy, BreakerReport, Fate, Leave};
use super::budget::Budget;
use super::command::Command;
use super::error::{Outage, RedisError};
use super::exchange::Exchange;
use super::fault::{Fault, judge};
use super::reply::Reply;
use crate::observe::Level;

/// A client of one database. Holds no state of any request but the breaker's counts, so it may serve interleaved
/// requests.
#[derive(Debug)]
pub struct Client<X> {
    exchange: X,
    retries: RetryPolicy,
    breaker: Breaker,
}

impl<X: Exchange> Client<X> {
    pub fn new(exchange: X, retries: RetryPolicy, breaker: BreakerPolicy) -> Self {
        Self { exchange, retries, breaker: Breaker::new(breaker) }
    }

    /// Whether Redis is asked at the moment, and how often it was not.
    pub fn breaker(&self) -> BreakerReport {
        self.breaker.report()
    }

    /// How it reaches the database.
    pub const fn exchange(&self) -> &X {
        &self.exchange
    }

    /// The clock of where it runs.
    pub fn now_ms(&self) -> f64 {
        self.exchange.now_ms()
    }

    /// Sends if the breaker lets it, and tells the breaker what became of it.
    pub(super) async fn send(
        &self,
        budget: &Budget,
        path: &'static str,
        body: &X::Body,
        what: &Sent,
    ) -> Result<Reply, RedisError> {
        let now_ms = self.exchange.now_ms();
        let left_ms = budget.left_ms(now_ms);
        if left_ms == 0 {
            return Err(RedisError::Timeout { deadline_ms: budget.total_ms() });
        }
        let leave = self.breaker.admit(now_ms, left_ms).map_err(|retry_after_ms| {
            RedisError::Unavailable { attempts: 0, outage: Outage::BreakerOpen { retry_after_ms } }
        })?;
        // A probe is one try: whatever it finds, the next one follows after the cool-down.
        let max_retries = if leave == Leave::Probe { 0 } else { self.retries.max_retries };
        let mut attempts = 0;
        let outcome = loop {
            if budget.caller().is_gone() {
                break Err(Fault::Abandoned);
            }
            if budget.left_ms(self.exchange.now_ms()) == 0 {
                break Err(Fault::Timeout);
            }
            let tried = self.one_try(budget, path, body, what, attempts + 1).await;
            let Err(fault) = tried else { break tried };
            let wait_ms = self.retries.wait_ms(attempts, self.exchange.random());
            attempts += 1;
            // A wait that reaches the deadline leaves no time for a try, so the fault itself is the better answer.
            let no_time = wait_ms >= budget.left_ms(self.exchange.now_ms());
            if !fault.is_transient() || attempts > max_retries || no_time {
                break Err(fault);
            }
            self.exchange.sleep_ms(wait_ms, budget.caller()).await;
            if self.breaker.is_open() {
                break Err(fault);
            }
        };
        let fate = match &outcome {
            Ok(_) => Fate::Answered,
            // A call that began late, after a slow upload or other calls, shows nothing by running out of time.
            Err(Fault::Timeout) if left_ms < budget.total_ms() / 2 => Fate::Abandoned,
            Err(fault) => fault.fate(),
        };
        self.breaker.settle(leave, fate, self.exchange.now_ms());
        match outcome {
            Ok(body) => Ok(Reply::new(body, attempts + 1)),
            Err(fault) => Err(fault.into_error(attempts, budget.total_ms())),
        }
    }

    /// One request and its reply, counted and logged.
    async fn one_try(
        &self,
        budget: &Budget,
        path: &'static str,
        body: &X::Body,
        what: &Sent,
        attempt: u32,
    ) -> Result<Vec<u8>, Fault> {
        let started_ms = self.exchange.now_ms();
        budget.spent().count_sent(what.commands, what.bytes);
        let left_ms = budget.left_ms(started_ms);
        let tried = match self.exchange.post(path, body, left_ms, budget.caller()).await {
            Ok(reply) => {
                budget.spent().count_received(reply.body.len());
                judge(reply)
            }
            Err(fault) => Err(fault.into()),
        };
        let took_ms = self.exchange.now_ms() - started_ms;
        budget.spent().count_wait(took_ms);
        what.log(budget, attempt, took_ms, &tried);
        tried
    }
}

/// What was sent, for the counters and the log.
pub(super) struct Sent {
    command: std::borrow::Cow<'static, str>,
    commands: u32,
    keys: u32,
    pub(super) bytes: usize,
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
    /// These commands; how many bytes they take is told later.
    pub(super) fn of(commands: &[Command]) -> Self {
        let mut names = commands.iter().map(Command::name);
        let command = match commands {
            [_] => names.next().unwrap_or_default().into(),
            _ => names.collect::<Vec<_>>().join("+").into(),
        };
        let commands_sent = u32::try_from(commands.len()).unwrap_or(u32::MAX);
        Self { command, commands: commands_sent, keys: commands.iter().map(Command::keys).sum(), bytes: 0 }
    }

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
