//! The fields of a quote request as options; what they mean and may be is core's business.

use clap::Args;
use dlmm_core::api::{FieldValue, request_from_fields};
use dlmm_core::error::QuoteError;
use dlmm_core::network::route::MAX_HOPS;
use dlmm_core::quote::{DEFAULT_MAX_HOPS, QuoteRequest};

/// One option for every field of `POST /quote`.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Request")]
pub(super) struct RequestFlags {
    /// Token that goes in, such as BTC.
    #[arg(long, value_name = "SYMBOL")]
    token_in: Option<String>,

    /// Token that comes out, such as USDC.
    #[arg(long, value_name = "SYMBOL")]
    token_out: Option<String>,

    /// How much goes in, as a decimal number of whole tokens.
    #[arg(long, value_name = "DECIMAL", allow_hyphen_values = true)]
    amount_in: Option<String>,

    /// How much goes in, in smallest units.
    #[arg(long, value_name = "UNITS", allow_hyphen_values = true)]
    amount_in_atomic: Option<String>,

    /// How much is to come out, as a decimal number of whole tokens.
    #[arg(long, value_name = "DECIMAL", allow_hyphen_values = true)]
    amount_out: Option<String>,

    /// How much is to come out, in smallest units.
    #[arg(long, value_name = "UNITS", allow_hyphen_values = true)]
    amount_out_atomic: Option<String>,

    /// Allowance for later price movement, 0 to 10000; 50 if absent.
    #[arg(long, value_name = "BPS", allow_hyphen_values = true)]
    slippage_bps: Option<String>,

    #[arg(long, value_name = "HOPS", allow_hyphen_values = true, help = format!(
        "Pools in a row a route may use, 1 to {MAX_HOPS}; {DEFAULT_MAX_HOPS} if absent"
    ))]
    max_hops: Option<String>,

    /// Routes in the answer, 0 for no limit; 4 if absent.
    #[arg(long, value_name = "ROUTES", allow_hyphen_values = true)]
    max_splits: Option<String>,

    /// Bins one pool may visit, empty ones counted; 350 if absent.
    #[arg(long, value_name = "BINS", allow_hyphen_values = true)]
    max_bins: Option<String>,

    /// Use only pools of the very pair.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    direct_only: Option<String>,

    /// Answer what liquidity and limits let through.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    allow_partial: Option<String>,

    /// Use only these pools (ids, separated by commas).
    #[arg(long, value_name = "IDS")]
    pools: Option<String>,

    /// Use none of these pools (ids, separated by commas).
    #[arg(long, value_name = "IDS")]
    exclude_pools: Option<String>,

    /// Pass only through these tokens (symbols, separated by commas).
    #[arg(long, value_name = "SYMBOLS")]
    via: Option<String>,

    /// Refuse state that is older, or of unknown age.
    #[arg(long, value_name = "MS", allow_hyphen_values = true)]
    max_age_ms: Option<String>,

    /// Refuse state that contradicts itself or cannot be read.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    strict: Option<String>,

    /// Name the candidates that lost, with their output and the reason.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    explain: Option<String>,

    /// Add what the answer was computed from, and a digest; `dlmm verify-quote` checks it.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    include_state: Option<String>,

    /// List every bin that took input.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    include_steps: Option<String>,
}

impl RequestFlags {
    /// Reads the request from the options that are given.
    pub(super) fn request(&self) -> Result<QuoteRequest, QuoteError> {
        let given = self.fields().into_iter();
        request_from_fields(given.filter_map(|(name, text)| Some((name, FieldValue::Text(text?)))))
    }

    fn fields(&self) -> [(&'static str, Option<&str>); 20] {
        [
            ("token_in", &self.token_in),
            ("token_out", &self.token_out),
            ("amount_in", &self.amount_in),
            ("amount_in_atomic", &self.amount_in_atomic),
            ("amount_out", &self.amount_out),
            ("amount_out_atomic", &self.amount_out_atomic),
            ("slippage_bps", &self.slippage_bps),
            ("max_hops", &self.max_hops),
            ("max_splits", &self.max_splits),
            ("max_bins", &self.max_bins),
            ("direct_only", &self.direct_only),
            ("allow_partial", &self.allow_partial),
            ("pools", &self.pools),
            ("exclude_pools", &self.exclude_pools),
            ("via", &self.via),
            ("max_age_ms", &self.max_age_ms),
            ("strict", &self.strict),
            ("explain", &self.explain),
            ("include_state", &self.include_state),
            ("include_steps", &self.include_steps),
        ]
        .map(|(name, text)| (name, text.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use dlmm_core::api::request_from_json;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: RequestFlags,
    }

    fn request(line: &str) -> Result<QuoteRequest, QuoteError> {
        Line::try_parse_from(std::iter::once("dlmm").chain(line.split(' '))).unwrap().flags.request()
    }

    #[test]
    fn every_field_means_what_it_means_over_http() {
        let line = "--token-in BTC --token-out USDC --amount-in 1.5 --slippage-bps 7 --max-hops 2 --max-splits 0 \
                    --max-bins 9 --direct-only=false --allow-partial --pools P,Q --exclude-pools R --via SOL \
                    --max-age-ms 5 --strict --explain --include-state --include-steps=false";
        let body = r#"{"token_in":"BTC","token_out":"USDC","amount_in":1.5,"slippage_bps":7,"max_hops":2,"max_splits":0,
            "max_bins":9,"direct_only":false,"allow_partial":true,"pools":["P","Q"],"exclude_pools":["R"],
            "via":["SOL"],"max_age_ms":5,"strict":true,"explain":true,"include_state":true,"include_steps":false}"#;
        assert_eq!(request(line), request_from_json(body));
        let atomic = "--token-in BTC --token-out USDC --amount-in-atomic 5";
        let body = r#"{"token_in":"BTC","token_out":"USDC","amount_in_atomic":"5"}"#;
        assert_eq!(request(atomic), request_from_json(body));
        for (field, flag) in
            [("amount_out", "--amount-out 5"), ("amount_out_atomic", "--amount-out-atomic 5")]
        {
            let body = format!(r#"{{"token_in":"BTC","token_out":"USDC","{field}":"5"}}"#);
            assert_eq!(request(&format!("--token-in BTC --token-out USDC {flag}")), request_from_json(&body));
        }
    }

    #[test]
    fn what_is_wrong_is_said_by_core() {
        for (line, field) in [
            ("--token-in BTC", "token_out"),
            ("--token-in BTC --token-out USDC", "amount_in"),
            ("--token-in BTC --token-out USDC --amount-in -1", "amount_in"),
            ("--token-in BTC --token-out USDC --amount-in 1 --max-hops -3", "max_hops"),
            ("--token-in BTC --token-out USDC --amount-in 1 --strict=yes", "strict"),
        ] {
            match request(line) {
                Err(QuoteError::InvalidRequest { field: named, .. }) => assert_eq!(named, field, "{line}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
