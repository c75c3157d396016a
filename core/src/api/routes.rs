//! The candidate routes of a pair, as `/routes` shows them.

use crate::gather::Gather;
use crate::json::{Plain, ToJson, object, to_json};
use crate::network::route::{Candidates, PathHop};
use crate::stored::{Source, Status};
use crate::units::{Direction, Symbol};
use alloc::string::String;
use alloc::vec::Vec;

/// The answer of `/routes`.
#[derive(Debug)]
pub struct RoutesAnswer<'a> {
    token_in: &'a str,
    token_out: &'a str,
    max_hops: u8,
    limited: bool,
    routes: Vec<Route<'a>>,
    source: Source,
    request_id: Option<&'a str>,
}

#[derive(Debug)]
struct Route<'a> {
    tokens: Vec<&'a str>,
    hops: Vec<Hop<'a>>,
}

#[derive(Debug)]
struct Hop<'a> {
    token_in: &'a str,
    token_out: &'a str,
    pools: Vec<Pool<'a>>,
}

#[derive(Debug)]
struct Pool<'a> {
    pool_id: &'a str,
    x_for_y: bool,
    /// `null` where the pool has no value any more, or one that cannot be read.
    status: Option<&'static str>,
}

impl<'a> RoutesAnswer<'a> {
    /// Lists candidates with the status of each of their pools, in the order of [`Candidates::pools`].
    #[must_use]
    pub fn new(
        (token_in, token_out, max_hops): (&'a Symbol, &'a Symbol, u8),
        candidates: &'a Candidates,
        statuses: &[Option<Status>],
        source: Source,
        request_id: Option<&'a str>,
    ) -> Self {
        let route = |hops: &'a [PathHop]| {
            let first = hops.first().map(|hop| hop.token_in.as_str());
            Route {
                tokens: first.into_iter().chain(hops.iter().map(|hop| hop.token_out.as_str())).gather(),
                hops: hops.iter().map(|hop| Hop::of(hop, candidates, statuses)).gather(),
            }
        };
        Self {
            token_in: token_in.as_str(),
            token_out: token_out.as_str(),
            max_hops,
            limited: candidates.limited,
            routes: candidates.paths.iter().map(|path| route(&path.hops)).gather(),
            source,
            request_id,
        }
    }
}

impl<'a> Hop<'a> {
    fn of(hop: &'a PathHop, candidates: &'a Candidates, statuses: &[Option<Status>]) -> Self {
        let pool = |&(at, direction): &(usize, Direction)| {
            let status = statuses.get(at).copied().flatten();
            Some(Pool {
                pool_id: candidates.pools.get(at)?.pool.id.as_str(),
                x_for_y: direction == Direction::XForY,
                status: status.map(Status::as_str),
            })
        };
        Self {
            token_in: hop.token_in.as_str(),
            token_out: hop.token_out.as_str(),
            pools: hop.pools.iter().filter_map(pool).gather(),
        }
    }
}

impl RoutesAnswer<'_> {
    /// Writes the answer as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

impl ToJson for RoutesAnswer<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("token_in", Plain(self.token_in));
            f.member("token_out", Plain(self.token_out));
            f.member("max_hops", self.max_hops);
            f.member("limited", self.limited);
            f.member("routes", &self.routes);
            f.member("source", self.source);
            f.member("request_id", self.request_id);
        })
        .write(out);
    }
}

impl ToJson for Route<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("tokens", &self.tokens);
            f.member("hops", &self.hops);
        })
        .write(out);
    }
}

impl ToJson for Hop<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("token_in", Plain(self.token_in));
            f.member("token_out", Plain(self.token_out));
            f.member("pools", &self.pools);
        })
        .write(out);
    }
}

impl ToJson for Pool<'_> {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("pool_id", Plain(self.pool_id));
            f.member("x_for_y", self.x_for_y);
            f.member("status", self.status);
        })
        .write(out);
    }
}
