//! The `dlmm` command. Each subcommand lives in its own file under `commands`.

mod commands;
mod gateway;
mod redis_connection;
mod redis_target;
mod usage;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::usage::UsageError;

/// Exact DLMM quotes from Redis: data, inspection and a local stack.
#[derive(Parser)]
#[command(name = "dlmm", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the Upstash REST API in front of a plain Redis, for development and tests.
    Gateway(commands::gateway::GatewayArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Gateway(args) => commands::gateway::run(args).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dlmm: {error:#}");
            // 2 is also what the argument parser ends with.
            ExitCode::from(if error.is::<UsageError>() { 2 } else { 1 })
        }
    }
}
