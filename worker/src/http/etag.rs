//! Entity tags: whether a client's copy is still right.

use std::fmt;

use sha2::{Digest, Sha256};

/// Bytes of the hash that make the tag. Half of SHA-256: no two contents ever meet by chance.
const TAG_BYTES: usize = 16;

/// The tag of one content.
///
/// It is weak (`W/`): two answers of one tag hold the same pools, but need not be the same bytes, since each says
/// when it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// The tag of a content that is handed in by parts. Where one part ends and the next begins makes no difference.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        parts.into_iter().for_each(|part| hash.update(part));
        Self(hash.finalize().iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect())
    }

    /// Whether `If-None-Match` names this tag, or any (`*`). Compared weakly, as RFC 9110 has it for this header, so
    /// that a tag which a proxy has made strong or weak on its way still counts.
    pub fn is_in(&self, if_none_match: &str) -> bool {
        if_none_match.split(',').map(str::trim).any(|given| {
            let opaque = given.strip_prefix("W/").unwrap_or(given);
            given == "*" || opaque.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) == Some(&self.0)
        })
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W/\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_first_half_of_the_contents_sha_256() {
        // SHA-256 of "abc", from FIPS 180-2.
        let tag = EntityTag::of(["a", "bc"]);
        assert_eq!(tag.to_string(), "W/\"ba7816bf8f01cfea414140de5dae2223\"");
        assert_ne!(tag, EntityTag::of(["abd"]));
    }

    #[test]
    fn is_found_in_every_spelling_a_client_may_send() {
        let tag = EntityTag::of(["abc"]);
        let opaque = "\"ba7816bf8f01cfea414140de5dae2223\"";
        for header in [
            "*".to_owned(),
            tag.to_string(),
            opaque.to_owned(),
            format!("\"other\", W/{opaque}"),
            format!("  {opaque}  ,\"other\""),
        ] {
            assert!(tag.is_in(&header), "{header}");
        }
        for header in ["", "\"\"", "W/", "ba7816bf8f01cfea414140de5dae2223", "\"ba7816bf\"", "\"*\""] {
            assert!(!tag.is_in(header), "{header}");
        }
    }
}
