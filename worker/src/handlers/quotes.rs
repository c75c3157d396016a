//! `POST /quotes`: many quotes from one read.

use std::fmt;

use dlmm_core::quote::QuoteRequest;
use dlmm_core::wire::{Source, request_from_json, without_mark};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::quote::{answer_text, apply_settings};
use crate::context::RequestContext;
use crate::error::ApiError;
use crate::http::Answer;
use crate::load::{Loaded, quotes_from_redis};
use crate::sample::quote_from_sample;

/// Largest body of a batch, in bytes: 100 requests of the usual size, lists included.
const MAX_BODY: usize = 512 * 1024;
/// Requests in one batch at most.
const MAX_REQUESTS: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch<'a> {
    #[serde(borrow)]
    requests: Vec<&'a RawValue>,
}

pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    if !context.query().is_empty() {
        return Err(ApiError::invalid_request("query", "A batch takes its requests from the JSON body."));
    }
    let body = context.body(MAX_BODY).await?;
    let text = std::str::from_utf8(&body)
        .map_err(|_| ApiError::invalid_request("body", "The request body is not UTF-8."))?;
    let requests = read_batch(text)?.into_iter().map(|request| {
        let mut request = request?;
        apply_settings(&mut request, context.config());
        Ok(request)
    });
    let requests: Vec<Result<QuoteRequest, ApiError>> = requests.collect();
    let answers = answer_all(context, &requests).await;
    // When nothing could be answered because of us or of Redis, the whole answer says so to whoever looks at
    // its status only.
    let faults = answers.iter().map(|answer| answer.as_ref().err().map(|error| error.code.status()));
    let all_faults: Option<Vec<u16>> = faults.map(|status| status.filter(|status| *status >= 500)).collect();
    let status = all_faults.and_then(|statuses| statuses.first().copied()).unwrap_or(200);
    Ok(Answer::json_text(write(&answers, context.request_id())).with_status(status))
}

/// Reads the requests of a batch, each read or refused on its own.
///
/// # Errors
/// `INVALID_REQUEST` if the body is no batch.
pub fn read_batch(text: &str) -> Result<Vec<Result<QuoteRequest, ApiError>>, ApiError> {
    let refuse = |reason: &dyn fmt::Display| {
        // The reader names what it did not expect, at whatever length it was sent.
        let reason: String = reason.to_string().chars().take(200).collect();
        ApiError::invalid_request("body", format!("body is not {{\"requests\":[...]}}: {reason}"))
    };
    let text = without_mark(text);
    // serde would take a bare list as the fields in their order.
    if text.trim_start().starts_with('[') {
        return Err(refuse(&"it is a list"));
    }
    let batch: Batch<'_> = serde_json::from_str(text).map_err(|error| refuse(&error))?;
    if batch.requests.is_empty() || batch.requests.len() > MAX_REQUESTS {
        let message = format!("requests must hold 1 to {MAX_REQUESTS} requests");
        return Err(ApiError::invalid_request("requests", message).with("limit", MAX_REQUESTS));
    }
    Ok(batch.requests.iter().map(|raw| Ok(request_from_json(raw.get())?)).collect())
}

/// One answer each, as JSON text, in the order of the requests.
async fn answer_all(
    context: &RequestContext,
    requests: &[Result<QuoteRequest, ApiError>],
) -> Vec<Result<String, ApiError>> {
    let sound: Vec<&QuoteRequest> = requests.iter().filter_map(|request| request.as_ref().ok()).collect();
    let mut loaded = match context.redis() {
        Some(redis) if !sound.is_empty() => quotes_from_redis(context, redis, &sound).await,
        Some(_) => Vec::new(),
        None => sound.iter().map(|_| Err(ApiError::internal())).collect(),
    }
    .into_iter();
    let answers = requests.iter().map(|request| {
        let request = request.as_ref().map_err(Clone::clone)?;
        let answer = loaded.next().unwrap_or_else(|| Err(ApiError::internal()));
        let (loaded, source) = or_sample(context, request, answer)?;
        answer_text(context, &loaded, source)
    });
    answers.collect()
}

/// The sample stands in only where that is switched on and Redis is missing or failed.
fn or_sample(
    context: &RequestContext,
    request: &QuoteRequest,
    answer: Result<Loaded, ApiError>,
) -> Result<(Loaded, Source), ApiError> {
    let config = context.config();
    match answer {
        Ok(loaded) => Ok((loaded, Source::Redis)),
        Err(fault) if config.fallback_to_sample && (context.redis().is_none() || fault.is_redis_fault()) => {
            let loaded = quote_from_sample(config, request, context.now_ms() as u64)?;
            Ok((loaded, Source::Sample))
        }
        Err(error) => Err(error),
    }
}

fn write(answers: &[Result<String, ApiError>], request_id: &str) -> String {
    let texts = answers.iter().map(|answer| match answer {
        Ok(json) => json.clone(),
        Err(error) => error.to_json(request_id),
    });
    let answers = texts.collect::<Vec<_>>().join(",");
    format!(r#"{{"answers":[{answers}],"request_id":"{request_id}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    const SOUND: &str = r#"{"token_in":"A","token_out":"B","amount_in":1}"#;

    fn refused(body: &str) -> (Code, String) {
        let error = read_batch(body).unwrap_err();
        (error.code, error.details["field"].as_str().unwrap().to_owned())
    }

    #[test]
    fn each_request_is_read_or_refused_on_its_own() {
        let body = format!(r#"{{"requests":[{SOUND},{{"token_in":"A"}},7,{SOUND}]}}"#);
        let read = read_batch(&body).unwrap();
        let outcomes: Vec<_> =
            read.iter().map(|one| one.as_ref().map_err(|error| error.code).is_ok()).collect();
        assert_eq!(outcomes, [true, false, false, true]);
    }

    #[test]
    fn a_body_that_is_no_batch_is_refused_whole() {
        for body in ["", "[]", "[[]]", " [[7]]", "{}", r#"{"requests":{}}"#, r#"{"requests":[],"x":1}"#] {
            assert_eq!(refused(body), (Code::InvalidRequest, "body".into()), "{body}");
        }
        assert_eq!(refused(r#"{"requests":[]}"#).1, "requests");
        let many = format!(r#"{{"requests":[{}]}}"#, vec![SOUND; 101].join(","));
        assert_eq!(refused(&many).1, "requests");
        assert_eq!(read_batch(&many.replacen(&format!("{SOUND},"), "", 1)).unwrap().len(), 100);
    }

    #[test]
    fn a_byte_order_mark_in_front_is_passed_over() {
        let batch = format!(r#"{{"requests":[{SOUND}]}}"#);
        assert_eq!(read_batch(&format!("\u{feff}{batch}")).unwrap().len(), 1);
        assert_eq!(refused(&format!("\u{feff}\u{feff}{batch}")).1, "body");
        assert_eq!(refused(&format!("\u{feff}[{SOUND}]")).1, "body");
    }

    #[test]
    fn answers_stand_in_order_with_errors_among_them() {
        let answers = [Ok(r#"{"success":true}"#.to_owned()), Err(ApiError::not_found())];
        let value: serde_json::Value = serde_json::from_str(&write(&answers, "id")).unwrap();
        assert_eq!(value["answers"][0]["success"], true);
        assert_eq!(value["answers"][1]["error"]["code"], "NOT_FOUND");
        assert_eq!(value["request_id"], "id");
    }
}
