//! `dlmm snapshot`

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use dlmm_core::api::Source;
use dlmm_core::stored::{LeftOut, PoolRouting, SnapshotContents, StoredPool, keys};
use dlmm_core::units::PoolId;

use crate::clock::now_ms;
use crate::grouping::grouped;
use crate::input::is_standard;
use crate::output;
use crate::progress;
use crate::quote_settings::DefaultFee;
use crate::redis::heartbeat::read_pulse;
use crate::redis::pool_ids::{Depth, PoolIds};
use crate::redis::store::PoolStore;
use crate::redis::target::RedisArgs;
use crate::redis::unfit_lists::name_unfit_lists;
use crate::usage::UsageError;

/// Options of `dlmm snapshot`.
#[derive(Args)]
pub(crate) struct SnapshotArgs {
    /// File to write; `-`, or nothing at all, is standard output.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// The same by name.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    out: Option<PathBuf>,

    /// Only these pools (ids, separated by commas).
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pools: Vec<String>,

    #[command(flatten)]
    default_fee: DefaultFee,

    #[command(flatten)]
    redis: RedisArgs,
}

/// Copies the pools of Redis to a file, each as it was at one moment.
pub(crate) async fn run(args: SnapshotArgs) -> anyhow::Result<()> {
    let chosen = chosen(&args.pools)?;
    progress::show();
    let mut store = PoolStore::open(&args.redis.target()?).await?;
    let found = PoolIds::find(&mut store, Depth::Thorough).await?;
    if chosen.is_empty() && found.are_hidden() {
        anyhow::bail!(
            "the pools cannot be listed: the pools set is absent, empty or forbidden, and this Redis user may not SCAN; name them with --pools"
        );
    }
    let all = found.all();
    let pulse = read_pulse(&mut store).await?;
    let mut stored: BTreeMap<PoolId, StoredPool<'_>> = BTreeMap::new();
    let wanted = if chosen.is_empty() { &all } else { &chosen };
    progress::phase("copying pools", Some(wanted.len()));
    for id in wanted {
        for pool in store.sound_pools([id]).await? {
            stored.insert(id.clone(), pool);
        }
        progress::add(1);
    }
    let others = all.difference(&chosen).filter(|id| !stored.contains_key(*id));
    let others = routings(&mut store, others).await?;
    let mut left_out = found.left_out;
    if chosen.is_empty() {
        let routings: Vec<PoolRouting> =
            stored.values().filter_map(|pool| PoolRouting::parse(pool.value.as_deref()?).ok()).collect();
        name_unfit_lists(&mut store, routings.iter().map(|routing| &routing.pool), &mut left_out).await?;
    }
    let taken_at_ms = now_ms();
    progress::phase("writing the snapshot", None);

    let mut contents = SnapshotContents::of(stored, others, args.default_fee.default_fee_bps)
        .with_pulse(pulse)
        .of_a_part(!chosen.is_empty());
    if chosen.is_empty() {
        let more = left_out.more_beside(contents.skipped().iter().map(|one| &one.key));
        contents.also_left_out(left_out.named(), more);
    }
    for LeftOut { key, reason, .. } in contents.skipped() {
        progress::note(&format!("{key} is left out: {reason}"));
    }
    anyhow::ensure!(contents.pool_count() > 0, "there is no pool to write a snapshot of");
    let pools = contents.pool_count();
    let text = contents.into_document(taken_at_ms, Source::Redis)?;
    match args.file.as_ref().or(args.out.as_ref()) {
        Some(path) if !is_standard(path) => {
            replace(path, &text).with_context(|| format!("cannot write {}", path.display()))?;
            let [pools, bins, bytes] = [pools, text.matches("\"bin_id\":").count(), text.len()]
                .map(|count| grouped(&count.to_string()));
            progress::note(&format!(
                "wrote {pools} pools with {bins} bins, {bytes} bytes, to {}",
                path.display()
            ));
            Ok(())
        }
        _ => Ok(output::line(&text)?),
    }
}

fn chosen(texts: &[String]) -> Result<BTreeSet<PoolId>, UsageError> {
    let id = |text: &String| PoolId::new(text).map_err(|e| UsageError(format!("--pools: a pool id {e}")));
    texts.iter().map(id).collect()
}

/// What these pools state of their tokens, where it can be read.
async fn routings<'p>(
    store: &mut PoolStore,
    ids: impl Iterator<Item = &'p PoolId>,
) -> anyhow::Result<Vec<PoolRouting>> {
    let ids: Vec<&PoolId> = ids.collect();
    let keys: Vec<String> = ids.iter().map(|id| keys::pool(id)).collect();
    let texts = store.many_texts(&keys).await?;
    let routing = |(id, text): (&PoolId, Option<String>)| {
        PoolRouting::parse(&text?).ok().filter(|routing| routing.pool.id == *id)
    };
    Ok(ids.into_iter().zip(texts).filter_map(routing).collect())
}

/// Writes the file beside its place and moves it there, so that nobody ever sees half of it.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    // A link is followed, and a pipe or a terminal is written to as it is.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if path.exists() && !path.is_file() {
        return fs::write(path, format!("{text}\n"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As for any new file: the user's mask takes away what others may not do.
        file.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = file.prefix(".dlmm-snapshot-").tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}
