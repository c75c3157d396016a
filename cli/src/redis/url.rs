//! Redis as a URL: `redis://[user:password@]host[:port][/db][?db=N&ssl=true]`.

use redis::{ConnectionAddr, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo, parse_redis_url};

use crate::usage::UsageError;

/// What a URL says.
pub(crate) struct RedisUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
    pub(crate) login: RedisConnectionInfo,
}

impl RedisUrl {
    /// Reads a URL. Nothing in it is passed over, and nothing of it is repeated: it may hold a password.
    pub(crate) fn read(text: &str) -> Result<Self, UsageError> {
        // The library's own error is dropped on purpose: it may quote the URL, and with it the password.
        let unreadable = || wrong("must look like redis://host:6379/0 or rediss://host:6379/0");
        let url = parse_redis_url(text).ok_or_else(unreadable)?;
        let given = Parameters::read(url.query_pairs())?;
        let mut plain = url.clone();
        plain.set_query(None);
        let info = plain.into_connection_info().map_err(|_| unreadable())?;
        let (host, port, tls) = match info.addr() {
            ConnectionAddr::Tcp(host, port) => (host.clone(), *port, false),
            ConnectionAddr::TcpTls { host, port, insecure: false, .. } => (host.clone(), *port, true),
            _ => return Err(unreadable()),
        };
        if url.fragment().is_some() {
            return Err(wrong("has something behind a #, which means nothing here"));
        }
        let mut login = info.redis_settings().clone();
        // Redis is told a name together with a password or not at all, so the name would be left out without a word. An
        // empty password is none: by the URL standard `user:@` is `user@`.
        if login.username().is_some() && login.password().is_none_or(str::is_empty) {
            return Err(wrong(
                "names a user but no password, so nobody would log in: write redis://user:password@host (a user that \
                 needs none takes any), or redis://:password@host for a password alone",
            ));
        }
        if let Some(db) = given.db {
            if !matches!(url.path(), "" | "/") && login.db() != db {
                return Err(wrong("names two databases, in its path and as db"));
            }
            login = login.set_db(db);
        }
        if tls && given.ssl == Some(false) {
            return Err(wrong("says rediss:// and ssl=false"));
        }
        Ok(Self { host, port, tls: tls || given.ssl == Some(true), login })
    }
}

/// What may stand behind the `?`.
#[derive(Default)]
struct Parameters {
    db: Option<i64>,
    ssl: Option<bool>,
}

impl Parameters {
    fn read<N: AsRef<str>>(pairs: impl Iterator<Item = (N, N)>) -> Result<Self, UsageError> {
        let mut given = Self::default();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            let twice = match name {
                "db" => {
                    let db = value.parse().ok().filter(|db| *db >= 0);
                    given.db.replace(db.ok_or_else(|| wrong("must have a whole number as db"))?).is_some()
                }
                "ssl" => given.ssl.replace(yes_or_no("ssl in --redis (or REDIS_URL)", value)?).is_some(),
                // A password with a question mark in it may look like a name.
                _ if name.len() > 32
                    || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) =>
                {
                    return Err(wrong("has a parameter that is not known here; db and ssl are"));
                }
                _ => {
                    return Err(wrong(&format!(
                        "has the parameter {name}, which is not known here; db and ssl are"
                    )));
                }
            };
            if twice {
                return Err(wrong(&format!("has the parameter {name} twice")));
            }
        }
        Ok(given)
    }
}

pub(crate) fn wrong(how: &str) -> UsageError {
    UsageError(format!("--redis (or REDIS_URL) {how}"))
}

/// RESP2 keeps every reply in the shapes that Upstash gives: no maps, doubles or booleans.
pub(crate) fn plain_resp2(login: RedisConnectionInfo) -> RedisConnectionInfo {
    login.set_protocol(ProtocolVersion::RESP2).set_skip_set_lib_name()
}

