//! What `verify` found, as the object it gives.

use dlmm_core::verify::{Difference, Verification};
use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::JsValue;

/// Writes it as a plain object. Field by field as a map: for structs, a table of their names would come along.
pub(crate) fn as_object(found: &Verification) -> Result<JsValue, serde_wasm_bindgen::Error> {
    Verdict(found).serialize(&serde_wasm_bindgen::Serializer::json_compatible())
}

struct Verdict<'a>(&'a Verification);

impl Serialize for Verdict<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("digest_matches", &self.0.digest_matches)?;
        for (name, found) in
            [("differences", &self.0.differences), ("moved", &self.0.moved), ("unproven", &self.0.unproven)]
        {
            map.serialize_entry(name, &found.iter().map(Differing).collect::<Vec<_>>())?;
        }
        map.end()
    }
}

struct Differing<'a>(&'a Difference);

impl Serialize for Differing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("path", &self.0.path)?;
        map.serialize_entry("given", &self.0.given)?;
        map.serialize_entry("computed", &self.0.computed)?;
        map.end()
    }
}
