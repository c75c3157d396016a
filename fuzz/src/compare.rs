//! Core's walk against the model: every step, every fee, every refusal.

use arbitrary::{Result, Unstructured};
use dlmm_core::network::decimals::DecimalTable;
use dlmm_core::network::graph::PoolRef;
use dlmm_core::network::state::PoolState;
use dlmm_core::pool::Pool;
use dlmm_core::pool::walk::{Cursor, Least, Step, Stop, least_input_for, walk_on};
use dlmm_core::stored::StoredPool;
use dlmm_core::units::{BinId, Direction, PoolId, Symbol};
use dlmm_model as model;

use crate::pool_case::{DEFAULT_FEE_BPS, PoolCase, of_bits};

/// What was compared and found equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Swaps with a fixed input.
    pub swaps: u64,
    /// Those that the contract's arithmetic aborts, in both.
    pub aborted: u64,
    /// Those that took input without any output.
    pub without_output: u64,
    /// Those that went through more than one bin.
    pub many_bins: u64,
    /// Swaps with a fixed output.
    pub exact_out: u64,
}

impl Tally {
    /// Adds up two tallies.
    pub fn plus(self, other: Self) -> Self {
        Self {
            swaps: self.swaps + other.swaps,
            aborted: self.aborted + other.aborted,
            without_output: self.without_output + other.without_output,
            many_bins: self.many_bins + other.many_bins,
            exact_out: self.exact_out + other.exact_out,
        }
    }
}

/// Both shapes of one pool, ready to swap.
#[derive(Debug)]
pub struct Pair<'a> {
    case: &'a PoolCase,
    core: Pool,
}

impl<'a> Pair<'a> {
    /// Reads the stored texts as a quote does.
    ///
    /// # Panics
    /// If core cannot read a pool that it must be able to read.
    pub fn read(case: &'a PoolCase) -> Self {
        let symbol = |text| Symbol::new(text).expect("a symbol");
        let pool =
            PoolRef { id: PoolId::new("P").expect("a pool id"), token_x: symbol("A"), token_y: symbol("B") };
        let mut decimals = DecimalTable::default();
        decimals.state(&pool.token_x, case.decimals.0, "pool:P");
        decimals.state(&pool.token_y, case.decimals.1, "pool:P");
        let bins = case.bins.iter().map(|(id, text)| (BinId::new(*id).expect("a bin id"), &**text));
        let stored = StoredPool::new(Some(&case.value), (BinId::MIN, BinId::MAX), bins);
        match stored.state(&pool, &decimals, DEFAULT_FEE_BPS) {
            PoolState::Ready { pool, .. } => Self { case, core: pool },
            other => panic!("a sound pool is {other:?}: {case:?}"),
        }
    }

    /// Draws swaps and compares them.
    ///
    /// # Panics
    /// On any difference.
    pub fn compare(&self, u: &mut Unstructured<'_>) -> Result<Tally> {
        let (core, model) = *u.choose(&[
            (Direction::XForY, model::Direction::XForY),
            (Direction::YForX, model::Direction::YForX),
        ])?;
        let max_bins = *u.choose(&[1, 2, 5, 20, 350, 1_001])?;
        let marks = self.marks(model, max_bins);
        let mut tally = Tally::default();
        for _ in 0..u.int_in_range(1..=16)? {
            let amount = near(u, &marks)?;
            tally = tally.plus(self.exact_in((core, model), (amount, near(u, &marks)?), max_bins));
        }
        // An output of zero is not a request: it is refused before any pool is looked at.
        let wanted = near(u, &marks)?.max(1);
        self.exact_out((core, model), wanted, max_bins);
        tally.exact_out += 1;
        Ok(tally)
    }

    /// Amounts at which something changes: what fills each bin, added up, on either side.
    fn marks(&self, direction: model::Direction, max_bins: u16) -> Vec<u128> {
        let mut marks = vec![0, u128::MAX];
        for most in [u128::MAX, 1 << 100, 1 << 50] {
            let Ok(whole) = self.case.model.clone().swap(direction, most, max_bins) else { continue };
            let (mut taken, mut given) = (0_u128, 0_u128);
            for step in whole.steps {
                (taken, given) = (taken.saturating_add(step.taken), given.saturating_add(step.given));
                marks.extend([taken, given]);
            }
            break;
        }
        marks
    }

