//! The call of the router: function, entries, arguments.

use super::fault::unavailable;
use super::order;
use super::router::Router;
use super::side::{Side, share};
use crate::clarity::{Tuple, Value};
use crate::error::{PlanFault, QuoteError};
use crate::gather::Gather;
use crate::pool::walk::Step;
use crate::quote::{PlanMode, Quote, Visits};
use crate::units::{Amount, BinId, Direction};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Entries behind the last bin of each pool, for states in which its bins hold less.
const SPARE: usize = 3;

/// The id of the bin in the middle, which the contracts call 0.
const CENTRE: i128 = 500;

/// What the caller is to get.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) quote: &'a Quote,
    pub(super) minimum: Amount,
    pub(super) slippage_bps: u16,
}

/// One bin of a list.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) side: Side<'a>,
    pub(super) bin: BinId,
    /// What goes in, where entries have amounts.
    pub(super) amount: Amount,
    pub(super) minimum: Amount,
}

/// A call of the router.
pub(super) enum Call<'a> {
    /// One pool, as many bins as it takes.
    Simple { side: Side<'a>, amount: Amount, minimum: Amount },
    /// Pools of one pair; every entry takes what is left.
    Same { entries: Vec<Entry<'a>>, amount: Amount, minimum: Amount, unfavourable: u128 },
    /// Every entry with its own amount.
    Swap { entries: Vec<Entry<'a>> },
}

pub(super) fn of<'a>(
    mode: PlanMode,
    routes: &[&[Side<'a>]],
    terms: &Terms<'_>,
    router: &Router,
) -> Result<Call<'a>, QuoteError> {
    let Terms { quote, minimum, slippage_bps } = *terms;
    let amount = quote.amount_in;
    if let (PlanMode::Simple, [[side]]) = (mode, routes) {
        return Ok(Call::Simple { side: *side, amount, minimum });
    }
    if !router.has_lists {
        let what = format!("{} has no function that takes several pools or single bins", router.name);
        return Err(unavailable(PlanFault::ModeImpossible, what));
    }
    let sides = match mode {
        PlanMode::Explicit => routes.iter().copied().flatten().copied().gather(),
        _ => order::last_amid(routes),
    };
    let share_of = |given| share(minimum, given, quote.amount_out);
    let mut entries = Vec::new();
    for side in &sides {
        entries.extend(visits(side).map(|(bin, step)| Entry {
            side: *side,
            bin,
            amount: step.map_or(1, |step| step.fill.taken),
            minimum: step.map_or(0, |step| share_of(step.fill.given)),
        }));
    }
    match mode {
        PlanMode::Explicit => Ok(Call::Swap { entries }),
        PlanMode::Strict => Ok(Call::Same { entries, amount, minimum, unfavourable: 0 }),
        PlanMode::Simple | PlanMode::Auto => {
            entries.iter_mut().for_each(|entry| entry.minimum = 0);
            if slippage_bps > 0 {
                // Behind all others: on the state of the quote nothing is left for them.
                entries.extend(sides.iter().flat_map(spare));
                entries.truncate(usize::from(router.max_bins));
            }
            let allowed = |entry: &Entry<'_>| match entry.side.facts.bin_step {
                Some(step) => u128::from(slippage_bps.checked_div(step).unwrap_or(0)),
                None => 0,
            };
            let unfavourable = entries.iter().map(allowed).sum();
            Ok(Call::Same { entries, amount, minimum, unfavourable })
        }
    }
}

/// The bins that a hop visits, and what those that trade do.
fn visits<'a>(side: &Side<'a>) -> impl Iterator<Item = (BinId, Option<&'a Step>)> {
    let direction = side.hop.direction;
    let mut next = Some(side.hop.active_bin_before);
    let mut steps = side.hop.steps.iter().peekable();
    core::iter::from_fn(move || {
        let step = steps.peek()?;
        let bin = next?;
        next = bin.next(direction);
        let trades = step.bin_id == bin;
        Some((bin, if trades { steps.next() } else { None }))
    })
}

/// Bins behind the last one of a pool.
fn spare<'a>(side: &Side<'a>) -> impl Iterator<Item = Entry<'a>> {
    let (side, direction) = (*side, side.hop.direction);
    let last = side.hop.steps.last().map(|step| step.bin_id);
    let behind = core::iter::successors(last, move |bin| bin.next(direction)).skip(1).take(SPARE);
    behind.map(move |bin| Entry { side, bin, amount: 0, minimum: 0 })
}

