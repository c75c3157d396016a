//! `/quote`: what do I get for this much?

use std::borrow::Cow;
use std::sync::Arc;

use dlmm_core::api::{
    AnswerRoom, FieldValue, NumberStyle, Source, Written, request_from_fields, request_from_json,
};
use dlmm_core::error::QuoteError;
use dlmm_core::quote::{Quote, QuoteRequest};

use super::answer_size::{MAX_ANSWER_BYTES, WrittenInVain, too_large};
use super::source::redis_or_sample;
use super::states::States;
use crate::config::Config;
use crate::http::{self, ApiError, Method, QueryPairs};
use crate::market::rounds::{Loaded, quote_from_redis};
use crate::market::sample::quote_from_sample;
use crate::market::{LiveMarket, Refusal};
use crate::observe::QuoteEvent;
use crate::request::{MAX_QUOTE_BODY, RequestContext};
use crate::seam::Room;

pub(crate) async fn answer(context: &RequestContext) -> Result<http::Answer, ApiError> {
    let mut request = read_request(context).await?;
    apply_settings(&mut request, context.config());
    let (json, _) = given(context, &request).await?;
    Ok(http::Answer::json_text(json))
}

/// A quote and its JSON, noted and counted.
///
/// # Errors
/// Whatever it is refused for.
pub(super) async fn given(
    context: &RequestContext,
    request: &QuoteRequest,
) -> Result<(String, Loaded), ApiError> {
    let read = async |market: &LiveMarket<'_>| {
        let answer = quote_from_redis(market, request).await;
        note_ages(context, &answer);
        answer
    };
    let limits = &context.config().limits;
    let sample = |now_ms| quote_from_sample(limits, request, now_ms, 0);
    let (mut loaded, source) = redis_or_sample(context, read, sample).await?;
    let json = write_alone(context, &mut loaded).await?;
    count_quote(context, &loaded.answer.quote, source);
    Ok((json, loaded))
}

/// Texts below this are digested where they are: a promise would cost more.
const LONG_BYTES: usize = 64 * 1024;

/// The JSON of an answer that is sent by itself. The digest of a long one is left to the platform.
///
/// # Errors
/// ANSWER_TOO_LARGE, mostly seen before anything is written.
async fn write_alone(context: &RequestContext, loaded: &mut Loaded) -> Result<String, ApiError> {
    let id = context.request_id();
    if !loaded.answer.basis.request.include_state || loaded.least_bytes() < LONG_BYTES {
        return write_answer(loaded, id, (MAX_ANSWER_BYTES, &WrittenInVain::default()), None);
    }
    let room = AnswerRoom { input: loaded.least_bytes(), limit: MAX_ANSWER_BYTES };
    if loaded.answer.least_bytes().saturating_add(room.input) > room.limit {
        return Err(too_large());
    }
    let written = loaded.answer.undigested(NumberStyle::Json, Some(id), room);
    let json = match written.map_err(|_| ApiError::internal())? {
        Written::TooLarge => return Err(too_large()),
        Written::Whole(json) => json,
        Written::Undigested(answer) => {
            // It is written, so what it was computed from is not kept over the wait.
            loaded.answer.basis.stored = Arc::default();
            // Where many wait already, it is done here.
            let mut holding = context.isolate().market().reads.begin();
            let sha256 = match holding.take_spare(answer.bytes()) {
                true => context.sha256(&answer.covered(), &mut Room::default()).await,
                false => None,
            };
            let sha256 = sha256.unwrap_or_else(|| answer.sha256());
            answer.finish(&sha256, Some(id))
        }
    };
    if json.len() > MAX_ANSWER_BYTES { Err(too_large()) } else { Ok(json) }
}

/// The JSON of an answer, if it has at most `room` bytes, else that is noted; with `states` its state is put there, and
/// its digest may come late.
///
/// # Errors
/// ANSWER_TOO_LARGE, mostly seen before anything is written.
pub(super) fn write_answer(
    loaded: &Loaded,
    request_id: &str,
    (room, in_vain): (usize, &WrittenInVain),
    states: Option<&mut States<'_>>,
) -> Result<String, ApiError> {
    let carries = loaded.answer.basis.request.include_state;
    let state_bytes = if carries && states.is_none() { loaded.least_bytes() } else { 0 };
    let least = loaded.answer.least_bytes().saturating_add(state_bytes);
    if least > room || !in_vain.may_try(least) {
        return Err(too_large());
    }
    let (json, room) = match states.filter(|_| carries) {
        Some(states) => states.write(loaded, request_id, room)?,
        None => {
            let json = loaded.answer.to_json(NumberStyle::Json, Some(request_id));
            (json.map_err(|_| ApiError::internal())?, room)
        }
    };
    if json.len() > room {
        in_vain.note(json.len());
        return Err(too_large());
    }
    Ok(json)
}

