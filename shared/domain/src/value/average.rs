//! Averages over a probability nobody has seen: how likely a customer is to
//! stop after each purchase, of which only the distribution is known.

/// Least parameter of a beta distribution that [`Rule::new`] takes: below,
/// its tail in logits is too long to walk.
pub(super) const LEAST: f64 = 0.5;
/// Where a weight relative to the largest (here in logarithms) no longer
/// shows in the sum.
const NEGLIGIBLE: f64 = -34.0;

/// Points and weights that average a smooth function over a beta
/// distribution: the trapezoidal rule in logits, whose error falls
/// exponentially with the step (about 1e-9, relative, with this one).
pub(super) struct Rule(Vec<Point>);

struct Point {
    /// The probability.
    p: f64,
    /// One less the probability, without the cancellation.
    rest: f64,
    weight: f64,
}

impl Rule {
    /// For the distribution with parameters `a` and `b`, both [`LEAST`] or
    /// more.
    pub fn new(a: f64, b: f64) -> Self {
        let step = ((1.0 / a + 1.0 / b).sqrt() / 1.4).min(0.4);
        let mode = (a / b).ln();
        let log_weight = |logit: f64| a * logit - (a + b) * softplus(logit);
        let peak = log_weight(mode);
        let mut points = Vec::with_capacity(128);
        for direction in [step, -step] {
            let mut logit = if direction > 0.0 { mode } else { mode - step };
            loop {
                let height = log_weight(logit) - peak;
                if height.is_nan() || height <= NEGLIGIBLE {
                    break;
                }
                points.push(Point {
                    p: 1.0 / (1.0 + (-logit).exp()),
                    rest: 1.0 / (1.0 + logit.exp()),
                    weight: height.exp(),
                });
                logit += direction;
            }
        }
        let total: f64 = points.iter().map(|point| point.weight).sum();
        for point in &mut points {
            point.weight /= total;
        }
        Self(points)
    }

    /// The mean of `f(p, 1 - p)`.
    pub fn mean(&self, f: impl Fn(f64, f64) -> f64) -> f64 {
        let terms = self.0.iter().map(|at| at.weight * f(at.p, at.rest));
        terms.sum()
    }
}

/// `ln(1 + exp(x))` without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    if x > 35.0 { x } else { x.exp().ln_1p() }
}
