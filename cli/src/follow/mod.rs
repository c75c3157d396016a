//! From the chain to Redis: follows the pools of one core contract, block by block.
//!
//! A source hands a [`block`] over; [`fold`] takes its events into the [`market`]; [`commit`] makes one transaction of what
//! changed; [`chain`] knows the way back from a fork. What was there before a block is kept with it, as text, so that
//! going back, starting again and undoing a fault are one mechanism.

mod again;
mod api;
mod block;
mod chain;
mod commit;
mod event;
mod fault;
mod fold;
mod follower;
mod from_file;
mod from_node;
mod journal;
mod lease;
mod line;
mod logs;
mod market;
mod moves;
mod networks;
mod node;
mod observer;
mod poll;
mod poller;
mod pool;
mod printed;
mod record;
mod recorded_lines;
mod report;
mod routing;
mod service;
mod source;
mod state;
mod status;
mod stored;
mod tokens;
mod undo;
mod values;

pub(crate) use self::api::Api;
pub(crate) use self::fold::Rules;
pub(crate) use self::follower::{Follower, Settings};
pub(crate) use self::from_file::Recording;
pub(crate) use self::networks::{Network, Networks};
pub(crate) use self::node::Node;
pub(crate) use self::observer::{Listen, serve_sight};
pub(crate) use self::poller::Poll;
pub(crate) use self::report::Report;
pub(crate) use self::service::Service;
pub(crate) use self::source::Source;
pub(crate) use self::status::Status;
pub(crate) use self::tokens::Tokens;

#[cfg(test)]
mod tests;
