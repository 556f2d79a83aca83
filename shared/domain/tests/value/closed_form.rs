//! The model's expectation as it is published, with its hypergeometric
//! function as a series: fine for ordinary customers, and another road to the
//! same number.

use crm_domain::value::{BgNbd, Model};

use crate::data::{assert_near, buyer, number, rows};

/// Purchase days expected in `horizon` weeks of a customer with `x` repeats,
/// the last at the first of `weeks` and now at the second.
pub fn expected(model: &BgNbd, x: u32, weeks: [f64; 2], horizon: f64) -> f64 {
    let BgNbd { r, alpha, a, b } = *model;
    let ([recency, age], repeats) = (weeks, f64::from(x));
    let z = horizon / (alpha + age + horizon);
    let series = hypergeometric([r + repeats, b + repeats], a + b + repeats - 1.0, z);
    let shrunk = ((alpha + age) / (alpha + age + horizon)).powf(r + repeats);
    let active = (a + b + repeats - 1.0) / (a - 1.0) * (1.0 - shrunk * series);
    let odds_gone = if x == 0 {
        0.0
    } else {
        a / (b + repeats - 1.0) * ((alpha + age) / (alpha + recency)).powf(r + repeats)
    };
    active / (1.0 + odds_gone)
}

/// The Gauss hypergeometric function of `upper`, `lower` and `z`, all positive.
fn hypergeometric(upper: [f64; 2], lower: f64, z: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, 0.0);
    while term > 1e-17 * sum {
        term *= (upper[0] + n) * (upper[1] + n) / (lower + n) / (n + 1.0) * z;
        sum += term;
        n += 1.0;
    }
    sum
}

#[test]
fn the_published_form_and_ours_are_the_same_number() {
    let Some(rows) = rows("expected/btyd_cdnow_reference.csv") else {
        return;
    };
    let model = Model::default().purchases;
    for row in &rows {
        let (id, buyer) = (&row["ID"], buyer(row));
        // The reference, from its own rounded weeks.
        let weeks = [number(row, "t_x"), number(row, "T")];
        let published = expected(&model, buyer.repeat_days, weeks, 39.0);
        let off = (published - number(row, "exp39_pub")).abs();
        assert!(off < 1e-10, "{id}: {published}, off by {off}");
        // Ours, from whole days.
        let weeks = [buyer.recency_days, buyer.age_days].map(|days| f64::from(days) / 7.0);
        for horizon in [1.0, 39.0, 500.0] {
            let published = expected(&model, buyer.repeat_days, weeks, horizon);
            assert_near(id, model.expected(&buyer, horizon), published, 1e-8);
        }
    }
}
