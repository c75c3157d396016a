//! What went wrong with Redis, as facts: no error holds a login, a URL or a stored value.

use std::fmt;

use redis::{Cmd, ErrorKind, RedisError};

use crate::redis_connection::ConnectError;

/// A call to Redis that gave no usable reply.
#[derive(Debug)]
pub(crate) enum RedisFault {
    /// No connection.
    Connect(ConnectError),
    /// Redis answered with an error; `word` is its first word, such as NOPERM.
    Refused { command: String, word: String },
    /// No reply in time.
    NoAnswer { command: String },
    /// The connection broke.
    Lost { command: String },
    /// A reply of another shape than the command gives.
    Odd { command: String },
}

impl RedisFault {
    /// What became of a command.
    pub(crate) fn of(command: &Cmd, error: &RedisError) -> Self {
        let command = name_of(command);
        if error.is_timeout() {
            return Self::NoAnswer { command };
        }
        match (error.code(), error.kind()) {
            (Some(word), _) => Self::Refused { command, word: word.to_owned() },
            (None, ErrorKind::UnexpectedReturnType | ErrorKind::Parse) => Self::Odd { command },
            (None, _) => Self::Lost { command },
        }
    }

    /// Whether the user lacks the right to this one command, so that another way may be open.
    pub(crate) fn is_no_permission(&self) -> bool {
        matches!(self, Self::Refused { word, .. } if word == "NOPERM")
    }

    /// Whether the key holds another type than the command is for.
    pub(crate) fn is_wrong_type(&self) -> bool {
        matches!(self, Self::Refused { word, .. } if word == "WRONGTYPE")
    }

    /// Whether a new connection may serve where this one failed.
    pub(crate) fn breaks_connection(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::NoAnswer { .. } | Self::Lost { .. })
    }

    /// The code of the API's error table.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Connect(error) if error.is_login_refused() => "REDIS_AUTH",
            Self::Connect(error) if error.is_time_out() => "REDIS_TIMEOUT",
            Self::Connect(_) | Self::Lost { .. } => "REDIS_UNAVAILABLE",
            Self::NoAnswer { .. } => "REDIS_TIMEOUT",
            Self::Refused { word, .. } => match word.as_str() {
                "NOPERM" | "NOAUTH" | "WRONGPASS" => "REDIS_AUTH",
                "LOADING" | "BUSY" | "MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN" => "REDIS_UNAVAILABLE",
                _ => "UPSTREAM_INVALID",
            },
            Self::Odd { .. } => "UPSTREAM_INVALID",
        }
    }
}

fn name_of(command: &Cmd) -> String {
    match command.args_iter().next() {
        Some(redis::Arg::Simple(name)) => String::from_utf8_lossy(name).into_owned(),
        _ => "a command".to_owned(),
    }
}

impl From<ConnectError> for RedisFault {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

impl fmt::Display for RedisFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Refused { command, word } if word == "NOPERM" => {
                write!(f, "this Redis user may not run {command} here (NOPERM)")
            }
            Self::Refused { command, word } => write!(f, "Redis refused {command} with {word}"),
            Self::NoAnswer { command } => write!(f, "Redis did not answer {command} in time"),
            Self::Lost { command } => write!(f, "the connection to Redis broke during {command}"),
            Self::Odd { command } => write!(f, "Redis answered {command} with something unexpected"),
        }
    }
}

impl std::error::Error for RedisFault {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(word: &str) -> RedisFault {
        RedisFault::Refused { command: "MGET".to_owned(), word: word.to_owned() }
    }

    #[test]
    fn the_first_word_decides_on_the_code() {
        let codes = ["NOPERM", "WRONGPASS", "LOADING", "WRONGTYPE", "ERR"].map(|word| refused(word).code());
        let expected =
            ["REDIS_AUTH", "REDIS_AUTH", "REDIS_UNAVAILABLE", "UPSTREAM_INVALID", "UPSTREAM_INVALID"];
        assert_eq!(codes, expected);
        assert!(refused("NOPERM").is_no_permission() && !refused("NOAUTH").is_no_permission());
    }

    #[test]
    fn names_the_command_and_none_of_its_arguments() {
        let mut command = redis::cmd("SET");
        command.arg("secret-key").arg("secret-value");
        let error = RedisError::from((ErrorKind::UnexpectedReturnType, "secret-key"));
        let text = RedisFault::of(&command, &error).to_string();
        assert_eq!(text, "Redis answered SET with something unexpected");
    }
}
