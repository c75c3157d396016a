//! How the refusals of the other rooms are told to a client.

use dlmm_core::api::error_details;
use dlmm_core::error::QuoteError;
use dlmm_core::stored::keys;

use super::code::Code;
use super::error::ApiError;
use crate::config::ConfigError;
use crate::market::Refusal;
use crate::redis::{Outage, RedisError};

/// Core and the client of Redis name their errors by the texts of the table; tests hold them together.
fn code_of(text: &str) -> Code {
    Code::parse(text).unwrap_or(Code::Internal)
}

impl From<QuoteError> for ApiError {
    fn from(error: QuoteError) -> Self {
        let mut api = Self::new(code_of(error.code()), error.to_string());
        api.details = serde_json::from_str(&error_details(&error)).unwrap_or_default();
        api
    }
}

impl From<RedisError> for ApiError {
    fn from(error: RedisError) -> Self {
        let api = Self::new(code_of(error.code()), error.to_string());
        match error {
            RedisError::Auth(_) | RedisError::Abandoned => api,
            RedisError::Unavailable { attempts, outage: Outage::BreakerOpen { retry_after_ms } } => api
                .with("attempts", attempts)
                .with("retry_after_ms", retry_after_ms)
                .with_header("retry-after", retry_after_ms.div_ceil(1_000).to_string()),
            RedisError::Unavailable { attempts, .. } => api.with("attempts", attempts),
            RedisError::Timeout { deadline_ms } => api.with("deadline_ms", deadline_ms),
            RedisError::Invalid(oddity) => api.with("reason", oddity.to_string()),
            RedisError::Refused(said) => api.with("reason", said),
            RedisError::Cluster(word) => api.with("reason", word),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Quote(error) => error.into(),
            Refusal::Redis(error) => error.into(),
            Refusal::Busy { retry_after_seconds } => Self::busy(retry_after_seconds),
            Refusal::CopyTooLarge { limit, unit } => {
                let message = format!(
                    "the snapshot would hold more than {limit} {unit}: name fewer pools, as in pools=A,B, or take pages with limit"
                );
                Self::invalid_request("pools", message).with("limit", limit).with("unit", unit)
            }
            Refusal::Unlisted => {
                let message = "the pools cannot be listed, so a copy of all of them could lack some: name them, as in pools=A,B";
                let reason = "the set is absent or empty, and the token may not SCAN or the database is too large for it";
                Self::new(Code::StateInvalid, message).with("key", keys::POOLS).with("reason", reason)
            }
            Refusal::Internal => Self::internal(),
        }
    }
}

