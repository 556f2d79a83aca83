//! Amounts as the shop's webhooks write them: decimal texts, in two
//! currencies at a time.

use serde_json::{Value, json};

use super::names::{EURO, Tender};

/// Value added tax in the shop's prices, in percent.
const TAX_PERCENT: i64 = 23;

/// Part of a price with tax that is the tax, rounded to the cent.
#[must_use]
pub fn tax_in(cents: i64) -> i64 {
    let whole = 100 + TAX_PERCENT;
    (cents * TAX_PERCENT + whole / 2) / whole
}

/// `percent` of an amount, rounded to the cent.
#[must_use]
pub fn percent_of(percent: i64, cents: i64) -> i64 {
    (cents * percent + 50) / 100
}

/// Cents of the shop's currency as text.
#[must_use]
pub fn text(cents: i64) -> String {
    decimal(cents, EURO.decimals)
}

/// The same amount in the shop's and in the buyer's currency.
#[must_use]
pub fn set(cents: i64, shown: &Tender) -> Value {
    json!({
        "shop_money": {"amount": text(cents), "currency_code": EURO.code},
        "presentment_money": {"amount": shown_as(cents, shown), "currency_code": shown.code},
    })
}

fn shown_as(cents: i64, shown: &Tender) -> String {
    // Cents times the rate are hundredths of a whole unit of the other.
    let scale = 10_000 * 100 / 10_i64.pow(shown.decimals);
    let minor = (cents * shown.per_ten_thousand + scale / 2) / scale;
    decimal(minor, shown.decimals)
}

fn decimal(minor: i64, decimals: u32) -> String {
    if decimals == 0 {
        return minor.to_string();
    }
    let unit = 10_i64.pow(decimals);
    let width = usize::try_from(decimals).unwrap_or_default();
    format!("{}.{:0width$}", minor / unit, minor % unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::names::COUNTRIES;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let shown = |code: &str, cents| {
            let mut all = COUNTRIES.iter().map(|(country, _)| country.currency);
            shown_as(cents, all.find(|tender| tender.code == code).unwrap())
        };
        assert_eq!(text(5), "0.05");
        assert_eq!(text(123_456), "1234.56");
        assert_eq!(shown("EUR", 1_999), "19.99");
        assert_eq!(shown("GBP", 10_000), "85.50");
        assert_eq!(shown("JPY", 10_000), "16180");
    }

    #[test]
    fn tax_is_part_of_the_price() {
        assert_eq!(tax_in(12_300), 2_300);
        assert_eq!(percent_of(10, 1_455), 146);
    }
}
