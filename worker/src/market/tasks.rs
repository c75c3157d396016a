//! What is done after an answer: on a session of its own, so that it neither uses up the time of a request nor ends with it.

use super::known::Known;
use super::live::Task;
use super::read::look;
use crate::redis::{Exchange, RedisError, Session};

/// Does a task.
///
/// # Errors
/// What became of Redis; what is known stays as it was.
pub async fn run<X: Exchange>(task: Task, known: &Known, redis: Session<'_, X>) -> Result<(), RedisError> {
    match task {
        Task::Check(seeds) => known.listing.check(redis, &seeds).await?,
        Task::Relist(seeds) => drop(known.listing.reload(redis, &seeds).await?),
        Task::Look(keys) => return look(known, redis, &keys).await,
    }
    if let Some(topology) = known.listing.current() {
        known.keep_only(&topology);
    }
    Ok(())
}
