//! The one text that a document has, whoever wrote it: what a digest is taken of.
//!
//! The rules are those of RFC 8785 (JSON Canonicalization Scheme), for documents whose numbers are whole:
//!
//! 1. no space between tokens;
//! 2. fields of an object in order of their names (all of them ASCII);
//! 3. text in UTF-8; only `"`, `\` and the characters below U+0020 are escaped, as `\"`, `\\`, `\b`, `\t`,
//!    `\n`, `\f`, `\r`, else as `\u00` with two lower-case digits;
//! 4. numbers as plain whole numbers (`100`, not `100.0` or `1e2`), 2^53 - 1 at most, which a double holds exactly.

use super::tree::Tree;
use crate::json::{ToJson, to_json};
use crate::math::Decimal;
use alloc::string::String;

/// The largest whole number up to which a double misses none.
pub(super) const MAX_SAFE: u64 = (1 << 53) - 1;

/// Writes the canonical text of a document.
///
/// `None` if a number in it is not whole, below zero, or too large for a double to hold.
pub(crate) fn canonical(tree: &Tree) -> Option<String> {
    let mut text = String::new();
    write(tree, &mut text)?;
    Some(text)
}

/// The canonical text of a number.
pub(crate) fn whole_number(text: &str) -> Option<String> {
    let units = Decimal::parse(text).ok()?.to_units(0).ok()?;
    u64::try_from(units).ok().filter(|units| *units <= MAX_SAFE).map(|units| to_json(&units))
}

fn write(tree: &Tree, out: &mut String) -> Option<()> {
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Boolean(true) => out.push_str("true"),
        Tree::Boolean(false) => out.push_str("false"),
        Tree::Number(text) => out.push_str(&whole_number(text)?),
        // Just what the rules name is escaped.
        Tree::Text(text) => text.write(out),
        Tree::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Tree::Object(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                name.write(out);
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(json: &str) -> Option<String> {
        canonical(&Tree::parse(json).expect("JSON"))
    }

    #[test]
    fn one_document_has_one_text() {
        let expected = r#"{"a":[1,true,null,{"x":"é\""}],"b":100}"#;
        for json in [
            expected,
            r#"{ "b" : 1e2, "a" : [1.0, true, null, {"x": "\u00e9\u0022"}] }"#,
            r#"{"b":100.000,"a":[10e-1,true,null,{"x":"\u00E9\""}]}"#,
        ] {
            assert_eq!(of(json).as_deref(), Some(expected), "{json}");
        }
    }

    #[test]
    fn escapes_as_rfc_8785_says() {
        let json = r#""\u0008\u0009\u000a\u000c\u000d\u0000\u001F\u007f\u2028\/\"\\""#;
        assert_eq!(of(json).as_deref(), Some("\"\\b\\t\\n\\f\\r\\u0000\\u001f\u{7f}\u{2028}/\\\"\\\\\""));
    }

    #[test]
    fn has_no_text_for_numbers_that_a_double_might_lose() {
        assert_eq!(of("9007199254740991").as_deref(), Some("9007199254740991"));
        for json in ["9007199254740992", "0.5", "-1", "1e400", "[1,2.5]"] {
            assert_eq!(of(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_as_itself(text: String, number in 0..=MAX_SAFE) {
            let mut json = String::from("{\"t\":");
            text.write(&mut json);
            json.push_str(&alloc::format!(",\"n\":{number}}}"));
            let canonical = of(&json).expect("canonical");
            prop_assert_eq!(of(&canonical), Some(canonical.clone()));
            prop_assert_eq!(Tree::parse(&canonical), Tree::parse(&json));
        }
    }
}
