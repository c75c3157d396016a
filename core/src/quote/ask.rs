//! The plan that a request may ask for.

use alloc::string::String;

/// How a quote is to be executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanMode {
    /// `simple` where the pools allow it, else `explicit`.
    #[default]
    Auto,
    /// One minimum for the whole; bins may move.
    Simple,
    /// An expected bin and a minimum for every bin.
    Strict,
    /// Every bin with an amount of its own.
    Explicit,
}

impl PlanMode {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Simple, Self::Strict, Self::Explicit];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Simple => "simple",
            Self::Strict => "strict",
            Self::Explicit => "explicit",
        }
    }
}

/// A plan that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanAsk {
    /// Who will sign: the principal whose tokens go in.
    pub sender: String,
    /// How it is to be executed.
    pub mode: PlanMode,
    /// Whether pools that name the sender in `fee_exempt` are quoted without fees.
    pub fee_exempt: bool,
}
