//! The table of settings: every name, unit, default and meaning stands here and nowhere else.
//!
//! The parser takes its defaults from this table, and the table in docs/configuration.md is printed from it
//! (`cargo run -p dlmm-worker --example settings`).

use std::fmt::Write as _;

/// One variable or secret of the Worker.
#[derive(Debug)]
pub struct Setting {
    pub name: &'static str,
    pub unit: &'static str,
    /// The text that stands in when the setting is absent or blank. `None`: there is none.
    pub default: Option<&'static str>,
    pub meaning: &'static str,
}

macro_rules! settings {
    ($($name:ident { unit: $unit:literal, default: $default:expr, meaning: $meaning:literal })*) => {
        $(pub const $name: Setting =
            Setting { name: stringify!($name), unit: $unit, default: $default, meaning: $meaning };)*

        /// All settings, in the order of the documentation.
        pub const SETTINGS: [&Setting; [$($unit),*].len()] = [$(&$name),*];
    };
}

settings! {
    UPSTASH_REDIS_REST_URL {
        unit: "URL",
        default: None,
        meaning: "REST address of the Redis database, `https://…`. Plain `http://` is accepted for this machine, and for other hosts outside production. Required unless `REDIS_FALLBACK_TO_MOCK` is on."
    }
    UPSTASH_REDIS_REST_TOKEN {
        unit: "secret",
        default: None,
        meaning: "Token of the REST API. Use a read-only one: the Worker never writes. Required with the URL."
    }
    REDIS_SOCKET_TIMEOUT {
        unit: "seconds, 0.001 to 60",
        default: Some("5.0"),
        meaning: "Time that one request may spend on Redis in all: every try, the waits between them, headers and bodies."
    }
    REDIS_MAX_RETRIES {
        unit: "count, 0 to 10",
        default: Some("3"),
        meaning: "Further tries after a failed connection, a 5xx or 429, or a reply that is not JSON. Refusals by Redis (wrong token, quota) are never tried again."
    }
    REDIS_BACKOFF_FACTOR {
        unit: "multiple of 50 ms, 0 to 100",
        default: Some("1.0"),
        meaning: "Before retry n (from 0) the Worker waits a random time between 0 and 50 ms × factor × 2^n."
    }
    REDIS_BREAKER_FAULTS {
        unit: "calls, 0 to 1000",
        default: Some("5"),
        meaning: "After this many calls in a row that did not reach Redis, retries included, an isolate stops asking and refuses at once with `REDIS_UNAVAILABLE`. 0: it never stops asking."
    }
    REDIS_BREAKER_COOL_DOWN {
        unit: "seconds, 0.001 to 60",
        default: Some("2"),
        meaning: "How long it stops, before one call goes out as a probe; an answer to the probe lets all calls out again."
    }
    REDIS_POOL_CONFIG_CACHE_TTL {
        unit: "seconds, 0 to 2",
        default: Some("2"),
        meaning: "How long the list of pools and tokens is trusted before Redis is asked whether it changed. Bins are never cached."
    }
    REDIS_MAX_GRAPH_CACHE_SIZE {
        unit: "token pairs, 1 to 100000",
        default: Some("1000"),
        meaning: "Token pairs whose candidate routes are kept, least recently used out first."
    }
    REDIS_FALLBACK_TO_MOCK {
        unit: "true or false",
        default: Some("false"),
        meaning: "Answers from the bundled sample state when Redis is missing or fails, marked `state.source: \"sample\"`. Refused in production."
    }
    DEFAULT_FEE_BPS {
        unit: "bps, 0 to 9999",
        default: Some("10"),
        meaning: "Fee of pools whose value states none; all of it is provider fee."
    }
    MAX_CANDIDATE_POOLS {
        unit: "pools, 1 to 1000",
        default: Some("64"),
        meaning: "Most pools that one quote looks at; if there are more, the answer warns."
    }
    MAX_KEYS_PER_QUOTE {
        unit: "keys, 2 to 100000",
        default: Some("10000"),
        meaning: "Most keys that one quote reads, in all its reads together; each read has about 4 MB at most. Where more keys might have given more, the answer warns. A batch may read ten times as many."
    }
    STACKS_ROUTER {
        unit: "principal of a contract",
        default: None,
        meaning: "Router contract whose calls the plans of quotes are, such as `SP….dlmm-swap-router-v-1-1`; which ones are known is told by [Plans](plans.md). Absent: a request with `plan` is refused with `PLAN_UNAVAILABLE`."
    }
    MAX_SNAPSHOT_BYTES {
        unit: "bytes, 1000 to 20000000",
        default: Some("10000000"),
        meaning: "Largest answer of `/snapshot`; a client that needs more asks for fewer pools at a time. An isolate has 128 MB for everything it does, and a snapshot takes several times its size for a moment."
    }
    STREAM_POLL_MS {
        unit: "ms, 50 to 60000",
        default: Some("1000"),
        meaning: "How often a stream looks at Redis where no message of the channel `dlmm:changes` comes; where some do, a fifth as often."
    }
    STREAM_MAX_SECONDS {
        unit: "seconds, 1 to 3600",
        default: Some("300"),
        meaning: "How long a stream lives; then it ends with `retry:`, and the client opens the next one. A stream that polls makes a request to Redis each `STREAM_POLL_MS`: Cloudflare's free plan allows 50 for one request, so set 40 there."
    }
    MAX_STREAMS {
        unit: "streams, 0 to 10000",
        default: Some("500"),
        meaning: "Most streams that one isolate keeps at a time, a tenth of them (at least 4) for one client address; one more is refused with `STREAMS_FULL`."
    }
    MAX_STATE_AGE_MS {
        unit: "ms, at least 1",
        default: None,
        meaning: "Refuses quotes on state older than this, and on state of unknown age. Absent: staging and production refuse above 120000 where the producer keeps a heartbeat; otherwise state of any age is quoted."
    }
    WARN_STATE_AGE_MS {
        unit: "ms, 0 or more",
        default: Some("60000"),
        meaning: "Quotes on state older than this carry the warning `STATE_OLD`. 0: never. Unless it is set, development warns only where the producer keeps a heartbeat."
    }
    STRICT_STATE {
        unit: "true or false",
        default: Some("false"),
        meaning: "Refuses state that contradicts itself instead of quoting it with the warning `STATE_SUSPECT`."
    }
    ALLOWED_ORIGINS {
        unit: "`*`, or origins separated by commas",
        default: Some("*"),
        meaning: "Web origins whose pages may read answers (CORS), such as `https://app.example`. Credentials are never allowed."
    }
    API_KEYS {
        unit: "secrets separated by commas, each at least 16 characters",
        default: None,
        meaning: "Keys of clients; each request but `/health` must carry one as `X-API-Key` or `Authorization: Bearer`. Several at once let a new key work before the old one is taken away. Absent: no key is needed."
    }
    ADMIN_TOKEN {
        unit: "secret, at least 16 characters",
        default: None,
        meaning: "Bearer token of the operator's calls (`POST /admin/cache/clear`). Absent: there is nothing at those paths."
    }
    LOG_LEVEL {
        unit: "debug, info, warn or error",
        default: Some("info"),
        meaning: "`info` writes one line a request; `debug` adds one line a Redis call (command, key count, ms; never values)."
    }
    ENVIRONMENT {
        unit: "development, staging or production",
        default: Some("development"),
        meaning: "Named in `/health`. In production the sample state and unencrypted Redis connections to other machines are refused. Decides which limits on the age of state apply where `MAX_STATE_AGE_MS` and `WARN_STATE_AGE_MS` are not set; it changes no other setting."
    }
}

