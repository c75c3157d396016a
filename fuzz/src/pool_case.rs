//! One pool twice: as stored texts for core, and as plain numbers for the model.

use arbitrary::{Result, Unstructured};
use dlmm_model::{Bin, Fees, Pool, Price, units_floor};

/// Fees of a pool value that names none, bps.
pub(crate) const DEFAULT_FEE_BPS: u16 = 10;

/// A pool in both shapes.
#[derive(Clone, Debug)]
pub struct PoolCase {
    /// For the model.
    pub model: Pool,
    /// The value under `pool:P`.
    pub value: String,
    /// The values under `bin:P:{id}`.
    pub bins: Vec<(u16, String)>,
    /// Decimals of X and Y.
    pub decimals: (u8, u8),
}

/// Which fields the bins of a pool have.
#[derive(Clone, Copy)]
enum Form {
    Exact,
    Human,
    /// Each field of each bin in one of the two forms.
    Mixed,
}

/// What the bins of one pool have in common.
struct Style {
    form: Form,
    decimals: (u8, u8),
    /// Reserves are below two to this power.
    bits: u32,
    /// The price of the active bin, times 10^8.
    price_e8: u128,
    step_bps: u128,
    /// Whether both sides may be filled everywhere, which no contract would leave but Redis may hold.
    both_sides: bool,
}

impl PoolCase {
    /// Draws a pool: prices and reserves of every size, gaps, dust, one-sided and empty bins, any fees.
    pub fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let active = match u.int_in_range(0..=7)? {
            0 => 0,
            1 => 1_000,
            2 => u.int_in_range(0..=1_000)?,
            _ => 500,
        };
        let price_bits = u.int_in_range(1..=100)?;
        let style = Style {
            form: *u.choose(&[Form::Exact, Form::Exact, Form::Human, Form::Mixed])?,
            decimals: (u.int_in_range(0..=18)?, u.int_in_range(0..=18)?),
            bits: *u.choose(&[3, 8, 20, 40, 64, 90, 104, 128])?,
            price_e8: of_bits(u, price_bits)?.max(1),
            step_bps: *u.choose(&[0, 1, 25, 100, 1_000])?,
            both_sides: u.ratio(1, 8)?,
        };
        let mut model = Pool { active, ..Pool::default() };
        let mut value = format!(
            r#"{{"pool_id":"P","token_x":"A","token_y":"B","active_bin_id":{active},"status":"active","token_x_decimals":{},"token_y_decimals":{}"#,
            style.decimals.0, style.decimals.1
        );
        for (side, fees) in [("x", &mut model.fees_x), ("y", &mut model.fees_y)] {
            *fees = stated_fees(u, side, &mut value)?;
        }
        value.push('}');

        let mut bins = Vec::new();
        for id in ids(u, active)? {
            let (bin, text) = style.bin(u, id, active)?;
            model.bins.insert(id, bin);
            bins.push((id, text));
        }
        Ok(Self { model, value, bins, decimals: style.decimals })
    }
}

/// A number of at most this many bits; small ones are as likely as large ones.
pub(crate) fn of_bits(u: &mut Unstructured<'_>, most: u32) -> Result<u128> {
    let bits = u.int_in_range(0..=most)?;
    Ok(u.arbitrary::<u128>()?.checked_shr(128 - bits).unwrap_or(0))
}

