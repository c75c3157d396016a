use dlmm_core::network::age::AgeLimit;

use super::settings::SETTINGS;
use super::*;
use crate::http::{ApiError, Code};

const URL: (&str, &str) = ("UPSTASH_REDIS_REST_URL", "https://name.upstash.io");
const TOKEN: (&str, &str) = ("UPSTASH_REDIS_REST_TOKEN", "s3cret");

fn read(given: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&|name| given.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()))
}

/// Reads with URL and token in place.
fn read_with(name: &str, text: &str) -> Result<Config, ConfigError> {
    read(&[(name, text), URL, TOKEN])
}

fn refused_setting(result: Result<Config, ConfigError>) -> &'static str {
    result.expect_err("should be refused").setting
}

#[test]
fn url_and_token_are_enough_and_the_rest_has_the_documented_defaults() {
    let config = read(&[URL, TOKEN]).unwrap();
    assert_eq!(
        config,
        Config {
            redis: Some(RedisSettings { url: URL.1.to_owned(), token: TOKEN.1.to_owned() }),
            redis_timeout_ms: 5000,
            redis_retries: RetryPolicy { max_retries: 3, factor: 1.0 },
            breaker: BreakerPolicy { faults: 5, cool_down_ms: 2000 },
            topology_ttl_ms: 2000,
            max_graph_cache_size: NonZeroUsize::new(1000).unwrap(),
            fallback_to_sample: false,
            limits: Limits {
                default_fee_bps: 10,
                candidate_pools: 64,
                keys_per_quote: 10_000,
                snapshot_bytes: 10_000_000,
                router: None,
                state_age: StateAge { warn: Some(AgeLimit::by_heartbeat(60_000)), refuse: None },
            },
            streams: StreamLimits { poll_ms: 1_000, max_seconds: 300, max_streams: 500 },
            max_state_age_ms: None,
            strict_state: false,
            allowed_origins: Origins::Any,
            api_keys: None,
            admin_token: None,
            log_level: Level::Info,
            environment: Environment::Development,
        }
    );
}

#[test]
fn every_setting_of_the_table_is_read_and_no_other() {
    let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let source = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        [URL, TOKEN].iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
    };
    Config::read(&source).unwrap();
    let table: std::collections::BTreeSet<_> = SETTINGS.iter().map(|s| s.name.to_owned()).collect();
    assert_eq!(asked.into_inner(), table);
}

/// The range that the table documents is the range that is checked.
#[test]
fn documented_bounds_are_accepted_and_a_step_beyond_is_refused() {
    let mut ranges = 0;
    for setting in SETTINGS {
        let Some((low, high)) =
            setting.unit.rsplit_once(", ").map_or(setting.unit, |(_, range)| range).split_once(" to ")
        else {
            continue;
        };
        ranges += 1;
        for bound in [low, high] {
            assert!(read_with(setting.name, bound).is_ok(), "{} = {bound}", setting.name);
        }
        let above = format!("{high}.5");
        let above_whole = (high.parse::<u64>().unwrap() + 1).to_string();
        for outside in ["-1", "NaN", "inf", "ten", above.as_str(), above_whole.as_str()] {
            assert_eq!(refused_setting(read_with(setting.name, outside)), setting.name, "{outside}");
        }
    }
    assert_eq!(ranges, 14);
}

#[test]
fn fractions_of_seconds_become_milliseconds() {
    assert_eq!(read_with("REDIS_SOCKET_TIMEOUT", "0.25").unwrap().redis_timeout_ms, 250);
    assert_eq!(read_with("REDIS_POOL_CONFIG_CACHE_TTL", "1.5").unwrap().topology_ttl_ms, 1500);
    assert_eq!(refused_setting(read_with("REDIS_SOCKET_TIMEOUT", "0")), "REDIS_SOCKET_TIMEOUT");
}

#[test]
fn a_blank_setting_counts_as_absent() {
    assert_eq!(read_with("REDIS_MAX_RETRIES", "  ").unwrap().redis_retries.max_retries, 3);
    assert_eq!(read_with("MAX_STATE_AGE_MS", "").unwrap().max_state_age_ms, None);
    assert_eq!(refused_setting(read(&[(URL.0, " \n"), TOKEN])), URL.0);
}

#[test]
fn state_age_and_switches_are_read() {
    assert_eq!(read_with("MAX_STATE_AGE_MS", "60000").unwrap().max_state_age_ms, Some(60_000));
    assert!(read_with("STRICT_STATE", "True").unwrap().strict_state);
    for (name, text) in [
        ("MAX_STATE_AGE_MS", "0"),
        ("WARN_STATE_AGE_MS", "-1"),
        ("STRICT_STATE", "yes"),
        ("LOG_LEVEL", "loud"),
    ] {
        assert_eq!(refused_setting(read_with(name, text)), name);
    }
    assert_eq!(refused_setting(read_with("ENVIRONMENT", "prod")), "ENVIRONMENT");
}

#[test]
fn secrets_are_trimmed_and_the_url_loses_its_last_slash() {
    let redis =
        read(&[(URL.0, " https://name.upstash.io/\n"), (TOKEN.0, "s3cret\r\n")]).unwrap().redis.unwrap();
    assert_eq!((redis.url.as_str(), redis.token.as_str()), ("https://name.upstash.io", "s3cret"));
    let nested = read(&[(URL.0, "http://127.0.0.1:8079/db/"), TOKEN]).unwrap().redis.unwrap();
    assert_eq!(nested.url, "http://127.0.0.1:8079/db");
}

#[test]
fn urls_that_cannot_work_are_refused() {
    for url in [
        "name.upstash.io",
        "\"https://name.upstash.io\"",
        "rediss://default:pw@name.upstash.io:6379",
        "ftp://name.upstash.io",
        "https://user:pw@name.upstash.io",
        "https://name.upstash.io/?_token=x",
        "https://",
    ] {
        assert_eq!(refused_setting(read(&[(URL.0, url), TOKEN])), URL.0, "{url}");
    }
}

