//! Numbers as people read them.

/// A number with its whole part in groups of three: `73,119.5`. What is no decimal number stays as it is.
pub(crate) fn grouped(number: &str) -> String {
    let (sign, bare) = number.strip_prefix('-').map_or(("", number), |bare| ("-", bare));
    let (whole, fraction) = bare.split_at_checked(bare.find('.').unwrap_or(bare.len())).unwrap_or((bare, ""));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    format!("{sign}{}{fraction}", dlmm_core::math::grouped(whole))
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
            ("-1234567.1234567", "-1,234,567.1234567"),
            (
                "340282366920938463463374607431768211455",
                "340,282,366,920,938,463,463,374,607,431,768,211,455",
            ),
            ("unknown", "unknown"),
            ("", ""),
            ("1e400", "1e400"),
            ("0.0000001", "0.0000001"),
        ] {
            assert_eq!(grouped(number), shown);
        }
    }
}
