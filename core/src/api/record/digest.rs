//! The digest of an answer: request, state and result, without what changes from one reading to the next.

use super::canonical::canonical;
use super::tree::{Fields, Tree};
use crate::gather::Gather;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use sha2::{Digest, Sha256};

/// Prices that follow from amounts or from the stored texts; they are compared, not covered.
pub(super) const DERIVED: [&str; 2] = ["effective_price", "price"];

/// What the name of an amount in smallest units ends with.
pub(super) const ATOMIC: &str = "_atomic";

/// Warnings that go by where the state comes from, as `source` does, or by the time of reading and the heartbeat.
const CIRCUMSTANCES: [&str; 5] =
    ["SAMPLE_STATE", "AGE_UNKNOWN", "TIME_AHEAD", "STATE_OLD", "HEARTBEAT_INVALID"];

/// The fields of an answer whose texts are handed over apart, as long as they are not there; in the order of their names.
const NO_INPUT: &str = "\"input\":null";
const NO_STEPS: &str = "\"steps\":null";

/// Gives `sha256:` and 64 hexadecimal digits over the canonical text of what the digest covers of a whole answer.
///
/// `None` if the answer has no canonical text, which none of ours is without.
pub(crate) fn digest_of(answer: Tree) -> Option<String> {
    Some(digest(&[&canonical(&covered(answer))?]))
}

/// The same of an answer whose input, in pieces, and steps are canonical texts already: they are long, and need not
/// become trees. Its own `steps` are `null` where there are any.
pub(super) fn digest_with(answer: Tree, input: &[&str], steps: Option<&str>) -> Option<String> {
    let (before, after) = around_input(answer, steps)?;
    let mut pieces = Vec::from([&*before]);
    pieces.extend(input);
    pieces.push(&after);
    Some(digest(&pieces))
}

/// What the digest covers of an answer before its input and after it.
pub(super) fn around_input(answer: Tree, steps: Option<&str>) -> Option<(String, String)> {
    let mut answer = covered(answer);
    answer.fields_mut()?.insert(String::from("input"), Tree::Null);
    let text = canonical(&answer)?;
    let (before, rest) = around(&text, NO_INPUT)?;
    let after = match steps {
        Some(steps) => {
            let (between, after) = around(rest, NO_STEPS)?;
            [between, steps, after].concat()
        }
        None => String::from(rest),
    };
    Some((String::from(before), after))
}

/// What stands before and after the `null` of a field. A quote inside of a text is escaped, and no other field has its
/// name.
fn around<'a>(text: &'a str, field: &str) -> Option<(&'a str, &'a str)> {
    let place = text.as_bytes().windows(field.len()).position(|at| at == field.as_bytes())?;
    let (before, after) = text.split_at_checked(place + field.len() - "null".len())?;
    Some((before, after.strip_prefix("null")?))
}

fn digest(pieces: &[&str]) -> String {
    digest_text(&sha256(pieces))
}

pub(super) fn sha256(pieces: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece);
    }
    hash.finalize().into()
}

