//! A purchase history is what its orders make it, however they came.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::history::History;
use crm_domain::money::Amount;
use crm_domain::order::Origin;
use jiff::Timestamp;
use proptest::prelude::*;

type Purchase = (Timestamp, Amount, Option<Origin>);

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        Just(Amount::ZERO),
        (-999_999_999_i64..999_999_999, 0_u32..=15).prop_map(|(mantissa, scale)| {
            let text = format!("{mantissa}e-{scale}");
            Amount::parse(&text).expect("within the limits")
        }),
    ]
}

fn origin() -> impl Strategy<Value = Option<Origin>> {
    let known = ["sale:web", "sale:pos", "ref:example.com", "utm:google/cpc"];
    let known = prop::sample::select(known.to_vec());
    prop::option::weighted(0.8, known.prop_map(|text| Origin::parse(text).unwrap()))
}

fn purchase() -> impl Strategy<Value = Purchase> {
    // Few instants, so that orders often share one.
    let second = prop_oneof![0_i64..5, -3_i64..2_000_000_000];
    let at = second.prop_map(|s| Timestamp::from_second(s - s % 7).unwrap());
    (at, amount(), origin())
}

fn purchases() -> impl Strategy<Value = Vec<Purchase>> {
    prop::collection::vec(purchase(), 0..40)
}

fn of(purchases: &[Purchase]) -> History {
    let mut history = History::default();
    for (at, gross, origin) in purchases {
        history.add_from(*at, *gross, origin.as_ref());
    }
    history
}

/// The bytes as they were written before origins were kept.
fn first_version(purchases: &[Purchase]) -> Vec<u8> {
    let unknown = |(at, gross, _): &Purchase| (*at, *gross, None);
    let bytes = of(&purchases.iter().map(unknown).collect::<Vec<_>>()).encode();
    match bytes.as_slice() {
        [2, 0, entries @ ..] => [&[1], entries].concat(),
        nothing => nothing.to_vec(),
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(purchases in purchases()) {
        let history = of(&purchases);
        prop_assert_eq!(History::decode(&history.encode()).unwrap(), history);
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        head in prop_oneof![
            4 => Just(vec![1_u8]),
            4 => Just(vec![2, 2, 16, b's', b'a', b'l', b'e', b':', b'w', b'e', b'b']),
            1 => Just(vec![2, 0]),
            1 => prop::collection::vec(any::<u8>(), 0..3),
        ],
        rest in prop::collection::vec(prop_oneof![0_u8..8, any::<u8>()], 0..64),
    ) {
        let bytes = [head, rest].concat();
        // Whatever is read means the same when it is written again.
        if let Ok(history) = History::decode(&bytes) {
            let again = History::decode(&history.encode()).unwrap();
            prop_assert_eq!(again, history);
        }
    }

    #[test]
    fn bytes_from_before_origins_were_kept_are_read(purchases in purchases()) {
        let old = History::decode(&first_version(&purchases)).unwrap();
        let new = of(&purchases);
        prop_assert!(old.entries().eq(new.entries()));
        prop_assert_eq!(old.origin(true), None);
        // Such an order taken back and told anew has its origin, and the rest keeps none.
        if let Some((at, gross, origin)) = purchases.first() {
            let mut again = old.clone();
            again.remove(*at, *gross);
            again.add_from(*at, *gross, origin.as_ref());
            let mut one = of(&purchases[..1]);
            for (at, gross, _) in &purchases[1..] {
                one.add(*at, *gross);
            }
            prop_assert_eq!(again, one);
        }
    }

    #[test]
    fn an_order_taken_back_leaves_no_trace(purchases in purchases(), gone in purchase()) {
        let before = of(&purchases);
        let mut after = before.clone();
        let (at, gross, origin) = gone;
        after.add_from(at, gross, origin.as_ref());
        after.remove_from(at, gross, origin.as_ref());
        prop_assert_eq!(after, before);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(purchases in purchases(), cut in 0_usize..40) {
        let mut turned = purchases.clone();
        turned.reverse();
        prop_assert_eq!(of(&turned), of(&purchases));
        // Nor does keeping it in two places and adding them up.
        let (one, two) = purchases.split_at(cut.min(purchases.len()));
        let mut sum = of(one);
        sum.absorb(&of(two));
        prop_assert_eq!(sum, of(&purchases));
    }

    #[test]
    fn the_span_is_that_of_the_orders_that_count(purchases in purchases(), zero in any::<bool>()) {
        let counted = purchases.iter().filter(|(_, gross, _)| zero || !gross.is_zero());
        let instants: Vec<_> = counted.map(|(at, ..)| *at).collect();
        let expected = instants.iter().min().copied().zip(instants.iter().max().copied());
        prop_assert_eq!(of(&purchases).span(zero), expected);
    }

    #[test]
    fn the_origin_is_that_of_the_first_order_that_counts(
        purchases in purchases(),
        gone in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        zero in any::<bool>(),
    ) {
        // Some of them are cancelled afterwards.
        let mut history = of(&purchases);
        let mut left = purchases;
        for index in gone {
            if !left.is_empty() {
                let (at, gross, origin) = left.remove(index.index(left.len()));
                history.remove_from(at, gross, origin.as_ref());
            }
        }
        let counts = |purchase: &&Purchase| zero || !purchase.1.is_zero();
        let first = left.iter().filter(counts).map(|(at, ..)| at).min();
        let then = left.iter().filter(counts).filter(|(at, ..)| Some(at) == first);
        // At one second what tells most: a campaign, a link, a channel of sale.
        let expected = then.filter_map(|(.., origin)| origin.as_ref()).min();
        prop_assert_eq!(history.origin(zero), expected);
        prop_assert_eq!(&history, &of(&left));
    }
}

#[test]
fn an_ordinary_order_takes_about_ten_bytes() {
    let orders = |origin: Option<&str>| -> Vec<Purchase> {
        let origin = origin.map(|text| Origin::parse(text).unwrap());
        let order = |n: i64| {
            let at = Timestamp::from_second(1_700_000_000 + n * 2_000_000).unwrap();
            (at, Amount::parse("129.95").unwrap(), origin.clone())
        };
        (0..100).map(order).collect()
    };
    let without = of(&orders(None)).encode().len();
    assert!(without <= 901, "{without} bytes for 100 orders");
    // Its origin takes one byte more; the text is there once.
    let with = of(&orders(Some("utm:newsletter/email"))).encode().len();
    assert_eq!(with, without + 100 + 21);
}
