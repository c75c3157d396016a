//! From a flow to routes that are executed one after another.

use super::flow::Network;
use crate::gather::Gather;
use crate::sorted::sort_by;
use alloc::vec::Vec;

/// Part of the whole below which flow counts as rounding.
const NOTHING: f64 = 1e-13;

/// A route as planned: its arcs, and how much goes in and comes out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planned {
    pub(crate) arcs: Vec<usize>,
    pub(crate) input: f64,
    pub(crate) output: f64,
}

/// Splits the flow of a network into routes, those with most flow first.
///
/// Routes that share a pool are priced in the order of execution, so the first takes the better bins. Each
/// route gets the most that no arc on it exceeds what the flow gave it; that spends at least one arc a route.
pub(crate) fn decompose(network: &Network<'_>) -> Vec<Planned> {
    let mut rest = Rest::of(network);
    // Every route spends an arc, so there are no more routes than arcs.
    let routes = (0..network.arcs.len()).map_while(|_| {
        let mut arcs = Vec::new();
        let found = widest(network, &|arc| rest.left(arc), network.source, &mut Vec::new(), &mut arcs);
        if found { rest.take(network, arcs) } else { None }
    });
    routes.gather()
}

/// As [`decompose`], along these paths in their order.
pub(crate) fn decompose_along(network: &Network<'_>, paths: &[Vec<usize>]) -> Vec<Planned> {
    let mut rest = Rest::of(network);
    paths.iter().filter_map(|arcs| rest.take(network, arcs.clone())).gather()
}

/// Flow that no route has taken yet.
struct Rest {
    totals: Vec<f64>,
    before: Vec<f64>,
}

impl Rest {
    fn of(network: &Network<'_>) -> Self {
        let totals = network.arcs.iter().map(super::arc::PoolArc::total_in).gather();
        Self { totals, before: network.arcs.iter().map(|_| 0.0).gather() }
    }

    fn left(&self, arc: usize) -> f64 {
        match (self.totals.get(arc), self.before.get(arc)) {
            (Some(total), Some(taken)) if total - taken > total * NOTHING => total - taken,
            _ => 0.0,
        }
    }

    fn take(&mut self, network: &Network<'_>, arcs: Vec<usize>) -> Option<Planned> {
        let input = most_along(network, &arcs, &self.before, &|arc| self.left(arc));
        if input <= 0.0 {
            return None;
        }
        let mut amount = input;
        for &arc in &arcs {
            let (Some(taken), Some(curve)) = (self.before.get_mut(arc), network.arcs.get(arc)) else {
                continue;
            };
            let given = curve.output(*taken, amount);
            *taken += amount;
            amount = given;
        }
        Some(Planned { arcs, input, output: amount })
    }
}

/// Follows the arcs with most flow left, back out of dead ends, within the hop limit.
fn widest(
    network: &Network<'_>,
    left: &impl Fn(usize) -> f64,
    node: usize,
    passed: &mut Vec<usize>,
    arcs: &mut Vec<usize>,
) -> bool {
    if node == network.sink {
        return true;
    }
    if arcs.len() >= network.max_hops {
        return false;
    }
    passed.push(node);
    let mut ways: Vec<usize> = (0..network.arcs.len())
        .filter(|&index| {
            network.arcs.get(index).is_some_and(|arc| arc.from == node && !passed.contains(&arc.to))
                && left(index) > 0.0
        })
        .gather();
    // The sort is stable, so of equals the lower pool id comes first.
    sort_by(&mut ways, |&a, &b| left(b).total_cmp(&left(a)));
    for index in ways {
        arcs.push(index);
        let to = network.arcs.get(index).map_or(node, |arc| arc.to);
        if widest(network, left, to, passed, arcs) {
            passed.pop();
            return true;
        }
        arcs.pop();
    }
    passed.pop();
    false
}

/// The most that fits along the arcs, in units of the first one's input.
fn most_along(network: &Network<'_>, arcs: &[usize], before: &[f64], left: &impl Fn(usize) -> f64) -> f64 {
    let mut inputs: Vec<f64> = Vec::with_capacity(arcs.len());
    let taken = |arc: usize| before.get(arc).copied().unwrap_or(0.0);
    let mut amount = f64::INFINITY;
    for (hop, &arc) in arcs.iter().enumerate() {
        let room = left(arc);
        if amount > room {
            // Walk the bound back to the first hop.
            let mut wanted = room;
            for earlier in (0..hop).rev() {
                let (Some(&index), Some(input)) = (arcs.get(earlier), inputs.get_mut(earlier)) else {
                    continue;
                };
                if let Some(curve) = network.arcs.get(index) {
                    wanted = curve.input_for(taken(index), wanted).min(*input).max(0.0);
                    *input = wanted;
                }
            }
            amount = room;
        }
        inputs.push(amount);
        if let Some(curve) = network.arcs.get(arc) {
            amount = curve.output(taken(arc), amount);
        }
    }
    inputs.first().copied().unwrap_or(0.0)
}
