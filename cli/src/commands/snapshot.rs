//! `dlmm snapshot`

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use dlmm_core::decimals::DecimalTable;
use dlmm_core::state::PoolState;
use dlmm_core::units::{PoolId, Symbol};
use dlmm_core::wire::{PoolRouting, keys, normalise_pool, read_pool, stated_decimals, write_snapshot};

use crate::clock::now_ms;
use crate::output;
use crate::pool_ids::{Depth, PoolIds};
use crate::pool_store::{PoolStore, StoredPool};
use crate::quote_settings::DefaultFee;
use crate::redis_target::RedisArgs;
use crate::usage::UsageError;

/// Options of `dlmm snapshot`.
#[derive(Args)]
pub(crate) struct SnapshotArgs {
    /// File to write; standard output if absent.
    #[arg(long, value_name = "FILE")]
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
    let mut store = PoolStore::open(&args.redis.target()?).await?;
    let found = PoolIds::find(&mut store, Depth::Thorough).await?;
    if chosen.is_empty() && found.are_hidden() {
        anyhow::bail!(
            "the pools cannot be listed: the pools set is absent, empty or forbidden, and this Redis user may not SCAN; name them with --pools"
        );
    }
    let all = found.all();
    let mut stored: BTreeMap<PoolId, StoredPool> = BTreeMap::new();
    for id in if chosen.is_empty() { &all } else { &chosen } {
        for pool in store.pools([id]).await? {
            stored.insert(id.clone(), pool);
        }
    }
    let others = values(&mut store, all.difference(&chosen).filter(|id| !stored.contains_key(*id))).await?;
    let taken_at_ms = now_ms();

    let snapshot = Contents::of(&stored, &others, args.default_fee.default_fee_bps);
    for (key, reason) in &snapshot.left_out {
        eprintln!("dlmm: {key} is left out: {reason}");
    }
    anyhow::ensure!(!snapshot.pools.is_empty(), "there is no pool to write a snapshot of");
    let text = write_snapshot(taken_at_ms, &snapshot.tokens, &snapshot.pools)?;
    match &args.out {
        Some(path) => replace(path, &text).with_context(|| format!("cannot write {}", path.display())),
        None => Ok(output::line(&text)?),
    }
}

fn chosen(texts: &[String]) -> Result<BTreeSet<PoolId>, UsageError> {
    let id = |text: &String| PoolId::new(text).map_err(|e| UsageError(format!("--pools: a pool id {e}")));
    texts.iter().map(id).collect()
}

/// The pool values that are there.
async fn values<'p>(
    store: &mut PoolStore,
    ids: impl Iterator<Item = &'p PoolId>,
) -> anyhow::Result<BTreeMap<PoolId, String>> {
    let ids: Vec<&PoolId> = ids.collect();
    let keys: Vec<String> = ids.iter().map(|id| keys::pool(id)).collect();
    let texts = store.many_texts(&keys).await?;
    Ok(ids.into_iter().zip(texts).filter_map(|(id, text)| Some((id.clone(), text?))).collect())
}

/// What goes into the file, and what does not.
#[derive(Debug, Default)]
struct Contents {
    pools: Vec<String>,
    tokens: BTreeMap<Symbol, u8>,
    /// Keys and reasons.
    left_out: Vec<(String, String)>,
}

impl Contents {
    /// Pools that are not chosen still have a say in the decimals of their tokens, as they do in a quote.
    fn of(
        stored: &BTreeMap<PoolId, StoredPool>,
        others: &BTreeMap<PoolId, String>,
        default_fee_bps: u16,
    ) -> Self {
        let chosen = stored.iter().filter_map(|(id, pool)| Some((id, pool.value.as_deref()?)));
        let others = others.iter().map(|(id, text)| (id, text.as_str()));
        let values: BTreeMap<&PoolId, &str> = chosen.chain(others).collect();
        let routings = values
            .iter()
            .filter_map(|(id, text)| PoolRouting::parse(text).ok().filter(|routing| routing.pool.id == **id));
        let decimals = stated_decimals(&routings.collect::<Vec<_>>());
        let mut contents = Self::default();
        for (id, pool) in stored {
            if let Err(fault) = contents.take(id, pool, &decimals, default_fee_bps) {
                contents.left_out.push(fault);
            }
        }
        contents
    }

