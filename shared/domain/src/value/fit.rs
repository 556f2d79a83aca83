//! Parameters from a store's own buyers, or the prior where they allow none.

use std::convert::Infallible;

use basin::{CostFunction, Executor, NelderMead, SimplexProgress};

use super::bgnbd::BgNbd;
use super::buyer::Buyer;
use super::grouped::{Purchases, Spends};
use super::spend::GammaGamma;
use super::{Basis, LARGEST_PARAMETER, LEAST_BUYERS, LEAST_SPENDERS, Model, PriorReason};

impl Model {
    /// Fits both models to the buyers by maximum likelihood.
    ///
    /// Purchases need [`LEAST_BUYERS`], spend also [`LEAST_SPENDERS`];
    /// otherwise, and where the likelihood has no maximum worth having, the
    /// published estimates stand in and the basis says why. The prior of
    /// spend is scaled to the mean of the buyers' own repeat purchase days.
    /// The order of the buyers makes no difference.
    #[must_use]
    pub fn fit(buyers: &[Buyer]) -> Self {
        Self::fit_to(buyers.iter().copied())
    }

    /// The same, to buyers that are kept in another form.
    pub(super) fn fit_to(all: impl Iterator<Item = Buyer> + Clone) -> Self {
        let buyers = all.clone().count();
        let repeat_buyers = all.clone().filter(|buyer| buyer.repeat_days > 0).count();
        let purchases = fit_purchases(buyers, all.clone());
        let (purchases, purchases_basis, log_likelihood) = match purchases {
            Ok((fitted, likelihood)) => (fitted, Basis::Fitted, Some(likelihood)),
            Err(reason) => (BgNbd::PRIOR, Basis::Prior(reason), None),
        };
        let spends = Spends::of(all);
        let (spend, spend_basis) = match fit_spend(buyers, &spends) {
            Ok(fitted) => (fitted, Basis::Fitted),
            Err(reason) => {
                let prior = GammaGamma::prior_around(spends.mean());
                (prior, Basis::Prior(reason))
            }
        };
        Self {
            purchases,
            purchases_basis,
            spend,
            spend_basis,
            buyers: buyers as u64,
            repeat_buyers: repeat_buyers as u64,
            log_likelihood,
        }
    }
}

fn fit_purchases(
    buyers: usize,
    all: impl Iterator<Item = Buyer>,
) -> Result<(BgNbd, f64), PriorReason> {
    if buyers < LEAST_BUYERS {
        return Err(PriorReason::TooFewBuyers);
    }
    let purchases = Purchases::of(all);
    let BgNbd { r, alpha, a, b } = BgNbd::PRIOR;
    let model = |[r, alpha, a, b]: [f64; 4]| BgNbd { r, alpha, a, b };
    let (best, likelihood) = most_likely([r, alpha, a, b], |parameters| {
        purchases.log_likelihood(&model(parameters))
    })
    .ok_or(PriorReason::Degenerate)?;
    Ok((model(best), likelihood))
}

fn fit_spend(buyers: usize, spends: &Spends) -> Result<GammaGamma, PriorReason> {
    if buyers < LEAST_BUYERS || spends.buyers() < f64::from(LEAST_SPENDERS) {
        return Err(PriorReason::TooFewBuyers);
    }
    // In units of the store's own mean: in yen the scale would be beyond
    // every limit, and how far a likelihood is from running away should not
    // depend on the currency.
    let unit = spends.mean().ok_or(PriorReason::TooFewBuyers)?;
    let GammaGamma { p, q, .. } = GammaGamma::PRIOR;
    let model = |[p, q, gamma]: [f64; 3]| GammaGamma {
        p,
        q,
        gamma: gamma * unit,
    };
    let ([p, q, gamma], _) = most_likely([p, q, (q - 1.0) / p], |parameters| {
        spends.log_likelihood(&model(parameters))
    })
    .ok_or(PriorReason::Degenerate)?;
    if q <= 1.0 {
        return Err(PriorReason::Degenerate);
    }
    Ok(model([p, q, gamma]))
}

