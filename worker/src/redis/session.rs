//! The client within the budget of one unit of work: what those who read Redis are handed.

use super::budget::{Budget, Counting};
use super::client::{Client, Sent};
use super::command::Command;
use super::error::RedisError;
use super::exchange::{COMMAND, Exchange, PIPELINE, TRANSACTION};
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
        let mut what = Sent::of(std::slice::from_ref(&command));
        let body = self.hand_over(command.into_body(), &mut what);
        self.client.send(self.budget, COMMAND, &body, &what).await
    }

    /// Sends several commands in one request; not atomic. Read the reply with [`Reply::items`].
    ///
    /// # Errors
    /// As [`Self::command`]. A refused command inside the pipeline is an error of its item only.
    pub async fn pipeline(&self, commands: Vec<Command>) -> Result<Reply, RedisError> {
        let (body, what) = self.together(commands);
        self.client.send(self.budget, PIPELINE, &body, &what).await
    }

    /// Sends several commands in one request and one step: nothing is written between them. Where that is not to be had, as
    /// with a user of Redis who may not, they go as a pipeline.
    ///
    /// # Errors
    /// As [`Self::pipeline`].
    pub async fn transaction(&self, commands: Vec<Command>) -> Result<Reply, RedisError> {
        let (body, what) = self.together(commands);
        match self.client.send(self.budget, TRANSACTION, &body, &what).await {
            Err(fault) if fault.is_about_the_command() => {
                self.client.send(self.budget, PIPELINE, &body, &what).await
            }
            reply => reply,
        }
    }

    /// The body of a pipeline. The commands, which may name many keys, are not kept while the reply is waited for.
    fn together(&self, commands: Vec<Command>) -> (X::Body, Sent) {
        let mut what = Sent::of(&commands);
        let body = Command::pipeline_body(&commands);
        (self.hand_over(body, &mut what), what)
    }

    fn hand_over(&self, body: Vec<u8>, what: &mut Sent) -> X::Body {
        what.bytes = body.len();
        self.client.exchange().body(body)
    }

    /// What this unit of work asks for beside its texts.
    pub const fn counting(&self) -> Option<&'a Counting> {
        self.budget.counting()
    }

    /// Counts keys whose values this unit of work looks at.
    pub(crate) fn count_keys(&self, keys: usize) {
        self.budget.spent().count_keys(keys);
    }

    /// The clock, in Unix milliseconds. On Workers it moves on only at I/O.
    pub fn now_ms(&self) -> f64 {
        self.client.now_ms()
    }
}
