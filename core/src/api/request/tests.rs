use super::*;
use crate::network::decimals::DecimalTable;

fn refused(body: &str) -> (&'static str, String) {
    match request_from_json(body) {
        Err(QuoteError::InvalidRequest { field, .. }) => ("INVALID_REQUEST", field),
        Err(e) => (e.code(), String::new()),
        Ok(request) => panic!("accepted {request:?}"),
    }
}

fn with(fields: &str) -> String {
    format!(r#"{{"token_in":"BTC","token_out":"USDC",{fields}}}"#)
}

#[test]
fn reads_a_full_request() {
    let body = with(
        r#""amount_in":"1e-1","slippage_bps":0,"max_hops":4,"max_splits":0,"max_bins":1001,
        "allow_partial":true,"strict":true,"max_age_ms":5,"min_block_height":7,"pools":["P"],"exclude_pools":["Q"],"via":["SOL"],
        "include_state":false"#,
    );
    let request = request_from_json(&body).expect("sound");
    assert_eq!(request.amount_units(&DecimalTable::default()), Ok(10_000_000));
    assert_eq!((request.max_hops, request.max_bins, request.max_splits), (4, 1001, 0));
    assert_eq!((request.max_age_ms, request.min_block_height), (Some(5), Some(7)));
    assert!(request.strict && request.allow_partial && !request.filter.is_open());
    let direct = request_from_json(&with(r#""amount_in_atomic":"5","direct_only":true"#)).expect("sound");
    assert_eq!((direct.max_hops, direct.amount), (1, AmountText::Atomic(5)));
    let out = request_from_json(&with(r#""amount_out":"1.5""#)).expect("sound");
    assert_eq!((out.mode, out.amount_units(&DecimalTable::default())), (Mode::ExactOut, Ok(1_500_000)));
}

#[test]
fn a_query_string_means_the_same() {
    let body = with(r#""amount_in":1.5,"slippage_bps":7,"via":["A","B"],"strict":true"#);
    let query = [
        ("token_in", "BTC"),
        ("token_out", "USDC"),
        ("amount_in", "1.5"),
        ("slippage_bps", "7"),
        ("via", "A,B"),
        ("strict", "true"),
    ];
    let from_query = request_from_fields(query.map(|(name, text)| (name, FieldValue::Text(text))));
    assert_eq!(from_query, request_from_json(&body));
    let twice = query.into_iter().chain([("strict", "true")]);
    let twice = request_from_fields(twice.map(|(name, text)| (name, FieldValue::Text(text))));
    assert_eq!(twice.expect_err("twice").code(), "INVALID_REQUEST");
    let by_name = query.into_iter().filter(|(name, _)| *name != "via").chain([("via", "A"), ("via", "B")]);
    let by_name = request_from_fields(by_name.map(|(name, text)| (name, FieldValue::Text(text))));
    assert_eq!(by_name, request_from_json(&body), "a list name by name");
}

#[test]
fn whole_numbers_have_many_spellings() {
    for (text, expected) in [("50", 50), ("50.0", 50), ("5e1", 50), ("0.5e2", 50), ("0", 0)] {
        let request =
            request_from_json(&with(&format!(r#""amount_in":1,"slippage_bps":{text},"max_age_ms":{text}"#)));
        let request = request.expect("a whole number");
        assert_eq!((request.slippage_bps, request.max_age_ms), (expected, Some(expected.into())), "{text}");
    }
    for text in ["50.5", "5e-1", "1e99", "\"50\"", "-1"] {
        assert_eq!(
            refused(&with(&format!(r#""amount_in":1,"slippage_bps":{text}"#))).1,
            "slippage_bps",
            "{text}"
        );
    }
}

#[test]
fn names_the_field_it_refuses() {
    let cases = [
        ("", "body"),
        ("[]", "body"),
        ("{", "body"),
        (r#"{"token_in":"BTC"} x"#, "body"),
        ("{}", "token_in"),
        (r#"{"token_in":null}"#, "token_in"),
        (r#"{"token_in":5}"#, "token_in"),
        (r#"{"token_in":"BTC"}"#, "token_out"),
        (r#"{"token_in":"B:C","token_out":"USDC"}"#, "token_in"),
        (r#"{"token_in":"BTC","token_out":"U*"}"#, "token_out"),
        (r#"{"token_in":"BTC","token_in":"BTC"}"#, "token_in"),
    ];
    for (body, field) in cases {
        assert_eq!(refused(body), ("INVALID_REQUEST", field.into()), "{body}");
    }
    let fields = [
        (r#""slippage_bps":50"#, "amount_in"),
        (r#""amount_in":1,"amount_in_atomic":"1""#, "amount_in_atomic"),
        (r#""amount_in":-1"#, "amount_in"),
        (r#""amount_in":"NaN""#, "amount_in"),
        (r#""amount_in":true"#, "amount_in"),
        (r#""amount_in":"""#, "amount_in"),
        (r#""amount_in_atomic":5"#, "amount_in_atomic"),
        (r#""amount_in_atomic":"1.0""#, "amount_in_atomic"),
        (r#""amount_out":1,"amount_in":1"#, "amount_out"),
        (r#""amount_out":-1"#, "amount_out"),
        (r#""amount_in":1,"slippage_bps":10001"#, "slippage_bps"),
        (r#""amount_in":1,"slippage_bps":"50""#, "slippage_bps"),
        (r#""amount_in":1,"max_hops":0"#, "max_hops"),
        (r#""amount_in":1,"max_hops":5"#, "max_hops"),
        (r#""amount_in":1,"max_bins":0"#, "max_bins"),
        (r#""amount_in":1,"strict":"yes""#, "strict"),
        (r#""amount_in":1,"pools":[]"#, "pools"),
        (r#""amount_in":1,"via":["A:B"]"#, "via"),
        (r#""amount_in":1,"max_age_ms":-1"#, "max_age_ms"),
        (r#""amount_in":1,"min_block_height":1.5"#, "min_block_height"),
        (r#""amount_in":1,"min_block_height":"tip""#, "min_block_height"),
        (r#""amount_in":1,"gas":1"#, "gas"),
        (r#""amount_in":1,"explain":"yes""#, "explain"),
    ];
    for (field, name) in fields {
        assert_eq!(refused(&with(field)), ("INVALID_REQUEST", name.into()), "{field}");
    }
}

#[test]
fn offers_the_field_that_was_meant() {
    for (name, told) in [
        ("amount", "; did you mean amount_in or amount_in_atomic or amount_out?"),
        ("exclude_pool", "; did you mean exclude_pools?"),
        ("max_hop", "; did you mean max_hops?"),
        ("slippage", "; did you mean slippage_bps?"),
        // Its part in a query is no field of a body.
        ("plan_sende", "; did you mean plan?"),
        ("gas", ""),
    ] {
        let error = request_from_json(&with(&format!(r#""{name}":1"#))).expect_err("no such field");
        assert_eq!(error.to_string(), format!("{name} is not a field of a quote request{told}"));
    }
}

#[test]
fn tells_overflow_and_precision_apart() {
    let units = |amount: &str| {
        request_from_json(&with(&format!("\"amount_in\":{amount}")))
            .and_then(|request| request.amount_units(&DecimalTable::default()))
            .map_err(|e| e.code())
    };
    assert_eq!(units("1e400"), Err("AMOUNT_OVERFLOW"));
    assert_eq!(units(&"9".repeat(60)), Err("AMOUNT_OVERFLOW"));
    assert_eq!(units("0.123456789012345678901234567890"), Err("INVALID_REQUEST"));
    assert_eq!(units("0.0"), Err("INVALID_REQUEST"));
    assert_eq!(units("0.10000000000000000000000000000000"), Ok(10_000_000));
    assert_eq!(refused(&with(&format!("\"amount_in_atomic\":\"{}\"", "9".repeat(40)))).0, "AMOUNT_OVERFLOW");
}
