//! A purchase history is what its orders make it, however they came.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::history::History;
use crm_domain::money::Amount;
use jiff::Timestamp;
use proptest::prelude::*;

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        Just(Amount::ZERO),
        (-999_999_999_i64..999_999_999, 0_u32..=15).prop_map(|(mantissa, scale)| {
            let text = format!("{mantissa}e-{scale}");
            Amount::parse(&text).expect("within the limits")
        }),
    ]
}

fn orders() -> impl Strategy<Value = Vec<(Timestamp, Amount)>> {
    // Few instants, so that orders often share one.
    let instant = (-3_i64..2_000_000_000).prop_map(|s| Timestamp::from_second(s - s % 7).unwrap());
    prop::collection::vec((instant, amount()), 0..40)
}

fn of(orders: &[(Timestamp, Amount)]) -> History {
    let mut history = History::default();
    for (at, gross) in orders {
        history.add(*at, *gross);
    }
    history
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(orders in orders()) {
        let history = of(&orders);
        prop_assert_eq!(History::decode(&history.encode()).unwrap(), history);
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        version in prop_oneof![9 => Just(1_u8), 1 => any::<u8>()],
        rest in prop::collection::vec(prop_oneof![0_u8..8, any::<u8>()], 0..64),
    ) {
        let bytes = [vec![version], rest].concat();
        // Whatever is read means the same when it is written again.
        if let Ok(history) = History::decode(&bytes) {
            let again = History::decode(&history.encode()).unwrap();
            prop_assert_eq!(again, history);
        }
    }

    #[test]
    fn an_order_taken_back_leaves_no_trace(orders in orders(), at in 0_i64..100, gross in amount()) {
        let before = of(&orders);
        let mut after = before.clone();
        let at = Timestamp::from_second(at).unwrap();
        after.add(at, gross);
        after.remove(at, gross);
        prop_assert_eq!(after, before);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(orders in orders(), cut in 0_usize..40) {
        let mut turned = orders.clone();
        turned.reverse();
        prop_assert_eq!(of(&turned), of(&orders));
        // Nor does keeping it in two places and adding them up.
        let (one, two) = orders.split_at(cut.min(orders.len()));
        let mut sum = of(one);
        sum.absorb(&of(two));
        prop_assert_eq!(sum, of(&orders));
    }

    #[test]
    fn the_span_is_that_of_the_orders_that_count(orders in orders(), zero in any::<bool>()) {
        let counted = orders.iter().filter(|(_, gross)| zero || !gross.is_zero());
        let instants: Vec<_> = counted.map(|(at, _)| *at).collect();
        let expected = instants.iter().min().copied().zip(instants.iter().max().copied());
        prop_assert_eq!(of(&orders).span(zero), expected);
    }
}

#[test]
fn an_ordinary_order_takes_about_ten_bytes() {
    let orders: Vec<_> = (0..100)
        .map(|n| {
            let at = Timestamp::from_second(1_700_000_000 + n * 2_000_000).unwrap();
            (at, Amount::parse("129.95").unwrap())
        })
        .collect();
    let bytes = of(&orders).encode().len();
    assert!(bytes <= 900, "{bytes} bytes for 100 orders");
}
