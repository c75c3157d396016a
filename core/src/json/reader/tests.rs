use super::*;
use alloc::vec::Vec;
use proptest::prelude::*;
use serde_json::value::RawValue;

fn fault(text: &str) -> String {
    JsonText::parse(text).expect_err("no JSON")
}

fn string(text: &str) -> Option<String> {
    let mut reader = Reader::new(text);
    let read = reader.string().ok()?.into_owned();
    reader.end().ok().map(|()| read)
}

#[test]
fn says_what_is_expected_and_where() {
    for (text, expected) in [
        ("", "expected a value, but the text ends"),
        (" {", "expected a string, but the text ends"),
        ("[1 2]", "expected a comma or the end of a list or object at byte 3"),
        ("{\"a\" 1}", "expected a colon at byte 5"),
        ("{\"a\":}", "expected a value at byte 5"),
        ("[1,]", "expected a value at byte 3"),
        ("01", "expected the end at byte 1"),
        ("-", "expected a digit at byte 0"),
        ("\"\\x\"", "expected an escape sequence at byte 1"),
        ("\"\\u12g4\"", "expected an escape sequence at byte 1"),
        ("\"\u{1f}\"", "expected valid text at byte 1"),
        ("\"", "expected valid text, but the text ends"),
    ] {
        assert_eq!(fault(text), expected, "{text}");
    }
}

#[test]
fn deep_documents_end_early() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(JsonText::parse(&nested(MAX_DEPTH.into())).is_ok());
    assert_eq!(fault(&nested(usize::from(MAX_DEPTH) + 1)), "more than 128 levels");
    assert_eq!(fault(&"[".repeat(1_000_000)), "more than 128 levels");
    assert_eq!(fault(&"{\"a\":".repeat(1_000_000)), "more than 128 levels");
}

#[test]
fn gives_names_and_values_as_they_come() {
    let mut reader = Reader::new(" { \"a\\u0062\" : [ 1 , {} ] , \"c\":\"\\\"\" } ");
    let mut entries = Vec::new();
    let read = reader.object(&mut |reader| {
        entries.push((reader.name()?.into_owned(), reader.value()?.get()));
        Ok(())
    });
    assert_eq!((read, reader.end()), (Ok(()), Ok(())));
    assert_eq!(entries, [("ab".into(), "[ 1 , {} ]"), ("c".into(), "\"\\\"\"")]);
}

/// Pieces of JSON in any order: now and then they make up a document.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: [&str; 30] = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"\\u00e9\\n\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"\\u12g4\"",
        "\"",
        "\\",
        "0",
        "-0",
        "1",
        "1.5",
        "-1.5E+30",
        "1e5",
        ".",
        "e",
        "+",
        "true",
        "false",
        "null",
        "nul",
        " ",
        "\n",
        "é",
        "\u{1f}",
    ];
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12).prop_map(|pieces| pieces.concat())
}

/// Documents, some of them with a character too few.
fn documents() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    let value = leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
        ]
    });
    (value, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(value, at, whole)| {
        let mut text = serde_json::to_string_pretty(&value).expect("JSON");
        if !whole && let Some((at, _)) = text.char_indices().nth(at.index(text.chars().count())) {
            text.remove(at);
        }
        text
    })
}

proptest! {
    #[test]
    fn takes_what_serde_json_takes(text in prop_oneof![pieces(), documents(), any::<String>()]) {
        let theirs = serde_json::from_str::<&RawValue>(&text).ok();
        prop_assert_eq!(JsonText::parse(&text).ok().map(JsonText::get), theirs.map(RawValue::get));
        prop_assert_eq!(string(&text), serde_json::from_str::<String>(&text).ok());
    }
}
