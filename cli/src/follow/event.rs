//! A print of the core contract, read: what it does to which pool.

use std::sync::Arc;

use dlmm_core::clarity::{Principal, Value};
use dlmm_core::units::BinId;

use super::pool::{BINS, CENTRE, FEES, Factors, Pool};

/// What a print says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event<'v> {
    /// Factors of a bin step; `None` where they cannot be used.
    BinStep { step: u128, factors: Option<Factors> },
    /// Something about one pool.
    Pool { contract: Principal, data: Data<'v>, action: Action },
    /// Known, and nothing that a quote needs.
    Idle,
    /// No action that is known here.
    Unknown,
}

/// What happens to a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    /// A swap in one bin, or liquidity that came or went.
    Swap,
    Liquidity,
    Move,
    /// These fees are new.
    Fees(&'static [&'static str]),
    ResetVariableFees,
    Status,
    Exemption,
    /// The pool's later events come from another core.
    MovedAway,
    /// The pool comes from another core, with a past that is unknown here.
    MovedHere,
}

/// Actions of the core that change nothing a quote needs.
const IDLE: [&str; 12] = [
    "claim-protocol-fees",
    "set-pool-uri",
    "set-fee-address",
    "set-variable-fees-manager",
    "set-variable-fees-cooldown",
    "set-freeze-variable-fees-manager",
    "set-dynamic-config",
    "set-minimum-shares",
    "set-minimum-burnt-shares",
    "set-public-pool-creation",
    "add-admin",
    "remove-admin",
];

/// Reads a print.
///
/// # Errors
/// What is wrong with it, where it cannot even be said whose it is.
pub(crate) fn read(value: &Value) -> Result<Event<'_>, String> {
    let Some(action) = value.field("action").and_then(Value::as_text) else { return Ok(Event::Unknown) };
    let data = || value.field("data").map(Data).ok_or_else(|| "it has no data".to_owned());
    let action = match action {
        "add-bin-step" => return bin_step(&data()?),
        "create-pool" => Action::Create,
        "swap-x-for-y" | "swap-y-for-x" => Action::Swap,
        "add-liquidity" | "withdraw-liquidity" => Action::Liquidity,
        "move-liquidity" => Action::Move,
        "set-x-fees" => Action::Fees(&["x_protocol_fee", "x_provider_fee", "x_variable_fee"]),
        "set-y-fees" => Action::Fees(&["y_protocol_fee", "y_provider_fee", "y_variable_fee"]),
        "set-variable-fees" => Action::Fees(&["x_variable_fee", "y_variable_fee"]),
        "reset-variable-fees" => Action::ResetVariableFees,
        "set-pool-status" => Action::Status,
        "set-swap-fee-exemption" => Action::Exemption,
        "migrate-pool" => Action::MovedAway,
        "accept-migrated-pool" => Action::MovedHere,
        known if IDLE.contains(&known) => return Ok(Event::Idle),
        _ => return Ok(Event::Unknown),
    };
    let data = data()?;
    Ok(Event::Pool { contract: data.contract("pool-contract")?, data, action })
}

/// A table that cannot be used is none: pools of its step are left out.
fn bin_step<'v>(data: &Data<'_>) -> Result<Event<'v>, String> {
    let step = data.uint("step")?;
    let factors = data.0.field("factors").and_then(Value::as_list);
    let factors: Option<Vec<u128>> = factors.and_then(|factors| factors.iter().map(Value::as_uint).collect());
    let factors = factors.filter(|factors| factors.len() == BINS).map(Arc::from);
    Ok(Event::BinStep { step, factors })
}

/// The named values of a print.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Data<'v>(pub(crate) &'v Value);

impl Data<'_> {
    fn field(&self, name: &str) -> Result<&Value, String> {
        self.0.field(name).ok_or_else(|| format!("{name} is missing"))
    }

    fn of_type<T>(&self, name: &str, kind: &str, read: impl Fn(&Value) -> Option<T>) -> Result<T, String> {
        let value = self.field(name)?;
        read(value).ok_or_else(|| format!("{name} is a {}, not a {kind}", value.type_name()))
    }

    pub(crate) fn uint(&self, name: &str) -> Result<u128, String> {
        self.of_type(name, "uint", Value::as_uint)
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<bool, String> {
        self.of_type(name, "bool", Value::as_bool)
    }

    pub(crate) fn principal(&self, name: &str) -> Result<String, String> {
        self.of_type(name, "principal", |value| value.as_principal().map(ToString::to_string))
    }

    /// A principal that is a contract.
    pub(crate) fn contract(&self, name: &str) -> Result<Principal, String> {
        self.of_type(name, "contract", |value| {
            value.as_principal().filter(|one| one.contract().is_some()).cloned()
        })
    }

    /// An id that is counted from 0.
    pub(crate) fn bin(&self, name: &str) -> Result<BinId, String> {
        let id = self.uint(name)?;
        let bin = u16::try_from(id).ok().and_then(BinId::new);
        bin.ok_or_else(|| format!("{name} is {id}, outside of 0 to 1000"))
    }

    /// An id that is counted from the centre.
    pub(crate) fn centred_bin(&self, name: &str) -> Result<BinId, String> {
        let id = self.of_type(name, "int", Value::as_int)?;
        let bin = id.checked_add(CENTRE.into()).and_then(|id| BinId::new(u16::try_from(id).ok()?));
        bin.ok_or_else(|| format!("{name} is {id}, outside of -500 to 500"))
    }

    /// The named fees in place of those of before.
    pub(crate) fn fees(&self, before: [u16; 6], named: &[&str]) -> Result<[u16; 6], String> {
        let mut fees = before;
        for (fee, name) in fees.iter_mut().zip(FEES).filter(|(_, name)| named.contains(name)) {
            let name = name.replace('_', "-");
            let bps = self.uint(&name)?;
            let fits = u16::try_from(bps).ok().filter(|bps| *bps < 10_000);
            *fee = fits.ok_or_else(|| format!("{name} is {bps} bps, more than all"))?;
        }
        if Pool::fees_fit(fees) {
            Ok(fees)
        } else {
            Err("the fees of a side add up to 10000 bps or more".to_owned())
        }
    }
}
