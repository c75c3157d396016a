//! The `dlmm` command. Each subcommand lives in its own file under `commands`.

mod bounded_replies;
mod changes;
mod clock;
mod commands;
mod follow;
mod gateway;
mod heartbeat;
mod input;
mod interval;
mod left_out;
mod output;
mod pool_ids;
mod pool_index;
mod pool_lists;
mod pool_store;
mod pool_writer;
mod quote_settings;
mod redis_connection;
mod redis_fault;
mod redis_primary;
mod redis_target;
mod redis_url;
mod sentinel_url;
mod stored_value;
mod survey;
mod usage;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::Builder;

use crate::usage::{FAILED, USAGE, UsageError};

/// Exact DLMM quotes from Redis: data, inspection and a local stack.
#[derive(Parser)]
#[command(name = "dlmm", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Follow a core contract on the chain: blocks in, pools and bins in Redis.
    Follow(Box<commands::follow::FollowArgs>),
    /// Serve the Upstash REST API in front of a plain Redis, for development and tests.
    Gateway(commands::gateway::GatewayArgs),
    /// Quote a trade from Redis or from a snapshot.
    Quote(Box<commands::quote::QuoteArgs>),
    /// Post recorded blocks to a follower.
    Replay(commands::replay::ReplayArgs),
    /// Write the three sample pools, or those of a snapshot, to Redis.
    Seed(commands::seed::SeedArgs),
    /// Move the market of a development Redis: random swaps in every pool, as on chain.
    Simulate(commands::simulate::SimulateArgs),
    /// Copy the pools of Redis to a snapshot file.
    Snapshot(commands::snapshot::SnapshotArgs),
    /// Show the pools of Redis and how complete its lists of them are.
    Status(commands::status::StatusArgs),
    /// Check everything in Redis against what a producer must write.
    Verify(commands::verify::VerifyArgs),
    /// Recompute a quote from the state it carries, and name what differs.
    VerifyQuote(commands::verify_quote::VerifyQuoteArgs),
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    // A block goes from step to step and never two ways at once: a second thread would only be one more that must wake up.
    let mut threads = if matches!(command, Command::Follow(_)) {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    match threads.enable_all().build() {
        Ok(runtime) => runtime.block_on(run(command)),
        Err(error) => {
            eprintln!("dlmm: {error}");
            ExitCode::from(FAILED)
        }
    }
}

async fn run(command: Command) -> ExitCode {
    let outcome = match command {
        Command::Follow(args) => commands::follow::run(*args).await.map(|()| ExitCode::SUCCESS),
        Command::Gateway(args) => commands::gateway::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Quote(args) => commands::quote::run(*args).await,
        Command::Replay(args) => commands::replay::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Seed(args) => commands::seed::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Simulate(args) => commands::simulate::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Snapshot(args) => commands::snapshot::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Status(args) => commands::status::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Verify(args) => commands::verify::run(args).await,
        Command::VerifyQuote(args) => commands::verify_quote::run(&args).await,
    };
    match outcome {
        Ok(code) => code,
        // Whoever read our output has seen enough, as in `dlmm quote ... | head`.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("dlmm: {error:#}");
            ExitCode::from(if error.is::<UsageError>() { USAGE } else { FAILED })
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn no_option_contradicts_another() {
        Cli::command().debug_assert();
    }
}
