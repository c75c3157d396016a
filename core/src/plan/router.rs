//! The routers whose calls are known.

use super::fault::unavailable;
use crate::clarity::Principal;
use crate::error::{PlanFault, QuoteError};
use alloc::format;
use alloc::string::String;

/// What a router's functions are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Router {
    /// The contract's name, whoever deployed it.
    pub name: &'static str,
    /// Whether calls of it were run; what is only told of a router is not proven. It holds for the contract of a known
    /// deployer alone: anybody may give a contract this name.
    pub proven: bool,
    /// Bins that one call visits at most: the length of its lists and the rounds of its loops.
    pub max_bins: u16,
    /// The end of the name of the function for one pool: `swap-x-for-y` and this.
    pub simple: &'static str,
    /// Whether that function takes a number of steps and a deadline behind the minimum.
    pub has_range: bool,
    /// Whether there are `same-multi` and `swap-multi`.
    pub has_lists: bool,
}

/// The routers, as `docs/plans.md` lists them.
pub static ROUTERS: [Router; 2] = [
    Router {
        name: "dlmm-swap-router-v-1-1",
        proven: true,
        max_bins: 350,
        simple: "simple-multi",
        has_range: false,
        has_lists: true,
    },
    Router {
        name: "dlmm-swap-router-v-1-2",
        proven: false,
        max_bins: 319,
        simple: "simple-range-multi",
        has_range: true,
        has_lists: false,
    },
];

/// Who deployed the public source: on mainnet, and on the simulator on which its calls were run.
const DEPLOYERS: [&str; 2] =
    ["SP1PFR4V08H1RAZXREBGFFQ59WB739XM8VVGTFSEA", "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM"];

/// The principal of the router that is set, what its functions are like, and whether its calls are proven.
pub(super) fn find(set: Option<&str>) -> Result<(Principal, &'static Router, bool), QuoteError> {
    let Some(text) = set else {
        let what = String::from("no router contract is set: STACKS_ROUTER of a service, router of an engine");
        return Err(unavailable(PlanFault::NoRouter, what));
    };
    let unknown = || unavailable(PlanFault::RouterUnknown, format!("router {text}"));
    let principal = Principal::parse(text).map_err(|_| unknown())?;
    let router = ROUTERS.iter().find(|router| principal.contract() == Some(router.name));
    let router = router.ok_or_else(unknown)?;
    let deployer = text.split('.').next().unwrap_or_default();
    Ok((principal, router, router.proven && DEPLOYERS.contains(&deployer)))
}
