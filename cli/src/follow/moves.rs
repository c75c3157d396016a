//! What changes on the way from one block to another, as the records of the blocks between tell it.

use super::fault::Fault;
use super::record;
use super::state::Way;
use super::undo::{Changes, Moves};
use crate::redis::store::PoolStore;

/// Records of blocks read in one call.
const RECORDS_PER_READ: usize = 100;

/// All that changes on a way, in its order.
pub(super) async fn moves(store: &mut PoolStore, core: &str, way: &Way) -> Result<Moves, Fault> {
    let back = way.undo.iter().map(|hash| (hash, true));
    let steps: Vec<(&String, bool)> = back.chain(way.redo.iter().map(|hash| (hash, false))).collect();
    let mut moved = Moves::new();
    for steps in steps.chunks(RECORDS_PER_READ) {
        let mut get = redis::cmd("HMGET");
        get.arg(record::key(core));
        for (hash, _) in steps {
            get.arg(record::changes_field(hash));
        }
        let texts: Vec<Option<String>> = store.run(&get).await?;
        for ((hash, back), text) in steps.iter().zip(texts) {
            moved.extend(Changes::read(hash, text.as_deref())?.moves(hash, *back)?);
        }
    }
    Ok(moved)
}
