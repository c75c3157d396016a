//! The log line that closes every request.

use serde::{Serialize, Serializer};

use crate::http::ApiError;
use crate::observe::Level;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Code;

    #[test]
    fn the_line_of_a_request_tells_the_code_and_the_cause_of_our_own_faults() {
        let error = ApiError::new(Code::RedisUnavailable, "Redis could not be reached");
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
            r#"{"method":"GET","path":"/quote\"\n","status":503,"code":"REDIS_UNAVAILABLE","message":"Redis could not be reached","ms":12,"redis_requests":4,"redis_commands":4,"redis_bytes":0}"#
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
