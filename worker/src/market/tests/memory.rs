//! A Redis in memory, behind the line that the client draws to the platform: it answers as the REST API does.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::redis::{Caller, Exchange, ExchangeFault, HttpReply};

pub(crate) const NOW: f64 = 1_800_000_000_000.0;

#[derive(Debug, Clone)]
pub(crate) enum Stored {
    Text(String),
    Set(BTreeSet<String>),
    Hash(BTreeMap<String, String>),
}

pub(crate) type Values = BTreeMap<String, Stored>;

/// What happens after a read of bins: a producer at work.
type Step = Box<dyn FnOnce(&mut Values)>;

/// Shared by the client, which owns one, and the test, which looks at it.
#[derive(Clone, Default)]
pub(crate) struct MemoryRedis(Rc<Inner>);

#[derive(Default)]
struct Inner {
    values: RefCell<Values>,
    after_bins: RefCell<VecDeque<Step>>,
    /// Every command that came, in order.
    commands: RefCell<Vec<Vec<String>>>,
    /// How many requests came.
    requests: Cell<usize>,
    /// Commands that the token may not give.
    forbidden: RefCell<BTreeSet<&'static str>>,
    /// Bytes of the largest reply.
    max_reply: Cell<Option<usize>>,
    is_down: Cell<bool>,
    /// How far the clock is beyond [`NOW`].
    later_ms: Cell<f64>,
}

impl fmt::Debug for MemoryRedis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryRedis")
    }
}

impl MemoryRedis {
    pub(crate) fn set(&self, key: &str, text: impl ToString) {
        self.0.values.borrow_mut().insert(key.to_owned(), Stored::Text(text.to_string()));
    }

    pub(crate) fn put(&self, key: &str, stored: Stored) {
        self.0.values.borrow_mut().insert(key.to_owned(), stored);
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Values)) {
        change(&mut self.0.values.borrow_mut());
    }

    pub(crate) fn remove(&self, key: &str) {
        self.0.values.borrow_mut().remove(key);
    }

    /// Has something written after the next read of bins that has no step yet.
    pub(crate) fn after_bins(&self, step: impl FnOnce(&mut Values) + 'static) {
        self.0.after_bins.borrow_mut().push_back(Box::new(step));
    }

    pub(crate) fn forbid(&self, command: &'static str) {
        self.0.forbidden.borrow_mut().insert(command);
    }

    pub(crate) fn limit_replies(&self, bytes: usize) {
        self.0.max_reply.set(Some(bytes));
    }

    pub(crate) fn go_down(&self) {
        self.0.is_down.set(true);
    }

    pub(crate) fn come_back(&self) {
        self.0.is_down.set(false);
    }

    pub(crate) fn wait_ms(&self, ms: f64) {
        self.0.later_ms.set(self.0.later_ms.get() + ms);
    }

    /// The keys of every read of bins since the last call.
    pub(crate) fn take_reads(&self) -> Vec<Vec<String>> {
        let reads = self.take_commands().into_iter();
        reads.filter(|command| is_of_bins(command)).map(|command| command[1..].to_vec()).collect()
    }

    /// How many requests came so far.
    pub(crate) fn requests(&self) -> usize {
        self.0.requests.get()
    }

    /// Every command since the last call.
    pub(crate) fn take_commands(&self) -> Vec<Vec<String>> {
        self.0.commands.take()
    }

    fn answer(&self, command: &[String]) -> Value {
        self.0.commands.borrow_mut().push(command.to_vec());
        let (name, arguments) = (command[0].as_str(), &command[1..]);
        if self.0.forbidden.borrow().contains(name) {
            return json!({"error": format!("NOPERM this user has no permissions to run the '{name}' command")});
        }
        let answer = answer(name, arguments, &self.0.values.borrow());
        if is_of_bins(command)
            && let Some(step) = self.0.after_bins.borrow_mut().pop_front()
        {
            step(&mut self.0.values.borrow_mut());
        }
        match answer {
            Ok(result) => json!({"result": result}),
            Err(refusal) => json!({"error": refusal}),
        }
    }
}

fn is_of_bins(command: &[String]) -> bool {
    command[0] == "MGET" && command.iter().any(|key| key.starts_with("bin:"))
}

fn answer(name: &str, arguments: &[String], values: &Values) -> Result<Value, &'static str> {
    const WRONG_TYPE: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";
    let first = || values.get(&arguments[0]);
    Ok(match name {
        "MGET" => arguments
            .iter()
            .map(|key| match values.get(key) {
                Some(Stored::Text(text)) => Value::from(text.as_str()),
                _ => Value::Null,
            })
            .collect(),
        "SMEMBERS" | "SCARD" => {
            let members: Vec<&String> = match first() {
                None => Vec::new(),
                Some(Stored::Set(members)) => members.iter().collect(),
                Some(_) => return Err(WRONG_TYPE),
            };
            if name == "SCARD" { members.len().into() } else { json!(members) }
        }
        "HMGET" => match first() {
            None => arguments[1..].iter().map(|_| Value::Null).collect(),
            Some(Stored::Hash(fields)) => {
                arguments[1..].iter().map(|field| json!(fields.get(field))).collect()
            }
            Some(_) => return Err(WRONG_TYPE),
        },
        "DBSIZE" => values.len().into(),
        "SCAN" => json!(["0", values.keys().filter(|key| key.starts_with("pool:")).collect::<Vec<_>>()]),
        "EXISTS" => arguments.iter().filter(|key| values.contains_key(*key)).count().into(),
        "TYPE" => match first() {
            None => "none".into(),
            Some(Stored::Text(_)) => "string".into(),
            Some(Stored::Set(_)) => "set".into(),
            Some(Stored::Hash(_)) => "hash".into(),
        },
        "STRLEN" => match first() {
            None => 0.into(),
            Some(Stored::Text(text)) => text.len().into(),
            Some(_) => return Err(WRONG_TYPE),
        },
        other => panic!("the engine sent {other}"),
    })
}

impl Exchange for MemoryRedis {
    type Body = Vec<u8>;

    fn body(&self, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    async fn post(
        &self,
        path: &'static str,
        body: &Vec<u8>,
        _timeout_ms: u32,
        _caller: &Caller,
    ) -> Result<HttpReply, ExchangeFault> {
        self.0.requests.set(self.0.requests.get() + 1);
        if self.0.is_down.get() {
            return Err(ExchangeFault::Unreachable);
        }
        let reply = match path {
            "/" => self.answer(&serde_json::from_slice::<Vec<String>>(body).unwrap()),
            _ => {
                let commands: Vec<Vec<String>> = serde_json::from_slice(body).unwrap();
                commands.iter().map(|command| self.answer(command)).collect()
            }
        };
        let body = reply.to_string().into_bytes();
        if self.0.max_reply.get().is_some_and(|most| body.len() > most) {
            let refusal = json!({"error": "ERR max request size exceeded. Limit: 1 bytes, Actual: 2 bytes."});
            return Ok(HttpReply { status: 400, body: refusal.to_string().into_bytes() });
        }
        Ok(HttpReply { status: 200, body })
    }

    fn now_ms(&self) -> f64 {
        NOW + self.0.later_ms.get()
    }

    async fn sleep_ms(&self, ms: u32, _caller: &Caller) {
        self.wait_ms(f64::from(ms));
    }

    fn random(&self) -> u32 {
        0
    }
}
