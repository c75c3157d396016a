//! The choices of pools that a trade may go through, one pool a hop.

use super::best::Finder;
use super::leg::Leg;
use crate::network::route::Path;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Choices that are looked at: a bound for networks of many pools.
const MAX_WAYS: usize = 256;

/// Every choice of pools, shorter paths first, up to a bound.
pub(super) fn all_ways<'a>(finder: &Finder<'a>) -> Vec<Rc<[Leg<'a>]>> {
    let mut ways = Vec::new();
    for path in &finder.candidates.paths {
        choose(finder, path, &mut Vec::new(), MAX_WAYS, &mut ways);
    }
    ways
}

/// Adds every choice of pools for the rest of a path, until there are `most` in all.
pub(super) fn choose<'a>(
    finder: &Finder<'a>,
    path: &'a Path,
    legs: &mut Vec<Leg<'a>>,
    most: usize,
    ways: &mut Vec<Rc<[Leg<'a>]>>,
) {
    let Some(hop) = path.hops.get(legs.len()) else {
        ways.push(legs.as_slice().into());
        return;
    };
    for &(at, direction) in &hop.pools {
        let Some(pool) = finder.pool(at) else { continue };
        if ways.len() >= most {
            return;
        }
        legs.push(Leg { at, pool, direction, hop });
        choose(finder, path, legs, most, ways);
        legs.pop();
    }
}
