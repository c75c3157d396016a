//! What was probably meant by a name that is not there.

/// How like a name must be to what was written, from 0 to 1.
const LIKE: f64 = 0.8;
/// Names that are offered at most.
const OFFERED: usize = 3;

/// The names that are most like `written`, the best first: by letter case alone, by one beginning with the other, by a few
/// letters.
pub(crate) fn similar<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let written = written.to_ascii_lowercase();
    let mut like: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (likeness(&written, &name.to_ascii_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .collect();
    like.sort_by(|(a, a_name), (b, b_name)| b.total_cmp(a).then_with(|| a_name.cmp(b_name)));
    let best = like.first().map_or(0.0, |(likeness, _)| *likeness);
    // Who wrote it in other letters means this one and no other.
    let offered = if best >= 1.0 { 1 } else { OFFERED };
    like.into_iter().take(offered).map(|(_, name)| name).collect()
}

fn likeness(written: &str, name: &str) -> f64 {
    let likeness = strsim::jaro_winkler(written, name);
    // One slip of the fingers weighs too much in a short name.
    let is_slip = name.len() > 2 && strsim::damerau_levenshtein(written, name) == 1;
    if is_slip { likeness.max(LIKE) } else { likeness }
}

/// The question that follows a refusal: `; did you mean BTC?`, or nothing.
pub(crate) fn did_you_mean<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    match similar(written, names).as_slice() {
        [] => String::new(),
        [one] => format!("; did you mean {one}?"),
        [front @ .., last] => format!("; did you mean {} or {last}?", front.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 7] = ["BTC", "ETH", "SOL", "USDC", "USDT", "BTC-USDC-25", "BTC-USDC-50"];

    #[test]
    fn offers_what_is_like_it_and_nothing_else() {
        for (written, offered) in [
            ("btc", "; did you mean BTC?"),
            ("BTCC", "; did you mean BTC, BTC-USDC-25 or BTC-USDC-50?"),
            ("SLO", "; did you mean SOL?"),
            ("USD", "; did you mean USDC or USDT?"),
            ("UDSC", "; did you mean USDC?"),
            ("BTC-USDC-52", "; did you mean BTC-USDC-25, BTC-USDC-50 or BTC?"),
            ("DOGE", ""),
            ("", ""),
        ] {
            assert_eq!(did_you_mean(written, NAMES), offered, "{written}");
        }
    }
}
