//! Reads single settings: text to value, or the advice that tells how to put it right.

use std::ops::RangeInclusive;
use std::str::FromStr;

use super::settings::Setting;

/// A setting that cannot be used. Says what to write instead and never repeats the value, which may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub setting: &'static str,
    pub advice: String,
}

impl ConfigError {
    pub(super) fn new(setting: &Setting, advice: impl Into<String>) -> Self {
        Self { setting: setting.name, advice: advice.into() }
    }
}

/// Where settings come from: name to text.
pub(super) struct Reader<'a> {
    source: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { source }
    }

    /// The text as given, trimmed; blank if it was set to nothing.
    ///
    /// Secrets are pasted with line ends often enough that trimming is part of reading.
    pub(super) fn given(&self, setting: &Setting) -> Option<String> {
        (self.source)(setting.name).map(|text| text.trim().to_owned())
    }

    /// Whether it is set to something.
    pub(super) fn is_given(&self, setting: &Setting) -> bool {
        self.given(setting).is_some_and(|text| !text.is_empty())
    }

    /// The text as given, or the default of the table where it is absent or blank.
    pub(super) fn text(&self, setting: &Setting) -> Option<String> {
        self.given(setting).filter(|text| !text.is_empty()).or_else(|| setting.default.map(str::to_owned))
    }

    fn parsed<T>(
        &self,
        setting: &Setting,
        advice: impl FnOnce() -> String,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let text = self.text(setting).unwrap_or_default();
        parse(&text).ok_or_else(|| ConfigError::new(setting, advice()))
    }

    /// A number within the range; NaN and infinity are outside every range.
    pub(super) fn number<T>(&self, setting: &Setting, range: RangeInclusive<T>) -> Result<T, ConfigError>
    where
        T: FromStr + PartialOrd,
    {
        let advice = || format!("must be a number ({})", setting.unit);
        self.parsed(setting, advice, |text| text.parse().ok().filter(|number| range.contains(number)))
    }

    /// A number of seconds, in whole milliseconds.
    pub(super) fn seconds(&self, setting: &Setting, range: RangeInclusive<f64>) -> Result<u32, ConfigError> {
        // The range keeps the product far inside u32, and the cast saturates.
        self.number(setting, range).map(|seconds| (seconds * 1000.0).round() as u32)
    }

    pub(super) fn switch(&self, setting: &Setting) -> Result<bool, ConfigError> {
        self.parsed(
            setting,
            || "must be true or false".to_owned(),
            |text| match text.to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
        )
    }

    /// A number that has no default: absent means that there is no limit.
    pub(super) fn optional_ms(&self, setting: &Setting) -> Result<Option<u64>, ConfigError> {
        let Some(text) = self.text(setting) else { return Ok(None) };
        match text.parse() {
            Ok(ms) if ms >= 1 => Ok(Some(ms)),
            _ => Err(ConfigError::new(
                setting,
                "must be a whole number of milliseconds, at least 1, or be left out",
            )),
        }
    }

    pub(super) fn choice<T>(
        &self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        self.parsed(setting, || format!("must be one of: {}", setting.unit), parse)
    }
}
