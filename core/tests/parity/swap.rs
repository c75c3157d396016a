//! Runs one recorded swap and says what differs.

use crate::vectors::{BinAfter, Kind, Pool as Recorded, Side, Step, Swap};
use dlmm_core::math::Price;
use dlmm_core::pool::bin::Bin;
use dlmm_core::pool::fee::{Fees, SideFees};
use dlmm_core::pool::walk::{Stop, walk_exact_in};
use dlmm_core::pool::{Claims, Pool, PoolParts};
use dlmm_core::units::{BinId, Direction, PoolId, Symbol};

fn number(text: &str) -> u128 {
    text.parse().expect("a u128")
}

fn side(recorded: &Side, exempt: bool) -> SideFees {
    let fees = if exempt {
        SideFees::new(0, 0, 0)
    } else {
        SideFees::new(recorded.protocol, recorded.provider, recorded.variable)
    };
    fees.expect("a fee sum below 10 000")
}

fn build(recorded: &Recorded, exempt: bool) -> Pool {
    let bins = recorded.bins.iter().map(|bin| {
        let price = Price::from_e8(number(&bin.price)).expect("above zero");
        let reserves = Bin { reserve_x: number(&bin.x), reserve_y: number(&bin.y), price };
        (BinId::new(bin.id).expect("an id"), reserves, Claims::default())
    });
    Pool::new(PoolParts {
        id: PoolId::new(&recorded.name).expect("a name"),
        token_x: Symbol::new("X").expect("a name"),
        token_y: Symbol::new("Y").expect("a name"),
        active_bin: BinId::new(recorded.active_bin_id).expect("an id"),
        fees: Fees { x: side(&recorded.fees.x, exempt), y: side(&recorded.fees.y, exempt) },
        known: (BinId::MIN, BinId::MAX),
        bins: bins.collect(),
    })
    .expect("a sound pool")
}

/// Compares our swap with the recorded one; `Err` says what differs.
pub(crate) fn judge(recorded: &Recorded, swap: &Swap) -> Result<(), String> {
    let direction = match swap.direction.as_deref() {
        Some("x_for_y") => Direction::XForY,
        Some("y_for_x") => Direction::YForX,
        other => return Err(format!("direction {other:?}")),
    };
    let amount = number(swap.amount_in.as_deref().expect("an amount"));
    let max_bins = match swap.kind {
        Kind::SingleBin => 1,
        _ => swap.max_steps.expect("a limit"),
    };
    let pool = build(recorded, swap.fee_exempt);
    let mut steps = Vec::new();
    let mut bins_after = Vec::new();
    let walk = walk_exact_in(&pool, direction, amount, max_bins, |step| {
        let (x, y) = step.bin.reserves_after(direction, &step.fill);
        let fees = step.fill.fees;
        bins_after.push(BinAfter { id: step.bin_id.get(), x: x.to_string(), y: y.to_string() });
        steps.push(Step {
            bin_id: step.bin_id.get(),
            taken: step.fill.taken.to_string(),
            given: step.fill.given.to_string(),
            fee_total: fees.total().to_string(),
            fee_protocol: fees.protocol.to_string(),
            fee_provider: fees.provider.to_string(),
            fee_variable: fees.variable.to_string(),
        });
    });

    // What the contract refuses beyond the swap itself, in its order of checks: arithmetic, pool enabled,
    // amount, active bin, then the router's minimum. The first one that applies must be the recorded one.
    let single = swap.kind == Kind::SingleBin;
    let given = walk.as_ref().map_or(0, |walk| walk.given);
    let min_out = swap.min_out.as_deref().map_or(0, number);
    let refusal = if walk.is_err() || (amount == 0 && aborts_before_amount(&pool, direction)) {
        Some("runtime:ArithmeticOverflow")
    } else if swap.pool_enabled == Some(false) {
        Some(if single { "1010" } else { "2001" })
    } else if single && amount == 0 {
        Some("1002")
    } else if single && swap.bin_id.is_some_and(|id| id != recorded.active_bin_id) {
        Some("1047")
    } else if given < min_out {
        Some("2003")
    } else {
        None
    };
    let result = &swap.result;
    if result.error_code.as_deref() != refusal {
        return Err(format!("refused with {refusal:?}, recorded {:?}", result.error_code));
    }
    if !result.ok {
        return Ok(());
    }

    let walk = walk.map_err(|_| "overflow".to_owned())?;
    // The contract goes on calling in vain at the edge until its rounds are used up.
    let iterations = if walk.stop == Stop::Edge { max_bins } else { walk.bins_visited };
    let differs = |what: &str, ours: String, theirs: String| {
        if ours == theirs { Ok(()) } else { Err(format!("{what}: {ours}, recorded {theirs}")) }
    };
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    differs("amount_in_used", walk.taken.to_string(), text(&result.amount_in_used))?;
    differs("amount_out", walk.given.to_string(), text(&result.amount_out))?;
    differs("iterations", format!("{:?}", Some(iterations)), format!("{:?}", result.iterations))?;
    differs(
        "active_bin_id_after",
        format!("{:?}", Some(walk.active_bin_after.get())),
        format!("{:?}", result.active_bin_id_after),
    )?;
    differs("steps", format!("{steps:?}"), format!("{:?}", result.steps))?;
    bins_after.sort_by_key(|bin| bin.id);
    differs("bins_after", format!("{bins_after:?}"), format!("{:?}", result.bins_after))?;
    let totals = steps.iter().map(|step| number(&step.fee_total)).sum::<u128>();
    differs("sum of fees", walk.fees.total().to_string(), totals.to_string())
}

/// The contract evaluates a core call's arithmetic before it looks at the amount; a walk of nothing does not.
fn aborts_before_amount(pool: &Pool, direction: Direction) -> bool {
    walk_exact_in(pool, direction, 1, 1, |_| ()).is_err()
}
