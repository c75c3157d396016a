//! Amounts as people write them, and as they are taken.

/// How an amount is written that has its digits in groups, or a comma for a point; `None` where it has neither.
pub(crate) fn plainly_written(amount: &str) -> Option<String> {
    let is_plain = |text: &str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        [whole, fraction]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    // 1.000,5 is read one way here and another there.
    if amount.rfind(',') > amount.find('.') && amount.contains('.') {
        return None;
    }
    // 1,5 and 1,50 are no groups of three.
    let (before, after) = amount.rsplit_once(',').unwrap_or((amount, ""));
    let is_point = !after.is_empty() && after.len() != 3 && !amount.contains('.') && !before.contains(',');
    let bare: String = match is_point {
        true => amount.replace(',', "."),
        false => amount
            .chars()
            .filter(|sign| !matches!(sign, ',' | '_' | '\'' | '’') && !sign.is_whitespace())
            .collect(),
    };
    (bare != amount && is_plain(&bare)).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_people_write_them_are_shown_as_they_are_taken() {
        for (written, plain) in [
            ("73,119.5", Some("73119.5")),
            ("1,000,000", Some("1000000")),
            ("1_000", Some("1000")),
            ("1'000.5", Some("1000.5")),
            ("1 000", Some("1000")),
            ("1,5", Some("1.5")),
            ("1,50", Some("1.50")),
            ("1.5", None),
            ("abc", None),
            ("a,bc", None),
            ("1.000,5", None),
            ("", None),
            (",", None),
        ] {
            assert_eq!(plainly_written(written).as_deref(), plain, "{written}");
        }
    }
}
