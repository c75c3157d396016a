//! Events as they go out, and what makes two of them the same.

use std::fmt;

use sha2::{Digest, Sha256};

/// Shows that the stream lives.
pub(crate) const BEAT: &str = ":\n\n";

/// What an event is known by: the producer's count, and where it matters which state of it the client has then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct EventId {
    pub(crate) seq: u64,
    pub(crate) state: Option<u64>,
}

impl EventId {
    /// As a client sends it back; whatever it is, something can be begun with it.
    pub(crate) fn parse(text: &str) -> Self {
        let (seq, state) = text.trim().split_once('-').unwrap_or((text.trim(), ""));
        Self { seq: seq.parse().unwrap_or_default(), state: u64::from_str_radix(state, 16).ok() }
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seq)?;
        self.state.map_or(Ok(()), |state| write!(f, "-{state:016x}"))
    }
}

/// One event. `data` is JSON, which has no line breaks.
pub(crate) fn event(kind: &str, id: EventId, data: &str) -> String {
    format!("id: {id}\nevent: {kind}\ndata: {data}\n\n")
}

/// The end of a stream: after how many milliseconds to come again.
pub(crate) fn retry(ms: u32) -> String {
    format!("retry: {ms}\n: come again\n\n")
}

/// Fields that move on by themselves: whose request it was, when it was answered, how old the state was then and by which
/// heartbeat, how often Redis was tried, when it is tried again, and in which words a refusal says so: its details say the same.
const RESTLESS: [&str; 8] = [
    "\"request_id\":",
    "\"read_at\":",
    "\"age_ms\":",
    "\"heartbeat_ms\":",
    "\"ahead_ms\":",
    "\"attempts\":",
    "\"retry_after_ms\":",
    "\"message\":",
];

/// The same for all answers that differ only in what moves on by itself.
pub(crate) fn fingerprint(json: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut rest = json;
    while let Some((at, name)) = next_restless(rest) {
        // Some come and go as well, with the comma that parts them from others.
        hash.update(rest.get(..at).unwrap_or_default().trim_end_matches(','));
        rest = after_value(rest.get(at + name.len()..).unwrap_or_default()).trim_start_matches(',');
    }
    hash.update(rest);
    hash.finalize().into()
}

/// The first of those fields. A quote within a text stands behind a backslash.
fn next_restless(json: &str) -> Option<(usize, &'static str)> {
    let mut from = 0;
    loop {
        let quote = from + json.get(from..)?.find('"')?;
        let is_name = quote.checked_sub(1).and_then(|before| json.as_bytes().get(before)) != Some(&b'\\');
        let tail = json.get(quote..)?;
        match RESTLESS.iter().find(|name| is_name && tail.starts_with(**name)) {
            Some(name) => return Some((quote, name)),
            None => from = quote + 1,
        }
    }
}

/// What follows a number, a text or `null`.
fn after_value(json: &str) -> &str {
    let end = match json.strip_prefix('"') {
        Some(text) => text_end(text).map(|at| at + 2),
        None => json.find([',', '}', ']']),
    };
    end.and_then(|end| json.get(end..)).unwrap_or_default()
}

/// Where the quote is that ends a text.
fn text_end(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate();
    loop {
        match bytes.next()? {
            (at, b'"') => return Some(at),
            (_, b'\\') => drop(bytes.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_block_of_lines() {
        let id = EventId { seq: 7, state: None };
        assert_eq!(event("quote", id, "{\"a\":1}"), "id: 7\nevent: quote\ndata: {\"a\":1}\n\n");
    }

    #[test]
    fn an_id_is_read_as_it_was_written_and_of_any_other_what_there_is() {
        for state in [None, Some(0), Some(5), Some(u64::MAX)] {
            let id = EventId { seq: 41, state };
            assert_eq!(EventId::parse(&format!(" {id} ")), id);
        }
        assert_eq!(EventId { seq: 41, state: Some(10) }.to_string(), "41-000000000000000a");
        for (text, seq) in [("", 0), ("-", 0), ("7-", 7), ("7-xyz", 7), ("x-y", 0), ("-7", 0)] {
            assert_eq!(EventId::parse(text).seq, seq, "{text}");
        }
        assert_eq!(EventId::parse("7-xyz").state, None);
    }

    #[test]
    fn what_moves_on_by_itself_makes_no_difference() {
        let answer = |amount: u32, id: &str, read_at: &str, age: &str| {
            format!(
                r#"{{"amount":{amount},"state":{{"read_at":"{read_at}","pools":[{{"age_ms":{age}}}]}},"request_id":"{id}"}}"#
            )
        };
        let first = fingerprint(&answer(1, "a", "2026-01-01T00:00:00Z", "5"));
        assert_eq!(first, fingerprint(&answer(1, "bb", "2027", "null")));
        assert_ne!(first, fingerprint(&answer(2, "a", "2026-01-01T00:00:00Z", "5")));
    }

    #[test]
    fn a_refusal_is_the_same_in_other_words_and_however_often_it_was_tried() {
        let refused = |code: &str, message: &str, details: &str| {
            fingerprint(&format!(
                r#"{{"success":false,"error":{{"code":"{code}","message":"{message}","details":{{{details}}}}},"request_id":"a"}}"#
            ))
        };
        let first = refused("REDIS_UNAVAILABLE", "Redis could not serve: status 503", r#""attempts":1"#);
        let broken = r#""attempts":0,"retry_after_ms":900"#;
        assert_eq!(first, refused("REDIS_UNAVAILABLE", "Redis said \\\"no\\\\", broken));
        assert_ne!(first, refused("REDIS_TIMEOUT", "Redis could not serve: status 503", r#""attempts":1"#));
        assert_ne!(first, refused("REDIS_UNAVAILABLE", "", r#""attempts":1,"limit":5"#));
    }

    #[test]
    fn texts_that_look_like_such_a_field_are_texts() {
        let note = |text: &str| fingerprint(&format!(r#"{{"note":"\"age_ms\":{text}","b":2}}"#));
        assert_ne!(note("5"), note("6"));
        let unended = fingerprint(r#"{"read_at":"never"#);
        assert_eq!(unended, fingerprint(r#"{"read_at":"soon"#));
    }
}
