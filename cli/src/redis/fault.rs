//! What went wrong with Redis, as facts: no error holds a login, a URL or a stored value.

use std::fmt;

use redis::{Cmd, ErrorKind, Pipeline, RedisError};

use crate::redis::connection::ConnectError;

/// A call to Redis that gave no usable reply.
#[derive(Debug)]
pub(crate) enum RedisFault {
    /// No connection.
    Connect(ConnectError),
    /// Redis answered with an error; `word` is its first word, such as NOPERM, `said` what follows.
    Refused { command: String, word: String, said: String },
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
        Self::named(name_of(command), error)
    }

    /// What became of commands of one round trip: what Redis said of the first that it refused. Of a `MULTI` it says at the
    /// end only that nothing was done (`EXECABORT`). `name` stands for all of them where none is to blame.
    pub(crate) fn of_pipeline(pipeline: &Pipeline, name: &str, error: &RedisError) -> Self {
        let refused = error.clone().into_server_errors().and_then(|errors| errors.first().cloned());
        let Some((at, said)) = refused else { return Self::named(name.to_owned(), error) };
        let command = pipeline.cmd_iter().nth(at).map_or_else(|| name.to_owned(), name_of);
        let words = said.details().map(until_quoted).unwrap_or_default();
        Self::Refused { command, word: said.code().to_owned(), said: words }
    }

    fn named(command: String, error: &RedisError) -> Self {
        if error.is_timeout() {
            return Self::NoAnswer { command };
        }
        match (error.code(), error.kind()) {
            (Some(word), _) => {
                let said = error.detail().map(until_quoted).unwrap_or_default();
                Self::Refused { command, word: word.to_owned(), said }
            }
            (None, ErrorKind::UnexpectedReturnType | ErrorKind::Parse) => Self::Odd { command },
            (None, _) => Self::Lost { command },
        }
    }

    /// Whether the user lacks the right to this one command, so that another way may be open.
    pub(crate) fn is_no_permission(&self) -> bool {
        matches!(self, Self::Refused { word, .. } if word == "NOPERM")
    }

    /// Whether this command is refused as such, to this user or by a Redis that does not know it, and others may pass.
    pub(crate) fn is_about_the_command(&self) -> bool {
        matches!(self, Self::Refused { word, .. } if matches!(word.as_str(), "NOPERM" | "ERR"))
    }

    /// Whether the key holds another type than the command is for.
    pub(crate) fn is_wrong_type(&self) -> bool {
        matches!(self, Self::Refused { word, .. } if word == "WRONGTYPE")
    }

    /// Whether Redis is a cluster, which cannot serve keys of several slots together.
    pub(crate) fn is_cluster(&self) -> bool {
        const WORDS: [&str; 5] = ["MOVED", "ASK", "CROSSSLOT", "CLUSTERDOWN", "TRYAGAIN"];
        matches!(self, Self::Refused { word, .. } if WORDS.contains(&word.as_str()))
    }

    /// What Redis said, where it refused: its first word for a cluster, whose words name other nodes.
    pub(crate) fn reason(&self) -> Option<String> {
        match self {
            Self::Refused { word, .. } if self.is_cluster() => Some(word.clone()),
            Self::Refused { word, said, .. } => Some(format!("{word} {said}").trim_end().to_owned()),
            _ => None,
        }
    }

    /// Whether a new connection may serve where this one failed: what was the primary may be a replica now.
    pub(crate) fn breaks_connection(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::NoAnswer { .. } | Self::Lost { .. })
            || matches!(self, Self::Refused { word, .. } if word == "READONLY")
    }

    /// The code of the API's error table.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Connect(error) if error.is_login_refused() => "REDIS_AUTH",
            Self::Connect(error) if error.is_time_out() => "REDIS_TIMEOUT",
            Self::Connect(_) | Self::Lost { .. } => "REDIS_UNAVAILABLE",
            Self::NoAnswer { .. } => "REDIS_TIMEOUT",
            Self::Refused { word, said, .. } => match word.as_str() {
                "NOPERM" | "NOAUTH" | "WRONGPASS" => "REDIS_AUTH",
                "LOADING" | "BUSY" | "MASTERDOWN" | "NOREPLICAS" | "OOM" | "MISCONF" => "REDIS_UNAVAILABLE",
                "ERR" if said.starts_with("max number of clients") => "REDIS_UNAVAILABLE",
                "WRONGTYPE" => "UPSTREAM_INVALID",
                _ if self.is_cluster() => "CLUSTER_UNSUPPORTED",
                _ => "UPSTREAM_REFUSED",
            },
            Self::Odd { .. } => "UPSTREAM_INVALID",
        }
    }
}

