//! The lists of pool ids under `pairs:{x}:{y}` and `tokens:{token}`.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::stored::{UnfitId, read_pool_list};
use dlmm_core::units::PoolId;
use serde_json::Value;
use serde_json::value::RawValue;

/// One list, in either of the two shapes that are found in the wild.
#[derive(Clone, Debug, Default)]
pub(crate) struct PoolIndex {
    entries: Vec<Entry>,
    /// All fields of `{"pools":[...],"last_updated":...}` as they stand; `None` for a plain list.
    fields: Option<BTreeMap<String, String>>,
}

/// A pool, or a name that is none and stays as it stands.
#[derive(Clone, Debug)]
struct Entry {
    json: String,
    id: Result<PoolId, UnfitId>,
}

impl PoolIndex {
    /// Reads a stored list; `None` where the text is none.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        let entries = read_pool_list(json)?.into_iter();
        let entries = entries.map(|entry| Entry { json: entry.json.to_owned(), id: entry.id }).collect();
        let fields = if json.trim_start().starts_with('{') { Some(fields(json)?) } else { None };
        Some(Self { entries, fields })
    }

    /// The ids, in the order of the list.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &PoolId> {
        self.entries.iter().filter_map(|entry| entry.id.as_ref().ok())
    }

    /// The names that are no ids.
    pub(crate) fn unfit(&self) -> impl Iterator<Item = &UnfitId> {
        self.entries.iter().filter_map(|entry| entry.id.as_ref().err())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds and removes ids; what was there keeps its place, what is new follows in id order.
    pub(crate) fn merge(&mut self, add: &BTreeSet<PoolId>, remove: &BTreeSet<PoolId>) {
        self.entries.retain(|entry| !entry.id.as_ref().is_ok_and(|id| remove.contains(id)));
        for id in add {
            if !self.ids().any(|known| known == id) {
                self.entries.push(Entry { json: format!("\"{id}\""), id: Ok(id.clone()) });
            }
        }
    }

    /// Writes the list in the shape it was read in; an object's `last_updated` becomes `now`.
    pub(crate) fn to_json(&self, now: &str) -> String {
        let entries: Vec<&str> = self.entries.iter().map(|entry| &*entry.json).collect();
        let list = format!("[{}]", entries.join(","));
        let Some(mut fields) = self.fields.clone() else { return list };
        fields.insert("pools".to_owned(), list);
        if let Some(last_updated) = fields.get_mut("last_updated") {
            *last_updated = Value::from(now).to_string();
        }
        let fields = fields.into_iter().map(|(name, json)| format!("{}:{json}", Value::from(name)));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }
}

/// The fields of an object, each as it is written.
fn fields(json: &str) -> Option<BTreeMap<String, String>> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    Some(fields.into_iter().map(|(name, json)| (name, json.get().to_owned())).collect())
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
    fn names_that_are_no_ids_stay_as_they_stand() {
        let stored = r#"{"note":"\udc00","pools":["A","\ud800","B:C"]}"#;
        let mut list = PoolIndex::parse(stored).unwrap();
        assert_eq!(list.ids().map(PoolId::as_str).collect::<Vec<_>>(), ["A"]);
        assert_eq!(list.unfit().map(|unfit| &*unfit.name).collect::<Vec<_>>(), [r"\ud800", "B:C"]);
        list.merge(&ids(&["D"]), &ids(&["A"]));
        assert_eq!(list.to_json("now"), r#"{"note":"\udc00","pools":["\ud800","B:C","D"]}"#);
    }

    #[test]
    fn anything_else_is_no_list() {
        for json in ["", "5", "{}", r#"{"pools":5}"#, "[1]", "null"] {
            assert!(PoolIndex::parse(json).is_none(), "{json}");
        }
    }
}
