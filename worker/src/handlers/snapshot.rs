//! `/snapshot`: pools and bins in one document, to quote offline.

use std::collections::{BTreeMap, BTreeSet};

use dlmm_core::api::Source;
use dlmm_core::error::QuoteError;
use dlmm_core::json::to_json;
use dlmm_core::network::age::Pulse;
use dlmm_core::stored::{HEARTBEAT_FIELD, HEIGHT_FIELD, SnapshotContents, write_stamp};
use dlmm_core::units::PoolId;

use super::source::redis_or_sample;
use crate::http::{Answer, ApiError, EntityTag, QueryPairs, parameters};
use crate::market::copy::{Copied, copy};
use crate::market::listing::checked;
use crate::market::sample::{sample, sample_text};
use crate::market::{LiveMarket, Refusal};
use crate::observe::Holding;
use crate::request::RequestContext;

/// Pools a client may name; as many as in a quote.
const MAX_NAMES: usize = 100;

pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    let chosen = read_chosen(context.query())?;
    let (copied, source) = load(context, chosen.as_ref()).await?;
    let taken_at_ms = copied.taken_at_ms;
    let pulse = copied.pulse.clone();
    let mut contents =
        SnapshotContents::of(copied.pools, copied.others, context.config().limits.default_fee_bps)
            .with_pulse(copied.pulse);
    if chosen.is_none() && source == Source::Redis {
        let left_out = context.isolate().market().listing.left_out();
        contents.also_left_out(left_out.named(), left_out.more());
    }
    let document = contents.into_document(taken_at_ms, source).map_err(|_| ApiError::internal())?;
    let max_bytes = context.config().limits.snapshot_bytes;
    if document.len() > max_bytes {
        return Err(Refusal::CopyTooLarge { limit: max_bytes, unit: "bytes" }.into());
    }
    let tag = tag(&document, taken_at_ms, &pulse);
    let is_known = context.header("if-none-match").is_some_and(|known| tag.is_in(&known));
    let answer = if is_known { Answer::not_modified() } else { Answer::json_text(document) };
    let answer = answer
        .with_header("etag", tag.to_string())
        // A client may keep it, but has to ask whether it is still right.
        .with_header("cache-control", "no-cache")
        .with_header("x-dlmm-source", source.as_str());
    // A copy that is still right may be younger than it says: whoever has it needs no new one to know.
    let heartbeat = pulse.heartbeat.map(|stamp| stamp.text).filter(|text| fits_header(text));
    let height = pulse.block_height.map(|height| height.to_string());
    let headers = [("x-dlmm-heartbeat", heartbeat), ("x-dlmm-block-height", height)];
    Ok(headers.into_iter().fold(answer, |answer, (name, text)| match text {
        Some(text) => answer.with_header(name, text),
        None => answer,
    }))
}

