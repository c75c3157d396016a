//! What clients send: bodies, query strings, paths, headers.

use dlmm_core::api::request_from_json;
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::quote::QuoteRequest;
use dlmm_worker::handlers::{ReadBatch, read_batch, read_page, read_pair, read_quote_query, read_wanted};
use dlmm_worker::http::{Dispatch, EntityTag, Method, Path, dispatch, path_pattern, query_pairs, split_url};

use crate::text::text_of;

/// The body of `POST /quote`.
pub fn body(bytes: &[u8]) {
    let Some(text) = text_of(bytes) else { return };
    if let Ok(request) = request_from_json(text) {
        check(&request);
    }
}

/// The body of `POST /quotes`.
pub fn batch(bytes: &[u8]) {
    let Some(text) = text_of(bytes) else { return };
    let Ok(ReadBatch { requests, .. }) = read_batch(text) else { return };
    assert!((1..=100).contains(&requests.len()));
    requests.iter().flatten().for_each(check);
}

/// A URL, and all that is read from its path and query; also as a header.
pub fn url(bytes: &[u8]) {
    let Some(text) = text_of(bytes) else { return };
    EntityTag::of(["snapshot"]).is_in(text);
    let (path, query) = split_url(text);
    path_pattern(path);
    for name in ["GET", "POST", "OPTIONS", text] {
        if let Dispatch::Run(Path::Pool(id)) = dispatch(Method::parse(name), path) {
            assert!(!id.is_empty(), "{path}");
        }
    }
    let pairs = query_pairs(query);
    if let Ok(request) = read_quote_query(&pairs) {
        check(&request);
    }
    drop(read_wanted(pairs.clone()));
    if let Ok((limit, _)) = read_page(pairs.clone()) {
        assert!((1..=1_000).contains(&limit));
    }
    drop(read_pair(pairs));
}

/// What a request promises once it is read.
fn check(request: &QuoteRequest) {
    assert_ne!(request.token_in, request.token_out);
    assert!(request.slippage_bps <= 10_000);
    assert!((1..=4).contains(&request.max_hops));
    assert!((1..=1_001).contains(&request.max_bins));
    if let Ok(units) = request.amount_units(&DecimalTable::default()) {
        assert!(units > 0);
    }
}
