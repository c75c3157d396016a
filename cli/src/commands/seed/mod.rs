//! `dlmm seed`

mod ladder;
mod network;
mod pool_seed;

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use dlmm_core::stored::{PoolRouting, keys, sample_snapshot};
use dlmm_core::units::PoolId;

use self::network::network;
use self::pool_seed::{PoolSeed, pools_of};
use crate::clock::now_ms;
use crate::input;
use crate::output::{self, counted};
use crate::progress;
use crate::quote_settings::DefaultFee;
use crate::redis::fault::RedisFault;
use crate::redis::lists;
use crate::redis::pool_ids::{Depth, PoolIds};
use crate::redis::store::PoolStore;
use crate::redis::target::RedisArgs;
use crate::redis::writer::write_pools;

/// Made-up pools that are written in one transaction: some thousand keys, which hold Redis up for milliseconds.
const POOLS_PER_WRITE: usize = 20;

/// Existing pools that an error names.
const NAMED: usize = 5;

/// Options of `dlmm seed`.
#[derive(Args)]
pub(crate) struct SeedArgs {
    /// Write the pools of this snapshot (`-`: standard input) instead of the three sample pools.
    #[arg(value_name = "SNAPSHOT")]
    snapshot: Option<PathBuf>,

    /// The same by name.
    #[arg(long, value_name = "SNAPSHOT", conflicts_with = "snapshot")]
    from: Option<PathBuf>,

    /// Write a made-up market of this many pools instead: one token for every ten pools, around USDC, BTC and SOL.
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["from", "snapshot"], value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pools: Option<u32>,

    /// Which made-up market: the same seed gives the same pools.
    #[arg(long, value_name = "NUMBER", requires = "pools", default_value_t = 1)]
    seed: u64,

    /// Bins on either side of the active one, in a made-up market.
    #[arg(long, value_name = "COUNT", requires = "pools", default_value_t = 50, value_parser = clap::value_parser!(u16).range(0..=200))]
    width: u16,

    /// Write nothing, and succeed, if Redis holds any pool.
    #[arg(long, conflicts_with = "force")]
    if_empty: bool,

    /// Replace pools that are there already, with all their bins.
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    default_fee: DefaultFee,

    #[command(flatten)]
    redis: RedisArgs,
}

/// Writes pools, bins, lists and counters.
pub(crate) async fn run(args: SeedArgs) -> anyhow::Result<()> {
    let target = args.redis.target()?;
    let started_ms = now_ms();
    progress::show();
    let pools = read_source(&args, started_ms)?;
    let mut store = PoolStore::open(&target).await?;
    let before = existing(&mut store, &pools).await?;
    if args.if_empty {
        let others = PoolIds::find(&mut store, Depth::Thorough).await?;
        let there = count_existing(&mut store, &others).await?;
        if there > 0 || !before.is_empty() {
            let count = there.max(before.len());
            output::line(&format!("nothing written: Redis holds {}", counted(count, "pool")))?;
            return Ok(());
        }
    }
    if !before.is_empty() && !args.force {
        anyhow::bail!(
            "nothing written: Redis already holds {}; --force replaces them, --if-empty leaves them",
            named(&before)
        );
    }

    progress::phase("writing pools", Some(pools.len()));
    let at_once = if args.pools.is_some() { POOLS_PER_WRITE } else { 1 };
    for pools in pools.chunks(at_once) {
        let bins: Vec<_> = pools.iter().map(PoolSeed::bins).collect();
        let texts = pools
            .iter()
            .zip(&bins)
            .map(|(pool, bins)| (&pool.routing.pool.id, pool.value.as_str(), bins.as_ref()));
        write_pools(&mut store, texts).await?;
        progress::add(pools.len());
    }
    progress::phase("writing lists and counters", None);
    let replaced: Vec<PoolRouting> = before.into_iter().filter_map(|(_, routing)| routing).collect();
    let written: Vec<PoolRouting> = pools.iter().map(|pool| pool.routing.clone()).collect();
    lists::update_lists(&mut store, &replaced, &written, started_ms).await?;
    lists::update_counters(&mut store, started_ms).await?;
    let bins = pools.iter().map(PoolSeed::bin_count).sum();
    output::line(&format!("wrote {} with {}", counted(pools.len(), "pool"), counted(bins, "bin")))?;
    Ok(())
}

fn read_source(args: &SeedArgs, now_ms: u64) -> anyhow::Result<Vec<PoolSeed>> {
    let fee_bps = args.default_fee.default_fee_bps;
    if let Some(pools) = args.pools {
        return network(pools, args.seed, args.width, now_ms);
    }
    let Some(path) = args.snapshot.as_ref().or(args.from.as_ref()) else {
        return pools_of(&sample_snapshot(now_ms), fee_bps);
    };
    let named = || input::name(path);
    let text = input::read(path).with_context(|| format!("cannot read {}", named()))?;
    let pools = pools_of(&text, fee_bps).with_context(named)?;
    anyhow::ensure!(!pools.is_empty(), "{}: the snapshot holds no pool", named());
    Ok(pools)
}

/// Those of the pools that are in Redis, with what can be read of their values.
async fn existing(
    store: &mut PoolStore,
    pools: &[PoolSeed],
) -> Result<Vec<(PoolId, Option<PoolRouting>)>, RedisFault> {
    let ids: Vec<&PoolId> = pools.iter().map(|pool| &pool.routing.pool.id).collect();
    let keys: Vec<String> = ids.iter().copied().map(keys::pool).collect();
    let mut there = redis::pipe();
    for key in &keys {
        there.exists(key);
    }
    let there: Vec<bool> = store.run_all(&there, "EXISTS").await?;
    let routings = store.many_texts(&keys).await?.into_iter().map(|text| PoolRouting::parse(&text?).ok());
    let found = ids.into_iter().cloned().zip(routings).zip(there);
    Ok(found.filter_map(|(pool, is_there)| is_there.then_some(pool)).collect())
}

async fn count_existing(store: &mut PoolStore, ids: &PoolIds) -> Result<usize, RedisFault> {
    let keys: Vec<String> = ids.all().iter().map(keys::pool).collect();
    if keys.is_empty() {
        return Ok(0);
    }
    store.run(redis::cmd("EXISTS").arg(&keys)).await
}

fn named(pools: &[(PoolId, Option<PoolRouting>)]) -> String {
    let mut names: Vec<String> = pools.iter().take(NAMED).map(|(id, _)| id.to_string()).collect();
    if let Some(more) = pools.len().checked_sub(NAMED).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_a_few_pools_and_counts_the_rest() {
        let pools = |count: usize| -> Vec<_> {
            (0..count).map(|n| (PoolId::new(&format!("P{n}")).unwrap(), None)).collect()
        };
        assert_eq!(named(&pools(2)), "P0, P1");
        assert_eq!(named(&pools(7)), "P0, P1, P2, P3, P4, 2 more");
    }
}
