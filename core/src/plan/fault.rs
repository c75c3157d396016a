//! Why there is no plan.

use crate::error::{PlanFault, QuoteError};
use alloc::string::String;
use alloc::vec::Vec;

pub(super) fn unavailable(reason: PlanFault, what: String) -> QuoteError {
    QuoteError::PlanUnavailable { reason, what, warnings: Vec::new() }
}
