//! What follows from sums by dividing them.

use rust_decimal::Decimal;

use super::Sums;
use crate::money::Amount;

/// To how many decimals a quotient is rounded, half to even.
const DECIMALS: u32 = 6;

/// Shares of what was sold that came back, over the whole history (DOMAIN
/// section 2), each to six decimals, half to even. None where nothing was
/// sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnRates {
    /// Return documents per counted order; may exceed 1.
    pub orders: Option<Decimal>,
    /// Units returned of units bought.
    pub units: Option<Decimal>,
    /// Merchandise money given back of merchandise sold.
    pub value: Option<Decimal>,
}

impl Sums {
    /// What came back of what was sold.
    #[must_use]
    pub fn return_rates(&self) -> ReturnRates {
        ReturnRates {
            orders: quotient(self.return_documents.into(), self.orders.into()),
            units: quotient(self.units_returned.into(), self.units_bought.into()),
            value: quotient(self.refunded.decimal(), self.gross.decimal()),
        }
    }

    /// Gross per counted order, to six decimals, half to even; none without
    /// an order.
    #[must_use]
    pub fn average_order_value(&self) -> Option<Amount> {
        quotient(self.gross.decimal(), self.orders.into()).map(Amount::from_decimal)
    }
}

pub(super) fn quotient(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let quotient = part.checked_div(whole)?;
    Some(quotient.round_dp(DECIMALS).normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(orders: i64, gross: &str, refunded: &str) -> Sums {
        Sums {
            orders,
            gross: gross.parse().unwrap(),
            refunded: refunded.parse().unwrap(),
            units_bought: 3,
            units_returned: 1,
            return_documents: 4,
            ..Sums::default()
        }
    }

    #[test]
    fn shares_are_rounded_half_to_even_at_the_sixth_decimal() {
        let rates = sums(3, "8", "0.0000004").return_rates();
        assert_eq!(rates.orders.unwrap().to_string(), "1.333333");
        assert_eq!(rates.units.unwrap().to_string(), "0.333333");
        assert_eq!(rates.value.unwrap().to_string(), "0");
        assert_eq!(
            sums(3, "8", "0").average_order_value().unwrap().to_string(),
            "2.666667"
        );
        assert_eq!(
            sums(8, "0.000004", "0")
                .average_order_value()
                .unwrap()
                .to_string(),
            "0"
        );
        assert_eq!(
            sums(8, "0.000012", "0")
                .average_order_value()
                .unwrap()
                .to_string(),
            "0.000002"
        );
    }

    #[test]
    fn without_an_order_there_is_no_share_and_no_average() {
        let nothing = Sums::default();
        assert_eq!(nothing.average_order_value(), None);
        let rates = nothing.return_rates();
        assert_eq!((rates.orders, rates.units, rates.value), (None, None, None));
    }
}
