//! The quote response: every amount twice, as an exact JSON number and as a string of smallest units.

use super::amounts::{AMOUNT_IN, AMOUNT_OUT, With, amount};
use super::explain::Lost;
use super::number::{Number, NumberStyle, Scale, Scales, Units};
use super::plan::PlanOf;
use super::state_summary::StateSummary;
use crate::gather::Gather;
use crate::json::{Object, Plain, ToJson, list, object, to_json};
use crate::math::ratio_floor;
use crate::network::decimals::DecimalTable;
use crate::plan::Plan;
use crate::pool::fee::FeeParts;
use crate::pool::walk::Step;
use crate::quote::share::shares_ppm;
use crate::quote::{HopQuote, Mode, Quote, RouteQuote, Warning};
use crate::stored::{Source, keys};
use crate::units::{Direction, Symbol};
use alloc::string::String;
use alloc::vec::Vec;

/// Significant digits of an effective price.
const PRICE_DIGITS: u32 = 18;

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
    /// Whether the bins that took input are listed; they are counted in any case.
    pub include_steps: bool,
}

/// A quote as HTTP answers it.
#[derive(Clone, Copy, Debug)]
pub struct QuoteAnswer<'a> {
    /// The quote.
    pub quote: &'a Quote,
    /// The call that executes it, where one was asked for.
    pub plan: Option<&'a Plan>,
    /// The rest of the answer.
    pub context: AnswerContext<'a>,
}

impl ToJson for QuoteAnswer<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            self.members(f);
            f.member("request_id", self.context.request_id);
        })
        .write(out);
    }
}

impl QuoteAnswer<'_> {
    /// Writes every field in front of `request_id`. Not inlined: several forms of an answer share it.
    #[inline(never)]
    pub(crate) fn members(&self, f: &mut Object<'_>) {
        let Self { quote, plan, context } = *self;
        let scales = Scales { table: context.decimals, style: context.numbers };
        let (scale_in, scale_out) = (scales.of(&quote.token_in), scales.of(&quote.token_out));
        f.member("success", true);
        f.member("mode", Plain(quote.mode.as_str()));
        f.member("token_in", Plain(quote.token_in.as_str()));
        f.member("token_out", Plain(quote.token_out.as_str()));
        amount(f, AMOUNT_IN, quote.amount_in, scale_in);
        amount(f, AMOUNT_OUT, quote.amount_out, scale_out);
        let unfilled = ("unfilled", "unfilled_atomic");
        match quote.mode {
            Mode::ExactIn => {
                let received = ("minimum_received", "minimum_received_atomic");
                amount(f, received, quote.bound, scale_out);
                amount(f, unfilled, quote.unfilled, scale_in);
            }
            Mode::ExactOut => {
                amount(f, ("maximum_sent", "maximum_sent_atomic"), quote.bound, scale_in);
                let requested = ("requested_out", "requested_out_atomic");
                amount(f, requested, quote.requested, scale_out);
                amount(f, unfilled, quote.unfilled, scale_out);
            }
        }
        f.member("price_impact_ppm", quote.price_impact_ppm);
        let (amount_out, amount_in) =
            ((quote.amount_out, scale_out.decimals), (quote.amount_in, scale_in.decimals));
        let price = ratio_floor(amount_out, amount_in, PRICE_DIGITS);
        let price = price.map(|value| Number { value, style: context.numbers });
        f.member("effective_price", price);
        f.member("route_type", quote.route_type());
        let steps = |route: &RouteQuote| route.hops.iter().map(|hop| hop.steps.len()).sum::<usize>();
        f.member("bins_used", quote.routes.iter().map(steps).sum::<usize>());
        f.member("fees", &With { item: FeeTotals(quote), scales });
        f.member("routes", &With { item: Routes(quote), scales });
        match (context.include_steps, scales.style) {
            (false, _) => {}
            (true, NumberStyle::Omitted) => f.member("steps", None::<bool>),
            (true, _) => f.member("steps", &With { item: Steps(quote), scales }),
        }
        f.member("state", StateSummary { quote, source: context.source, read_at_ms: context.read_at_ms });
        f.member("warnings", &Warnings { quote, context });
        if let Some(lost) = &quote.explained {
            f.member("explain", &With { item: Lost { quote, lost }, scales });
        }
        if let Some(plan) = plan {
            f.member("plan", PlanOf { plan, choice: quote.choice.as_ref() });
            f.member("drift", list(|f| f.items(&plan.drift)));
        }
    }

    /// The list of steps alone.
    pub(crate) fn steps(&self) -> String {
        let scales = Scales { table: self.context.decimals, style: self.context.numbers };
        to_json(&With { item: Steps(self.quote), scales })
    }
}

