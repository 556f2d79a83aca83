//! How much people spend when they buy: the gamma-gamma model.
//!
//! Each purchase varies around a mean of the customer's own, and the means
//! vary between customers, both as gamma distributions. A few large purchases
//! therefore count for less than many: the estimate leans towards everyone's
//! mean until the customer has shown her own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::buyer::Buyer;

/// Parameters of the gamma-gamma model, in the reporting currency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GammaGamma {
    /// Shape of one customer's purchases.
    pub p: f64,
    /// Shape of what differs between customers.
    pub q: f64,
    /// Scale of what differs between customers, an amount.
    pub gamma: f64,
}

impl GammaGamma {
    /// The published estimates for the 946 repeat buyers of the CDNOW sample,
    /// in dollars of 1997 (Fader and Hardie 2013).
    pub const PRIOR: Self = Self {
        p: 6.25,
        q: 3.74,
        gamma: 15.44,
    };

    /// Everybody's mean spend on a purchase day.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.p * self.gamma / (self.q - 1.0)
    }

    /// Expected mean spend on a purchase day, given what she spent so far
    /// (equation 5 of Fader and Hardie 2013).
    #[must_use]
    pub fn expected(&self, buyer: &Buyer) -> f64 {
        let seen = self.p * buyer.repeats();
        let spent = buyer.repeats() * buyer.mean_spend();
        self.p * (self.gamma + spent) / (seen + self.q - 1.0)
    }

    /// The published shape, scaled so that everybody's mean is `mean`.
    pub(super) fn prior_around(mean: Option<f64>) -> Self {
        let scale = mean.map_or(1.0, |mean| mean / Self::PRIOR.mean());
        Self {
            gamma: Self::PRIOR.gamma * scale,
            ..Self::PRIOR
        }
    }
}
