//! Which pages may call: the Host that was asked for, and the Origin that asks.
//!
//! A web page can send requests to a loopback address, and with a name of its own that resolves to one even as if to
//! itself. Its token protects the gateway from both; this does so before a token is looked at.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::fault::Fault;

/// What is allowed beyond the addresses the gateway listens on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    pub(crate) hosts: Vec<AllowedHost>,
    pub(crate) origins: Vec<HeaderValue>,
}

impl Guard {
    /// Judges a request that came in at `local`, an address and port of this machine.
    pub(crate) fn check(&self, parts: &Parts, local: SocketAddr) -> Result<(), Fault> {
        let host = only(parts, &HOST)?.ok_or(Fault::HostRefused)?;
        // The target of a request may name a host too, and then it counts instead of the header.
        let in_target = parts.uri.authority().map(Authority::as_str);
        if ![Some(host), in_target].into_iter().flatten().all(|host| self.is_allowed(host, local)) {
            return Err(Fault::HostRefused);
        }
        match only(parts, &ORIGIN)? {
            Some(origin) if !self.origins.iter().any(|allowed| allowed == origin) => {
                Err(Fault::OriginRefused)
            }
            _ => Ok(()),
        }
    }

    /// What browsers want to be told about the origins that may call; `None` where there is none.
    pub(crate) fn cors(&self) -> Option<CorsLayer> {
        let layer = CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.origins.iter().cloned()))
            .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT])
            .allow_headers(AllowHeaders::mirror_request())
            .allow_private_network(true);
        (!self.origins.is_empty()).then_some(layer)
    }

    fn is_allowed(&self, host: &str, local: SocketAddr) -> bool {
        let Some(asked) = AllowedHost::parse(host) else { return false };
        let port = asked.port.unwrap_or(80);
        let own = || port == local.port() && is_own(&asked.name, local.ip().to_canonical());
        own() || self.hosts.iter().any(|host| host.name == asked.name && host.port.is_none_or(|p| p == port))
    }
}

/// Whether a name is one of the address that was reached; all loopback names are as good as each other.
fn is_own(name: &Name, local: IpAddr) -> bool {
    match name {
        Name::Address(address) => *address == local || (address.is_loopback() && local.is_loopback()),
        Name::Word(word) => word == "localhost" && local.is_loopback(),
    }
}

/// A header that must not be there twice: two readers could take one each.
fn only<'p>(parts: &'p Parts, name: &HeaderName) -> Result<Option<&'p str>, Fault> {
    let mut values = parts.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            value.to_str().map(Some).map_err(|_| Fault::Syntax("ERR a header is not plain text"))
        }
        _ => Err(Fault::Syntax("ERR a header appears twice")),
    }
}

/// A host with or without a port, as in a `Host` header and in `--allow-host`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllowedHost {
    name: Name,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Address(IpAddr),
    /// In lower case.
    Word(String),
}

impl AllowedHost {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let authority: Authority = text.parse().ok()?;
        let name = authority.host();
        // Nobody logs in here, and a port that cannot be read is not none.
        let port = authority.as_str().strip_prefix(name)?;
        let port = match port.strip_prefix(':') {
            Some(port) => Some(port.parse().ok()?),
            None if port.is_empty() => None,
            None => return None,
        };
        let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        let name = match address.parse::<IpAddr>() {
            Ok(address) => Name::Address(address.to_canonical()),
            Err(_) if name.is_empty() => return None,
            Err(_) => Name::Word(name.to_ascii_lowercase()),
        };
        Some(Self { name, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn check(local: &str, headers: &[(&str, &str)], guard: &Guard) -> Result<(), Fault> {
        let mut request = Request::builder().uri("/get/k");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        guard.check(&request.body(()).unwrap().into_parts().0, local.parse().unwrap())
    }

    fn host(local: &str, host: &str) -> bool {
        check(local, &[("host", host)], &Guard::default()).is_ok()
    }

    #[test]
    fn takes_the_names_of_the_address_that_was_reached() {
        for name in
            ["127.0.0.1:8079", "localhost:8079", "LocalHost:8079", "[::1]:8079", "[0:0:0:0:0:0:0:1]:8079"]
        {
            assert!(host("127.0.0.1:8079", name), "{name}");
            assert!(host("[::1]:8079", name), "{name}");
            assert!(host("[::ffff:127.0.0.1]:8079", name), "{name}");
        }
        assert!(host("10.1.2.3:8079", "10.1.2.3:8079"));
        assert!(host("127.0.0.1:80", "localhost"));
    }

    #[test]
    fn refuses_every_other_name_and_port() {
        for name in [
            "evil.example:8079",
            "localhost.evil.example:8079",
            "127.0.0.1.nip.io:8079",
            "localhost",
            "localhost:80",
            "localhost:8080",
            "localhost:",
            "localhost:8079x",
            "localhost.:8079",
            "user@localhost:8079",
            "10.1.2.3:8079",
            "localhost:8079/",
            "",
            ":8079",
        ] {
            assert!(!host("127.0.0.1:8079", name), "{name:?}");
        }
        for name in ["localhost:8079", "127.0.0.1:8079", "10.1.2.4:8079"] {
            assert!(!host("10.1.2.3:8079", name), "{name}");
        }
    }

    #[test]
    fn takes_hosts_and_origins_that_were_allowed() {
        let hosts = ["rest", "db.example:443"].map(|host| AllowedHost::parse(host).unwrap()).to_vec();
        let guard = Guard { hosts, origins: vec![HeaderValue::from_static("https://app.example")] };
        let local = "10.1.2.3:8079";
        for headers in [
            &[("host", "rest")][..],
            &[("host", "REST:8079")],
            &[("host", "db.example:443")],
            &[("host", "rest"), ("origin", "https://app.example")],
        ] {
            assert!(check(local, headers, &guard).is_ok(), "{headers:?}");
        }
        for headers in [
            &[("host", "db.example")][..],
            &[("host", "db.example:8079")],
            &[("host", "rest"), ("origin", "https://app.example.evil")],
            &[("host", "rest"), ("origin", "null")],
            &[("host", "rest"), ("origin", "")],
            &[("host", "rest"), ("host", "rest")],
            &[("host", "rest"), ("origin", "https://app.example"), ("origin", "https://evil.example")],
            &[],
        ] {
            assert!(check(local, headers, &guard).is_err(), "{headers:?}");
        }
    }

    #[test]
    fn looks_at_the_host_in_the_target_too() {
        let judge = |uri: &str| {
            let request = Request::builder().uri(uri).header("host", "localhost:8079").body(()).unwrap();
            Guard::default().check(&request.into_parts().0, "127.0.0.1:8079".parse().unwrap())
        };
        assert!(judge("http://127.0.0.1:8079/get/k").is_ok());
        assert!(matches!(judge("http://evil.example:8079/get/k"), Err(Fault::HostRefused)));
    }
}
