//! Redis that fails over: `redis+sentinel://[user:password@]host[:26379],host[:26379]/name[/db]`, and where the sentinels say
//! that its primary is.
//!
//! A connection that has died, or whose server says that it is a replica, is opened anew, and each opening asks the
//! sentinels. No address is remembered: an old primary that comes back takes itself for one until it is told otherwise.

use std::fmt;
use std::time::Duration;

use redis::{RedisConnectionInfo, Value};
use tokio::task::JoinSet;

use crate::redis_connection::{FailedStep, RedisLink};
use crate::redis_target::{RedisTarget, plain_resp2};
use crate::redis_url::{RedisUrl, wrong};
use crate::usage::UsageError;

/// Where a sentinel listens that names no port.
const SENTINEL_PORT: u16 = 26_379;
/// Sentinels of one URL; three or five are usual.
const MAX_SENTINELS: usize = 16;

/// A server by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{open}{}{close}:{}", self.host, self.port)
    }
}

/// The sentinels of a primary.
#[derive(Clone)]
pub(crate) struct Sentinels {
    nodes: Vec<Node>,
    /// What they call the primary.
    name: String,
    /// How to log in at the sentinels; the primary has a login of its own.
    login: RedisConnectionInfo,
}

impl fmt::Display for Sentinels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of the sentinels ", self.name)?;
        for (at, node) in self.nodes.iter().enumerate() {
            write!(f, "{}{node}", if at > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// A URL that names sentinels.
pub(crate) struct SentinelUrl {
    pub(crate) tls: bool,
    /// The login at the primary.
    pub(crate) login: RedisConnectionInfo,
    pub(crate) sentinels: Sentinels,
}

impl SentinelUrl {
    /// Reads a URL with one of the two schemes; `None` for any other one. `password` is that of the sentinels.
    pub(crate) fn read(text: &str, password: Option<String>) -> Option<Result<Self, UsageError>> {
        let scheme = |name: &str| {
            let (scheme, rest) = text.split_once("://")?;
            scheme.eq_ignore_ascii_case(name).then_some(rest)
        };
        match (scheme("redis+sentinel"), scheme("rediss+sentinel")) {
            (Some(rest), _) => Some(Self::parts("redis", rest, password)),
            (None, Some(rest)) => Some(Self::parts("rediss", rest, password)),
            (None, None) => None,
        }
    }

    /// Each host, and the login with the database, is read as an ordinary URL is, so that nothing is passed over.
    fn parts(scheme: &str, rest: &str, password: Option<String>) -> Result<Self, UsageError> {
        let shape = || wrong("must look like redis+sentinel://host:26379,host:26379/name/0");
        let (authority, path) = rest.split_once('/').ok_or_else(shape)?;
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), authority),
        };
        let end = path.find(['?', '#', '/']).unwrap_or(path.len());
        let (name, behind) = path.split_at_checked(end).ok_or_else(shape)?;
        // As Sentinel itself allows.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || name.len() > 128 || !name.bytes().all(is_name) {
            return Err(wrong(
                "must name the primary behind the sentinels: redis+sentinel://host:26379/name",
            ));
        }
        let hosts: Vec<&str> = hosts.split(',').collect();
        if hosts.len() > MAX_SENTINELS {
            return Err(wrong(&format!("names more than {MAX_SENTINELS} sentinels")));
        }
        let nodes: Vec<Node> = hosts.into_iter().map(node).collect::<Result<_, _>>()?;
        let RedisUrl { tls, login, .. } = RedisUrl::read(&format!("{scheme}://{user}primary{behind}"))?;
        let mut sentinel_login = RedisConnectionInfo::default();
        if let Some(password) = password {
            sentinel_login = sentinel_login.set_password(password);
        }
        let login_of_sentinels = plain_resp2(sentinel_login);
        let sentinels = Sentinels { nodes, name: name.to_owned(), login: login_of_sentinels };
        Ok(Self { tls, login: plain_resp2(login), sentinels })
    }
}

