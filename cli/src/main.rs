//! The `dlmm` command. Each subcommand lives in its own file under `commands`.

mod block_times;
mod clock;
mod commands;
mod examples;
mod flag_values;
mod follow;
mod gateway;
mod grouping;
mod hints;
mod input;
mod interval;
mod left_out;
mod market;
mod output;
mod plain_amount;
mod progress;
mod quote_settings;
mod redis;
mod request_flags;
mod stored_value;
mod survey;
mod usage;

use std::process::ExitCode;

use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::runtime::Builder;

use crate::usage::{FAILED, USAGE};

/// Exact DLMM quotes from Redis: data, inspection and a local stack.
#[derive(Parser)]
#[command(name = "dlmm", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print what makes a shell complete commands and options.
    Completions(commands::completions::CompletionsArgs),
    /// Follow a core contract on the chain: blocks in, pools and bins in Redis.
    Follow(Box<commands::follow::FollowArgs>),
    /// Serve the Upstash REST API in front of a plain Redis, for development and tests.
    Gateway(commands::gateway::GatewayArgs),
    /// Write the manual pages.
    Man(commands::man::ManArgs),
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
    /// Watch a quote: show it anew whenever the pools in Redis move.
    Watch(Box<commands::watch::WatchArgs>),
}

/// The command line with an example for every command.
fn cli() -> clap::Command {
    examples::added_to(Cli::command()).mut_subcommands(|command| command.mut_args(told_of_negatives))
}

/// A negative number is told by the value that it cannot be, not taken for an option that nobody knows.
fn told_of_negatives(arg: clap::Arg) -> clap::Arg {
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    arg.allow_negative_numbers(takes_value)
}

fn parsed(matches: clap::ArgMatches) -> Cli {
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

fn main() -> ExitCode {
    // Mistakes, `--help` and `--version` end here.
    let matches = cli().try_get_matches().unwrap_or_else(|error| flag_values::told_below(error).exit());
    let name = matches.subcommand_name().map(str::to_owned);
    let command = parsed(matches).command;
    // A block goes from step to step and never two ways at once: a second thread would only be one more that must wake up.
    let mut threads = if matches!(command, Command::Follow(_)) {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    match threads.enable_all().build() {
        Ok(runtime) => runtime.block_on(run(command, name.as_deref())),
        Err(error) => {
            eprintln!("dlmm: {error}");
            ExitCode::from(FAILED)
        }
    }
}

async fn run(command: Command, name: Option<&str>) -> ExitCode {
    let outcome = match command {
        Command::Completions(args) => commands::completions::run(&args, cli()).map(|()| ExitCode::SUCCESS),
        Command::Follow(args) => commands::follow::run(*args).await.map(|()| ExitCode::SUCCESS),
        Command::Gateway(args) => commands::gateway::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Man(args) => commands::man::run(&args, cli()).map(|()| ExitCode::SUCCESS),
        Command::Quote(args) => commands::quote::run(*args).await,
        Command::Replay(args) => commands::replay::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Seed(args) => commands::seed::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Simulate(args) => commands::simulate::run(args).await,
        Command::Snapshot(args) => commands::snapshot::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Status(args) => commands::status::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Verify(args) => commands::verify::run(args).await,
        Command::Watch(args) => commands::watch::run(*args).await.map(|()| ExitCode::SUCCESS),
        Command::VerifyQuote(args) => commands::verify_quote::run(&args).await,
    };
    progress::end();
    match outcome {
        Ok(code) => code,
        // Whoever read our output has seen enough, as in `dlmm quote ... | head`.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("dlmm: {error:#}");
            let mut cli = cli();
            cli.build();
            if let Some(hint) = hints::below(&error, name.and_then(|name| cli.find_subcommand_mut(name))) {
                eprintln!("{hint}");
            }
            ExitCode::from(if hints::is_usage(&error) { USAGE } else { FAILED })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_option_contradicts_another() {
        cli().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_and_every_example_can_be_called() {
        let mut looked = 0;
        for mut command in cli().get_subcommands().cloned() {
            let help = command.render_long_help().to_string();
            let [_, examples] = help.split("Examples:\n").collect::<Vec<_>>()[..] else {
                panic!("{} has no examples", command.get_name());
            };
            for line in examples.lines().filter(|line| !line.trim().is_empty()) {
                // What stands behind a pipe is another command.
                for call in line.split(" | ").map(str::trim).filter(|call| call.starts_with("dlmm ")) {
                    let call = call.split(" > ").next().unwrap();
                    let words = shlex::split(call).unwrap();
                    let read = cli()
                        .try_get_matches_from(&words)
                        .map(|matches| Cli::from_arg_matches(&matches).map(drop));
                    assert!(matches!(read, Ok(Ok(()))), "{call}: {read:?}");
                    looked += 1;
                }
            }
        }
        assert!(looked > 20, "only {looked} examples");
    }
}
