//! The lists of pool ids under `pairs:{x}:{y}` and `tokens:{token}`.

use std::collections::BTreeSet;

use dlmm_core::units::PoolId;
use serde_json::{Map, Value};

/// One list, in either of the two shapes that are found in the wild.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PoolIndex {
    ids: Vec<String>,
    /// The other fields of `{"pools":[...],"last_updated":...}`; `None` for a plain list.
    around: Option<Map<String, Value>>,
}

impl PoolIndex {
    /// Reads a stored list; `None` where the text is none.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        let (list, around) = match serde_json::from_str(json).ok()? {
            Value::Array(list) => (list, None),
            Value::Object(mut around) => match around.remove("pools")? {
                Value::Array(list) => (list, Some(around)),
                _ => return None,
            },
            _ => return None,
        };
        let ids = list.into_iter().map(|id| match id {
            Value::String(id) => Some(id),
            _ => None,
        });
        Some(Self { ids: ids.collect::<Option<_>>()?, around })
    }

    /// The ids, in the order of the list.
    pub(crate) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Adds and removes ids; what was there keeps its place, what is new follows in id order.
    pub(crate) fn merge(&mut self, add: &BTreeSet<PoolId>, remove: &BTreeSet<PoolId>) {
        self.ids.retain(|id| !remove.iter().any(|gone| gone.as_str() == id));
        for id in add {
            if !self.ids.iter().any(|known| known == id.as_str()) {
                self.ids.push(id.as_str().to_owned());
            }
        }
    }

    /// Writes the list in the shape it was read in; an object's `last_updated` becomes `now`.
    pub(crate) fn to_json(&self, now: &str) -> String {
        let list = Value::from(self.ids.clone());
        let value = match self.around.clone() {
            None => list,
            Some(mut around) => {
                if around.contains_key("last_updated") {
                    around.insert("last_updated".to_owned(), now.into());
                }
                around.insert("pools".to_owned(), list);
                Value::Object(around)
            }
        };
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(texts: &[&str]) -> BTreeSet<PoolId> {
        texts.iter().map(|text| PoolId::new(text).unwrap()).collect()
    }

    #[test]
    fn both_shapes_keep_their_shape() {
        let mut list = PoolIndex::parse(r#"["B","A"]"#).unwrap();
        list.merge(&ids(&["C", "A"]), &ids(&["B"]));
        assert_eq!(list.to_json("now"), r#"["A","C"]"#);
        let mut object = PoolIndex::parse(r#"{"pools":["A"],"last_updated":"then","note":1}"#).unwrap();
        object.merge(&ids(&["B"]), &ids(&[]));
        assert_eq!(object.to_json("now"), r#"{"last_updated":"now","note":1,"pools":["A","B"]}"#);
    }

    #[test]
    fn anything_else_is_no_list() {
        for json in ["", "5", "{}", r#"{"pools":5}"#, "[1]", "null"] {
            assert_eq!(PoolIndex::parse(json), None, "{json}");
        }
    }
}
