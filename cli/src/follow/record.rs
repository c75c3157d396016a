//! The follower's own hash in Redis: its tip, the blocks it knows, and how to undo and redo each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::block::Header;
use super::fault::Fault;
use super::journal::Texts;
use super::market::Slot;

/// The field that names the layout of the hash.
pub(crate) const FORMAT_FIELD: &str = "format";
/// This layout.
pub(crate) const FORMAT: &str = "dlmm-follower/1";
/// The field of the last block taken.
pub(crate) const TIP_FIELD: &str = "tip";
const BLOCK: &str = "block:";
const CHANGES: &str = "changes:";

/// The key of the hash.
pub(crate) fn key(core: &str) -> String {
    format!("follower:{core}")
}

/// The key of the lease.
pub(crate) fn lease_key(core: &str) -> String {
    format!("follower:{core}:lease")
}

/// The field of a block's header.
pub(crate) fn block_field(hash: &str) -> String {
    format!("{BLOCK}{hash}")
}

/// Whether a field is a block's header.
pub(crate) fn is_block(field: &str) -> bool {
    field.starts_with(BLOCK)
}

/// The field of what a block changed.
pub(crate) fn changes_field(hash: &str) -> String {
    format!("{CHANGES}{hash}")
}

/// What a block changed, by key or field: the text before and the text after.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Changes {
    before: BTreeMap<String, Option<String>>,
    after: BTreeMap<String, Option<String>>,
}

impl Changes {
    /// Of the texts before and after.
    pub(crate) fn of(before: &Texts, after: &Texts) -> Self {
        let mut changes = Self::default();
        for (slot, text) in before {
            let now = after.get(slot).cloned().flatten();
            if *text != now {
                let place = slot.place();
                changes.before.insert(place.clone(), text.clone());
                changes.after.insert(place, now);
            }
        }
        changes
    }

    pub(crate) fn read(hash: &str, text: Option<&str>) -> Result<Self, Fault> {
        let place = || changes_field(hash);
        let text =
            text.ok_or_else(|| Fault::Record { place: place(), reason: "it is missing".to_owned() })?;
        serde_json::from_str(text)
            .map_err(|error| Fault::Record { place: place(), reason: error.to_string() })
    }

    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The texts to go back to.
    pub(crate) fn undo(&self) -> Texts {
        texts(&self.before)
    }

    /// The texts to come to again.
    pub(crate) fn redo(&self) -> Texts {
        texts(&self.after)
    }
}

fn texts(places: &BTreeMap<String, Option<String>>) -> Texts {
    places.iter().filter_map(|(place, text)| Some((Slot::parse(place)?, text.clone()))).collect()
}

/// Reads a header.
///
/// # Errors
/// [`Fault::Record`]
pub(crate) fn header(field: &str, text: &str) -> Result<Header, Fault> {
    serde_json::from_str(text)
        .map_err(|error| Fault::Record { place: field.to_owned(), reason: error.to_string() })
}

/// Writes a header.
pub(crate) fn header_text(header: &Header) -> String {
    serde_json::to_string(header).unwrap_or_default()
}
