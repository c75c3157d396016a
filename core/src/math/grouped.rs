//! Numbers as people read them.

use alloc::string::String;

/// A decimal number without a sign, with its whole part in groups of three: `73,119.5`.
#[must_use]
pub fn grouped(number: &str) -> String {
    let whole = number.bytes().take_while(|byte| *byte != b'.').count();
    let mut text = String::new();
    for (at, byte) in number.bytes().enumerate() {
        if at > 0 && at < whole && whole.saturating_sub(at) % 3 == 0 {
            text.push(',');
        }
        text.push(char::from(byte));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_part_of_a_number_stands_in_groups() {
        for (number, shown) in [
            ("0", "0"),
            ("999.0", "999.0"),
            ("1000", "1,000"),
            ("498506.650578", "498,506.650578"),
            ("99999999.0", "99,999,999.0"),
            ("0.0000001", "0.0000001"),
            (
                "340282366920938463463374607431768211455",
                "340,282,366,920,938,463,463,374,607,431,768,211,455",
            ),
        ] {
            assert_eq!(grouped(number), shown);
        }
    }
}
