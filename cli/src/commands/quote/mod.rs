//! `dlmm quote`

mod batch;
mod market;
mod plan_table;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use dlmm_core::api::{Answer, Source};
use dlmm_core::market::{Market as SnapshotMarket, MarketSettings};

use self::market::{Market, SnapshotFile};
use crate::clock::now_ms;
use crate::input;
use crate::market::{QuoteSettings, RedisMarket, Refusal, http_body};
use crate::output;
use crate::progress;
use crate::quote_settings::{CandidateLimit, DefaultFee, Router, WarnAge};
use crate::redis::target::RedisArgs;
use crate::request_flags::RequestFlags;
use crate::usage::UsageError;

/// Options of `dlmm quote`.
#[derive(Args)]
pub(crate) struct QuoteArgs {
    /// Quote from this snapshot file (`-`: standard input) instead of Redis; it wins over REDIS_URL.
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,

    #[command(flatten)]
    redis: RedisArgs,

    /// Print the exact response, or error body, of POST /quote.
    #[arg(long)]
    json: bool,

    /// Answer a file of requests (`-`: standard input): one body of POST /quote a line in, one response a line out.
    ///
    /// Refusals are lines too; the exit code is then 0.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["RequestFlags", "json"])]
    requests: Option<PathBuf>,

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

/// Answers one request, or a file of them.
pub(crate) async fn run(args: QuoteArgs) -> anyhow::Result<ExitCode> {
    progress::show();
    let (pools, fee_bps) = (args.candidates.max_candidate_pools, args.default_fee.default_fee_bps);
    let Some(path) = &args.snapshot else {
        let settings = QuoteSettings::of(args.candidates, args.default_fee, args.warn_age, &args.router);
        return serve(&args, Market::Redis(RedisMarket::new(args.redis.target()?, settings))).await;
    };
    if args.redis.is_given() {
        return Err(UsageError("--snapshot and --redis cannot be given together".to_owned()).into());
    }
    input::one_reader([Some(path.as_path()), args.requests.as_deref()])?;
    let named = || input::name(path);
    let text = input::read(path).with_context(|| format!("cannot read {}", named()))?;
    let settings = MarketSettings {
        default_fee_bps: fee_bps,
        max_pools: pools,
        source: Source::Snapshot,
        clock_ms: now_ms(),
    };
    let mut market = SnapshotMarket::from_snapshot(&text, settings).with_context(named)?;
    market.set_warn_age(args.warn_age.limit());
    market.set_router(args.router.principal());
    serve(&args, Market::Snapshot(SnapshotFile::new(market))).await
}

async fn serve(args: &QuoteArgs, mut market: Market) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.requests {
        batch::answer_all(&mut market, batch::open(path)?).await?;
        return Ok(ExitCode::SUCCESS);
    }
    match answer(args, &mut market).await {
        Ok(answer) if args.json => output::line(&http_body(&answer)?)?,
        Ok(answer) => output::line(table::of(&answer, market.graph()).trim_end())?,
        Err(refusal) if args.json => {
            output::line(&refusal.to_json())?;
            return Ok(refusal.exit_code());
        }
        Err(refusal) => return Err(refusal.into()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn answer(args: &QuoteArgs, market: &mut Market) -> Result<Answer, Refusal> {
    // Programs get what HTTP says.
    let request = if args.json { args.request.request() } else { args.request.request_in_words() };
    market.answer(&request?).await
}
