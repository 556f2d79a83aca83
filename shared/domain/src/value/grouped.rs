//! Likelihoods over a million customers at the cost of a few thousand:
//! equal histories are gone through once, with a count, and what depends on a
//! day or on a number of purchases alone is worked out once for each.

use std::collections::BTreeSet;

use libm::lgamma as ln_gamma;

use super::average::softplus;
use super::bgnbd::BgNbd;
use super::buyer::{Buyer, weeks};
use super::spend::GammaGamma;

/// Purchases of all buyers. Their order leaves no trace.
pub(super) struct Purchases {
    /// Every number of days that occurs, in weeks.
    weeks: Vec<f64>,
    /// Every number of repeat purchases that occurs, with its customers.
    repeats: Vec<(f64, f64)>,
    histories: Vec<History>,
}

/// Equal histories, in 16 bytes: there may be hundreds of thousands.
struct History {
    /// Place in `repeats`.
    repeats: u32,
    /// Place in `weeks` of the latest purchase.
    recency: u32,
    /// Place in `weeks` of the age.
    age: u32,
    /// How many customers.
    customers: u32,
}

impl Purchases {
    pub fn of(buyers: impl Iterator<Item = Buyer>) -> Self {
        let mut all: Vec<_> = buyers.map(|buyer| buyer.history()).collect();
        all.sort_unstable();
        let repeats: BTreeSet<u32> = all.iter().map(|h| h.0).collect();
        let days: BTreeSet<u32> = all.iter().flat_map(|h| [h.1, h.2]).collect();
        let (repeats, days) = (Vec::from_iter(repeats), Vec::from_iter(days));
        let mut customers = vec![0.0; repeats.len()];
        let mut histories = Vec::new();
        for equal in all.chunk_by(PartialEq::eq) {
            let (x, recency, age) = equal[0];
            let history = History {
                repeats: place(&repeats, x),
                recency: place(&days, recency),
                age: place(&days, age),
                customers: count(equal.len()),
            };
            customers[history.repeats as usize] += f64::from(history.customers);
            histories.push(history);
        }
        Self {
            weeks: days.into_iter().map(weeks).collect(),
            repeats: repeats.into_iter().map(f64::from).zip(customers).collect(),
            histories,
        }
    }

    /// Log-likelihood of these purchases (equation 6 of Fader, Hardie and
    /// Lee 2005, in logarithms throughout).
    pub fn log_likelihood(&self, model: &BgNbd) -> f64 {
        let BgNbd { r, alpha, a, b } = *model;
        let ages: Vec<f64> = self.weeks.iter().map(|w| (w / alpha).ln_1p()).collect();
        let gone = |x: f64| (a / (b + x - 1.0)).ln();
        let gone: Vec<f64> = self.repeats.iter().map(|(x, _)| gone(*x)).collect();
        let by_history = |h: &History| {
            let x = self.repeats[h.repeats as usize].0;
            let (age, recency) = (ages[h.age as usize], ages[h.recency as usize]);
            let stopped = if x > 0.0 {
                softplus(gone[h.repeats as usize] + (r + x) * (age - recency))
            } else {
                0.0
            };
            f64::from(h.customers) * (stopped - (r + x) * age)
        };
        self.by_count(model) + self.histories.iter().map(by_history).sum::<f64>()
    }

    /// The part that depends on the number of purchases alone: its gamma
    /// functions, whose differences at whole numbers are sums of logarithms.
    /// Worked out so, nothing cancels where parameters are large.
    fn by_count(&self, model: &BgNbd) -> f64 {
        let BgNbd { r, alpha, a, b } = *model;
        let one = |j: f64| (r + j).ln() - (a / (b + j)).ln_1p() - alpha.ln();
        let (mut steps, mut sum, mut likelihood) = (0.0, 0.0, 0.0);
        for &(x, customers) in &self.repeats {
            while steps < x.min(MOST_ADDED) {
                sum += one(steps);
                steps += 1.0;
            }
            let far = if x > steps {
                let purchases = ln_gamma(r + x) - ln_gamma(r + steps);
                let left = ln_gamma(b + x) - ln_gamma(b + steps);
                let of = ln_gamma(a + b + x) - ln_gamma(a + b + steps);
                purchases + left - of - (x - steps) * alpha.ln()
            } else {
                0.0
            };
            likelihood += customers * (sum + far);
        }
        likelihood
    }
}

