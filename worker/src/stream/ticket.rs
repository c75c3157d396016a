//! Tickets: leave to open one stream, for those who can send no header.
//!
//! A ticket is the time it ends and an HMAC-SHA-256 over that time, the path and the query. Its key comes from the API key it
//! was given for, so it ends with that key too, and nothing of a key ever stands in an address.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::config::ApiKeys;

/// The parameter that carries it.
pub(crate) const TICKET: &str = "ticket";
/// Tells this use of a key from any other.
const PURPOSE: &[u8] = b"dlmm stream ticket 1";

/// Leave to open a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Unix seconds.
    expires_at: u64,
    code: String,
}

impl Ticket {
    /// How long it opens a stream.
    pub(crate) const SECONDS: u64 = 60;

    /// For what `covered` says, from now on.
    pub(crate) fn new(key: &str, covered: &str, now_ms: f64) -> Self {
        let expires_at = (now_ms / 1_000.0) as u64 + Self::SECONDS;
        Self { expires_at, code: hex(&mac(key, expires_at, covered).finalize().into_bytes()) }
    }

    /// As it stands in an address.
    pub(crate) fn text(&self) -> String {
        format!("{}.{}", self.expires_at, self.code)
    }

    /// Whether this text opens what `covered` says, at this time, by one of the keys.
    pub(crate) fn admits(text: &str, keys: &ApiKeys, covered: &str, now_ms: f64) -> bool {
        let Some((expires_at, code)) = text.split_once('.') else { return false };
        let Ok(expires_at) = expires_at.parse::<u64>() else { return false };
        let Some(code) = bytes(code) else { return false };
        let is_open = (now_ms / 1_000.0) as u64 <= expires_at;
        // Compared in constant time, by each of the keys.
        keys.any(|key| mac(key, expires_at, covered).verify_slice(&code).is_ok()) && is_open
    }
}

/// What a ticket covers: the path and the query, without the ticket itself.
pub(crate) fn covered(path: &str, query: &str) -> String {
    let is_ticket = |part: &&str| part.split('=').next() == Some(TICKET);
    let parts: Vec<&str> = query.split('&').filter(|part| !is_ticket(part)).collect();
    format!("{path}?{}", parts.join("&"))
}

fn mac(key: &str, expires_at: u64, covered: &str) -> Hmac<Sha256> {
    let mut of_key = Sha256::new();
    of_key.update(PURPOSE);
    of_key.update(key);
    // HMAC pads its key to a block of the hash.
    let mut block = [0_u8; 64];
    block.iter_mut().zip(of_key.finalize()).for_each(|(slot, byte)| *slot = byte);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(expires_at.to_string().as_bytes());
    mac.update(b"\n");
    mac.update(covered.as_bytes());
    mac
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    (0..32).map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const KEY: &str = "a-key-of-sixteen-characters";
    const NOW: f64 = 1_800_000_000_500.0;

    fn keys(list: &'static str) -> ApiKeys {
        let config = Config::read(&|name| match name {
            "API_KEYS" => Some(list.to_owned()),
            "REDIS_FALLBACK_TO_MOCK" => Some("true".to_owned()),
            _ => None,
        });
        config.unwrap().api_keys.unwrap()
    }

    #[test]
    fn a_ticket_opens_one_address_for_a_minute() {
        let keys = keys("another-key-of-some-length,a-key-of-sixteen-characters");
        let asked = "/quote/stream?token_in=BTC";
        let ticket = Ticket::new(KEY, asked, NOW);
        let text = ticket.text();
        assert_eq!(ticket.expires_at, 1_800_000_060);
        let opens = |text: &str, covered: &str, now_ms| Ticket::admits(text, &keys, covered, now_ms);
        assert!(opens(&text, asked, NOW) && opens(&text, asked, NOW + 60_000.0));
        assert!(!opens(&text, asked, NOW + 61_000.0), "it is over");
        for other in ["/changes?token_in=BTC", "/quote/stream?token_in=ETH", "/quote/stream?"] {
            assert!(!opens(&text, other, NOW), "{other}");
        }
        let (_, code) = text.split_once('.').unwrap();
        for forged in [format!("1800009999.{code}"), code.to_owned(), format!("{text}0"), String::new()] {
            assert!(!opens(&forged, asked, NOW), "{forged}");
        }
    }

    #[test]
    fn it_ends_with_the_key_it_was_given_for() {
        let text = Ticket::new(KEY, "/changes?", NOW).text();
        assert!(!Ticket::admits(&text, &keys("another-key-of-some-length"), "/changes?", NOW));
        assert!(!text.contains(KEY));
    }

    #[test]
    fn it_covers_the_query_without_itself() {
        for (query, expected) in [
            ("a=1&ticket=5.x&b=2", "/changes?a=1&b=2"),
            ("ticket=5.x", "/changes?"),
            ("", "/changes?"),
            ("tickets=1&a", "/changes?tickets=1&a"),
        ] {
            assert_eq!(covered("/changes", query), expected);
        }
    }
}
