//! What the Upstash REST API, or something in its place, answers.

use dlmm_worker::market::listing::Signature;
use dlmm_worker::redis::{Reply, Value};

/// Most items asked for.
const MAX_ITEMS: u8 = 64;

/// A body; its first byte says how many items the command asked for.
pub fn reply(bytes: &[u8]) {
    let Some((expected, body)) = bytes.split_first() else { return };
    let expected = usize::from(expected % MAX_ITEMS);
    let reply = Reply::new(body.to_vec(), 1);
    if let Ok(value) = reply.value() {
        drop(value.clone().into_integer());
        drop(value.clone().into_text());
        if let Ok(texts) = value.clone().into_texts(expected) {
            assert_eq!(texts.len(), expected);
        }
        drop(Signature::read(Some(1), Ok(value.clone()), Ok(value)));
    }
    let mut seen = 0;
    let outcome = reply.each_text(expected, |index, _| {
        assert_eq!(index, seen, "in order, none twice");
        seen += 1;
    });
    assert!(seen <= expected);
    if outcome.is_ok() {
        assert_eq!(seen, expected, "a short array is refused");
        let texts = reply.value().and_then(|value| value.into_texts(expected)).expect("the same texts");
        assert_eq!(texts.len(), expected);
    }
    if let Ok(items) = reply.items(expected) {
        assert_eq!(items.len(), expected);
        let mut items = items.into_iter();
        let mut next = || items.next().unwrap_or(Ok(Value::Nil));
        let (metadata, size) = (next(), next());
        drop(Signature::read(None, metadata, size));
    }
}