/// Fees of the whole answer, one entry per input token in order of first use.
struct FeeTotals<'a>(&'a Quote);

impl ToJson for With<'_, FeeTotals<'_>> {
    fn write(&self, out: &mut String) {
        let totals = self.item.0.fees();
        let entry = |(token, fees)| With { item: TokenFees { token, fees }, scales: self.scales };
        list(|f| f.items(totals.iter().map(|(token, fees)| entry((*token, fees))))).write(out);
    }
}

struct TokenFees<'a> {
    token: &'a Symbol,
    fees: &'a FeeParts,
}

impl ToJson for With<'_, TokenFees<'_>> {
    fn write(&self, out: &mut String) {
        let TokenFees { token, fees } = self.item;
        let scale = self.of(token);
        object(|f| {
            f.member("token", Plain(token.as_str()));
            amount(f, ("protocol", "protocol_atomic"), fees.protocol, scale);
            amount(f, ("provider", "provider_atomic"), fees.provider, scale);
            amount(f, ("variable", "variable_atomic"), fees.variable, scale);
            amount(f, ("total", "total_atomic"), fees.total(), scale);
        })
        .write(out);
    }
}

struct Routes<'a>(&'a Quote);

impl ToJson for With<'_, Routes<'_>> {
    fn write(&self, out: &mut String) {
        let quote = self.item.0;
        let inputs: Vec<_> = quote.routes.iter().map(|route| route.amount_in).gather();
        let shares = shares_ppm(&inputs);
        let scales = self.scales;
        list(|f| {
            for (&share_ppm, route) in shares.iter().zip(&quote.routes) {
                f.item(With { item: Route { share_ppm, route, quote }, scales });
            }
        })
        .write(out);
    }
}

struct Route<'a> {
    share_ppm: u32,
    route: &'a RouteQuote,
    quote: &'a Quote,
}

impl ToJson for With<'_, Route<'_>> {
    fn write(&self, out: &mut String) {
        let Route { share_ppm, route, quote } = self.item;
        object(|f| {
            f.member("share_ppm", share_ppm);
            amount(f, AMOUNT_IN, route.amount_in, self.of(&quote.token_in));
            amount(f, AMOUNT_OUT, route.amount_out, self.of(&quote.token_out));
            let hops = list(|f| f.items(route.hops.iter().map(|item| With { item, scales: self.scales })));
            f.member("hops", hops);
        })
        .write(out);
    }
}

impl ToJson for With<'_, &HopQuote> {
    fn write(&self, out: &mut String) {
        let hop = self.item;
        object(|f| {
            f.member("pool_id", Plain(hop.pool_id.as_str()));
            f.member("token_in", Plain(hop.token_in.as_str()));
            f.member("token_out", Plain(hop.token_out.as_str()));
            amount(f, AMOUNT_IN, hop.amount_in, self.of(&hop.token_in));
            amount(f, AMOUNT_OUT, hop.amount_out, self.of(&hop.token_out));
            let fees = TokenFees { token: &hop.token_in, fees: &hop.fees };
            f.member("fees", &With { item: fees, scales: self.scales });
            f.member("active_bin_before", hop.active_bin_before.get());
            f.member("active_bin_after", hop.active_bin_after.get());
        })
        .write(out);
    }
}

struct Steps<'a>(&'a Quote);

impl ToJson for With<'_, Steps<'_>> {
    fn write(&self, out: &mut String) {
        list(|f| {
            for (route, of_route) in self.item.0.routes.iter().enumerate() {
                for hop in &of_route.hops {
                    // Looked up once for all bins of a hop.
                    let scales = (self.of(&hop.token_in), self.of(&hop.token_out));
                    f.items(hop.steps.iter().map(|step| HopStep { route, hop, step, scales }));
                }
            }
        })
        .write(out);
    }
}

struct HopStep<'a> {
    route: usize,
    hop: &'a HopQuote,
    step: &'a Step,
    /// Of what goes in and of what comes out.
    scales: (Scale, Scale),
}

