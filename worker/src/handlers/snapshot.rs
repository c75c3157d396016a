//! `/snapshot`: pools and bins in one document, to quote offline.

use dlmm_core::sorted::SortedSet;
use litemap::LiteMap;
use std::borrow::Cow;

use dlmm_core::api::Source;
use dlmm_core::json::to_json;
use dlmm_core::network::age::Pulse;
use dlmm_core::network::route::{MAX_HOPS, RouteFilter, find_candidates};
use dlmm_core::stored::{HEARTBEAT_FIELD, HEIGHT_FIELD, SnapshotContents, write_stamp};
use dlmm_core::units::PoolId;

use super::columns;
use super::source::redis_or_sample;
use super::watched::read_watched;
use crate::http::{Answer, ApiError, EntityTag, QueryPairs, parameters};
use crate::market::copy::{Copied, Ids, MAX_POOLS, copy};
use crate::market::listing::checked;
use crate::market::sample::{sample, sample_text};
use crate::market::watched::Watched;
use crate::market::{LiveMarket, Refusal};
use crate::observe::Holding;
use crate::request::RequestContext;

/// Pools of a page unless the client asks for another number; a page of columns is the rule for those who read them.
const PAGE: usize = 300;

/// Which pools are asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// None: all.
    watched: Option<Watched>,
    /// None: all in one answer, or none.
    limit: Option<usize>,
    after: Option<PoolId>,
}

