//! The stored value of a pool.

use super::height::read_height;
use super::stamp::parse_stamp;
use crate::json::JsonText;
use crate::json::field::{self, picked};
use crate::network::decimals::MAX_DECIMALS;
use crate::network::graph::PoolRef;
use crate::network::state::Stamp;
use crate::pool::fee::{Fees, SideFees};
use crate::units::{BinId, PoolId, Symbol};
use alloc::format;
use alloc::string::String;

/// Whether a pool trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It trades.
    Active,
    /// It does not trade.
    Inactive,
    /// It does not trade for now.
    Paused,
}

impl Status {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Paused => "paused",
        }
    }

    fn read(raw: JsonText<'_>) -> Result<Self, String> {
        match &*field::text("status", raw)? {
            "active" => Ok(Self::Active),
            "inactive" => Ok(Self::Inactive),
            "paused" => Ok(Self::Paused),
            _ => Err(String::from("status is not active, inactive or paused")),
        }
    }
}

picked! {
    /// Fields of a pool value that matter to a quote; all others are ignored. Only in a snapshot there are `bins`.
    struct PoolFields {
        pool_id,
        token_x,
        token_y,
        active_bin_id,
        status,
        token_x_decimals,
        token_y_decimals,
        x_protocol_fee,
        x_provider_fee,
        x_variable_fee,
        y_protocol_fee,
        y_provider_fee,
        y_variable_fee,
        last_updated,
        block_height,
        bins,
    }
}

/// Gives the status of a stored pool, or `None` where its value states none that is known.
///
/// For listings; a quote judges the whole value with [`PoolValue::parse`].
#[must_use]
pub fn pool_status(json: &str) -> Option<Status> {
    Status::read(parse_fields(json).ok()?.status?).ok()
}

/// What routing needs of a pool value, whether or not the rest of it can be quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRouting {
    /// Id and pair.
    pub pool: PoolRef,
    /// Stated decimals of X.
    pub decimals_x: Option<u8>,
    /// Stated decimals of Y.
    pub decimals_y: Option<u8>,
    /// The active bin, if it is one; only a hint where to read.
    pub active_bin: Option<BinId>,
}

/// A pool value that can be quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolValue {
    /// Id, pair, decimals and active bin.
    pub routing: PoolRouting,
    /// The active bin.
    pub active_bin: BinId,
    /// Whether it trades.
    pub status: Status,
    /// Effective fees: a side without any fee field has the default as provider fee.
    pub fees: Fees,
    /// When it was written.
    pub last_updated: Option<Stamp>,
    /// The block after which it is as it stands here; `None` where the value does not say.
    pub block_height: Option<u64>,
}

fn parse_fields(json: &str) -> Result<PoolFields<'_>, String> {
    PoolFields::pick(json).map_err(|e| format!("not a pool value: {e}"))
}

impl PoolRouting {
    /// Reads id, pair and decimals; decimals that cannot be are taken as not stated (a quote will say so).
    ///
    /// # Errors
    /// What is wrong, as a phrase.
    pub fn parse(json: &str) -> Result<Self, String> {
        Self::from_fields(&parse_fields(json)?)
    }

    /// As [`Self::parse`], of the value under the key of a pool.
    ///
    /// # Errors
    /// As [`Self::parse`]; another pool's id.
    pub fn of(id: &PoolId, json: &str) -> Result<Self, String> {
        let routing = Self::parse(json)?;
        if routing.pool.id == *id { Ok(routing) } else { Err(format!("pool_id is {}", routing.pool.id)) }
    }

    /// As [`Self::parse`], of a pool in a snapshot; gives its list of bins as well.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub(super) fn with_bins(json: &str) -> Result<(Self, Option<JsonText<'_>>), String> {
        let fields = parse_fields(json)?;
        Ok((Self::from_fields(&fields)?, fields.bins))
    }

    fn from_fields(fields: &PoolFields<'_>) -> Result<Self, String> {
        let symbol =
            |name: &str, raw| field::required(name, raw).and_then(|raw| field::name(name, raw, Symbol::new));
        let id = field::required("pool_id", fields.pool_id)?;
        let id = field::name("pool_id", id, PoolId::new)?;
        let (token_x, token_y) = (symbol("token_x", fields.token_x)?, symbol("token_y", fields.token_y)?);
        if token_x == token_y {
            return Err(String::from("token_x and token_y are the same"));
        }
        Ok(Self {
            pool: PoolRef { id, token_x, token_y },
            decimals_x: fields.token_x_decimals.and_then(|raw| decimals("", raw).ok()),
            decimals_y: fields.token_y_decimals.and_then(|raw| decimals("", raw).ok()),
            active_bin: fields.active_bin_id.and_then(|raw| bin_id("", raw).ok()),
        })
    }
}

