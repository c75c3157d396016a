//! The subcommands, one file each.

pub(crate) mod completions;
pub(crate) mod follow;
pub(crate) mod gateway;
pub(crate) mod man;
pub(crate) mod quote;
pub(crate) mod replay;
pub(crate) mod seed;
pub(crate) mod simulate;
pub(crate) mod snapshot;
pub(crate) mod status;
pub(crate) mod verify;
pub(crate) mod verify_quote;
pub(crate) mod watch;