/// What a state of the server means, where it refuses because of it.
fn meaning(word: &str) -> Option<&'static str> {
    Some(match word {
        "READONLY" => "it is a replica, and only the primary takes writes",
        "OOM" => "it has used all the memory it may use (maxmemory)",
        "MISCONF" => "it takes no writes because it could not save to its disk",
        "LOADING" => "it is still loading its data",
        "BUSY" => "a script keeps it busy",
        "MASTERDOWN" => "it is a replica that has lost its primary",
        "NOREPLICAS" => "it takes no writes because too few replicas are connected",
        _ => return None,
    })
}

/// Words of what Redis said that are shown.
const SHOWN: usize = 20;

/// What Redis said, up to where it begins to quote what it was sent: words of letters only.
fn until_quoted(detail: &str) -> String {
    let is_word =
        |word: &&str| (1..=16).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    detail.split(' ').take_while(is_word).take(SHOWN).collect::<Vec<_>>().join(" ")
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
            Self::Refused { command, word, .. } if word == "NOPERM" => {
                write!(f, "this Redis user may not run {command} here (NOPERM)")
            }
            Self::Refused { command, word, .. } if self.is_cluster() => write!(
                f,
                "Redis is a cluster ({command} was refused with {word}), and a quote reads keys that it keeps on several nodes in one command; use a Redis without cluster mode (cluster-enabled no)"
            ),
            Self::Refused { command, word, .. } => match meaning(word) {
                Some(meaning) => write!(f, "Redis refused {command}: {meaning} ({word})"),
                None => write!(f, "Redis refused {command} with {}", self.reason().unwrap_or_default()),
            },
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

    fn refused(text: &str) -> RedisFault {
        let (word, said) = text.split_once(' ').unwrap_or((text, ""));
        RedisFault::Refused { command: "MGET".to_owned(), word: word.to_owned(), said: until_quoted(said) }
    }

    #[test]
    fn the_first_word_decides_on_the_code() {
        for (text, code) in [
            ("NOPERM x", "REDIS_AUTH"),
            ("WRONGPASS x", "REDIS_AUTH"),
            ("LOADING Redis is loading the dataset in memory", "REDIS_UNAVAILABLE"),
            ("OOM command not allowed when used memory > 'maxmemory'.", "REDIS_UNAVAILABLE"),
            ("MISCONF Redis is configured to save RDB snapshots", "REDIS_UNAVAILABLE"),
            ("ERR max number of clients reached", "REDIS_UNAVAILABLE"),
            ("WRONGTYPE x", "UPSTREAM_INVALID"),
            ("ERR unknown command 'X'", "UPSTREAM_REFUSED"),
            ("READONLY You can't write against a read only replica.", "UPSTREAM_REFUSED"),
            ("MOVED 3999 127.0.0.1:6381", "CLUSTER_UNSUPPORTED"),
            ("ASK 3999 127.0.0.1:6381", "CLUSTER_UNSUPPORTED"),
            ("CROSSSLOT Keys in request don't hash to the same slot", "CLUSTER_UNSUPPORTED"),
            ("CLUSTERDOWN The cluster is down", "CLUSTER_UNSUPPORTED"),
            ("TRYAGAIN Multiple keys request during rehashing of slot", "CLUSTER_UNSUPPORTED"),
        ] {
            assert_eq!(refused(text).code(), code, "{text}");
        }
        assert!(refused("NOPERM").is_no_permission() && !refused("NOAUTH").is_no_permission());
    }

    #[test]
    fn tells_what_redis_said_and_neither_arguments_nor_addresses() {
        let told = refused("ERR unknown command 'X', with args beginning with: 'secret'").reason();
        assert_eq!(told.as_deref(), Some("ERR unknown command"));
        let moved = refused("MOVED 3999 127.0.0.1:6381");
        assert_eq!(moved.reason().as_deref(), Some("MOVED"));
        assert!(!moved.to_string().contains("127.0.0.1") && moved.to_string().contains("cluster-enabled no"));
    }

    #[test]
    fn a_state_of_the_server_is_told_in_words() {
        let told = refused("READONLY You can't write against a read only replica.").to_string();
        assert_eq!(told, "Redis refused MGET: it is a replica, and only the primary takes writes (READONLY)");
        assert_eq!(refused("ERR syntax error").to_string(), "Redis refused MGET with ERR syntax error");
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