impl<'a> Call<'a> {
    /// The function of the router.
    pub(super) fn function(&self, router: &Router) -> String {
        let way = |side: &Side<'_>| match side.hop.direction {
            Direction::XForY => "x-for-y",
            Direction::YForX => "y-for-x",
        };
        match self {
            Self::Simple { side, .. } => format!("swap-{}-{}", way(side), router.simple),
            Self::Same { entries, .. } => {
                let way = entries.first().map_or("x-for-y", |entry| way(&entry.side));
                format!("swap-{way}-same-multi")
            }
            Self::Swap { .. } => String::from("swap-multi"),
        }
    }

    /// The hops that it goes through, some of them repeatedly.
    pub(super) fn sides(&self) -> Vec<Side<'a>> {
        match self {
            Self::Simple { side, .. } => Vec::from([*side]),
            Self::Same { entries, .. } | Self::Swap { entries } => {
                let mut sides: Vec<Side<'a>> = Vec::new();
                for entry in entries {
                    if sides.iter().all(|side| !core::ptr::eq(side.hop, entry.side.hop)) {
                        sides.push(entry.side);
                    }
                }
                sides
            }
        }
    }

    /// The arguments, in order.
    pub(super) fn args(&self, router: &Router) -> Vec<Value> {
        match self {
            Self::Simple { side, amount, minimum } => {
                let mut args = Vec::with_capacity(7);
                args.push(Value::Principal(side.facts.contract.clone()));
                args.extend(tokens(side));
                args.extend([Value::Uint(*amount), Value::Uint(*minimum)]);
                if router.has_range {
                    args.extend([Value::Uint(router.max_bins.into()), Value::None]);
                }
                args
            }
            Self::Same { entries, amount, minimum, unfavourable } => {
                let list = entries.iter().map(|entry| {
                    tuple([
                        ("expected-bin-id", bin_id(entry.bin)),
                        ("min-received", Value::Uint(entry.minimum)),
                        ("pool-trait", Value::Principal(entry.side.facts.contract.clone())),
                    ])
                });
                let mut args = Vec::from([Value::List(list.gather())]);
                args.extend(entries.first().into_iter().flat_map(|entry| tokens(&entry.side)));
                args.extend([*amount, *minimum, *unfavourable].map(Value::Uint));
                args
            }
            Self::Swap { entries } => {
                let list = entries.iter().map(|entry| {
                    let Side { hop, facts, .. } = entry.side;
                    let [x, y] = tokens(&entry.side);
                    tuple([
                        ("amount", Value::Uint(entry.amount)),
                        ("expected-bin-id", bin_id(entry.bin)),
                        ("min-received", Value::Uint(entry.minimum)),
                        ("pool-trait", Value::Principal(facts.contract.clone())),
                        ("x-for-y", Value::Bool(hop.direction == Direction::XForY)),
                        ("x-token-trait", x),
                        ("y-token-trait", y),
                    ])
                });
                Vec::from([Value::List(list.gather()), Value::Uint(0)])
            }
        }
    }

    /// Bins that a call of so many reads would visit, counted from its first.
    pub(super) fn bins_that_fit(&self, mode: PlanMode, limit: u32) -> u32 {
        let mut fitting = Visits::default();
        let mut fits = |trades: bool| {
            let more = fitting.and(trades);
            let fits = more.reads(mode == PlanMode::Explicit) <= limit;
            if fits {
                fitting = more;
            }
            fits
        };
        match self {
            Self::Simple { side, .. } => visits(side).all(|(_, step)| fits(step.is_some())),
            Self::Same { entries, .. } | Self::Swap { entries } => {
                let trades = |entry: &Entry<'_>| {
                    entry.side.hop.steps.binary_search_by(|step| in_order(entry, step)).is_ok()
                };
                entries.iter().all(|entry| fits(trades(entry)))
            }
        };
        fitting.all()
    }
}

/// Where a step stands from an entry, in the order of the walk.
fn in_order(entry: &Entry<'_>, step: &Step) -> core::cmp::Ordering {
    match entry.side.hop.direction {
        Direction::XForY => entry.bin.cmp(&step.bin_id),
        Direction::YForX => step.bin_id.cmp(&entry.bin),
    }
}

fn tokens(side: &Side<'_>) -> [Value; 2] {
    [&side.facts.x, &side.facts.y].map(|token| Value::Principal(token.contract.clone()))
}

fn bin_id(bin: BinId) -> Value {
    Value::Int(i128::from(bin.get()) - CENTRE)
}

fn tuple<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    // The names above are sound and in order.
    Tuple::new(entries).map_or(Value::None, Value::Tuple)
}
