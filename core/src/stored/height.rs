//! Heights of the chain: `block_height` of a pool value and of the metadata.

use crate::json::{JsonText, field};
use crate::math::Decimal;

/// The field of a pool value, of the hash `metadata` and of a snapshot.
pub const HEIGHT_FIELD: &str = "block_height";
/// The largest height: the last whole number that every JSON reader keeps.
pub const MAX_HEIGHT: u64 = (1 << 53) - 1;

/// Reads a height, whole digits. What is none counts as not known.
#[must_use]
pub fn parse_height(text: &str) -> Option<u64> {
    Decimal::plain_units(text).and_then(height)
}

/// The same of a JSON number, or of one in a text; as for any whole number, `5.0` is 5.
pub(super) fn read_height(raw: JsonText<'_>) -> Option<u64> {
    field::units(HEIGHT_FIELD, raw).ok().and_then(height)
}

fn height(units: u128) -> Option<u64> {
    u64::try_from(units).ok().filter(|height| *height <= MAX_HEIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whole_digits_and_nothing_else() {
        for (text, height) in [
            ("0", Some(0)),
            ("183456", Some(183_456)),
            ("9007199254740991", Some(MAX_HEIGHT)),
            ("9007199254740992", None),
            ("18446744073709551616", None),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("tip", None),
            (" 5", None),
        ] {
            assert_eq!(parse_height(text), height, "{text}");
            let quoted = alloc::format!("\"{text}\"");
            assert_eq!(read_height(JsonText::parse(&quoted).expect("JSON")), height, "{text}");
        }
    }

    #[test]
    fn reads_numbers_as_json_writes_them() {
        let read = |json| read_height(JsonText::parse(json).expect("JSON"));
        assert_eq!(
            [read("5"), read("5.0"), read("1e3"), read("true")],
            [Some(5), Some(5), Some(1_000), None]
        );
        assert_eq!([read("-5"), read("{}"), read("9007199254740992")], [None; 3]);
    }
}
