//! Which web origins may read answers.

use super::address::Address;
use super::read::{ConfigError, Reader};
use super::settings::ALLOWED_ORIGINS;

/// The value of `ALLOWED_ORIGINS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    Any,
    List(Vec<String>),
}

impl Origins {
    /// Whether pages of this origin may read answers. Browsers send origins in one spelling, so equality is enough.
    pub fn allow(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::List(origins) => origins.iter().any(|known| known == origin),
        }
    }
}

pub(super) fn read(reader: &Reader<'_>) -> Result<Origins, ConfigError> {
    let refuse = |advice: &str| Err(ConfigError::new(&ALLOWED_ORIGINS, advice));
    // Blank is refused rather than read as the default: who blanks this list does not mean "everybody".
    if reader.given(&ALLOWED_ORIGINS).is_some_and(|text| text.is_empty()) {
        return refuse("must be * or a list of origins; leave it out for *");
    }
    let text = reader.text(&ALLOWED_ORIGINS).unwrap_or_default();
    if text == "*" {
        return Ok(Origins::Any);
    }
    let mut origins = Vec::new();
    for origin in text.split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
        if !is_origin(origin) {
            return refuse(
                "must list origins such as https://app.example, separated by commas: lower case, no path, no slash at the end, no * among them",
            );
        }
        origins.push(origin.to_owned());
    }
    if origins.is_empty() {
        refuse("must be * or name at least one origin")
    } else {
        Ok(Origins::List(origins))
    }
}

/// Whether the text is an origin in the spelling that browsers send.
fn is_origin(text: &str) -> bool {
    Address::parse(text).is_some_and(|url| url.origin == text)
}
