//! What a service says of itself, whoever asks: its settings in `/health`, and the decimals in `/tokens`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use dlmm_core::network::age::AgeLimit;
use dlmm_core::verify::{Difference, Verification};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use ureq::Agent;
use ureq::http::Uri;

use crate::usage::UsageError;

/// For one request, with everything that belongs to it.
const DEADLINE: Duration = Duration::from_secs(10);
/// Bytes of one answer at most; a list of 10 000 tokens has less than one million.
const MAX_BYTES: u64 = 20_000_000;

/// Facts that hold for every quote of a service.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) default_fee_bps: u16,
    pub(super) max_candidate_pools: usize,
    /// The router of its plans, empty where it has none; `None` where it is too old to say.
    pub(super) router: Option<String>,
    /// From which age on it warns at the moment; the outer `None` where it cannot say.
    pub(super) warn_age: Option<Option<AgeLimit>>,
    /// By symbol; a service that cannot list all pools lists some.
    decimals: BTreeMap<String, u8>,
}

#[derive(Deserialize)]
struct Health {
    /// Every health has one, whatever the version; other documents do not.
    #[serde(rename = "status")]
    _status: IgnoredAny,
    settings: Option<Settings>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    warn_age_ms: Option<u64>,
}

#[derive(Deserialize)]
struct Settings {
    default_fee_bps: u16,
    max_candidate_pools: usize,
    /// A service of before says nothing, one without a router `null`.
    #[serde(default, deserialize_with = "told_router")]
    router: Option<String>,
}

fn told_router<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer).map(|router| Some(router.unwrap_or_default()))
}

#[derive(Deserialize)]
struct Tokens {
    tokens: Vec<Token>,
}

#[derive(Deserialize)]
struct Token {
    symbol: String,
    decimals: u8,
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalText,
}

#[derive(Deserialize)]
struct RefusalText {
    code: String,
    message: String,
}

impl Service {
    /// Asks a service at its address; `api_key` is one of its keys, where it wants one.
    pub(super) async fn ask(address: &str, api_key: Option<&str>) -> anyhow::Result<Self> {
        let base = base(address)?;
        let api_key = api_key.filter(|key| !key.is_empty()).map(str::to_owned);
        tokio::task::spawn_blocking(move || Self::read(&base, api_key.as_deref())).await?
    }

    fn read(base: &str, api_key: Option<&str>) -> anyhow::Result<Self> {
        // A service without Redis says its settings all the same, with 503.
        let Health { settings, data, .. } = get(base, "/health", api_key)?;
        let Some(Settings { default_fee_bps, max_candidate_pools, router }) = settings else {
            bail!(
                "{base}/health names no settings: the service is older than this command, so say --default-fee-bps yourself"
            );
        };
        let Tokens { tokens } = get(base, "/tokens", api_key)?;
        let decimals = tokens.into_iter().map(|token| (token.symbol, token.decimals)).collect();
        let warn_age = data.map(|data| data.warn_age_ms.map(AgeLimit::named));
        Ok(Self { default_fee_bps, max_candidate_pools, router, warn_age, decimals })
    }

    /// Notes every token that an answer takes to have other decimals than the service says.
    pub(super) fn compare_decimals(&self, answer: &str, found: &mut Verification) {
        #[derive(Deserialize)]
        struct Answer {
            input: Input,
        }
        #[derive(Deserialize)]
        struct Input {
            decimals: BTreeMap<String, Decimals>,
        }
        #[derive(Deserialize)]
        struct Decimals {
            decimals: u8,
        }
        // What cannot be read was refused before.
        let Ok(Answer { input }) = serde_json::from_str(answer) else { return };
        for (token, Decimals { decimals: given }) in input.decimals {
            let Some(&own) = self.decimals.get(&token).filter(|own| **own != given) else { continue };
            let path = format!("input.decimals.{token}.decimals");
            if found.differences.iter().all(|known| known.path != path) {
                let (given, computed) = (Some(given.to_string()), Some(own.to_string()));
                found.differences.push(Difference { path, given, computed });
            }
        }
    }
}

/// An address as paths are appended to it.
fn base(address: &str) -> Result<String, UsageError> {
    let refuse =
        |why: &str| UsageError(format!("--service must be an address such as https://quotes.example: {why}"));
    let uri: Uri = address.parse().map_err(|_| refuse("this is none"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(refuse("it begins with http:// or https://"));
    }
    // It stands in messages, where no password belongs.
    if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
        return Err(refuse("no user and password"));
    }
    if uri.query().is_some() {
        return Err(refuse("no query"));
    }
    Ok(address.trim_end_matches('/').to_owned())
}

fn get<T: DeserializeOwned>(base: &str, path: &str, api_key: Option<&str>) -> anyhow::Result<T> {
    let config = Agent::config_builder().timeout_global(Some(DEADLINE)).http_status_as_error(false);
    let mut request = Agent::from(config.build()).get(format!("{base}{path}"));
    if let Some(key) = api_key {
        // Unlike other headers, this one is not sent on to where a redirect leads.
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let told = || format!("cannot ask {base}{path}");
    let mut response = request.call().with_context(told)?;
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(MAX_BYTES).read_to_string().with_context(told)?;
    match serde_json::from_str(&text) {
        Ok(read) => Ok(read),
        Err(unfit) => Err(match serde_json::from_str(&text) {
            Ok(Refusal { error }) if error.code == "UNAUTHORIZED" => {
                anyhow!("{base}{path} wants an API key: --api-key or DLMM_API_KEY")
            }
            Ok(Refusal { error: RefusalText { code, message } }) => {
                anyhow!("{base}{path} says {code}: {message}")
            }
            Err(_) => anyhow!("{base}{path} ({status}) is not what this service answers: {unfit}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_of_a_service() {
        assert_eq!(base("https://a.example/").unwrap(), "https://a.example");
        assert_eq!(base("http://127.0.0.1:8787/v1").unwrap(), "http://127.0.0.1:8787/v1");
        for wrong in
            ["", "a.example", "redis://a.example", "https://me:secret@a.example", "https://a.example/?x=1"]
        {
            let told = base(wrong).unwrap_err().to_string();
            assert!(
                told.starts_with("--service must be an address") && !told.contains("secret"),
                "{wrong}: {told}"
            );
        }
    }

    #[test]
    fn decimals_that_the_service_lists_are_compared_and_told_once() {
        let decimals = [("BTC".to_owned(), 8), ("USDC".to_owned(), 6)].into();
        let service =
            Service { default_fee_bps: 10, max_candidate_pools: 64, router: None, warn_age: None, decimals };
        let answer = r#"{"input":{"decimals":{"BTC":{"decimals":9,"decimals_from":"stated"},"NEW":{"decimals":3},"USDC":{"decimals":6}}}}"#;
        let mut found = Verification {
            digest_matches: true,
            differences: Vec::new(),
            moved: Vec::new(),
            unproven: Vec::new(),
        };
        service.compare_decimals(answer, &mut found);
        service.compare_decimals(answer, &mut found);
        let [Difference { path, given, computed }] = found.differences.as_slice() else { panic!("one") };
        assert_eq!(path, "input.decimals.BTC.decimals");
        assert_eq!((given.as_deref(), computed.as_deref()), (Some("9"), Some("8")));
    }
}
