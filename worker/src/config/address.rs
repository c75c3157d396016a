//! The parts of a URL by which settings are judged.
//!
//! On Workers the platform reads it: its own reader and tables of names in all scripts are a sixth of the Worker's size. On
//! the host, for tests, a crate does that follows the same standard.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A URL in its one spelling, and parts of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// All of it.
    pub(super) href: String,
    /// `https`, without a colon.
    pub(super) scheme: String,
    /// The origin as browsers send it; `null` where the scheme has none.
    pub(super) origin: String,
    pub(super) has_user: bool,
    host: String,
}

impl Address {
    /// Reads a URL by the URL standard; `None` where that finds none.
    #[cfg(target_arch = "wasm32")]
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts = crate::seam::url_parts(text)?;
        let mut parts = parts.split('\n').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        let (href, scheme, origin, host, user) = (next(), next(), next(), next(), next());
        Some(Self { href, scheme, origin, host, has_user: !user.is_empty() })
    }

    /// The same by the crate `url`.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn parse(text: &str) -> Option<Self> {
        let url = url::Url::parse(text).ok()?;
        Some(Self {
            href: url.as_str().to_owned(),
            scheme: url.scheme().to_owned(),
            origin: url.origin().ascii_serialization(),
            host: url.host_str().unwrap_or_default().to_owned(),
            has_user: !url.username().is_empty() || url.password().is_some(),
        })
    }

    /// Whether there is anything behind the path, be it nothing but the sign for it.
    pub(super) fn has_query_or_fragment(&self) -> bool {
        self.href.contains(['?', '#'])
    }

    /// Whether what is sent there stays on this machine.
    pub(super) fn is_this_machine(&self) -> bool {
        let host = self.host.as_str();
        let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        match (host.parse::<Ipv4Addr>(), v6.map(str::parse::<Ipv6Addr>)) {
            (Ok(address), _) => address.is_loopback(),
            (_, Some(Ok(address))) => address.is_loopback(),
            _ => host == "localhost" || host.ends_with(".localhost"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_one_spelling() {
        let address = Address::parse(" HTTPS://User@Name.upstash.io:443/a?\n").unwrap();
        assert_eq!(address.href, "https://User@name.upstash.io/a?");
        assert_eq!((address.scheme.as_str(), address.origin.as_str()), ("https", "https://name.upstash.io"));
        assert!(address.has_user && address.has_query_or_fragment() && !address.is_this_machine());
        assert_eq!(Address::parse("redis://h:1").unwrap().origin, "null");
        for text in ["", "name.upstash.io", "https://", "https://a b"] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    #[test]
    fn this_machine_has_many_names() {
        let is = |url: &str| Address::parse(url).unwrap().is_this_machine();
        for url in [
            "http://localhost:8079",
            "http://a.localhost",
            "http://127.1:1",
            "http://0x7f000001",
            "http://[::1]:1",
        ] {
            assert!(is(url), "{url}");
        }
        for url in
            ["http://localhost.example", "http://128.0.0.1", "http://[::2]", "http://notlocalhost", "redis:x"]
        {
            assert!(!is(url), "{url}");
        }
    }
}
