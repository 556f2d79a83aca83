//! Small stores go by the published estimates, and are told so.

use crm_domain::value::{Basis, Buyer, LEAST_BUYERS, Model, PriorReason};

use crate::data::assert_near;

fn once(age_days: u32) -> Buyer {
    Buyer {
        age_days,
        ..Buyer::default()
    }
}

#[test]
fn a_store_of_few_buyers_uses_the_published_estimates() {
    let few: Vec<_> = (1..).map(once).take(LEAST_BUYERS - 1).collect();
    let model = Model::fit(&few);
    let too_few = Basis::Prior(PriorReason::TooFewBuyers);
    assert_eq!(
        (model.purchases_basis, model.spend_basis),
        (too_few, too_few)
    );
    assert_eq!(model.buyers, 499);
    assert_eq!(
        (model.purchases, model.spend),
        (Model::default().purchases, Model::default().spend)
    );
    assert_near(
        "mean spend",
        Model::default().spend.mean(),
        35.218_978,
        1e-6,
    );
}

#[test]
fn the_prior_of_spend_takes_the_store_s_own_mean() {
    // Ada came back twice for 300 each, Bo once for 900: 500 a purchase day.
    let ada = Buyer {
        repeat_days: 2,
        recency_days: 30,
        age_days: 60,
        mean_repeat: 300.0,
    };
    let bo = Buyer {
        repeat_days: 1,
        recency_days: 30,
        age_days: 60,
        mean_repeat: 900.0,
    };
    let model = Model::fit(&[ada, bo, once(10)]);
    assert_near("mean spend", model.spend.mean(), 500.0, 1e-12);
    assert_near(
        "her own counts for most",
        model.spend.expected(&ada),
        335.958,
        1e-5,
    );
    assert_eq!(model.repeat_buyers, 2);
}

#[test]
fn buyers_of_whom_none_came_back_make_a_clean_end() {
    let all: Vec<_> = (1..=2_000).map(once).collect();
    let model = Model::fit(&all);
    assert_eq!(model.purchases_basis, Basis::Prior(PriorReason::Degenerate));
    assert_eq!(model.spend_basis, Basis::Prior(PriorReason::TooFewBuyers));
}

#[test]
fn people_who_all_spend_the_same_make_a_clean_end() {
    let alike = |age_days| Buyer {
        repeat_days: 3,
        recency_days: age_days / 2,
        age_days,
        mean_repeat: 20.0,
    };
    let all: Vec<_> = (100..800).map(alike).collect();
    let model = Model::fit(&all);
    assert_eq!(model.spend_basis, Basis::Prior(PriorReason::Degenerate));
    assert_near("mean spend", model.spend.mean(), 20.0, 1e-12);
}
