//! A block as a node's observer posts it: its place in the chain, and what the core contract printed in it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// Where a block stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) height: u64,
    pub(crate) hash: String,
    pub(crate) parent: String,
    pub(crate) time_ms: u64,
    /// The block that last changed which pools there are, or their tokens: `data_version` of the metadata.
    pub(crate) version: String,
    /// How often the core printed in it; `None` where the state was read at it.
    #[serde(default)]
    pub(crate) prints: Option<u64>,
}

/// One print of the core contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Print {
    pub(crate) txid: String,
    pub(crate) index: u64,
    /// Consensus bytes as hexadecimal digits.
    pub(crate) raw_value: String,
}

impl Print {
    /// How messages name it.
    pub(crate) fn place(&self) -> String {
        format!("event {} of transaction {}", self.index, self.txid)
    }
}

/// A block, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) height: u64,
    pub(crate) hash: String,
    pub(crate) parent: String,
    pub(crate) time_ms: u64,
    /// In the order in which they happened.
    pub(crate) prints: Vec<Print>,
}

#[derive(Deserialize)]
struct Body<'b> {
    block_height: u64,
    #[serde(borrow)]
    index_block_hash: Cow<'b, str>,
    #[serde(borrow)]
    parent_index_block_hash: Cow<'b, str>,
    block_time: Option<u64>,
    burn_block_time: Option<u64>,
    #[serde(borrow, default)]
    transactions: Vec<Transaction<'b>>,
    #[serde(borrow, default)]
    events: Vec<Event<'b>>,
}

/// A text that stays where it was read unless it has escapes. Within an `Option` a bare `Cow` is always a copy.
#[derive(Deserialize)]
struct Text<'b>(#[serde(borrow)] Cow<'b, str>);

#[derive(Deserialize)]
struct Transaction<'b> {
    #[serde(borrow)]
    txid: Text<'b>,
    #[serde(borrow)]
    status: Option<Text<'b>>,
}

#[derive(Deserialize)]
struct Event<'b> {
    #[serde(borrow)]
    txid: Option<Text<'b>>,
    event_index: Option<u64>,
    committed: Option<bool>,
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'b>>,
    #[serde(borrow)]
    contract_event: Option<ContractEvent<'b>>,
}

#[derive(Deserialize)]
struct ContractEvent<'b> {
    #[serde(borrow)]
    contract_identifier: Text<'b>,
    #[serde(borrow)]
    topic: Option<Text<'b>>,
    #[serde(borrow)]
    raw_value: Option<Text<'b>>,
}

/// Seconds from this on are none: the year 10 000.
const TIME_END: u64 = 253_402_300_800;

impl Block {
    /// Reads the body of `POST /new_block` and keeps what `core` printed in transactions that went well.
    ///
    /// # Errors
    /// [`Fault::Block`]
    pub(crate) fn read(body: &[u8], core: &str) -> Result<Self, Fault> {
        let invalid = |reason: String| Fault::Block { reason };
        let body: Body<'_> = serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))?;
        let time_ms = block_time_ms(body.block_time, body.burn_block_time)?;
        let failed: HashSet<&str> = body
            .transactions
            .iter()
            .filter(|transaction| transaction.status.as_ref().is_some_and(|status| status.0 != "success"))
            .map(|transaction| transaction.txid.0.as_ref())
            .collect();
        let mut prints = Vec::new();
        for event in body.events {
            prints.extend(event.print(core, &failed)?);
        }
        prints.sort_by_key(|print: &Print| print.index);
        if !prints.is_sorted_by(|one, next| one.index < next.index) {
            // A node counts over the block. Where two have one number, each transaction was counted by itself.
            let places = body.transactions.iter().enumerate();
            let places: HashMap<&str, usize> = places.map(|(at, one)| (one.txid.0.as_ref(), at)).collect();
            prints.sort_by_key(|print| (places.get(print.txid.as_str()).copied(), print.index));
        }
        let hash = block_hash("index_block_hash", &body.index_block_hash)?;
        let parent = block_hash("parent_index_block_hash", &body.parent_index_block_hash)?;
        if hash == parent {
            return Err(invalid("it is its own parent".to_owned()));
        }
        Ok(Self { height: body.block_height, hash, parent, time_ms, prints })
    }
}

impl Block {
    /// Its place, for later.
    pub(crate) fn header(&self, version: String) -> Header {
        let Self { height, hash, parent, time_ms, prints } = self;
        let prints = u64::try_from(prints.len()).ok();
        Header {
            height: *height,
            hash: hash.clone(),
            parent: parent.clone(),
            time_ms: *time_ms,
            version,
            prints,
        }
    }
}

impl Event<'_> {
    /// The core's print that it is, if it is one and counts.
    fn print(self, core: &str, failed: &HashSet<&str>) -> Result<Option<Print>, Fault> {
        let Some(event) =
            self.contract_event.filter(|_| self.kind.as_ref().is_some_and(|kind| kind.0 == "contract_event"))
        else {
            return Ok(None);
        };
        if event.contract_identifier.0 != core || event.topic.is_none_or(|topic| topic.0 != "print") {
            return Ok(None);
        }
        let lacks = |field: &str| Fault::Block { reason: format!("an event of the core has no {field}") };
        if !self.committed.ok_or_else(|| lacks("committed"))? {
            return Ok(None);
        }
        let txid = self.txid.ok_or_else(|| lacks("txid"))?;
        if failed.contains(txid.0.as_ref()) {
            return Ok(None);
        }
        Ok(Some(Print {
            txid: txid.0.into_owned(),
            index: self.event_index.ok_or_else(|| lacks("event_index"))?,
            raw_value: event.raw_value.ok_or_else(|| lacks("raw_value"))?.0.into_owned(),
        }))
    }
}