#[test]
fn plain_http_is_for_this_machine_in_production_and_for_any_host_elsewhere() {
    let production = ("ENVIRONMENT", "production");
    for url in ["http://127.0.0.1:8079", "http://localhost:8079", "http://[::1]:8079"] {
        assert!(read(&[(URL.0, url), TOKEN, production]).is_ok(), "{url}");
    }
    let remote = (URL.0, "http://redis-gateway:8079");
    assert!(read(&[remote, TOKEN]).is_ok());
    assert_eq!(refused_setting(read(&[remote, TOKEN, production])), URL.0);
}

#[test]
fn tokens_unfit_for_a_header_are_refused() {
    for token in ["\"s3cret\"", "s3 cret", "s3\ncret", "gehéim"] {
        assert_eq!(refused_setting(read(&[URL, (TOKEN.0, token)])), TOKEN.0);
    }
}

#[test]
fn without_redis_only_the_fallback_starts_and_never_in_production() {
    let fallback = ("REDIS_FALLBACK_TO_MOCK", "true");
    assert_eq!(refused_setting(read(&[])), URL.0);
    assert_eq!(refused_setting(read(&[URL])), TOKEN.0);
    assert_eq!(read(&[fallback]).unwrap().redis, None);
    // Half an address is a slip, not a wish for sample data.
    assert_eq!(refused_setting(read(&[fallback, TOKEN])), URL.0);
    assert_eq!(refused_setting(read(&[fallback, URL])), TOKEN.0);
    let production = ("ENVIRONMENT", "Production");
    assert_eq!(refused_setting(read(&[fallback, URL, TOKEN, production])), fallback.0);
}

#[test]
fn origins_are_any_or_an_exact_list() {
    let list =
        read_with("ALLOWED_ORIGINS", "https://app.example, http://localhost:3000").unwrap().allowed_origins;
    assert!(list.allow("https://app.example") && list.allow("http://localhost:3000"));
    assert!(
        !list.allow("https://app.example.evil") && !list.allow("null") && !list.allow("http://app.example")
    );
    for text in [
        "",
        ",",
        "*,https://app.example",
        "app.example",
        "https://App.example",
        "https://app.example/",
        "null",
    ] {
        assert_eq!(refused_setting(read_with("ALLOWED_ORIGINS", text)), "ALLOWED_ORIGINS", "{text}");
    }
}

#[test]
fn an_error_names_the_setting_and_never_repeats_the_value() {
    for (name, text) in
        [(URL.0, "rediss://default:hunter2@host"), (TOKEN.0, "\"hunter2\""), ("LOG_LEVEL", "hunter2")]
    {
        let mut given = vec![(name, text)];
        given.extend([URL, TOKEN].iter().filter(|(known, _)| *known != name));
        let error = ApiError::from(read(&given).unwrap_err());
        assert_eq!(error.code, Code::ConfigInvalid);
        assert!(error.message.starts_with(name));
        assert_eq!(error.details["setting"], name);
        assert!(!error.to_json("id").contains("hunter2"));
    }
}

#[test]
fn debug_output_holds_no_secret() {
    let text = format!("{:?}", read(&[URL, TOKEN]).unwrap());
    assert!(!text.contains(TOKEN.1) && !text.contains("upstash.io"), "{text}");
}

#[test]
fn an_admin_token_is_long_and_stays_out_of_debug() {
    let token = "0123456789abcdef";
    let config = read_with("ADMIN_TOKEN", token).unwrap();
    let secret = config.admin_token.as_ref().unwrap();
    assert!(
        secret.equals(token)
            && !secret.equals("0123456789abcdeF")
            && !secret.equals("")
            && !secret.equals("0123")
    );
    assert!(!format!("{config:?}").contains(token));
    assert_eq!(refused_setting(read_with("ADMIN_TOKEN", "short")), "ADMIN_TOKEN");
    assert_eq!(refused_setting(read_with("ADMIN_TOKEN", "0123456789 abcdef")), "ADMIN_TOKEN");
    assert_eq!(read_with("ADMIN_TOKEN", " ").unwrap().admin_token, None);
}

#[test]
fn several_api_keys_work_at_once_and_no_other() {
    let keys = |text: &str| read_with("API_KEYS", text).unwrap().api_keys;
    assert_eq!(read(&[URL, TOKEN]).unwrap().api_keys, None);
    let both = keys(" key-of-the-spring-01, key-of-the-autumn-2 ,\n").unwrap();
    for (given, admitted) in [
        ("key-of-the-spring-01", true),
        ("key-of-the-autumn-2", true),
        ("key-of-the-spring-02", false),
        ("key-of-the-spring-01 ", false),
        ("key-of-the-spring-0", false),
        ("key-of-the-spring-01,key-of-the-autumn-2", false),
        ("", false),
    ] {
        assert_eq!(both.admit(given), admitted, "{given}");
    }
    assert!(!format!("{both:?}").contains("spring"));
}

#[test]
fn api_keys_that_protect_nothing_are_refused() {
    for text in ["", " ", ",", "short", "key-of-the-spring-01,short", "key of the spring 01"] {
        let error = read_with("API_KEYS", text).unwrap_err();
        assert_eq!(error.setting, "API_KEYS", "{text}");
        assert!(text.len() < 5 || !error.advice.contains(text));
    }
    let same = [URL, TOKEN, ("API_KEYS", "key-of-the-spring-01"), ("ADMIN_TOKEN", "key-of-the-spring-01")];
    assert_eq!(refused_setting(read(&same)), "API_KEYS");
}
