//! Every value that the recorded contracts printed, read and written again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where its data is not as it was recorded"
)]

use dlmm_core::clarity::{Principal, Value, hex_bytes, push_hex};
use serde_json::Value as Json;

fn recording() -> Json {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/chain/recording.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_recorded_value_is_written_as_it_was_read() {
    let recording = recording();
    let transactions = recording["transactions"].as_array().unwrap();
    let mut values = 0;
    for event in transactions.iter().flat_map(|transaction| transaction["events"].as_array().unwrap()) {
        let raw = event["raw_value"].as_str().unwrap();
        let value = Value::from_hex(raw).unwrap();
        assert_eq!(value.to_hex(), raw);
        assert!(value.as_tuple().is_some());
        values += 1;
        // Any byte that is missing is missed.
        let bytes = hex_bytes(raw).unwrap();
        for end in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            assert!(Value::read(&bytes[..end]).is_err());
        }
        let mut text = String::from("0x");
        push_hex(&mut text, &bytes);
        assert_eq!(text, raw);
    }
    assert_eq!(values, 1_089);
}

#[test]
fn arguments_and_principals_of_recorded_calls_are_read() {
    let recording = recording();
    let (mut principals, mut arguments) = (0, 0);
    for transaction in recording["transactions"].as_array().unwrap() {
        for name in ["sender", "contract"] {
            let text = transaction[name].as_str().unwrap();
            assert_eq!(Principal::parse(text).unwrap().to_string(), text);
            principals += 1;
        }
        for argument in transaction["args"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()) {
            if argument.starts_with("0x") {
                assert_eq!(Value::from_hex(argument).unwrap().to_hex(), argument);
                arguments += 1;
            }
        }
    }
    assert!(principals > 400 && arguments > 500, "{principals} {arguments}");
}
