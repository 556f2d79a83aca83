//! Orders and their news, short to write.

use std::collections::BTreeMap;

use crm_domain::identity::ExternalId;
use crm_domain::money::{Amount, Currency};
use crm_domain::order::{
    Acquisition, Channel, FinancialStatus, Fulfilment, FulfilmentStatus, Line, Order, OrderBody,
    OrderChange, OrderSnapshot, ShipmentEvent,
};
use crm_domain::returns::{Refund, ReturnChange, ReturnLines, ReturnStatus};
use crm_domain::stamp::Stamp;
use jiff::Timestamp;
use proptest::prelude::*;

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

pub fn stamp(second: i64, digest: u64) -> Stamp {
    Stamp {
        updated_at: Some(at(second)),
        triggered_at: None,
        rank: 0,
        digest,
    }
}

pub fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

pub fn line(price: &str, quantity: i64) -> Line {
    Line {
        id: None,
        unit_cost: None,
        product: None,
        title: "Cup".to_owned(),
        quantity,
        unit_price: amount(price),
        discount: Amount::ZERO,
        tax_included: Amount::ZERO,
        is_gift_card: false,
    }
}

pub fn body(lines: Vec<Line>) -> OrderBody {
    OrderBody {
        name: "#1001".to_owned(),
        placed_at: at(0),
        financial_status: FinancialStatus::Paid,
        has_payment_terms: false,
        terms: None,
        cancelled_at: None,
        is_test: false,
        fulfilled: false,
        channel: Channel::Web,
        currency: Currency::parse("EUR").unwrap(),
        lines,
        acquisition: Acquisition::default(),
        tags: Vec::new(),
    }
}

pub fn snapshot(second: i64, body: OrderBody) -> OrderChange {
    OrderChange::Body(Box::new(OrderSnapshot {
        stamp: stamp(second, 1),
        body,
        refunds: BTreeMap::new(),
        fulfilments: BTreeMap::new(),
    }))
}

pub fn refund(amount_text: &str, returned: i64, cancelled: i64) -> Refund {
    Refund {
        at: at(10),
        amount: amount(amount_text),
        units_returned: returned,
        units_cancelled: cancelled,
        back_in_stock: BTreeMap::new(),
        written_off: BTreeMap::new(),
        on_credit: false,
        return_id: None,
        stamp: stamp(10, 2),
    }
}

pub fn returned(
    second: i64,
    status: Option<ReturnStatus>,
    units: Option<(i64, i64)>,
) -> ReturnChange {
    ReturnChange {
        stamp: stamp(second, 3),
        status,
        lines: units.map(|(units, units_exchanged)| ReturnLines {
            units,
            units_exchanged,
            reason: None,
            ..ReturnLines::default()
        }),
        units_removed: 0,
    }
}

pub fn order(changes: &[OrderChange]) -> Order {
    let mut order = Order::unknown(ExternalId::parse("shopify:a.myshopify.com:1").unwrap());
    for change in changes {
        order.apply(change);
    }
    order
}

/// News that differ in what they tell and when; few ids, so that they meet.
pub fn news() -> impl Strategy<Value = OrderChange> {
    let when = 0_i64..6;
    let id = prop_oneof![Just("a"), Just("b")];
    prop_oneof![
        (when.clone(), 1_i64..4).prop_map(|(second, quantity)| {
            // A version's content follows from its stamp, as with real sources.
            let mut change = snapshot(second, body(vec![line("7.50", 1 + second)]));
            if let OrderChange::Body(snapshot) = &mut change {
                snapshot.stamp.digest = u64::try_from(quantity).unwrap();
                snapshot.body.name = format!("#{quantity}");
            }
            change
        }),
        (id.clone(), when.clone()).prop_map(|(id, second)| {
            let told = Refund {
                stamp: stamp(second, 2),
                ..refund(&format!("{second}"), second, 0)
            };
            OrderChange::Refund(id.to_owned(), told)
        }),
        (id.clone(), when.clone(), any::<bool>()).prop_map(|(id, second, whole)| {
            let status = if second % 2 == 0 {
                ReturnStatus::Open
            } else {
                ReturnStatus::Closed
            };
            let mut told = returned(second, Some(status), whole.then_some((second, 0)));
            told.stamp.digest = u64::from(whole);
            told.units_removed = i64::from(!whole);
            OrderChange::Return(id.to_owned(), told)
        }),
        (id.clone(), when.clone()).prop_map(|(id, second)| {
            let told = Fulfilment {
                state: Some((stamp(second, 4), FulfilmentStatus::Sent)),
                created_at: Some(at(second)),
                ..Fulfilment::default()
            };
            OrderChange::Fulfilment(id.to_owned(), told)
        }),
        (id.clone(), when, any::<bool>()).prop_map(|(id, second, withdrawn)| {
            let mut told = ShipmentEvent {
                stamp: stamp(second, 5),
                at: at(second),
                delivered: true,
                withdrawn,
            };
            told.stamp.digest += u64::from(withdrawn);
            OrderChange::Shipment("a".to_owned(), id.to_owned(), told)
        }),
    ]
}
