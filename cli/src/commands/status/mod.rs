//! `dlmm status`

mod index_health;
mod server;
mod survey;
mod table;

use clap::Args;

use self::survey::Survey;
use crate::clock::now_ms;
use crate::output;
use crate::pool_store::PoolStore;
use crate::redis_target::RedisArgs;

/// Options of `dlmm status`.
#[derive(Args)]
pub(crate) struct StatusArgs {
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    redis: RedisArgs,
}

/// Shows pools, counts, lists and ages. What the Redis user may not see is said and is no failure.
pub(crate) async fn run(args: StatusArgs) -> anyhow::Result<()> {
    let target = args.redis.target()?;
    let mut store = PoolStore::open(&target).await?;
    let survey = Survey::take(&mut store, target.address(), now_ms).await?;
    if args.json {
        output::line(&serde_json::to_string(&survey)?)?;
    } else {
        output::line(table::of(&survey).trim_end())?;
    }
    Ok(())
}
