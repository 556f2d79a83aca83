//! What must hold for any history and any parameters.

use crm_domain::value::{BgNbd, Buyer, GammaGamma, Model};
use jiff::civil::date;
use proptest::prelude::*;

/// From a millionth to a million.
fn parameter() -> impl Strategy<Value = f64> {
    (-6.0..6.0_f64).prop_map(|exponent| 10_f64.powf(exponent))
}

fn model() -> impl Strategy<Value = Model> {
    let purchases = (parameter(), parameter(), parameter(), parameter());
    let spend = (parameter(), parameter(), parameter());
    (purchases, spend).prop_map(|((r, alpha, a, b), (p, q, gamma))| Model {
        purchases: BgNbd { r, alpha, a, b },
        spend: GammaGamma {
            p,
            q: q + 1.0,
            gamma,
        },
        ..Model::default()
    })
}

/// Any buyer, also ones that cannot be.
fn buyer() -> impl Strategy<Value = Buyer> {
    let days = || prop_oneof![3 => 0..1_000_u32, 1 => any::<u32>()];
    let repeats =
        prop_oneof![2 => Just(0_u32), 5 => 1..40_u32, 2 => 40..3_000_u32, 1 => any::<u32>()];
    let mean = prop_oneof![8 => 0.0..10_000.0, 1 => any::<f64>()];
    (repeats, days(), days(), mean).prop_map(
        |(repeat_days, recency_days, age_days, mean_repeat)| Buyer {
            repeat_days,
            recency_days,
            age_days,
            mean_repeat,
        },
    )
}

/// Buyers of an ordinary shop, with many equal histories.
fn buyers() -> impl Strategy<Value = Vec<Buyer>> {
    let one = (0..6_u32, 1..40_u32, 0..10_u32, 1..30_u32).prop_map(
        |(repeat_days, recency, more, spend)| Buyer {
            repeat_days,
            recency_days: if repeat_days == 0 { 0 } else { recency * 7 },
            age_days: (recency + more) * 7,
            mean_repeat: if repeat_days == 0 {
                0.0
            } else {
                f64::from(spend)
            },
        },
    );
    prop::collection::vec(one, 500..900)
}

proptest! {
    #[test]
    fn every_figure_is_finite_and_none_is_negative(model in model(), buyer in buyer()) {
        let year = model.predict(&buyer, date(2026, 3, 1));
        for figure in [year.value, year.low, year.high, year.orders, model.value(&buyer)] {
            prop_assert!(figure.is_finite() && figure >= 0.0, "{:?}", year);
        }
        prop_assert!(year.low <= year.high);
        prop_assert!((0.0..=1.0).contains(&model.purchases.alive(&buyer)));
        prop_assert_eq!(year.alive.is_none(), buyer.repeat_days == 0);
    }

    #[test]
    fn the_later_she_last_bought_the_surer_she_still_does(
        model in model(),
        repeat_days in 1..200_u32,
        age_days in 2..4_000_u32,
        earlier in 0.0..1.0_f64,
        later in 0.0..1.0_f64,
    ) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of some years")]
        let at = |share: f64| (share * f64::from(age_days)) as u32;
        let buyer = |share| Buyer { repeat_days, recency_days: at(share), age_days, mean_repeat: 10.0 };
        let (early, late) = (buyer(earlier.min(later)), buyer(earlier.max(later)));
        let alive = |of| model.purchases.alive(of);
        prop_assert!(alive(&early) <= alive(&late));
        // And the more she is expected to buy, which by rounding may differ.
        prop_assert!(model.value(&early) <= model.value(&late) * (1.0 + 1e-12));
    }

    #[test]
    fn more_time_brings_more_purchases(model in model(), buyer in buyer(), weeks in 0.0..300.0_f64, more in 0.0..300.0_f64) {
        let expected = |weeks| model.purchases.expected(&buyer, weeks);
        prop_assert!(expected(weeks) <= expected(weeks + more) * (1.0 + 1e-7));
        prop_assert!(expected(0.0) == 0.0);
    }

    #[test]
    fn equal_histories_together_are_as_likely_as_one_by_one(model in model(), buyers in buyers()) {
        let alone: f64 = buyers.iter().map(|b| model.purchases.log_likelihood(&[*b])).sum();
        let together = model.purchases.log_likelihood(&buyers);
        prop_assert!((alone - together).abs() <= 1e-6 * (1.0 + alone.abs()), "{} {}", alone, together);
        let alone: f64 = buyers.iter().map(|b| model.spend.log_likelihood(&[*b])).sum();
        let together = model.spend.log_likelihood(&buyers);
        prop_assert!((alone - together).abs() <= 1e-6 * (1.0 + alone.abs()), "{} {}", alone, together);
    }
}

proptest! {
    // A fit in a debug build takes a while.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_order_of_the_buyers_makes_no_difference(
        (buyers, shuffled) in buyers().prop_flat_map(|buyers| {
            let shuffled = Just(buyers.clone()).prop_shuffle();
            (Just(buyers), shuffled)
        }),
    ) {
        prop_assert_eq!(Model::fit(&buyers), Model::fit(&shuffled));
    }
}
