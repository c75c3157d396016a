//! Going back on the line: what was taken without all that the core printed is undone, and forgotten, to be taken again.

use super::block::Header;
use super::fault::Fault;
use super::follower::Follower;
use super::moves::moves;
use crate::redis::store::PoolStore;

impl Follower {
    /// The block at a height that was taken, on the branch that ends with `from`.
    pub(crate) fn taken_at(&self, from: &str, height: u64) -> Option<&Header> {
        self.state.as_ref()?.chain.ancestor(from, height)
    }

    /// Undoes and forgets a block and all above it; gives how many of the line that were.
    ///
    /// # Errors
    /// As of a block that is taken; [`Fault::Node`] where it is too old to be undone.
    pub(crate) async fn go_back_from(&mut self, block: &Header) -> Result<usize, Fault> {
        let mut store = self.open().await?;
        let gone = self.undo_from(&mut store, block).await;
        match &gone {
            Ok(_) => self.store = Some(store),
            // The connection may still watch, so it goes too.
            Err(_) => (self.state, self.watching) = (None, false),
        }
        gone
    }

    async fn undo_from(&mut self, store: &mut PoolStore, block: &Header) -> Result<usize, Fault> {
        self.watch(store).await?;
        let Self { settings, tokens, state, .. } = self;
        let Some(state) = state else { return Err(Fault::Lease) };
        let to = state.chain.header(&block.parent).cloned();
        let way = to.and_then(|to| Some((state.way_back(&to.hash)?, to)));
        let Some((way, to)) = way else {
            let height = block.height;
            let reason = format!(
                "block {height} was taken without what the core printed in it, too long ago to be undone"
            );
            return Err(Fault::Node { reason });
        };
        let count = way.undo.len();
        let moved = moves(store, &settings.rules.core, &way).await?;
        let step = state.go_back(&to, way, &moved, (&settings.rules, tokens, settings.keep_blocks))?;
        self.commit(store, &step).await?;
        self.recent.retain(|one| !step.forgotten.contains(&one.hash));
        Ok(count)
    }
}
