//! Why a body of JSON cannot be read, in words.

/// Characters of the reader's words at most: it names what it did not expect, at whatever length that was sent.
const MAX_LENGTH: usize = 200;

/// What the reader found fault with. Half of a surrogate pair is named as that whichever half it is: the reader speaks of
/// the end of an escape that is whole.
pub fn unreadable(fault: &serde_json::Error) -> String {
    let told = fault.to_string();
    let of_half = ["unexpected end of hex escape", "lone leading surrogate in hex escape"];
    // At its beginning alone: what follows may be words of the client.
    let place = of_half.into_iter().find_map(|words| told.strip_prefix(words));
    let told = place.map_or(told.clone(), |place| format!("lone surrogate in hex escape{place}"));
    told.chars().take(MAX_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_surrogate_is_named_whichever_half_it_is() {
        for half in [r#""\ud800""#, r#""\ud800\n""#, r#""\ud800\u0041""#, r#""\udc00""#, r#""a\udfff""#] {
            let fault = serde_json::from_str::<String>(half).unwrap_err();
            let told = unreadable(&fault);
            assert!(told.starts_with("lone surrogate in hex escape at line 1"), "{told}");
        }
        for other in [r#""\u12g4""#, r#""\ud8"#, "[", "5"] {
            let fault = serde_json::from_str::<String>(other).unwrap_err();
            assert!(!unreadable(&fault).contains("surrogate"), "{other}");
        }
    }

    #[test]
    fn words_of_the_client_stay_as_they_are() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Empty {}
        let name = "unexpected end of hex escape";
        let fault = serde_json::from_str::<Empty>(&format!(r#"{{"{name}":1}}"#)).unwrap_err();
        assert!(unreadable(&fault).contains(name), "{fault}");
    }

    #[test]
    fn it_is_not_as_long_as_what_was_sent() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Empty {}
        let fault = serde_json::from_str::<Empty>(&format!(r#"{{"{}":1}}"#, "x".repeat(9_000))).unwrap_err();
        assert_eq!(unreadable(&fault).chars().count(), MAX_LENGTH);
    }
}
