//! `dlmm watch`

mod listener;
mod screen;
mod shown;
mod warned;

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use dlmm_core::quote::QuoteRequest;
use dlmm_core::units::PoolId;
use tokio::time::{Instant, sleep_until};

use self::listener::{Heard, Listener};
use self::screen::{Connection, Screen};
use self::shown::Shown;
use super::gateway::stop_signal;
use crate::clock::now_ms;
use crate::market::{QuoteSettings, RedisMarket, Refusal};
use crate::quote_settings::{CandidateLimit, DefaultFee, Router, WarnAge};
use crate::redis::target::RedisArgs;
use crate::request_flags::RequestFlags;
use crate::usage::UsageError;

/// Time between two looks where nobody tells of changes, and between two drawings.
const SECOND: Duration = Duration::from_secs(1);
/// Looks are rarer while messages come and there is a quote; one of them may still be lost, and hand-made changes send none.
const QUIET: Duration = Duration::from_secs(5);

/// Options of `dlmm watch`.
#[derive(Args)]
pub(crate) struct WatchArgs {
    /// Print events as JSON, one a line: `quote`, `refused` and `connection`. So it is wherever the output is no terminal.
    #[arg(long)]
    json: bool,

    /// End after this many quotes instead of going on until Ctrl-C.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    quotes: Option<u64>,

    #[command(flatten)]
    redis: RedisArgs,

    #[command(flatten)]
    default_fee: DefaultFee,

    #[command(flatten)]
    candidates: CandidateLimit,

    #[command(flatten)]
    warn_age: WarnAge,

    #[command(flatten)]
    router: Router,

    // Last, because its heading in the help also covers what follows it.
    #[command(flatten)]
    request: RequestFlags,
}

/// Shows the quote whenever it changes, until Ctrl-C or SIGTERM.
pub(crate) async fn run(args: WatchArgs) -> anyhow::Result<()> {
    let request = args.request.request_in_words().map_err(|e| UsageError(format!("{e} ({})", e.code())))?;
    let target = args.redis.target()?;
    let settings = QuoteSettings::of(args.candidates, args.default_fee, args.warn_age, &args.router);
    let mut market = RedisMarket::new(target.clone(), settings);
    market.trust_listing_for(2 * QUIET);
    let screen = Screen::new(args.json || !std::io::stdout().is_terminal())?;
    let mut watch = Watch { request, market, listener: Listener::start(target), screen, pools: None };
    let ended = tokio::select! {
        ended = watch.go_on(args.quotes) => ended,
        () = stop_signal() => Ok(()),
    };
    watch.screen.end(now_ms())?;
    ended
}

struct Watch {
    request: QuoteRequest,
    market: RedisMarket,
    listener: Listener,
    screen: Screen,
    /// The pools that the last quote looked at; `None` where it was refused, so that any may matter.
    pools: Option<BTreeSet<PoolId>>,
}

impl Watch {
    async fn go_on(&mut self, quotes: Option<u64>) -> anyhow::Result<()> {
        let mut moved = BTreeSet::new();
        let mut is_first = true;
        let mut heard_at = None;
        loop {
            let asked = Instant::now();
            self.look(&moved, is_first).await?;
            is_first = false;
            if quotes.is_some_and(|quotes| self.screen.quotes() >= quotes) {
                return Ok(());
            }
            moved = self.wait(asked, &mut heard_at).await?;
        }
    }

    /// Quotes, and shows what became of it.
    async fn look(&mut self, moved: &BTreeSet<PoolId>, is_first: bool) -> anyhow::Result<()> {
        let answered = {
            let answering = self.market.answer(&self.request);
            tokio::pin!(answering);
            loop {
                tokio::select! {
                    answered = &mut answering => break answered,
                    // A slow Redis must not look like a new quote.
                    () = tokio::time::sleep(SECOND) => self.screen.redraw(now_ms())?,
                }
            }
        };
        match answered {
            Ok(answer) => {
                self.screen.answers(now_ms())?;
                self.pools =
                    Some(answer.basis.candidates.pools.iter().map(|one| one.pool.id.clone()).collect());
                self.screen.show(Shown::of(answer), moved, now_ms())
            }
            Err(refusal) if is_first && (refusal.is_lasting() || refusal.redis_fault().is_some()) => {
                ended_by(refusal)
            }
            Err(refusal) => match refusal.redis_fault() {
                Some(fault) => {
                    self.screen.gone(fault.to_string(), now_ms())?;
                    if fault.breaks_connection() {
                        // What the subscription stood on may be gone without a word.
                        self.listener.restart();
                        self.screen.told_by(Connection::NOT_YET, now_ms())?;
                    }
                    Ok(())
                }
                None => {
                    self.screen.answers(now_ms())?;
                    self.pools = None;
                    // The list may be why, and no message about one of its pools says that.
                    self.market.forget_listing();
                    self.screen.refused(&refusal, moved, now_ms())
                }
            },
        }
    }

    /// Waits until there is a reason to quote again, and tells which pools are it.
    async fn wait(
        &mut self,
        asked: Instant,
        heard_at: &mut Option<Instant>,
    ) -> anyhow::Result<BTreeSet<PoolId>> {
        loop {
            let is_told = heard_at.is_some_and(|at: Instant| at.elapsed() < QUIET) && self.listener.stands();
            let again = asked + if is_told && self.pools.is_some() { QUIET } else { SECOND };
            let drawn = Instant::now() + SECOND;
            tokio::select! {
                biased;
                heard = self.listener.next() => {
                    if let Heard::Moved(pools) = &heard {
                        *heard_at = Some(Instant::now());
                        let concerned = self.concerned(pools);
                        if !concerned.is_empty() || pools.is_empty() {
                            return Ok(concerned);
                        }
                    } else if self.note(heard)? {
                        return Ok(BTreeSet::new());
                    }
                }
                () = sleep_until(again) => return Ok(BTreeSet::new()),
                () = sleep_until(drawn) => self.screen.redraw(now_ms())?,
            }
        }
    }

    /// Tells how the subscription stands; whether the market may have moved unheard since.
    fn note(&mut self, heard: Heard) -> anyhow::Result<bool> {
        let (connection, unheard) = match heard {
            Heard::Stands => (Connection::Live, true),
            Heard::NotPermitted => (Connection::Polling("this user may not SUBSCRIBE"), false),
            Heard::Broken | Heard::Moved(_) => (Connection::Polling("the subscription broke"), false),
        };
        self.screen.told_by(connection, now_ms())?;
        Ok(unheard)
    }

    /// Those of the pools that the quote may depend on. One that is not known yet makes the next quote list them anew.
    fn concerned(&mut self, moved: &BTreeSet<PoolId>) -> BTreeSet<PoolId> {
        let Some(pools) = &self.pools else { return moved.clone() };
        let mut concerned = BTreeSet::new();
        for id in moved {
            if pools.contains(id) || !self.market.look_for(id) {
                concerned.insert(id.clone());
            }
        }
        concerned
    }
}

/// Nothing to watch: a wrong request, or a Redis that cannot be asked.
fn ended_by(refusal: Refusal) -> anyhow::Result<()> {
    if refusal.is_usage() {
        return Err(UsageError(refusal.to_string()).into());
    }
    // Kept as it is: what helps stands below it.
    Err(refusal).context("there is nothing to watch")
}