pub(crate) async fn answer(context: &RequestContext) -> Result<Answer, ApiError> {
    let wanted = read_wanted(context.query())?;
    let in_columns = context.header("accept").is_some_and(|accept| accept.contains(columns::MEDIA_TYPE));
    // Who reads columns reads pages too.
    let limit = wanted.limit.or_else(|| (in_columns && wanted.watched.is_none()).then_some(PAGE));
    let wanted = Wanted { limit, ..wanted };
    let (Page { copied, next, is_first }, source) = load(context, &wanted).await?;
    let taken_at_ms = copied.taken_at_ms;
    let pulse = copied.pulse.clone();
    let mut contents =
        SnapshotContents::of(copied.pools, copied.others, context.config().limits.default_fee_bps)
            .with_pulse(copied.pulse)
            .of_a_part(wanted.watched.is_some());
    if source == Source::Redis {
        let broken = &context.isolate().market().broken;
        contents.skipped().iter().for_each(|one| broken.note(&one.key, &one.reason, context.now_ms()));
    }
    if wanted.watched.is_none() && is_first && source == Source::Redis {
        let left_out = context.isolate().market().listing.left_out();
        let more = left_out.more_beside(contents.skipped().iter().map(|one| &one.key));
        contents.also_left_out(left_out.named(), more);
    }
    let mut document = contents.into_document(taken_at_ms, source).map_err(|_| ApiError::internal())?;
    if let Some(next) = next {
        document.truncate(document.len().saturating_sub(1));
        document.push_str(&format!(",\"next\":{}}}", json_text(next.as_str())));
    }
    let max_bytes = context.config().limits.snapshot_bytes;
    if document.len() > max_bytes {
        return Err(Refusal::CopyTooLarge { limit: max_bytes, unit: "bytes" }.into());
    }
    let tag = tag(&document, taken_at_ms, &pulse, in_columns);
    let is_known = context.header("if-none-match").is_some_and(|known| tag.is_in(&known));
    let answer = if is_known {
        Answer::not_modified()
    } else if in_columns {
        let told = columns::in_columns(&document).ok_or_else(ApiError::internal)?;
        Answer::text(columns::MEDIA_TYPE, told)
    } else {
        Answer::json_text(document)
    };
    let answer = answer
        .with_header("etag", tag.to_string())
        // A client may keep it, but has to ask whether it is still right.
        .with_header("cache-control", "no-cache")
        .with_header("vary", "accept")
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
fn tag(document: &str, taken_at_ms: u64, pulse: &Pulse, in_columns: bool) -> EntityTag {
    // The format's name stands before them and is neither, so the first one is `taken_at`, and the rest follows.
    let (before, after) = document.split_once(&write_stamp(taken_at_ms)).unwrap_or((document, ""));
    let heartbeat = pulse.heartbeat.as_ref().map(|stamp| (HEARTBEAT_FIELD, json_text(&stamp.text)));
    let height = pulse.block_height.map(|height| (HEIGHT_FIELD, height.to_string()));
    let mut after = after.strip_prefix('"').unwrap_or(after);
    for (name, json) in heartbeat.into_iter().chain(height) {
        after = after.strip_prefix(&format!(r#","{name}":{json}"#)).unwrap_or(after);
    }
    EntityTag::of([before, after, if in_columns { columns::FORMAT } else { "" }])
}

/// As the document writes it.
fn json_text(text: &str) -> String {
    to_json(&text.to_owned())
}

/// Whether a text may stand in a header as it is.
fn fits_header(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Reads what a query asks for: `pools`, or `token_in` and `token_out`, or a page of all.
///
/// # Errors
/// `INVALID_REQUEST` naming the parameter.
pub fn read_wanted(query: QueryPairs<'_>) -> Result<Wanted, ApiError> {
    let is_page = |(name, _): &(Cow<'_, str>, Cow<'_, str>)| name == "limit" || name == "after";
    let (page, chosen): (QueryPairs<'_>, _) = query.into_iter().partition(is_page);
    let watched = read_watched(chosen)?;
    let [limit, after] = parameters(page, ["limit", "after"])?;
    if watched.is_some() && (limit.is_some() || after.is_some()) {
        let field = if limit.is_some() { "limit" } else { "after" };
        let message = "limit and after are for pages of all pools: leave them out, or what chooses the pools";
        return Err(ApiError::invalid_request(field, message));
    }
    let limit = limit.map(|text| {
        text.parse().ok().filter(|n| (1..=MAX_POOLS).contains(n)).ok_or_else(|| {
            ApiError::invalid_request("limit", format!("limit must be a whole number from 1 to {MAX_POOLS}"))
        })
    });
    let after = after.map(|text| {
        PoolId::new(&text).map_err(|_| ApiError::invalid_request("after", "after must be a pool id"))
    });
    let (limit, after) = (limit.transpose()?, after.transpose()?);
    // A page begins somewhere, and ends.
    let limit = limit.or_else(|| after.is_some().then_some(PAGE));
    Ok(Wanted { watched, limit, after })
}

/// What one answer holds.
struct Page {
    copied: Copied,
    /// The last pool of it, if more follow.
    next: Option<PoolId>,
    is_first: bool,
}

impl Wanted {
    /// The pools of this page out of all, and whether more follow.
    fn page(&self, all: SortedSet<PoolId>, limit: usize) -> (SortedSet<PoolId>, bool) {
        let mut rest = all.into_iter().filter(|id| self.after.as_ref().is_none_or(|after| id > after));
        let page: SortedSet<PoolId> = rest.by_ref().take(limit).collect();
        (page, rest.next().is_some())
    }
}

async fn load(context: &RequestContext, wanted: &Wanted) -> Result<(Page, Source), ApiError> {
    let read = async |market: &LiveMarket<'_>| from_redis(market, wanted).await;
    redis_or_sample(context, read, |now_ms| from_sample(now_ms, wanted)).await
}

async fn from_redis(market: &LiveMarket<'_>, wanted: &Wanted) -> Result<Page, Refusal> {
    let topology = checked(market).await?;
    let is_first = wanted.after.is_none();
    let (copied, next) = match (&wanted.watched, wanted.limit) {
        (Some(watched), _) => {
            let ids = watched.ids(&market.known.listing, &topology)?;
            (copy(market, &topology, Ids::Chosen(&ids)).await?, None)
        }
        (None, None) => (copy(market, &topology, Ids::All).await?, None),
        (None, Some(_)) if !topology.whole => return Err(Refusal::Unlisted),
        (None, Some(limit)) => {
            let (ids, has_more) = wanted.page(topology.ids(), limit);
            let copied = copy(market, &topology, Ids::Page(&ids)).await?;
            let last = copied.pools.last().map(|(id, _)| id.clone());
            let is_cut = last.as_ref() != ids.last();
            (copied, last.filter(|_| has_more || is_cut))
        }
    };
    Ok(Page { copied, next, is_first })
}

/// The sample's snapshot of some pools.
///
/// # Errors
/// For pools or tokens that it does not have.
pub(super) fn part_of_sample(
    watched: &Watched,
    now_ms: u64,
    default_fee_bps: u16,
) -> Result<String, Refusal> {
    let wanted = Wanted { watched: Some(watched.clone()), ..Wanted::default() };
    let Copied { pools, others, .. } = from_sample(now_ms, &wanted)?.copied;
    let contents = SnapshotContents::of(pools, others, default_fee_bps).of_a_part(true);
    contents.into_document(now_ms, Source::Sample).map_err(|_| Refusal::Internal)
}

fn from_sample(taken_at_ms: u64, wanted: &Wanted) -> Result<Page, Refusal> {
    let text = sample_text(taken_at_ms);
    let snapshot = sample(&text)?;
    let graph = snapshot.graph();
    let all: SortedSet<PoolId> = snapshot.pools.iter().map(|(routing, _)| routing.pool.id.clone()).collect();
    let (chosen, has_more) = match (&wanted.watched, wanted.limit) {
        (Some(Watched::Pools(ids)), _) => (ids.clone(), false),
        (Some(Watched::Pair { token_in, token_out }), _) => {
            let filter = RouteFilter::default();
            let found = find_candidates(&graph, token_in, token_out, MAX_HOPS, MAX_POOLS, &filter)?;
            (found.pools.iter().map(|one| one.pool.id.clone()).collect(), false)
        }
        (None, limit) => wanted.page(all, limit.unwrap_or(usize::MAX)),
    };
    let mut pools = LiteMap::new();
    let mut others = Vec::new();
    for (routing, pool) in snapshot.pools {
        if chosen.contains(&routing.pool.id) {
            pools.insert(routing.pool.id, pool.into_owned());
        } else {
            others.push(routing);
        }
    }
    if let Some(id) = chosen.iter().find(|id| !pools.contains_key(*id)) {
        return Err(graph.unknown_pool(id).into());
    }
    let next = pools.last().map(|(id, _)| PoolId::clone(id)).filter(|_| has_more);
    let (pulse, seqs, holding) = (Pulse::default(), LiteMap::new(), Holding::default());
    let copied = Copied { pools, others, taken_at_ms, pulse, seqs, holding };
    Ok(Page { copied, next, is_first: wanted.after.is_none() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Code;
    use crate::http::query_pairs;
    use crate::market::values::pulse_of;

    fn refused(query: &str) -> Option<String> {
        let error = read_wanted(query_pairs(query)).unwrap_err();
        assert_eq!(error.code, Code::InvalidRequest);
        Some(error.details["field"].as_str()?.to_owned())
    }

    #[test]
    fn pools_are_chosen_by_a_list_of_ids() {
        let ids = |query| match read_wanted(query_pairs(query)).unwrap().watched {
            Some(Watched::Pools(ids)) => Some(ids.iter().map(ToString::to_string).collect::<Vec<_>>()),
            _ => None,
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
        assert_eq!(refused("gas=1").as_deref(), Some("gas"));
        assert_eq!(refused("pools=A&limit=1").as_deref(), Some("limit"));
        assert_eq!(refused("token_in=A&token_out=B&after=P").as_deref(), Some("after"));
        assert_eq!(refused("pools=A&token_in=A&token_out=B").as_deref(), Some("pools"));
        assert_eq!(refused("token_in=A").as_deref(), Some("token_out"));
        for limit in ["0", "361", "x", ""] {
            assert_eq!(refused(&format!("limit={limit}")).as_deref(), Some("limit"), "{limit}");
        }
        assert_eq!(refused("after=a:b").as_deref(), Some("after"));
    }

    #[test]
    fn pages_follow_each_other() {
        let ids = |names: &str| names.split(' ').map(|name| PoolId::new(name).unwrap()).collect();
        let page =
            |query: &str, limit| read_wanted(query_pairs(query)).unwrap().page(ids("A B C D E"), limit);
        assert_eq!(page("", 2), (ids("A B"), true));
        assert_eq!(page("after=B", 2), (ids("C D"), true));
        assert_eq!(page("after=Bx", 3), (ids("C D E"), false));
        assert_eq!(page("after=E", 3), (SortedSet::new(), false));
        assert_eq!(read_wanted(query_pairs("after=B")).unwrap().limit, Some(PAGE));
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
        assert_eq!(tag(&document(0, 5), 0, &none, false), tag(&document(7, 5), 7, &none, false));
        assert_ne!(tag(&document(0, 5), 0, &none, false), tag(&document(0, 6), 0, &none, false));
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
                tag(&document(7, reserve).replace(&taken_at, &with), 7, &pulse, false)
            };
            assert_eq!(
                told(5),
                tag(&document(7, 5), 7, &none, false),
                "what begins or moves changes nothing"
            );
            assert_ne!(told(5), told(6));
        }
    }
}
