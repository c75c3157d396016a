//! The snapshot file `dlmm-snapshot/1`: pools and bins of one moment in one JSON document.

use super::bin::bin_id_of;
use super::heartbeat::{HEARTBEAT_FIELD, parse_heartbeat};
use super::height::{HEIGHT_FIELD, read_height};
use super::left_out::{LeftOut, read_left_out};
use super::pool::{PoolRouting, PoolValue, named_fees};
use super::stamp::parse_stamp;
use super::stored_pool::StoredPool;
use crate::gather::Gather;
use crate::json::{JsonText, ToJson, field, object, to_json, without_mark};
use crate::network::age::{AgeRule, Pulse};
use crate::network::decimals::{DecimalTable, MAX_DECIMALS, Origin};
use crate::network::graph::Graph;
use crate::network::keys;
use crate::network::route::Candidates;
use crate::network::state::{Stamp, State};
use crate::sorted::sort_by;
use crate::units::Symbol;
use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use litemap::LiteMap;

/// The value of `format`.
pub const FORMAT: &str = "dlmm-snapshot/1";

/// What says that a snapshot is of some pools, and that the market may have others.
pub(super) const PART_FIELD: &str = "part";

/// Fields that hold an amount or a price; a writer makes them text, so that no reader meets a float.
const NUMBERS: [&str; 9] = [
    "active_bin_price",
    "price",
    "price_e8",
    "reserve_x",
    "reserve_y",
    "total_liquidity",
    "total_tvl",
    "x_amount",
    "y_amount",
];

/// A snapshot, borrowed from its text.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    /// When it was taken.
    pub taken_at: Stamp,
    /// What the producer said of all pools at that time.
    pub pulse: Pulse,
    /// Decimals by token.
    pub tokens: Vec<(Symbol, u8)>,
    /// The pools that were left out.
    pub left_out: Vec<LeftOut>,
    /// Whether it is of some pools, and the market may have others.
    pub is_part: bool,
    /// The pools whose id and pair can be read, in id order; the bins of each as they stand in the document.
    pub pools: Vec<(PoolRouting, StoredPool<'a>)>,
}

/// Why a text is not a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotError {
    reason: String,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a {FORMAT} snapshot: {}", self.reason)
    }
}

impl core::error::Error for SnapshotError {}

impl From<String> for SnapshotError {
    fn from(reason: String) -> Self {
        Self { reason }
    }
}

