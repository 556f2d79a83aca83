//! Both predictions against a time that has passed.

use crm_domain::history::History;
use crm_domain::money::Amount;
use crm_domain::settings::Settings;
use crm_domain::value::{BackTesting, Predictor, back_test_window};
use jiff::civil::date;

use crate::data::{assert_near, cdnow, counting_zero, history};

#[test]
fn the_window_is_a_year_or_half_of_what_there_is() {
    let on = date(2026, 7, 1);
    assert_eq!(back_test_window(date(2020, 1, 1), on), Some(365));
    assert_eq!(back_test_window(date(2026, 1, 1), on), Some(90));
    assert_eq!(back_test_window(date(2026, 3, 11), on), Some(56));
    assert_eq!(back_test_window(date(2026, 3, 12), on), None);
    assert_eq!(back_test_window(date(2026, 7, 2), on), None);
}

#[test]
fn who_first_bought_in_the_window_is_left_out() {
    let settings = Settings::default();
    let on = date(2026, 7, 1);
    let mut testing = BackTesting::default();
    // Ada: 100 in the 100 days before the cut, so 90 in the 90 after.
    let ada = [
        (date(2025, 12, 23), 60),
        (date(2026, 4, 2), 40),
        (date(2026, 4, 3), 30),
        (on, 15),
    ];
    testing.add(&history(&ada), &settings, on, 90);
    testing.add(&history(&[(date(2026, 4, 3), 500)]), &settings, on, 90);
    testing.add(&History::default(), &settings, on, 90);
    let test = testing.finish().unwrap();
    assert_eq!(
        (test.cut, test.window_days, test.customers),
        (date(2026, 4, 2), 90, 1)
    );
    assert_eq!(test.actual, Amount::whole(45));
    assert_near("simple", test.simple, 2.0, 1e-9);
}

#[test]
fn without_a_sale_in_the_window_there_is_nothing_to_compare() {
    let on = date(2026, 7, 1);
    assert_eq!(BackTesting::default().finish(), None);
    let mut testing = BackTesting::default();
    testing.add(
        &history(&[(date(2025, 1, 1), 60)]),
        &Settings::default(),
        on,
        90,
    );
    assert_eq!(testing.finish(), None);
}

#[test]
fn a_test_in_parts_is_the_test_of_all() {
    let Some(histories) = cdnow() else { return };
    let (settings, on) = (counting_zero(), date(1998, 6, 30));
    let window = back_test_window(date(1997, 1, 1), on).unwrap();
    let mut all = BackTesting::default();
    let mut parts = vec![BackTesting::default(); 3];
    for (id, history) in &histories {
        all.add(history, &settings, on, window);
        parts[*id as usize % 3].add(history, &settings, on, window);
    }
    let mut sum = BackTesting::default();
    for part in parts.into_iter().rev() {
        // As they travel between the functions that measure them.
        let text = serde_json::to_string(&part).unwrap();
        sum.absorb(serde_json::from_str(&text).unwrap());
    }
    assert_eq!(sum.finish(), all.finish());
}

#[test]
fn for_cdnow_the_model_is_far_nearer_to_what_came() {
    let Some(histories) = cdnow() else { return };
    let (settings, on) = (counting_zero(), date(1998, 6, 30));
    let mut testing = BackTesting::default();
    for history in histories.values() {
        testing.add(history, &settings, on, 273);
    }
    let test = testing.finish().unwrap();
    assert_eq!((test.cut, test.customers), (date(1997, 9, 30), 2357));
    assert_eq!(test.better, Predictor::Model);
    assert!((0.8..1.0).contains(&test.model), "{test:?}");
    assert!(test.simple > 2.0, "{test:?}");
}
