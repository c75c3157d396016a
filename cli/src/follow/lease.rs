//! One follower at a time: a lease in Redis that its holder renews.

use std::time::Duration;

use super::fault::Fault;
use super::record;
use crate::redis::store::PoolStore;

/// How long a lease lasts without being renewed.
pub(crate) const TERM: Duration = Duration::from_secs(3);

/// The holder's side of the lease.
pub(crate) struct Lease {
    key: String,
    holder: String,
}

impl Lease {
    /// A lease that is not held yet.
    pub(crate) fn new(core: &str) -> Self {
        Self { key: record::lease_key(core), holder: format!("{:016x}", fastrand::u64(..)) }
    }

    /// The text by which the holder is known.
    pub(crate) fn holder(&self) -> &str {
        &self.holder
    }

    /// Takes the lease if nobody has it, or renews it; false where somebody else has it.
    ///
    /// # Errors
    /// [`Fault::Redis`]
    pub(crate) async fn take(&self, store: &mut PoolStore) -> Result<bool, Fault> {
        let mut set = redis::cmd("SET");
        set.arg(&self.key).arg(&self.holder).arg("NX").arg("PX").arg(term_ms());
        if store.run::<Option<String>>(&set).await?.is_some() {
            return Ok(true);
        }
        let holder: Option<String> = store.run(redis::cmd("GET").arg(&self.key)).await?;
        let ours = holder.as_deref() == Some(self.holder.as_str());
        if ours {
            // Were it lost between these two commands, the other one's would last a little longer: no harm.
            store.run::<()>(redis::cmd("PEXPIRE").arg(&self.key).arg(term_ms())).await?;
        }
        Ok(ours)
    }

    /// Gives the lease up, so that the next one need not wait.
    pub(crate) async fn give_up(&self, store: &mut PoolStore) -> Result<(), Fault> {
        let holder: Option<String> = store.run(redis::cmd("GET").arg(&self.key)).await?;
        if holder.as_deref() == Some(self.holder.as_str()) {
            store.run::<()>(redis::cmd("DEL").arg(&self.key)).await?;
        }
        Ok(())
    }
}

/// The term in milliseconds.
pub(crate) fn term_ms() -> u64 {
    u64::try_from(TERM.as_millis()).unwrap_or(u64::MAX)
}