/// The tag of everything but the time at which it was taken and what the producer says of all pools, which both move on by
/// themselves: a copy stays right until a value changes.
fn tag(document: &str, taken_at_ms: u64, pulse: &Pulse) -> EntityTag {
    // The format's name stands before them and is neither, so the first one is `taken_at`, and the rest follows.
    let (before, after) = document.split_once(&write_stamp(taken_at_ms)).unwrap_or((document, ""));
    let heartbeat = pulse.heartbeat.as_ref().map(|stamp| (HEARTBEAT_FIELD, json_text(&stamp.text)));
    let height = pulse.block_height.map(|height| (HEIGHT_FIELD, height.to_string()));
    let mut after = after.strip_prefix('"').unwrap_or(after);
    for (name, json) in heartbeat.into_iter().chain(height) {
        after = after.strip_prefix(&format!(r#","{name}":{json}"#)).unwrap_or(after);
    }
    EntityTag::of([before, after])
}

/// As the document writes it.
fn json_text(text: &str) -> String {
    to_json(&text.to_owned())
}

/// Whether a text may stand in a header as it is.
fn fits_header(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Reads `pools` of the query.
///
/// # Errors
/// `INVALID_REQUEST` naming the parameter.
pub fn read_chosen(query: QueryPairs<'_>) -> Result<Option<BTreeSet<PoolId>>, ApiError> {
    // A list is separated by commas, or given name by name.
    let (lists, others): (QueryPairs<'_>, _) = query.into_iter().partition(|(name, _)| name == "pools");
    let [_] = parameters(others, ["pools"])?;
    read_names(&lists)
}

/// Reads the lists of names that `pools` gave.
///
/// # Errors
/// `INVALID_REQUEST`.
pub(super) fn read_names(lists: &QueryPairs<'_>) -> Result<Option<BTreeSet<PoolId>>, ApiError> {
    if lists.is_empty() {
        return Ok(None);
    }
    let names = || lists.iter().flat_map(|(_, text)| text.split(','));
    if names().count() > MAX_NAMES {
        let message = format!("pools must hold 1 to {MAX_NAMES} ids");
        return Err(ApiError::invalid_request("pools", message));
    }
    let ids: Result<BTreeSet<PoolId>, _> = names().map(PoolId::new).collect();
    ids.map(Some).map_err(|_| {
        let message =
            "pools must be pool ids, separated by commas: each 1 to 128 characters of A-Z a-z 0-9 . _ -";
        ApiError::invalid_request("pools", message)
    })
}

async fn load(
    context: &RequestContext,
    chosen: Option<&BTreeSet<PoolId>>,
) -> Result<(Copied, Source), ApiError> {
    let read = async |market: &LiveMarket<'_>| copy(market, &*checked(market).await?, chosen).await;
    redis_or_sample(context, read, |now_ms| from_sample(now_ms, chosen)).await
}

fn from_sample(taken_at_ms: u64, chosen: Option<&BTreeSet<PoolId>>) -> Result<Copied, Refusal> {
    let text = sample_text(taken_at_ms);
    let mut pools = BTreeMap::new();
    let mut others = Vec::new();
    for (routing, pool) in sample(&text)?.pools {
        if chosen.is_some_and(|chosen| !chosen.contains(&routing.pool.id)) {
            others.push(routing);
        } else {
            pools.insert(routing.pool.id, pool.into_owned());
        }
    }
    match chosen.and_then(|chosen| chosen.iter().find(|id| !pools.contains_key(*id))) {
        Some(id) => Err(QuoteError::UnknownPool { pool_id: id.clone() }.into()),
        None => Ok(Copied {
            pools,
            others,
            taken_at_ms,
            pulse: Pulse::default(),
            seqs: BTreeMap::new(),
            holding: Holding::default(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Code;
    use crate::http::query_pairs;
    use crate::market::values::pulse_of;

    fn refused(query: &str) -> Option<String> {
        let error = read_chosen(query_pairs(query)).unwrap_err();
        assert_eq!(error.code, Code::InvalidRequest);
        Some(error.details["field"].as_str()?.to_owned())
    }

    #[test]
    fn pools_are_chosen_by_a_list_of_ids() {
        let ids = |query| {
            let chosen = read_chosen(query_pairs(query)).unwrap();
            chosen.map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(ids(""), None);
        for query in ["pools=B,A%2CB", "pools=B&pools=A", "pools=B,A&pools=B"] {
            assert_eq!(ids(query), Some(vec!["A".to_owned(), "B".to_owned()]), "{query}");
        }
    }

    #[test]
    fn anything_else_in_the_query_is_refused_by_name() {
        assert_eq!(refused("pools=").as_deref(), Some("pools"));
        assert_eq!(refused("pools=A,").as_deref(), Some("pools"));
        assert_eq!(refused("pools=A:B").as_deref(), Some("pools"));
        assert_eq!(refused(&format!("pools={}A", "A,".repeat(100))).as_deref(), Some("pools"));
        assert_eq!(refused("pools=A&pools=").as_deref(), Some("pools"));
        assert_eq!(refused(&"pools=A&".repeat(101)).as_deref(), Some("pools"));
        assert_eq!(refused("limit=1").as_deref(), Some("limit"));
        assert_eq!(refused("pools=A&limit=1").as_deref(), Some("limit"));
    }

    #[test]
    fn the_tag_changes_with_a_value_and_not_with_the_time() {
        let document = |time, reserve| {
            format!(
                r#"{{"format":"dlmm-snapshot/1","taken_at":"{}","reserve":"{reserve}"}}"#,
                write_stamp(time)
            )
        };
        let none = Pulse::default();
        assert_eq!(tag(&document(0, 5), 0, &none), tag(&document(7, 5), 7, &none));
        assert_ne!(tag(&document(0, 5), 0, &none), tag(&document(0, 6), 0, &none));
        let pulses = [
            (Some("1800000000000"), Some("5")),
            (Some("1800000000007"), Some("6")),
            (Some("so\"on"), None),
            (None, Some("7")),
        ];
        for (heartbeat, height) in pulses {
            let told = |reserve| {
                let taken_at = format!(r#""taken_at":"{}""#, write_stamp(7));
                let mut with = taken_at.clone();
                with.extend(heartbeat.map(|text| format!(r#","heartbeat_ms":{}"#, json_text(text))));
                with.extend(height.map(|height| format!(r#","block_height":{height}"#)));
                let pulse = pulse_of(heartbeat, height);
                tag(&document(7, reserve).replace(&taken_at, &with), 7, &pulse)
            };
            assert_eq!(told(5), tag(&document(7, 5), 7, &none), "what begins or moves changes nothing");
            assert_ne!(told(5), told(6));
        }
    }
}
