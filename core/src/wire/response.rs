//! The quote response: every amount twice, as an exact JSON number and as a string of smallest units.

use super::explain::Lost;
use super::number::{Number, NumberStyle, Scale, Scales, Units};
use super::stamp::write_stamp;
use crate::decimals::DecimalTable;
use crate::fee::FeeParts;
use crate::math::ratio_floor;
use crate::quote::{HopQuote, Mode, Quote, RouteQuote, Warning};
use crate::share::shares_ppm;
use crate::units::{Amount, Direction, Symbol};
use crate::walk::Step;
use alloc::string::String;
use alloc::vec::Vec;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// Significant digits of an effective price.
const PRICE_DIGITS: u32 = 18;

/// Where the state of a quote comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Read from Redis for this quote.
    Redis,
    /// From a snapshot file.
    Snapshot,
    /// The bundled sample: development only, not a market.
    Sample,
}

impl Source {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Snapshot => "snapshot",
            Self::Sample => "sample",
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What an answer says beside the quote itself.
#[derive(Clone, Copy, Debug)]
pub struct AnswerContext<'a> {
    /// Decimals the quote was computed with.
    pub decimals: &'a DecimalTable,
    /// Where its state comes from.
    pub source: Source,
    /// When that state was read, milliseconds since 1970.
    pub read_at_ms: u64,
    /// The id of the request, if it has one.
    pub request_id: Option<&'a str>,
    /// How amounts in whole tokens and prices are written.
    pub numbers: NumberStyle,
}

/// A quote as HTTP answers it.
#[derive(Clone, Copy, Debug)]
pub struct QuoteAnswer<'a> {
    /// The quote.
    pub quote: &'a Quote,
    /// The rest of the answer.
    pub context: AnswerContext<'a>,
}

pub(super) fn amount<M: SerializeMap>(
    map: &mut M,
    names: (&'static str, &'static str),
    units: Amount,
    scale: Scale,
) -> Result<(), M::Error> {
    map.serialize_entry(names.0, &scale.number(units))?;
    map.serialize_entry(names.1, &Units(units))
}

pub(super) const AMOUNT_IN: (&str, &str) = ("amount_in", "amount_in_atomic");
pub(super) const AMOUNT_OUT: (&str, &str) = ("amount_out", "amount_out_atomic");

/// A part of the answer together with what it needs to write amounts.
pub(super) struct With<'a, T> {
    pub(super) item: T,
    pub(super) scales: Scales<'a>,
}

impl<T> With<'_, T> {
    pub(super) fn of(&self, token: &Symbol) -> Scale {
        self.scales.of(token)
    }
}

impl Serialize for QuoteAnswer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.entries(serializer.serialize_map(None)?)?;
        map.serialize_entry("request_id", &self.context.request_id)?;
        map.end()
    }
}

impl QuoteAnswer<'_> {
    /// Writes every field in front of `request_id`.
    pub(super) fn entries<M: SerializeMap>(&self, mut map: M) -> Result<M, M::Error> {
        let Self { quote, context } = *self;
        let scales = Scales { table: context.decimals, style: context.numbers };
        let (scale_in, scale_out) = (scales.of(&quote.token_in), scales.of(&quote.token_out));
        map.serialize_entry("success", &true)?;
        map.serialize_entry("mode", quote.mode.as_str())?;
        map.serialize_entry("token_in", quote.token_in.as_str())?;
        map.serialize_entry("token_out", quote.token_out.as_str())?;
        amount(&mut map, AMOUNT_IN, quote.amount_in, scale_in)?;
        amount(&mut map, AMOUNT_OUT, quote.amount_out, scale_out)?;
        let unfilled = ("unfilled", "unfilled_atomic");
        match quote.mode {
            Mode::ExactIn => {
                let received = ("minimum_received", "minimum_received_atomic");
                amount(&mut map, received, quote.bound, scale_out)?;
                amount(&mut map, unfilled, quote.unfilled, scale_in)?;
            }
            Mode::ExactOut => {
                amount(&mut map, ("maximum_sent", "maximum_sent_atomic"), quote.bound, scale_in)?;
                let requested = ("requested_out", "requested_out_atomic");
                amount(&mut map, requested, quote.requested, scale_out)?;
                amount(&mut map, unfilled, quote.unfilled, scale_out)?;
            }
        }
        map.serialize_entry("price_impact_ppm", &quote.price_impact_ppm)?;
        let (amount_out, amount_in) =
            ((quote.amount_out, scale_out.decimals), (quote.amount_in, scale_in.decimals));
        let price = ratio_floor(amount_out, amount_in, PRICE_DIGITS);
        let price = price.map(|value| Number { value, style: context.numbers });
        map.serialize_entry("effective_price", &price)?;
        map.serialize_entry("route_type", route_type(quote))?;
        let steps = |route: &RouteQuote| route.hops.iter().map(|hop| hop.steps.len()).sum::<usize>();
        map.serialize_entry("bins_used", &quote.routes.iter().map(steps).sum::<usize>())?;
        map.serialize_entry("fees", &With { item: FeeTotals(quote), scales })?;
        map.serialize_entry("routes", &With { item: Routes(quote), scales })?;
        if quote.include_steps {
            map.serialize_entry("steps", &With { item: Steps(quote), scales })?;
        }
        map.serialize_entry("state", &StateSummary(self))?;
        map.serialize_entry("warnings", &Warnings { quote, context })?;
        if let Some(lost) = &quote.explained {
            map.serialize_entry("explain", &With { item: Lost { quote, lost }, scales })?;
        }
        Ok(map)
    }
}