/// Rounds after which the search ends even if it still gets better.
const MOST_ROUNDS: u32 = 6;
/// Differences in a likelihood, relative to it, that its sum over all
/// customers may be rounded by.
const ROUNDING: f64 = 1e-12;
/// Likelihoods worked out in one round. A good round needs two hundred; one
/// that follows a ridge into the distance would never end.
const MOST_TRIALS: u64 = 1_000;
/// Parameters beyond what can still be called a maximum, where a likelihood
/// that runs away need not be followed: `e` to this power and its inverse.
const FAR: f64 = 14.0;

/// The positive parameters that make the likelihood largest, and the
/// likelihood there; none when it is largest at no finite place.
///
/// Nelder and Mead's search over the parameters' logarithms, begun again with
/// a fresh simplex where it ended until that no longer helps: one search can
/// collapse short of the maximum.
fn most_likely<const N: usize>(
    start: [f64; N],
    log_likelihood: impl Fn([f64; N]) -> f64,
) -> Option<([f64; N], f64)> {
    let search = Search(log_likelihood);
    let mut best = start.map(f64::ln);
    let mut cost = search.cost_at(&best);
    let mut step = 0.5;
    for _ in 0..MOST_ROUNDS {
        let (found, at) = round(&search, &best, step);
        let gain = cost - at;
        if at <= cost {
            (best, cost) = (found, at);
        }
        if gain.is_nan() || gain <= 1e-7 + 10.0 * ROUNDING * cost.abs() {
            break;
        }
        step = 0.1;
    }
    let parameters = near(&best);
    let usable = |p: &f64| p.is_finite() && *p <= LARGEST_PARAMETER;
    (cost.is_finite() && parameters.iter().all(usable)).then_some((parameters, -cost))
}

fn round<const N: usize, F>(search: &Search<F, N>, from: &[f64; N], step: f64) -> ([f64; N], f64)
where
    F: Fn([f64; N]) -> f64,
{
    let mut simplex = vec![from.to_vec(); N + 1];
    for (place, vertex) in simplex.iter_mut().take(N).enumerate() {
        vertex[place] += step;
    }
    let solver = NelderMead::new()
        .with_absolute_simplex_size_tolerance(1e-6)
        .with_relative_simplex_size_tolerance(None)
        .with_absolute_simplex_cost_tolerance(1e-9)
        .with_relative_simplex_cost_tolerance(ROUNDING);
    let progress = SimplexProgress::from_simplex(simplex);
    let Ok(end) = Executor::new(search, solver, progress)
        .max_cost_evals(MOST_TRIALS)
        .run();
    let mut found = *from;
    found.copy_from_slice(end.best_param());
    (found, end.best_cost())
}

/// Parameters of these logarithms, as far as they are followed.
fn near<const N: usize>(logs: &[f64; N]) -> [f64; N] {
    logs.map(|log| log.clamp(-FAR, FAR).exp())
}

/// The likelihood as the search wants it: to be made small.
struct Search<F, const N: usize>(F);

impl<const N: usize, F: Fn([f64; N]) -> f64> Search<F, N> {
    fn cost_at(&self, logs: &[f64; N]) -> f64 {
        let likelihood = (self.0)(near(logs));
        // NaN, too, is a place not to go.
        if likelihood.is_finite() {
            -likelihood
        } else {
            f64::INFINITY
        }
    }
}

impl<const N: usize, F: Fn([f64; N]) -> f64> CostFunction for &Search<F, N> {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Infallible;

    fn cost(&self, logs: &Vec<f64>) -> Result<f64, Infallible> {
        let mut parameters = [0.0; N];
        parameters.copy_from_slice(logs);
        Ok(self.cost_at(&parameters))
    }
}