/// Milliseconds of a block's own time, or where it has none, of its burn block's.
pub(super) fn block_time_ms(block: Option<u64>, burn_block: Option<u64>) -> Result<u64, Fault> {
    let time = block.filter(|time| *time > 0).or(burn_block).filter(|time| *time < TIME_END);
    time.map(|time| time * 1_000).ok_or_else(|| Fault::Block { reason: "it has no time".to_owned() })
}

/// A hash becomes the name of a field in Redis, so it is digits and nothing else.
pub(super) fn block_hash(field: &str, text: &str) -> Result<String, Fault> {
    let digits = text.strip_prefix("0x").unwrap_or_default();
    if (1..=64).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Fault::Block { reason: format!("{field} is not 0x and 64 hexadecimal digits") })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CORE: &str = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM.core";

    fn read(body: &serde_json::Value) -> Result<Block, Fault> {
        Block::read(body.to_string().as_bytes(), CORE)
    }

    fn event(index: u64, committed: bool, contract: &str, topic: &str) -> serde_json::Value {
        json!({ "txid": "0x01", "event_index": index, "committed": committed, "type": "contract_event",
            "contract_event": { "contract_identifier": contract, "topic": topic, "raw_value": "0x09", "value": [[]] } })
    }

    fn body(events: &[serde_json::Value]) -> serde_json::Value {
        json!({ "block_height": 7, "index_block_hash": "0xAB", "parent_index_block_hash": "0xcd", "block_time": 5,
            "transactions": [{ "txid": "0x01", "status": "success" }, { "txid": "0x02", "status": "abort_by_response" }],
            "events": events, "matured_miner_rewards": [] })
    }

    #[test]
    fn only_prints_of_the_core_count_in_their_own_order() {
        let failed = {
            let mut event = event(4, true, CORE, "print");
            event["txid"] = "0x02".into();
            event
        };
        let transfer =
            json!({ "txid": "0x01", "event_index": 5, "committed": true, "type": "stx_transfer_event" });
        let block = read(&body(&[
            event(9, true, CORE, "print"),
            event(2, true, CORE, "print"),
            event(1, false, CORE, "print"),
            event(3, true, "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM.core-2", "print"),
            event(6, true, CORE, "other"),
            failed,
            transfer,
        ]))
        .unwrap();
        assert_eq!(block.prints.iter().map(|print| print.index).collect::<Vec<_>>(), [2, 9]);
        assert_eq!((block.height, block.hash.as_str(), block.parent.as_str()), (7, "0xab", "0xcd"));
        assert_eq!(block.time_ms, 5_000);
    }

    #[test]
    fn events_that_are_counted_by_transaction_happened_in_the_order_of_the_transactions() {
        let of = |txid: &str, index: u64| {
            let mut event = event(index, true, CORE, "print");
            event["txid"] = txid.into();
            event
        };
        let mut body = body(&[of("0x0b", 1), of("0x0a", 1), of("0x0b", 0), of("0x0a", 0)]);
        body["transactions"] =
            json!([{ "txid": "0x0b", "status": "success" }, { "txid": "0x0a", "status": "success" }]);
        let block = read(&body).unwrap();
        let order: Vec<_> = block.prints.iter().map(|print| (print.txid.as_str(), print.index)).collect();
        assert_eq!(order, [("0x0b", 0), ("0x0b", 1), ("0x0a", 0), ("0x0a", 1)]);
    }

    #[test]
    fn what_is_no_block_is_named() {
        for (field, value) in [
            ("block_height", json!(-1)),
            ("block_height", json!("7")),
            ("index_block_hash", json!("ab")),
            ("index_block_hash", json!("0x")),
            ("index_block_hash", json!("0xag")),
            ("index_block_hash", json!("0xCD")),
            ("parent_index_block_hash", json!(format!("0x{}", "a".repeat(65)))),
            ("block_time", json!(null)),
            ("block_time", json!(u64::MAX)),
            ("events", json!(5)),
        ] {
            let mut body = body(&[]);
            body[field] = value;
            let fault = read(&body).unwrap_err();
            assert_eq!((fault.code(), fault.status().as_u16()), ("BLOCK_INVALID", 400), "{body}");
        }
        for text in ["", "{", "[]", "{}", "\u{0}"] {
            assert_eq!(Block::read(text.as_bytes(), CORE).unwrap_err().code(), "BLOCK_INVALID");
        }
        for field in ["committed", "event_index", "txid"] {
            let mut event = event(1, true, CORE, "print");
            event.as_object_mut().unwrap().remove(field);
            assert_eq!(read(&body(&[event])).unwrap_err().code(), "BLOCK_INVALID", "{field}");
        }
    }
}
