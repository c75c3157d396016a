//! What a caller asks for.

use super::ask::PlanAsk;
use crate::error::QuoteError;
use crate::math::{Decimal, Unfit};
use crate::network::decimals::DecimalTable;
use crate::network::route::RouteFilter;
use crate::units::{Amount, DEFAULT_MAX_BINS, Symbol};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;

/// An amount as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AmountText {
    /// Whole tokens.
    Human(Decimal),
    /// Smallest units.
    Atomic(Amount),
}

/// Which side of a trade the caller fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// This much goes in; how much comes out?
    ExactIn,
    /// At least this much is to come out; how little goes in?
    ExactOut,
}

impl Mode {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExactIn => "exact_in",
            Self::ExactOut => "exact_out",
        }
    }
}

/// A checked request for a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteRequest {
    /// What goes in.
    pub token_in: Symbol,
    /// What comes out.
    pub token_out: Symbol,
    /// Which side is fixed.
    pub mode: Mode,
    /// How much goes in, or is to come out.
    pub amount: AmountText,
    /// Allowance for later price movement, 0..=10 000 bps.
    pub slippage_bps: u16,
    /// Hops a route may have, 1..=4.
    pub max_hops: u8,
    /// Routes in the answer at most; 0 means no limit.
    pub max_splits: u8,
    /// Bins one pool may visit, empty ones counted, 1..=1001.
    pub max_bins: u16,
    /// Whether a part may be answered where not all fits.
    pub allow_partial: bool,
    /// Which pools and tokens a route may use.
    pub filter: RouteFilter,
    /// Oldest state accepted.
    pub max_age_ms: Option<u64>,
    /// Oldest block whose state is accepted.
    pub min_block_height: Option<u64>,
    /// Whether suspect or skipped state is refused.
    pub strict: bool,
    /// Whether the answer names the candidates that lost.
    pub explain: bool,
    /// Whether the answer carries what it was computed from, and a digest.
    pub include_state: bool,
    /// Whether the answer lists the bins that took input.
    pub include_steps: bool,
    /// The plan that is asked for.
    pub plan: Option<PlanAsk>,
    /// Reads that the call which executes the quote may take.
    pub max_reads: Option<u16>,
}

/// Slippage allowance where the caller gives none.
pub const DEFAULT_SLIPPAGE_BPS: u16 = 50;
/// Hop limit where the caller gives none.
pub const DEFAULT_MAX_HOPS: u8 = 3;
/// Route limit where the caller gives none.
pub const DEFAULT_MAX_SPLITS: u8 = 4;

impl QuoteRequest {
    /// A request with the default limits.
    #[must_use]
    pub fn new(token_in: Symbol, token_out: Symbol, mode: Mode, amount: AmountText) -> Self {
        Self {
            token_in,
            token_out,
            mode,
            amount,
            slippage_bps: DEFAULT_SLIPPAGE_BPS,
            max_hops: DEFAULT_MAX_HOPS,
            max_splits: DEFAULT_MAX_SPLITS,
            max_bins: DEFAULT_MAX_BINS,
            allow_partial: false,
            filter: RouteFilter::default(),
            max_age_ms: None,
            min_block_height: None,
            strict: false,
            explain: false,
            include_state: false,
            include_steps: true,
            plan: None,
            max_reads: None,
        }
    }

    /// The token whose amount is fixed.
    #[must_use]
    pub const fn fixed_token(&self) -> &Symbol {
        match self.mode {
            Mode::ExactIn => &self.token_in,
            Mode::ExactOut => &self.token_out,
        }
    }

    /// Gives the fixed amount in smallest units of its token.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for zero and for digits below the smallest unit; `AMOUNT_OVERFLOW` above 128 bits.
    pub fn amount_units(&self, decimals: &DecimalTable) -> Result<Amount, QuoteError> {
        let token = self.fixed_token();
        let decimals = decimals.of(token).0;
        let field = match (self.mode, &self.amount) {
            (Mode::ExactIn, AmountText::Human(_)) => "amount_in",
            (Mode::ExactIn, AmountText::Atomic(_)) => "amount_in_atomic",
            (Mode::ExactOut, AmountText::Human(_)) => "amount_out",
            (Mode::ExactOut, AmountText::Atomic(_)) => "amount_out_atomic",
        };
        let units = match &self.amount {
            AmountText::Atomic(units) => *units,
            AmountText::Human(decimal) => decimal.to_units(decimals).map_err(|unfit| match unfit {
                Unfit::TooLarge => {
                    QuoteError::AmountOverflow { field: Some(field.to_owned()), warnings: Vec::new() }
                }
                Unfit::TooPrecise => QuoteError::InvalidRequest {
                    field: field.to_owned(),
                    reason: format!("has more fractional digits than the {decimals} decimals of {token}"),
                },
            })?,
        };
        if units == 0 {
            let reason = "must be greater than zero".to_owned();
            return Err(QuoteError::InvalidRequest { field: field.to_owned(), reason });
        }
        Ok(units)
    }
}
