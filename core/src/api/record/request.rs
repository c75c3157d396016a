//! A checked request, written as a body of `POST /quote` with every default filled in.

use super::canonical::MAX_SAFE;
use crate::api::fields::{FIELDS, Place, PlanPart};
use crate::api::number::Units;
use crate::gather::Gather;
use crate::json::{Object, ToJson, object};
use crate::quote::{AmountText, Mode, PlanAsk, QuoteRequest};
use crate::units::{PoolId, Symbol};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Every field of a request; what is not limited is `null`.
pub(crate) struct RequestFields<'a>(pub(crate) &'a QuoteRequest);

impl ToJson for RequestFields<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            let mut request = self.0.clone();
            // In order of their names, as the canonical text of an input has them.
            let mut last = "";
            while let Some(field) =
                FIELDS.iter().filter(|field| field.name > last).min_by_key(|field| field.name)
            {
                last = field.name;
                member(f, last, &field.place, &mut request);
            }
        })
        .write(out);
    }
}

fn member(f: &mut Object<'_>, name: &str, place: &Place, request: &mut QuoteRequest) {
    let has = |mode: &Mode, request: &QuoteRequest| *mode == request.mode;
    match place {
        Place::Token(at) => f.member(name, at(request).as_str()),
        Place::Human(mode) => match &request.amount {
            AmountText::Human(decimal) if has(mode, request) => f.member(name, decimal.to_string()),
            _ => {}
        },
        Place::Atomic(mode) => match &request.amount {
            AmountText::Atomic(units) if has(mode, request) => f.member(name, Units(*units)),
            _ => {}
        },
        Place::Small(at, ..) => f.member(name, *at(request)),
        Place::Number(at, ..) => f.member(name, *at(request)),
        // No age and no height comes near this bound, so the cap changes nothing and keeps the number within a double.
        Place::Milliseconds(at) | Place::Height(at) => {
            f.member(name, at(request).map(|age| age.min(MAX_SAFE)))
        }
        Place::Flag(at) => f.member(name, *at(request)),
        // It has become `max_hops`.
        Place::DirectOnly => {}
        Place::Pools(at) => {
            let ids: Vec<_> = at(request).iter().map(PoolId::as_str).gather();
            f.member(name, (!ids.is_empty()).then_some(ids));
        }
        Place::Limit(at, ..) => f.member(name, *at(request)),
        // One object, however it was asked for; an answer without a plan says nothing of it.
        Place::Plan => {
            if let Some(PlanAsk { sender, mode, fee_exempt }) = &request.plan {
                let ask = object(|f| {
                    f.member(PlanPart::FeeExempt.as_str(), *fee_exempt);
                    f.member(PlanPart::Mode.as_str(), mode.as_str());
                    f.member(PlanPart::Sender.as_str(), sender);
                });
                f.member(name, ask);
            }
        }
        Place::PlanPart(_) => {}
        Place::Tokens(at) => {
            let tokens = at(request).as_ref();
            f.member(name, tokens.map(|tokens| tokens.iter().map(Symbol::as_str).gather()));
        }
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
            r#""amount_out":1e-7,"explain":true,"max_age_ms":9007199254740991,"min_block_height":183456"#,
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
