//! Where pools stand after routes went through them.

use super::leg::Leg;
use crate::network::route::MAX_HOPS;
use crate::pool::walk::Cursor;
use crate::units::{Amount, Direction};
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Where the pools of a route stand, hop by hop; `None` where nothing went through them.
pub(super) type Route = [Option<(Direction, Cursor)>; MAX_HOPS as usize];

/// Where the pools of a route stand after it, hop by hop.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stand {
    pub(super) cursors: Route,
    /// The least amount that a hop takes, less its fee, or gives.
    pub(super) smallest: Amount,
}

/// Where pools stand after the routes of an answer, by candidate index.
///
/// What was passed is kept once a route and shared: a search makes thousands of answers that differ in one route.
#[derive(Clone, Debug, Default)]
pub(super) struct Stands {
    routes: Vec<Rc<Stand>>,
    places: Vec<Place>,
}

/// The last route through a pool, counted from 1, and which of its hops; 0 where none went through it.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    route: u32,
    hop: u8,
}

impl Stands {
    /// With room for so many routes, and for pools up to such an index.
    pub(super) fn with_capacity(routes: usize, pools: usize) -> Self {
        Self { routes: Vec::with_capacity(routes), places: Vec::with_capacity(pools) }
    }

    /// Pools that it has room for.
    pub(super) const fn pools(&self) -> usize {
        self.places.len()
    }

    /// What a route left behind, in the order of execution.
    pub(super) fn of_route(&self, at: usize) -> Option<&Rc<Stand>> {
        self.routes.get(at)
    }

    /// Which way a pool was passed, and where it stands, if a route went through it.
    pub(super) fn passed(&self, at: usize) -> Option<&(Direction, Cursor)> {
        self.at(*self.places.get(at)?)
    }

    fn at(&self, Place { route, hop }: Place) -> Option<&(Direction, Cursor)> {
        let stand = self.routes.get((route as usize).checked_sub(1)?)?;
        stand.cursors.get(usize::from(hop))?.as_ref()
    }

    /// Where a pool stands, if a route went through it.
    pub(super) fn get(&self, at: usize) -> Option<&Cursor> {
        self.passed(at).map(|(_, cursor)| cursor)
    }

    /// Where the next route through a pool begins.
    pub(super) fn before(&self, leg: &Leg<'_>) -> Cursor {
        self.get(leg.at).copied().unwrap_or_else(|| Cursor::at_start(leg.pool))
    }

    /// Where the pools of a route stand before it.
    pub(super) fn of_legs(&self, legs: &[Leg<'_>]) -> Route {
        let mut route = Route::default();
        for (leg, place) in legs.iter().zip(&mut route) {
            *place = self.passed(leg.at).copied();
        }
        route
    }

    /// Whether a pool was passed the other way: a cursor knows nothing of the bins that such a swap would come back to.
    pub(super) fn oppose(&self, leg: &Leg<'_>) -> bool {
        self.passed(leg.at).is_some_and(|(direction, _)| *direction != leg.direction)
    }

    /// Bins of one pool visited at most.
    pub(super) fn bins_visited(&self) -> u16 {
        let stands = self.places.iter().filter_map(|place| self.at(*place));
        stands.map(|(_, cursor)| cursor.bins_visited()).max().unwrap_or(0)
    }

    /// Notes what a route left behind.
    pub(super) fn enter(&mut self, legs: &[Leg<'_>], stand: Rc<Stand>) {
        self.routes.push(stand);
        let route = u32::try_from(self.routes.len()).unwrap_or(0);
        for (hop, leg) in (0..).zip(legs) {
            if self.places.len() <= leg.at {
                self.places.resize(leg.at + 1, Place::default());
            }
            if let Some(place) = self.places.get_mut(leg.at) {
                *place = Place { route, hop };
            }
        }
    }
}
