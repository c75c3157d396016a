//! Copies of pools: each whole and of one moment, or a refusal that says what to do.

use std::collections::BTreeSet;

use dlmm_core::units::PoolId;

use super::desk::{Desk, code};
use super::memory::Stored;
use crate::market::Refusal;
use crate::market::copy::{Copied, Ids, copy};
use crate::market::listing::checked;

fn copied(desk: &Desk, chosen: Option<&[&str]>) -> Result<Copied, Refusal> {
    let chosen: Option<BTreeSet<PoolId>> =
        chosen.map(|ids| ids.iter().map(|id| PoolId::new(id).unwrap()).collect());
    desk.on_market(async |market| {
        let ids = chosen.as_ref().map_or(Ids::All, Ids::Chosen);
        copy(market, &*checked(market).await?, ids).await
    })
}

fn bins(copied: &Copied) -> Vec<(String, usize)> {
    copied.pools.iter().map(|(id, pool)| (id.to_string(), pool.bins.len())).collect()
}

#[test]
fn all_pools_are_copied_in_one_read_where_they_fit() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 400, 2);
    let copied = copied(&desk, None).unwrap();
    assert_eq!(bins(&copied), [("P".to_owned(), 11), ("Q".to_owned(), 5)]);
    let reads = desk.redis.take_reads();
    assert_eq!(reads.iter().map(Vec::len).collect::<Vec<_>>(), [2 * 1_002]);
}

#[test]
fn one_that_is_chosen_and_not_there_is_unknown_and_the_others_are_not_read() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 400, 2);
    assert_eq!(code(&copied(&desk, Some(&["NONE"])).unwrap_err()), "UNKNOWN_POOL");
    let copied = copied(&desk, Some(&["Q"])).unwrap();
    assert_eq!((bins(&copied), copied.others.len()), (vec![("Q".to_owned(), 5)], 1));
}

#[test]
fn a_pool_with_a_key_of_another_type_between_its_bins_is_left_out() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.put("bin:P:498", Stored::Set(["x".to_owned()].into()));
    let copied = copied(&desk, None).unwrap();
    let left_out = copied.pools.values().next().unwrap().left_out.clone().unwrap();
    assert_eq!((left_out.key.as_str(), left_out.reason.as_str()), ("bin:P:498", "is a set, not a string"));
}

#[test]
fn a_key_of_another_type_beyond_the_bins_leaves_a_copy_out_once_a_quote_has_met_it() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.put("bin:P:495", Stored::Set(["x".to_owned()].into()));
    desk.sell(550, r#","allow_partial":true"#).unwrap();
    desk.do_tasks();
    let left_out = |copied: Copied| copied.pools.into_values().next().unwrap().left_out.map(|out| out.key);
    assert_eq!(left_out(copied(&desk, None).unwrap()).as_deref(), Some("bin:P:495"));
    desk.add_pool("P", 500, 5);
    assert_eq!(left_out(copied(&desk, None).unwrap()), None, "it is mended");
}

#[test]
fn what_cannot_be_listed_is_not_copied_as_if_it_were_all() {
    let desk = Desk::with_pool(&[], 5);
    desk.redis.forbid("SCAN");
    assert!(matches!(copied(&desk, None), Err(Refusal::Unlisted)));
    assert!(copied(&desk, Some(&["P"])).is_ok());
}

#[test]
fn a_copy_has_a_largest_size() {
    let desk = Desk::with_pool(&[("MAX_SNAPSHOT_BYTES", "1000")], 50);
    let refusal = copied(&desk, None).unwrap_err();
    assert_eq!(refusal, Refusal::CopyTooLarge { limit: 1_000, unit: "bytes" });
}
