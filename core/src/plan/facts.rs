//! What a pool value says of the contracts behind a pool.

use super::fault::unavailable;
use crate::clarity::Principal;
use crate::error::{PlanFault, QuoteError};
use crate::json::JsonText;
use crate::json::field::{self, picked};
use crate::quote::Quote;
use crate::stored::StoredPools;
use crate::units::{Direction, PoolId, Symbol};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

picked! {
    /// Fields of a pool value that a plan needs; a quote needs none of them.
    struct ContractFields {
        pool_contract,
        token_x_contract,
        token_y_contract,
        token_x_asset,
        token_y_asset,
        bin_step,
        fee_exempt,
    }
}

/// A token of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// Its contract.
    pub contract: Principal,
    /// What post-conditions call it: `STX`, or `<principal>::<asset>`.
    pub asset: String,
    text: String,
}

/// The contracts behind a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolFacts {
    /// The pool's.
    pub contract: Principal,
    /// Token X.
    pub x: TokenFacts,
    /// Token Y.
    pub y: TokenFacts,
    /// Spacing of the bins, bps; `None` where the value does not say.
    pub bin_step: Option<u16>,
    text: String,
}

impl PoolFacts {
    /// Reads the contracts of a pool value.
    ///
    /// # Errors
    /// What is missing or wrong, as a phrase that names the field.
    pub fn read(value: &str) -> Result<Self, String> {
        let fields = ContractFields::pick(value)?;
        let (contract, text) = principal("pool_contract", fields.pool_contract)?;
        Ok(Self {
            x: token(("token_x_contract", fields.token_x_contract), ("token_x_asset", fields.token_x_asset))?,
            y: token(("token_y_contract", fields.token_y_contract), ("token_y_asset", fields.token_y_asset))?,
            bin_step: fields.bin_step.and_then(|raw| field::whole("bin_step", raw, u16::MAX).ok()),
            contract,
            text,
        })
    }

    /// What goes in and what comes out.
    pub(super) const fn in_direction(&self, direction: Direction) -> (&TokenFacts, &TokenFacts) {
        match direction {
            Direction::XForY => (&self.x, &self.y),
            Direction::YForX => (&self.y, &self.x),
        }
    }

    /// The contract as text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Its principals with their texts.
    pub(super) fn names(&self) -> [(Principal, String); 3] {
        let name = |principal: &Principal, text: &str| (principal.clone(), text.to_string());
        [
            name(&self.contract, &self.text),
            name(&self.x.contract, &self.x.text),
            name(&self.y.contract, &self.y.text),
        ]
    }
}

/// Whether a plan takes the same from two pool values, of which one may write numbers as text.
pub(crate) fn have_same_contracts(one: &str, other: &str) -> bool {
    let texts = |value| {
        let fields = ContractFields::pick(value).ok()?;
        let fields = [
            fields.pool_contract,
            fields.token_x_contract,
            fields.token_y_contract,
            fields.token_x_asset,
            fields.token_y_asset,
            fields.bin_step,
        ];
        Some(fields.map(|raw| raw.map_or("", |raw| raw.get().trim_matches('"'))))
    };
    texts(one) == texts(other)
}

/// Whether a pool value names a sender among those that pay no fees.
#[must_use]
pub fn is_exempt(value: &str, sender: &str) -> bool {
    let exempt = ContractFields::pick(value).ok().and_then(|fields| fields.fee_exempt);
    let senders = exempt.and_then(|list| field::items(list.get()).ok()).unwrap_or_default();
    senders.into_iter().any(|item| field::text("", item).is_ok_and(|text| text == sender))
}

fn text(name: &str, raw: Option<JsonText<'_>>) -> Result<String, String> {
    field::text(name, field::required(name, raw)?).map(|text| text.into_owned())
}

fn principal(name: &str, raw: Option<JsonText<'_>>) -> Result<(Principal, String), String> {
    let text = text(name, raw)?;
    match Principal::parse(&text) {
        Ok(principal) if principal.contract().is_some() => Ok((principal, text)),
        Ok(_) => Err(format!("{name} is no contract")),
        Err(fault) => Err(format!("{name} is no principal: {fault}")),
    }
}

fn token(
    contract: (&str, Option<JsonText<'_>>),
    (name, asset): (&str, Option<JsonText<'_>>),
) -> Result<TokenFacts, String> {
    let (contract, of_contract) = principal(contract.0, contract.1)?;
    let asset = text(name, asset)?;
    let is_asset = asset == "STX"
        || asset.split_once(':').is_some_and(|(of, rest)| {
            // Looking for two characters at once would compile a search of its own.
            let asset = rest.strip_prefix(':').unwrap_or_default();
            !asset.is_empty() && (of == of_contract || Principal::parse(of).is_ok())
        });
    if !is_asset {
        return Err(format!("{name} is neither STX nor <principal>::<asset>"));
    }
    Ok(TokenFacts { contract, asset, text: of_contract })
}

/// The contracts of every pool of a quote, once each; tokens of one symbol must be of one contract.
pub(super) fn of_pools<'q, B>(
    quote: &'q Quote,
    stored: &StoredPools<B>,
) -> Result<Vec<(&'q PoolId, PoolFacts)>, QuoteError> {
    let mut pools: Vec<(&PoolId, PoolFacts)> = Vec::new();
    let mut tokens: Vec<(&Symbol, TokenFacts)> = Vec::new();
    for hop in quote.routes.iter().flat_map(|route| &route.hops) {
        if pools.iter().any(|(id, _)| *id == &hop.pool_id) {
            continue;
        }
        let value = stored.get(&hop.pool_id).and_then(|pool| pool.value.as_deref());
        let facts = value.ok_or_else(|| String::from("there is no value"));
        let facts = facts.and_then(PoolFacts::read).map_err(|reason| {
            unavailable(PlanFault::ContractsUnknown, format!("pool {}: {reason}", hop.pool_id))
        })?;
        let (token_in, token_out) = facts.in_direction(hop.direction);
        for (symbol, token) in [(&hop.token_in, token_in), (&hop.token_out, token_out)] {
            match tokens.iter().find(|(known, _)| *known == symbol) {
                Some((_, known)) if known != token => {
                    let what = format!("pool {} means another {symbol} than the others", hop.pool_id);
                    return Err(unavailable(PlanFault::ContractsDiffer, what));
                }
                Some(_) => {}
                None => tokens.push((symbol, token.clone())),
            }
        }
        pools.push((&hop.pool_id, facts));
    }
    Ok(pools)
}

/// Networks that addresses tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    Main,
    Test,
}

fn network(principal: &Principal) -> Option<Network> {
    match principal.version() {
        20 | 22 => Some(Network::Main),
        21 | 26 => Some(Network::Test),
        _ => None,
    }
}

/// Refuses principals of different networks: no transaction reaches both.
pub(super) fn check_network(
    router: &Principal,
    sender: &Principal,
    pools: &[(&PoolId, PoolFacts)],
) -> Result<(), QuoteError> {
    let other = |what: String| unavailable(PlanFault::OtherNetwork, what);
    let Some(home) = network(sender) else {
        return Err(other(format!("sender {sender} is of no known network")));
    };
    if network(router) != Some(home) {
        return Err(other(format!("router {router}, sender {sender}")));
    }
    for (id, facts) in pools {
        for contract in [&facts.contract, &facts.x.contract, &facts.y.contract] {
            if network(contract) != Some(home) {
                return Err(other(format!("{contract} of pool {id}, sender {sender}")));
            }
        }
    }
    Ok(())
}
