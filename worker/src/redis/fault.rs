//! Judges one try: is this a reply, and if not, could another try help?

use serde::Deserialize;
use std::borrow::Cow;

use super::breaker::Fate;
use super::error::{AuthFault, Oddity, Outage, RedisError};
use super::exchange::{ExchangeFault, HttpReply};

/// What one try came to, other than a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Timeout,
    Auth(AuthFault),
    Outage(Outage),
    Invalid(Oddity),
    Refused(String),
    Cluster(&'static str),
    Abandoned,
}

impl Fault {
    /// Whether the same request may fare better in a moment.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Outage(outage) => *outage != Outage::Quota,
            // An edge in front of the database answers for it with HTML or plain text.
            Self::Invalid(oddity) => *oddity == Oddity::NotJson,
            Self::Timeout | Self::Auth(_) | Self::Refused(_) | Self::Cluster(_) | Self::Abandoned => false,
        }
    }

    /// What it says about Redis: an answer of whatever kind shows that something is there and works.
    pub(super) fn fate(&self) -> Fate {
        match self {
            Self::Abandoned => Fate::Abandoned,
            Self::Timeout => Fate::NoAnswer,
            _ if self.is_transient() => Fate::NoAnswer,
            _ => Fate::Answered,
        }
    }

    /// A short word for the log.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Auth(_) => "auth",
            Self::Outage(Outage::Unreachable) => "unreachable",
            Self::Outage(Outage::Quota) => "quota",
            Self::Outage(_) => "unavailable",
            Self::Invalid(_) => "invalid",
            Self::Refused(_) => "refused",
            Self::Cluster(_) => "cluster",
            Self::Abandoned => "abandoned",
        }
    }

    pub(super) fn into_error(self, attempts: u32, deadline_ms: u32) -> RedisError {
        match self {
            Self::Timeout => RedisError::Timeout { deadline_ms },
            Self::Auth(fault) => RedisError::Auth(fault),
            Self::Outage(outage) => RedisError::Unavailable { attempts, outage },
            Self::Invalid(oddity) => RedisError::Invalid(oddity),
            Self::Refused(said) => RedisError::Refused(said),
            Self::Cluster(word) => RedisError::Cluster(word),
            Self::Abandoned => RedisError::Abandoned,
        }
    }
}

impl From<ExchangeFault> for Fault {
    fn from(fault: ExchangeFault) -> Self {
        match fault {
            ExchangeFault::Timeout => Self::Timeout,
            ExchangeFault::Unreachable => Self::Outage(Outage::Unreachable),
            ExchangeFault::TooLarge => Self::Invalid(Oddity::TooLarge),
            ExchangeFault::Abandoned => Self::Abandoned,
        }
    }
}

/// Passes a body that looks like a reply; anything else becomes a fault.
///
/// A good reply is not parsed here: only its first and last byte are looked at, which tells HTML, plain text and
/// cut-off bodies apart from JSON. The caller parses the rest once, into the type it wants.
pub(super) fn judge(reply: HttpReply) -> Result<Vec<u8>, Fault> {
    match reply.status {
        200..=299 if looks_like_json(&reply.body) => Ok(reply.body),
        200..=299 => Err(Fault::Invalid(Oddity::NotJson)),
        status => Err(judge_refusal(status, &reply.body)),
    }
}