/// Repeat purchases up to which logarithms are added up one by one: no
/// customer of a shop has more.
const MOST_ADDED: f64 = 5_000.0;

/// Spend of all buyers with a repeat purchase that cost something.
pub(super) struct Spends {
    /// Every number of repeat purchases that occurs, with its customers.
    repeats: Vec<(f64, f64)>,
    amounts: Vec<Spend>,
    /// Sum of `x ln x + x ln m`.
    per_shape: f64,
    /// Sum of `ln m`.
    log_means: f64,
}

/// Equal spends.
struct Spend {
    repeats: u32,
    customers: u32,
    spent: f64,
}

impl Spends {
    pub fn of(buyers: impl Iterator<Item = Buyer>) -> Self {
        let spent = buyers.map(|buyer| (buyer.repeat_days, buyer.mean_spend()));
        let mut all: Vec<_> = spent.filter(|(_, mean)| *mean > 0.0).collect();
        all.sort_unstable_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
        let mut these = Self {
            repeats: Vec::new(),
            amounts: Vec::new(),
            per_shape: 0.0,
            log_means: 0.0,
        };
        for same_repeats in all.chunk_by(|one, other| one.0 == other.0) {
            let (x, customers) = (same_repeats[0].0, count(same_repeats.len()));
            these.repeats.push((f64::from(x), f64::from(customers)));
            for equal in same_repeats.chunk_by(PartialEq::eq) {
                these.add(x, equal[0].1, count(equal.len()));
            }
        }
        these
    }

    fn add(&mut self, repeats: u32, mean: f64, customers: u32) {
        let (x, n) = (f64::from(repeats), f64::from(customers));
        self.per_shape += n * x * (x * mean).ln();
        self.log_means += n * mean.ln();
        self.amounts.push(Spend {
            repeats,
            customers,
            spent: x * mean,
        });
    }

    /// How many buyers there are.
    pub fn buyers(&self) -> f64 {
        self.repeats.iter().map(|(_, customers)| customers).sum()
    }

    /// Mean spend on a repeat purchase day, over all of them.
    pub fn mean(&self) -> Option<f64> {
        let customers = |spend: &Spend| f64::from(spend.customers);
        let days: f64 = self
            .repeats
            .iter()
            .map(|(x, customers)| x * customers)
            .sum();
        let spent: f64 = self.amounts.iter().map(|s| customers(s) * s.spent).sum();
        (days > 0.0).then(|| spent / days)
    }

    /// Log-likelihood of these mean spends (equation 1a of Fader and Hardie
    /// 2013, in logarithms throughout).
    pub fn log_likelihood(&self, model: &GammaGamma) -> f64 {
        let GammaGamma { p, q, gamma } = *model;
        let same = q * gamma.ln() - ln_gamma(q);
        let by_count = |&(x, customers): &(f64, f64)| {
            customers * (same + ln_gamma(p * x + q) - ln_gamma(p * x))
        };
        let by_spend = |s: &Spend| {
            let (x, customers) = (f64::from(s.repeats), f64::from(s.customers));
            -customers * (p * x + q) * (gamma + s.spent).ln()
        };
        p * self.per_shape - self.log_means
            + self.repeats.iter().map(by_count).sum::<f64>()
            + self.amounts.iter().map(by_spend).sum::<f64>()
    }
}

impl BgNbd {
    /// Log-likelihood of what the buyers did, were these the parameters.
    #[must_use]
    pub fn log_likelihood(&self, buyers: &[Buyer]) -> f64 {
        Purchases::of(buyers.iter().copied()).log_likelihood(self)
    }
}

impl GammaGamma {
    /// Log-likelihood of what the buyers spent, were these the parameters;
    /// those without a repeat purchase worth something say nothing.
    #[must_use]
    pub fn log_likelihood(&self, buyers: &[Buyer]) -> f64 {
        Spends::of(buyers.iter().copied()).log_likelihood(self)
    }
}

/// Where in a sorted list of distinct values this one is.
fn place(list: &[u32], of: u32) -> u32 {
    count(list.binary_search(&of).expect("collected from the same"))
}

/// A number of customers: there are never four billion.
fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
