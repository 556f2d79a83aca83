//! Other stores' books: one where the model fits well, one where it has no
//! finite fit.

use crm_domain::value::{Basis, Model, PriorReason};
use jiff::civil::date;

use crate::data::{assert_near, buyer, number, rows};

#[test]
fn an_apparel_shop_s_predictions_agree_with_another_implementation() {
    let Some(rows) = rows("expected/btyd_apparel.csv") else {
        return;
    };
    let buyers: Vec<_> = rows.iter().map(buyer).collect();
    let model = Model::fit(&buyers);
    assert_eq!(
        (model.purchases_basis, model.spend_basis),
        (Basis::Fitted, Basis::Fitted)
    );
    let p = &model.purchases;
    for (what, got, expected) in [
        ("r", p.r, 0.607_311_36),
        ("alpha", p.alpha, 20.956_755_4),
        ("a", p.a, 1.275_561_08),
        ("b", p.b, 8.860_946_35),
        (
            "log-likelihood",
            model.log_likelihood.unwrap(),
            -5_857.019_748_9,
        ),
        ("p", model.spend.p, 3.099_038_7),
        ("q", model.spend.q, 5.653_692_55),
        ("gamma", model.spend.gamma, 56.504_181_1),
    ] {
        assert_near(what, got, expected, 1e-4);
    }
    for (row, buyer) in rows.iter().zip(&buyers) {
        let id = &row["customer_id"];
        assert_near(
            id,
            model.purchases.expected(buyer, 52.0),
            number(row, "exp_x"),
            1e-3,
        );
        assert_near(
            id,
            model.purchases.alive(buyer),
            number(row, "p_alive"),
            1e-3,
        );
        assert_near(
            id,
            model.spend.expected(buyer),
            number(row, "exp_spend"),
            1e-3,
        );
    }
}

#[test]
fn where_the_likelihood_runs_away_the_prior_is_used_and_said() {
    let Some(rows) = rows("expected/btyd_online_retail_2011-09-30.csv") else {
        return;
    };
    let buyers: Vec<_> = rows.iter().map(buyer).collect();
    let model = Model::fit(&buyers);
    assert_eq!(model.purchases_basis, Basis::Prior(PriorReason::Degenerate));
    assert_eq!(model.purchases, Model::default().purchases);
    assert_eq!(model.log_likelihood, None);
    // What people spend is another matter, and fits.
    assert_eq!(model.spend_basis, Basis::Fitted);
    assert_near("p", model.spend.p, 2.318_673, 1e-3);
    assert_near("q", model.spend.q, 3.317_536, 1e-3);
    assert_near("gamma", model.spend.gamma, 419.369_5, 1e-3);
    for (row, buyer) in rows.iter().zip(&buyers) {
        let id = &row["customer_id"];
        assert_near(
            id,
            model.spend.expected(buyer),
            number(row, "exp_spend"),
            1e-3,
        );
        let year = model.predict(buyer, date(2011, 9, 30));
        for figure in [year.value, year.low, year.high, year.orders] {
            assert!(figure.is_finite() && figure >= 0.0, "{id}: {year:?}");
        }
    }
}
