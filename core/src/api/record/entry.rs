//! The parts of an input: what was read of a pool, and what is known of a token.

use crate::json::{Plain, ToJson, list, object};
use crate::network::decimals::DecimalTable;
use crate::network::graph::PoolRef;
use crate::network::route::UnknownName;
use crate::pool::fee::Fees;
use crate::stored::{BinTexts, PoolValue, StoredPool, named_fees};
use crate::units::{BinId, Symbol};
use alloc::borrow::Cow;
use alloc::string::String;

pub(super) struct DecimalsEntry<'a> {
    pub(super) token: &'a Symbol,
    pub(super) table: &'a DecimalTable,
}

impl ToJson for DecimalsEntry<'_> {
    fn write(&self, out: &mut String) {
        let (decimals, origin) = self.table.of(self.token);
        object(|f| {
            f.member("decimals", decimals);
            f.member("decimals_from", origin.as_str());
            if let Some(told) = self.table.disagreement(self.token) {
                let told = object(|f| {
                    f.member("key", &told.key);
                    f.member("reason", &told.reason);
                });
                f.member("disagreement", told);
            }
        })
        .write(out);
    }
}

pub(super) struct PoolEntry<'a, B = BinTexts<'a>> {
    pub(super) pool: &'a PoolRef,
    pub(super) stored: &'a StoredPool<'a, B>,
    pub(super) default_fee_bps: u16,
}

impl<B: ToJson> ToJson for PoolEntry<'_, B> {
    fn write(&self, out: &mut String) {
        let Self { pool, stored, default_fee_bps } = *self;
        let value = stored.value.as_deref();
        let parsed = value.and_then(|value| PoolValue::parse(value, default_fee_bps).ok());
        object(|f| {
            f.member("bins", &stored.bins);
            // Those that a quote would charge; null where the value cannot be quoted.
            f.member("fees", parsed.as_ref().map(|value| FeesEntry(value.fees)));
            f.member("known", list(|f| f.items([stored.known.0.get(), stored.known.1.get()])));
            if let Some(left_out) = &stored.left_out {
                f.member("left_out", left_out);
            }
            f.member("pool_id", Plain(pool.id.as_str()));
            f.member("token_x", Plain(pool.token_x.as_str()));
            f.member("token_y", Plain(pool.token_y.as_str()));
            f.member("value", value);
        })
        .write(out);
    }
}

impl ToJson for (Option<BinId>, Cow<'_, str>) {
    fn write(&self, out: &mut String) {
        let (id, text) = self;
        list(|f| {
            f.item(id.map(BinId::get));
            f.item(&**text);
        })
        .write(out);
    }
}

impl ToJson for UnknownName {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("field", &self.field);
            f.member("name", &self.name);
        })
        .write(out);
    }
}

struct FeesEntry(Fees);

impl ToJson for FeesEntry {
    fn write(&self, out: &mut String) {
        object(|f| named_fees(&self.0).into_iter().for_each(|(name, fee)| f.member(name, fee))).write(out);
    }
}
