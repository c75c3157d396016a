//! Which Redis a command talks to: `--redis URL`, or the `REDIS_*` settings.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use redis::RedisConnectionInfo;

use crate::redis::sentinel_url::{Node, SentinelUrl, Sentinels};
use crate::redis::url::{RedisUrl, plain_resp2, yes_or_no};
use crate::usage::UsageError;

/// The setting with the sentinels' password.
const SENTINEL_PASSWORD: &str = "REDIS_SENTINEL_PASSWORD";

/// The Redis option, the same for every command.
#[derive(Args)]
pub(crate) struct RedisArgs {
    /// Redis to use: redis://[user:password@]host:port/db, or rediss:// for TLS.
    ///
    /// `?db=N` and `?ssl=true` say the same; any other parameter is refused.
    ///
    /// redis+sentinel://[user:password@]host[:26379],host[:26379]/name[/db] asks Sentinel for the primary of that name, and
    /// again after every failure; rediss+sentinel:// with TLS. REDIS_SENTINEL_PASSWORD is the password of the sentinels.
    ///
    /// Without it REDIS_HOST (localhost), REDIS_PORT (6379), REDIS_DB (0), REDIS_PASSWORD and REDIS_SSL
    /// (false) are read. REDIS_CA_CERT names a PEM file that is trusted instead of the public authorities.
    #[arg(long = "redis", value_name = "URL", env = "REDIS_URL", hide_env_values = true)]
    url: Option<String>,
}

impl RedisArgs {
    /// Reads the option, else the environment.
    pub(crate) fn target(&self) -> Result<RedisTarget, UsageError> {
        RedisTarget::read(self.url.as_deref(), |name| std::env::var(name).ok())
    }

    /// Whether the option stands on the command line; `REDIS_URL` alone does not count.
    pub(crate) fn is_given(&self) -> bool {
        self.url.is_some() && self.url != std::env::var("REDIS_URL").ok()
    }
}

/// One Redis database: address, login and how to trust it.
#[derive(Clone)]
pub(crate) struct RedisTarget {
    /// Who knows where the primary is; host and port are then those of the first of them.
    pub(crate) sentinels: Option<Sentinels>,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
    pub(crate) ca_cert: Option<PathBuf>,
    pub(crate) login: RedisConnectionInfo,
}

impl RedisTarget {
    /// Takes `url` where it is given and not empty, else the settings that `setting` knows.
    ///
    /// An empty setting counts as absent, because container files often carry empty ones.
    fn read(url: Option<&str>, setting: impl Fn(&str) -> Option<String>) -> Result<Self, UsageError> {
        let setting = |name: &str| setting(name).filter(|text| !text.trim().is_empty());
        let ca_cert = setting("REDIS_CA_CERT").map(PathBuf::from);
        if let Some(url) = url.map(str::trim).filter(|url| !url.is_empty()) {
            return Self::from_url(url, ca_cert, setting(SENTINEL_PASSWORD));
        }
        let mut login = RedisConnectionInfo::default();
        if let Some(db) = setting("REDIS_DB") {
            login = login.set_db(whole_number("REDIS_DB", &db)?);
        }
        if let Some(password) = setting("REDIS_PASSWORD") {
            login = login.set_password(password);
        }
        let port = match setting("REDIS_PORT") {
            Some(port) => whole_number("REDIS_PORT", &port)?,
            None => 6379,
        };
        let tls = match setting("REDIS_SSL") {
            Some(ssl) => yes_or_no("REDIS_SSL", &ssl)?,
            None => false,
        };
        let host = setting("REDIS_HOST").unwrap_or_else(|| "localhost".to_owned());
        Ok(Self {
            sentinels: None,
            host: host.trim().to_owned(),
            port,
            tls,
            ca_cert,
            login: plain_resp2(login),
        })
    }

    /// Takes this URL and no setting but the certificate's and the sentinels' password.
    pub(crate) fn of_url(url: &str) -> Result<Self, UsageError> {
        let ca_cert = std::env::var_os("REDIS_CA_CERT").map(PathBuf::from);
        let password = std::env::var(SENTINEL_PASSWORD).ok().filter(|text| !text.trim().is_empty());
        Self::from_url(url.trim(), ca_cert, password)
    }

    fn from_url(
        url: &str,
        ca_cert: Option<PathBuf>,
        sentinel_password: Option<String>,
    ) -> Result<Self, UsageError> {
        if let Some(read) = SentinelUrl::read(url, sentinel_password) {
            let SentinelUrl { tls, login, sentinels } = read?;
            let (host, port) =
                sentinels.first().map(|node| (node.host.clone(), node.port)).unwrap_or_default();
            return Ok(Self { sentinels: Some(sentinels), host, port, tls, ca_cert, login });
        }
        let RedisUrl { host, port, tls, login } = RedisUrl::read(url)?;
        Ok(Self { sentinels: None, host, port, tls, ca_cert, login: plain_resp2(login) })
    }