/// Reads a setting that is on or off.
pub(crate) fn yes_or_no(name: &str, text: &str) -> Result<bool, UsageError> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(UsageError(format!("{name} must be true or false"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> (String, u16, bool, i64) {
        let RedisUrl { host, port, tls, login } = RedisUrl::read(url).unwrap();
        (host, port, tls, login.db())
    }

    fn refused(url: &str) -> String {
        RedisUrl::read(url).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn honours_db_and_ssl() {
        for (url, expected) in [
            ("redis://h:1", (false, 0)),
            ("redis://h:1?db=3", (false, 3)),
            ("redis://h:1/?db=3", (false, 3)),
            ("redis://h:1/3?db=3", (false, 3)),
            ("redis://h:1?ssl=true", (true, 0)),
            ("redis://h:1/2?ssl=True", (true, 2)),
            ("redis://h:1?ssl=false&db=4", (false, 4)),
            ("rediss://h:1?ssl=true&db=5", (true, 5)),
            ("valkey://h:1?ssl=1", (true, 0)),
        ] {
            assert_eq!(read(url), ("h".to_owned(), 1, expected.0, expected.1), "{url}");
        }
        assert_eq!(read("redis://h?ssl=true").1, 6379);
    }

    #[test]
    fn refuses_every_other_parameter_by_its_name() {
        for (url, name) in [
            ("redis://h?timeout=5", "parameter timeout"),
            ("redis://h?protocol=resp3", "parameter protocol"),
            ("redis://h?DB=3", "parameter DB"),
            ("redis://h?ssl=true&ssl_cert_reqs=none", "parameter ssl_cert_reqs"),
            ("redis://h?db=1&db=1", "parameter db twice"),
            ("redis://h/1?db=2", "two databases"),
            ("redis://h?db=", "whole number as db"),
            ("redis://h?db=-1", "whole number as db"),
            ("redis://h?db=one", "whole number as db"),
            ("redis://h?ssl=maybe", "ssl in --redis"),
            ("redis://h?ssl", "ssl in --redis"),
            ("rediss://h?ssl=false", "rediss:// and ssl=false"),
            ("redis://h#x", "behind a #"),
            ("rediss://h#insecure", "must look like"),
        ] {
            let text = refused(url);
            assert!(text.starts_with("--redis") || text.starts_with("ssl in --redis"), "{text}");
            assert!(text.contains(name), "{url}: {text}");
        }
    }

    #[test]
    fn takes_a_user_with_a_password_or_none_at_all() {
        for (url, user, password) in [
            ("redis://h", None, None),
            ("redis://@h", None, None),
            ("redis://:@h", None, None),
            ("redis://:pw@h", None, Some("pw")),
            ("redis://bot:pw@h", Some("bot"), Some("pw")),
            ("redis://b%40t:p%3Aw%25@h", Some("b@t"), Some("p:w%")),
            ("redis://bot:p@w@h", Some("bot"), Some("p@w")),
            ("redis://:%20@h", None, Some(" ")),
        ] {
            let login = RedisUrl::read(url).unwrap().login;
            assert_eq!((login.username(), login.password()), (user, password), "{url}");
        }
        for url in [
            "redis://hunter2@h",
            "redis://hunter2:@h",
            "redis://hunter%32@h",
            "rediss://hunter2@h:1/2?db=2",
            "valkey://hunter2@h",
        ] {
            let text = refused(url);
            assert!(text.starts_with("--redis (or REDIS_URL) names a user but no password"), "{url}: {text}");
            assert!(!text.contains("hunter"), "{text}");
        }
    }

    #[test]
    fn repeats_nothing_that_may_be_a_secret() {
        for url in [
            "redis://:pa?hunter2@host",
            "redis://host?x=hunter2",
            "redis://host?hunter2/word",
            "redis://host?ssl=hunter2",
            "redis://host?db=hunter2",
            "redis://host#hunter2",
            "redis://:hunter2@host/db",
        ] {
            assert!(!refused(url).contains("hunter2"), "{}", refused(url));
        }
    }
}
