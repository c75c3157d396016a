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
    fn a_sign_stays_in_front_and_what_is_no_number_as_it_is() {
        for (number, shown) in [
            ("1000", "1,000"),
            ("-1234567.1234567", "-1,234,567.1234567"),
            ("unknown", "unknown"),
            ("", ""),
            ("1e400", "1e400"),
        ] {
            assert_eq!(grouped(number), shown);
        }
    }
}
