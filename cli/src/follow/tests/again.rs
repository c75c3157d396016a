//! Blocks that were taken without their prints are undone, forgotten and taken again.

use super::recording::{block, line, prints, transactions};
use super::world::World;

#[test]
fn a_block_without_its_prints_is_undone_with_all_above_and_beside_it_and_taken_again() {
    let line = line();
    let mut world = World::new();
    world.take_all(&line[..60]);
    let before = world.clone();
    // 61 without what it should have, 62 on it, a branch beside 62, and the line again.
    let mut bare = line[60].clone();
    bare.prints.clear();
    let empty = |height, branch, parent: &str| block(height, branch, parent, Vec::new());
    let above = empty(62, 5, &bare.hash);
    let beside = block(62, 6, &bare.hash, prints(&transactions()[40]));
    let top = empty(63, 5, &above.hash);
    for one in [&bare, &above, &top] {
        world.take(one).unwrap();
    }
    let _ = world.take(&beside);
    world.take(&empty(64, 5, &top.hash)).unwrap();

    let taken = world.state.chain.ancestor(&top.hash, 61).cloned().unwrap();
    assert_eq!((taken.hash.as_str(), taken.prints), (bare.hash.as_str(), Some(0)));
    assert_eq!(world.go_back_from(&taken), 4);
    assert_eq!(world.contents(), before.contents());
    assert_eq!(world.blocks_kept(), before.blocks_kept());
    for one in [&bare, &above, &beside, &top] {
        assert!(world.state.chain.header(&one.hash).is_none());
    }
    world.take_all(&line[60..]);
    world.assert_stored();
    let mut straight = World::new();
    straight.take_all(&line);
    assert_eq!(world.contents(), straight.contents());
}

#[test]
fn a_block_whose_parent_is_forgotten_cannot_be_undone() {
    let mut world = World::new();
    world.keep = 3;
    world.take_all(&line()[..20]);
    let lowest = world.state.chain.lowest().unwrap();
    let tip = world.state.chain.tip().unwrap().hash.clone();
    let header = world.state.chain.ancestor(&tip, lowest).cloned().unwrap();
    assert!(world.state.way_back(&header.parent).is_none());
}
