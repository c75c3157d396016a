//! `POST /quotes`: many quotes from one read.

use std::fmt;

use dlmm_core::api::request_of_place;
use dlmm_core::json::without_mark;
use dlmm_core::quote::{MAX_BATCH, QuoteRequest};
use dlmm_core::units::DEFAULT_MAX_BINS;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::answer_size::{MAX_ANSWER_BYTES, WrittenInVain};
use super::entries::Entries;
use super::quote::{apply_settings, count_quote, note_ages, write_answer};
use super::source::or_sample;
use super::states::{Late, States};
use crate::http::{Answer, ApiError, unreadable};
use crate::market::rounds::{Loaded, quotes_from_redis};
use crate::market::sample::quote_from_sample;
use crate::market::{Refusal, room};
use crate::observe::Holding;
use crate::request::{RequestContext, count_batch};

/// Largest body of a batch, in bytes: 100 requests of the usual size, lists included.
const MAX_BODY: usize = 512 * 1024;
/// What an answer is taken to hold, and one with its state or with very many bins. More is taken as it comes, if there is room.
const ANSWER_BYTES: usize = 10_000;
const LONG_ANSWER_BYTES: usize = 400_000;
/// Requests in one batch at most.
const MAX_REQUESTS: usize = MAX_BATCH;

/// What a batch asks for.
#[derive(Debug)]
pub struct ReadBatch {
    /// Each read or refused on its own.
    pub requests: Vec<Result<QuoteRequest, ApiError>>,
    /// Whether the state is written once, and the answers refer to it.
    pub share_state: bool,
}

pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    if !context.query().is_empty() {
        return Err(ApiError::invalid_request("query", "a batch takes its requests from the JSON body"));
    }
    let ReadBatch { requests, share_state } = {
        // Half a megabyte that is not kept while Redis is waited for.
        read_batch(&context.text(MAX_BODY).await?)?
    };
    count_batch(context, requests.len()).await?;
    let requests = requests.into_iter().map(|request| {
        let mut request = request?;
        apply_settings(&mut request, context.config());
        Ok(request)
    });
    let requests: Vec<Result<QuoteRequest, ApiError>> = requests.collect();
    let mut states = share_state.then(|| States::new(context));
    let holding = match context.market() {
        Some(market) => room(&market.known.memory, &market, expected_bytes(&requests, share_state)).await?,
        None => Holding::default(),
    };
    let entries = answer_all(context, &requests, states.as_mut(), holding).await;
    let status = entries.status();
    let mut beside = states.map_or_else(String::new, States::into_json);
    beside.push_str(&format!(r#","request_id":"{}""#, context.request_id()));
    Ok(Answer::json_text(entries.into_json(&beside)).with_status(status))
}

/// The fields of a batch as they come, so that one given twice is seen. Their values are not looked into: one of any depth spoils
/// nothing but itself.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Fields<'de> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Self, A::Error> {
        while let Some(field) = fields.next_entry()? {
            self.0.push(field);
        }
        Ok(self)
    }
}

/// Reads a batch.
///
/// # Errors
/// `INVALID_REQUEST` if the body is none, naming the field at fault.
pub fn read_batch(text: &str) -> Result<ReadBatch, ApiError> {
    let Fields(fields) = serde_json::from_str(without_mark(text)).map_err(|fault| {
        invalid("body", &format_args!("is not {{\"requests\":[...]}}: {}", unreadable(&fault)))
    })?;
    let (mut requests, mut share_state) = (None, None);
    for (name, value) in fields {
        let field = match &*name {
            "requests" => &mut requests,
            "share_state" => &mut share_state,
            _ => {
                let shown: String = name.chars().take(64).collect();
                return Err(invalid(&shown, &"is not a field of a batch"));
            }
        };
        if field.replace(value.get()).is_some() {
            return Err(invalid(&name, &"is given twice"));
        }
    }
    let share_state = match share_state {
        None | Some("null" | "false") => false,
        Some("true") => true,
        Some(_) => return Err(invalid("share_state", &"must be true or false")),
    };
    let requests = requests.filter(|list| *list != "null");
    let requests = requests.ok_or_else(|| invalid("requests", &"is missing: a list of requests"))?;
    let requests: Vec<&RawValue> =
        serde_json::from_str(requests).map_err(|_| invalid("requests", &"must be a list of requests"))?;
    if requests.is_empty() || requests.len() > MAX_REQUESTS {
        let message = format!("requests must hold 1 to {MAX_REQUESTS} requests");
        return Err(ApiError::invalid_request("requests", message).with("limit", MAX_REQUESTS));
    }
    let requests = requests.iter().enumerate().map(|(at, request)| read_one(at, request.get())).collect();
    Ok(ReadBatch { requests, share_state })
}