/// `multi_pair` when a route has several hops, else `multi_pool` when several pools are used, else `multi_bin`.
fn route_type(quote: &Quote) -> &'static str {
    let mut pools = quote.routes.iter().flat_map(|route| &route.hops).map(|hop| &hop.pool_id);
    let first = pools.next();
    if quote.routes.iter().any(|route| route.hops.len() > 1) {
        "multi_pair"
    } else if pools.any(|pool| Some(pool) != first) {
        "multi_pool"
    } else {
        "multi_bin"
    }
}

/// Fees of the whole answer, one entry per input token in order of first use.
struct FeeTotals<'a>(&'a Quote);

impl Serialize for With<'_, FeeTotals<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut totals: Vec<(&Symbol, FeeParts)> = Vec::new();
        for hop in self.item.0.routes.iter().flat_map(|route| &route.hops) {
            match totals.iter_mut().find(|(token, _)| *token == &hop.token_in) {
                Some((_, total)) => *total = total.plus(&hop.fees),
                None => totals.push((&hop.token_in, hop.fees)),
            }
        }
        let entry = |(token, fees)| With { item: TokenFees { token, fees }, scales: self.scales };
        serializer.collect_seq(totals.iter().map(|(token, fees)| entry((*token, fees))))
    }
}

struct TokenFees<'a> {
    token: &'a Symbol,
    fees: &'a FeeParts,
}

impl Serialize for With<'_, TokenFees<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let TokenFees { token, fees } = self.item;
        let scale = self.of(token);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("token", token.as_str())?;
        amount(&mut map, ("protocol", "protocol_atomic"), fees.protocol, scale)?;
        amount(&mut map, ("provider", "provider_atomic"), fees.provider, scale)?;
        amount(&mut map, ("variable", "variable_atomic"), fees.variable, scale)?;
        amount(&mut map, ("total", "total_atomic"), fees.total(), scale)?;
        map.end()
    }
}

struct Routes<'a>(&'a Quote);

impl Serialize for With<'_, Routes<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let quote = self.item.0;
        let inputs: Vec<_> = quote.routes.iter().map(|route| route.amount_in).collect();
        let parts = shares_ppm(&inputs).into_iter().zip(&quote.routes);
        let scales = self.scales;
        serializer.collect_seq(
            parts.map(|(share_ppm, route)| With { item: Route { share_ppm, route, quote }, scales }),
        )
    }
}

struct Route<'a> {
    share_ppm: u32,
    route: &'a RouteQuote,
    quote: &'a Quote,
}

impl Serialize for With<'_, Route<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Route { share_ppm, route, quote } = self.item;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("share_ppm", &share_ppm)?;
        amount(&mut map, AMOUNT_IN, route.amount_in, self.of(&quote.token_in))?;
        amount(&mut map, AMOUNT_OUT, route.amount_out, self.of(&quote.token_out))?;
        let hops: Vec<_> = route.hops.iter().map(|hop| With { item: hop, scales: self.scales }).collect();
        map.serialize_entry("hops", &hops)?;
        map.end()
    }
}

impl Serialize for With<'_, &HopQuote> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hop = self.item;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("pool_id", hop.pool_id.as_str())?;
        map.serialize_entry("token_in", hop.token_in.as_str())?;
        map.serialize_entry("token_out", hop.token_out.as_str())?;
        amount(&mut map, AMOUNT_IN, hop.amount_in, self.of(&hop.token_in))?;
        amount(&mut map, AMOUNT_OUT, hop.amount_out, self.of(&hop.token_out))?;
        let fees = TokenFees { token: &hop.token_in, fees: &hop.fees };
        map.serialize_entry("fees", &With { item: fees, scales: self.scales })?;
        map.serialize_entry("active_bin_before", &hop.active_bin_before.get())?;
        map.serialize_entry("active_bin_after", &hop.active_bin_after.get())?;
        map.end()
    }
}

struct Steps<'a>(&'a Quote);

