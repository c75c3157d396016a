//! A pool as `/pools` shows it: facts for people and interfaces, not for quoting.

use super::bin::BinValue;
use super::field;
use super::number::{Number, NumberStyle, Scale};
use super::pool::PoolValue;
use super::response::Source;
use crate::decimals::DecimalTable;
use crate::units::BinId;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Serialize;
use serde_json::value::RawValue;

/// Descriptive fields that are passed on as they are stored.
const PASSED: [&str; 4] = ["bin_step", "initial_active_bin_id", "total_tvl", "created_at"];

/// A pool with its parameters. `active_bin_price` is that of the active bin, `null` where it was not read.
#[derive(Debug, Serialize)]
pub struct PoolListing {
    pool_id: String,
    token_x: String,
    token_y: String,
    token_x_decimals: u8,
    token_y_decimals: u8,
    bin_step: Option<Box<RawValue>>,
    initial_active_bin_id: Option<Box<RawValue>>,
    active_bin_id: u16,
    active_bin_price: Option<Number>,
    status: &'static str,
    x_protocol_fee: u16,
    x_provider_fee: u16,
    x_variable_fee: u16,
    y_protocol_fee: u16,
    y_provider_fee: u16,
    y_variable_fee: u16,
    total_tvl: Option<Box<RawValue>>,
    created_at: Option<Box<RawValue>>,
    last_updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bins: Option<Vec<BinListing>>,
    #[serde(skip)]
    style: NumberStyle,
}

/// The answer of `/pools`.
#[derive(Debug, Serialize)]
pub struct PoolsAnswer<'a> {
    /// Pools in id order.
    pub pools: Vec<PoolListing>,
    /// Pools whose stored value cannot be read.
    pub skipped: Vec<SkippedPool>,
    /// Pools in all.
    pub total: usize,
    /// The `after` of the next page; `None` on the last one.
    pub next: Option<&'a str>,
    /// Where the values come from.
    pub source: Source,
    /// The id of the request, if it has one.
    pub request_id: Option<&'a str>,
}

/// A pool that cannot be listed.
#[derive(Debug, Serialize)]
pub struct SkippedPool {
    /// The offending Redis key.
    pub key: String,
    /// What is wrong with its value.
    pub reason: String,
}

/// The answer of `/pools/{id}`.
#[derive(Debug, Serialize)]
pub struct PoolAnswer<'a> {
    /// The pool.
    #[serde(flatten)]
    pub pool: PoolListing,
    /// Where the values come from.
    pub source: Source,
    /// The id of the request, if it has one.
    pub request_id: Option<&'a str>,
}

/// A bin that holds something.
#[derive(Debug, Serialize)]
pub struct BinListing {
    bin_id: u16,
    price: Number,
    x_amount: Number,
    reserve_x: String,
    y_amount: Number,
    reserve_y: String,
    is_active: bool,
}

impl PoolListing {
    /// Reads a pool value for display.
    ///
    /// # Errors
    /// What is wrong with the value, as a phrase that names the field.
    pub fn parse(json: &str, decimals: &DecimalTable, default_fee_bps: u16) -> Result<Self, String> {
        let value = PoolValue::parse(json, default_fee_bps)?;
        let passed = field::pick(json, &PASSED).map_err(|e| e.to_string())?;
        let [bin_step, initial_active_bin_id, total_tvl, created_at] =
            passed.map(|raw| raw.map(ToOwned::to_owned));
        let pool = &value.routing.pool;
        let (x, y) = (value.fees.x, value.fees.y);
        Ok(Self {
            token_x_decimals: decimals.of(&pool.token_x).0,
            token_y_decimals: decimals.of(&pool.token_y).0,
            pool_id: pool.id.as_str().to_owned(),
            token_x: pool.token_x.as_str().to_owned(),
            token_y: pool.token_y.as_str().to_owned(),
            bin_step,
            initial_active_bin_id,
            active_bin_id: value.active_bin.get(),
            active_bin_price: None,
            status: value.status.as_str(),
            x_protocol_fee: x.protocol(),
            x_provider_fee: x.provider(),
            x_variable_fee: x.variable(),
            y_protocol_fee: y.protocol(),
            y_provider_fee: y.provider(),
            y_variable_fee: y.variable(),
            total_tvl,
            created_at,
            last_updated: value.last_updated.map(|stamp| stamp.text),
            bins: None,
            style: NumberStyle::Json,
        })
    }

    /// Writes amounts and prices in this style; to be called before bins are taken in.
    ///
    /// # Errors
    /// None that input can cause; a stored number in quotes always is JSON.
    pub fn written_as(mut self, style: NumberStyle) -> Result<Self, String> {
        self.style = style;
        if style == NumberStyle::Text {
            self.total_tvl = self.total_tvl.map(number_to_text).transpose()?;
        }
        Ok(self)
    }

