//! How far the active bin of a pool moves between two looks at it.

use dlmm_core::units::BinId;

/// For so long a movement counts; then three quarters of it do.
const FADES_AFTER_MS: f64 = 20_000.0;
/// A pool is read a little beyond its bins however still it stands: a neighbour to judge by, and room for a first step.
const LEAST: u16 = 1;
/// One that jumps is found again by a further read.
const MOST: u16 = 24;

/// Where an active bin was seen last, and how far it moved lately.
#[derive(Debug, Clone, Copy)]
pub(super) struct Movement {
    pub(super) bin: BinId,
    /// The longest way between two looks that still counts, and since when it does.
    farthest: u16,
    since_ms: f64,
}

impl Movement {
    /// The margin of a pool that was not looked at yet.
    pub(super) const UNKNOWN: u16 = 2;

    /// The first look, after the list of pools said where it `was`.
    pub(super) fn new(was: Option<BinId>, bin: BinId, now_ms: f64) -> Self {
        let farthest = was.map_or(Self::UNKNOWN, |was| was.get().abs_diff(bin.get()));
        Self { bin, farthest, since_ms: now_ms }
    }

    /// A further look.
    pub(super) fn saw(&mut self, bin: BinId, now_ms: f64) {
        let way = self.bin.get().abs_diff(bin.get());
        self.bin = bin;
        if way >= self.farthest {
            (self.farthest, self.since_ms) = (way, now_ms);
        } else if now_ms - self.since_ms >= FADES_AFTER_MS {
            (self.farthest, self.since_ms) = (way.max(self.farthest - self.farthest.div_ceil(4)), now_ms);
        }
    }

    /// Bins to read behind the active one, and beyond what a trade needs. What moves at all may well move half as far again:
    /// among many pools one always outdoes itself.
    pub(super) fn margin(&self) -> u16 {
        self.farthest.saturating_add(self.farthest.div_ceil(2)).clamp(LEAST, MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bin(id: u16) -> BinId {
        BinId::new(id).unwrap()
    }

    #[test]
    fn the_margin_is_the_longest_way_of_late() {
        let mut pool = Movement::new(Some(bin(500)), bin(500), 0.0);
        assert_eq!(pool.margin(), 1, "where it was listed");
        pool.saw(bin(504), 100.0);
        pool.saw(bin(503), 200.0);
        assert_eq!((pool.margin(), pool.bin), (6, bin(503)));
        pool.saw(bin(503), 20_099.0);
        assert_eq!(pool.margin(), 6);
        pool.saw(bin(503), 20_100.0);
        assert_eq!(pool.margin(), 5);
        pool.saw(bin(503), 40_099.0);
        assert_eq!(pool.margin(), 5, "what is left counts as long");
        pool.saw(bin(503), 40_100.0);
        assert_eq!(pool.margin(), 3);
        (5..9).for_each(|turn| pool.saw(bin(503), f64::from(turn) * 20_100.0));
        assert_eq!(pool.margin(), 1);
    }

    #[test]
    fn a_jump_widens_no_further_than_a_little() {
        let mut pool = Movement::new(None, bin(500), 0.0);
        assert_eq!(pool.margin(), 3);
        pool.saw(bin(900), 1.0);
        assert_eq!(pool.margin(), 24);
    }
}
