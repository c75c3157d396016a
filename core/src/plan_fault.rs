//! Why there is no plan of a quote.

/// Why a quote has no plan. The words are API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanFault {
    /// No router contract is set.
    NoRouter,
    /// The router's calls are not known.
    RouterUnknown,
    /// The value of a pool does not name its contracts.
    ContractsUnknown,
    /// Pools mean different contracts by one symbol.
    ContractsDiffer,
    /// Sender, router and pools are not of one network.
    OtherNetwork,
    /// The mode cannot execute the quote.
    ModeImpossible,
    /// The quote does not fill the whole request.
    PartUnfilled,
    /// A bin has no exact price.
    PriceInexact,
}

impl PlanFault {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Self; 8] = [
        Self::NoRouter,
        Self::RouterUnknown,
        Self::ContractsUnknown,
        Self::ContractsDiffer,
        Self::OtherNetwork,
        Self::ModeImpossible,
        Self::PartUnfilled,
        Self::PriceInexact,
    ];

    /// The words for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoRouter => "no router",
            Self::RouterUnknown => "router unknown",
            Self::ContractsUnknown => "contracts unknown",
            Self::ContractsDiffer => "contracts differ",
            Self::OtherNetwork => "other network",
            Self::ModeImpossible => "mode impossible",
            Self::PartUnfilled => "part of the input unfilled",
            Self::PriceInexact => "price inexact",
        }
    }
}