    /// Whether it is on this machine. Sentinels of this machine may name a primary anywhere.
    pub(crate) fn is_local(&self) -> bool {
        if self.sentinels.is_some() {
            return false;
        }
        let address = self.host.parse::<std::net::IpAddr>();
        self.host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
    }

    /// Where it is, for messages: host and port, never the login.
    pub(crate) fn address(&self) -> String {
        match &self.sentinels {
            Some(sentinels) => sentinels.to_string(),
            None => self.node().to_string(),
        }
    }

    /// The server itself, or the first sentinel.
    pub(crate) fn node(&self) -> Node {
        Node { host: self.host.clone(), port: self.port }
    }
}

impl fmt::Debug for RedisTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisTarget")
            .field("address", &self.address())
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

fn whole_number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, UsageError> {
    text.trim().parse().map_err(|_| UsageError(format!("{name} must be a whole number in range")))
}

#[cfg(test)]
mod tests {
    use redis::ProtocolVersion;

    use super::*;

    fn read(url: Option<&str>, settings: &[(&str, &str)]) -> Result<RedisTarget, UsageError> {
        RedisTarget::read(url, |name| {
            settings.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        })
    }

    #[test]
    fn defaults_to_localhost_without_tls_or_login() {
        let target = read(None, &[]).unwrap();
        assert_eq!(target.address(), "localhost:6379");
        assert!(!target.tls);
        assert_eq!((target.login.db(), target.login.password()), (0, None));
    }

    #[test]
    fn takes_each_part_from_its_own_setting() {
        let settings = [
            ("REDIS_HOST", "cache.internal"),
            ("REDIS_PORT", "6390"),
            ("REDIS_DB", "3"),
            ("REDIS_PASSWORD", "hunter2"),
            ("REDIS_SSL", "True"),
            ("REDIS_CA_CERT", "/etc/ca.pem"),
        ];
        let target = read(None, &settings).unwrap();
        assert_eq!(target.address(), "cache.internal:6390");
        assert!(target.tls);
        assert_eq!((target.login.db(), target.login.password()), (3, Some("hunter2")));
        assert_eq!(target.ca_cert, Some(PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn lets_the_url_win_over_the_parts() {
        let target = read(Some("rediss://bot:p%40ss@db.example:7000/2"), &[("REDIS_HOST", "other")]).unwrap();
        assert_eq!(target.address(), "db.example:7000");
        assert!(target.tls);
        assert_eq!(target.login.username(), Some("bot"));
        assert_eq!((target.login.db(), target.login.password()), (2, Some("p@ss")));
    }

    #[test]
    fn counts_empty_settings_as_absent() {
        let target =
            read(Some(" "), &[("REDIS_PORT", ""), ("REDIS_PASSWORD", ""), ("REDIS_SSL", "")]).unwrap();
        assert_eq!(target.address(), "localhost:6379");
        assert_eq!(target.login.password(), None);
    }

    #[test]
    fn asks_redis_for_resp2() {
        assert_eq!(read(None, &[]).unwrap().login.protocol(), ProtocolVersion::RESP2);
        assert_eq!(read(Some("redis://h"), &[]).unwrap().login.protocol(), ProtocolVersion::RESP2);
    }

    #[test]
    fn names_the_wrong_setting_but_never_its_text() {
        for (name, text) in [("REDIS_PORT", "70000"), ("REDIS_DB", "zero"), ("REDIS_SSL", "maybe")] {
            let message = read(None, &[(name, text)]).unwrap_err().to_string();
            assert!(message.contains(name) && !message.contains(text), "{message}");
        }
    }

    #[test]
    fn never_shows_the_password_of_a_url_it_refuses_or_prints() {
        for url in [
            "redis://:hunter2@host:notaport",
            "http://:hunter2@host",
            "redis+unix:///hunter2.sock",
            "hunter2",
        ] {
            let message = read(Some(url), &[]).unwrap_err().to_string();
            assert!(!message.contains("hunter2"), "{message}");
        }
        let target = read(Some("redis://:hunter2@host:1"), &[]).unwrap();
        assert!(!format!("{target:?} {}", target.address()).contains("hunter2"));
    }

    #[test]
    fn sentinels_stand_for_a_primary_that_may_be_anywhere() {
        let settings = [("REDIS_SENTINEL_PASSWORD", "hunter3"), ("REDIS_PASSWORD", "unused")];
        let target = read(Some("redis+sentinel://:hunter2@localhost,127.0.0.1:5/m/2"), &settings).unwrap();
        assert_eq!(target.address(), "m of the sentinels localhost:26379, 127.0.0.1:5");
        assert!(!target.is_local() && !format!("{target:?}").contains("hunter"));
        assert_eq!((target.login.db(), target.login.password()), (2, Some("hunter2")));
    }

    #[test]
    fn writes_an_ipv6_address_in_brackets() {
        assert_eq!(read(Some("redis://[::1]:6400"), &[]).unwrap().address(), "[::1]:6400");
    }
}
