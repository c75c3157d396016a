//! An API of the chain, as far as blocks can be put together from it: pages of blocks, pages of a contract's logs, and where a
//! transaction stands.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::sleep;
use ureq::Agent;

use super::fault::Fault;
use super::from_node::blocking;

/// For one read.
const DEADLINE: Duration = Duration::from_secs(20);
/// Bytes of one answer at most.
const MAX_BYTES: u64 = 16 << 20;
/// Attempts at one read that fails, and at one that is told to wait.
const ATTEMPTS: u32 = 5;
const WAITS: u32 = 20;
/// Before the second attempt; each next one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Longest wait, whatever the API asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Where the API does not say how long to wait.
const LIMITED_WAIT: Duration = Duration::from_secs(10);
/// Blocks and logs on a page: the largest that all known services take.
pub(crate) const BLOCKS_PER_PAGE: usize = 20;
const LOGS_PER_PAGE: usize = 50;

/// An API at a base URL.
#[derive(Clone)]
pub(crate) struct Api {
    url: String,
    key: Option<String>,
    agent: Agent,
}

/// A block of the canonical chain.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BlockEntry {
    #[serde(default = "yes")]
    pub(crate) canonical: bool,
    pub(crate) height: u64,
    pub(crate) hash: String,
    pub(crate) index_block_hash: String,
    pub(crate) parent_index_block_hash: String,
    pub(crate) block_time: Option<u64>,
    pub(crate) burn_block_time: Option<u64>,
}

/// A page of logs, the newest first.
#[derive(Debug, Deserialize)]
pub(crate) struct LogsPage {
    /// Logs on all pages.
    pub(crate) total: u64,
    pub(crate) cursor: Option<String>,
    pub(crate) next_cursor: Option<String>,
    pub(crate) prev_cursor: Option<String>,
    pub(crate) results: Vec<LogEntry>,
}

/// One log, which does not say of which block it is.
#[derive(Debug, Deserialize)]
pub(crate) struct LogEntry {
    pub(crate) event_index: u64,
    pub(crate) tx_id: String,
    pub(crate) contract_log: ContractLog,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ContractLog {
    pub(crate) contract_id: String,
    pub(crate) topic: String,
    pub(crate) value: LogValue,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LogValue {
    pub(crate) hex: String,
}

/// Where a transaction stands.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Place {
    #[serde(default = "yes")]
    pub(crate) canonical: bool,
    #[serde(default = "yes")]
    pub(crate) microblock_canonical: bool,
    pub(crate) tx_status: String,
    pub(crate) tx_index: u64,
    pub(crate) block_height: u64,
    pub(crate) block_hash: String,
}

#[derive(Deserialize)]
struct BlocksPage {
    results: Vec<BlockEntry>,
}

const fn yes() -> bool {
    true
}

/// What one attempt came to.
enum Attempt {
    Answer(Vec<u8>),
    Absent,
    /// To be repeated, at once or after the time that the API asks for.
    Failed(String),
    Limited(Option<Duration>),
    /// No repetition helps.
    Refused(String),
}

impl Api {
    pub(crate) fn new(url: &str, key: Option<String>) -> Self {
        // A redirect would take the key along, to whatever host it names.
        let config = Agent::config_builder()
            .timeout_global(Some(DEADLINE))
            .http_status_as_error(false)
            .max_redirects(0);
        Self { url: url.trim_end_matches('/').to_owned(), key, agent: config.build().into() }
    }

    /// Blocks from the tip down, after so many of them.
    ///
    /// # Errors
    /// [`Fault::Node`]
    pub(crate) async fn blocks(&self, offset: usize) -> Result<Vec<BlockEntry>, Fault> {
        let path = format!("/extended/v2/blocks?limit={BLOCKS_PER_PAGE}&offset={offset}");
        let page: Option<BlocksPage> = self.get("blocks", path).await?;
        // Behind the last block there is an empty page; whoever has no page at all is no such API.
        let page = page.ok_or_else(|| fault("blocks", "status 404: is this the base URL of an API?"))?;
        if page.results.is_empty() && offset == 0 {
            return Err(fault("blocks", "it has none"));
        }
        Ok(page.results)
    }

    /// One block by its index hash; `None` where the API does not have it.
    ///
    /// # Errors
    /// [`Fault::Node`]
    pub(crate) async fn block(&self, hash: &str) -> Result<Option<BlockEntry>, Fault> {
        self.get("block", format!("/extended/v2/blocks/{hash}")).await
    }

    /// A page of a contract's logs: the newest, or that of a cursor; `None` where the cursor's event is no longer there.
    ///
    /// # Errors
    /// [`Fault::Node`]
    pub(crate) async fn logs(&self, contract: &str, cursor: Option<&str>) -> Result<Option<LogsPage>, Fault> {
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let path = format!("/extended/v2/smart-contracts/{contract}/logs?limit={LOGS_PER_PAGE}{cursor}");
        self.get("logs", path).await
    }

    /// Where a transaction stands; `None` where it is no longer known.
    ///
    /// # Errors
    /// [`Fault::Node`]
    pub(crate) async fn transaction(&self, txid: &str) -> Result<Option<Place>, Fault> {
        self.get("transaction", format!("/extended/v1/tx/{txid}")).await
    }

    /// Reads, and tries again as long as it may help.
    async fn get<T: DeserializeOwned>(&self, what: &str, path: String) -> Result<Option<T>, Fault> {
        let (mut failed, mut limited, mut wait) = (0, 0, FIRST_WAIT);
        loop {
            let (api, at) = (self.clone(), path.clone());
            let attempt = blocking(move || Ok(api.attempt(&at))).await?;
            let said = match attempt {
                Attempt::Answer(body) => match serde_json::from_slice(&body) {
                    Ok(answer) => return Ok(Some(answer)),
                    Err(error) => format!("not the answer that was asked for: {error}"),
                },
                Attempt::Absent => return Ok(None),
                Attempt::Refused(said) => return Err(fault(what, &said)),
                Attempt::Failed(said) => said,
                Attempt::Limited(asked) if limited < WAITS => {
                    limited += 1;
                    sleep(asked.unwrap_or(LIMITED_WAIT).min(LONGEST_WAIT)).await;
                    continue;
                }
                Attempt::Limited(_) => return Err(fault(what, "it allows no more requests")),
            };
            failed += 1;
            if failed >= ATTEMPTS {
                return Err(fault(what, &said));
            }
            sleep(wait).await;
            wait = wait.saturating_mul(2);
        }
    }

    fn attempt(&self, path: &str) -> Attempt {
        let mut request = self.agent.get(format!("{}{path}", self.url)).header("accept", "application/json");
        if let Some(key) = &self.key {
            request = request.header("x-api-key", key);
        }
        let mut response = match request.call() {
            Ok(response) => response,
            Err(error) => return Attempt::Failed(error.to_string()),
        };
        match response.status().as_u16() {
            200 => match response.body_mut().with_config().limit(MAX_BYTES).read_to_vec() {
                Ok(body) => Attempt::Answer(body),
                Err(error) => Attempt::Failed(error.to_string()),
            },
            404 => Attempt::Absent,
            429 => {
                let asked = response.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok());
                Attempt::Limited(asked.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs))
            }
            status @ (400 | 401 | 403) => Attempt::Refused(format!("status {status}")),
            status @ 300..=399 => Attempt::Refused(format!("status {status}: redirects are not followed")),
            status => Attempt::Failed(format!("status {status}")),
        }
    }
}

fn fault(what: &str, said: &str) -> Fault {
    Fault::Node { reason: format!("{what}: {said}") }
}
