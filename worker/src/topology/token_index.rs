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

/// Gives the pool ids of an index value. What is no index or no id gives none: the index only helps to find pools.
pub fn pool_ids_of(json: &str) -> Vec<PoolId> {
    let ids = match serde_json::from_str(json) {
        Ok(Index::Ids(ids) | Index::Object { pools: ids }) => ids,
        Err(_) => return Vec::new(),
    };
    ids.iter().filter_map(|id| PoolId::new(id).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_are_read_and_anything_else_is_empty() {
        let ids = |json| pool_ids_of(json).iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(r#"["A","B:C","D"]"#), ["A", "D"]);
        assert_eq!(ids(r#"{"pools":["A"],"last_updated":"now"}"#), ["A"]);
        for json in ["", "5", r#"{"a":1}"#, "[1]", "null"] {
            assert!(ids(json).is_empty(), "{json}");
        }
    }
}
