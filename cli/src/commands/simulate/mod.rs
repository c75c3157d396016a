//! `dlmm simulate`

mod beats;
mod churn;
mod end;
mod market;
mod report;
mod trade;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use dlmm_core::units::{BinId, PoolId};
use fastrand::Rng;
use tokio::sync::watch;

use self::beats::Beats;
use self::churn::Churn;
use self::market::{Listing, Traded, trade};
use self::report::Report;
use super::gateway::{stop_code, stop_signal};
use crate::clock::now_ms;
use crate::interval::interval;
use crate::redis::fault::RedisFault;
use crate::redis::store::PoolStore;
use crate::redis::target::{RedisArgs, RedisTarget};
use crate::usage::UsageError;

/// Options of `dlmm simulate`.
#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// Seconds from one update to the next, fractions allowed.
    #[arg(long, value_name = "SECONDS", env = "REDIS_UPDATE_INTERVAL", default_value = "5", value_parser = interval)]
    interval: Duration,

    /// End after this many updates instead of going on until Ctrl-C.
    #[arg(long, value_name = "COUNT")]
    updates: Option<u64>,

    /// Repeat a run: the same seed on the same data gives the same swaps.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Also add, pause, resume and remove pools. At the end, added pools are removed and paused ones resumed.
    #[arg(long)]
    churn: bool,

    /// Print events as JSON, one a line.
    #[arg(long)]
    json: bool,

    /// Allow a Redis on another machine, where real data may be.
    #[arg(long)]
    allow_remote: bool,

    #[command(flatten)]
    redis: RedisArgs,
}

/// Moves the market until Ctrl-C, SIGTERM or the last update.
pub(crate) async fn run(args: SimulateArgs) -> anyhow::Result<ExitCode> {
    let target = args.redis.target()?;
    if !target.is_local() && !args.allow_remote {
        let message = format!(
            "{} is not this machine, and a simulation overwrites what is there; --allow-remote allows it",
            target.address()
        );
        return Err(UsageError(message).into());
    }
    let mut simulation = Simulation::begin(&args, target).await?;
    let (tell, stopped) = watch::channel(false);
    let second = async {
        stop_signal().await;
        tell.send_replace(true);
        stop_code().await
    };
    tokio::select! {
        biased;
        ended = simulation.go(&args, stopped) => ended.map(|()| ExitCode::SUCCESS),
        // A Redis that does not answer holds up the end: whoever asks twice does not want to wait for it.
        code = second => simulation.cut_short().map(|()| ExitCode::from(code)),
    }
}

struct Simulation {
    target: RedisTarget,
    /// `None` after the connection broke.
    store: Option<PoolStore>,
    rng: Rng,
    churn: Option<Churn>,
    /// Where the active bin of each pool was when it was first seen.
    homes: BTreeMap<PoolId, BinId>,
    beats: Beats,
    report: Report,
}

impl Simulation {
    async fn begin(args: &SimulateArgs, target: RedisTarget) -> anyhow::Result<Self> {
        let mut store = PoolStore::open(&target).await?;
        let listing = Listing::read(&mut store).await?;
        anyhow::ensure!(
            !listing.pools.is_empty(),
            "there are no pools to trade in; `dlmm seed` writes three"
        );
        Ok(Self {
            target,
            store: Some(store),
            rng: args.seed.map_or_else(Rng::new, Rng::with_seed),
            churn: args.churn.then(Churn::new),
            homes: BTreeMap::new(),
            beats: Beats::default(),
            report: Report::new(args.json)?,
        })
    }

    async fn go(&mut self, args: &SimulateArgs, mut stopped: watch::Receiver<bool>) -> anyhow::Result<()> {
        let outcome = self.updates(args, &mut stopped).await;
        // Also where nobody reads our output any more.
        let ended = self.end().await;
        ended.and(outcome)
    }

    async fn updates(
        &mut self,
        args: &SimulateArgs,
        stopped: &mut watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(args.interval);
        // A slow Redis makes updates rarer, not denser afterwards.
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while args.updates.is_none_or(|updates| self.report.counters.updates < updates) {
            tokio::select! {
                biased;
                _ = stopped.changed() => break,
                _ = ticks.tick() => {}
            }
            // An update is not cut in two: an interrupt waits for its end, unless it is the second.
            self.update().await?;
        }
        Ok(())
    }

    /// One swap in every active pool. Faults of Redis are counted, and the next update tries again.
    async fn update(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut store = match self.store.take() {
            Some(store) => Ok(store),
            None => PoolStore::open(&self.target).await,
        };
        let outcome = match &mut store {
            Ok(store) => self.trade_everywhere(store).await,
            Err(fault) => Err(anyhow::anyhow!("{fault}")),
        };
        if let Err(error) = &outcome {
            if error.downcast_ref::<std::io::Error>().is_some() {
                return outcome;
            }
            self.report.fault(&format!("{error:#}"), now_ms())?;
        }
        let broken = outcome.err().is_some_and(|error| {
            error.downcast_ref::<RedisFault>().is_none_or(RedisFault::breaks_connection)
        });
        self.store = store.ok().filter(|_| !broken);
        self.report.update(started.elapsed());
        Ok(())
    }

    async fn trade_everywhere(&mut self, store: &mut PoolStore) -> anyhow::Result<()> {
        let listing = Listing::read(store).await?;
        self.beats.alone(store, now_ms()).await?;
        for routing in &listing.pools {
            let now_ms = now_ms();
            let seen = routing.active_bin.unwrap_or(BinId::MIN);
            let home = *self.homes.entry(routing.pool.id.clone()).or_insert(seen);
            match trade(store, &listing, routing, home, &mut self.rng, &mut self.beats, now_ms).await? {
                Traded::Swap(trade) => {
                    self.report.swap(routing, &trade, &listing.in_words(routing, &trade), now_ms)?;
                }
                Traded::Idle => {}
                Traded::Broken { key, reason } => {
                    self.report.fault(&format!("{key} cannot be used: {reason}"), now_ms)?;
                }
            }
        }
        if let Some(churn) = &mut self.churn {
            let now_ms = now_ms();
            if let Some((change, id)) = churn.step(store, &listing, &mut self.rng, now_ms).await? {
                self.report.change(change, &id, now_ms)?;
            }
        }
        Ok(())
    }
}
