//! A snapshot, quoted the way every front end does it.

use dlmm_core::api::request_from_json;
use dlmm_core::api::{AnswerContext, NumberStyle, QuoteAnswer, Source};
use dlmm_core::error::QuoteError;
use dlmm_core::network::route::find_candidates;
use dlmm_core::quote::{Effort, Outcome, Quote, QuoteInput, quote};
use dlmm_core::stored::Snapshot;
use dlmm_core::stored::sample_snapshot;
use dlmm_core::units::{Amount, Symbol};
use serde_json::{Value, json};

pub(crate) const NOW: u64 = 1_800_000_000_000;

/// Id, X, Y, active bin, and bins as (id, reserve x, reserve y, price_e8).
pub(crate) type PlainPool<'a> = (&'a str, &'a str, &'a str, u16, &'a [(u16, u128, u128, u128)]);

/// The refusal of X that is too much, where nobody asked for whole tokens.
pub(crate) fn too_little(requested: Amount, fillable: Amount) -> QuoteError {
    let token = Symbol::new("X").expect("a name");
    QuoteError::InsufficientLiquidity {
        requested,
        fillable,
        token,
        decimals: None,
        is_out: false,
        narrowed_by: Default::default(),
        warnings: Vec::new(),
    }
}

/// A snapshot as a JSON value that a test can bend.
pub(crate) struct Market(pub(crate) Value);

impl Market {
    /// The three sample pools.
    pub(crate) fn sample() -> Self {
        Self(serde_json::from_str(&sample_snapshot(NOW)).expect("JSON"))
    }

    /// Pools of tokens with no decimals and no fees.
    pub(crate) fn plain(pools: &[PlainPool<'_>]) -> Self {
        let pools: Vec<_> = pools
            .iter()
            .map(|(id, x, y, active, bins)| {
                let bins: Vec<_> = bins
                    .iter()
                    .map(|(bin, x, y, price)| {
                        json!({"pool_id": id, "bin_id": bin, "reserve_x": x.to_string(),
                            "reserve_y": y.to_string(), "price_e8": price.to_string()})
                    })
                    .collect();
                json!({"pool_id": id, "token_x": x, "token_y": y, "token_x_decimals": 0, "token_y_decimals": 0,
                    "active_bin_id": active, "status": "active", "x_protocol_fee": 0, "y_protocol_fee": 0,
                    "last_updated": "2027-01-15T08:00:00Z", "bins": bins})
            })
            .collect();
        Self(
            json!({"format": "dlmm-snapshot/1", "taken_at": "2027-01-15T08:00:00Z", "tokens": {}, "pools": pools}),
        )
    }

    pub(crate) fn pool(&mut self, id: &str) -> &mut Value {
        let pools = self.0["pools"].as_array_mut().expect("a list");
        pools.iter_mut().find(|pool| pool["pool_id"] == id).expect("the pool")
    }

    pub(crate) fn bin(&mut self, pool: &str, id: u16) -> &mut Value {
        let bins = self.pool(pool)["bins"].as_array_mut().expect("a list");
        bins.iter_mut().find(|bin| bin["bin_id"] == id).expect("the bin")
    }

    pub(crate) fn quote(&self, request: Value) -> Result<Quote, QuoteError> {
        self.answer(request).map(|(quote, _)| quote)
    }

    /// The quote and its HTTP form.
    pub(crate) fn answer(&self, request: Value) -> Result<(Quote, Value), QuoteError> {
        let text = self.0.to_string();
        let snapshot = Snapshot::parse(&text).expect("a snapshot");
        let request = request_from_json(&request.to_string())?;
        let graph = snapshot.graph();
        let (token_in, token_out) = (&request.token_in, &request.token_out);
        let candidates = find_candidates(&graph, token_in, token_out, request.max_hops, 64, &request.filter)?;
        let state = snapshot.state(&candidates, 10);
        let input = QuoteInput {
            request: &request,
            candidates: &candidates,
            state: &state,
            now_ms: NOW,
            can_read_more: true,
            effort: Effort::WHOLE,
        };
        match quote(&input)? {
            Outcome::Quote(quote, _) => {
                let context = AnswerContext {
                    decimals: &state.decimals,
                    source: Source::Snapshot,
                    read_at_ms: NOW,
                    request_id: None,
                    numbers: NumberStyle::Json,
                    include_steps: request.include_steps,
                };
                let json = QuoteAnswer { quote: &quote, plan: None, context }.to_json();
                Ok((*quote, serde_json::from_str(&json).expect("JSON")))
            }
            Outcome::ReadMore(more) => panic!("a snapshot knows every bin, yet more is asked for: {more:?}"),
        }
    }

    pub(crate) fn code(&self, request: Value) -> &'static str {
        self.quote(request).expect_err("refused").code()
    }
}
