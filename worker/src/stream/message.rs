//! A message of the channel `dlmm:changes`: what a producer says it has written.

use litemap::LiteMap;
use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The channel.
pub(super) const CHANNEL: &str = "dlmm:changes";

/// Keys that were written, each with its new text; none for one that is gone.
pub(crate) type Changed = LiteMap<String, Option<String>>;

/// What was written in one step.
#[derive(Debug, Deserialize)]
pub(crate) struct Message<'m> {
    /// Counts messages, whoever sends them.
    pub(crate) seq: Option<u64>,
    pub(crate) block_height: Option<u64>,
    #[serde(borrow, default)]
    pub(crate) taken_at: Cow<'m, str>,
    /// Pools of which something was written.
    #[serde(borrow)]
    pub(crate) pools: Vec<Cow<'m, str>>,
    /// What was written; absent where it is too much for a message.
    #[serde(borrow, default)]
    keys: Option<&'m RawValue>,
}

impl<'m> Message<'m> {
    /// `None` for what is no such message.
    pub(crate) fn parse(text: &'m str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The keys with their texts, if they are told.
    pub(crate) fn keys(&self) -> Option<Changed> {
        serde_json::from_str(self.keys?.get()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_producers_write_it() {
        let text = r#"{"seq":7,"block_height":null,"taken_at":"2026-01-01T00:00:00.000Z","pools":["P","Q"],"keys":{"bin:P:5":null,"pool:Q":"{\"a\":1}"}}"#;
        let message = Message::parse(text).unwrap();
        assert_eq!((message.seq, message.block_height, &*message.pools[1]), (Some(7), None, "Q"));
        let keys = message.keys().unwrap();
        assert_eq!(keys.get("bin:P:5"), Some(&None));
        assert_eq!(keys.get("pool:Q"), Some(&Some("{\"a\":1}".to_owned())));
    }

    #[test]
    fn keys_may_be_absent_and_other_texts_are_no_messages() {
        let message = Message::parse(r#"{"seq":7,"pools":[],"more":1}"#).unwrap();
        assert!(message.keys().is_none() && message.taken_at.is_empty());
        for text in ["", "{}", "[]", "hello", r#"{"pools":"P"}"#] {
            assert!(Message::parse(text).is_none(), "{text}");
        }
    }
}
