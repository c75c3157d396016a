//! `tests/vectors/chain/recording.json`, and blocks made of it.

use std::path::Path;
use std::sync::LazyLock;

use dlmm_core::clarity::{Tuple, Value};
use serde_json::Value as Json;

use crate::follow::block::{Block, Print};
use crate::follow::fold::Rules;
use crate::follow::tokens::Tokens;

pub(super) static RECORDING: LazyLock<Json> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/chain/recording.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});

pub(super) fn rules() -> Rules {
    Rules { core: RECORDING["core"].as_str().unwrap().to_owned(), allow_unverified: true }
}

pub(super) fn tokens() -> Tokens {
    Tokens::parse(&RECORDING["tokens"].to_string()).unwrap()
}

/// The core's prints of a recorded transaction.
pub(super) fn prints(transaction: &Json) -> Vec<Print> {
    let core = &RECORDING["core"];
    let events = transaction["events"].as_array().unwrap().iter();
    events
        .filter(|event| event["contract"] == *core)
        .map(|event| Print {
            txid: transaction["tx_id"].as_str().unwrap().to_owned(),
            index: event["event_index"].as_u64().unwrap(),
            raw_value: event["raw_value"].as_str().unwrap().to_owned(),
        })
        .collect()
}

pub(super) fn transactions() -> &'static [Json] {
    RECORDING["transactions"].as_array().unwrap()
}

/// A block of a branch; its hash follows from both.
pub(super) fn block(height: u64, branch: u64, parent: &str, prints: Vec<Print>) -> Block {
    let hash = format!("0x{branch:08x}{height:08x}");
    Block { height, hash, parent: parent.to_owned(), time_ms: 1_790_000_000_000 + height * 10_000, prints }
}

/// Every transaction in a block of its own, one on another.
pub(super) fn line() -> Vec<Block> {
    let mut parent = "0x00".to_owned();
    let mut blocks = Vec::new();
    for (at, transaction) in transactions().iter().enumerate() {
        let block = block(at as u64 + 1, 0, &parent, prints(transaction));
        parent.clone_from(&block.hash);
        blocks.push(block);
    }
    blocks
}

/// A print of the core, made up.
pub(super) fn print(action: &str, data: &[(&'static str, Value)]) -> Print {
    let data = Tuple::new(data.iter().map(|(name, value)| (*name, value.clone()))).unwrap();
    let action = Value::StringAscii(action.to_owned());
    let value = Tuple::new([("action", action), ("data", Value::Tuple(data))]).unwrap();
    Print { txid: "0x01".to_owned(), index: 0, raw_value: Value::Tuple(value).to_hex() }
}
