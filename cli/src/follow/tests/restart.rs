use std::collections::BTreeMap;

use super::recording::{line, tokens};
use super::world::World;
use crate::follow::journal::{Texts, put};
use crate::follow::market::{Market, Slot};

fn read(texts: &BTreeMap<String, String>, market: &mut Market) -> Texts {
    let slots: Texts =
        texts.iter().filter_map(|(place, text)| Some((Slot::parse(place)?, Some(text.clone())))).collect();
    put(market, &slots, &tokens()).unwrap();
    slots
}

#[test]
fn what_was_written_is_read_again_to_the_letter() {
    let mut world = World::new();
    for block in line() {
        world.take(&block).unwrap();
        if block.height % 10 != 0 {
            continue;
        }
        let mut market = Market::default();
        let fields = read(&world.fields, &mut market);
        let keys = read(&world.keys, &mut market);
        for (slot, text) in fields.iter().chain(&keys) {
            assert_eq!(market.text(slot), *text, "{slot:?}");
        }
        assert_eq!(market.bin_count(), world.state.market.bin_count());
        // It goes on as if nothing had been.
        world.state.market = market;
    }
    let mut straight = World::new();
    straight.take_all(&line());
    assert_eq!(world.contents(), straight.contents());
}

#[test]
fn a_value_that_is_not_ours_is_refused_by_its_place() {
    let mut world = World::new();
    world.take_all(&line());
    let (place, text) = world.keys.iter().find(|(place, _)| place.starts_with("pool:")).unwrap();
    for wrong in
        ["", "{}", &text.replace("\"active_bin_id\":", "\"active_bin_id\":1"), &text.replace("bps", "x")]
    {
        let slot = Slot::parse(place).unwrap();
        let mut market = world.state.market.clone();
        if wrong != text {
            let fault = market.set_text(&slot, Some(wrong), &tokens()).unwrap_err();
            assert_eq!(fault.code(), "RECORD_INVALID");
        }
    }
}
