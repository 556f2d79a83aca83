//! What of a customer's orders the model gets to see, and what it says of her
//! year.

use crm_domain::history::History;
use crm_domain::money::Amount;
use crm_domain::settings::Settings;
use crm_domain::value::{Buyer, Buyers, Model, Sample};
use jiff::civil::date;

use crate::data::{assert_near, cdnow, counting_zero, history};

#[test]
fn two_orders_on_one_day_are_one_purchase() {
    let (first, second) = (date(2026, 3, 1), date(2026, 3, 15));
    let mut ada = history(&[(first, 10), (second, 20)]);
    // A minute before midnight, and again a minute after.
    ada.add("2026-03-15T23:59:00Z".parse().unwrap(), Amount::whole(30));
    ada.add("2026-03-16T00:01:00Z".parse().unwrap(), Amount::whole(40));
    let of = |settings: &Settings| Buyer::of(&ada, settings, date(2026, 4, 1)).unwrap();
    let utc = of(&Settings::default());
    assert_eq!(
        (utc.repeat_days, utc.recency_days, utc.age_days),
        (2, 15, 31)
    );
    assert_near("mean", utc.mean_repeat, 45.0, 1e-15);
    // In New York it was the same evening.
    let new_york = Settings {
        time_zone: "America/New_York".to_owned(),
        ..Settings::default()
    };
    let there = of(&new_york);
    assert_eq!((there.repeat_days, there.recency_days), (1, 14));
    assert_near("mean", there.mean_repeat, 90.0, 1e-15);
}

#[test]
fn orders_after_the_date_and_orders_worth_nothing_are_left_out() {
    let bo = history(&[
        (date(2026, 3, 1), 0),
        (date(2026, 3, 8), 50),
        (date(2026, 3, 22), 70),
    ]);
    let on = date(2026, 3, 15);
    let valued = Buyer::of(&bo, &Settings::default(), on).unwrap();
    assert_eq!((valued.repeat_days, valued.age_days), (0, 7));
    let all = Buyer::of(&bo, &counting_zero(), on).unwrap();
    assert_eq!(
        (all.repeat_days, all.recency_days, all.age_days),
        (1, 7, 14)
    );
    assert_eq!(Buyer::of(&bo, &Settings::default(), date(2026, 3, 7)), None);
    assert_eq!(Buyer::of(&History::default(), &counting_zero(), on), None);
}

#[test]
fn the_next_order_is_due_when_half_would_have_bought() {
    let on = date(2026, 3, 1);
    let buyer = |repeat_days, recency_days, age_days| Buyer {
        repeat_days,
        recency_days,
        age_days,
        mean_repeat: 20.0,
    };
    let next = |buyer| Model::PRIOR.predict(&buyer, on).next_order_on;
    // Ten times in 40 weeks: (4.414 + 40) (2^(1/10.243) - 1) is 3.11 weeks.
    assert_eq!(next(buyer(10, 280, 280)), Some(date(2026, 3, 23)));
    // Who bought once tells nothing, nor who has probably stopped.
    assert_eq!(next(buyer(0, 0, 280)), None);
    assert_eq!(next(buyer(10, 70, 280)), None);
    // Once more, in twelve years: the next would be due after six more.
    assert_eq!(next(buyer(1, 4_000, 4_380)), None);
}

/// Everybody of CDNOW as of the end of the third quarter, if the data is there.
fn buyers_of_cdnow() -> Option<Vec<Buyer>> {
    let (settings, on) = (counting_zero(), date(1997, 9, 30));
    let histories = cdnow()?;
    let buyers = histories
        .values()
        .filter_map(|h| Buyer::of(h, &settings, on));
    Some(buyers.collect())
}

#[test]
fn buyers_kept_in_less_room_make_the_same_model() {
    let Some(list) = buyers_of_cdnow() else {
        return;
    };
    let mut parts = [Buyers::default(), Buyers::default()];
    for (place, buyer) in list.iter().enumerate() {
        parts[place % 2].add(*buyer);
    }
    let [mut all, odd] = parts;
    all.absorb(odd);
    assert_eq!((all.len(), all.is_empty()), (2357, false));
    assert_eq!(all.fit(), Model::fit(&list));
}

#[test]
fn a_sample_of_more_than_it_may_hold_makes_nearly_the_same_model() {
    let Some(list) = buyers_of_cdnow() else {
        return;
    };
    let (mut all, mut sample) = (Buyers::default(), Sample::default());
    // 518,540 buyers in parts, each in an order of its own.
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..220 {
        let mut part = list.clone();
        random.shuffle(&mut part);
        let mut buyers = Buyers::default();
        for buyer in part {
            buyers.add(buyer);
        }
        all.absorb(buyers.clone());
        sample.absorb(buyers);
    }
    let sample = sample.into_buyers();
    // Halved at 250,000 and again at as many of those that come after.
    assert!(sample.len() <= Sample::MOST && sample.len() > Sample::MOST / 2);
    assert!(
        (sample.len() * 4).abs_diff(all.len()) <= 4 * 220,
        "{}",
        sample.len()
    );
    let (whole, some) = (all.fit().purchases, sample.fit().purchases);
    for (whole, some) in [
        (whole.r, some.r),
        (whole.alpha, some.alpha),
        (whole.a, some.a),
        (whole.b, some.b),
    ] {
        assert!((some / whole - 1.0).abs() < 0.05, "{some} for {whole}");
    }
}

#[test]
fn a_model_is_stored_and_read_back() {
    let Some(list) = buyers_of_cdnow() else {
        return;
    };
    for model in [Model::fit(&list), Model::PRIOR] {
        let text = serde_json::to_string(&model).unwrap();
        let read: Model = serde_json::from_str(&text).unwrap();
        // The reader of JSON may be off by the last bit.
        let digits = |model: &Model| format!("{:.14e} {model:.9?}", model.purchases.alpha);
        assert_eq!(digits(&read), digits(&model));
    }
}