impl<'a> Snapshot<'a> {
    /// Reads a snapshot. Amounts are not looked at yet: a pool that cannot be quoted is left out by the quote.
    ///
    /// # Errors
    /// [`SnapshotError`] if the document, a token or a pool's id and pair cannot be read, or a pool appears twice.
    pub fn parse(json: &'a str) -> Result<Self, SnapshotError> {
        let names = [
            "format",
            "taken_at",
            HEARTBEAT_FIELD,
            HEIGHT_FIELD,
            "tokens",
            "pools",
            "skipped",
            PART_FIELD,
            "next",
        ];
        let [format, taken_at, heartbeat, height, stated, listed, skipped, part, next] =
            field::pick(without_mark(json), &names)?;
        let format = field::text("format", field::required("format", format)?)?;
        let taken_at = field::required("taken_at", taken_at)?;
        let stated = field::required("tokens", stated)?;
        let listed = field::required("pools", listed)?;
        if format != FORMAT {
            let shown: String = format.chars().take(64).collect();
            return Err(format!("format is {}", to_json(&shown)).into());
        }
        let (mut tokens, mut assumed) = (Vec::new(), Vec::new());
        for (symbol, entry) in field::entries(stated.get()).map_err(|e| format!("tokens: {e}"))? {
            let token = Symbol::new(&symbol).map_err(|e| format!("token {} {e}", to_json(&symbol)))?;
            let [decimals, origin] = field::pick(entry.get(), &["decimals", "decimals_from"])?;
            let decimals = field::required("decimals", decimals)?;
            let decimals = field::whole("decimals", decimals, MAX_DECIMALS.into())?;
            let decimals = u8::try_from(decimals).unwrap_or(MAX_DECIMALS);
            let origin = origin.map(|raw| field::text("decimals_from", raw)).transpose()?;
            // What whoever wrote it assumed for want of a statement is assumed here again, if it is the same.
            let is_assumed = origin.is_some_and(|origin| origin == Origin::Assumed.as_str())
                && DecimalTable::default().of(&token) == (decimals, Origin::Assumed);
            if is_assumed { assumed.push(token) } else { tokens.push((token, decimals)) }
        }
        let listed = field::items(listed.get()).map_err(|e| format!("pools: {e}"))?;
        let mut pools: Vec<(PoolRouting, StoredPool<'a>)> = Vec::with_capacity(listed.len());
        for (index, pool) in listed.into_iter().enumerate() {
            let value = pool.get();
            let at = |reason: String| format!("pools[{index}]: {reason}");
            let (mut routing, bins) = PoolRouting::with_bins(value).map_err(at)?;
            let mut left_out = Vec::from(["bins"]);
            let PoolRouting { pool: reference, decimals_x, decimals_y, .. } = &mut routing;
            let sides = [
                ("token_x_decimals", &reference.token_x, decimals_x),
                ("token_y_decimals", &reference.token_y, decimals_y),
            ];
            for (name, token, decimals) in sides {
                if assumed.contains(token) {
                    *decimals = None;
                    left_out.push(name);
                }
            }
            let bins = field::required("bins", bins).map_err(at)?;
            let bins = field::items(bins.get()).map_err(|e| at(format!("bins: {e}")))?;
            let bins = bins.iter().map(|raw| (bin_id_of(raw.get()).ok(), Cow::Borrowed(raw.get()))).gather();
            pools.push((
                routing,
                StoredPool { value: Some(without(value, &left_out)), bins, ..StoredPool::absent() },
            ));
        }
        sort_by(&mut pools, |(a, _), (b, _)| a.pool.id.cmp(&b.pool.id));
        let mut pairs = pools.iter().zip(pools.iter().skip(1));
        if let Some(((routing, _), _)) = pairs.find(|((a, _), (b, _))| a.pool.id == b.pool.id) {
            return Err(format!("the pool {} appears twice", routing.pool.id).into());
        }
        Ok(Self {
            taken_at: parse_stamp(taken_at),
            pulse: Pulse {
                heartbeat: heartbeat.map(stored_heartbeat),
                block_height: height.and_then(read_height),
            },
            tokens,
            left_out: skipped.map(read_left_out).transpose()?.unwrap_or_default(),
            // A page that more pages follow is one, too.
            is_part: part.map(|raw| field::boolean(PART_FIELD, raw)).transpose()?.unwrap_or(next.is_some()),
            pools,
        })
    }

    /// The graph of all its pools.
    #[must_use]
    pub fn graph(&self) -> Graph {
        Graph::new(self.pools.iter().map(|(routing, _)| routing.pool.clone())).of_a_part(self.is_part)
    }

    /// What it states about decimals, pools in id order first.
    #[must_use]
    pub fn decimals(&self) -> DecimalTable {
        let mut table = stated_decimals(self.pools.iter().map(|(routing, _)| routing));
        for (token, decimals) in &self.tokens {
            table.state(token, *decimals, &format!("tokens.{token}"));
        }
        table
    }

    /// Reads the candidate pools with all their bins.
    #[must_use]
    pub fn state(&self, candidates: &Candidates, default_fee_bps: u16) -> State {
        let decimals = Arc::new(self.decimals());
        let pools = candidates.pools.iter().filter_map(|candidate| {
            let id = &candidate.pool.id;
            let at = self.pools.binary_search_by(|(routing, _)| routing.pool.id.cmp(id)).ok()?;
            let (_, stored) = self.pools.get(at)?;
            Some((id.clone(), stored.state(&candidate.pool, &decimals, default_fee_bps)))
        });
        let age_rule = AgeRule { pulse: self.pulse.clone(), ..AgeRule::default() };
        State { age_rule, ..State::new(Arc::clone(&decimals), pools) }
    }
}

/// A pool of a snapshot as its key in Redis would hold it: without what is not its own.
fn without<'v>(value: &'v str, names: &[&str]) -> Cow<'v, str> {
    let Ok(entries) = field::entries(value) else { return Cow::Borrowed(value) };
    Cow::Owned(to_json(&object(|f| {
        // In this order, even where a name appears twice.
        for (name, value) in entries.iter().filter(|(name, _)| !names.contains(&&**name)) {
            f.foreign(name, value);
        }
    })))
}

/// Reads a heartbeat that may be text, as Redis has it, or a number.
fn stored_heartbeat(raw: JsonText<'_>) -> Stamp {
    parse_heartbeat(&field::text(HEARTBEAT_FIELD, raw).unwrap_or(Cow::Borrowed(raw.get())))
}

/// What pools state about decimals. Hand them in in id order, so that a disagreement always names the same keys.
#[must_use]
pub fn stated_decimals<'r>(pools: impl IntoIterator<Item = &'r PoolRouting>) -> DecimalTable {
    let mut table = DecimalTable::default();
    for routing in pools {
        let key = keys::pool(&routing.pool.id);
        for (token, decimals) in
            [(&routing.pool.token_x, routing.decimals_x), (&routing.pool.token_y, routing.decimals_y)]
        {
            if let Some(decimals) = decimals {
                table.state(token, decimals, &key);
            }
        }
    }
    table
}

/// Rewrites a stored pool and its bins as an entry of a snapshot: all six fees and both decimals filled in,
/// every amount and price as text. Other fields stay as they are.
///
/// # Errors
/// What is wrong with a value, as a phrase that names its key.
pub fn normalise_pool(
    value: &str,
    bins: &[&str],
    decimals: &DecimalTable,
    default_fee_bps: u16,
) -> Result<String, String> {
    let pool = PoolValue::parse(value, default_fee_bps)?;
    let reference = &pool.routing.pool;
    let mut fields = rewritten(value)?;
    let decimals = [
        ("token_x_decimals", u16::from(decimals.of(&reference.token_x).0)),
        ("token_y_decimals", u16::from(decimals.of(&reference.token_y).0)),
    ];
    for (name, number) in decimals.into_iter().chain(named_fees(&pool.fees)) {
        fields.insert(Cow::Borrowed(name), Written(number.to_string()));
    }
    let bins = bins.iter().map(|bin| rewritten(bin).map(Fields)).collect::<Result<Vec<_>, _>>()?;
    fields.insert(Cow::Borrowed("bins"), Written(to_json(&bins)));
    Ok(to_json(&Fields(fields)))
}

