//! How long blocks took, told in a line.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::output::counted;

/// Durations by hundredths of a millisecond, which is what is told of them: a million blocks take no more memory than a hundred.
#[derive(Debug, Default)]
pub(crate) struct BlockTimes {
    counts: BTreeMap<u128, usize>,
    all: usize,
}

impl BlockTimes {
    pub(crate) fn add(&mut self, time: Duration) {
        // Beyond some milliseconds nobody asks for hundredths: two digits and a half are kept.
        let hundredths = time.as_micros() / 10;
        let kept = if hundredths < 10_000 { hundredths } else { hundredths / 100 * 100 };
        *self.counts.entry(kept).or_default() += 1;
        self.all += 1;
    }

    pub(crate) fn len(&self) -> usize {
        self.all
    }

    /// The time that so many percent of the blocks did not exceed, in milliseconds.
    fn at(&self, percent: usize) -> Option<f64> {
        let mut before = self.all.checked_sub(1)? * percent / 100;
        for (hundredths, count) in &self.counts {
            if before < *count {
                return Some(f64::from(u32::try_from(*hundredths).unwrap_or(u32::MAX)) / 100.0);
            }
            before -= count;
        }
        None
    }

    /// How fast it went, and how long a block took from being handed over to being taken.
    pub(crate) fn told(&self, all: Duration) -> String {
        let seconds = all.as_secs_f64();
        let begin = format!("{} in {seconds:.1} s", counted(self.all, "block"));
        match (self.at(50), self.at(99), self.at(100)) {
            (Some(half), Some(most), Some(longest)) if seconds > 0.0 => {
                let rate = f64::from(u32::try_from(self.all).unwrap_or(u32::MAX)) / seconds;
                format!(
                    "{begin}, {rate:.1} a second; half took up to {half:.2} ms, 99 % up to {most:.2} ms, the longest {longest:.2} ms"
                )
            }
            _ => begin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_how_long_blocks_took() {
        let mut times = BlockTimes::default();
        (1..=200).rev().for_each(|ms| times.add(Duration::from_millis(ms)));
        assert_eq!(
            times.told(Duration::from_secs(20)),
            "200 blocks in 20.0 s, 10.0 a second; half took up to 100.00 ms, 99 % up to 198.00 ms, the longest 200.00 ms"
        );
        assert_eq!(BlockTimes::default().told(Duration::from_secs(1)), "0 blocks in 1.0 s");
    }
}