fn stated_fees(u: &mut Unstructured<'_>, side: &str, value: &mut String) -> Result<Fees> {
    let (protocol, provider, variable) = match u.int_in_range(0..=5)? {
        0 => return Ok(Fees { provider: DEFAULT_FEE_BPS, ..Fees::default() }),
        1 => (0, 0, 0),
        2 => (u.int_in_range(0..=5_000)?, u.int_in_range(0..=2_500)?, u.int_in_range(0..=2_499)?),
        3 => (9_999, 0, 0),
        _ => (u.int_in_range(0..=40)?, u.int_in_range(0..=40)?, u.int_in_range(0..=40)?),
    };
    for (name, bps) in [("protocol", protocol), ("provider", provider), ("variable", variable)] {
        value.push_str(&format!(r#","{side}_{name}_fee":{bps}"#));
    }
    Ok(Fees { protocol, provider, variable })
}

/// Up to a dozen ids on both sides of the active bin, with gaps.
fn ids(u: &mut Unstructured<'_>, active: u16) -> Result<Vec<u16>> {
    let widest = *u.choose(&[1_u16, 1, 1, 3, 60])?;
    let mut ids = Vec::new();
    if !u.ratio(1, 10)? {
        ids.push(active);
    }
    for upwards in [false, true] {
        let mut id = active;
        for _ in 0..u.int_in_range(0..=6)? {
            let gap = u.int_in_range(1..=widest)?;
            let next = if upwards { id.checked_add(gap) } else { id.checked_sub(gap) };
            let Some(next) = next.filter(|id| *id <= 1_000) else { break };
            id = next;
            ids.push(id);
        }
    }
    ids.sort_unstable();
    Ok(ids)
}

impl Style {
    /// A bin for the model, and the text under its key.
    fn bin(&self, u: &mut Unstructured<'_>, id: u16, active: u16) -> Result<(Bin, String)> {
        let mut text = format!(r#"{{"pool_id":"P","bin_id":{id}"#);
        let has_x = self.both_sides || id >= active;
        let has_y = self.both_sides || id <= active;
        let x = if has_x {
            self.reserve(u, ("reserve_x", "x_amount"), self.decimals.0, &mut text)?
        } else {
            zero(u, "x", &mut text)?
        };
        let y = if has_y {
            self.reserve(u, ("reserve_y", "y_amount"), self.decimals.1, &mut text)?
        } else {
            zero(u, "y", &mut text)?
        };
        let price = self.price(u, id, active, &mut text)?;
        text.push('}');
        Ok((Bin { x, y, price }, text))
    }

    fn is_exact(&self, u: &mut Unstructured<'_>) -> Result<bool> {
        match self.form {
            Form::Exact => Ok(true),
            Form::Human => Ok(false),
            Form::Mixed => u.arbitrary(),
        }
    }

    fn reserve(
        &self,
        u: &mut Unstructured<'_>,
        (exact, human): (&str, &str),
        decimals: u8,
        text: &mut String,
    ) -> Result<u128> {
        if self.is_exact(u)? {
            let units = of_bits(u, self.bits)?;
            text.push_str(&format!(r#","{exact}":"{units}""#));
            if u.ratio(1, 16)? {
                // The exact field wins, whatever its twin says.
                text.push_str(&format!(r#","{human}":12.5"#));
            }
            return Ok(units);
        }
        // Below 10^15 * 10^3 whole tokens, so that no number of decimals leads beyond 128 bits.
        let (digits, exponent) = (of_bits(u, self.bits.min(49))?, u.int_in_range(-24..=3)?);
        text.push_str(&format!(r#","{human}":{}"#, decimal_text(u, digits, exponent)?));
        Ok(units_floor(digits, exponent, decimals).unwrap_or(u128::MAX))
    }

    fn price(&self, u: &mut Unstructured<'_>, id: u16, active: u16, text: &mut String) -> Result<Price> {
        let away = u128::from(id.abs_diff(active));
        let moved = self.price_e8 / 10_000 * (self.step_bps * away).min(9_999);
        let e8 = if id >= active { self.price_e8 + moved } else { (self.price_e8 - moved).max(1) };
        if self.is_exact(u)? {
            text.push_str(&format!(r#","price_e8":"{e8}""#));
            return Ok(Price::exact(e8));
        }
        // 10^12 at most, so that the fraction fits into 128 bits with any decimals.
        let (digits, exponent) = (1 + e8 % 1_000_000_000_000, u.int_in_range(-12..=6)?);
        text.push_str(&format!(r#","price":{}"#, decimal_text(u, digits, exponent)?));
        Ok(Price::human(digits, exponent, self.decimals.0, self.decimals.1))
    }
}

fn zero(u: &mut Unstructured<'_>, side: &str, text: &mut String) -> Result<u128> {
    text.push_str(&match u.int_in_range(0..=2)? {
        0 => format!(r#","reserve_{side}":"0""#),
        1 => format!(r#","{side}_amount":0"#),
        _ => format!(r#","{side}_amount":"0.000""#),
    });
    Ok(0)
}

/// `digits * 10^exponent` in one of the spellings that JSON and people have for it.
fn decimal_text(u: &mut Unstructured<'_>, digits: u128, exponent: i32) -> Result<String> {
    let number = match u.int_in_range(0..=2)? {
        0 => format!("{digits}e{exponent}"),
        1 => format!("{digits}.0E{exponent:+}"),
        _ => plain(digits, exponent),
    };
    Ok(if u.arbitrary()? { format!("\"{number}\"") } else { number })
}

/// The number without an exponent.
fn plain(digits: u128, exponent: i32) -> String {
    let places = exponent.unsigned_abs() as usize;
    if exponent >= 0 {
        return format!("{digits}{}", "0".repeat(if digits == 0 { 0 } else { places }));
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    format!("{whole}.{fraction}")
}
