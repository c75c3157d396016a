//! Bins that were not read, and nobody can read any more.

use crate::market::{Market, NOW, too_little};
use dlmm_core::api::request_from_json;
use dlmm_core::network::route::find_candidates;
use dlmm_core::network::state::{PoolState, State};
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::quote::{Effort, QuoteInput, quote};
use dlmm_core::stored::Snapshot;
use dlmm_core::units::BinId;

const ONE: u128 = 100_000_000;

#[test]
fn bins_that_were_not_read_are_not_said_to_be_beyond_the_bin_limit() {
    let bins = &[(500, 0, 100, ONE), (499, 0, 50, ONE), (498, 0, 70, ONE)];
    let market = Market::plain(&[("P", "X", "Y", 500, bins)]);
    let text = market.0.to_string();
    let snapshot = Snapshot::parse(&text).expect("a snapshot");
    let body = r#"{"token_in":"X","token_out":"Y","amount_in_atomic":"1000"}"#;
    let request = request_from_json(body).expect("sound");
    let (token_in, token_out) = (&request.token_in, &request.token_out);
    let candidates =
        find_candidates(&snapshot.graph(), token_in, token_out, 3, 64, &request.filter).expect("routes");
    let whole = snapshot.state(&candidates, 10);
    let id = &candidates.pools[0].pool.id;
    let (pool, _) = whole.ready(id).expect("the pool");
    let first = BinId::new(499).expect("an id");
    let known = Pool::new(PoolParts {
        id: id.clone(),
        token_x: pool.token_x().clone(),
        token_y: pool.token_y().clone(),
        active_bin: pool.active_bin(),
        fees: *pool.fees(),
        known: (first, BinId::MAX),
        bins: pool
            .bins()
            .filter(|(id, _)| *id >= first)
            .map(|(id, bin)| (id, *bin, Claims::default()))
            .collect(),
    });
    let ready =
        PoolState::Ready { pool: known.expect("a sound pool"), last_updated: None, block_height: None };
    let state = State::new(whole.decimals.clone(), [(id.clone(), ready)]);
    let input = QuoteInput {
        request: &request,
        candidates: &candidates,
        state: &state,
        now_ms: NOW,
        can_read_more: false,
        effort: Effort::WHOLE,
    };
    assert_eq!(quote(&input).expect_err("refused"), too_little(1_000, 150));
}
