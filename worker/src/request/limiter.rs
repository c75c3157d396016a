//! How often a client may ask.

use std::net::{IpAddr, Ipv6Addr};

use crate::http::ApiError;
use crate::request::RequestContext;

/// What a client is told to wait. The limiter says only yes or no, so it is the whole period of `wrangler.toml`.
const RETRY_AFTER_SECONDS: u32 = 10;

/// Quotes of a batch that count as one request.
const QUOTES_A_CALL: usize = 10;

/// Counts one request of the client, and refuses it if it asks too often. Where nothing tells clients apart they share
/// one limit.
///
/// # Errors
/// RATE_LIMITED.
pub(crate) async fn count_request(context: &RequestContext) -> Result<(), ApiError> {
    let client = || client_of(&context.header("cf-connecting-ip").unwrap_or_default());
    match context.isolate().bindings().admits(context.call(), client).await {
        Some(false) => Err(ApiError::rate_limited(RETRY_AFTER_SECONDS)),
        Some(true) | None => Ok(()),
    }
}

/// Counts what a batch costs beyond the one request it was counted as when it came.
///
/// # Errors
/// RATE_LIMITED, as soon as one count is refused.
pub(crate) async fn count_batch(context: &RequestContext, quotes: usize) -> Result<(), ApiError> {
    for _ in 1..quotes.div_ceil(QUOTES_A_CALL) {
        count_request(context).await?;
    }
    Ok(())
}

/// Who asks, where something tells clients apart.
pub(crate) fn client(context: &RequestContext) -> Option<String> {
    context.header("cf-connecting-ip").map(|address| client_of(&address))
}

/// What counts as one client: an IPv4 address, or the network that a provider gives one customer in IPv6. Whoever has
/// such a network has 2^64 addresses to ask from.
fn client_of(address: &str) -> String {
    match address.trim().parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.to_string(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        },
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_an_ipv4_address_or_an_ipv6_network() {
        for (address, client) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("::ffff:c000:0201", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::1", "::/64"),
            ("", ""),
            ("unknown", "unknown"),
        ] {
            assert_eq!(client_of(address), client, "{address}");
        }
    }

    #[test]
    fn clients_are_told_to_wait_as_long_as_the_limiter_counts() {
        let toml = include_str!("../../../wrangler.toml");
        let periods: Vec<&str> = toml.lines().filter(|line| line.contains("period =")).collect();
        assert!(!periods.is_empty());
        for line in periods {
            assert!(line.contains(&format!("period = {RETRY_AFTER_SECONDS} ")), "{line}");
        }
    }

    #[test]
    fn only_production_names_a_limit_of_cpu_time() {
        let toml = include_str!("../../../wrangler.toml");
        let limits: Vec<&str> =
            toml.lines().filter(|line| line.contains("limits]") || line.contains("cpu_ms")).collect();
        let of_cpu: Vec<&&str> = limits.iter().filter(|line| !line.contains("ratelimits")).collect();
        assert_eq!(
            of_cpu,
            [&"[env.production.limits]", &"cpu_ms = 30000"],
            "the free plan refuses it elsewhere"
        );
    }
}
