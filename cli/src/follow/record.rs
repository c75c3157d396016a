//! The follower's own hash in Redis: its tip, the blocks it knows, and how to undo and redo each.

use super::block::Header;
use super::fault::Fault;

/// The field that names the layout of the hash.
pub(crate) const FORMAT_FIELD: &str = "format";
/// This layout.
pub(crate) const FORMAT: &str = "dlmm-follower/2";
/// The layout before: the same, but for what blocks changed, which cannot be undone from it.
pub(crate) const FORMAT_BEFORE: &str = "dlmm-follower/1";
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
