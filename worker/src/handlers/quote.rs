//! `/quote`: what do I get for this much?

use std::borrow::Cow;
use std::sync::Arc;

use dlmm_core::quote::{Quote, QuoteRequest};
use dlmm_core::wire::{
    AnswerContext, FieldValue, NumberStyle, QuoteAnswer, Source, request_from_fields, request_from_json,
};

use super::states::States;
use crate::answer_size::{MAX_ANSWER_BYTES, WrittenInVain, least_bytes, too_large};
use crate::config::Config;
use crate::context::{MAX_QUOTE_BODY, RequestContext};
use crate::error::ApiError;
use crate::http::{Answer, Method, QueryPairs};
use crate::load::{Loaded, QuotedFrom, quote_from_redis};
use crate::quote_event::QuoteEvent;
use crate::sample::quote_from_sample;

pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    let mut request = read_request(context).await?;
    apply_settings(&mut request, context.config());
    let (loaded, source) = load(context, &request).await?;
    answer_text(context, loaded, source, (MAX_ANSWER_BYTES, &WrittenInVain::default()), None)
        .map(Answer::json_text)
}

/// The JSON of an answer, if it has at most `room` bytes (what is written and does not fit is noted); with `states` its state is put there. Counts the quote.
///
/// # Errors
/// ANSWER_TOO_LARGE, mostly seen before anything is written.
pub(super) fn answer_text(
    context: &RequestContext,
    loaded: Loaded,
    source: Source,
    (room, in_vain): (usize, &WrittenInVain),
    states: Option<&mut States>,
) -> Result<String, ApiError> {
    let own_input = loaded.input.as_ref().filter(|_| states.is_none());
    let state_bytes = own_input.map_or(0, QuotedFrom::least_bytes);
    let least = least_bytes(&loaded.quote).saturating_add(state_bytes);
    if least > room || !in_vain.may_try(least) {
        return Err(too_large());
    }
    let Loaded { quote, state, read_at_ms, input } = loaded;
    let decimals = Arc::clone(&state.decimals);
    // The bins were needed for the quote alone; nothing is to be held that the answer does without.
    drop(state);
    let answer = QuoteAnswer {
        quote: &quote,
        context: AnswerContext {
            decimals: &decimals,
            source,
            read_at_ms,
            request_id: Some(context.request_id()),
            numbers: NumberStyle::Json,
        },
    };
    let (json, room) = match (&input, states) {
        (Some(input), Some(states)) => states.write(&answer, input, room)?,
        (Some(input), None) => (input.write(&answer).map_err(|_| ApiError::internal())?, room),
        (None, _) => (answer.to_json(), room),
    };
    if json.len() > room {
        in_vain.note(json.len());
        return Err(too_large());
    }
    count(context, &quote, source);
    Ok(json)
}

/// Counts a quote that is given.
fn count(context: &RequestContext, quote: &Quote, source: Source) {
    let metrics = context.isolate().metrics();
    metrics.quoted(quote.mode.as_str(), source.as_str());
    quote.warnings.iter().for_each(|warning| metrics.warned(warning.code()));
    if context.bindings().writes_quotes() {
        let event = QuoteEvent {
            quote,
            source: source.as_str(),
            request_id: context.request_id(),
            ms: context.now_ms() - context.arrived_ms(),
            redis_ms: context.budget().spent().waited_ms.get(),
        };
        if !context.bindings().write_quote(&event) {
            context.log().analytics_fault();
        }
    }
}

/// From the body of a POST, or from the query of a GET.
async fn read_request(context: &RequestContext) -> Result<QuoteRequest, ApiError> {
    if context.method() == Method::Post {
        if !context.query().is_empty() {
            let message = "A POST takes its fields from the JSON body, not from the query.";
            return Err(ApiError::invalid_request("query", message));
        }
        let body = context.body(MAX_QUOTE_BODY).await?;
        let text = std::str::from_utf8(&body)
            .map_err(|_| ApiError::invalid_request("body", "The request body is not UTF-8."))?;
        return Ok(request_from_json(text)?);
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

/// From Redis; from the sample only where that is switched on and Redis is missing or fails.
async fn load(context: &RequestContext, request: &QuoteRequest) -> Result<(Loaded, Source), ApiError> {
    let config = context.config();
    let fault = match context.redis() {
        Some(redis) => match quote_from_redis(context, redis, request).await {
            Ok(loaded) => return Ok((loaded, Source::Redis)),
            Err(error) => error,
        },
        None => ApiError::internal(),
    };
    let may_stand_in = config.fallback_to_sample && (context.redis().is_none() || fault.is_redis_fault());
    if !may_stand_in {
        return Err(fault);
    }
    quote_from_sample(config, request, context.now_ms() as u64, 0).map(|loaded| (loaded, Source::Sample))
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
