//! `dlmm verify`

mod bin_keys;
mod findings;
mod pool_check;

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;
use dlmm_core::stored::{PoolRouting, PoolValue, keys, stated_decimals};
use dlmm_core::units::PoolId;
use serde::Serialize;

use self::bin_keys::BinKeys;
use self::findings::{Finding, Level, of_survey};
use crate::clock::now_ms;
use crate::output::{self, counted};
use crate::progress;
use crate::redis::fault::RedisFault;
use crate::redis::pool_ids::{Depth, PoolIds};
use crate::redis::store::PoolStore;
use crate::redis::target::RedisArgs;
use crate::survey::Survey;

/// Options of `dlmm verify`.
#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Fail on warnings, too.
    #[arg(long)]
    strict: bool,

    /// Print JSON instead of lines.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    redis: RedisArgs,
}

/// What a check came to.
#[derive(Serialize)]
struct Verdict {
    errors: usize,
    warnings: usize,
    pools: usize,
    bins: usize,
    findings: Vec<Finding>,
    /// What this Redis user may not see, so that it was not checked.
    unseen: Vec<String>,
}

/// Checks all that is there. Errors, and warnings under `--strict`, end with exit code 1.
pub(crate) async fn run(args: VerifyArgs) -> anyhow::Result<ExitCode> {
    let target = args.redis.target()?;
    progress::show();
    let mut store = PoolStore::open(&target).await?;
    let verdict = check(&mut store, target.address()).await?;
    if args.json {
        output::line(&serde_json::to_string(&verdict)?)?;
    } else {
        output::line(&in_words(&verdict))?;
    }
    let fails = verdict.errors > 0 || (args.strict && verdict.warnings > 0);
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn check(store: &mut PoolStore, address: String) -> Result<Verdict, RedisFault> {
    let survey = Survey::take(store, address, now_ms).await?;
    let ids: Vec<PoolId> = PoolIds::find(store, Depth::Thorough).await?.all().into_iter().collect();
    let pool_keys: Vec<String> = ids.iter().map(keys::pool).collect();
    let texts = store.many_texts(&pool_keys).await?;
    let routings: Vec<Option<PoolRouting>> =
        texts.iter().map(|text| PoolRouting::parse(text.as_deref()?).ok()).collect();
    let decimals = stated_decimals(routings.iter().flatten());

    let values = ids.iter().zip(&texts).zip(&routings);
    let broken = values.filter(|((id, text), routing)| {
        let is_sound = |text: &String| PoolValue::parse(text, 0).is_ok();
        let is_its_own = routing.as_ref().is_some_and(|routing| routing.pool.id == **id);
        text.as_ref().is_some_and(|text| !is_its_own || !is_sound(text))
    });
    let broken: BTreeSet<&str> = broken.map(|((id, _), _)| id.as_str()).collect();

    let mut findings = of_survey(&survey, &broken);
    if ids.is_empty() {
        // A check that has looked at nothing proves nothing: the producer may write elsewhere, or not at all.
        findings.push(Finding::error(keys::POOLS, "no pools were found, so nothing was checked"));
    }
    let (mut bins, mut without_bins) = (0, Vec::new());
    progress::phase("checking pools", Some(ids.len()));
    for (id, routing) in ids.iter().zip(&routings) {
        let Some(stored) = store.sound_pools([id]).await?.pop() else { continue };
        progress::add(1);
        bins += stored.bins.len();
        if stored.value.is_some() && stored.bins.is_empty() && stored.left_out.is_none() {
            without_bins.push(id);
        }
        findings.extend(pool_check::check(id, routing.as_ref(), &stored, &decimals));
    }
    findings.extend(of_pools_without_bins(&without_bins, bins));
    let mut unseen = survey.unseen;
    match BinKeys::scan(store).await? {
        Some(bin_keys) => findings.extend(bin_keys.check(store, &ids).await?),
        None => unseen.push("bins of no pool: this user may not SCAN".to_owned()),
    }
    findings.sort();
    // An error about a list says more than the warning of the same words.
    let mut told = BTreeSet::new();
    findings.retain(|finding| told.insert((finding.key.clone(), finding.problem.clone())));
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    // One line stands for all that are not named.
    let not_named = survey.left_out_more.saturating_sub(1);
    let (errors, warnings) = (count(Level::Error).saturating_add(not_named), count(Level::Warning));
    Ok(Verdict { errors, warnings, pools: ids.len(), bins, findings, unseen })
}

/// A pool without bins may have been emptied. Where none has any, the producer does not write them, or not here.
fn of_pools_without_bins(pools: &[&PoolId], bins: usize) -> Vec<Finding> {
    if bins == 0 && !pools.is_empty() {
        let problem =
            "no pool has a bin, so nothing can be quoted: a producer writes bin:{pool}:{id} beside each pool";
        return Vec::from([Finding::error("bin:*", problem)]);
    }
    let warning =
        |id: &&PoolId| Finding::warning(keys::pool(id), "has no bins, so nothing can be traded in it");
    pools.iter().map(warning).collect()
}

fn in_words(verdict: &Verdict) -> String {
    let mut lines: Vec<String> = verdict.findings.iter().map(ToString::to_string).collect();
    lines.extend(verdict.unseen.iter().map(|what| format!("unseen   {what}")));
    let Verdict { errors, warnings, pools, bins, .. } = verdict;
    let [errors, warnings, pools, bins] =
        [(errors, "error"), (warnings, "warning"), (pools, "pool"), (bins, "bin")]
            .map(|(count, noun)| counted(*count, noun));
    lines.push(format!("{errors}, {warnings} in {pools} and {bins}"));
    lines.join("\n")
}
