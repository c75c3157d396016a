//! The client within the budget of one unit of work: what those who read Redis are handed.

use super::budget::Budget;
use super::client::{Client, Sent};
use super::command::Command;
use super::error::RedisError;
use super::exchange::{COMMAND, Exchange, PIPELINE};
use super::fetch::FetchExchange;
use super::reply::Reply;

/// Calls to Redis that share one deadline and one count.
#[derive(Debug)]
pub struct Session<'a, X = FetchExchange> {
    client: &'a Client<X>,
    budget: &'a Budget,
}

impl<X> Clone for Session<'_, X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X> Copy for Session<'_, X> {}

impl<'a, X: Exchange> Session<'a, X> {
    pub fn new(client: &'a Client<X>, budget: &'a Budget) -> Self {
        Self { client, budget }
    }

    /// Sends one command.
    ///
    /// # Errors
    /// What became of the last try. What Redis says about the command itself may also come out of [`Reply`].
    pub async fn command(&self, command: Command) -> Result<Reply, RedisError> {
        let what = Sent::of(std::slice::from_ref(&command));
        self.client.send(self.budget, COMMAND, &command.into_body(), &what).await
    }

    /// Sends several commands in one request; not atomic. Read the reply with [`Reply::items`].
    ///
    /// # Errors
    /// As [`Self::command`]. A refused command inside the pipeline is an error of its item only.
    pub async fn pipeline(&self, commands: &[Command]) -> Result<Reply, RedisError> {
        let body = Command::pipeline_body(commands);
        self.client.send(self.budget, PIPELINE, &body, &Sent::of(commands)).await
    }

    /// The clock, in Unix milliseconds. On Workers it moves on only at I/O.
    pub fn now_ms(&self) -> f64 {
        self.client.now_ms()
    }
}