fn looks_like_json(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    matches!((body.first(), body.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
}

fn judge_refusal(status: u16, body: &[u8]) -> Fault {
    #[derive(Deserialize)]
    struct Refusal<'a> {
        #[serde(borrow)]
        error: Cow<'a, str>,
    }
    let words = serde_json::from_slice::<Refusal<'_>>(body).ok();
    let fault = words.map(|refusal| of_words(&refusal.error));
    match (status, fault) {
        // What Redis says about rights, limits and slots counts whatever status an intermediary gave it.
        (_, Some(fault @ (Fault::Auth(_) | Fault::Outage(_) | Fault::Cluster(_)))) => fault,
        (401, _) => Fault::Auth(AuthFault::TokenRefused),
        (408 | 429 | 500..=599, _) => Fault::Outage(Outage::Status(status)),
        (_, Some(fault)) => fault,
        (_, None) => Fault::Invalid(Oddity::Status(status)),
    }
}

/// What a node of a cluster says about keys that it does not have, or has not together with others.
const CLUSTER_WORDS: [&str; 5] = ["MOVED", "ASK", "CROSSSLOT", "CLUSTERDOWN", "TRYAGAIN"];

/// Reads an error of Redis by its first word; quota texts share the word ERR and go by their beginning.
pub(super) fn of_words(text: &str) -> Fault {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    if let Some(word) = CLUSTER_WORDS.into_iter().find(|known| *known == word) {
        return Fault::Cluster(word);
    }
    match word {
        "WRONGPASS" | "NOAUTH" => Fault::Auth(AuthFault::TokenRefused),
        "NOPERM" => Fault::Auth(AuthFault::NoPermission),
        // Also what a server says that is full or cannot save: it is there, and may serve in a moment.
        "LOADING" | "BUSY" | "MASTERDOWN" | "NOREPLICAS" | "OOM" | "MISCONF" => Fault::Outage(Outage::Busy),
        "ERR" if rest.starts_with("max number of clients") => Fault::Outage(Outage::Busy),
        "ERR" if is_size_limit(rest) => Fault::Invalid(Oddity::TooLarge),
        "ERR" if is_quota(rest) => Fault::Outage(Outage::Quota),
        "WRONGTYPE" => Fault::Invalid(Oddity::WrongType),
        _ => Fault::Refused(safe_words(text)),
    }
}

fn is_size_limit(text: &str) -> bool {
    ["max request size exceeded", "max single record size exceeded"]
        .iter()
        .any(|known| text.starts_with(known))
}

/// `max requests limit exceeded`, `max daily request limit exceeded`, `max concurrent connections exceeded`,
/// `DB capacity quota exceeded`; numbers and a link follow after a full stop.
fn is_quota(text: &str) -> bool {
    let first = text.split('.').next().unwrap_or_default();
    first.ends_with("exceeded") && (first.starts_with("max ") || first.contains("quota"))
}

/// Words of a refusal that are shown.
const SHOWN: usize = 20;

/// What Redis said, up to where it begins to quote what it was sent: arguments, addresses and values stay out, and so
/// does a token that an upstream repeats.
///
/// Its error words are capitals. Anything else is not Redis' own, and could be anything.
fn safe_words(text: &str) -> String {
    let mut words = text.split(' ');
    let word = words.next().unwrap_or_default();
    if !(1..=32).contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return "an unknown error".to_owned();
    }
    let said: Vec<&str> =
        std::iter::once(word).chain(words.take_while(|word| is_prose(word)).take(SHOWN)).collect();
    said.join(" ")
}

