//! Opening a connection to the Redis that may be written to: the one of the target, or the primary that sentinels name.
//!
//! A connection that has died, or whose server says that it is a replica, is opened anew, and each opening asks the
//! sentinels. No address is remembered: an old primary that comes back takes itself for one until it is told otherwise.

use std::time::Duration;

use redis::Value;
use redis::aio::PubSub;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::redis::connection::{ConnectError, FailedStep, RedisLink, RedisTimeouts};
use crate::redis::sentinel_url::{Node, Sentinels};
use crate::redis::target::RedisTarget;

/// How long to wait before sentinels are asked again during a failover.
const ASK_AGAIN: Duration = Duration::from_millis(100);

impl RedisTarget {
    /// Opens a connection; the caller can tell when it dies.
    pub(crate) async fn open(&self, timeouts: RedisTimeouts) -> Result<RedisLink, ConnectError> {
        self.open_within(timeouts, None).await
    }

    /// As [`Self::open`]; in a reply that would cost more than `max_reply` bytes, errors stand for what does not fit.
    pub(crate) async fn open_bounded(
        &self,
        timeouts: RedisTimeouts,
        max_reply: usize,
    ) -> Result<RedisLink, ConnectError> {
        self.open_within(timeouts, Some(max_reply)).await
    }

    /// Opens a connection to listen on: what one server publishes, its replicas pass on.
    pub(crate) async fn open_pubsub(&self, connect: Duration) -> Result<PubSub, ConnectError> {
        let fail = |step| ConnectError { address: self.address(), step };
        let opening = async {
            let node = match &self.sentinels {
                Some(sentinels) => sentinels.primaries(self, connect / 4).await?.into_iter().next(),
                None => None,
            };
            let stream = self.stream_to(&node.unwrap_or_else(|| self.node())).await?;
            PubSub::new(&self.login, stream).await.map_err(|error| FailedStep::Login(error.kind()))
        };
        match tokio::time::timeout(connect, opening).await {
            Ok(opened) => opened.map_err(fail),
            Err(_) => Err(fail(FailedStep::TimedOut { after: connect, tls: self.tls })),
        }
    }

    async fn open_within(
        &self,
        timeouts: RedisTimeouts,
        max_reply: Option<usize>,
    ) -> Result<RedisLink, ConnectError> {
        let fail = |step| ConnectError { address: self.address(), step };
        let late = || fail(FailedStep::TimedOut { after: timeouts.connect, tls: self.tls });
        let Some(sentinels) = &self.sentinels else {
            let node = self.node();
            let opening = self.open_node(&node, &self.login, timeouts.reply, max_reply);
            let opened = tokio::time::timeout(timeouts.connect, opening).await;
            return opened.map_or_else(|_| Err(late()), |opened| opened.map_err(fail));
        };
        let end = Instant::now() + timeouts.connect;
        let mut last = None;
        loop {
            let opening = self.open_primary(sentinels, timeouts, max_reply);
            match tokio::time::timeout_at(end, opening).await {
                // During a failover there is no primary for a while, and who is it next is found by asking again.
                Ok(Err(failed)) if !failed.is_lasting() => last = Some(failed),
                Ok(opened) => return opened,
                Err(_) => return Err(last.unwrap_or_else(late)),
            }
            if tokio::time::timeout_at(end, tokio::time::sleep(ASK_AGAIN)).await.is_err() {
                return Err(last.unwrap_or_else(late));
            }
        }
    }

    /// Opens a connection to the primary that the sentinels name, if it takes itself for one.
    async fn open_primary(
        &self,
        sentinels: &Sentinels,
        timeouts: RedisTimeouts,
        max_reply: Option<usize>,
    ) -> Result<RedisLink, ConnectError> {
        let nobody = |step| ConnectError { address: self.address(), step };
        let named = sentinels.primaries(self, timeouts.connect / 4).await.map_err(nobody)?;
        let mut failed = nobody(FailedStep::NotPrimary);
        for node in named {
            let step = match self.open_node(&node, &self.login, timeouts.reply, max_reply).await {
                Ok(link) if is_primary(&link).await => return Ok(link),
                Ok(link) => {
                    link.close();
                    FailedStep::NotPrimary
                }
                Err(step) => step,
            };
            failed = ConnectError { address: node.to_string(), step };
        }
        Err(failed)
    }
}

