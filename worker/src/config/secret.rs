//! A secret that clients send, compared without telling how much of it was right.

use std::fmt;

use subtle::ConstantTimeEq;

use super::read::{ConfigError, Reader};
use super::settings::Setting;

/// Signs a secret must have at least; fewer could be tried out.
const MIN_LENGTH: usize = 16;

/// Kept out of `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Compares in a time that depends on the lengths alone.
    pub fn equals(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Reads a secret that may be absent.
pub(super) fn read(reader: &Reader<'_>, setting: &'static Setting) -> Result<Option<Secret>, ConfigError> {
    let Some(text) = reader.text(setting) else { return Ok(None) };
    let fits = text.len() >= MIN_LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(Some(Secret(text)));
    }
    let advice = format!("must have at least {MIN_LENGTH} signs and no spaces, or be left out.");
    Err(ConfigError::new(setting, advice))
}
