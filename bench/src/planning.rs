//! The plan of a quote through 28 bins of one pool, without the quote.

use std::hint::black_box;

use dlmm_core::api::request_from_json;
use dlmm_core::network::route::find_candidates;
use dlmm_core::network::state::State;
use dlmm_core::plan::{PlanInput, Planned, plan};
use dlmm_core::quote::{Effort, Outcome, Quote, QuoteInput, QuoteRequest, quote};
use dlmm_core::stored::{Snapshot, StoredPool, StoredPools};
use dlmm_core::units::BinId;
use serde_json::{Value, json};

use crate::Ladder;

const DEPLOYER: &str = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM";
const SENDER: &str = "ST1SJ3DTE5DN7X54YDH5D64R3BCB6A2AG2ZQ8YPD5";
const BINS: u16 = 28;

/// A quote with what a plan is made from.
#[derive(Debug)]
pub(crate) struct Planning {
    request: QuoteRequest,
    state: State,
    stored: StoredPools,
    quote: Box<Quote>,
}

impl Planning {
    pub(crate) fn new(mode: &str, ladder: Ladder, amount: u128) -> Self {
        let (pool, bins) = ladder.stored();
        let pool = with_contracts(pool);
        let (value, id) = (pool.to_string(), ladder.pool().id().clone());
        let mut whole = pool;
        whole["bins"] = bins.into();
        let text = json!({"format": "dlmm-snapshot/1", "taken_at": "2027-01-15T08:00:00Z", "tokens": {}, "pools": [whole]});
        let text = text.to_string();
        let snapshot = Snapshot::parse(&text).unwrap();
        let plan = json!({"sender": SENDER, "mode": mode});
        let body = json!({"token_in": "IN", "token_out": "OUT", "amount_in_atomic": amount.to_string(), "plan": plan});
        let request = request_from_json(&body.to_string()).unwrap();
        let graph = snapshot.graph();
        let candidates =
            find_candidates(&graph, &request.token_in, &request.token_out, 1, 1, &request.filter).unwrap();
        let state = snapshot.state(&candidates, 10);
        let input = QuoteInput {
            request: &request,
            candidates: &candidates,
            state: &state,
            now_ms: 0,
            can_read_more: false,
            effort: Effort::WHOLE,
        };
        let Outcome::Quote(quote, _) = quote(&input).unwrap() else { panic!("every bin is known") };
        let mut stored = StoredPools::new();
        stored.insert(id, StoredPool::new(Some(&value), (BinId::MIN, BinId::MAX), []).into_owned());
        let planning = Self { request, state, stored, quote };
        assert_eq!(planning.bins(), u128::from(BINS));
        planning
    }

    /// Makes the plan, and gives the bins that it trades in.
    pub(crate) fn bins(&self) -> u128 {
        let input = PlanInput {
            quote: &self.quote,
            state: &self.state,
            ask: self.request.plan.as_ref().unwrap(),
            slippage_bps: self.request.slippage_bps,
            max_reads: None,
            router: Some(&format!("{DEPLOYER}.dlmm-swap-router-v-1-1")),
            stored: &self.stored,
            can_read_more: false,
        };
        match plan(black_box(&input)).unwrap() {
            Planned::Plan(plan) => u128::from(plan.bins),
            Planned::ReadMore(_) => panic!("every bin is known"),
        }
    }

    /// How many bins the quote goes through.
    pub(crate) const fn depth() -> u16 {
        BINS
    }
}

fn with_contracts(mut pool: Value) -> Value {
    let contract = |name: &str| format!("{DEPLOYER}.{name}");
    pool["pool_contract"] = json!(contract("ladder"));
    for (side, name) in [("x", "in"), ("y", "out")] {
        pool[format!("token_{side}_contract")] = json!(contract(name));
        pool[format!("token_{side}_asset")] = json!(format!("{}::token", contract(name)));
    }
    pool
}
