use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::super::error::{AuthFault, Oddity, Outage};
use super::super::exchange::{ExchangeFault, HttpReply};
use super::super::value::Value;
use super::*;
use crate::observe::Log;

/// What the scripted server does with one request: how long it takes, and what comes of it.
type Step = (u32, Result<(u16, &'static str), ExchangeFault>);

/// Plays steps in order on a clock of its own; the time limit of a request is kept as the platform keeps it.
struct Script {
    steps: RefCell<VecDeque<Step>>,
    clock_ms: Cell<f64>,
    sent: RefCell<Vec<(&'static str, String)>>,
    slept_ms: RefCell<Vec<u32>>,
}

impl Exchange for Script {
    async fn post(
        &self,
        path: &'static str,
        body: &[u8],
        timeout_ms: u32,
    ) -> Result<HttpReply, ExchangeFault> {
        self.sent.borrow_mut().push((path, String::from_utf8(body.to_vec()).unwrap()));
        let (takes_ms, outcome) = self.steps.borrow_mut().pop_front().expect("one request too many");
        self.clock_ms.set(self.clock_ms.get() + f64::from(takes_ms.min(timeout_ms)));
        if takes_ms > timeout_ms {
            return Err(ExchangeFault::Timeout);
        }
        outcome.map(|(status, body)| HttpReply { status, body: body.as_bytes().to_vec() })
    }

    fn now_ms(&self) -> f64 {
        self.clock_ms.get()
    }

    async fn sleep_ms(&self, ms: u32) {
        self.slept_ms.borrow_mut().push(ms);
        self.clock_ms.set(self.clock_ms.get() + f64::from(ms));
    }

    /// The longest wait, so that waits can be told from their lengths.
    fn random(&self) -> u32 {
        u32::MAX
    }
}

/// Nothing in a script really waits, so one poll finishes every future.
fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a scripted exchange never waits"),
    }
}

fn client(steps: impl IntoIterator<Item = Step>) -> Client<Script> {
    let script = Script {
        steps: RefCell::new(steps.into_iter().collect()),
        clock_ms: Cell::new(1_000.0),
        sent: RefCell::default(),
        slept_ms: RefCell::default(),
    };
    Client::new(script, RetryPolicy { max_retries: 3, factor: 1.0 })
}

fn budget(total_ms: u32) -> Budget {
    Budget::new(1_000.0, total_ms, Log::new(Level::Error, "id".to_owned()))
}

fn ping(client: &Client<Script>, budget: &Budget) -> Result<Reply, UpstashError> {
    run(client.command(budget, Command::new("PING")))
}

const PONG: Step = (2, Ok((200, r#"{"result":"PONG"}"#)));
const DOWN: Step = (1, Err(ExchangeFault::Unreachable));

#[test]
fn a_command_goes_to_the_root_and_a_pipeline_to_its_own_path() {
    let client = client([PONG, (2, Ok((200, r#"[{"result":1},{"result":2}]"#)))]);
    let budget = budget(5_000);
    assert_eq!(ping(&client, &budget).unwrap().value(), Ok(Value::Text("PONG".into())));
    let commands = [Command::new("SCARD").key("pools"), Command::new("DBSIZE")];
    let reply = run(client.pipeline(&budget, &commands)).unwrap();
    assert_eq!(reply.items(2).unwrap(), [Ok(Value::Integer(1)), Ok(Value::Integer(2))]);
    assert_eq!(
        *client.exchange.sent.borrow(),
        [("/", r#"["PING"]"#.to_owned()), ("/pipeline", r#"[["SCARD","pools"],["DBSIZE"]]"#.to_owned())]
    );
    let spent = budget.spent();
    assert_eq!((spent.requests.get(), spent.commands.get()), (2, 3));
    assert_eq!((spent.bytes_sent.get(), spent.bytes_received.get()), (8 + 30, 17 + 27));
}

#[test]
fn passing_faults_are_tried_again_with_doubling_waits() {
    let client = client([DOWN, (1, Ok((503, "<html>"))), (1, Ok((200, "error code: 1016"))), PONG]);
    let budget = budget(5_000);
    assert!(ping(&client, &budget).is_ok());
    assert_eq!(*client.exchange.slept_ms.borrow(), [50, 100, 200]);
    assert_eq!((budget.spent().requests.get(), budget.spent().commands.get()), (4, 4));
}

#[test]
fn retries_end_and_the_error_counts_the_tries() {
    let client = client([DOWN; 4]);
    let expected = UpstashError::Unavailable { attempts: 4, outage: Outage::Unreachable };
    assert_eq!(ping(&client, &budget(5_000)).unwrap_err(), expected);
}

#[test]
fn html_until_the_end_is_an_invalid_reply() {
    let client = client([(1, Ok((200, "<html>"))); 4]);
    assert_eq!(ping(&client, &budget(5_000)).unwrap_err(), UpstashError::Invalid(Oddity::NotJson));
}

#[test]
fn refusals_are_final_at_once() {
    let refusals: [(Step, UpstashError); 5] = [
        ((1, Ok((401, r#"{"error":"WRONGPASS x"}"#))), UpstashError::Auth(AuthFault::TokenRefused)),
        ((1, Ok((400, r#"{"error":"NOPERM x"}"#))), UpstashError::Auth(AuthFault::NoPermission)),
        (
            (1, Ok((400, r#"{"error":"ERR max requests limit exceeded. Limit: 1"}"#))),
            UpstashError::Unavailable { attempts: 1, outage: Outage::Quota },
        ),
        (
            (1, Ok((400, r#"{"error":"ERR unknown command"}"#))),
            UpstashError::Invalid(Oddity::Refused("ERR".to_owned())),
        ),
        ((1, Err(ExchangeFault::TooLarge)), UpstashError::Invalid(Oddity::TooLarge)),
    ];
    for (step, expected) in refusals {
        let client = client([step]);
        assert_eq!(ping(&client, &budget(5_000)).unwrap_err(), expected);
        assert!(client.exchange.slept_ms.borrow().is_empty());
    }
}

#[test]
fn a_silent_server_costs_the_budget_and_no_more() {
    let client = client([(60_000, Ok((200, "{}")))]);
    assert_eq!(ping(&client, &budget(300)).unwrap_err(), UpstashError::Timeout { deadline_ms: 300 });
    assert_eq!(client.exchange.now_ms(), 1_300.0);
}

#[test]
fn calls_of_one_request_share_its_deadline() {
    let client = client([(200, Ok((200, r#"{"result":"PONG"}"#))), (200, Ok((200, r#"{"result":"PONG"}"#)))]);
    let budget = budget(300);
    assert!(ping(&client, &budget).is_ok());
    assert_eq!(ping(&client, &budget).unwrap_err(), UpstashError::Timeout { deadline_ms: 300 });
    // Time is up: nothing more is sent.
    assert_eq!(ping(&client, &budget).unwrap_err(), UpstashError::Timeout { deadline_ms: 300 });
    assert_eq!(budget.spent().requests.get(), 2);
}

#[test]
fn no_wait_reaches_beyond_the_deadline() {
    // 140 ms: try, wait 50, try, then a wait of 100 would end after the deadline.
    let client = client([DOWN, DOWN]);
    let expected = UpstashError::Unavailable { attempts: 2, outage: Outage::Unreachable };
    assert_eq!(ping(&client, &budget(140)).unwrap_err(), expected);
    assert_eq!(*client.exchange.slept_ms.borrow(), [50]);
}

#[test]
fn a_debug_line_names_command_and_counts_but_no_key() {
    let line = CallLine { command: "MGET", keys: 2, attempt: 1, ms: 3, outcome: "ok", bytes: 9 };
    assert_eq!(
        serde_json::to_string(&line).unwrap(),
        r#"{"command":"MGET","keys":2,"attempt":1,"ms":3,"outcome":"ok","bytes":9}"#
    );
}
