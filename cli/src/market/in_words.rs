//! A refusal for people: amounts in whole tokens, and the name that was probably meant.

use dlmm_core::error::{QuoteError, Unseen};
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::network::graph::Graph;
use dlmm_core::quote::{Mode, QuoteRequest};
use dlmm_core::units::Symbol;

use super::amounts::Amounts;
use crate::similar::did_you_mean;

/// What a market knows beside the refusal.
#[derive(Clone, Copy)]
pub(crate) struct Known<'m> {
    pub(crate) graph: &'m Graph,
    pub(crate) decimals: &'m DecimalTable,
}

impl Known<'_> {
    /// The refusal in words, where more can be said than core does.
    pub(crate) fn told(self, error: &QuoteError, request: &QuoteRequest) -> Option<String> {
        let (graph, amounts) = (self.graph, Amounts(self.decimals));
        let QuoteRequest { token_in, token_out, mode, .. } = request;
        match error {
            QuoteError::UnknownToken { token } => Some(format!(
                "{error}{}",
                did_you_mean(token.as_str(), graph.tokens().iter().map(Symbol::as_str))
            )),
            QuoteError::UnknownPool { pool_id } => {
                let ids = graph.pools().iter().map(|pool| pool.id.as_str());
                Some(format!("{error}{}", did_you_mean(pool_id.as_str(), ids)))
            }
            QuoteError::InsufficientLiquidity { requested, fillable, warnings } => {
                let (does, token) = match mode {
                    Mode::ExactIn => ("take", token_in),
                    Mode::ExactOut => ("give", token_out),
                };
                let [some, all] = [fillable, requested].map(|amount| amounts.in_sentence(*amount, token));
                Some(format!("the pools {does} {some} of {all}{}", Unseen(warnings)))
            }
            QuoteError::AmountTooSmall => Some(format!(
                "the amount buys less than {}, the smallest unit",
                amounts.in_sentence(1, token_out)
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use dlmm_core::api::request_from_json;
    use dlmm_core::stored::{PoolRouting, stated_decimals};
    use dlmm_core::units::PoolId;

    use super::*;

    fn told(error: &QuoteError, amount: &str) -> Option<String> {
        let pool = PoolRouting::parse(
            r#"{"pool_id":"BTC-USDC-25","token_x":"BTC","token_y":"USDC","token_x_decimals":8,"token_y_decimals":6}"#,
        )
        .unwrap();
        let decimals = stated_decimals([&pool]);
        let graph = Graph::new([pool.pool]);
        let body = format!(r#"{{"token_in":"BTC","token_out":"USDC","{amount}":"1"}}"#);
        Known { graph: &graph, decimals: &decimals }.told(error, &request_from_json(&body).unwrap())
    }

    #[test]
    fn amounts_are_told_in_the_token_that_the_request_fixes() {
        let thin = QuoteError::InsufficientLiquidity {
            requested: 9_999_999_900_000_000,
            fillable: 7_311_950_000_000,
            warnings: Vec::new(),
        };
        let [taken, given] = ["amount_in", "amount_out"].map(|amount| told(&thin, amount).unwrap());
        assert_eq!(taken, "the pools take 73,119.5 BTC of 99,999,999 BTC");
        assert_eq!(given, "the pools give 7,311,950 USDC of 9,999,999,900 USDC");
        let dust = told(&QuoteError::AmountTooSmall, "amount_in").unwrap();
        assert_eq!(dust, "the amount buys less than 0.000001 USDC, the smallest unit");
    }

    #[test]
    fn names_that_are_not_there_are_met_with_those_that_are() {
        let token = QuoteError::UnknownToken { token: Symbol::new("btc").unwrap() };
        assert_eq!(told(&token, "amount_in").unwrap(), "no pool holds the token btc; did you mean BTC?");
        let pool = QuoteError::UnknownPool { pool_id: PoolId::new("BTC-USDC").unwrap() };
        assert_eq!(told(&pool, "amount_in").unwrap(), "there is no pool BTC-USDC; did you mean BTC-USDC-25?");
        let far = QuoteError::UnknownToken { token: Symbol::new("DOGE").unwrap() };
        assert_eq!(told(&far, "amount_in").unwrap(), "no pool holds the token DOGE");
        assert_eq!(told(&QuoteError::SameToken { token: Symbol::new("A").unwrap() }, "amount_in"), None);
    }
}