/// One host with or without a port, and nothing else.
fn node(text: &str) -> Result<Node, UsageError> {
    let shape = || wrong("must name its sentinels as host:port, separated by commas");
    if text.is_empty() || text.contains(['@', '/', '?', '#']) {
        return Err(shape());
    }
    let RedisUrl { host, port, .. } = RedisUrl::read(&format!("redis://{text}")).map_err(|_| shape())?;
    // Behind the brackets of an IPv6 address, if it is one.
    let has_port = text.rsplit(']').next().is_some_and(|behind| behind.contains(':'));
    Ok(Node { host, port: if has_port { port } else { SENTINEL_PORT } })
}

impl Sentinels {
    /// What the sentinels are at, for the address of a target before any is asked.
    pub(crate) fn first(&self) -> Option<&Node> {
        self.nodes.first()
    }

    /// Where the primary is, in the words of the sentinels: what most of them say comes first. Asks all at once and waits
    /// for a majority, or until `patience` is over.
    ///
    /// # Errors
    /// What each of them answered, where none names one.
    pub(crate) async fn primaries(
        &self,
        target: &RedisTarget,
        patience: Duration,
    ) -> Result<Vec<Node>, FailedStep> {
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
pub(crate) async fn is_primary(link: &RedisLink) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> SentinelUrl {
        SentinelUrl::read(url, None).expect("a URL of sentinels").unwrap()
    }

    fn refused(url: &str) -> String {
        SentinelUrl::read(url, None).expect("a URL of sentinels").map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn reads_hosts_name_login_and_database() {
        let url = read("redis+sentinel://bot:p%40ss@a,b:26380,[::1],[::2]:5/market-1/3");
        let nodes: Vec<String> = url.sentinels.nodes.iter().map(ToString::to_string).collect();
        assert_eq!(nodes, ["a:26379", "b:26380", "[::1]:26379", "[::2]:5"]);
        assert_eq!((url.sentinels.name.as_str(), url.tls), ("market-1", false));
        assert_eq!(
            (url.login.username(), url.login.password(), url.login.db()),
            (Some("bot"), Some("p@ss"), 3)
        );
        let plain = read("REDISS+SENTINEL://h/m");
        assert_eq!((plain.tls, plain.login.password(), plain.login.db()), (true, None, 0));
        assert_eq!(read("redis+sentinel://h/m?db=4&ssl=true").login.db(), 4);
        assert!(read("redis+sentinel://h/m?ssl=true").tls);
        assert!(SentinelUrl::read("redis://h/m", None).is_none());
    }

    #[test]
    fn the_login_of_the_sentinels_is_another_one() {
        let url = SentinelUrl::read("redis+sentinel://:data@h/m", Some("watch".to_owned())).unwrap().unwrap();
        assert_eq!((url.login.password(), url.sentinels.login.password()), (Some("data"), Some("watch")));
        assert_eq!(read("redis+sentinel://:data@h/m").sentinels.login.password(), None);
    }

    #[test]
    fn refuses_what_is_no_such_url_and_repeats_no_secret() {
        for url in [
            "redis+sentinel://h",
            "redis+sentinel://h/",
            "redis+sentinel:///m",
            "redis+sentinel://h,/m",
            "redis+sentinel://h/m/x",
            "redis+sentinel://h/m/1/2",
            "redis+sentinel://h/m?timeout=3",
            "redis+sentinel://h/m#hunter2",
            "redis+sentinel://h:port/m",
            "redis+sentinel://:hunter2@h:port/m",
            "redis+sentinel://:pa/hunter2@h/m",
            "redis+sentinel://h/hunter2 x",
        ] {
            let text = refused(url);
            assert!(text.starts_with("--redis") && !text.contains("hunter2"), "{url}: {text}");
        }
        let many = vec!["h"; 17].join(",");
        assert!(refused(&format!("redis+sentinel://{many}/m")).contains("more than 16"));
    }

    #[test]
    fn shows_where_the_sentinels_are_and_never_a_password() {
        let url = SentinelUrl::read("redis+sentinel://:hunter2@a,b:5/m", Some("hunter3".to_owned()));
        assert_eq!(url.unwrap().unwrap().sentinels.to_string(), "m of the sentinels a:26379, b:5");
    }
}
