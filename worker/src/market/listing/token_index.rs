//! The list of pools under `tokens:{token}`.

use dlmm_core::units::PoolId;
use serde::Deserialize;

/// Both shapes are found in the wild.
#[derive(Deserialize)]
#[serde(untagged)]
enum Index {
    Ids(Vec<String>),
    Object { pools: Vec<String> },
}

/// What a list of pools holds.
#[derive(Debug, Default)]
pub struct Listed {
    pub ids: Vec<PoolId>,
    /// Entries that are no pool id.
    pub unfit: Vec<String>,
}

/// Reads a list of pools; `None` where the value is no list.
pub fn read_index(json: &str) -> Option<Listed> {
    let (Index::Ids(entries) | Index::Object { pools: entries }) = serde_json::from_str(json).ok()?;
    let mut listed = Listed::default();
    for entry in entries {
        match PoolId::new(&entry) {
            Ok(id) => listed.ids.push(id),
            Err(_) => listed.unfit.push(entry),
        }
    }
    Some(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_are_read_and_what_is_unfit_is_told() {
        let read = |json| {
            let listed = read_index(json)?;
            Some((listed.ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>(), listed.unfit))
        };
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(read(r#"["A","B:C","D"]"#), Some((texts(&["A", "D"]), texts(&["B:C"]))));
        assert_eq!(read(r#"{"pools":["A"],"last_updated":"now"}"#), Some((texts(&["A"]), Vec::new())));
        for json in ["", "5", r#"{"a":1}"#, "[1]", "null"] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
