//! Where an answer comes from: Redis, or the bundled sample where that may stand in.

use dlmm_core::api::Source;

use crate::http::ApiError;
use crate::market::{LiveMarket, Refusal};
use crate::request::RequestContext;

/// What Redis gives, else what the sample does; `sample` is handed the clock.
///
/// # Errors
/// Of whichever was asked last.
pub(super) async fn redis_or_sample<T>(
    context: &RequestContext,
    read: impl AsyncFnOnce(&LiveMarket<'_>) -> Result<T, Refusal>,
    sample: impl FnOnce(u64) -> Result<T, Refusal>,
) -> Result<(T, Source), ApiError> {
    let read = match context.market() {
        Some(market) => Some(read(&market).await),
        None => None,
    };
    or_sample(context.config().fallback_to_sample, read, || sample(context.now_ms() as u64))
}

/// The one rule: the sample stands in only where the operator lets it, and only where Redis is not set (`None`) or to blame.
/// What a request got wrong, or what is stored wrongly, is told either way.
pub(super) fn sample_stands_in(is_let: bool, refusal: Option<&Refusal>) -> bool {
    // Settings without Redis are refused unless the sample is let in.
    refusal.is_none_or(|refusal| is_let && refusal.is_redis_fault())
}

/// What was read from Redis, or the sample by that rule.
///
/// # Errors
/// Of whichever was asked last.
pub(super) fn or_sample<T>(
    is_let: bool,
    read: Option<Result<T, Refusal>>,
    sample: impl FnOnce() -> Result<T, Refusal>,
) -> Result<(T, Source), ApiError> {
    match read {
        Some(Ok(read)) => Ok((read, Source::Redis)),
        Some(Err(refusal)) if !sample_stands_in(is_let, Some(&refusal)) => Err(refusal.into()),
        Some(Err(_)) | None => match sample() {
            Ok(read) => Ok((read, Source::Sample)),
            Err(refusal) => Err(ApiError::from(refusal).looked_up_in(Source::Sample)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Code;
    use crate::redis::RedisError;
    use dlmm_core::error::QuoteError;
    use dlmm_core::units::Symbol;

    const DOWN: Refusal = Refusal::Redis(RedisError::Timeout { deadline_ms: 5 });

    fn source(is_let: bool, read: Option<Result<u8, Refusal>>) -> Result<(u8, Source), Code> {
        or_sample(is_let, read, || Ok(7)).map_err(|error| error.code)
    }

    #[test]
    fn the_sample_stands_in_for_redis_where_it_is_let() {
        assert_eq!(source(true, Some(Ok(1))), Ok((1, Source::Redis)));
        assert_eq!(source(true, Some(Err(DOWN))), Ok((7, Source::Sample)));
        assert_eq!(source(true, None), Ok((7, Source::Sample)));
        assert_eq!(source(false, Some(Err(DOWN))), Err(Code::RedisTimeout));
    }

    #[test]
    fn what_the_sample_refuses_is_told_to_be_refused_by_it() {
        let refused = || Refusal::Unlisted;
        let of_redis = or_sample::<u8>(true, Some(Err(refused())), || Ok(7)).unwrap_err();
        assert_eq!(of_redis, ApiError::from(refused()));
        for read in [None, Some(Err(DOWN))] {
            let of_sample = or_sample::<u8>(true, read, || Err(refused())).unwrap_err();
            assert_eq!(of_sample, ApiError::from(refused()).looked_up_in(Source::Sample));
            assert_ne!(of_sample, of_redis);
        }
    }

    #[test]
    fn it_never_hides_what_a_request_or_the_state_got_wrong() {
        let refused = Refusal::Quote(QuoteError::AmountTooSmall {
            token: Symbol::new("A").unwrap(),
            decimals: None,
            warnings: Vec::new(),
        });
        assert_eq!(source(true, Some(Err(refused))), Err(Code::AmountTooSmall));
        for refusal in [Refusal::Unlisted, Refusal::Busy { retry_after_seconds: 1 }, Refusal::Internal] {
            assert!(source(true, Some(Err(refusal))).is_err());
        }
        let gone = Refusal::Redis(RedisError::Abandoned);
        assert_eq!(source(true, Some(Err(gone))), Err(Code::Internal), "nobody is left to be answered");
    }
}
