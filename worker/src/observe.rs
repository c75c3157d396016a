//! What operators see: request ids, log levels, and one JSON line per event.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use crate::error::ApiError;

/// How much is written to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// Reads the name of a level in any case; `warning` is the name other stacks use.
    pub fn parse(name: &str) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("warning") {
            return Some(Self::Warn);
        }
        [Self::Debug, Self::Info, Self::Warn, Self::Error].into_iter().find(|level| is(level.as_str()))
    }
}

/// Makes an id for one request: 16 random bytes in hex.
///
/// An id sent by the client is never taken over, so that two requests cannot be made to look like one.
pub fn new_request_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without a random source requests share the zero id: worse logs, but still answers.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The log of one request: every line carries the request's id.
#[derive(Debug, Clone)]
pub struct Log {
    level: Level,
    request_id: String,
}

impl Log {
    pub fn new(level: Level, request_id: String) -> Self {
        Self { level, request_id }
    }

    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Whether lines of this level are written. Ask before gathering facts on a hot path.
    pub fn writes(&self, level: Level) -> bool {
        level >= self.level
    }

    /// Writes `{"level", "event", "request_id", ...facts}` as one line.
    pub fn write(&self, level: Level, event: &str, facts: &impl Serialize) {
        if !self.writes(level) {
            return;
        }
        let line = line(level, event, &self.request_id, facts);
        match level {
            Level::Debug => worker::console_debug!("{line}"),
            Level::Info => worker::console_log!("{line}"),
            Level::Warn => worker::console_warn!("{line}"),
            Level::Error => worker::console_error!("{line}"),
        }
    }
}

impl Log {
    /// Notes that a quote could not be written to the data set; the client has it all the same.
    pub fn analytics_fault(&self) {
        #[derive(Serialize)]
        struct Fault {}
        self.write(Level::Warn, "analytics", &Fault {});
    }

    /// Notes that a background look at the topology failed; the next request that needs it will tell the client.
    pub fn topology_fault(&self, code: &'static str) {
        #[derive(Serialize)]
        struct Fault {
            code: &'static str,
        }
        self.write(Level::Warn, "topology", &Fault { code });
    }
}

fn line(level: Level, event: &str, request_id: &str, facts: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<'a, F> {
        level: &'static str,
        event: &'a str,
        request_id: &'a str,
        #[serde(flatten)]
        facts: &'a F,
    }
    serde_json::to_string(&Line { level: level.as_str(), event, request_id, facts }).unwrap_or_default()
}

/// The facts of the line that closes every request.
#[derive(Debug, Default, Serialize)]
pub struct RequestLine<'a> {
    pub method: &'a str,
    /// The path without its query, which may hold whatever a client put there.
    #[serde(serialize_with = "cut_path")]
    pub path: &'a str,
    pub status: u16,
    /// Error code of the answer.
    pub code: Option<&'static str>,
    /// What went wrong, for faults on our side only: what a client got wrong is in its answer.
    pub message: Option<&'a str>,
    pub ms: u64,
    pub redis_requests: u32,
    pub redis_commands: u32,
    pub redis_bytes: u64,
}

impl<'a> RequestLine<'a> {
    /// A line with what this error adds to it.
    pub fn of_error(error: Option<&'a ApiError>) -> Self {
        let fault = error.filter(|error| error.code.status() >= 500);
        Self {
            code: error.map(|error| error.code.as_str()),
            message: fault.map(|error| error.message.as_ref()),
            ..Self::default()
        }
    }

    /// Faults on our side are errors; all else is the day's work.
    pub fn level(&self) -> Level {
        if self.status >= 500 { Level::Error } else { Level::Info }
    }
}

/// Longest path that is logged, in bytes.
const LOGGED_PATH: usize = 200;

/// Cuts a path for the log, at a character boundary.
fn cut_path<S: Serializer>(path: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let cut = path.get(..path.floor_char_boundary(LOGGED_PATH)).unwrap_or_default();
    serializer.serialize_str(cut)
}

/// Reports panics through `console_error_panic_hook`, then lets the hook before it run.
///
/// That hook is the one `worker` installs: it marks the wasm instance as broken so that the next request gets
/// a fresh one. `console_error_panic_hook::set_once` alone would replace it.
pub fn install_panic_hook() {
    let earlier = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        console_error_panic_hook::hook(info);
        earlier(info);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn request_ids_are_32_hex_digits_and_differ() {
        let (a, b) = (new_request_id(), new_request_id());
        assert_eq!(a.len(), 32);
        assert!(a.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c)));
        assert_ne!(a, b);
    }

    #[test]
    fn a_level_writes_itself_and_what_is_more_severe() {
        let log = Log::new(Level::Warn, String::new());
        assert!(!log.writes(Level::Debug) && !log.writes(Level::Info));
        assert!(log.writes(Level::Warn) && log.writes(Level::Error));
    }

    #[test]
    fn levels_are_read_in_any_case() {
        assert_eq!(Level::parse("INFO"), Some(Level::Info));
        assert_eq!(Level::parse("Warning"), Some(Level::Warn));
        assert_eq!(Level::parse("verbose"), None);
    }

    #[test]
    fn a_line_is_one_flat_json_object() {
        let line = line(Level::Error, "redis", "id", &serde_json::json!({ "command": "MGET", "keys": 3 }));
        assert_eq!(line, r#"{"level":"error","event":"redis","request_id":"id","command":"MGET","keys":3}"#);
    }

    #[test]
    fn the_line_of_a_request_tells_the_code_and_the_cause_of_our_own_faults() {
        let error = ApiError::new(Code::RedisUnavailable, "Redis could not be reached.");
        let line = RequestLine {
            method: "GET",
            path: "/quote\"\n",
            status: 503,
            ms: 12,
            redis_requests: 4,
            redis_commands: 4,
            ..RequestLine::of_error(Some(&error))
        };
        assert_eq!(line.level(), Level::Error);
        assert_eq!(
            serde_json::to_string(&line).unwrap(),
            r#"{"method":"GET","path":"/quote\"\n","status":503,"code":"REDIS_UNAVAILABLE","message":"Redis could not be reached.","ms":12,"redis_requests":4,"redis_commands":4,"redis_bytes":0}"#
        );
    }

    #[test]
    fn what_a_client_sent_wrong_is_no_fault_of_ours() {
        let error = ApiError::invalid_request("amount_in", "amount_in is not a number.");
        let line = RequestLine { status: 400, ..RequestLine::of_error(Some(&error)) };
        assert_eq!((line.level(), line.code, line.message), (Level::Info, Some("INVALID_REQUEST"), None));
    }

    #[test]
    fn a_long_path_is_cut_at_a_character() {
        let logged = |path: &str| {
            let line = serde_json::to_value(RequestLine { path, ..RequestLine::default() }).unwrap();
            line["path"].as_str().unwrap().len()
        };
        assert_eq!(logged(&"é".repeat(150)), 200);
        assert_eq!(logged(&("/".to_owned() + &"é".repeat(150))), 199);
        assert_eq!(logged("/quote"), 6);
    }
}
