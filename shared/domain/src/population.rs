//! What everyone together comes to, as far as judging one customer needs it.
//!
//! A customer is among the best tenth, or in the third fifth, of all. The
//! limits of such places are made by a pass over everyone and hold until the
//! next; an assessment carries the version of those it was made by.

mod channels;
mod difference;
mod fifths;
mod measure;
mod passed;
mod snapshot;
mod tally;
mod values;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use difference::{Difference, Shift};
pub use measure::{Measure, Member, Scope};
pub use passed::{Counted, Passed};
pub use snapshot::{Figures, Snapshot};

use crate::money::Amount;
use crate::value::{Model, Predictor};

/// The limits that hold until the next pass.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cutoffs {
    /// Counts passes; 0 is before the first.
    pub version: u64,
    /// For which date they were made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
    /// Net value that makes a VIP; none in a store too small for ranks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vip: Option<VipCutoffs>,
    /// Limits of the fifths; none before the first pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quintiles: Option<Quintiles>,
    /// When customers buy and how much they spend.
    #[serde(default)]
    pub model: Model,
    /// Which prediction was nearer to what came.
    #[serde(default)]
    pub predictor: Predictor,
}

impl Cutoffs {
    /// Those before any pass.
    pub const NONE: Self = Self {
        version: 0,
        on: None,
        vip: None,
        quintiles: None,
        model: Model::PRIOR,
        predictor: Predictor::Simple,
    };
}

/// Net values that make and unmake a VIP by rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VipCutoffs {
    /// From this net on a customer becomes one.
    pub enter: Amount,
    /// Below this net a customer is one no longer.
    pub leave: Amount,
}

/// Where the second to the fifth fifth begin. A limit nobody can reach is
/// absent: with many ties a fifth may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Quintiles {
    /// Dates of the last order.
    pub last_order_on: [Option<Date>; 4],
    /// Counted orders.
    pub orders: [Option<i64>; 4],
    /// Gross.
    pub gross: [Option<Amount>; 4],
}

impl VipCutoffs {
    /// Whether a customer of this net is a VIP by rank, who was one or not.
    #[must_use]
    pub fn admit(&self, net: Amount, was: bool) -> bool {
        net >= if was { self.leave } else { self.enter }
    }
}

/// FNV-1a, the same for ever.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
