//! The fields of a quote request: each has one row here, and no other list of them is kept by hand.
//!
//! Reading, the request inside of a verifiable quote and the options of the command line go by the rows.
//! `docs/openapi.json`, the table in `docs/http.md` and the type of the package are written from them by
//! `UPDATE_DOCS=1 cargo test -p dlmm-core --test request_docs`; the same test holds them to it.

use crate::network::route::MAX_HOPS;
use crate::quote::{AmountText, Mode, QuoteRequest};
use crate::sorted::SortedSet;
use crate::units::{BinId, PoolId, Symbol};
use alloc::string::{String, ToString};

/// Where the value of a field stands in a request.
type At<T> = fn(&mut QuoteRequest) -> &mut T;

/// Names a list may hold.
pub const MAX_NAMES: usize = 100;

/// What a field may be, and where it stands in a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Place {
    /// A symbol that no request is without.
    Token(At<Symbol>),
    /// An amount in whole tokens; a request has one amount.
    Human(Mode),
    /// An amount in smallest units; a request has one amount.
    Atomic(Mode),
    /// A whole number of these bounds.
    Small(At<u8>, u8, u8),
    /// A whole number of these bounds.
    Number(At<u16>, u16, u16),
    /// A whole number, or no limit.
    Milliseconds(At<Option<u64>>),
    /// A height of the chain, or no limit.
    Height(At<Option<u64>>),
    /// True or false.
    Flag(At<bool>),
    /// True is another word for `max_hops` 1, whatever that says.
    DirectOnly,
    /// Pool ids; none is no limit.
    Pools(At<SortedSet<PoolId>>),
    /// Symbols, or no limit.
    Tokens(At<Option<SortedSet<Symbol>>>),
    /// A whole number of these bounds, or no limit.
    Limit(At<Option<u16>>, u16, u16),
    /// The plan that is asked for, as an object.
    Plan,
    /// One field of that object, for those who cannot write objects.
    PlanPart(PlanPart),
}

/// A field of the plan that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanPart {
    /// Who will sign.
    Sender,
    /// How it is to be executed.
    Mode,
    /// Whether exemption from fees counts.
    FeeExempt,
}

impl PlanPart {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sender, Self::Mode, Self::FeeExempt];

    /// Its name within the object.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Mode => "mode",
            Self::FeeExempt => "fee_exempt",
        }
    }
}

/// A field of a request.
#[derive(Debug)]
pub struct RequestField {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub place: Place,
}

/// What people read about a field.
#[derive(Debug)]
pub struct About {
    /// What its value is called in the help of the command line.
    pub value_name: &'static str,
    /// What it means, in sentences.
    pub meaning: &'static str,
    /// Sections of `docs/http.md` that tell more.
    pub sections: &'static [&'static str],
}

macro_rules! request_fields {
    ($($name:ident: $place:expr, $value_name:literal, $meaning:literal $(, see $section:literal)?;)+) => {
        const COUNT: usize = [$($value_name),+].len();

        /// Every field, in the order in which values are looked at: the first that is wrong is the one that is named.
        pub(crate) static FIELDS: [RequestField; COUNT] =
            [$(RequestField { name: stringify!($name), place: $place }),+];

        // Not in the rows of `FIELDS`: whoever only reads requests does not carry it.
        static ABOUT: [About; COUNT] = [$(About {
            value_name: $value_name,
            meaning: $meaning,
            sections: &[$($section)?],
        }),+];
    };
}

