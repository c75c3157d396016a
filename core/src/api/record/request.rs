//! A checked request, written as a body of `POST /quote` with every default filled in.

use super::canonical::MAX_SAFE;
use crate::api::number::Units;
use crate::json::{ToJson, object};
use crate::quote::{AmountText, Mode, QuoteRequest};
use crate::sorted::SortedSet;
use crate::units::{PoolId, Symbol};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Every field of a request; what is not limited is `null`.
pub(crate) struct RequestFields<'a>(pub(crate) &'a QuoteRequest);

impl ToJson for RequestFields<'_> {
    fn write(&self, out: &mut String) {
        let request = self.0;
        let (human, atomic) = match request.mode {
            Mode::ExactIn => ("amount_in", "amount_in_atomic"),
            Mode::ExactOut => ("amount_out", "amount_out_atomic"),
        };
        let ids = |ids: &SortedSet<PoolId>| -> Option<Vec<_>> {
            (!ids.is_empty()).then(|| ids.iter().map(|id| id.as_str().to_string()).collect())
        };
        let via = request.filter.via.as_ref();
        // No age comes near this bound, so the cap changes nothing and keeps the number within a double.
        let max_age_ms = request.max_age_ms.map(|age| age.min(MAX_SAFE));
        // In order of their names, as the canonical text of an input has them.
        object(|f| {
            f.member("allow_partial", request.allow_partial);
            match &request.amount {
                AmountText::Human(decimal) => f.member(human, decimal.to_string()),
                AmountText::Atomic(units) => f.member(atomic, Units(*units)),
            }
            f.member("exclude_pools", ids(&request.filter.exclude_pools));
            f.member("explain", request.explain);
            f.member("include_state", request.include_state);
            f.member("include_steps", request.include_steps);
            f.member("max_age_ms", max_age_ms);
            f.member("max_bins", request.max_bins);
            f.member("max_hops", request.max_hops);
            f.member("max_splits", request.max_splits);
            f.member("pools", ids(&request.filter.pools));
            f.member("slippage_bps", request.slippage_bps);
            f.member("strict", request.strict);
            f.member("token_in", request.token_in.as_str());
            f.member("token_out", request.token_out.as_str());
            f.member("via", via.map(|via| via.iter().map(Symbol::as_str).collect::<Vec<_>>()));
        })
        .write(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request_from_json;
    use crate::json::to_json;

    fn written(body: &str) -> alloc::string::String {
        let request = request_from_json(body).expect("sound");
        to_json(&RequestFields(&request))
    }

    #[test]
    fn every_request_reads_back_as_itself() {
        for fields in [
            r#""amount_in":"1.50","include_state":true"#,
            r#""amount_in_atomic":"150","direct_only":true"#,
            r#""amount_out":1e-7,"explain":true,"max_age_ms":9007199254740991"#,
            r#""amount_out_atomic":"340282366920938463463374607431768211455""#,
            r#""amount_in":1e9999,"slippage_bps":0,"max_hops":4,"max_splits":0,"max_bins":1001,"allow_partial":true,"include_steps":false,
               "strict":true,"max_age_ms":0,"pools":["P","B"],"exclude_pools":["Q"],"via":["SOL","A"]"#,
        ] {
            let body = alloc::format!(r#"{{"token_in":"BTC","token_out":"USDC",{fields}}}"#);
            let again = written(&body);
            assert_eq!(request_from_json(&again), request_from_json(&body), "{again}");
            assert_eq!(written(&again), again);
        }
    }

    #[test]
    fn an_age_that_no_state_reaches_is_capped() {
        let body = r#"{"token_in":"BTC","token_out":"USDC","amount_in":1,"max_age_ms":18446744073709551615}"#;
        assert!(written(body).contains(r#""max_age_ms":9007199254740991"#));
    }
}
