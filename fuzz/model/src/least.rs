//! Exact out, from its meaning: the least input that gives at least what is wanted.

use crate::{Abort, Direction, Pool};

impl Pool {
    /// The least input for which [`Pool::swap`] gives at least `wanted`; `None` where no input does.
    ///
    /// Found by bisection over all inputs, which is sound because more input never gives less output.
    ///
    /// # Errors
    /// [`Abort`] where an input on the way makes the contract abort, so that the search cannot tell.
    pub fn least_input(
        &self,
        direction: Direction,
        wanted: u128,
        max_bins: u16,
    ) -> Result<Option<u128>, Abort> {
        let given = |input| self.clone().swap(direction, input, max_bins).map(|swap| swap.given);
        if wanted == 0 {
            return Ok(Some(0));
        }
        // What a swap takes of the largest input is as much as any swap takes, and gives as much.
        let whole = self.clone().swap(direction, u128::MAX, max_bins)?;
        if whole.given < wanted {
            return Ok(None);
        }
        // `low` gives too little, `high` gives enough.
        let (mut low, mut high) = (0, whole.taken);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if given(middle)? >= wanted {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok(Some(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bin, Price};

    #[test]
    fn finds_what_a_hand_calculation_finds() {
        let mut pool = Pool { active: 1, ..Pool::default() };
        pool.fees_x.protocol = 1_000;
        pool.bins.insert(1, Bin { x: 0, y: 10, price: Price::exact(200_000_000) });
        pool.bins.insert(0, Bin { x: 0, y: 10, price: Price::exact(100_000_000) });
        // The first bin takes 5 and no fee; the second needs 4 for 4.
        assert_eq!(pool.least_input(Direction::XForY, 14, 350), Ok(Some(9)));
        assert_eq!(pool.least_input(Direction::XForY, 0, 350), Ok(Some(0)));
        assert_eq!(pool.least_input(Direction::XForY, 21, 350), Ok(None));
        assert_eq!(pool.least_input(Direction::XForY, 14, 1), Ok(None));
        assert_eq!(pool.least_input(Direction::YForX, 1, 350), Ok(None));
    }
}
