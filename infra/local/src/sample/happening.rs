//! Everything that happens in the sample store, in the order of time.

use jiff::{SignedDuration, Timestamp};

use super::fate::{Comeback, ComebackKind};
use super::order::Order;
use super::person::Person;
use super::span::Span;

/// One thing that happens. Small: bodies are written only when it is its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub person: u32,
    /// To which of the person's orders, if to one.
    pub order: u16,
    /// What.
    pub step: Step,
    /// The number of the order in the shop.
    pub number: u32,
}

/// What can happen. Of one moment, the earlier in this list goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A customer signs up.
    Joined,
    /// A customer changes mind about marketing mail.
    ChangedMind,
    /// A customer's record changes.
    Changed,
    /// An order is placed.
    Placed,
    /// A trade customer pays.
    Paid,
    /// A parcel leaves: the first or the second.
    Sent(u8),
    /// A parcel is seen on its way.
    Seen(u8),
    /// A parcel arrives.
    Delivered(u8),
    /// An order is called off.
    Cancelled,
    /// A buyer asks to send something back.
    Asked,
    /// The shop agrees.
    Agreed,
    /// The return is done.
    Closed,
    /// Money goes back.
    Refunded,
    /// The order shows that money went back.
    ShowsRefund,
}

/// Everything that happens to `people` customers, the earliest first.
#[must_use]
pub fn all(seed: u64, people: u32, span: &Span) -> Vec<Happening> {
    let mut all = Vec::new();
    for index in 0..people {
        let person = Person::plan(seed, index, span);
        of_person(&person, &mut all);
        for order in &person.orders {
            of_order(index, order, &mut all);
        }
    }
    all.retain(|happening| happening.at <= span.end());
    all.sort_unstable();
    number(&mut all);
    all
}

fn of_person(person: &Person, all: &mut Vec<Happening>) {
    if person.account.is_none() {
        return;
    }
    let mut happens = |at, step| all.push(happening(at, person.index, u16::MAX, step));
    happens(person.joined_at, Step::Joined);
    if let Some(at) = person.changed_mind_at {
        happens(at, Step::ChangedMind);
        happens(at, Step::Changed);
    }
    for at in [person.moved_at, person.new_email_at].into_iter().flatten() {
        happens(at, Step::Changed);
    }
}

fn of_order(person: u32, order: &Order, all: &mut Vec<Happening>) {
    let mut happens = |at, step| all.push(happening(at, person, order.ordinal, step));
    let fate = &order.fate;
    happens(order.placed_at, Step::Placed);
    if let Some(at) = fate.paid_later_at {
        happens(at, Step::Paid);
    }
    if let Some(at) = fate.cancelled_at {
        happens(at, Step::Cancelled);
    }
    for (n, parcel) in (0..).zip(&fate.shipments) {
        // A counter hands over at once: the order says so from the start.
        if parcel.sent_at > order.placed_at {
            happens(parcel.sent_at, Step::Sent(n));
        }
        if let Some(at) = parcel.seen_at {
            happens(at, Step::Seen(n));
        }
        if let Some(at) = parcel.delivered_at {
            happens(at, Step::Delivered(n));
        }
    }
    if let Some(comeback) = &fate.comeback {
        of_comeback(comeback, happens);
    }
}

fn of_comeback(comeback: &Comeback, mut happens: impl FnMut(Timestamp, Step)) {
    if comeback.kind != ComebackKind::Damaged {
        happens(comeback.asked_at, Step::Asked);
        happens(comeback.agreed_at, Step::Agreed);
        happens(comeback.settled_at, Step::Closed);
    }
    if comeback.kind != ComebackKind::Exchanged {
        happens(comeback.settled_at, Step::Refunded);
        let soon = comeback.settled_at + SignedDuration::from_secs(1);
        happens(soon, Step::ShowsRefund);
    }
}

fn happening(at: Timestamp, person: u32, order: u16, step: Step) -> Happening {
    Happening {
        at,
        person,
        order,
        step,
        number: 0,
    }
}

/// Numbers the orders as they come in, from 1001.
fn number(all: &mut [Happening]) {
    let mut numbers = std::collections::HashMap::new();
    for happening in all.iter_mut() {
        let next = 1_001 + u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let key = (happening.person, happening.order);
        if happening.step == Step::Placed {
            numbers.insert(key, next);
        }
        happening.number = numbers.get(&key).copied().unwrap_or_default();
    }
}
