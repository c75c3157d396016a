//! Values whose text cannot be used are known where they are not read, until they can be.

use super::desk::{Desk, bin_value, pool_value};
use crate::market::read::look_at_faults;

fn named(desk: &Desk) -> Vec<(String, String)> {
    desk.on_market(async |market| look_at_faults(market).await.unwrap());
    desk.known.broken.named().into_iter().map(|one| (one.key, one.reason)).collect()
}

#[test]
fn a_bin_that_a_quote_could_not_use_is_known_until_it_can_be_whether_it_is_quoted_or_not() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 500, 5);
    assert_eq!(named(&desk), []);
    desk.redis.set("bin:P:500", "{}");
    desk.sell(5, "").unwrap();
    let expected = [("bin:P:500".to_owned(), "bin_id is missing".to_owned())];
    assert_eq!(named(&desk), expected);
    desk.redis.set("bin:P:500", bin_value(500, 500));
    assert_eq!(named(&desk), expected, "it was looked at a moment ago");
    desk.redis.wait_ms(2_000.0);
    assert_eq!(named(&desk), []);
    desk.redis.set("bin:P:500", bin_value(499, 500));
    desk.sell(5, "").unwrap();
    assert_eq!(named(&desk), [("bin:P:500".to_owned(), "bin_id is 499".to_owned())]);
    desk.redis.set("bin:P:500", bin_value(500, 500));
    desk.sell(5, "").unwrap();
    assert_eq!(named(&desk), [], "a quote has read it");
}

#[test]
fn a_pool_value_that_a_quote_could_not_use_is_known_until_it_can_be_whether_it_is_quoted_or_not() {
    let desk = Desk::with_pool(&[], 5);
    desk.add_pool("Q", 500, 5);
    desk.sell(5, "").unwrap();
    let spoil = || {
        desk.redis.set("pool:P", "not json");
        desk.sell(5, "").unwrap();
        let [(key, _)] = &named(&desk)[..] else { panic!("{:?}", named(&desk)) };
        assert_eq!(key, "pool:P");
    };
    spoil();
    desk.redis.wait_ms(2_000.0);
    assert_eq!(named(&desk).len(), 1, "a look finds it as it was");
    desk.redis.set("pool:P", pool_value("P", 500));
    assert_eq!(named(&desk).len(), 1, "it was looked at a moment ago");
    desk.redis.wait_ms(2_000.0);
    assert_eq!(named(&desk), []);
    spoil();
    desk.redis.set("pool:P", pool_value("P", 500));
    desk.sell(5, "").unwrap();
    assert_eq!(named(&desk), [], "a quote has read it");
}
