//! Bodies of strangers: recorded blocks with bytes changed, in the JSON and inside of its values. Whatever comes, nothing
//! panics, a block that is refused changes nothing, and what is stored is what there is.
//!
//! `DLMM_FUZZ_SECONDS=600 cargo test --release -p dlmm-cli mutated` looks longer.

use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value as Json, json};

use super::recording::transactions;
use super::world::World;
use crate::follow::block::Block;
use crate::follow::market::Market;

/// Words of blocks, to be put in the place of others.
const WORDS: [&str; 16] = [
    "null",
    "-1",
    "1e400",
    "18446744073709551616",
    "\"\"",
    "{}",
    "[]",
    "true",
    "\"0x\"",
    "\"block_height\":",
    "\\u0000",
    "\"committed\":false",
    "\"0x0c00000001\"",
    "340282366920938463463374607431768211455",
    "\"event_index\":0,",
    "\u{fffd}",
];

fn body((height, n): (u64, u32), parent: &str, transaction: &Json) -> Json {
    let events: Vec<Json> = transaction["events"].as_array().unwrap().iter().map(|event| {
        json!({ "txid": transaction["tx_id"], "event_index": event["event_index"], "committed": true, "type": "contract_event",
            "contract_event": { "contract_identifier": event["contract"], "topic": "print", "raw_value": event["raw_value"] } })
    }).collect();
    json!({ "block_height": height, "index_block_hash": format!("0x{height:08x}{n:08x}"), "parent_index_block_hash": parent,
        "block_time": 1_790_000_000 + height, "transactions": [], "events": events })
}

/// Changes a few bytes of a text: one, a run, a copy of a part, or a word in its place.
fn mutate(rng: &mut Rng, text: &mut Vec<u8>) {
    for _ in 0..rng.usize(1..4) {
        if text.is_empty() {
            return;
        }
        let (at, length) = (rng.usize(..text.len()), rng.usize(1..24));
        let end = (at + length).min(text.len());
        match rng.u8(..6) {
            0 => text[at] ^= 1 << rng.u8(..8),
            1 => drop(text.drain(at..end)),
            2 => {
                let part = text[at..end].to_vec();
                let to = rng.usize(..text.len());
                text.splice(to..to, part);
            }
            3 => drop(text.splice(at..end, WORDS[rng.usize(..WORDS.len())].bytes())),
            4 => text[at] = rng.u8(..),
            _ => text.truncate(at),
        }
    }
}

/// Changes bytes of one value, which stays hexadecimal digits.
fn mutate_value(rng: &mut Rng, core: &str, body: &mut Json) {
    let events = body["events"].as_array_mut().unwrap();
    // What others print counts for nothing.
    events.retain(|event| event["contract_event"]["contract_identifier"] == core);
    if events.is_empty() {
        return;
    }
    let at = rng.usize(..events.len());
    let value = &mut events[at]["contract_event"]["raw_value"];
    let text = value.as_str().unwrap().trim_start_matches("0x");
    let mut bytes: Vec<u8> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    mutate(rng, &mut bytes);
    *value = format!("0x{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).into();
}

fn all(market: &Market) -> Vec<(String, Option<String>)> {
    market.slots().iter().map(|slot| (slot.place(), market.text(slot))).collect()
}

#[test]
fn mutated_blocks_are_taken_whole_or_not_at_all() {
    let seconds = std::env::var("DLMM_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let seed = std::env::var("DLMM_TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut rng = Rng::with_seed(seed);
    let mut world = World::new();
    let core = world.rules.core.clone();
    let mut parent = "0x00".to_owned();
    for (height, transaction) in (1..).zip(transactions().iter().take(60)) {
        let block =
            Block::read(body((height, 0), &parent, transaction).to_string().as_bytes(), &core).unwrap();
        world.take(&block).unwrap();
        parent.clone_from(&block.hash);
    }
    let before = all(&world.state.market);
    let (mut refused, mut taken, mut unread, mut n) = (0_u32, 0_u32, 0_u32, 0_u32);
    while until.map_or(n < 800, |until| Instant::now() < until) {
        n += 1;
        let mut body = body((900, n), &parent, &transactions()[rng.usize(..transactions().len())]);
        let in_value = rng.u8(..3) > 0;
        if in_value {
            mutate_value(&mut rng, &core, &mut body);
        }
        let mut text = body.to_string().into_bytes();
        if !in_value {
            mutate(&mut rng, &mut text);
        }
        let Ok(block) = Block::read(&text, &core) else {
            unread += 1;
            continue;
        };
        match world.take(&block) {
            Err(_) => {
                refused += 1;
                assert_eq!(all(&world.state.market), before, "seed {seed}, block {n}");
            }
            Ok(None) => {}
            Ok(Some(_)) => {
                taken += 1;
                world.assert_stored();
                // An empty block on the parent goes back, so that the next one finds the same.
                let back = Block {
                    hash: format!("0xff{n:08x}"),
                    parent: parent.clone(),
                    prints: Vec::new(),
                    height: 900,
                    ..block
                };
                world.take(&back).unwrap();
                assert_eq!(all(&world.state.market), before, "seed {seed}, block {n}");
            }
        }
    }
    println!("{n} blocks: {unread} were none, {refused} refused, {taken} taken");
    assert!(unread > 50 && refused > 50 && taken > 50, "{unread} {refused} {taken}");
}
