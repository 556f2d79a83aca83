//! CDNOW, 2,357 customers: the sample the published estimates are for.

use crm_domain::value::{Basis, BgNbd, Buyer, GammaGamma, Model};
use jiff::civil::date;

use crate::closed_form;
use crate::data::{Row, buyer, cdnow, counting_zero, number, rows};

/// Last day of the 39 weeks that the published estimates know.
const CALIBRATED: jiff::civil::Date = date(1997, 9, 30);

fn reference() -> Option<Vec<Row>> {
    rows("expected/btyd_cdnow_reference.csv")
}

/// The sample as a store would see it: fitted to histories of orders.
struct Fitted {
    ids: Vec<u32>,
    buyers: Vec<Buyer>,
    model: Model,
}

fn fitted() -> Option<Fitted> {
    let histories = cdnow()?;
    let of = |history| Buyer::of(history, &counting_zero(), CALIBRATED).unwrap();
    let buyers: Vec<_> = histories.values().map(of).collect();
    Some(Fitted {
        ids: histories.into_keys().collect(),
        model: Model::fit(&buyers),
        buyers,
    })
}

fn assert_published(model: &Model) {
    let BgNbd { r, alpha, a, b } = model.purchases;
    let published = "r 0.243 alpha 4.414 a 0.793 b 2.426";
    assert_eq!(
        format!("r {r:.3} alpha {alpha:.3} a {a:.3} b {b:.3}"),
        published
    );
    let GammaGamma { p, q, .. } = model.spend;
    assert_eq!(format!("p {p:.2} q {q:.2}"), "p 6.25 q 3.74");
    let likelihood = model.log_likelihood.unwrap();
    assert!((likelihood - -9582.4).abs() < 0.05, "{likelihood}");
    assert!(
        (model.spend.gamma - 15.44).abs() < 0.01,
        "{}",
        model.spend.gamma
    );
    assert_eq!(
        (model.purchases_basis, model.spend_basis),
        (Basis::Fitted, Basis::Fitted)
    );
    assert_eq!((model.buyers, model.repeat_buyers), (2357, 946));
}

#[test]
fn the_published_estimates_come_out_of_the_orders() {
    let Some(sample) = fitted() else { return };
    assert_published(&sample.model);
}

#[test]
fn the_published_estimates_come_out_of_the_published_summary() {
    let Some(rows) = reference() else { return };
    let buyers: Vec<_> = rows.iter().map(buyer).collect();
    let model = Model::fit(&buyers);
    assert_published(&model);
    // The maximum over the summary's rounded means.
    assert!(
        (model.spend.gamma - 15.447_747).abs() < 1e-3,
        "{}",
        model.spend.gamma
    );
}

#[test]
fn a_history_of_orders_is_counted_as_the_published_summary_counts_it() {
    let Some(Fitted { ids, buyers, .. }) = fitted() else {
        return;
    };
    let rows = reference().unwrap();
    assert_eq!(rows.len(), buyers.len());
    for ((row, id), counted) in rows.iter().zip(&ids).zip(&buyers) {
        assert_eq!(row["ID"], id.to_string());
        let published = buyer(row);
        assert_eq!(
            (counted.repeat_days, counted.recency_days, counted.age_days),
            (
                published.repeat_days,
                published.recency_days,
                published.age_days
            ),
            "customer {id}"
        );
        // The summary keeps two decimals of the mean.
        assert!(
            (counted.mean_repeat - published.mean_repeat).abs() < 0.0051,
            "customer {id}"
        );
    }
}

#[test]
fn every_customer_s_prediction_agrees_with_another_implementation() {
    let Some(Fitted { buyers, model, .. }) = fitted() else {
        return;
    };
    for (row, buyer) in reference().unwrap().iter().zip(&buyers) {
        // The reference knows weeks to two decimals. After many purchases in
        // a short time that shows, and is allowed for.
        let weeks = [number(row, "t_x"), number(row, "T")];
        let rounding = closed_form::expected(&model.purchases, buyer.repeat_days, weeks, 39.0)
            / model.purchases.expected(buyer, 39.0);
        let near = |what, got: f64, column| {
            let expected = number(row, column);
            // Ten decimals are written out, and some have hardly that much left.
            let allowed = (1e-3 + (rounding - 1.0).abs()) * expected + 1e-9;
            let off = (got - expected).abs();
            assert!(
                off <= allowed,
                "{what} of {}: {got}, not {expected}",
                row["ID"]
            );
        };
        near(
            "purchases",
            model.purchases.expected(buyer, 39.0),
            "exp39_fit",
        );
        near("alive", model.purchases.alive(buyer), "palive_fit");
        near("spend", model.spend.expected(buyer), "m_fit");
        near("value", model.value(buyer), "clv12_fit");
        assert_eq!(model.alive(buyer).is_some(), buyer.repeat_days > 0);
    }
}
