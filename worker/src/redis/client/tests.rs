use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::super::caller::Caller;
use super::super::error::{AuthFault, Oddity, Outage};
use super::super::exchange::{ExchangeFault, HttpReply};
use super::super::session::Session;
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
    type Body = Vec<u8>;

    fn body(&self, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    async fn post(
        &self,
        path: &'static str,
        body: &Vec<u8>,
        timeout_ms: u32,
        _caller: &Caller,
    ) -> Result<HttpReply, ExchangeFault> {
        self.sent.borrow_mut().push((path, String::from_utf8(body.clone()).unwrap()));
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

    async fn sleep_ms(&self, ms: u32, _caller: &Caller) {
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
    let breaker = BreakerPolicy { faults: 2, cool_down_ms: 1_000 };
    Client::new(script, RetryPolicy { max_retries: 3, factor: 1.0 }, breaker)
}

fn budget(total_ms: u32) -> Budget {
    Budget::new(1_000.0, total_ms, Log::new(Level::Error, "id".to_owned()))
}

fn ping(client: &Client<Script>, budget: &Budget) -> Result<Reply, RedisError> {
    run(Session::new(client, budget).command(Command::new("PING")))
}

const PONG: Step = (2, Ok((200, r#"{"result":"PONG"}"#)));
const DOWN: Step = (1, Err(ExchangeFault::Unreachable));

#[test]
fn a_command_goes_to_the_root_and_a_pipeline_to_its_own_path() {
    let client = client([PONG, (2, Ok((200, r#"[{"result":1},{"result":2}]"#)))]);
    let budget = budget(5_000);
    assert_eq!(ping(&client, &budget).unwrap().value(), Ok(Value::Text("PONG".into())));
    let commands = vec![Command::new("SCARD").key("pools"), Command::new("DBSIZE")];
    let reply = run(Session::new(&client, &budget).pipeline(commands)).unwrap();
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
    let expected = RedisError::Unavailable { attempts: 4, outage: Outage::Unreachable };
    assert_eq!(ping(&client, &budget(5_000)).unwrap_err(), expected);
}

#[test]
fn html_until_the_end_is_an_invalid_reply() {
    let client = client([(1, Ok((200, "<html>"))); 4]);
    assert_eq!(ping(&client, &budget(5_000)).unwrap_err(), RedisError::Invalid(Oddity::NotJson));
}

#[test]
fn refusals_are_final_at_once() {
    let refusals: [(Step, RedisError); 5] = [
        ((1, Ok((401, r#"{"error":"WRONGPASS x"}"#))), RedisError::Auth(AuthFault::TokenRefused)),
        ((1, Ok((400, r#"{"error":"NOPERM x"}"#))), RedisError::Auth(AuthFault::NoPermission)),
        (
            (1, Ok((400, r#"{"error":"ERR max requests limit exceeded. Limit: 1"}"#))),
            RedisError::Unavailable { attempts: 1, outage: Outage::Quota },
        ),
        (
            (1, Ok((400, r#"{"error":"ERR unknown command"}"#))),
            RedisError::Refused("ERR unknown command".to_owned()),
        ),
        ((1, Err(ExchangeFault::TooLarge)), RedisError::Invalid(Oddity::TooLarge)),
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
    assert_eq!(ping(&client, &budget(300)).unwrap_err(), RedisError::Timeout { deadline_ms: 300 });
    assert_eq!(client.exchange.now_ms(), 1_300.0);
}

#[test]
fn calls_of_one_request_share_its_deadline() {
    let client = client([(200, Ok((200, r#"{"result":"PONG"}"#))), (200, Ok((200, r#"{"result":"PONG"}"#)))]);
    let budget = budget(300);
    assert!(ping(&client, &budget).is_ok());
    assert_eq!(ping(&client, &budget).unwrap_err(), RedisError::Timeout { deadline_ms: 300 });
    // Time is up: nothing more is sent.
    assert_eq!(ping(&client, &budget).unwrap_err(), RedisError::Timeout { deadline_ms: 300 });
    assert_eq!(budget.spent().requests.get(), 2);
}

#[test]
fn no_wait_reaches_beyond_the_deadline() {
    // 140 ms: try, wait 50, try, then a wait of 100 would end after the deadline.
    let client = client([DOWN, DOWN]);
    let expected = RedisError::Unavailable { attempts: 2, outage: Outage::Unreachable };
    assert_eq!(ping(&client, &budget(140)).unwrap_err(), expected);
    assert_eq!(*client.exchange.slept_ms.borrow(), [50]);
}

/// What became of a ping at this time, with a budget of its own.
fn ping_at(client: &Client<Script>, now_ms: f64) -> Result<(), RedisError> {
    client.exchange.clock_ms.set(now_ms);
    let budget = Budget::new(now_ms, 5_000, Log::new(Level::Error, "id".to_owned()));
    ping(client, &budget).map(drop)
}

fn kept_back(retry_after_ms: u32) -> Result<(), RedisError> {
    Err(RedisError::Unavailable { attempts: 0, outage: Outage::BreakerOpen { retry_after_ms } })
}

#[test]
fn calls_without_an_answer_open_the_breaker_and_a_probe_of_one_try_closes_it() {
    let client = client([[DOWN; 8].as_slice(), &[DOWN, PONG, PONG]].concat());
    let unreachable = |attempts| Err(RedisError::Unavailable { attempts, outage: Outage::Unreachable });
    assert_eq!(ping_at(&client, 0.0), unreachable(4));
    assert_eq!(ping_at(&client, 1_000.0), unreachable(4), "the tries of one call count once");
    let opened_ms = client.exchange.now_ms();
    assert_eq!(ping_at(&client, opened_ms + 1.0), kept_back(999));
    assert_eq!(client.exchange.sent.borrow().len(), 8, "nothing was sent");
    assert_eq!(ping_at(&client, opened_ms + 1_000.0), unreachable(1));
    assert_eq!(ping_at(&client, opened_ms + 1_500.0), kept_back(501));
    assert_eq!(ping_at(&client, opened_ms + 2_001.0), Ok(()));
    assert_eq!(ping_at(&client, opened_ms + 2_001.0), Ok(()));
    let BreakerReport { state, faults, opened, refused } = client.breaker();
    assert_eq!((state, faults, opened, refused), ("closed", 0, 1, 2));
}

#[test]
fn a_refusal_shows_that_redis_is_there() {
    let refused: Step = (1, Ok((401, r#"{"error":"WRONGPASS x"}"#)));
    let client = client([[DOWN; 4].as_slice(), &[refused], &[DOWN; 4], &[PONG]].concat());
    for now_ms in [0.0, 1_000.0, 2_000.0] {
        assert!(ping_at(&client, now_ms).is_err());
    }
    assert_eq!(client.breaker().faults, 1);
    assert_eq!(ping_at(&client, 3_000.0), Ok(()));
}

#[test]
fn only_a_call_that_had_time_shows_anything_by_running_out_of_it() {
    let silent: Step = (60_000, Ok((200, "{}")));
    let client = client([silent; 3]);
    for (spent_ms, faults) in [(3_000.0, 0), (2_000.0, 1), (4_999.0, 1)] {
        client.exchange.clock_ms.set(1_000.0 + spent_ms);
        assert_eq!(ping(&client, &budget(5_000)).unwrap_err(), RedisError::Timeout { deadline_ms: 5_000 });
        assert_eq!(client.breaker().faults, faults, "{spent_ms} ms were gone");
    }
}

#[test]
fn a_call_whose_client_left_is_given_up_and_no_fault() {
    let client = client([(1, Err(ExchangeFault::Abandoned))]);
    assert_eq!(ping(&client, &budget(5_000)).unwrap_err(), RedisError::Abandoned);
    assert!(client.exchange.slept_ms.borrow().is_empty());
    assert_eq!(client.breaker().faults, 0);
}

#[test]
fn a_debug_line_names_command_and_counts_but_no_key() {
    let line = CallLine { command: "MGET", keys: 2, attempt: 1, ms: 3, outcome: "ok", bytes: 9 };
    assert_eq!(
        serde_json::to_string(&line).unwrap(),
        r#"{"command":"MGET","keys":2,"attempt":1,"ms":3,"outcome":"ok","bytes":9}"#
    );
}
