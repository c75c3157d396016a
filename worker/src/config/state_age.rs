//! From which age on state is called old, and is refused.

use dlmm_core::network::age::AgeLimit;

use super::environment::Environment;
use super::read::{ConfigError, Reader};
use super::settings::{MAX_STATE_AGE_MS, WARN_STATE_AGE_MS};

/// What staging and production refuse where a producer keeps a heartbeat and nothing is set by name: it is dead.
const DEAD_PRODUCER_MS: u64 = 120_000;
/// The largest limit that every reader of JSON reads exactly.
const MAX_LIMIT: u64 = (1 << 53) - 1;

/// The limits on the age of state that hold beside those of a request.
///
/// A setting with a name and a number holds for every state. What holds without one knows the difference between a pool
/// that is old and one that is only quiet, so it needs a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateAge {
    /// Age above which an answer warns.
    pub warn: Option<AgeLimit>,
    /// Age above which a quote is refused although no limit was set by name.
    pub refuse: Option<AgeLimit>,
}

pub(super) fn read(reader: &Reader<'_>, environment: Environment) -> Result<StateAge, ConfigError> {
    let deployed = environment != Environment::Development;
    let warn_ms = reader.number(&WARN_STATE_AGE_MS, 0..=MAX_LIMIT)?;
    // Development often runs on data that nobody renews, such as the sample.
    let by_name = reader.is_given(&WARN_STATE_AGE_MS) || deployed;
    let warn = if by_name { AgeLimit::named(warn_ms) } else { AgeLimit::by_heartbeat(warn_ms) };
    let dead = deployed && !reader.is_given(&MAX_STATE_AGE_MS);
    Ok(StateAge {
        warn: (warn_ms > 0).then_some(warn),
        refuse: dead.then_some(AgeLimit::by_heartbeat(DEAD_PRODUCER_MS)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn ages(environment: &str, given: &[(&str, &str)]) -> (Option<AgeLimit>, Option<AgeLimit>, Option<u64>) {
        let config = Config::read(&|name| match name {
            "UPSTASH_REDIS_REST_URL" => Some("https://name.upstash.io".to_owned()),
            "UPSTASH_REDIS_REST_TOKEN" => Some("a-token".to_owned()),
            "ENVIRONMENT" => Some(environment.to_owned()),
            name => given.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()),
        })
        .unwrap();
        (config.limits.state_age.warn, config.limits.state_age.refuse, config.max_state_age_ms)
    }

    #[test]
    fn defaults_go_by_the_environment() {
        let minute = 60_000;
        let (named, by_heartbeat) = (AgeLimit::named(minute), AgeLimit::by_heartbeat(minute));
        assert_eq!(ages("development", &[]), (Some(by_heartbeat), None, None));
        for environment in ["staging", "production"] {
            let dead = Some(AgeLimit::by_heartbeat(120_000));
            assert_eq!(ages(environment, &[]), (Some(named), dead, None));
            assert_eq!(ages(environment, &[("MAX_STATE_AGE_MS", " ")]), (Some(named), dead, None));
        }
    }

    #[test]
    fn what_is_set_by_name_holds_for_every_state() {
        for environment in ["development", "staging", "production"] {
            let given = [("WARN_STATE_AGE_MS", "5000"), ("MAX_STATE_AGE_MS", "9000000")];
            let expected = (Some(AgeLimit::named(5_000)), None, Some(9_000_000));
            assert_eq!(ages(environment, &given), expected, "{environment}");
            assert_eq!(ages(environment, &[("WARN_STATE_AGE_MS", "0")]).0, None, "{environment}");
        }
    }
}
