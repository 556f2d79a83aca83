//! What is unpaid comes and goes by its difference.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::care::Care;
use crm_domain::money::Amount;
use crm_domain::order::Unpaid;
use jiff::Span;
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn on(day: i64) -> Date {
    date(2026, 3, 1).checked_add(Span::new().days(day)).unwrap()
}

fn unpaid() -> impl Strategy<Value = Unpaid> {
    let due_on = prop::option::of((0_i64..5).prop_map(on));
    ((1_i64..100_000), due_on).prop_map(|(cents, due_on)| {
        let amount = Amount::parse(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap();
        Unpaid { amount, due_on }
    })
}

proptest! {
    #[test]
    fn what_is_open_is_that_of_the_bills_as_they_are_now(
        bills in prop::collection::vec((unpaid(), prop::option::of(unpaid())), 0..20),
        halved in 0_usize..20,
    ) {
        let mut nodes = [Care::NONE, Care::NONE];
        for (n, (first, _)) in bills.iter().enumerate() {
            nodes[usize::from(n < halved)].bill(None, Some(*first));
        }
        for (n, (first, then)) in bills.iter().enumerate().rev() {
            nodes[usize::from(n < halved)].bill(Some(*first), *then);
        }
        let mut person = Care::NONE;
        for node in &nodes {
            person.absorb(node);
        }
        let now = || bills.iter().filter_map(|(_, then)| *then);
        let sum: Amount = now().map(|bill| bill.amount).sum();
        prop_assert_eq!(person.outstanding(), sum);
        let oldest = now().filter_map(|bill| bill.due_on).min();
        prop_assert_eq!(person.oldest_unpaid_due(), oldest);
        prop_assert_eq!(person.is_empty(), now().next().is_none());
        let stored = serde_json::to_string(&person).unwrap();
        prop_assert_eq!(serde_json::from_str::<Care>(&stored).unwrap(), person);
    }
}
