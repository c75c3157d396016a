//! Secrets that clients send, compared without telling how much of one was right.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};

use super::read::{ConfigError, Reader};
use super::settings::{API_KEYS, Setting};

/// Characters that a secret must have at least: a shorter one could be guessed.
const MIN_LENGTH: usize = 16;

/// Kept out of `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Reads one; `None` if it is too short or holds what no header can carry.
    fn new(text: &str) -> Option<Self> {
        let fits = text.len() >= MIN_LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// Compares in a time that depends on the lengths alone.
    pub fn equals(&self, given: &str) -> bool {
        self.choice(given).into()
    }

    fn choice(&self, given: &str) -> Choice {
        self.0.as_bytes().ct_eq(given.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The keys of clients: several at once, so that a new one works before the old one is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeys(Vec<Secret>);

impl ApiKeys {
    /// Whether this holds for one of the keys. Every key is looked at, so that the time does not tell which.
    pub fn any(&self, holds: impl Fn(&str) -> bool) -> bool {
        self.0.iter().fold(false, |found, key| holds(&key.0) | found)
    }

    /// Whether one of the keys is this text. Every key is compared, so that the time does not tell which.
    pub fn admit(&self, given: &str) -> bool {
        self.0.iter().fold(Choice::from(0), |found, key| found | key.choice(given)).into()
    }
}

/// Reads a secret that may be absent.
pub(super) fn read(reader: &Reader<'_>, setting: &'static Setting) -> Result<Option<Secret>, ConfigError> {
    let Some(text) = reader.text(setting) else { return Ok(None) };
    let advice = || format!("must have at least {MIN_LENGTH} characters and no spaces, or be left out");
    Secret::new(&text).map(Some).ok_or_else(|| ConfigError::new(setting, advice()))
}

/// Reads `API_KEYS`. Who may call as the operator is checked apart, so no key may be the operator's token.
pub(super) fn read_api_keys(
    reader: &Reader<'_>,
    admin_token: Option<&Secret>,
) -> Result<Option<ApiKeys>, ConfigError> {
    let refuse = |advice: String| Err(ConfigError::new(&API_KEYS, advice));
    let Some(text) = reader.given(&API_KEYS) else { return Ok(None) };
    let mut keys = Vec::new();
    for key in text.split(',').map(str::trim).filter(|key| !key.is_empty()) {
        let Some(key) = Secret::new(key) else {
            return refuse(format!(
                "must list keys separated by commas, each with at least {MIN_LENGTH} characters and no spaces"
            ));
        };
        if admin_token.is_some_and(|token| token.equals(&key.0)) {
            return refuse("must not hold the ADMIN_TOKEN: clients would be operators".to_owned());
        }
        keys.push(key);
    }
    // Refused rather than read as "no key is needed": who empties this list does not mean "everybody".
    if keys.is_empty() {
        return refuse("must name at least one key; leave it out to serve without keys".to_owned());
    }
    Ok(Some(ApiKeys(keys)))
}