impl ToJson for HopStep<'_> {
    fn write(&self, out: &mut String) {
        let &HopStep { route, hop, step, scales: (scale_in, scale_out) } = self;
        let (scale_x, scale_y) = match hop.direction {
            Direction::XForY => (scale_in, scale_out),
            Direction::YForX => (scale_out, scale_in),
        };
        let fees = &step.fill.fees;
        if scale_in.style == NumberStyle::Omitted {
            // By name, so that it is its own canonical text.
            return object(|f| {
                f.member(AMOUNT_IN.1, Units(step.fill.taken));
                f.member(AMOUNT_OUT.1, Units(step.fill.given));
                f.member("bin_id", step.bin_id.get());
                f.member("fee_amount_atomic", Units(fees.total()));
                f.member("fee_protocol_atomic", Units(fees.protocol));
                f.member("fee_provider_atomic", Units(fees.provider));
                f.member("fee_variable_atomic", Units(fees.variable));
                f.member("pool_id", Plain(hop.pool_id.as_str()));
                f.member("route", route);
                f.member("token_in", Plain(hop.token_in.as_str()));
                f.member("token_out", Plain(hop.token_out.as_str()));
            })
            .write(out);
        }
        object(|f| {
            f.member("route", route);
            f.member("pool_id", Plain(hop.pool_id.as_str()));
            f.member("bin_id", step.bin_id.get());
            f.member("token_in", Plain(hop.token_in.as_str()));
            f.member("token_out", Plain(hop.token_out.as_str()));
            amount(f, AMOUNT_IN, step.fill.taken, scale_in);
            amount(f, AMOUNT_OUT, step.fill.given, scale_out);
            let value = step.bin.price.to_human(scale_x.decimals, scale_y.decimals);
            f.member("price", Number { value, style: scale_in.style });
            amount(f, ("fee_amount", "fee_amount_atomic"), fees.total(), scale_in);
            amount(f, ("fee_protocol", "fee_protocol_atomic"), fees.protocol, scale_in);
            amount(f, ("fee_provider", "fee_provider_atomic"), fees.provider, scale_in);
            amount(f, ("fee_variable", "fee_variable_atomic"), fees.variable, scale_in);
        })
        .write(out);
    }
}

struct Warnings<'a> {
    quote: &'a Quote,
    context: AnswerContext<'a>,
}

impl ToJson for Warnings<'_> {
    fn write(&self, out: &mut String) {
        list(|f| {
            f.items(self.quote.warnings.iter().map(WarningEntry));
            if self.context.source == Source::Sample {
                f.item(object(|f| {
                    f.member("code", "SAMPLE_STATE");
                    f.member("reason", "answered from the bundled sample, not from a market");
                }));
            }
        })
        .write(out);
    }
}

pub(super) struct WarningEntry<'a>(pub(super) &'a Warning);

impl ToJson for WarningEntry<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("code", self.0.code());
            match self.0 {
                Warning::PoolSkipped { key, reason } | Warning::StateSuspect { key, reason } => {
                    f.member("key", key);
                    f.member("reason", reason);
                }
                Warning::DecimalsAssumed { token } => {
                    f.member("token", Plain(token.as_str()));
                }
                Warning::AgeUnknown { pool_id } | Warning::FeeExempt { pool_id } => {
                    f.member("pool_id", Plain(pool_id.as_str()))
                }
                Warning::StateOld { pool_id, age_ms } => {
                    f.member("pool_id", Plain(pool_id.as_str()));
                    f.member("age_ms", age_ms);
                }
                Warning::HeartbeatInvalid { ahead_ms } => {
                    f.member("key", keys::METADATA);
                    f.member("ahead_ms", *ahead_ms);
                }
                // The bound itself says where it is capped, and null says the rest.
                Warning::MaximumSentCapped | Warning::PriceImpactUnknown => {}
                Warning::TimeAhead { pool_id, ahead_ms } => {
                    f.member("pool_id", Plain(pool_id.as_str()));
                    f.member("ahead_ms", ahead_ms);
                }
                Warning::CandidatesLimited { pools } => f.member("pools", pools),
                Warning::PartialFill { unfilled } => {
                    f.member("unfilled_atomic", Units(*unfilled));
                }
                Warning::KeysLimited { keys } => f.member("keys", keys),
                Warning::SearchLimited { limit } => f.member("limit", limit),
                Warning::SplitsLimited { wanted, allowed } => {
                    f.member("wanted", wanted);
                    f.member("allowed", allowed);
                }
                Warning::FilterUnknown { field, name } => {
                    f.member("field", field);
                    f.member("name", name);
                }
                Warning::BinsLimited { allowed } => f.member("allowed", allowed),
            }
        })
        .write(out);
    }
}

impl QuoteAnswer<'_> {
    /// Writes the answer as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}