impl From<ConfigError> for ApiError {
    fn from(error: ConfigError) -> Self {
        Self::new(Code::ConfigInvalid, format!("{} {}", error.setting, error.advice))
            .with("setting", error.setting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::{AuthFault, Oddity};
    use dlmm_core::error::PlanFault;
    use serde_json::Value;

    #[test]
    fn every_refusal_of_core_has_a_code_of_the_table() {
        let token = dlmm_core::units::Symbol::new("BTC").unwrap();
        let pool_id = dlmm_core::units::PoolId::new("P").unwrap();
        let key = || "bin:P:500".to_owned();
        let refusals = [
            QuoteError::InvalidRequest { field: key(), reason: key() },
            QuoteError::SameToken { token: token.clone() },
            QuoteError::UnknownToken {
                token: token.clone(),
                similar: Vec::new(),
                no_pools: false,
                warnings: Vec::new(),
            },
            QuoteError::UnknownPool { pool_id: pool_id.clone(), similar: Vec::new(), warnings: Vec::new() },
            QuoteError::NoRoute {
                token_in: token.clone(),
                token_out: token.clone(),
                max_hops: 3,
                narrowed_by: Default::default(),
                warnings: Vec::new(),
            },
            too_little(),
            QuoteError::TooManyBins { needed: None, allowed: 270, warnings: Vec::new() },
            QuoteError::AmountTooSmall { token, decimals: None, warnings: Vec::new() },
            QuoteError::AmountOverflow { field: None, warnings: Vec::new() },
            QuoteError::StateInvalid { key: key(), reason: key(), warnings: Vec::new() },
            QuoteError::StaleState {
                pool_id,
                age_ms: None,
                max_age_ms: Some(5),
                block_height: None,
                min_block_height: None,
                warnings: Vec::new(),
            },
            QuoteError::PlanUnavailable { reason: PlanFault::NoRouter, what: key(), warnings: Vec::new() },
            QuoteError::PlanTooLarge { reads: 5, limit: 4, bins_that_fit: 3, warnings: Vec::new() },
            QuoteError::AnswerTooLarge { limit: 5 },
        ];
        for refusal in refusals {
            let code = refusal.code();
            assert_eq!(ApiError::from(refusal).code.as_str(), code);
        }
        let told = ApiError::from(too_little());
        assert_eq!(told.details.get("fillable"), Some(&Value::from("4")));
        assert_eq!(told.message, "the pools take 0.000004 USDC of 0.000005 USDC");
    }

    fn too_little() -> QuoteError {
        QuoteError::InsufficientLiquidity {
            requested: 5,
            fillable: 4,
            token: dlmm_core::units::Symbol::new("USDC").unwrap(),
            decimals: Some(6),
            is_out: false,
            narrowed_by: Default::default(),
            warnings: Vec::new(),
        }
    }

    fn json(error: RedisError) -> String {
        ApiError::from(error).to_json("id")
    }

    #[test]
    fn each_fault_has_its_code_and_details() {
        let unavailable = json(RedisError::Unavailable { attempts: 4, outage: Outage::Status(503) });
        assert!(unavailable.contains(r#""code":"REDIS_UNAVAILABLE""#), "{unavailable}");
        assert!(unavailable.contains(r#""details":{"attempts":4}"#), "{unavailable}");
        let outage = Outage::BreakerOpen { retry_after_ms: 1_001 };
        let kept_back = ApiError::from(RedisError::Unavailable { attempts: 0, outage });
        assert_eq!(kept_back.headers, [("retry-after", "2".into())]);
        let kept_back = kept_back.to_json("id");
        assert!(kept_back.contains(r#""code":"REDIS_UNAVAILABLE""#), "{kept_back}");
        assert!(kept_back.contains(r#""details":{"attempts":0,"retry_after_ms":1001}"#), "{kept_back}");
        let timeout = json(RedisError::Timeout { deadline_ms: 5000 });
        assert!(timeout.contains(r#""code":"REDIS_TIMEOUT""#), "{timeout}");
        assert!(timeout.contains(r#""details":{"deadline_ms":5000}"#), "{timeout}");
        let short = json(RedisError::Invalid(Oddity::Length { expected: 3, received: 2 }));
        assert!(short.contains(r#""code":"UPSTREAM_INVALID""#), "{short}");
        assert!(short.contains(r#""details":{"reason":"an array of 2 values instead of 3"}"#), "{short}");
        let refused = json(RedisError::Refused("ERR unknown command".to_owned()));
        assert!(refused.contains(r#""code":"UPSTREAM_REFUSED""#), "{refused}");
        assert!(refused.contains(r#""details":{"reason":"ERR unknown command"}"#), "{refused}");
        let cluster = json(RedisError::Cluster("CROSSSLOT"));
        assert!(cluster.contains(r#""code":"CLUSTER_UNSUPPORTED""#), "{cluster}");
        assert!(cluster.contains(r#""details":{"reason":"CROSSSLOT"}"#), "{cluster}");
        let auth = json(RedisError::Auth(AuthFault::TokenRefused));
        assert!(auth.contains(r#""code":"REDIS_AUTH""#), "{auth}");
    }

    #[test]
    fn a_copy_that_is_too_large_names_the_field_and_the_limit() {
        let error = ApiError::from(Refusal::CopyTooLarge { limit: 360, unit: "pools" });
        assert_eq!((error.code, error.details["field"].as_str()), (Code::InvalidRequest, Some("pools")));
        assert_eq!((&error.details["limit"], &error.details["unit"]), (&360.into(), &"pools".into()));
    }
}
