//! The client within the budget of one unit of work: what those who read Redis are handed.

use super::budget::Budget;
use super::client::Client;
use super::command::Command;
use super::error::RedisError;
use super::exchange::Exchange;
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
    /// As [`Client::command`].
    pub async fn command(&self, command: Command) -> Result<Reply, RedisError> {
        self.client.command(self.budget, command).await
    }

    /// Sends several commands in one request.
    ///
    /// # Errors
    /// As [`Client::pipeline`].
    pub async fn pipeline(&self, commands: &[Command]) -> Result<Reply, RedisError> {
        self.client.pipeline(self.budget, commands).await
    }

    /// The clock, in Unix milliseconds. On Workers it moves on only at I/O.
    pub fn now_ms(&self) -> f64 {
        self.client.now_ms()
    }
}
