//! The past carried on: exact arithmetic that anybody can check.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::money::Amount;
use crate::settings::Settings;

/// Days of a year.
const YEAR: Decimal = Decimal::from_parts(36_525, 0, 0, false, 2);
/// Fewest days a pace is measured over: two orders in one week are no
/// hundred a year.
const LEAST_DAYS: i64 = 90;
/// Decimals of a result.
const DECIMALS: u32 = 6;

/// The *simple estimate* of lifetime value: average order value x orders a
/// year x the setting's lifespan, with a customer of under 90 days taken for
/// one of 90. Since the average is gross by orders, the orders cancel out.
///
/// It ranks customers well and overstates what they come to, because it knows
/// nobody who stops. None before the first order, or beyond all amounts.
#[must_use]
pub fn simple(gross: Amount, first: Date, on: Date, settings: &Settings) -> Option<Amount> {
    carried_on(
        gross,
        first,
        on,
        YEAR.checked_mul(settings.lifespan_years.0.decimal())?,
    )
}

/// What the past carried on comes to in the twelve months ahead: as far as the
/// model looks, so that sums of either can be set side by side. None before
/// the first order, or beyond all amounts.
#[must_use]
pub fn year_ahead(gross: Amount, first: Date, on: Date) -> Option<Amount> {
    carried_on(gross, first, on, YEAR)
}

/// What `gross` since `first` comes to in `days` more at the same pace.
pub(super) fn carried_on(gross: Amount, first: Date, on: Date, days: Decimal) -> Option<Amount> {
    let past = days_since(first, on)?.max(LEAST_DAYS);
    let value = gross
        .decimal()
        .checked_mul(days)?
        .checked_div(Decimal::from(past))?;
    Some(Amount::from_decimal(value.round_dp(DECIMALS)))
}

/// Counted orders a year since the first, to six decimals; none on the day
/// of the first, which is no time to measure a pace over.
#[must_use]
pub fn orders_per_year(orders: i64, first: Date, on: Date) -> Option<Decimal> {
    let past = days_since(first, on).filter(|days| *days > 0)?;
    let value = Decimal::from(orders)
        .checked_mul(YEAR)?
        .checked_div(Decimal::from(past))?;
    Some(value.round_dp(DECIMALS).normalize())
}

fn days_since(first: Date, on: Date) -> Option<i64> {
    let days = i64::from((on - first).get_days());
    (days >= 0).then_some(days)
}
