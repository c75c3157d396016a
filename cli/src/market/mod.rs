//! Redis as a market: quotes from it, and what is said where there is none.

mod amounts;
mod reader;
mod redis_market;
mod refusal;
mod warning_words;

pub(crate) use amounts::{Amounts, percent};
pub(crate) use reader::{PoolTexts, candidates_of, list_pools, read_pools};
pub(crate) use redis_market::{QuoteSettings, RedisMarket};
pub(crate) use refusal::{Refusal, http_body};
pub(crate) use warning_words::warning_line;
