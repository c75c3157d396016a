//! A quote as a row of Workers Analytics Engine.

use dlmm_core::quote::Quote;
use worker::{AnalyticsEngineDataPoint, AnalyticsEngineDataPointBuilder};

/// What is written down of a quote. Amounts are not: doubles would not hold them.
#[derive(Debug, Clone, Copy)]
pub struct QuoteEvent<'a> {
    pub quote: &'a Quote,
    pub source: &'static str,
    pub request_id: &'a str,
    /// From the request to the answer, and of that waited for Redis.
    pub ms: f64,
    pub redis_ms: f64,
}

impl QuoteEvent<'_> {
    /// The index: rows of one pair are sampled together.
    fn index(&self) -> String {
        // An index may have 96 bytes; two symbols may have more.
        let pair = format!("{}-{}", self.quote.token_in, self.quote.token_out);
        pair.get(..pair.floor_char_boundary(96)).unwrap_or_default().to_owned()
    }

    /// `blob1` to `blob5`: token in, token out, mode, source, request id.
    fn blobs(&self) -> [&str; 5] {
        let quote = self.quote;
        [quote.token_in.as_str(), quote.token_out.as_str(), quote.mode.as_str(), self.source, self.request_id]
    }

    /// `double1` to `double7`: ms, ms waited for Redis, routes, pools, bins, price impact in ppm, age in ms of
    /// the oldest pool. -1 stands for what is unknown.
    fn doubles(&self) -> [f64; 7] {
        let quote = self.quote;
        let bins: usize = quote.routes.iter().flat_map(|route| &route.hops).map(|hop| hop.steps.len()).sum();
        let oldest =
            quote.pools.iter().map(|pool| pool.age_ms).try_fold(0, |oldest: u64, age| Some(oldest.max(age?)));
        [
            self.ms,
            self.redis_ms,
            quote.routes.len() as f64,
            quote.pools.len() as f64,
            bins as f64,
            quote.price_impact_ppm.map_or(-1.0, f64::from),
            oldest.map_or(-1.0, |age| age as f64),
        ]
    }

    pub(crate) fn to_data_point(self) -> AnalyticsEngineDataPoint {
        let builder = AnalyticsEngineDataPointBuilder::new().indexes([self.index().as_str()]);
        let builder = self.blobs().into_iter().fold(builder, AnalyticsEngineDataPointBuilder::add_blob);
        self.doubles().into_iter().fold(builder, AnalyticsEngineDataPointBuilder::add_double).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::market::sample::quote_from_sample;
    use dlmm_core::api::request_from_json;

    #[test]
    fn a_row_tells_what_the_columns_say() {
        let config =
            Config::read(&|name| (name == "REDIS_FALLBACK_TO_MOCK").then(|| "true".to_owned())).unwrap();
        let request = request_from_json(r#"{"token_in":"SOL","token_out":"USDC","amount_in":2500}"#).unwrap();
        let loaded = quote_from_sample(&config.limits, &request, 0, 0).unwrap();
        let event = QuoteEvent {
            quote: &loaded.answer.quote,
            source: "sample",
            request_id: "id",
            ms: 4.0,
            redis_ms: 3.0,
        };
        assert_eq!(event.index(), "SOL-USDC");
        assert_eq!(event.blobs(), ["SOL", "USDC", "exact_in", "sample", "id"]);
        assert_eq!(event.doubles(), [4.0, 3.0, 1.0, 1.0, 3.0, 1_988.0, 0.0]);
    }
}