/// A stored pool value with all six fees, as a snapshot has them: whoever takes it need not know the default. It stays as it is
/// where nothing depends on that, or where it cannot be read.
#[must_use]
pub fn with_fees(value: &str, default_fee_bps: u16) -> Cow<'_, str> {
    let fees = |default_fee_bps| PoolValue::parse(value, default_fee_bps).map(|pool| pool.fees);
    match (fees(default_fee_bps), rewritten(value)) {
        (Ok(named), Ok(mut fields)) if fees(0) != fees(1) => {
            for (name, number) in named_fees(&named) {
                fields.insert(Cow::Borrowed(name), Written(number.to_string()));
            }
            Cow::Owned(to_json(&Fields(fields)))
        }
        _ => Cow::Borrowed(value),
    }
}

/// The fields of an object in order of their names, amounts and prices as text.
fn rewritten(json: &str) -> Result<LiteMap<Cow<'_, str>, Written>, String> {
    let entries = field::entries(json)?.into_iter().map(|(name, value)| {
        let as_text = value.is_number() && NUMBERS.contains(&&*name);
        (name, Written(if as_text { format!("\"{}\"", value.get()) } else { value.get().to_owned() }))
    });
    // Put in one by one: taking them in as one list would compile one more sort.
    let mut fields = LiteMap::new();
    entries.for_each(|(name, value)| drop(fields.insert(name, value)));
    Ok(fields)
}

/// A value that is JSON text already.
struct Written(String);

impl ToJson for Written {
    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

struct Fields<'a>(LiteMap<Cow<'a, str>, Written>);

impl ToJson for Fields<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            for (name, value) in &self.0 {
                f.foreign(name, value);
            }
        })
        .write(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = r#"{"pool_id":"P","token_x":"BTC","token_y":"USDC","active_bin_id":500,"status":"active",
        "active_bin_price":100000.0,"note":"kept"}"#;
    const BIN: &str = r#"{"pool_id":"P","bin_id":500,"x_amount":1000.0,"y_amount":1e8,"price":100000.0}"#;

    #[test]
    fn what_is_written_reads_back_complete() {
        let entry = normalise_pool(POOL, &[BIN], &DecimalTable::default(), 10).expect("sound");
        assert!(entry.contains(r#""x_amount":"1000.0""#) && entry.contains(r#""y_amount":"1e8""#), "{entry}");
        assert!(entry.contains(r#""active_bin_price":"100000.0""#) && entry.contains(r#""note":"kept""#));
        let text = format!(
            r#"{{"format":"{FORMAT}","taken_at":"1970-01-01T00:00:00Z","tokens":{{"BTC":{{"decimals":8}}}},"pools":[{entry}]}}"#
        );
        let snapshot = Snapshot::parse(&text).expect("its own format");
        assert_eq!(snapshot.taken_at.at_ms, Some(0));
        assert_eq!((snapshot.pools.len(), snapshot.pools[0].1.bins.len()), (1, 1));
        assert_eq!((snapshot.pools[0].0.decimals_x, snapshot.pools[0].0.decimals_y), (Some(8), Some(6)));
        let value =
            PoolValue::parse(snapshot.pools[0].1.value.as_deref().expect("a value"), 0).expect("sound");
        assert_eq!((value.fees.x.provider(), value.fees.y.provider()), (10, 10));
    }

    #[test]
    fn fees_are_filled_in_where_the_default_counts() {
        let filled = with_fees(POOL, 30);
        let fees = |value: &str| PoolValue::parse(value, 7).expect("sound").fees;
        assert_eq!((fees(&filled).x.provider(), fees(&filled).y.total()), (30, 30));
        assert!(filled.contains(r#""note":"kept""#), "{filled}");
        let no_value = r#"{"pool_id":"P"}"#;
        for same in [&*filled, no_value, "{"] {
            assert_eq!(with_fees(same, 5), same);
        }
    }

    #[test]
    fn refuses_what_is_no_snapshot() {
        let document = |format: &str, pools: &str| {
            format!(r#"{{"format":"{format}","taken_at":"","tokens":{{}},"pools":[{pools}]}}"#)
        };
        let refused = |text: &str| Snapshot::parse(text).expect_err("refused").to_string();
        assert!(refused("{}").contains("format is missing"));
        assert!(refused(&document("dlmm-snapshot/2", "")).contains("dlmm-snapshot/2"));
        assert!(refused(&document(FORMAT, "{}")).contains("pools[0]: pool_id is missing"));
        let pool = POOL.replacen('{', r#"{"bins":[],"#, 1);
        assert!(refused(&document(FORMAT, &format!("{pool},{pool}"))).contains("the pool P appears twice"));
    }
}
