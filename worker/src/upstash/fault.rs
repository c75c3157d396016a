//! Judges one try: is this a reply, and if not, could another try help?

use serde::Deserialize;
use std::borrow::Cow;

use super::breaker::Fate;
use super::error::{AuthFault, Oddity, Outage, UpstashError};
use super::exchange::{ExchangeFault, HttpReply};

/// What one try came to, other than a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Timeout,
    Auth(AuthFault),
    Outage(Outage),
    Invalid(Oddity),
    Abandoned,
}

impl Fault {
    /// Whether the same request may fare better in a moment.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Outage(outage) => *outage != Outage::Quota,
            // An edge in front of the database answers for it with HTML or plain text.
            Self::Invalid(oddity) => *oddity == Oddity::NotJson,
            Self::Timeout | Self::Auth(_) | Self::Abandoned => false,
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
            Self::Abandoned => "abandoned",
        }
    }

    pub(super) fn into_error(self, attempts: u32, deadline_ms: u32) -> UpstashError {
        match self {
            Self::Timeout => UpstashError::Timeout { deadline_ms },
            Self::Auth(fault) => UpstashError::Auth(fault),
            Self::Outage(outage) => UpstashError::Unavailable { attempts, outage },
            Self::Invalid(oddity) => UpstashError::Invalid(oddity),
            Self::Abandoned => UpstashError::Abandoned,
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
        // What Redis says about rights and limits counts whatever status an intermediary gave it.
        (_, Some(fault @ (Fault::Auth(_) | Fault::Outage(_)))) => fault,
        (401, _) => Fault::Auth(AuthFault::TokenRefused),
        (408 | 429 | 500..=599, _) => Fault::Outage(Outage::Status(status)),
        (_, Some(fault)) => fault,
        (_, None) => Fault::Invalid(Oddity::Status(status)),
    }
}

/// Reads an error of Redis by its first word; quota texts share the word ERR and go by their beginning.
pub(super) fn of_words(text: &str) -> Fault {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match word {
        "WRONGPASS" | "NOAUTH" => Fault::Auth(AuthFault::TokenRefused),
        "NOPERM" => Fault::Auth(AuthFault::NoPermission),
        "LOADING" | "BUSY" | "MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN" => Fault::Outage(Outage::Busy),
        "ERR" if is_size_limit(rest) => Fault::Invalid(Oddity::TooLarge),
        "ERR" if is_quota(rest) => Fault::Outage(Outage::Quota),
        _ => Fault::Invalid(Oddity::Refused(safe_word(word))),
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

/// Redis' error words are capitals; anything else could be part of a value and stays out of messages.
fn safe_word(word: &str) -> String {
    let is_word = (1..=32).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_word { word.to_owned() } else { "an unknown error".to_owned() }
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
    fn other_refusals_keep_only_the_first_word_of_redis() {
        let refused = |word: &str| Fault::Invalid(Oddity::Refused(word.to_owned()));
        assert_eq!(fault(400, r#"{"error":"WRONGTYPE Operation against a key"}"#), refused("WRONGTYPE"));
        assert_eq!(fault(400, r#"{"error":"ERR unknown command 'X'"}"#), refused("ERR"));
        assert_eq!(fault(400, r#"{"error":"hunter2"}"#), refused("an unknown error"));
        assert!(!fault(400, r#"{"error":"ERR x"}"#).is_transient());
    }

    #[test]
    fn other_statuses_without_words_of_redis_are_final() {
        for (status, body) in [(403, "error code: 1003"), (404, "<html>"), (413, ""), (301, "")] {
            assert_eq!(fault(status, body), Fault::Invalid(Oddity::Status(status)));
            assert!(!fault(status, body).is_transient());
        }
    }
}
