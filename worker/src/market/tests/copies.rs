//! Copies of pools: each whole and of one moment, or a refusal that says what to do.

use dlmm_core::sorted::SortedSet;

use dlmm_core::units::PoolId;

use super::desk::{Desk, code, codes};
use super::memory::Stored;
use crate::market::Refusal;
use crate::market::copy::{Copied, Ids, copy};
use crate::market::listing::checked;

fn copied(desk: &Desk, chosen: Option<&[&str]>) -> Result<Copied, Refusal> {
    let chosen: Option<SortedSet<PoolId>> =
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
fn a_key_of_another_type_beyond_all_bins_leaves_its_pool_out_and_quotes_know_it_from_then_on() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 400, 2);
    desk.redis.put("bin:P:1000", Stored::Set(["x".to_owned()].into()));
    let left_out = |copied: Copied| -> Vec<Option<String>> {
        copied.pools.into_iter().map(|(_, pool)| pool.left_out.map(|out| out.key)).collect()
    };
    let expected = [Some("bin:P:1000".to_owned()), None];
    assert_eq!(left_out(copied(&desk, None).unwrap()), expected);
    let quote = desk.sell(5, "").unwrap();
    assert_eq!((codes(&quote), quote.routes[0].hops[0].pool_id.as_str()), (vec!["POOL_SKIPPED"], "Q"));
    desk.redis.remove("bin:P:1000");
    assert_eq!(left_out(copied(&desk, None).unwrap()), [None, None], "it is mended");
}

#[test]
fn many_keys_of_another_type_in_many_pools_take_a_few_requests_more_and_one_of_each_pool_is_named() {
    let desk = Desk::new(&[]);
    for n in 0..9 {
        desk.add_pool(&format!("P{n}"), 500, 5);
        (600..=1_000)
            .for_each(|bin| desk.redis.put(&format!("bin:P{n}:{bin}"), Stored::Hash(Default::default())));
    }
    let copied = copied(&desk, None).unwrap();
    let left_out: Vec<String> =
        copied.pools.into_iter().map(|(_, pool)| pool.left_out.unwrap().key).collect();
    assert_eq!(left_out, (0..9).map(|n| format!("bin:P{n}:600")).collect::<Vec<_>>());
    let commands = desk.redis.take_commands();
    let of = |name: &str| commands.iter().filter(|command| command[0] == name).count();
    // Each of the two once for the listing too.
    assert_eq!((of("MGET"), of("EXISTS")), (1 + 1, 1 + 1 + 99));
    assert!(of("TYPE") <= 9 * 100, "{}", of("TYPE"));
}

#[test]
fn a_copy_of_sound_pools_is_one_request_and_no_type_is_asked_for() {
    let desk = Desk::with_pool(&[], 5);
    copied(&desk, None).unwrap();
    desk.redis.take_commands();
    let requests = desk.redis.requests();
    copied(&desk, None).unwrap();
    assert_eq!(desk.redis.requests(), requests + 1);
    let names: Vec<String> =
        desk.redis.take_commands().into_iter().map(|command| command[0].clone()).collect();
    assert_eq!(names, ["MGET", "EXISTS"]);
}

#[test]
fn whoever_may_not_count_keys_gets_the_copy_all_the_same() {
    let desk = Desk::with_pool(&[], 5);
    desk.list(&["P"]);
    desk.redis.forbid("EXISTS");
    desk.redis.put("bin:P:1000", Stored::Set(["x".to_owned()].into()));
    assert_eq!(bins(&copied(&desk, None).unwrap()), [("P".to_owned(), 11)]);
}

#[test]
fn a_page_ends_behind_a_read_with_such_keys() {
    let desk = Desk::new(&[("MAX_KEYS_PER_QUOTE", "1002")]);
    for n in 0..5 {
        desk.add_pool(&format!("P{n}"), 500, 5);
    }
    desk.redis.put("bin:P1:7", Stored::Hash(Default::default()));
    let ids: SortedSet<PoolId> = (0..5).map(|n| PoolId::new(&format!("P{n}")).unwrap()).collect();
    let page = desk.on_market(async |market| {
        copy(market, &checked(market).await.unwrap(), Ids::Page(&ids)).await.unwrap()
    });
    assert_eq!(page.pools.len(), 2);
    assert_eq!(copied(&desk, None).unwrap().pools.len(), 5);
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
