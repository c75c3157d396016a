use fastrand::Rng;

use super::recording::{block, line, prints, transactions};
use super::world::World;
use crate::follow::block::Block;
use crate::follow::fault::Fault;

/// Blocks of the line in one history.
const PART: usize = 45;

/// Posts the line from a place on, with branches that are cut and rejoined at random, blocks that come twice or out of
/// order among them.
fn with_forks(seed: u64, mut world: World, line: &[Block], start: usize) -> World {
    let mut rng = Rng::with_seed(seed);
    let mut branch = 0;
    // The branches so far: the place in the line where each begins, and its blocks.
    let mut branches: Vec<(usize, Vec<Block>)> = Vec::new();
    let mut at = start;
    while let Some(next) = line.get(at) {
        match rng.u8(..12) {
            0 if at > 0 => {
                // A new branch, from one of the last blocks.
                branch += 1;
                let from = at - rng.usize(1..=at.min(30));
                let mut parent = line[from].hash.clone();
                let mut blocks = Vec::new();
                for n in 1..=rng.u64(1..=6) {
                    let other = &transactions()[rng.usize(..transactions().len())];
                    let height = from as u64 + 1 + n;
                    let one = block(height, branch, &parent, prints(other));
                    // A pool that is created a second time stops its block, as it must.
                    if world.take(&one).is_ok() {
                        parent.clone_from(&one.hash);
                        blocks.push(one);
                    }
                }
                branches.push((from, blocks));
            }
            1 => {
                // An older branch goes on.
                if let Some((_, blocks)) = branches.last_mut()
                    && let Some(last) = blocks.last()
                {
                    branch += 1;
                    let other = &transactions()[rng.usize(..transactions().len())];
                    let one = block(last.height + 1, branch, &last.hash, prints(other));
                    if world.take(&one).is_ok() {
                        blocks.push(one);
                    }
                }
            }
            2 if at > 0 => {
                // A block comes again: one of the line, or the end of a branch.
                world.take(&line[at - 1]).unwrap();
            }
            3 => {
                if let Some(again) = branches.last().and_then(|(_, blocks)| blocks.last()) {
                    let _ = world.take(again);
                }
            }
            4 if at + 1 < line.len() && at > 0 => {
                let ahead = &line[at + 1];
                assert!(matches!(world.take(ahead), Err(Fault::Gap { .. })));
            }
            _ => {
                world.take(next).unwrap();
                at += 1;
            }
        }
    }
    world.take(line.last().unwrap()).unwrap();
    world
}

#[test]
fn a_thousand_histories_of_forks_end_as_the_straight_one() {
    let line = line();
    // Each history has a part of the line: what came before is the same for all.
    let parts: Vec<(World, &[Block], usize, World)> = [0, 55, 110, 165]
        .map(|start| {
            let mut before = World::new();
            before.take_all(&line[..start]);
            let part = &line[..(start + PART).min(line.len())];
            let mut straight = before.clone();
            straight.take_all(&part[start..]);
            (before, part, start, straight)
        })
        .into();
    let seeds = std::env::var("DLMM_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds: Vec<u64> = seeds.map_or_else(|| (0..1_000).collect(), |seed| vec![seed]);
    let mut forks = 0;
    for seed in seeds {
        let (before, part, start, straight) = &parts[seed as usize % parts.len()];
        let forked = with_forks(seed, before.clone(), part, *start);
        assert_eq!(forked.contents(), straight.contents(), "DLMM_TEST_SEED={seed}");
        forked.assert_stored();
        forks += forked.blocks_kept() - straight.blocks_kept();
    }
    assert!(forks > 0, "there was no fork at all");
}

#[test]
fn forks_of_1_6_and_100_blocks_go_back_and_further_ones_are_refused() {
    let line = line();
    for depth in [1, 6, 100] {
        let mut straight = World::new();
        straight.take_all(&line);
        let mut forked = World::new();
        let cut = line.len() - depth;
        forked.take_all(&line[..cut]);
        let mut parent = line[cut - 1].hash.clone();
        for n in 0..depth as u64 {
            let one =
                block(cut as u64 + 1 + n, 7, &parent, prints(&transactions()[line.len() - 1 - n as usize]));
            if forked.take(&one).is_ok() {
                parent.clone_from(&one.hash);
            }
        }
        forked.take_all(&line[cut..]);
        assert_eq!(forked.contents(), straight.contents(), "{depth}");
    }
    let mut short = World::new();
    short.keep = 10;
    short.take_all(&line);
    assert!(short.blocks_kept() <= 11);
    let deep = |from: usize| block(900, 8, &line[line.len() - 1 - from].hash, Vec::new());
    assert!(matches!(short.take(&deep(11)), Err(Fault::Gap { .. })));
    assert!(short.take(&deep(10)).unwrap().is_some());
}
