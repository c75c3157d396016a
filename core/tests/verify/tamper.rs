//! An answer in which anything was changed does not verify.

use crate::kinds::{network, x_for_y};
use crate::market::Market;
use crate::record::{Reading, WHOLE, answer, through_doubles, verified};
use dlmm_core::api::Source;
use dlmm_core::verify::verify_quote;
use serde_json::{Value, json};
use std::ops::Range;

/// Answers that between them have every field there is.
fn answers() -> Vec<String> {
    let mut suspect = network();
    suspect.bin("A", 499)["reserve_x"] = json!("7");
    suspect.bin("B", 501)["price_e8"] = json!("0");
    suspect.pool("D").as_object_mut().expect("an object").remove("last_updated");
    let mut human = Market::plain(&[("P", "ODD", "BTC", 500, &[])]);
    human.pool("P").as_object_mut().expect("an object").remove("token_x_decimals");
    human.pool("P")["token_y_decimals"] = json!(8);
    human.pool("P")["bins"] = json!([
        {"bin_id":500,"x_amount":0.0,"y_amount":12.25,"price":0.0301,"is_active":true},
        {"bin_id":499,"x_amount":0,"y_amount":"3.00000001","price":"0.030"}]);
    let cut = Reading { width: 1, cut_short: true, source: Source::Sample };
    let request = |fields: &str| -> Value { serde_json::from_str(fields).expect("JSON") };
    let all = [
        (&network(), x_for_y("100"), WHOLE),
        (
            &network(),
            request(r#"{"token_in":"X","token_out":"Y","amount_out":"700","explain":true,"max_splits":2}"#),
            cut,
        ),
        (
            &suspect,
            request(
                r#"{"token_in":"X","token_out":"Y","amount_in":9000,"allow_partial":true,"max_splits":0,"explain":true}"#,
            ),
            WHOLE,
        ),
        (
            &human,
            request(
                r#"{"token_in":"ODD","token_out":"BTC","amount_in":"432.109876543210987654","max_age_ms":60000}"#,
            ),
            WHOLE,
        ),
    ];
    all.map(|(market, request, reading)| answer(market, &request, reading).expect("a quote")).into()
}

/// Where the value of a top-level text field or of a field named but once stands.
fn span_of(text: &str, field: &str) -> Range<usize> {
    let name = format!("\"{field}\":\"");
    let start = text.find(&name).expect("the field") + name.len();
    start..start + text[start..].find('"').expect("its end")
}

fn rejected(text: &str) -> bool {
    verify_quote(text).map_or(true, |verification| !verification.is_equal())
}

/// Fields that the digest leaves out and no input determines: the id of a request, and the moment of the reading.
/// (A moved moment changes the ages, so it is noticed all the same unless no pool has one.)
fn free(text: &str) -> [Range<usize>; 2] {
    [span_of(text, "request_id"), span_of(text, "read_at")]
}

#[test]
fn any_digit_changed_is_rejected() {
    for text in answers() {
        assert!(verified(&text).is_equal());
        let free = free(&text);
        let digits = text
            .bytes()
            .enumerate()
            .filter(|(at, byte)| byte.is_ascii_digit() && !free.iter().any(|range| range.contains(at)));
        let mut changed = 0;
        for (at, digit) in digits {
            // The next digit, and zero, which is what rounding might make of the last one.
            for other in [(digit - b'0' + 1) % 10 + b'0', b'0'].into_iter().filter(|other| *other != digit) {
                let mut bytes = text.clone().into_bytes();
                bytes[at] = other;
                let bent = String::from_utf8(bytes).expect("ASCII");
                assert!(rejected(&bent), "a {} at {at}: {bent}", other as char);
                changed += 1;
            }
        }
        assert!(changed > 500, "{changed} in {text}");
    }
}

/// Every third one, each time another third: all of them take a minute.
#[test]
fn any_character_changed_is_rejected() {
    for (index, text) in answers().into_iter().enumerate() {
        let mut free = free(&text).to_vec();
        free.push(span_of(&text, "source"));
        let characters = (index % 3..text.len()).step_by(3);
        for at in characters.filter(|at| !free.iter().any(|range| range.contains(at))) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'x' { b'0' } else { b'x' };
            let bent = String::from_utf8(bytes).expect("ASCII");
            assert!(rejected(&bent), "at {at}: {bent}");
        }
    }
}

#[test]
fn any_digit_changed_is_rejected_after_numbers_were_doubles() {
    for text in answers() {
        let text = through_doubles(&text);
        assert!(verified(&text).is_equal());
        let free = free(&text);
        for (at, digit) in text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
            if free.iter().any(|range| range.contains(&at)) {
                continue;
            }
            let mut bytes = text.clone().into_bytes();
            bytes[at] = (digit - b'0' + 1) % 10 + b'0';
            let bent = String::from_utf8(bytes).expect("ASCII");
            assert!(rejected(&bent), "at {at}: {bent}");
        }
    }
}

#[test]
fn a_changed_result_with_a_new_digest_is_still_a_difference() {
    let text = &answers()[0];
    let bent = text.replacen(r#""amount_out_atomic":"100""#, r#""amount_out_atomic":"101""#, 1);
    assert_ne!(&bent, text);
    let verification = verified(&bent);
    assert!(!verification.digest_matches);
    let [difference] = verification.differences.as_slice() else { panic!("{verification:?}") };
    assert_eq!(difference.path, "amount_out_atomic");
    assert_eq!(
        (difference.given.as_deref(), difference.computed.as_deref()),
        (Some("\"101\""), Some("\"100\""))
    );
}

#[test]
fn changed_state_is_a_difference_where_it_matters_and_a_wrong_digest_in_any_case() {
    let text = &answers()[0];
    let matters = text.replace(r#"\"reserve_y\":\"500\""#, r#"\"reserve_y\":\"50\""#);
    let verification = verified(&matters);
    assert!(!verification.digest_matches && !verification.differences.is_empty());
    let irrelevant = text.replace(r#"\"reserve_x\":\"800\""#, r#"\"reserve_x\":\"801\""#);
    assert_ne!(&irrelevant, text);
    let verification = verified(&irrelevant);
    assert!(!verification.digest_matches && verification.differences.is_empty(), "{verification:?}");
}

#[test]
fn a_state_that_gives_no_answer_is_a_difference() {
    let text = &answers()[0];
    let verification = verified(&text.replace(r#"\"status\":\"active\""#, r#"\"status\":\"paused\""#));
    let [difference] = verification.differences.as_slice() else { panic!("{verification:?}") };
    assert_eq!(difference.path, "success");
    assert!(difference.computed.as_ref().is_some_and(|told| told.contains("NO_ROUTE")), "{difference:?}");
}

#[test]
fn fields_added_or_taken_away_are_noticed() {
    let text = &answers()[0];
    let added = text.replacen(r#""mode":"#, r#""bonus":1,"mode":"#, 1);
    let verification = verified(&added);
    assert!(!verification.digest_matches && verification.differences[0].path == "bonus");
    let taken = text.replacen(r#""bins_used":1,"#, "", 1);
    assert_ne!(&taken, text);
    let verification = verified(&taken);
    assert!(!verification.digest_matches && verification.differences[0].path == "bins_used");
}

#[test]
fn the_source_and_the_id_of_the_request_are_not_compared() {
    let text = &answers()[0];
    let other =
        text.replace(r#""source":"snapshot""#, r#""source":"redis""#).replace("0123456789abcdef", "x");
    assert_ne!(&other, text);
    assert!(verified(&other).is_equal());
    assert!(verified(&text.replace(r#","request_id":"0123456789abcdef""#, "")).is_equal());
}
