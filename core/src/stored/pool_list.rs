//! The lists of pools under `pairs:{x}:{y}` and `tokens:{token}`.

use crate::json::{JsonText, field};
use crate::units::PoolId;
use alloc::borrow::{Cow, ToOwned};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// An entry of a list of pools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry<'a> {
    /// As it is stored, with its quotation marks.
    pub json: &'a str,
    /// The pool, or why the name is that of none.
    pub id: Result<PoolId, UnfitId>,
}

/// A name that is no pool id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfitId {
    /// The name; as it is written in JSON where it is no text.
    pub name: String,
    /// What is wrong with it, as the end of a sentence.
    pub reason: String,
}

/// Reads a list of pools, `["P"]` or `{"pools":["P"]}`: both are found in the wild. `None` where the value is no list of texts.
#[must_use]
pub fn read_pool_list(json: &str) -> Option<Vec<ListEntry<'_>>> {
    let list = match field::pick(json, &["pools"]) {
        Ok([list]) => list?.get(),
        Err(_) => json,
    };
    field::items(list).ok()?.into_iter().map(entry).collect()
}

/// One that holds half of a surrogate pair is written as a text, so it spoils no more than itself.
fn entry(raw: JsonText<'_>) -> Option<ListEntry<'_>> {
    let json = raw.get();
    let written = json.strip_prefix('"')?.strip_suffix('"')?;
    let (name, reason) = match field::text("", raw) {
        Ok(name) => match PoolId::new(&name) {
            Ok(id) => return Some(ListEntry { json, id: Ok(id) }),
            Err(e) => (name, e.to_string()),
        },
        Err(reason) => (Cow::Borrowed(written), reason.trim_start().to_owned()),
    };
    Some(ListEntry { json, id: Err(UnfitId { name: name.into_owned(), reason }) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    /// The entries as they are told.
    fn told(json: &str) -> Option<Vec<String>> {
        let tell = |entry: ListEntry<'_>| match entry.id {
            Ok(id) => id.as_str().to_owned(),
            Err(UnfitId { name, reason }) => format!("{name} {reason}"),
        };
        Some(read_pool_list(json)?.into_iter().map(tell).collect())
    }

    #[test]
    fn both_shapes_are_read_and_what_is_unfit_is_told() {
        let unfit = "B:C must be 1 to 128 characters of A-Z a-z 0-9 . _ -";
        assert_eq!(told(r#"["A","B:C","\u0044"]"#), Some(["A", unfit, "D"].map(str::to_owned).into()));
        assert_eq!(
            told(r#" { "pools" : [ "A" ] , "last_updated" : "now" }"#),
            Some([String::from("A")].into())
        );
        assert_eq!(told("[]"), Some(Vec::new()));
        for json in [
            "",
            "5",
            "{}",
            r#"{"a":1}"#,
            r#"{"pools":5}"#,
            r#"{"pools":null}"#,
            "[1]",
            r#"["A",null]"#,
            "null",
            "[\"A\"] 1",
        ] {
            assert_eq!(told(json), None, "{json}");
        }
    }

    #[test]
    fn half_of_a_surrogate_pair_spoils_one_name_and_not_the_list() {
        for half in [r"\ud800", r"A\udc00", r"\ud83d\ud83d"] {
            let expected =
                Some(["A".to_owned(), format!("{half} holds a lone surrogate"), "B".to_owned()].into());
            assert_eq!(told(&format!(r#"["A","{half}","B"]"#)), expected);
            assert_eq!(told(&format!(r#"{{"note":"{half}","pools":["A","{half}","B"]}}"#)), expected);
        }
        let kept: Vec<_> =
            read_pool_list(r#"[ "\ud800" ]"#).into_iter().flatten().map(|entry| entry.json).collect();
        assert_eq!(kept, [r#""\ud800""#]);
    }
}