impl Sentinels {
    /// Where the primary is, in the words of the sentinels: what most of them say comes first. Asks all at once and waits
    /// for a majority, or until `patience` is over.
    ///
    /// # Errors
    /// What each of them answered, where none names one.
    async fn primaries(&self, target: &RedisTarget, patience: Duration) -> Result<Vec<Node>, FailedStep> {
        let mut asked = JoinSet::new();
        for node in self.nodes.clone() {
            let (target, sentinels) = (target.clone(), self.clone());
            asked.spawn(async move {
                let answer = tokio::time::timeout(patience, sentinels.ask(&target, &node, patience)).await;
                let answer = answer.unwrap_or_else(|_| Err(Fault::silent("does not answer")));
                answer.map_err(|fault| Fault { text: format!("{node} {}", fault.text), ..fault })
            });
        }
        let (mut named, mut faults): (Vec<(Node, usize)>, Vec<Fault>) = (Vec::new(), Vec::new());
        while let Some(answer) = asked.join_next().await {
            match answer {
                Ok(Ok(primary)) => {
                    let at = named.iter().position(|(known, _)| *known == primary).unwrap_or_else(|| {
                        named.push((primary, 0));
                        named.len().saturating_sub(1)
                    });
                    if let Some((_, votes)) = named.get_mut(at) {
                        *votes += 1;
                        if *votes > self.nodes.len() / 2 {
                            break;
                        }
                    }
                }
                Ok(Err(fault)) => faults.push(fault),
                Err(_) => {}
            }
        }
        if named.is_empty() {
            faults.sort_by(|a, b| a.text.cmp(&b.text));
            let is_lasting = faults.iter().any(|fault| fault.is_lasting);
            let reasons: Vec<String> = faults.into_iter().map(|fault| fault.text).collect();
            return Err(FailedStep::NoPrimary { reasons: reasons.join("; "), is_lasting });
        }
        named.sort_by_key(|(_, votes)| std::cmp::Reverse(*votes));
        Ok(named.into_iter().map(|(node, _)| node).collect())
    }

    /// Asks one of them.
    async fn ask(&self, target: &RedisTarget, node: &Node, patience: Duration) -> Result<Node, Fault> {
        let link = target.open_node(node, &self.login, patience, None).await;
        let link = link.map_err(|step| {
            let refuses = step.refuses_login();
            Fault { text: step.of_a_sentinel(), is_lasting: refuses }
        })?;
        let mut command = redis::cmd("SENTINEL");
        command.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name);
        let answer = link.connection.clone().send_packed_command(&command).await;
        link.close();
        match answer {
            Ok(Value::Nil) => {
                Err(Fault { text: format!("knows no primary called {}", self.name), is_lasting: true })
            }
            Ok(Value::Array(parts)) => match parts.as_slice() {
                [Value::BulkString(host), Value::BulkString(port)] => {
                    let port = std::str::from_utf8(port).ok().and_then(|port| port.parse().ok());
                    let host = String::from_utf8(host.clone()).ok();
                    match (host, port) {
                        (Some(host), Some(port)) => Ok(Node { host, port }),
                        _ => Err(Fault::silent("names an address that is none")),
                    }
                }
                _ => Err(Fault::silent("does not answer as a sentinel does")),
            },
            Ok(Value::ServerError(error)) => {
                Err(Fault { text: format!("refuses with {}", error.code()), is_lasting: true })
            }
            Ok(_) => Err(Fault::silent("does not answer as a sentinel does")),
            Err(_) => Err(Fault::silent("broke the connection")),
        }
    }
}

/// Why a sentinel names no primary.
struct Fault {
    /// The end of a sentence that begins with its address.
    text: String,
    /// Whether it would say the same a second later.
    is_lasting: bool,
}

impl Fault {
    fn silent(text: &str) -> Self {
        Self { text: text.to_owned(), is_lasting: false }
    }
}

/// Whether the server takes itself for a primary. A user who may not ask is believed to have been sent to the right one.
async fn is_primary(link: &RedisLink) -> bool {
    match link.connection.clone().send_packed_command(&redis::cmd("ROLE")).await {
        Ok(Value::Array(parts)) => match parts.first() {
            Some(Value::BulkString(role)) => role == b"master",
            Some(Value::SimpleString(role)) => role == "master",
            _ => false,
        },
        Ok(Value::ServerError(_)) => true,
        _ => false,
    }
}
