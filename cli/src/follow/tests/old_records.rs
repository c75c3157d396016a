//! Records that an earlier version wrote, and damaged ones.

use super::recording::{block, line};
use super::world::World;
use crate::follow::block::Header;
use crate::follow::record::FORMAT;
use crate::follow::stored::chain;
use crate::follow::undo::Changes;

/// As `dlmm-follower/1` had it.
const OLD: &str = r#"{"before":{"pool:P":"{}","bin:P:500":null},"after":{"pool:P":"{}","bin:P:500":"{}"}}"#;

#[test]
fn what_cannot_be_read_as_a_change_is_never_taken_for_no_change() {
    let whole = Changes::default().to_text();
    assert!(Changes::read("0x01", Some(&whole)).unwrap().moves("0x01", true).unwrap().is_empty());
    let more = whole.replacen('{', r#"{"more":{},"#, 1);
    for text in [OLD, "{}", r#"{"texts":{}}"#, r#"{"texts":{},"pools":{}}"#, "null", "", &more] {
        let fault = Changes::read("0x01", Some(text)).map(|_| ()).unwrap_err();
        assert_eq!(fault.code(), "RECORD_INVALID", "{text}");
    }
}

#[test]
fn of_the_layout_before_the_state_is_kept_and_no_block_is_undone() {
    let header = |height: u64| Header {
        height,
        hash: format!("0x{height:02x}"),
        parent: format!("0x{:02x}", height - 1),
        time_ms: 1,
        version: String::new(),
        prints: None,
    };
    let headers = || vec![header(5), header(6), header(7)];
    let (now, unusable) = chain(Some(FORMAT), header(7), headers()).unwrap();
    assert_eq!((now.lowest(), unusable.len()), (Some(5), 0));
    let (old, mut unusable) = chain(Some("dlmm-follower/1"), header(7), headers()).unwrap();
    unusable.sort();
    assert_eq!((old.tip(), old.lowest()), (Some(&header(7)), Some(7)));
    assert_eq!(unusable, ["0x05", "0x06"]);
    for format in [None, Some("dlmm-follower/3"), Some("")] {
        assert!(chain(format, header(7), headers()).is_none(), "{format:?}");
    }
}

#[test]
fn blocks_that_cannot_be_undone_are_forgotten_with_the_next_block_and_one_that_comes_again_is_not() {
    let mut world = World::new();
    world.take_all(&line()[..10]);
    let next = block(11, 7, &line()[9].hash, Vec::new());
    world.state.unusable = vec!["0xold".to_owned(), next.hash.clone()];
    let way = world.state.way(&next, true).unwrap().unwrap();
    let (rules, tokens) = (&world.rules, &world.tokens);
    let step = world.state.step(&next, way, &Vec::new(), (rules, tokens, 144)).unwrap();
    assert_eq!(step.forgotten, ["0xold"]);
    assert!(world.state.unusable.is_empty());
}
