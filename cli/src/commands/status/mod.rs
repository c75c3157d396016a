//! `dlmm status`

mod table;

use std::io::IsTerminal;
use std::time::Duration;

use clap::Args;
use tokio::time::MissedTickBehavior;

use crate::clock::now_ms;
use crate::interval::interval;
use crate::output;
use crate::progress;
use crate::redis::store::PoolStore;
use crate::redis::target::{RedisArgs, RedisTarget};
use crate::survey::Survey;

/// Options of `dlmm status`.
#[derive(Args)]
pub(crate) struct StatusArgs {
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,

    /// Show it again every few seconds (2 if no number is given), until Ctrl-C.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2", value_parser = interval)]
    watch: Option<Duration>,

    /// Show every pool in the table, not only the first 50; JSON has all of them anyway.
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    redis: RedisArgs,
}

/// Shows pools, counts, lists and ages. What the Redis user may not see is said and is not a failure.
pub(crate) async fn run(args: StatusArgs) -> anyhow::Result<()> {
    let target = args.redis.target()?;
    progress::show();
    let mut store = PoolStore::open(&target).await?;
    let Some(every) = args.watch else {
        return show(&mut store, &target, &args).await;
    };
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut interrupted = Box::pin(tokio::signal::ctrl_c());
    let redraws = !args.json && std::io::stdout().is_terminal();
    loop {
        tokio::select! {
            biased;
            _ = &mut interrupted => return Ok(()),
            _ = ticks.tick() => {}
        }
        if redraws {
            output::line(CLEARED)?;
        }
        show(&mut store, &target, &args).await?;
    }
}

/// What empties a terminal and goes to its top.
const CLEARED: &str = "\x1b[2J\x1b[H";

async fn show(store: &mut PoolStore, target: &RedisTarget, args: &StatusArgs) -> anyhow::Result<()> {
    let survey = Survey::take(store, target.address(), now_ms).await?;
    if args.json {
        output::line(&serde_json::to_string(&survey)?)?;
    } else {
        output::line(table::of(&survey, args.all).trim_end())?;
    }
    Ok(())
}
