//! Redis behind Sentinel as a URL: `redis+sentinel://[user:password@]host[:26379],host[:26379]/name[/db]`.

use std::fmt;

use redis::RedisConnectionInfo;

use crate::redis::url::{RedisUrl, plain_resp2, wrong};
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
    pub(crate) nodes: Vec<Node>,
    /// What they call the primary.
    pub(crate) name: String,
    /// How to log in at the sentinels; the primary has a login of its own.
    pub(crate) login: RedisConnectionInfo,
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
            "redis+sentinel://hunter2@h/m",
            "rediss+sentinel://hunter2:@a,b/m/1",
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