pub(super) fn digest_text(sha256: &[u8; 32]) -> String {
    let mut digest = String::from("sha256:");
    for byte in sha256 {
        // Writing to a text does not fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

/// Leaves what the digest covers: all of `input`; of the rest no request id, source, time of reading, heartbeat, age or height, and
/// no amount in whole tokens or price, because a reader may have made doubles of those.
pub(super) fn covered(mut answer: Tree) -> Tree {
    let Some(fields) = answer.fields_mut() else { return answer };
    fields.remove("request_id");
    fields.remove("digest");
    let input = fields.remove("input");
    if let Some(state) = fields.get_mut("state").and_then(Tree::fields_mut) {
        state.remove("source");
        state.remove("read_at");
        state.remove("heartbeat_ms");
        state.remove("warn_age_ms");
        state.remove("block_height");
        if let Some(Tree::List(pools)) = state.get_mut("pools") {
            for pool in pools.iter_mut().filter_map(Tree::fields_mut) {
                pool.remove("age_ms");
                pool.remove("block_height");
            }
        }
    }
    if let Some(Tree::List(warnings)) = fields.get_mut("warnings") {
        warnings.retain(|warning| {
            let code = warning.field("code").and_then(Tree::text);
            !code.is_some_and(|code| CIRCUMSTANCES.contains(&code))
        });
    }
    for (_, value) in fields.iter_mut() {
        drop_twins(value);
    }
    drop_twins_of(fields);
    if let Some(input) = input {
        fields.insert(String::from("input"), input);
    }
    answer
}

fn drop_twins(tree: &mut Tree) {
    match tree {
        Tree::List(items) => items.iter_mut().for_each(drop_twins),
        Tree::Object(fields) => {
            fields.iter_mut().for_each(|(_, value)| drop_twins(value));
            drop_twins_of(fields);
        }
        _ => {}
    }
}

fn drop_twins_of(fields: &mut Fields) {
    let twins: Vec<bool> = fields.keys().map(|name| is_human(name, fields)).gather();
    let mut twins = twins.into_iter();
    fields.retain(|_, _| twins.next() == Some(false));
}

/// Tells whether a field is an amount in whole tokens that stands beside its smallest units, or a price.
pub(crate) fn is_human(name: &str, fields: &Fields) -> bool {
    // An object has a few fields and an answer many objects, so that no name is made for each.
    let stands_in = |field: &String| field.strip_suffix(ATOMIC) == Some(name);
    DERIVED.contains(&name) || fields.keys().any(stands_in)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const ANSWER: &str = r#"{"success":true,"amount_in":1.5,"amount_in_atomic":"15","price_impact_ppm":7,
        "effective_price":0.3,"steps":[{"price":2.5,"bin_id":500,"fee_amount":0.1,"fee_amount_atomic":"1"}],
        "state":{"source":"redis","read_at":"now","heartbeat_ms":"1","warn_age_ms":5,"block_height":7,"pools":[{"pool_id":"P","last_updated":"then","age_ms":5,"block_height":7}]},
        "warnings":[{"code":"SAMPLE_STATE","reason":"r"},{"code":"TIME_AHEAD","ahead_ms":2},{"code":"AGE_UNKNOWN","pool_id":"P"},
        {"code":"STATE_OLD","pool_id":"P","age_ms":5},{"code":"HEARTBEAT_INVALID"},{"code":"PARTIAL_FILL","unfilled_atomic":"1"}],
        "input":{"price":1,"amount":"2","amount_atomic":"3","source":"kept"},"digest":"sha256:0","request_id":"r"}"#;

    const COVERED: &str = r#"{"amount_in_atomic":"15","input":{"amount":"2","amount_atomic":"3","price":1,"source":"kept"},"price_impact_ppm":7,"state":{"pools":[{"last_updated":"then","pool_id":"P"}]},"steps":[{"bin_id":500,"fee_amount_atomic":"1"}],"success":true,"warnings":[{"code":"PARTIAL_FILL","unfilled_atomic":"1"}]}"#;

    #[test]
    fn covers_request_state_and_result() {
        let answer = Tree::parse(ANSWER).expect("JSON");
        assert_eq!(canonical(&covered(answer)).as_deref(), Some(COVERED));
    }

    #[test]
    fn is_the_sha_256_of_the_covered_text() {
        // printf '{"a":1}' | sha256sum
        let answer = Tree::parse(r#"{"request_id":"r","a":1.0}"#).expect("JSON");
        let digest = "sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
        assert_eq!(digest_of(answer).as_deref(), Some(digest));
    }

    #[test]
    fn an_input_in_pieces_and_steps_count_as_if_they_stood_in_the_answer() {
        let with = |fields: &str| {
            let json = format!(r#"{{"z":"\"input\":null,\"steps\":null","success":true,{fields}"a":1}}"#);
            Tree::parse(&json).expect("JSON")
        };
        let (input, steps) = (["{\"b\":[1,", "\"x\"]}"], "[{\"bin_id\":5}]");
        let whole = digest_of(with(r#""input":{"b":[1,"x"]},"steps":[{"price":2.5,"bin_id":5}],"#));
        assert_eq!(digest_with(with(r#""steps":null,"#), &input, Some(steps)), whole);
        assert_ne!(digest_with(with(r#""steps":null,"#), &input, Some("[]")), whole);
        let short = digest_of(with(r#""input":{"b":[1,"x"]},"#));
        assert_eq!(digest_with(with(""), &input, None), short);
        assert_eq!(digest_with(with(""), &input, Some(steps)), None, "there is no place for them");
    }
}
