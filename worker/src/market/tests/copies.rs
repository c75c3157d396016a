//! Copies of pools: each whole and of one moment, or a refusal that says what to do.

use std::ops::RangeInclusive;

use dlmm_core::sorted::SortedSet;

use dlmm_core::units::PoolId;

use super::desk::{Desk, bin_value, code, codes};
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

/// Five pools of five bins, whose texts take some 800 bytes each, and what came of their copy where a reply holds so many bytes.
fn copied_in_replies_of(most: usize, prepare: impl FnOnce(&Desk)) -> (Copied, Vec<usize>) {
    let desk = Desk::new(&[]);
    for n in 0..5 {
        desk.add_pool(&format!("P{n}"), 500, 2);
    }
    prepare(&desk);
    // What a copy needs of the list is known before.
    copied(&desk, Some(&["P0"])).unwrap();
    desk.redis.take_commands();
    desk.redis.limit_replies(most);
    let copied = copied(&desk, None).unwrap();
    (copied, desk.redis.take_reads().iter().map(|keys| keys.len() / 1_002).collect())
}

/// Writes these bins of all five with so many bytes beside the usual ones.
fn lengthen(desk: &Desk, bins: RangeInclusive<u16>, bytes: usize) {
    for (n, bin) in (0..5).flat_map(|n| bins.clone().map(move |bin| (n, bin))) {
        let mut value = bin_value(bin, 500);
        value["note"] = "x".repeat(bytes).into();
        desk.redis.set(&format!("bin:P{n}:{bin}"), value);
    }
}

#[test]
fn a_reply_that_is_too_large_is_asked_for_in_parts_and_every_pool_is_copied() {
    let prepare = |desk: &Desk| {
        lengthen(desk, 401..=600, 1_000);
        desk.redis.forbid("STRLEN");
    };
    let (copied, reads) = copied_in_replies_of(600_000, prepare);
    assert_eq!(copied.pools.len(), 5);
    assert!(copied.pools.values().all(|pool| pool.bins.len() == 200 && pool.left_out.is_none()));
    assert_eq!(reads, [5, 2, 3, 1, 2], "halved, and the rest asked for again");
}

#[test]
fn whole_pools_are_asked_for_together_as_far_as_their_lengths_allow() {
    let (copied, reads) = copied_in_replies_of(5_000_000, |desk| lengthen(desk, 400..=600, 9_000));
    assert_eq!(copied.pools.values().map(|pool| pool.bins.len()).collect::<Vec<_>>(), [201; 5]);
    assert_eq!(reads, [5, 2, 2, 1], "some 1.8 MB each");
}

#[test]
fn a_pool_that_no_reply_holds_is_left_out_by_name_and_the_others_are_copied() {
    let heavy = |desk: &Desk| {
        for bin in 0..=1_000 {
            let mut value = bin_value(bin, 500);
            value["note"] = "x".repeat(if bin == 700 { 200 } else { 100 }).into();
            desk.redis.set(&format!("bin:P2:{bin}"), value);
        }
    };
    for (forbidden, key, reason) in [
        (None, "bin:P2:700", "its pool holds 181374 bytes"),
        (Some("STRLEN"), "pool:P2", "its pool is too large for a reply"),
    ] {
        let (copied, _) = copied_in_replies_of(100_000, |desk| {
            heavy(desk);
            if let Some(command) = forbidden {
                desk.redis.forbid(command);
            }
            desk.redis.limit_replies(usize::MAX);
        });
        let whole: Vec<bool> = copied.pools.values().map(|pool| pool.bins.len() == 5).collect();
        assert_eq!(whole, [true, true, false, true, true]);
        let (_, pool) = copied.pools.iter().nth(2).unwrap();
        let left_out = pool.left_out.clone().unwrap();
        assert_eq!(left_out.key, key);
        assert!(left_out.reason.starts_with(reason), "{}", left_out.reason);
        assert!(pool.value.is_some(), "it says of which pair there is one pool less");
    }
}

#[test]
fn pools_whose_bins_quotes_found_long_are_asked_for_one_by_one() {
    let desk = Desk::new(&[]);
    for n in 0..3 {
        desk.add_pool(&format!("P{n}"), 500, 2);
    }
    lengthen(&desk, 498..=502, 20_000);
    copied(&desk, None).unwrap();
    desk.sell(5, r#","pools":["P0","P2"]"#).unwrap();
    desk.redis.take_reads();
    assert_eq!(bins(&copied(&desk, None).unwrap()).len(), 3);
    let reads: Vec<usize> = desk.redis.take_reads().iter().map(|keys| keys.len() / 1_002).collect();
    assert_eq!(reads, [1, 1, 1], "P1 alone is not known to be long, and stands between two that are");
}
