//! Variables and secrets of the Worker, read and checked once per isolate.

mod address;
mod environment;
mod limits;
mod origins;
mod read;
mod redis;
mod secret;
pub mod settings;
mod state_age;
mod streams;

use std::num::NonZeroUsize;

pub use environment::Environment;
pub use limits::Limits;
pub use origins::Origins;
pub use read::ConfigError;
use read::Reader;
pub use redis::RedisSettings;
pub use secret::{ApiKeys, Secret};
pub use state_age::StateAge;
pub use streams::StreamLimits;

use crate::observe::Level;
use crate::redis::{BreakerPolicy, RetryPolicy};

/// All settings, checked: what is in here can be used as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `None` only where the sample state stands in for Redis.
    pub redis: Option<RedisSettings>,
    /// What one request may spend on Redis in all.
    pub redis_timeout_ms: u32,
    pub redis_retries: RetryPolicy,
    pub breaker: BreakerPolicy,
    pub topology_ttl_ms: u32,
    pub max_graph_cache_size: NonZeroUsize,
    pub fallback_to_sample: bool,
    pub limits: Limits,
    pub streams: StreamLimits,
    /// The limit that is set by name, which holds for every state.
    pub max_state_age_ms: Option<u64>,
    pub strict_state: bool,
    pub allowed_origins: Origins,
    /// `None`: no key is needed.
    pub api_keys: Option<ApiKeys>,
    /// `None`: the operator's calls are switched off.
    pub admin_token: Option<Secret>,
    pub log_level: Level,
    pub environment: Environment,
}

impl Config {
    /// Reads every setting from `source`, which gives the text behind a name.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn read(source: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let reader = Reader::new(source);
        let environment = reader.choice(&settings::ENVIRONMENT, Environment::parse)?;
        let fallback_to_sample = reader.switch(&settings::REDIS_FALLBACK_TO_MOCK)?;
        if fallback_to_sample && environment == Environment::Production {
            return Err(ConfigError::new(
                &settings::REDIS_FALLBACK_TO_MOCK,
                "must be off in production: sample state must never answer there",
            ));
        }
        let admin_token = secret::read(&reader, &settings::ADMIN_TOKEN)?;
        Ok(Self {
            redis: redis::read(&reader, environment, fallback_to_sample)?,
            redis_timeout_ms: reader.seconds(&settings::REDIS_SOCKET_TIMEOUT, 0.001..=60.0)?,
            redis_retries: RetryPolicy {
                max_retries: reader.number(&settings::REDIS_MAX_RETRIES, 0..=10)?,
                factor: reader.number(&settings::REDIS_BACKOFF_FACTOR, 0.0..=100.0)?,
            },
            breaker: BreakerPolicy {
                faults: reader.number(&settings::REDIS_BREAKER_FAULTS, 0..=1000)?,
                cool_down_ms: reader.seconds(&settings::REDIS_BREAKER_COOL_DOWN, 0.001..=60.0)?,
            },
            topology_ttl_ms: reader.seconds(&settings::REDIS_POOL_CONFIG_CACHE_TTL, 0.0..=2.0)?,
            max_graph_cache_size: NonZeroUsize::new(
                reader.number(&settings::REDIS_MAX_GRAPH_CACHE_SIZE, 1..=100_000)?,
            )
            .unwrap_or(NonZeroUsize::MIN),
            fallback_to_sample,
            max_state_age_ms: reader.optional_ms(&settings::MAX_STATE_AGE_MS)?,
            limits: limits::read(&reader, environment)?,
            streams: streams::read(&reader)?,
            strict_state: reader.switch(&settings::STRICT_STATE)?,
            allowed_origins: origins::read(&reader)?,
            api_keys: secret::read_api_keys(&reader, admin_token.as_ref())?,
            admin_token,
            log_level: reader.choice(&settings::LOG_LEVEL, Level::parse)?,
            environment,
        })
    }
}

#[cfg(test)]
mod tests;