impl Serialize for With<'_, Steps<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (route, of_route) in self.item.0.routes.iter().enumerate() {
            for hop in &of_route.hops {
                for step in &hop.steps {
                    let item = HopStep { route, hop, step };
                    list.serialize_element(&With { item, scales: self.scales })?;
                }
            }
        }
        list.end()
    }
}

struct HopStep<'a> {
    route: usize,
    hop: &'a HopQuote,
    step: &'a Step,
}

impl Serialize for With<'_, HopStep<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let HopStep { route, hop, step } = self.item;
        let (scale_in, scale_out) = (self.of(&hop.token_in), self.of(&hop.token_out));
        let (scale_x, scale_y) = match hop.direction {
            Direction::XForY => (scale_in, scale_out),
            Direction::YForX => (scale_out, scale_in),
        };
        let fees = &step.fill.fees;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("route", &route)?;
        map.serialize_entry("pool_id", hop.pool_id.as_str())?;
        map.serialize_entry("bin_id", &step.bin_id.get())?;
        map.serialize_entry("token_in", hop.token_in.as_str())?;
        map.serialize_entry("token_out", hop.token_out.as_str())?;
        amount(&mut map, AMOUNT_IN, step.fill.taken, scale_in)?;
        amount(&mut map, AMOUNT_OUT, step.fill.given, scale_out)?;
        let value = step.bin.price.to_human(scale_x.decimals, scale_y.decimals);
        map.serialize_entry("price", &Number { value, style: self.scales.style })?;
        amount(&mut map, ("fee_amount", "fee_amount_atomic"), fees.total(), scale_in)?;
        amount(&mut map, ("fee_protocol", "fee_protocol_atomic"), fees.protocol, scale_in)?;
        amount(&mut map, ("fee_provider", "fee_provider_atomic"), fees.provider, scale_in)?;
        amount(&mut map, ("fee_variable", "fee_variable_atomic"), fees.variable, scale_in)?;
        map.end()
    }
}

struct StateSummary<'a>(&'a QuoteAnswer<'a>);

impl Serialize for StateSummary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Pool<'a> {
            pool_id: &'a str,
            active_bin_id: u16,
            last_updated: Option<&'a str>,
            age_ms: Option<u64>,
        }
        let QuoteAnswer { quote, context } = self.0;
        let pools = quote.pools.iter().map(|pool| Pool {
            pool_id: pool.pool_id.as_str(),
            active_bin_id: pool.active_bin.get(),
            last_updated: pool.last_updated.as_ref().map(|stamp| stamp.text.as_str()),
            age_ms: pool.age_ms,
        });
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("source", &context.source)?;
        map.serialize_entry("read_at", &write_stamp(context.read_at_ms))?;
        map.serialize_entry("pools", &pools.collect::<Vec<_>>())?;
        map.end()
    }
}

struct Warnings<'a> {
    quote: &'a Quote,
    context: AnswerContext<'a>,
}

impl Serialize for Warnings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for warning in &self.quote.warnings {
            list.serialize_element(&WarningEntry(warning))?;
        }
        if self.context.source == Source::Sample {
            #[derive(Serialize)]
            struct SampleState {
                code: &'static str,
                reason: &'static str,
            }
            let reason = "answered from the bundled sample, not from a market";
            list.serialize_element(&SampleState { code: "SAMPLE_STATE", reason })?;
        }
        list.end()
    }
}

struct WarningEntry<'a>(&'a Warning);

impl Serialize for WarningEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.0.code())?;
        match self.0 {
            Warning::PoolSkipped { key, reason } | Warning::StateSuspect { key, reason } => {
                map.serialize_entry("key", key)?;
                map.serialize_entry("reason", reason)?;
            }
            Warning::DecimalsAssumed { token } => {
                map.serialize_entry("token", token.as_str())?;
            }
            Warning::AgeUnknown { pool_id } => map.serialize_entry("pool_id", pool_id.as_str())?,
            Warning::TimeAhead { pool_id, ahead_ms } => {
                map.serialize_entry("pool_id", pool_id.as_str())?;
                map.serialize_entry("ahead_ms", ahead_ms)?;
            }
            Warning::CandidatesLimited { pools } => map.serialize_entry("pools", pools)?,
            Warning::PartialFill { unfilled } => {
                map.serialize_entry("unfilled_atomic", &Units(*unfilled))?;
            }
            Warning::KeysLimited { keys } => map.serialize_entry("keys", keys)?,
            Warning::SplitsLimited { wanted, allowed } => {
                map.serialize_entry("wanted", wanted)?;
                map.serialize_entry("allowed", allowed)?;
            }
            Warning::BinsLimited { allowed } => map.serialize_entry("allowed", allowed)?,
        }
        map.end()
    }
}

impl QuoteAnswer<'_> {
    /// Writes the answer as JSON text.
    ///
    /// # Errors
    /// None that input can cause; a number's own text always is JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