/// Reads one request. Fields in it are named as alone, because its refusal stands in its place; what is no object, or one
/// whose fields cannot be told, is named by that place, because it is not the body.
fn read_one(at: usize, text: &str) -> Result<QuoteRequest, ApiError> {
    Ok(request_of_place(&format!("requests[{at}]"), text)?)
}

fn invalid(field: &str, reason: &dyn fmt::Display) -> ApiError {
    ApiError::invalid_request(field, format!("{field} {reason}"))
}

/// What the answers may be expected to take in memory until they are sent.
fn expected_bytes(requests: &[Result<QuoteRequest, ApiError>], share_state: bool) -> usize {
    let shared = if share_state { MAX_ANSWER_BYTES } else { 0 };
    let each = requests.iter().flatten().map(|request| {
        let carries = request.include_state && !share_state;
        let is_long = carries || request.explain || request.max_bins > DEFAULT_MAX_BINS;
        if is_long { LONG_ANSWER_BYTES } else { ANSWER_BYTES }
    });
    each.fold(shared, usize::saturating_add).min(MAX_ANSWER_BYTES)
}

/// One answer each, written as soon as it is there.
async fn answer_all(
    context: &RequestContext,
    requests: &[Result<QuoteRequest, ApiError>],
    mut states: Option<&mut States<'_>>,
    holding: Holding,
) -> Entries {
    let mut entries = Entries::new(requests.len(), holding);
    let mut sound: Vec<(usize, &QuoteRequest)> = Vec::with_capacity(requests.len());
    for (index, request) in requests.iter().enumerate() {
        match request {
            Ok(request) => sound.push((index, request)),
            Err(refusal) => {
                entries.put(index, Err(refusal.clone()), context.request_id());
            }
        }
    }
    let asked: Vec<&QuoteRequest> = sound.iter().map(|(_, request)| *request).collect();
    let in_vain = WrittenInVain::default();
    let mut late: Vec<(usize, Late)> = Vec::new();
    let mut give = |at: usize, answer: Result<Loaded, Refusal>| {
        let Some(&(index, request)) = sound.get(at) else { return };
        note_ages(context, &answer);
        let (is_let, now_ms) = (context.config().fallback_to_sample, context.now_ms() as u64);
        let read = context.market().map(|_| answer);
        let place = u32::try_from(at).unwrap_or(u32::MAX);
        let limits = &context.config().limits;
        let answer = or_sample(is_let, read, || quote_from_sample(limits, request, now_ms, place));
        let text = answer.and_then(|(loaded, source)| {
            let (room, states) = ((entries.room(), &in_vain), states.as_deref_mut());
            let text = write_answer(&loaded, context.request_id(), room, states)?;
            count_quote(context, &loaded.answer.quote, source);
            Ok(text)
        });
        entries.leave_room(states.as_ref().map_or(0, |states| states.bytes()));
        let digest = states.as_mut().and_then(|states| states.take_late());
        let stands = entries.put(index, text, context.request_id());
        late.extend(digest.filter(|_| stands).map(|digest| (index, digest)));
    };
    match context.market() {
        Some(_) if asked.is_empty() => {}
        Some(market) => quotes_from_redis(&market, &asked, &mut give).await,
        None => (0..asked.len()).for_each(|at| give(at, Err(Refusal::Internal))),
    }
    for (index, digest) in late {
        let Some(text) = entries.text_mut(index) else { continue };
        if let Err(fault) = digest.fill(text).await {
            *text = fault.to_json(context.request_id());
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Code;

    const SOUND: &str = r#"{"token_in":"A","token_out":"B","amount_in":1}"#;

    fn refused(body: &str) -> (Code, String) {
        let error = read_batch(body).unwrap_err();
        (error.code, error.details["field"].as_str().unwrap().to_owned())
    }

    #[test]
    fn each_request_is_read_or_refused_on_its_own() {
        let body = format!(r#"{{"requests":[{SOUND},{{"token_in":"A"}},7,{SOUND}]}}"#);
        let read = read_batch(&body).unwrap().requests;
        let outcomes: Vec<_> =
            read.iter().map(|one| one.as_ref().map_err(|error| error.code).is_ok()).collect();
        assert_eq!(outcomes, [true, false, false, true]);
        let fields = read.iter().filter_map(|one| one.as_ref().err()).map(|error| &error.details["field"]);
        assert_eq!(fields.collect::<Vec<_>>(), ["token_out", "requests[2]"]);
    }

    #[test]
    fn the_state_is_shared_only_where_that_is_asked_for() {
        let shares = |more| read_batch(&format!(r#"{{"requests":[{SOUND}]{more}}}"#)).unwrap().share_state;
        assert!(shares(r#","share_state":true"#));
        assert!(!shares("") && !shares(r#","share_state":false"#) && !shares(r#","share_state":null"#));
        assert_eq!(refused(&format!(r#"{{"requests":[{SOUND}],"share_state":1}}"#)).1, "share_state");
    }

    #[test]
    fn a_body_that_is_no_batch_is_refused_whole() {
        for (body, field) in [
            ("", "body"),
            ("[]", "body"),
            ("[[]]", "body"),
            (" [[7]]", "body"),
            (r#"{"requests":[{]}"#, "body"),
            ("{}", "requests"),
            (r#"{"requests":null}"#, "requests"),
            (r#"{"requests":{}}"#, "requests"),
            (r#"{"requests":[]}"#, "requests"),
            (r#"{"requests":[],"requests":[]}"#, "requests"),
            (r#"{"requests":[],"x":1}"#, "x"),
        ] {
            assert_eq!(refused(body), (Code::InvalidRequest, field.into()), "{body}");
        }
        let many = format!(r#"{{"requests":[{}]}}"#, vec![SOUND; 101].join(","));
        assert_eq!(refused(&many).1, "requests");
        assert_eq!(read_batch(&many.replacen(&format!("{SOUND},"), "", 1)).unwrap().requests.len(), 100);
    }

    #[test]
    fn a_lone_surrogate_is_named_where_it_stands() {
        let lone = r#"{"token_in":"\ud800","token_out":"B","amount_in":1}"#;
        let deep = format!(r#"{{"plan":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
        let named = r#"{"\ud800":1},{"body":1}"#;
        let batch = format!(r#"{{"requests":[{SOUND},{lone},"\udc00",{named},{deep}]}}"#);
        let read = read_batch(&batch).unwrap().requests;
        let told = read.iter().filter_map(|one| one.as_ref().err());
        let told: Vec<_> =
            told.map(|error| (error.details["field"].as_str().unwrap(), error.message.as_ref())).collect();
        assert_eq!(
            told,
            [
                ("token_in", "token_in holds a lone surrogate"),
                ("requests[2]", "requests[2] is not a JSON object: expected a JSON object at byte 0"),
                (
                    "requests[3]",
                    "requests[3] is not a JSON object: expected the other half of a surrogate pair at byte 2"
                ),
                ("body", "body is not a field of a quote request"),
                ("requests[5]", "requests[5] is not a JSON object: more than 128 levels"),
            ]
        );
        let error = read_batch(&format!(r#"{{"requests":[{SOUND}],"\ud800":1}}"#)).unwrap_err();
        assert!(error.message.contains("surrogate"), "{}", error.message);
    }

    #[test]
    fn a_byte_order_mark_in_front_is_passed_over() {
        let batch = format!(r#"{{"requests":[{SOUND}]}}"#);
        assert_eq!(read_batch(&format!("\u{feff}{batch}")).unwrap().requests.len(), 1);
        assert_eq!(refused(&format!("\u{feff}\u{feff}{batch}")).1, "body");
        assert_eq!(refused(&format!("\u{feff}[{SOUND}]")).1, "body");
    }
}
