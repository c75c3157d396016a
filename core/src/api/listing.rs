//! A pool as `/pools` shows it: facts for people and interfaces, not for quoting.

use super::number::{Number, NumberStyle, Scale, Units};
use crate::json::field;
use crate::json::{Object, Plain, ToJson, object, to_json};
use crate::network::decimals::DecimalTable;
use crate::pool::fee::Fees;
use crate::stored::{BinValue, read_bin};
use crate::stored::{PoolValue, named_fees};
use crate::stored::{SkippedPool, Source};
use crate::units::{Amount, BinId};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// Descriptive fields that are passed on as they are stored.
const PASSED: [&str; 4] = ["bin_step", "initial_active_bin_id", "total_tvl", "created_at"];

/// A pool with its parameters. `active_bin_price` is that of the active bin, `null` where it was not read.
#[derive(Debug)]
pub struct PoolListing {
    pool_id: String,
    token_x: String,
    token_y: String,
    token_x_decimals: u8,
    token_y_decimals: u8,
    bin_step: Option<Stored>,
    initial_active_bin_id: Option<Stored>,
    active_bin_id: u16,
    active_bin_price: Option<Number>,
    status: &'static str,
    fees: Fees,
    total_tvl: Option<Stored>,
    created_at: Option<Stored>,
    last_updated: Option<String>,
    bins: Option<Vec<BinListing>>,
    style: NumberStyle,
}

/// The answer of `/pools`.
#[derive(Debug)]
pub struct PoolsAnswer<'a> {
    /// Pools in id order.
    pub pools: Vec<PoolListing>,
    /// Pools whose stored value cannot be read.
    pub skipped: Vec<SkippedPool>,
    /// How many more there are that are not named.
    pub skipped_more: usize,
    /// Pools in all.
    pub total: usize,
    /// The `after` of the next page; `None` on the last one.
    pub next: Option<&'a str>,
    /// Where the values come from.
    pub source: Source,
    /// The id of the request, if it has one.
    pub request_id: Option<&'a str>,
}

/// The answer of `/pools/{id}`.
#[derive(Debug)]
pub struct PoolAnswer<'a> {
    /// The pool.
    pub pool: PoolListing,
    /// Where the values come from.
    pub source: Source,
    /// The id of the request, if it has one.
    pub request_id: Option<&'a str>,
}

/// A bin that holds something.
#[derive(Debug)]
pub struct BinListing {
    bin_id: u16,
    price: Number,
    x_amount: Number,
    reserve_x: Amount,
    y_amount: Number,
    reserve_y: Amount,
    is_active: bool,
}

impl ToJson for SkippedPool {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("key", &self.key);
            f.member("reason", &self.reason);
        })
        .write(out);
    }
}

impl PoolListing {
    /// Reads a pool value for display.
    ///
    /// # Errors
    /// What is wrong with the value, as a phrase that names the field.
    pub fn parse(json: &str, decimals: &DecimalTable, default_fee_bps: u16) -> Result<Self, String> {
        let value = PoolValue::parse(json, default_fee_bps)?;
        let passed = field::pick(json, &PASSED)?;
        let [bin_step, initial_active_bin_id, total_tvl, created_at] =
            passed.map(|raw| raw.map(|raw| Stored { text: raw.get().to_owned(), quoted: false }));
        let pool = &value.routing.pool;
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
            fees: value.fees,
            total_tvl,
            created_at,
            last_updated: value.last_updated.map(|stamp| stamp.text),
            bins: None,
            style: NumberStyle::Json,
        })
    }

    /// Writes amounts and prices in this style; to be called before bins are taken in.
    #[must_use]
    pub fn written_as(mut self, style: NumberStyle) -> Self {
        self.style = style;
        if let Some(tvl) = &mut self.total_tvl {
            tvl.quoted =
                style == NumberStyle::Text && tvl.text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        }
        self
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

    /// Tells whether the value under the key of a bin of this pool can be used.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_bin(&self, id: BinId, json: &str) -> Result<(), String> {
        read_bin(&self.pool_id, id, json, self.token_x_decimals, self.token_y_decimals).map(drop)
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
            let value =
                read_bin(&self.pool_id, id, json, decimals_x, decimals_y).map_err(|reason| (id, reason))?;
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
                    reserve_x: x,
                    y_amount: amount(y, decimals_y),
                    reserve_y: y,
                    is_active,
                });
            }
        }
        self.bins = Some(bins);
        Ok(self)
    }
}

/// A value as it is stored; a number may be put into quotes.
#[derive(Debug)]
struct Stored {
    text: String,
    quoted: bool,
}

impl ToJson for Stored {
    fn write(&self, out: &mut String) {
        if self.quoted {
            Plain(&self.text).write(out);
        } else {
            out.push_str(&self.text);
        }
    }
}

impl PoolListing {
    fn members(&self, f: &mut Object<'_>) {
        f.member("pool_id", Plain(&self.pool_id));
        f.member("token_x", Plain(&self.token_x));
        f.member("token_y", Plain(&self.token_y));
        f.member("token_x_decimals", self.token_x_decimals);
        f.member("token_y_decimals", self.token_y_decimals);
        f.member("bin_step", &self.bin_step);
        f.member("initial_active_bin_id", &self.initial_active_bin_id);
        f.member("active_bin_id", self.active_bin_id);
        f.member("active_bin_price", self.active_bin_price);
        f.member("status", self.status);
        named_fees(&self.fees).into_iter().for_each(|(name, fee)| f.member(name, fee));
        f.member("total_tvl", &self.total_tvl);
        f.member("created_at", &self.created_at);
        f.member("last_updated", self.last_updated.as_deref());
        if let Some(bins) = &self.bins {
            f.member("bins", bins);
        }
    }
}

impl ToJson for PoolListing {
    fn write(&self, out: &mut String) {
        object(|f| self.members(f)).write(out);
    }
}

impl ToJson for BinListing {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("bin_id", self.bin_id);
            f.member("price", self.price);
            f.member("x_amount", self.x_amount);
            f.member("reserve_x", Units(self.reserve_x));
            f.member("y_amount", self.y_amount);
            f.member("reserve_y", Units(self.reserve_y));
            f.member("is_active", self.is_active);
        })
        .write(out);
    }
}

impl ToJson for PoolsAnswer<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("pools", &self.pools);
            f.member("skipped", &self.skipped);
            if self.skipped_more > 0 {
                f.member("skipped_more", self.skipped_more);
            }
            f.member("total", self.total);
            f.member("next", self.next);
            f.member("source", self.source);
            f.member("request_id", self.request_id);
        })
        .write(out);
    }
}

impl ToJson for PoolAnswer<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            self.pool.members(f);
            f.member("source", self.source);
            f.member("request_id", self.request_id);
        })
        .write(out);
    }
}

impl PoolsAnswer<'_> {
    /// Writes the answer as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

impl PoolAnswer<'_> {
    /// Writes the answer as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
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
        let json = |listing: &PoolListing| to_json(listing);
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
        let text = to_json(&listing);
        assert!(
            text.contains(r#""bins":[{"bin_id":500,"price":100000.0,"x_amount":1.5,"reserve_x":"150000000""#),
            "{text}"
        );
        assert!(!text.contains("\"bin_id\":501"));
        let quoted = PoolListing::parse(POOL, &DecimalTable::default(), 10).expect("sound");
        let quoted = quoted.written_as(NumberStyle::Text);
        let quoted = quoted.with_bins([(id(500), BIN)]).expect("sound");
        let text = to_json(&quoted);
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