/// Whether this is a word of a sentence: letters, of which only the first or all may be capitals.
fn is_prose(word: &str) -> bool {
    let rest = word.get(1..).unwrap_or_default();
    (1..=16).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (rest.bytes().all(|byte| byte.is_ascii_lowercase())
            || word.bytes().all(|byte| byte.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> Result<Vec<u8>, Fault> {
        judge(HttpReply { status, body: body.as_bytes().to_vec() })
    }

    fn fault(status: u16, body: &str) -> Fault {
        judged(status, body).expect_err(body)
    }

    #[test]
    fn json_bodies_of_status_200_pass_untouched() {
        for body in [r#"{"result":1}"#, "[]", " {\"result\":null}\n"] {
            assert_eq!(judged(200, body).unwrap(), body.as_bytes());
        }
    }

    #[test]
    fn html_plain_text_empty_and_cut_off_bodies_are_not_json_and_may_pass() {
        for body in ["<html>502</html>", "error code: 1003", "", "{\"result\":[\"a", "OK"] {
            assert_eq!(fault(200, body), Fault::Invalid(Oddity::NotJson), "{body}");
            assert!(fault(200, body).is_transient());
        }
    }

    #[test]
    fn rights_are_never_tried_again() {
        let refused = [
            (401, r#"{"error":"WRONGPASS invalid or missing auth token"}"#, AuthFault::TokenRefused),
            (401, r#"{"error":"Unauthorized"}"#, AuthFault::TokenRefused),
            (401, "<html>", AuthFault::TokenRefused),
            (
                400,
                r#"{"error":"NOPERM this user has no permissions to run the 'mget' command"}"#,
                AuthFault::NoPermission,
            ),
            (400, r#"{"error":"NOAUTH Authentication required."}"#, AuthFault::TokenRefused),
            (500, r#"{"error":"NOPERM no"}"#, AuthFault::NoPermission),
        ];
        for (status, body, expected) in refused {
            assert_eq!(fault(status, body), Fault::Auth(expected), "{status} {body}");
            assert!(!fault(status, body).is_transient());
        }
    }

    #[test]
    fn quota_texts_are_an_outage_that_no_retry_helps() {
        for text in [
            "ERR max requests limit exceeded. Limit: 500000, Usage: 500000. See https://x",
            "ERR max daily request limit exceeded. Limit: 10000, Usage: 10001. See https://x",
            "ERR DB capacity quota exceeded",
            "ERR max concurrent connections exceeded",
        ] {
            assert_eq!(of_words(text), Fault::Outage(Outage::Quota), "{text}");
            assert!(!of_words(text).is_transient());
        }
    }

    #[test]
    fn a_reply_over_the_size_limit_is_no_quota() {
        let text =
            "ERR max request size exceeded. Limit: 1048576 bytes, Actual: 1277695 bytes. See https://x";
        assert_eq!(of_words(text), Fault::Invalid(Oddity::TooLarge));
    }

    #[test]
    fn statuses_that_say_not_now_may_pass() {
        for status in [408, 429, 500, 502, 503, 530] {
            for body in ["error code: 1016", "", r#"{"error":"ERR upstream"}"#] {
                assert_eq!(fault(status, body), Fault::Outage(Outage::Status(status)), "{status} {body}");
                assert!(fault(status, body).is_transient());
            }
        }
        assert!(fault(400, r#"{"error":"LOADING Redis is loading the dataset in memory"}"#).is_transient());
    }

    #[test]
    fn other_refusals_are_told_without_what_they_quote() {
        let refused = |said: &str| Fault::Refused(said.to_owned());
        assert_eq!(
            fault(400, r#"{"error":"WRONGTYPE Operation against a key"}"#),
            Fault::Invalid(Oddity::WrongType)
        );
        assert_eq!(
            fault(400, r#"{"error":"ERR unknown command 'X', with args beginning with: 'hunter2'"}"#),
            refused("ERR unknown command")
        );
        let readonly = r#"{"error":"READONLY You can't write against a read only replica."}"#;
        assert_eq!(fault(400, readonly), refused("READONLY You"));
        for foreign in ["hunter2", "Err x", "", r"\u001b[2J", &"X".repeat(33)] {
            assert_eq!(
                fault(400, &format!(r#"{{"error":"{foreign}"}}"#)),
                refused("an unknown error"),
                "{foreign}"
            );
        }
        assert_eq!(of_words("ERR denied 4aF0c9b2"), refused("ERR denied"));
        assert_eq!(
            of_words(&format!("ERR{}", " so".repeat(500))),
            refused(&format!("ERR{}", " so".repeat(SHOWN)))
        );
        assert!(!fault(400, r#"{"error":"ERR x"}"#).is_transient());
    }

    #[test]
    fn a_cluster_is_told_by_its_words_whatever_the_status() {
        for text in [
            "MOVED 3999 127.0.0.1:6381",
            "ASK 3999 127.0.0.1:6381",
            "CROSSSLOT Keys in request don't hash to the same slot",
            "CLUSTERDOWN The cluster is down",
            "TRYAGAIN Multiple keys request during rehashing of slot",
        ] {
            let word = text.split(' ').next().unwrap();
            for status in [400, 500, 503] {
                let Fault::Cluster(found) = fault(status, &format!(r#"{{"error":"{text}"}}"#)) else {
                    panic!("{status} {text}");
                };
                assert_eq!(found, word);
            }
            assert!(!of_words(text).is_transient());
        }
    }

    #[test]
    fn a_server_that_is_full_or_starting_may_serve_in_a_moment() {
        for text in [
            "LOADING Redis is loading the dataset in memory",
            "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
            "NOREPLICAS Not enough good replicas to write.",
            "OOM command not allowed when used memory > 'maxmemory'.",
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
            "ERR max number of clients reached",
        ] {
            assert_eq!(of_words(text), Fault::Outage(Outage::Busy), "{text}");
            assert!(of_words(text).is_transient());
        }
    }

    #[test]
    fn other_statuses_without_words_of_redis_are_final() {
        for (status, body) in [(403, "error code: 1003"), (404, "<html>"), (413, ""), (301, "")] {
            assert_eq!(fault(status, body), Fault::Invalid(Oddity::Status(status)));
            assert!(!fault(status, body).is_transient());
        }
    }
}
