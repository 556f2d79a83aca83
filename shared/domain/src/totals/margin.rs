//! What is left of the money once the goods are paid (DOMAIN section 6).

use rust_decimal::Decimal;

use super::Sums;
use super::rates::quotient;
use crate::money::Amount;

/// Gross margin, or how much of it could be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Margin {
    /// Net less the cost of the goods, exact; none while the cost of any unit
    /// is unknown. Never a part of the truth: with the cost of half the goods
    /// it would look better than it is.
    pub value: Option<Amount>,
    /// Share of the gross whose cost is known, to six decimals, half to even;
    /// none where nothing was sold. A free article of unknown cost leaves it
    /// at 1, and the margin unknown all the same.
    pub covered_share: Option<Decimal>,
}

impl Sums {
    /// Net less the cost of the goods, where it is known.
    ///
    /// Net has refunds taken off whole. The cost has only those goods taken
    /// off that the shop has again: cancelled before they were sent, or back
    /// and fit to be sold. So goods that are refunded but gone are a loss of
    /// their cost, and so is a return that names no order, for nobody knows
    /// what came back. What is covered compares with the gross of the sale,
    /// not with the net: refunds are told in sums, not line by line.
    ///
    /// What was counted before costs were kept has none, and leaves the margin
    /// unknown too.
    #[must_use]
    pub fn margin(&self) -> Margin {
        let whole = self.uncovered == 0 && self.covered == self.gross;
        Margin {
            value: whole.then(|| self.net() - self.cost),
            covered_share: quotient(self.covered.decimal(), self.gross.decimal()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(gross: &str, covered: &str, uncovered: i64) -> Sums {
        Sums {
            orders: 1,
            gross: gross.parse().unwrap(),
            refunded: "5".parse().unwrap(),
            cost: "20.001".parse().unwrap(),
            covered: covered.parse().unwrap(),
            uncovered,
            ..Sums::default()
        }
    }

    #[test]
    fn a_margin_is_exact_or_unknown_never_a_part() {
        let whole = sums("60", "60", 0).margin();
        assert_eq!(whole.value, Some("34.999".parse().unwrap()));
        assert_eq!(whole.covered_share.unwrap().to_string(), "1");
        let part = sums("60", "40", 1).margin();
        assert_eq!(part.value, None);
        assert_eq!(part.covered_share.unwrap().to_string(), "0.666667");
    }

    #[test]
    fn a_free_article_of_unknown_cost_leaves_the_margin_unknown() {
        assert_eq!(sums("60", "60", 1).margin().value, None);
    }

    #[test]
    fn what_was_counted_before_costs_were_kept_has_no_margin() {
        let old = r#"{"n":1,"g":"60","r":"0","b":3,"u":0,"d":0}"#;
        let old: Sums = serde_json::from_str(old).unwrap();
        let margin = old.margin();
        assert_eq!(margin.value, None);
        assert_eq!(margin.covered_share, Some(Decimal::ZERO));
    }

    #[test]
    fn where_nothing_was_sold_there_is_no_share() {
        assert_eq!(Sums::default().margin().covered_share, None);
    }
}
