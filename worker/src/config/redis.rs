//! Where Redis is and how to be let in.

use std::fmt;

use super::address::Address;
use super::environment::Environment;
use super::read::{ConfigError, Reader};
use super::settings::{Setting, UPSTASH_REDIS_REST_TOKEN, UPSTASH_REDIS_REST_URL};

/// Address and token of the REST API. Both are kept out of `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisSettings {
    /// Without a slash at the end.
    pub url: String,
    pub token: String,
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisSettings { .. }")
    }
}

/// Reads URL and token; `None` if neither is there and the sample state may stand in.
pub(super) fn read(
    reader: &Reader<'_>,
    environment: Environment,
    fallback_to_sample: bool,
) -> Result<Option<RedisSettings>, ConfigError> {
    let missing = |setting: &Setting| {
        ConfigError::new(setting, "is missing: set it with `wrangler secret put`, or in .dev.vars locally")
    };
    match (reader.text(&UPSTASH_REDIS_REST_URL), reader.text(&UPSTASH_REDIS_REST_TOKEN)) {
        (Some(url), Some(token)) => {
            Ok(Some(RedisSettings { url: check_url(&url, environment)?, token: check_token(token)? }))
        }
        (None, None) if fallback_to_sample => Ok(None),
        (None, _) => Err(missing(&UPSTASH_REDIS_REST_URL)),
        (Some(_), None) => Err(missing(&UPSTASH_REDIS_REST_TOKEN)),
    }
}

fn check_url(text: &str, environment: Environment) -> Result<String, ConfigError> {
    let refuse = |advice: &str| ConfigError::new(&UPSTASH_REDIS_REST_URL, advice);
    let url = Address::parse(text)
        .ok_or_else(|| refuse("must be a URL such as https://name.upstash.io, without quotes around it"))?;
    match url.scheme.as_str() {
        "https" => {}
        "http" if environment != Environment::Production || url.is_this_machine() => {}
        "http" => {
            return Err(refuse("must start with https:// in production: the token would travel in clear"));
        }
        "redis" | "rediss" => {
            return Err(refuse("must be the REST URL (https://…) of the database, not its redis:// address"));
        }
        _ => return Err(refuse("must start with https:// (or http:// for a local gateway)")),
    }
    if url.has_user {
        return Err(refuse("must not hold a user or password: the token has its own setting"));
    }
    if url.has_query_or_fragment() {
        return Err(refuse("must end with the host or a path: no ? and no #"));
    }
    Ok(url.href.trim_end_matches('/').to_owned())
}

/// A token must be fit for a header; quotes and spaces inside are slips of copying.
fn check_token(token: String) -> Result<String, ConfigError> {
    let fits = token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\'');
    if fits {
        Ok(token)
    } else {
        Err(ConfigError::new(
            &UPSTASH_REDIS_REST_TOKEN,
            "must be the bare token: no quotes, spaces or anything else around or inside it",
        ))
    }
}
