//! What it cost to win a customer: the spend of a month on a channel, by the
//! customers whose first counted order fell into that month on that channel
//! (DOMAIN section 6).

use std::collections::BTreeMap;

use crm_domain::money::Amount;
use crm_store::Spend;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

/// A month of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(rename = "Acquisition")]
pub(super) struct Won {
    /// Customers whose first counted order it was.
    pub(super) customers: u64,
    /// Null where nobody told.
    pub(super) spend: Option<Amount>,
    /// Spend by customer; null without either.
    pub(super) cac: Option<Amount>,
}

/// Customers and spend by channel and month.
#[derive(Debug, Default)]
pub(super) struct Costs(BTreeMap<String, BTreeMap<String, Won>>);

impl Costs {
    /// `acquired`: customers by channel and month.
    pub(super) fn of(acquired: &BTreeMap<String, BTreeMap<String, u64>>, spent: &[Spend]) -> Self {
        let mut costs = Self::default();
        for (channel, months) in acquired {
            for (month, customers) in months {
                costs.at(channel, month).customers += customers;
            }
        }
        for spend in spent {
            costs.at(&spend.channel, &spend.month).spend = Some(spend.amount);
        }
        for won in costs.0.values_mut().flat_map(BTreeMap::values_mut) {
            won.cac = won.spend.and_then(|spend| each(spend, won.customers));
        }
        costs
    }

    fn at(&mut self, channel: &str, month: &str) -> &mut Won {
        let months = self.0.entry(channel.to_owned()).or_default();
        months.entry(month.to_owned()).or_default()
    }

    /// Every channel with customers or spend.
    pub(super) fn channels(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The months of a channel from one on.
    pub(super) fn months(&self, channel: &str, since: &str) -> Vec<(String, Won)> {
        let months = self.0.get(channel).into_iter().flatten();
        let months = months.filter(|(month, _)| month.as_str() >= since);
        months.map(|(month, won)| (month.clone(), *won)).collect()
    }

    /// A channel over all months of which the spend is known: the others
    /// would make its customers look cheaper than they were.
    pub(super) fn total(&self, channel: &str) -> Won {
        let months = self.0.get(channel).into_iter().flat_map(BTreeMap::values);
        sum(months)
    }

    /// The same over all channels.
    pub(super) fn whole(&self) -> Won {
        sum(self.0.values().flat_map(BTreeMap::values))
    }
}

fn sum<'a>(months: impl Iterator<Item = &'a Won>) -> Won {
    let mut whole = Won::default();
    for won in months {
        if let Some(spend) = won.spend {
            whole.customers += won.customers;
            whole.spend = Some(whole.spend.unwrap_or(Amount::ZERO) + spend);
        }
    }
    whole.cac = whole.spend.and_then(|spend| each(spend, whole.customers));
    whole
}

/// Six decimals, half to even; none of nobody.
fn each(spend: Amount, customers: u64) -> Option<Amount> {
    let each = spend.decimal().checked_div(Decimal::from(customers))?;
    Some(Amount::from_decimal(each.round_dp(6)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(channel: &str, month: &str, amount: &str) -> Spend {
        Spend {
            version: 1,
            month: month.to_owned(),
            channel: channel.to_owned(),
            amount: amount.parse().unwrap(),
            by: "marketer-1".to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn costs() -> Costs {
        let months = |pairs: &[(&str, u64)]| {
            let pairs = pairs.iter();
            pairs.map(|(month, n)| ((*month).to_owned(), *n)).collect()
        };
        let acquired = BTreeMap::from([
            (
                "email".to_owned(),
                months(&[("2026-01", 3), ("2026-02", 4)]),
            ),
            ("web".to_owned(), months(&[("2026-02", 9)])),
        ]);
        let spent = [
            spend("email", "2026-01", "10"),
            spend("email", "2026-03", "5"),
            spend("radio", "2026-01", "100"),
        ];
        Costs::of(&acquired, &spent)
    }

    fn told(won: Won) -> (u64, Option<String>, Option<String>) {
        let text = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
        (won.customers, text(won.spend), text(won.cac))
    }

    #[test]
    fn a_month_s_spend_is_shared_by_those_won_in_it() {
        let months = costs().months("email", "2026-01");
        let months: Vec<_> = months.into_iter().map(|(m, won)| (m, told(won))).collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            months,
            [
                ("2026-01".to_owned(), (3, some("10"), some("3.333333"))),
                ("2026-02".to_owned(), (4, None, None)),
                ("2026-03".to_owned(), (0, some("5"), None)),
            ]
        );
        assert_eq!(costs().months("email", "2026-03").len(), 1);
    }

    #[test]
    fn the_total_leaves_out_months_nobody_told_the_spend_of() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(told(costs().total("email")), (3, some("15"), some("5")));
        assert_eq!(told(costs().total("web")), (0, None, None));
        assert_eq!(told(costs().total("radio")), (0, some("100"), None));
        assert_eq!(told(costs().whole()), (3, some("115"), some("38.333333")));
        assert_eq!(
            costs().channels().collect::<Vec<_>>(),
            ["email", "radio", "web"]
        );
    }
}
