//! Which papers speak of the same goods, and how each return was settled.

use crm_domain::money::Amount;
use crm_domain::order::{Order, OrderChange, ReturnSummary};
use crm_domain::returns::{Refund, Resolution, ReturnStatus};
use proptest::prelude::*;

use crate::support::*;

fn three_cups() -> OrderChange {
    snapshot(1, body(vec![line("7.50", 3)]))
}

fn document(id: &str, status: ReturnStatus, units: i64, exchanged: i64) -> OrderChange {
    let told = returned(5, Some(status), Some((units, exchanged)));
    OrderChange::Return(id.to_owned(), told)
}

fn paid_back(id: &str, refund: Refund) -> OrderChange {
    OrderChange::Refund(id.to_owned(), refund)
}

fn listed(order: &Order) -> Vec<ReturnSummary> {
    order.summary().unwrap().returns
}

/// How each document was settled, in the order of their ids.
fn settled(changes: &[OrderChange]) -> Vec<Option<Resolution>> {
    let listed = listed(&order(changes)).into_iter();
    listed.map(|one| one.resolution).collect()
}

#[test]
fn where_a_shop_keeps_no_documents_each_refund_of_goods_is_listed() {
    let order = order(&[
        three_cups(),
        paid_back("r1", refund("7.50", 1, 0)),
        paid_back("r2", refund("7.50", 0, 1)),
        paid_back("r3", refund("2", 0, 0)),
    ]);
    let expected = ReturnSummary {
        id: "r1".to_owned(),
        status: None,
        units: 1,
        reason: None,
        resolution: Some(Resolution::Refund),
        at: Some(at(10)),
        refunded: Some(amount("7.50")),
    };
    assert_eq!(listed(&order), [expected]);
    assert_eq!(order.return_documents(), 1);
}

#[test]
fn where_a_document_stands_its_refund_is_not_listed_beside_it() {
    let order = order(&[
        three_cups(),
        document("d1", ReturnStatus::Closed, 1, 0),
        paid_back("r1", refund("7.50", 1, 0)),
    ]);
    let ids: Vec<_> = listed(&order).into_iter().map(|one| one.id).collect();
    assert_eq!(ids, ["d1"]);
}

#[test]
fn a_return_that_is_closed_with_no_money_and_no_goods_for_it_is_not_settled() {
    let closed = document("d1", ReturnStatus::Closed, 1, 0);
    assert_eq!(settled(&[three_cups(), closed.clone()]), [None]);
    // Taken back into the stock, and nothing paid.
    let nothing = paid_back("r1", refund("0", 1, 0));
    assert_eq!(settled(&[three_cups(), closed, nothing]), [None]);
}

#[test]
fn a_refund_settles_the_return_it_names_though_that_is_still_open() {
    let named = Refund {
        return_id: Some("d1".to_owned()),
        ..refund("7.50", 1, 0)
    };
    let told = [
        three_cups(),
        document("d1", ReturnStatus::Open, 1, 0),
        document("d2", ReturnStatus::Closed, 1, 0),
        paid_back("r1", named),
    ];
    assert_eq!(settled(&told), [Some(Resolution::Refund), None]);
}

#[test]
fn a_refund_that_names_no_return_settles_the_only_one_it_can_mean() {
    let part = paid_back("r1", refund("7.50", 1, 0));
    let only = document("d1", ReturnStatus::Open, 2, 0);
    let declined = document("d2", ReturnStatus::Declined, 1, 0);
    let told = [three_cups(), only.clone(), declined, part.clone()];
    assert_eq!(settled(&told), [Some(Resolution::Refund), None]);

    // Of two nobody can say which, until it takes back as much as both.
    let other = document("d2", ReturnStatus::Open, 1, 0);
    let two = [three_cups(), only.clone(), other.clone(), part];
    assert_eq!(settled(&two), [None, None]);
    let both = paid_back("r1", refund("22.50", 3, 0));
    let two = [three_cups(), only, other, both];
    assert_eq!(settled(&two), [Some(Resolution::Refund); 2]);
}

#[test]
fn goods_for_goods_are_an_exchange_and_money_on_a_card_of_the_store_s_is_credit() {
    let exchange = document("d1", ReturnStatus::Open, 1, 1);
    let told = [three_cups(), exchange];
    assert_eq!(settled(&told), [Some(Resolution::Exchange)]);
    let card = Refund {
        on_credit: true,
        ..refund("7.50", 1, 0)
    };
    let alone = [three_cups(), paid_back("r1", card.clone())];
    assert_eq!(settled(&alone), [Some(Resolution::Credit)]);
    let closed = document("d1", ReturnStatus::Closed, 2, 0);
    let told = [three_cups(), closed.clone(), paid_back("r1", card.clone())];
    assert_eq!(settled(&told), [Some(Resolution::Credit)]);
    // Partly in money: money it is.
    let mixed = [
        three_cups(),
        closed,
        paid_back("r1", card),
        paid_back("r2", refund("7.50", 1, 0)),
    ];
    assert_eq!(settled(&mixed), [Some(Resolution::Refund)]);
}

proptest! {
    #[test]
    fn as_many_returns_are_listed_as_count(changes in prop::collection::vec(news(), 0..12)) {
        let mut changes = changes;
        changes.push(three_cups());
        let order = order(&changes);
        let standing = listed(&order).into_iter().filter(|one| one.units > 0);
        let (by_refund, documents): (Vec<_>, Vec<_>) =
            standing.partition(|one| one.status.is_none());
        prop_assert!(by_refund.is_empty() || documents.is_empty());
        let count = i64::try_from(by_refund.len() + documents.len()).unwrap();
        prop_assert_eq!(count, order.return_documents());
        let unpaid = |one: &ReturnSummary| one.refunded.unwrap_or(Amount::ZERO).is_zero();
        prop_assert!(documents.iter().all(unpaid));
    }
}