    fn take(
        &mut self,
        id: &PoolId,
        pool: &StoredPool,
        decimals: &DecimalTable,
        default_fee_bps: u16,
    ) -> Result<(), (String, String)> {
        let at_pool = |reason: String| (keys::pool(id), reason);
        let value = pool.value.as_deref().ok_or_else(|| at_pool("there is no such pool".to_owned()))?;
        let reference = PoolRouting::parse(value).map_err(at_pool)?.pool;
        if reference.id != *id {
            return Err(at_pool(format!("pool_id is {}", reference.id)));
        }
        if let PoolState::Skipped { key, reason } =
            read_pool(&pool.text(&reference), decimals, default_fee_bps)
        {
            return Err((key, reason));
        }
        let bins: Vec<&str> = pool.bins.iter().map(|(_, text)| text.as_str()).collect();
        self.pools.push(normalise_pool(value, &bins, decimals, default_fee_bps).map_err(at_pool)?);
        for token in [reference.token_x, reference.token_y] {
            let known = decimals.of(&token).0;
            self.tokens.insert(token, known);
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use dlmm_core::units::BinId;
    use dlmm_core::wire::Snapshot;

    use super::*;

    fn pool(id: &str, extra: &str, bin: &str) -> (PoolId, StoredPool) {
        let value = format!(
            r#"{{"pool_id":"{id}","token_x":"ODD","token_y":"USDC","active_bin_id":5,"status":"active"{extra}}}"#
        );
        let bins = vec![(BinId::new(5).unwrap(), bin.to_owned())];
        (PoolId::new(id).unwrap(), StoredPool { value: Some(value), bins })
    }

    const BIN: &str = r#"{"bin_id":5,"x_amount":1.5,"y_amount":0,"price":2.0}"#;

    #[test]
    fn leaves_out_what_cannot_be_read_and_says_why() {
        let gone = (PoolId::new("GONE").unwrap(), StoredPool { value: None, bins: Vec::new() });
        let alien = (PoolId::new("ALIEN").unwrap(), pool("P", "", BIN).1);
        let free = pool("FREE", "", &BIN.replace("2.0", "0"));
        let stored = [gone, alien, free, pool("P", "", BIN)].into();
        let contents = Contents::of(&stored, &BTreeMap::new(), 10);
        let expected = [
            ("pool:ALIEN", "pool_id is P"),
            ("bin:FREE:5", "price is zero"),
            ("pool:GONE", "there is no such pool"),
        ];
        let expected = expected.map(|(key, reason)| (key.to_owned(), reason.to_owned()));
        assert_eq!(contents.left_out, expected);
        assert_eq!(contents.pools.len(), 1);
    }

    #[test]
    fn a_paused_pool_is_a_pool_too() {
        let (id, mut paused) = pool("P", "", BIN);
        paused.value = paused.value.map(|text| text.replace("\"active\"", "\"paused\""));
        let contents = Contents::of(&[(id, paused)].into(), &BTreeMap::new(), 10);
        assert!(contents.pools[0].contains(r#""status":"paused""#) && contents.left_out.is_empty());
    }

    #[test]
    fn a_pool_that_is_not_chosen_still_states_decimals() {
        let stored = [pool("P", "", BIN)].into();
        let (other, value) = pool("Q", r#","token_x_decimals":3"#, BIN);
        let others = [(other, value.value.unwrap())].into();
        let contents = Contents::of(&stored, &others, 10);
        let text = write_snapshot(0, &contents.tokens, &contents.pools).unwrap();
        let snapshot = Snapshot::parse(&text).unwrap();
        assert_eq!((snapshot.pools.len(), snapshot.pools[0].routing.decimals_x), (1, Some(3)));
        assert_eq!(snapshot.tokens[0].1, 3);
    }
}
