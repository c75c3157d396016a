//! Redis: how it is found and reached, what went wrong with it, and how pools are read from it and written to it.

pub(crate) mod bounded_replies;
pub(crate) mod changes;
pub(crate) mod connection;
pub(crate) mod fault;
pub(crate) mod heartbeat;
pub(crate) mod lists;
pub(crate) mod pool_ids;
pub(crate) mod pool_index;
pub(crate) mod primary;
pub(crate) mod sentinel_url;
pub(crate) mod store;
pub(crate) mod target;
pub(crate) mod unfit_lists;
pub(crate) mod url;
pub(crate) mod writer;
