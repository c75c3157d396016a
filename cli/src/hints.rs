//! What helps after a refusal: how the command is called, and where it looks for Redis.

use clap::Command;

use crate::flag_values;
use crate::market::Refusal;
use crate::redis::fault::RedisFault;
use crate::usage::UsageError;

/// Without a URL, even of nobody: what is told of a failure holds none.
const WHERE_REDIS_IS: &str = "Which Redis: --redis URL or the setting REDIS_URL, else localhost:6379; `npm start` prints the port of its own.";

/// Whoever asks a Redis without pools asked the wrong one, or before there was anything.
const NO_POOLS: &str = "This database holds no pools: `dlmm seed` writes three. Another one of the same Redis is named by its number, as in redis://host:6379/1.";

/// What is told over HTTP is a setting of the service; here it is the reader's.
const NO_ROUTER: &str = "Which router: --router SP….dlmm-swap-router-v-1-1 or the setting STACKS_ROUTER.";

/// Whether the call is to blame: no other moment would serve it.
pub(crate) fn is_usage(error: &anyhow::Error) -> bool {
    error.is::<UsageError>() || error.downcast_ref::<Refusal>().is_some_and(Refusal::is_usage)
}

/// The lines below an error, `command` being the one that was called.
pub(crate) fn below(error: &anyhow::Error, command: Option<&mut Command>) -> Option<String> {
    if is_usage(error) {
        let command = command?;
        let help = format!("For more, try '{} --help'.", command.get_bin_name().unwrap_or("dlmm"));
        let meant = flag_values::meant().map(|meant| format!("\n  tip: {meant}\n")).unwrap_or_default();
        return Some(format!("{meant}\n{}\n\n{help}", command.render_usage()));
    }
    if error.downcast_ref::<Refusal>().is_some_and(Refusal::is_of_nothing) {
        return Some(NO_POOLS.to_owned());
    }
    if error.downcast_ref::<Refusal>().is_some_and(Refusal::is_without_router) {
        return Some(NO_ROUTER.to_owned());
    }
    let mut causes = error.chain();
    let fault = causes.find_map(|cause| {
        cause.downcast_ref::<RedisFault>().or_else(|| cause.downcast_ref::<Refusal>()?.redis_fault())
    });
    match fault {
        Some(RedisFault::Connect(error)) if error.is_unreachable() => Some(WHERE_REDIS_IS.to_owned()),
        _ => None,
    }
}