/// Settings of the Python reference engine that the Worker does not read, and what became of them.
pub const FORMER_SETTINGS: [(&str, &str); 8] = [
    (
        "REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_PASSWORD, REDIS_SSL",
        "Read by the `dlmm` command. A Worker speaks HTTP, so it takes `UPSTASH_REDIS_REST_URL` and `UPSTASH_REDIS_REST_TOKEN`.",
    ),
    (
        "REDIS_UPDATE_INTERVAL",
        "Gone from the Worker, which does not write to Redis. Read by `dlmm simulate`.",
    ),
    ("REDIS_SOCKET_CONNECT_TIMEOUT", "Part of `REDIS_SOCKET_TIMEOUT`, which covers connecting too."),
    ("REDIS_MAX_CONNECTIONS", "Gone: Cloudflare keeps the connections; a quote needs one request."),
    (
        "REDIS_GRAPH_CACHE_TTL",
        "Gone: routes are dropped when the pools change, which `REDIS_POOL_CONFIG_CACHE_TTL` bounds.",
    ),
    ("REDIS_PIPELINE_BATCH_SIZE", "Gone: a quote is one MGET, bounded by `MAX_KEYS_PER_QUOTE`."),
    (
        "REDIS_FALLBACK_TO_MOCK",
        "Kept, but off by default, and refused in production. In the reference it was on.",
    ),
    (
        "ENVIRONMENT",
        "Kept, but it no longer changes timeouts, retries and cache sizes behind your back: set those by name.",
    ),
];

/// The two tables as Markdown, for docs/configuration.md.
pub fn settings_markdown() -> String {
    let mut text = String::from("| Setting | Unit | Default | Meaning |\n| --- | --- | --- | --- |\n");
    for Setting { name, unit, default, meaning } in SETTINGS {
        let default = default.map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
        let _ = writeln!(text, "| `{name}` | {unit} | {default} | {meaning} |");
    }
    text.push_str("\n| Setting of the reference engine | What became of it |\n| --- | --- |\n");
    for (names, fate) in FORMER_SETTINGS {
        let _ = writeln!(text, "| `{}` | {fate} |", names.replace(", ", "`, `"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_setting_stands_twice() {
        for (index, setting) in SETTINGS.iter().enumerate() {
            assert!(SETTINGS[index + 1..].iter().all(|other| other.name != setting.name), "{}", setting.name);
        }
    }

    #[test]
    fn the_documentation_shows_these_tables() {
        let page = include_str!("../../../docs/configuration.md");
        let (_, rest) = page.split_once("<!-- settings -->\n").unwrap();
        let (tables, _) = rest.split_once("<!-- /settings -->").unwrap();
        assert_eq!(tables.trim(), settings_markdown().trim(), "print it anew with the example `settings`");
    }

    #[test]
    fn the_markdown_has_one_row_a_setting_and_no_stray_bars() {
        let text = settings_markdown();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let bars = line.matches('|').count();
            assert!(bars == 5 || bars == 3, "{line}");
        }
        assert!(text.contains("| `REDIS_MAX_RETRIES` | count, 0 to 10 | `3` |"));
        assert!(text.contains("| `MAX_STATE_AGE_MS` | ms, at least 1 | none |"));
        assert_eq!(text.lines().count(), SETTINGS.len() + FORMER_SETTINGS.len() + 5);
    }
}