    /// Id of the active bin, whose price [`Self::active_bin`] fills in.
    #[must_use]
    pub fn active_bin_id(&self) -> BinId {
        BinId::new(self.active_bin_id).unwrap_or(BinId::MAX)
    }

    /// Takes the price from the stored active bin. A bin that cannot be read leaves it `null`.
    pub fn active_bin(&mut self, json: &str) {
        let bin = BinValue::parse(json, self.token_x_decimals, self.token_y_decimals).ok();
        self.active_bin_price = bin
            .filter(|bin| bin.id.get() == self.active_bin_id)
            .map(|bin| bin.bin.price.to_human(self.token_x_decimals, self.token_y_decimals))
            .map(|value| Number { value, style: self.style });
    }

    /// Lists the bins that hold something; takes the price of the active one from them.
    ///
    /// # Errors
    /// The id of the bin and what is wrong with it.
    pub fn with_bins<'a>(
        mut self,
        texts: impl IntoIterator<Item = (BinId, &'a str)>,
    ) -> Result<Self, (BinId, String)> {
        let (decimals_x, decimals_y) = (self.token_x_decimals, self.token_y_decimals);
        let style = self.style;
        let amount = |units, decimals| Scale { decimals, style }.number(units);
        let mut bins = Vec::new();
        for (id, json) in texts {
            let value = BinValue::parse(json, decimals_x, decimals_y).map_err(|reason| (id, reason))?;
            let is_active = id.get() == self.active_bin_id;
            let price = value.bin.price.to_human(decimals_x, decimals_y);
            if is_active {
                self.active_bin_price = Some(Number { value: price, style });
            }
            let (x, y) = (value.bin.reserve_x, value.bin.reserve_y);
            if x > 0 || y > 0 {
                bins.push(BinListing {
                    bin_id: id.get(),
                    price: Number { value: price, style },
                    x_amount: amount(x, decimals_x),
                    reserve_x: x.to_string(),
                    y_amount: amount(y, decimals_y),
                    reserve_y: y.to_string(),
                    is_active,
                });
            }
        }
        self.bins = Some(bins);
        Ok(self)
    }
}

/// Puts a stored number into quotes; anything else stays as it is.
fn number_to_text(raw: Box<RawValue>) -> Result<Box<RawValue>, String> {
    if !raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return Ok(raw);
    }
    RawValue::from_string(format!("\"{}\"", raw.get())).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = r#"{"pool_id":"BTC-USDC-25","token_x":"BTC","token_y":"USDC","bin_step":25,
        "active_bin_id":500,"active_bin_price":1.0,"status":"active","total_tvl":1000000.0}"#;
    const BIN: &str = r#"{"bin_id":500,"x_amount":1.5,"y_amount":0.0,"price":100000.0}"#;

    #[test]
    fn shows_the_price_of_the_active_bin_and_not_the_stored_one() {
        let mut listing = PoolListing::parse(POOL, &DecimalTable::default(), 10).expect("sound");
        let json = |listing: &PoolListing| serde_json::to_string(listing).expect("JSON");
        assert!(json(&listing).contains(r#""active_bin_price":null"#));
        listing.active_bin(BIN);
        let text = json(&listing);
        assert!(
            text.contains(r#""active_bin_price":100000.0"#) && text.contains(r#""total_tvl":1000000.0"#),
            "{text}"
        );
        assert!(!text.contains("bins"));
    }

    #[test]
    fn lists_bins_that_hold_something() {
        let id = |id| BinId::new(id).expect("an id");
        let empty = BIN.replace("1.5", "0").replace("500", "501");
        let listing = PoolListing::parse(POOL, &DecimalTable::default(), 10).expect("sound");
        let listing = listing.with_bins([(id(500), BIN), (id(501), &empty)]).expect("sound");
        let text = serde_json::to_string(&listing).expect("JSON");
        assert!(
            text.contains(r#""bins":[{"bin_id":500,"price":100000.0,"x_amount":1.5,"reserve_x":"150000000""#),
            "{text}"
        );
        assert!(!text.contains("\"bin_id\":501"));
        let quoted = PoolListing::parse(POOL, &DecimalTable::default(), 10).expect("sound");
        let quoted = quoted.written_as(NumberStyle::Text).expect("sound");
        let quoted = quoted.with_bins([(id(500), BIN)]).expect("sound");
        let text = serde_json::to_string(&quoted).expect("JSON");
        for part in [
            r#""active_bin_price":"100000.0""#,
            r#""total_tvl":"1000000.0""#,
            r#""price":"100000.0","x_amount":"1.5","reserve_x":"150000000","y_amount":"0.0""#,
            r#""bin_step":25"#,
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let broken = PoolListing::parse(POOL, &DecimalTable::default(), 10).expect("sound");
        assert_eq!(broken.with_bins([(id(7), "{}")]).expect_err("broken").0, id(7));
    }
}
