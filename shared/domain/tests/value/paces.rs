//! The past carried on.

use crm_domain::money::Amount;
use crm_domain::settings::Settings;
use crm_domain::value::{orders_per_year, simple};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::data::rows;

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn simple_of(gross: &str, first: Date, on: Date) -> Option<Amount> {
    simple(amount(gross), first, on, &Settings::default())
}

#[test]
fn a_year_of_365_euros_is_carried_on_for_the_lifespan() {
    // 366 days: 365.25 x 3.2 / 366 of what she spent.
    let value = simple_of("366", date(2024, 1, 1), date(2025, 1, 1));
    assert_eq!(value, Some(amount("1168.8")));
}

#[test]
fn a_customer_of_one_week_is_taken_for_one_of_ninety_days() {
    let first = date(2026, 3, 1);
    let value = simple_of("90", first, date(2026, 3, 8));
    assert_eq!(value, Some(amount("1168.8")));
    assert_eq!(value, simple_of("90", first, first));
    assert_eq!(simple_of("90", date(2026, 3, 9), date(2026, 3, 8)), None);
}

#[test]
fn results_are_exact_to_six_decimals() {
    let value = simple_of("99.99", date(2026, 1, 1), date(2026, 12, 1));
    assert_eq!(value, Some(amount("349.905126")));
}

#[test]
fn orders_a_year_are_not_floored() {
    let pace = |days: i8| orders_per_year(2, date(2026, 3, 1), date(2026, 3, 1 + days));
    assert_eq!(pace(0), None);
    assert_eq!(pace(7), Some("104.357143".parse().unwrap()));
}

#[test]
fn paces_and_estimates_are_those_of_the_reference() {
    let Some(rows) = rows("expected/rfm_cdnow_sample_1998-07-01.csv") else {
        return;
    };
    let on = date(1998, 7, 1);
    for row in rows {
        let first: Date = row["first_order_at"][..10].parse().unwrap();
        let orders = row["frequency"].parse().unwrap();
        let pace = orders_per_year(orders, first, on).unwrap();
        assert_eq!(
            pace,
            row["purchase_freq_per_year"].parse::<Decimal>().unwrap()
        );
        // All of them are older than 90 days, so the floor shows nowhere.
        let value = simple_of(&row["monetary"], first, on).unwrap();
        let expected: Decimal = row["predicted_clv_3_2y"].parse().unwrap();
        // The reference rounds on the way.
        assert!(
            (value.decimal() - expected).abs() <= Decimal::new(2, 6),
            "{value} {expected}"
        );
    }
}

proptest! {
    #[test]
    fn nothing_is_ever_divided_by_nothing(
        gross in -999_999_999_999_i64..999_999_999_999,
        orders in any::<i64>(),
        first in -20_000_i32..20_000,
        on in -20_000_i32..20_000,
    ) {
        let day = |days: i32| date(2000, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        let value = simple(Amount::whole(gross), day(first), day(on), &Settings::default());
        prop_assert_eq!(value.is_some(), first <= on);
        let pace = orders_per_year(orders, day(first), day(on));
        prop_assert_eq!(pace.is_some(), first < on);
    }
}
