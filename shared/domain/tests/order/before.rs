//! An order as it counted at an instant of the past.

use crm_domain::money::Amount;
use crm_domain::order::{FinancialStatus, Order, OrderBody, OrderChange};
use crm_domain::returns::{LooseReturn, Refund, ReturnStatus};
use crm_domain::settings::Settings;
use crm_domain::stamp::Stamp;
use proptest::prelude::*;

use crate::support::*;

/// What it counted for just before a second.
fn then(order: &Order, second: i64) -> String {
    let counted = order.contribution_before(&Settings::default(), at(second));
    let Some(counted) = counted.unwrap() else {
        return "nothing".to_owned();
    };
    let net = counted.gross - counted.refunded;
    format!("net {net}, {} returned", counted.units_returned)
}

fn cups() -> OrderBody {
    body(vec![line("10", 2)])
}

#[test]
fn an_order_counts_from_just_after_it_was_placed() {
    let order = order(&[snapshot(1, cups())]);
    assert_eq!(
        then(&order, 0),
        "nothing",
        "it was placed at this very instant"
    );
    assert_eq!(then(&order, 1), "net 20, 0 returned");
    let stub = Order::unknown(order.id);
    assert_eq!(then(&stub, 1), "nothing");
}

#[test]
fn a_refund_counts_from_its_own_date() {
    let told = OrderChange::Refund("r1".to_owned(), refund("10", 1, 0));
    let order = order(&[snapshot(1, cups()), told]);
    assert_eq!(then(&order, 10), "net 20, 0 returned");
    assert_eq!(then(&order, 11), "net 10, 1 returned");
}

#[test]
fn an_order_that_was_cancelled_later_still_counted() {
    for status in [FinancialStatus::Paid, FinancialStatus::Voided] {
        let cancelled = OrderBody {
            cancelled_at: Some(at(50)),
            financial_status: status,
            ..cups()
        };
        let order = order(&[snapshot(60, cancelled)]);
        assert_eq!(then(&order, 50), "net 20, 0 returned", "{status:?}");
        assert_eq!(then(&order, 51), "nothing", "{status:?}");
    }
    // A payment given up without a cancellation has no date: it never counts.
    let voided = OrderBody {
        financial_status: FinancialStatus::Voided,
        ..cups()
    };
    assert_eq!(then(&order(&[snapshot(60, voided)]), 50), "nothing");
}

#[test]
fn a_return_counts_from_the_newest_word_of_it() {
    let opened = returned(20, Some(ReturnStatus::Open), Some((1, 0)));
    let closed = returned(40, Some(ReturnStatus::Closed), None);
    let news = |change| OrderChange::Return("d1".to_owned(), change);
    let open = order(&[snapshot(1, cups()), news(opened.clone())]);
    assert_eq!(then(&open, 20), "net 20, 0 returned");
    assert_eq!(then(&open, 21), "net 20, 1 returned");
    let done = order(&[snapshot(1, cups()), news(opened.clone()), news(closed)]);
    assert_eq!(then(&done, 21), "net 20, 0 returned");
    assert_eq!(then(&done, 41), "net 20, 1 returned");
    // News without a time were always so.
    let mut timeless = opened;
    timeless.stamp = Stamp {
        updated_at: None,
        ..timeless.stamp
    };
    let timeless = order(&[snapshot(1, cups()), news(timeless)]);
    assert_eq!(then(&timeless, 1), "net 20, 1 returned");
}

#[test]
fn a_return_of_no_order_counts_from_when_it_was_booked() {
    let loose = LooseReturn {
        at: at(10),
        amount: Amount::whole(5),
        units: 1,
        stamp: stamp(10, 1),
    };
    assert!(!loose.is_before(at(10)));
    assert!(loose.is_before(at(11)));
}

/// News at seconds of their own, cancellations among them.
fn dated_news() -> impl Strategy<Value = OrderChange> {
    let cancelled = (proptest::option::of(0_i64..100), any::<bool>());
    let body = cancelled.prop_map(|(cancelled, voided)| {
        let body = OrderBody {
            cancelled_at: cancelled.map(at),
            financial_status: if voided {
                FinancialStatus::Voided
            } else {
                FinancialStatus::Paid
            },
            ..cups()
        };
        snapshot(7, body)
    });
    let refund = (0_i64..100, 0_i64..2).prop_map(|(second, units)| {
        let told = Refund {
            at: at(second),
            ..refund("5", units, 1 - units)
        };
        OrderChange::Refund(second.to_string(), told)
    });
    prop_oneof![1 => body, 2 => refund, 4 => news()]
}

proptest! {
    #[test]
    fn at_an_instant_after_everything_it_is_what_counts_now(
        news in proptest::collection::vec(dated_news(), 0..9),
    ) {
        let settings = Settings::default();
        let order = order(&news);
        prop_assert_eq!(
            order.contribution_before(&settings, at(1000)),
            order.contribution(&settings)
        );
        // And before everything it is nothing.
        prop_assert_eq!(order.contribution_before(&settings, at(0)), Ok(None));
    }

    #[test]
    fn as_time_goes_by_only_more_is_refunded(
        news in proptest::collection::vec(dated_news(), 0..9),
    ) {
        let settings = Settings::default();
        let order = order(&news);
        let refunded = |second| {
            let counted = order.contribution_before(&settings, at(second)).unwrap();
            counted.map(|counted| counted.refunded)
        };
        let all: Vec<_> = (1..100).filter_map(refunded).collect();
        prop_assert!(all.is_sorted());
    }
}
