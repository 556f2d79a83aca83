//! When people buy, and whether they still do: the BG/NBD model.
//!
//! While active, a customer buys at random at a rate of her own; after each
//! purchase she stops for good with a probability of her own. Rates vary
//! between customers as a gamma distribution, probabilities as a beta
//! distribution; the four parameters are those of the two.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::average::{LEAST, Rule};
use super::buyer::Buyer;

/// Parameters of the BG/NBD model, time in weeks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BgNbd {
    /// Shape of the purchase rates.
    pub r: f64,
    /// Scale of the purchase rates, in weeks: their mean is `r / alpha`.
    pub alpha: f64,
    /// First parameter of the probabilities to stop.
    pub a: f64,
    /// Second parameter of the probabilities to stop; their mean is
    /// `a / (a + b)`.
    pub b: f64,
}

impl BgNbd {
    /// The published estimates for the CDNOW sample of 2,357 customers
    /// (Fader, Hardie and Lee 2005, table 2).
    pub const PRIOR: Self = Self {
        r: 0.243,
        alpha: 4.414,
        a: 0.793,
        b: 2.426,
    };

    /// Probability, in `0.0..=1.0`, that the customer still buys. By the
    /// model's definition nobody stops before a repeat purchase, so without
    /// one the answer is 1 and says nothing.
    ///
    /// Fader, Hardie and Lee 2008, *Computing P(alive) Using the BG/NBD Model*.
    #[must_use]
    pub fn alive(&self, buyer: &Buyer) -> f64 {
        let x = buyer.repeats();
        if buyer.repeat_days == 0 {
            return 1.0;
        }
        let since =
            (buyer.age_weeks() - buyer.recency_weeks()) / (self.alpha + buyer.recency_weeks());
        let log_odds_gone = (self.a / (self.b + x - 1.0)).ln() + (self.r + x) * since.ln_1p();
        1.0 / (1.0 + log_odds_gone.exp())
    }

    /// Expected purchase days in the `weeks` to come.
    ///
    /// Equation 10 of Fader, Hardie and Lee 2005 with the Gauss
    /// hypergeometric function left as the integral that it stands for: in
    /// closed form it is a difference of large numbers around `a = 1`, for
    /// long histories and for far horizons.
    #[must_use]
    pub fn expected(&self, buyer: &Buyer, weeks: f64) -> f64 {
        self.outlook(buyer).expected(weeks)
    }

    /// What is to be expected of one customer over any number of weeks.
    pub(super) fn outlook(&self, buyer: &Buyer) -> Outlook {
        let (a, b) = (self.a, self.b + buyer.repeats());
        let wide_enough = |parameter: f64| parameter + f64::from(parameter < LEAST);
        Outlook {
            alive: self.alive(buyer),
            purchases: self.r + buyer.repeats(),
            per_weeks: self.alpha + buyer.age_weeks(),
            a,
            b,
            rule: Rule::new(wide_enough(a), wide_enough(b)),
        }
    }

    /// Weeks within which half of such customers, if still buying, buy again:
    /// the median of the Pareto distribution that a gamma-distributed rate
    /// makes of the waiting time.
    #[must_use]
    pub fn median_wait_weeks(&self, buyer: &Buyer) -> f64 {
        let doublings = std::f64::consts::LN_2 / (self.r + buyer.repeats());
        (self.alpha + buyer.age_weeks()) * doublings.exp_m1()
    }
}

/// One customer's purchases to come, averaged over what is not known of her.
pub(super) struct Outlook {
    /// Probability that she still buys.
    pub alive: f64,
    /// If so, her rate is gamma distributed with this shape
    pub purchases: f64,
    /// and this scale, in weeks,
    pub per_weeks: f64,
    /// and her probability to stop is beta distributed with this
    pub a: f64,
    /// and this parameter.
    pub b: f64,
    /// Averages over that distribution; where a parameter is too small, over
    /// the one with one more.
    rule: Rule,
}

impl Outlook {
    /// Expected purchase days in the `weeks` to come; finite, never below 0.
    pub fn expected(&self, weeks: f64) -> f64 {
        let ratio = weeks / self.per_weeks;
        // Of a customer who stops with probability p after each purchase:
        // (1 - (1 + p t/(alpha+T))^-(r+x)) / p.
        let given = |p: f64| -(-self.purchases * (p * ratio).ln_1p()).exp_m1() / p;
        let (never, always) = (self.purchases * ratio, given(1.0));
        let (a, b) = (self.a, self.b);
        // Where the distribution crowds at an end, what holds at that end is
        // taken out, and the small rest averaged: p times a beta density is
        // one of a + 1, and (1 - p) times it one of b + 1.
        let mean = match (a < LEAST, b < LEAST) {
            (false, false) => self.rule.mean(|p, _| given(p)),
            (true, false) => never - a / (a + b) * self.rule.mean(|p, _| (never - given(p)) / p),
            (false, true) => always + b / (a + b) * self.rule.mean(|p, q| (given(p) - always) / q),
            (true, true) => {
                let rest = |p: f64, q: f64| (given(p) - q * never - p * always) / (p * q);
                let line = (b * never + a * always) / (a + b);
                line + a * b / ((a + b) * (a + b + 1.0)) * self.rule.mean(rest)
            }
        };
        self.alive * mean.clamp(0.0, never)
    }
}
