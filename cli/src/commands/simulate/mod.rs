//! `dlmm simulate`

mod churn;
mod market;
mod report;
mod trade;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clap::Args;
use dlmm_core::units::{BinId, PoolId};
use fastrand::Rng;

use self::churn::Churn;
use self::market::{Listing, Traded, trade};
use self::report::{Heartbeat, Report};
use super::gateway::stop_signal;
use crate::clock::now_ms;
use crate::interval::interval;
use crate::redis::fault::RedisFault;
use crate::redis::heartbeat::{beat, read_pulse, remove_own};
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
pub(crate) async fn run(args: SimulateArgs) -> anyhow::Result<()> {
    let target = args.redis.target()?;
    if !target.is_local() && !args.allow_remote {
        let message = format!(
            "{} is not this machine, and a simulation overwrites what is there; --allow-remote allows it",
            target.address()
        );
        return Err(UsageError(message).into());
    }
    let mut simulation = Simulation::begin(&args, target).await?;
    let mut ticks = tokio::time::interval(args.interval);
    // A slow Redis makes updates rarer, not denser afterwards.
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut interrupted = Box::pin(stop_signal());
    while args.updates.is_none_or(|updates| simulation.report.counters.updates < updates) {
        tokio::select! {
            biased;
            () = &mut interrupted => break,
            _ = ticks.tick() => {}
        }
        // An update is never cut in two: an interrupt waits for its end.
        simulation.update().await?;
    }
    simulation.end().await
}

struct Simulation {
    target: RedisTarget,
    /// `None` after the connection broke.
    store: Option<PoolStore>,
    rng: Rng,
    churn: Option<Churn>,
    /// Where the active bin of each pool was when it was first seen.
    homes: BTreeMap<PoolId, BinId>,
    /// Whether there was a heartbeat before the first one of this run.
    found_beating: bool,
    /// Heartbeats of the last round.
    beats: Vec<u64>,
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
        let found_beating = read_pulse(&mut store).await?.heartbeat.is_some();
        Ok(Self {
            target,
            store: Some(store),
            rng: args.seed.map_or_else(Rng::new, Rng::with_seed),
            churn: args.churn.then(Churn::default),
            homes: BTreeMap::new(),
            found_beating,
            beats: Vec::new(),
            report: Report::new(args.json)?,
        })
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
        // A round in which nothing is swapped says all the same that somebody watches.
        let round_ms = now_ms();
        self.beats = vec![round_ms];
        store.run::<()>(&beat(round_ms)).await?;
        for routing in &listing.pools {
            let now_ms = now_ms();
            self.beats.push(now_ms);
            let seen = routing.active_bin.unwrap_or(BinId::MIN);
            let home = *self.homes.entry(routing.pool.id.clone()).or_insert(seen);
            match trade(store, &listing, routing, home, &mut self.rng, now_ms).await? {
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

    /// Puts right what churn has left, and tells the sums.
    async fn end(mut self) -> anyhow::Result<()> {
        if let (Some(churn), Some(store)) = (&mut self.churn, &mut self.store) {
            while let Some((change, id)) = churn.undo(store, now_ms()).await? {
                self.report.change(change, &id, now_ms())?;
            }
        }
        let heartbeat = self.leave_heartbeat().await?;
        self.report.end(heartbeat)
    }

    /// Takes along the heartbeat that this run brought: nobody renews it now, and quotes would tell of a dead producer for
    /// good. One that was there before may be that of a producer, and one that a crash leaves tells the truth.
    async fn leave_heartbeat(&mut self) -> anyhow::Result<Heartbeat> {
        if self.found_beating || self.beats.is_empty() {
            return Ok(if self.beats.is_empty() { Heartbeat::Untouched } else { Heartbeat::Stays });
        }
        let removed = match &mut self.store {
            Some(store) => remove_own(store, &self.beats).await,
            None => match PoolStore::open(&self.target).await {
                Ok(mut store) => remove_own(&mut store, &self.beats).await,
                Err(fault) => Err(fault),
            },
        };
        if let Err(fault) = &removed {
            self.report.fault(&format!("{fault}"), now_ms())?;
        }
        Ok(if removed.unwrap_or(false) { Heartbeat::Removed } else { Heartbeat::Stays })
    }
}
