//! The shape of the recorded files.

use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct File {
    pub(crate) pools: Vec<Pool>,
}

#[derive(Deserialize)]
pub(crate) struct Pool {
    pub(crate) name: String,
    pub(crate) active_bin_id: u16,
    pub(crate) fees: Fees,
    pub(crate) bins: Vec<Bin>,
    pub(crate) swaps: Vec<Swap>,
}

#[derive(Deserialize)]
pub(crate) struct Fees {
    pub(crate) x: Side,
    pub(crate) y: Side,
}

#[derive(Deserialize)]
pub(crate) struct Side {
    pub(crate) protocol: u16,
    pub(crate) provider: u16,
    pub(crate) variable: u16,
}

#[derive(Deserialize)]
pub(crate) struct Bin {
    pub(crate) id: u16,
    pub(crate) price: String,
    pub(crate) x: String,
    pub(crate) y: String,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    SingleBin,
    MultiBin,
    SwapMulti,
}

#[derive(Deserialize)]
pub(crate) struct Swap {
    pub(crate) direction: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) router: Option<String>,
    pub(crate) amount_in: Option<String>,
    pub(crate) max_steps: Option<u16>,
    pub(crate) min_out: Option<String>,
    pub(crate) bin_id: Option<u16>,
    #[serde(default)]
    pub(crate) fee_exempt: bool,
    pub(crate) pool_enabled: Option<bool>,
    pub(crate) result: Outcome,
}

#[derive(Deserialize)]
pub(crate) struct Outcome {
    pub(crate) ok: bool,
    pub(crate) error_code: Option<String>,
    pub(crate) amount_in_used: Option<String>,
    pub(crate) amount_out: Option<String>,
    pub(crate) iterations: Option<u16>,
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
    pub(crate) active_bin_id_after: Option<u16>,
    #[serde(default)]
    pub(crate) bins_after: Vec<BinAfter>,
}

#[derive(Deserialize, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) bin_id: u16,
    #[serde(rename = "in")]
    pub(crate) taken: String,
    #[serde(rename = "out")]
    pub(crate) given: String,
    pub(crate) fee_total: String,
    pub(crate) fee_protocol: String,
    pub(crate) fee_provider: String,
    pub(crate) fee_variable: String,
}

#[derive(Deserialize, Debug, PartialEq)]
pub(crate) struct BinAfter {
    pub(crate) id: u16,
    pub(crate) x: String,
    pub(crate) y: String,
}
