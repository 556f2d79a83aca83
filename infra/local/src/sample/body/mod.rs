//! Bodies in the shape of Shopify's webhooks of 2026-07.
//! Reference: <https://shopify.dev/docs/api/webhooks?reference=toml>

mod amounts;
mod customer;
mod line;
mod order;
mod refund;
mod returns;
mod shipment;

use jiff::Timestamp;
use serde_json::Value;

use super::happening::{Happening, Step};
use super::order::Order;
use super::person::Person;
use super::span::Span;

/// What a body is written from: one person at one moment.
pub(super) struct Moment<'a> {
    pub(super) person: &'a Person,
    pub(super) span: &'a Span,
    pub(super) now: Timestamp,
}

impl Moment<'_> {
    /// A time as text, once it has come.
    fn past(&self, at: Option<Timestamp>) -> Option<String> {
        let at = at.filter(|at| *at <= self.now)?;
        Some(self.span.text(at))
    }

    fn now(&self) -> String {
        self.span.text(self.now)
    }
}

/// Topic and body of the webhook that tells of a happening.
pub(super) fn of(happening: &Happening, person: &Person, span: &Span) -> (&'static str, Value) {
    let moment = Moment {
        person,
        span,
        now: happening.at,
    };
    match (
        happening.step,
        person.orders.get(usize::from(happening.order)),
    ) {
        (Step::Joined, _) => ("customers/create", customer::whole(&moment)),
        (Step::ChangedMind, _) => (
            "customers_email_marketing_consent/update",
            customer::consent(&moment),
        ),
        (step, Some(order)) => of_order(step, &moment, order, happening.number),
        (_, None) => ("customers/update", customer::whole(&moment)),
    }
}

fn of_order(step: Step, moment: &Moment<'_>, order: &Order, number: u32) -> (&'static str, Value) {
    let whole = || order::whole(moment, order, number);
    match step {
        Step::Paid => ("orders/paid", whole()),
        Step::Sent(n) => {
            let is_last = usize::from(n) + 1 == order.fate.shipments.len();
            let topic = if is_last {
                "orders/fulfilled"
            } else {
                "orders/partially_fulfilled"
            };
            (topic, whole())
        }
        Step::Seen(n) => (
            "fulfillment_events/create",
            shipment::event(moment, order, n, "in_transit"),
        ),
        Step::Delivered(n) => (
            "fulfillment_events/create",
            shipment::event(moment, order, n, "delivered"),
        ),
        Step::Cancelled => ("orders/cancelled", whole()),
        Step::Asked => (
            "returns/request",
            returns::listed(moment, order, "requested"),
        ),
        Step::Agreed => ("returns/approve", returns::listed(moment, order, "open")),
        Step::Closed => ("returns/close", returns::closed(moment, order)),
        Step::Refunded => ("refunds/create", refund::settled(moment, order)),
        Step::ShowsRefund => ("orders/updated", whole()),
        Step::Joined | Step::ChangedMind | Step::Changed | Step::Placed => {
            ("orders/create", whole())
        }
    }
}