request_fields! {
    token_in: Place::Token(|r| &mut r.token_in), "SYMBOL",
        "Token that goes in.";
    token_out: Place::Token(|r| &mut r.token_out), "SYMBOL",
        "Token that comes out; another one than `token_in`.";
    amount_in: Place::Human(Mode::ExactIn), "DECIMAL",
        "Exact in: what goes in, in whole tokens, fees included. Digits beyond the token's decimals are refused.";
    amount_in_atomic: Place::Atomic(Mode::ExactIn), "UNITS",
        "Exact in: what goes in, in smallest units.";
    amount_out: Place::Human(Mode::ExactOut), "DECIMAL",
        "Exact out: at least this much must come out, in whole tokens.";
    amount_out_atomic: Place::Atomic(Mode::ExactOut), "UNITS",
        "Exact out: at least this much must come out, in smallest units.";
    slippage_bps: Place::Number(|r| &mut r.slippage_bps, 0, 10_000), "BPS",
        "Slippage tolerance in bps: how much less than `amount_out` (exact in), or more than `amount_in` (exact out), you would accept.";
    max_hops: Place::Small(|r| &mut r.max_hops, 1, MAX_HOPS), "HOPS",
        "Pools in a row, at most.";
    max_splits: Place::Small(|r| &mut r.max_splits, 0, 100), "ROUTES",
        "Routes in the answer, at most; 0 for no limit.";
    max_bins: Place::Number(|r| &mut r.max_bins, 1, BinId::MAX.get() + 1), "BINS",
        "Bins that one pool may visit over the whole answer, empty ones included. 270 is what one transaction bears with room to spare.", see "Plan";
    direct_only: Place::DirectOnly, "BOOL",
        "Only pools that trade the pair itself; the same as `max_hops` 1.";
    allow_partial: Place::Flag(|r| &mut r.allow_partial), "BOOL",
        "Answer with the part that fits instead of refusing.";
    strict: Place::Flag(|r| &mut r.strict), "BOOL",
        "Refuse state that is broken or contradicts itself.";
    explain: Place::Flag(|r| &mut r.explain), "BOOL",
        "Add `explain`, the candidates that lost.", see "Explain";
    include_state: Place::Flag(|r| &mut r.include_state), "BOOL",
        "Add `input`, everything the answer was computed from, and `digest`, so that it can be verified.",
        see "Verifying a quote";
    include_steps: Place::Flag(|r| &mut r.include_steps), "BOOL",
        "List the bins that took input, as `steps`; an answer over many bins is much shorter without.";
    max_age_ms: Place::Milliseconds(|r| &mut r.max_age_ms), "MS",
        "Refuse state that is older than this many milliseconds, and state of unknown age.", see "Age";
    min_block_height: Place::Height(|r| &mut r.min_block_height), "HEIGHT",
        "Refuse state of an earlier block than this one, and state of an unknown block.", see "Block height";
    pools: Place::Pools(|r| &mut r.filter.pools), "IDS",
        "Use only these pools. One that does not exist is refused.";
    exclude_pools: Place::Pools(|r| &mut r.filter.exclude_pools), "IDS",
        "Use none of these pools. One that does not exist is told by the warning `FILTER_UNKNOWN`.";
    via: Place::Tokens(|r| &mut r.filter.via), "SYMBOLS",
        "Pass only through these tokens. One that no pool holds is told by the warning `FILTER_UNKNOWN`.";
    max_reads: Place::Limit(|r| &mut r.max_reads, 55, 14_250), "READS",
        "Reads that the transaction may take: the best quote within them is looked for.", see "Plan";
    plan: Place::Plan, "JSON",
        "Add `plan`, the call of the router contract that executes the quote for `sender`, and `drift`.", see "Plan";
    plan_sender: Place::PlanPart(PlanPart::Sender), "PRINCIPAL",
        "The same as `sender` in `plan`: who will sign.", see "Plan";
    plan_mode: Place::PlanPart(PlanPart::Mode), "MODE",
        "The same as `mode` in `plan`: auto, simple, strict or explicit.", see "Plan";
    plan_fee_exempt: Place::PlanPart(PlanPart::FeeExempt), "BOOL",
        "The same as `fee_exempt` in `plan`: quote without fees where a pool exempts the sender.", see "Plan";
}

/// Every field of a request with what people read about it.
pub fn request_fields() -> impl Iterator<Item = (&'static RequestField, &'static About)> {
    FIELDS.iter().zip(&ABOUT)
}

impl RequestField {
    /// What an absent field counts as, as JSON; `None` where that is no limit, or the field cannot be absent.
    #[must_use]
    pub fn default_value(&self) -> Option<String> {
        let token = Symbol::new("A").ok()?;
        let mut request = QuoteRequest::new(token.clone(), token, Mode::ExactIn, AmountText::Atomic(1));
        match &self.place {
            Place::Small(at, ..) => Some(at(&mut request).to_string()),
            Place::Number(at, ..) => Some(at(&mut request).to_string()),
            Place::Flag(at) => Some(at(&mut request).to_string()),
            Place::DirectOnly => Some(false.to_string()),
            _ => None,
        }
    }
}