impl PoolValue {
    /// Reads a pool value.
    ///
    /// # Errors
    /// What is wrong, as a phrase that names the field.
    pub fn parse(json: &str, default_fee_bps: u16) -> Result<Self, String> {
        let fields = parse_fields(json)?;
        let routing = PoolRouting::from_fields(&fields)?;
        if routing.pool.token_x == routing.pool.token_y {
            return Err(String::from("token_x and token_y are the same"));
        }
        for (name, raw) in
            [("token_x_decimals", fields.token_x_decimals), ("token_y_decimals", fields.token_y_decimals)]
        {
            raw.map_or(Ok(0), |raw| decimals(name, raw))?;
        }
        let status = Status::read(field::required("status", fields.status)?)?;
        let x = [
            ("x_protocol_fee", fields.x_protocol_fee),
            ("x_provider_fee", fields.x_provider_fee),
            ("x_variable_fee", fields.x_variable_fee),
        ];
        let y = [
            ("y_protocol_fee", fields.y_protocol_fee),
            ("y_provider_fee", fields.y_provider_fee),
            ("y_variable_fee", fields.y_variable_fee),
        ];
        Ok(Self {
            active_bin: bin_id("active_bin_id", field::required("active_bin_id", fields.active_bin_id)?)?,
            status,
            fees: Fees { x: side_fees('x', x, default_fee_bps)?, y: side_fees('y', y, default_fee_bps)? },
            last_updated: fields.last_updated.map(parse_stamp),
            block_height: fields.block_height.and_then(read_height),
            routing,
        })
    }
}

/// Fees by the names of their fields, bps.
pub(crate) const fn named_fees(fees: &Fees) -> [(&'static str, u16); 6] {
    let Fees { x, y } = fees;
    [
        ("x_protocol_fee", x.protocol()),
        ("x_provider_fee", x.provider()),
        ("x_variable_fee", x.variable()),
        ("y_protocol_fee", y.protocol()),
        ("y_provider_fee", y.provider()),
        ("y_variable_fee", y.variable()),
    ]
}

fn decimals(name: &str, raw: JsonText<'_>) -> Result<u8, String> {
    let value = field::whole(name, raw, MAX_DECIMALS.into())?;
    Ok(u8::try_from(value).unwrap_or(MAX_DECIMALS))
}

/// Reads a bin id.
pub(super) fn bin_id(name: &str, raw: JsonText<'_>) -> Result<BinId, String> {
    field::whole(name, raw, BinId::MAX.get()).map(|id| BinId::new(id).unwrap_or(BinId::MAX))
}

fn side_fees(
    side: char,
    fields: [(&str, Option<JsonText<'_>>); 3],
    default_bps: u16,
) -> Result<SideFees, String> {
    let too_large = || format!("the {side} fees add up to 10000 bps or more");
    if fields.iter().all(|(_, raw)| raw.is_none()) {
        return SideFees::new(0, default_bps, 0).ok_or_else(too_large);
    }
    let mut bps = [0_u16; 3];
    for (slot, (name, raw)) in bps.iter_mut().zip(fields) {
        if let Some(raw) = raw {
            *slot = field::whole(name, raw, 10_000)?;
        }
    }
    let [protocol, provider, variable] = bps;
    SideFees::new(protocol, provider, variable).ok_or_else(too_large)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = r#"{"pool_id":"BTC-USDC-25","token_x":"BTC","token_y":"USDC","bin_step":25,
        "active_bin_id":500,"active_bin_price":100000.0,"status":"active","total_tvl":1e6}"#;

    #[test]
    fn a_pool_without_fees_has_the_default_on_both_sides() {
        let pool = PoolValue::parse(POOL, 10).expect("sound");
        assert_eq!((pool.fees.x.provider(), pool.fees.y.total()), (10, 10));
        let one_side = POOL.replacen('{', r#"{"x_protocol_fee":1,"#, 1);
        let pool = PoolValue::parse(&one_side, 10).expect("sound");
        assert_eq!((pool.fees.x.total(), pool.fees.y.total()), (1, 10));
    }

    #[test]
    fn names_what_is_wrong_with_a_pool() {
        let with = |from: &str, to: &str| PoolValue::parse(&POOL.replace(from, to), 10).expect_err("unsound");
        assert_eq!(with("\"active\"", "\"closed\""), "status is not active, inactive or paused");
        assert_eq!(with(":500", ":1001"), "active_bin_id is not a whole number from 0 to 1000");
        assert_eq!(with(":500", ":-1"), "active_bin_id is negative");
        assert_eq!(with("\"status\":\"active\",", ""), "status is missing");
        assert_eq!(with("USDC\",", "BTC\","), "token_x and token_y are the same");
        assert_eq!(
            with("\"bin_step\"", "\"y_protocol_fee\":9999,\"y_variable_fee\":1,\"bin_step\""),
            "the y fees add up to 10000 bps or more"
        );
        assert!(with("}", "").ends_with(", but the text ends"));
        assert!(PoolValue::parse("[]", 10).is_err() && PoolValue::parse("", 10).is_err());
    }
}
