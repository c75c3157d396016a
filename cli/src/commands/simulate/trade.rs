//! A random swap, executed by core on the pool as it was read.

use dlmm_core::math::mul_div_floor;
use dlmm_core::pool::Pool;
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::walk::walk_exact_in;
use dlmm_core::units::{Amount, BinId, Direction, MAX_BINS};
use fastrand::Rng;

/// A swap and what it left behind.
#[derive(Debug, PartialEq)]
pub(super) struct Trade {
    pub(super) direction: Direction,
    pub(super) amount_in: Amount,
    pub(super) amount_out: Amount,
    pub(super) active_bin_before: BinId,
    pub(super) active_bin_after: BinId,
    /// The bins that took input, as they are afterwards.
    pub(super) changed: Vec<(BinId, Bin)>,
}

impl Trade {
    /// Swaps a random amount in a random direction; `None` where neither direction has anything to trade.
    ///
    /// The further the active bin has moved away from `home`, the likelier the swap leads back.
    pub(super) fn random(rng: &mut Rng, pool: &Pool, home: BinId) -> Option<Self> {
        let drift = i32::from(pool.active_bin().get()) - i32::from(home.get());
        // Selling X leads down. Two percent a bin, and never certain.
        let sells_x = rng.i32(0..100) < (50 + drift * 2).clamp(10, 90);
        let (first, second) = match sells_x {
            true => (Direction::XForY, Direction::YForX),
            false => (Direction::YForX, Direction::XForY),
        };
        let share = rng.u128(1..=10_000);
        let whole_bins = match rng.u8(0..100) {
            0..=69 => 0,
            70..=94 => 1,
            _ => rng.usize(2..=6),
        };
        Self::of_size(pool, first, whole_bins, share)
            .or_else(|| Self::of_size(pool, second, whole_bins, share))
    }

    /// Empties `whole_bins` bins and takes `share` ten-thousandths of the next.
    fn of_size(pool: &Pool, direction: Direction, whole_bins: usize, share: u128) -> Option<Self> {
        let fees = pool.side_fees(direction);
        let mut rooms = Vec::with_capacity(whole_bins + 1);
        let mut next = Some(pool.active_bin());
        while let Some(id) = next.filter(|_| rooms.len() <= whole_bins) {
            let room = pool.bin(id).and_then(|bin| bin.room(direction, fees).ok().flatten());
            rooms.extend(room.filter(|room| *room > 0));
            next = id.next(direction);
        }
        let last = rooms.pop()?;
        let part = mul_div_floor(last, share, 10_000)?.max(1);
        let amount = rooms.into_iter().try_fold(part, Amount::checked_add)?;
        Self::execute(pool, direction, amount)
    }

    fn execute(pool: &Pool, direction: Direction, amount: Amount) -> Option<Self> {
        let mut changed = Vec::new();
        let walk = walk_exact_in(pool, direction, amount, MAX_BINS, |step| {
            let (reserve_x, reserve_y) = step.bin.reserves_after(direction, &step.fill);
            changed.push((step.bin_id, Bin { reserve_x, reserve_y, price: step.bin.price }));
        });
        let walk = walk.ok().filter(|walk| walk.taken > 0)?;
        Some(Self {
            direction,
            amount_in: walk.taken,
            amount_out: walk.given,
            active_bin_before: pool.active_bin(),
            active_bin_after: walk.active_bin_after,
            changed,
        })
    }
}

#[cfg(test)]
mod tests {
    use dlmm_core::network::route::{CandidatePool, Candidates};
    use dlmm_core::network::state::State;
    use dlmm_core::stored::{Snapshot, sample_snapshot};

    use super::*;

    fn sample() -> State {
        let text = sample_snapshot(0);
        let snapshot = Snapshot::parse(&text).unwrap();
        let all = snapshot.pools.iter().map(|(routing, _)| CandidatePool {
            pool: routing.pool.clone(),
            x_for_y: true,
            y_for_x: true,
        });
        snapshot.state(&Candidates { pools: all.collect(), ..Candidates::default() }, 10)
    }

    fn pool(state: &State) -> &Pool {
        state.ready(state.pools.keys().next().unwrap()).unwrap().0
    }

    #[test]
    fn the_same_seed_gives_the_same_trades() {
        let state = sample();
        let trades = |seed| -> Vec<_> {
            let mut rng = Rng::with_seed(seed);
            (0..20).map(|_| Trade::random(&mut rng, pool(&state), BinId::MIN)).collect()
        };
        assert_eq!(trades(1), trades(1));
        assert_ne!(trades(1), trades(2));
    }

    #[test]
    fn a_trade_empties_the_bins_it_says() {
        let state = sample();
        let trade = Trade::of_size(pool(&state), Direction::XForY, 2, 5_000).unwrap();
        assert_eq!(trade.changed.len(), 3);
        assert_eq!((trade.active_bin_before.get(), trade.active_bin_after.get()), (500, 498));
        let held: Vec<_> =
            trade.changed.iter().map(|(_, bin)| (bin.reserve_x > 0, bin.reserve_y > 0)).collect();
        assert_eq!(held, [(true, false), (true, false), (true, true)]);
    }

    #[test]
    fn what_wandered_off_tends_to_come_back() {
        let state = sample();
        let mut rng = Rng::with_seed(3);
        let mut sells = |home| {
            let trades = (0..500).filter_map(|_| Trade::random(&mut rng, pool(&state), home));
            trades.filter(|trade| trade.direction == Direction::XForY).count()
        };
        assert!(sells(BinId::new(480).unwrap()) > 400, "20 bins above home: most trades lead down");
        assert!(sells(BinId::new(520).unwrap()) < 100);
    }
}