/// Counts a quote that is given, and writes it down where that is set up.
pub(super) fn count_quote(context: &RequestContext, quote: &Quote, source: Source) {
    let metrics = context.isolate().metrics();
    metrics.quoted(quote.mode.as_str(), source.as_str());
    quote.warnings.iter().for_each(|warning| metrics.warned(warning.code()));
    if context.isolate().bindings().writes_quotes() {
        let event = QuoteEvent {
            quote,
            source: source.as_str(),
            request_id: context.request_id(),
            ms: context.now_ms() - context.arrived_ms(),
            redis_ms: context.budget().spent().waited_ms.get(),
        };
        if !context.isolate().bindings().write_quote(context.call(), &event) {
            context.log().analytics_fault();
        }
    }
}

/// Remembers how old the state in Redis was, whether it was quoted or refused for that.
pub(super) fn note_ages(context: &RequestContext, answer: &Result<Loaded, Refusal>) {
    let (ages, now_ms) = (context.isolate().metrics().ages(), context.now_ms());
    match answer {
        Ok(Loaded { answer, .. }) => {
            let known = answer.quote.pools.iter().filter_map(|pool| pool.age_ms);
            known.for_each(|age_ms| ages.note(age_ms, now_ms));
        }
        Err(Refusal::Quote(QuoteError::StaleState { age_ms: Some(age_ms), .. })) => {
            ages.note(*age_ms, now_ms)
        }
        Err(_) => {}
    }
}

/// From the body of a POST, or from the query of a GET.
async fn read_request(context: &RequestContext) -> Result<QuoteRequest, ApiError> {
    if context.method() == Method::Post {
        if !context.query().is_empty() {
            let message = "a POST takes its fields from the JSON body, not from the query";
            return Err(ApiError::invalid_request("query", message));
        }
        return Ok(request_from_json(&context.text(MAX_QUOTE_BODY).await?)?);
    }
    read_quote_query(&context.query())
}

/// Reads a quote request from a query.
///
/// # Errors
/// `INVALID_REQUEST` naming the field; `AMOUNT_OVERFLOW`.
pub fn read_quote_query(query: &QueryPairs<'_>) -> Result<QuoteRequest, ApiError> {
    let fields =
        query.iter().map(|(name, text): &(Cow<'_, str>, Cow<'_, str>)| (&**name, FieldValue::Text(text)));
    Ok(request_from_fields(fields)?)
}

/// The operator's limits hold for every request; a request may be stricter, not laxer.
pub(super) fn apply_settings(request: &mut QuoteRequest, config: &Config) {
    request.strict |= config.strict_state;
    request.max_age_ms = match (request.max_age_ms, config.max_state_age_ms) {
        (Some(asked), Some(set)) => Some(asked.min(set)),
        (asked, set) => asked.or(set),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_tighten_a_request_and_never_loosen_it() {
        let config = |age: &'static str| {
            Config::read(&move |name| match name {
                "REDIS_FALLBACK_TO_MOCK" | "STRICT_STATE" => Some("true".to_owned()),
                "MAX_STATE_AGE_MS" => Some(age.to_owned()),
                _ => None,
            })
            .unwrap()
        };
        let body = r#"{"token_in":"A","token_out":"B","amount_in":1,"max_age_ms":500}"#;
        let mut request = request_from_json(body).unwrap();
        apply_settings(&mut request, &config("1000"));
        assert_eq!((request.strict, request.max_age_ms), (true, Some(500)));
        apply_settings(&mut request, &config("100"));
        assert_eq!(request.max_age_ms, Some(100));
        let mut open = request_from_json(&body.replace(r#","max_age_ms":500"#, "")).unwrap();
        apply_settings(&mut open, &config("1000"));
        assert_eq!(open.max_age_ms, Some(1000));
    }
}