    /// Two swaps, the second from where the first ended.
    fn exact_in(
        &self,
        (direction, model_direction): (Direction, model::Direction),
        (first, second): (u128, u128),
        max_bins: u16,
    ) -> Tally {
        let mut cursor = Cursor::at_start(&self.core);
        let mut pool = self.case.model.clone();
        let mut rounds_left = max_bins;
        let mut tally = Tally::default();
        for amount in [first, second] {
            tally.swaps += 1;
            let mut steps = Vec::new();
            let walk = walk_on(&self.core, &mut cursor, direction, amount, max_bins, |step| steps.push(step));
            let context = || format!("{amount} {direction:?} within {max_bins} bins of {:?}", self.case);
            let (walk, swap) = match (walk, pool.swap(model_direction, amount, rounds_left)) {
                (Ok(walk), Ok(swap)) => (walk, swap),
                (Err(_), Err(model::Abort)) => {
                    tally.aborted += 1;
                    return tally;
                }
                (walk, swap) => panic!("{walk:?} against {swap:?}: {}", context()),
            };
            let ours: Vec<_> = steps.iter().map(|step| as_model(step, direction)).collect();
            assert_eq!(ours, swap.steps, "{}", context());
            assert_eq!((walk.taken, walk.given), (swap.taken, swap.given), "{}", context());
            assert_eq!(walk.bins_visited, swap.rounds - swap.rounds_at_edge, "{}", context());
            assert_eq!(walk.active_bin_after.get(), pool.active, "{}", context());
            let paid = ours.iter().map(|step| step.fees.protocol + step.fees.provider + step.fees.variable);
            assert_eq!(walk.fees.total(), paid.sum::<u128>(), "{}", context());
            assert_eq!(walk.stop == Stop::Spent, walk.taken == amount, "{}", context());
            tally.without_output += u64::from(walk.taken > 0 && walk.given == 0);
            tally.many_bins += u64::from(walk.bins_visited > 1);
            if walk.stop == Stop::Edge {
                return tally;
            }
            rounds_left -= walk.bins_visited;
        }
        tally
    }

    /// The least input gives enough, and one unit less does not.
    fn exact_out(
        &self,
        (direction, model_direction): (Direction, model::Direction),
        wanted: u128,
        max_bins: u16,
    ) {
        let given =
            |input| self.case.model.clone().swap(model_direction, input, max_bins).map(|swap| swap.given);
        let context = || format!("{wanted} out, {direction:?} within {max_bins} bins of {:?}", self.case);
        match least_input_for(&self.core, direction, wanted, max_bins) {
            Ok(Least::Input(least)) => {
                if let Ok(given) = given(least) {
                    assert!(given >= wanted, "{least} give {given}: {}", context());
                }
                if let Some(less) = least.checked_sub(1)
                    && let Ok(given) = given(less)
                {
                    assert!(given < wanted, "{less} give {given}: {}", context());
                }
            }
            // No input within 128 bits gives that much, or the contract aborts on the way.
            Ok(Least::TooLittle) | Err(_) => {
                if let Ok(given) = given(u128::MAX) {
                    assert!(given < wanted, "all there is gives {given}: {}", context());
                }
            }
            Ok(Least::Unknown) => panic!("every bin is known: {}", context()),
        }
    }
}

fn as_model(step: &Step, direction: Direction) -> model::Step {
    let (x_after, y_after) = step.bin.reserves_after(direction, &step.fill);
    let fees = step.fill.fees;
    model::Step {
        bin_id: step.bin_id.get(),
        taken: step.fill.taken,
        given: step.fill.given,
        fees: model::FeeParts { protocol: fees.protocol, provider: fees.provider, variable: fees.variable },
        x_after,
        y_after,
    }
}

/// Any amount, or one next to a mark.
fn near(u: &mut Unstructured<'_>, marks: &[u128]) -> Result<u128> {
    if u.ratio(1, 2)? {
        return of_bits(u, 128);
    }
    let mark = *u.choose(marks)?;
    let away = *u.choose(&[0, 1, 2, 1_000])?;
    let away = if away == 1_000 { u.int_in_range(0..=1_000)? } else { away };
    Ok(if u.arbitrary()? { mark.saturating_add(away) } else { mark.saturating_sub(away) })
}

/// Rounds of swaps that one input is read for.
const SWAP_ROUNDS: usize = 3;

/// One pool and a few rounds of swaps, by core and by the model.
pub fn swap(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let Ok(case) = PoolCase::arbitrary(&mut u) else { return };
    let pair = Pair::read(&case);
    for _ in 0..SWAP_ROUNDS {
        if u.is_empty() || pair.compare(&mut u).is_err() {
            break;
        }
    }
}
