//! Every kind of event as it is written, and when it is told.
//!
//! A snapshot that changes here breaks somebody who listens: a released
//! version stays as it is, and a new one is added.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::collections::BTreeMap;

use crm_domain::case::{Case, CaseStatus, Clock, Priority};
use crm_domain::customer::Node;
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::merge::{By, Merge, Occasion, Parted};
use crm_domain::money::{Amount, Currency};
use crm_domain::order::{
    Acquisition, Channel, FinancialStatus, Line, Order, OrderBody, OrderChange, OrderSnapshot,
};
use crm_domain::person::{Person, PersonRecord};
use crm_domain::returns::LooseReturn;
use crm_domain::segment::{Rules, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::stamp::Stamp;
use crm_events::order::Counting;
use crm_events::{Event, News, UnreadableEvent, Written, case, customer, merge, order, returns};
use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};

fn noon() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

const OLD: Counting = Counting {
    fresh: false,
    newcomer: false,
};

const NEWS: Counting = Counting {
    fresh: true,
    newcomer: true,
};

fn written(version: u64) -> Written {
    Written {
        version,
        at: noon(),
    }
}

fn ada() -> NodeId {
    NodeId::parse("ada2ada2ada2").unwrap()
}

fn id(text: &str) -> ExternalId {
    ExternalId::parse(text).unwrap()
}

fn stamp(updated: i64) -> Stamp {
    Stamp {
        updated_at: Some(noon() + SignedDuration::from_secs(updated)),
        triggered_at: None,
        rank: 0,
        digest: 0,
    }
}

fn body(financial_status: FinancialStatus) -> OrderBody {
    OrderBody {
        name: "#1001".to_owned(),
        placed_at: noon(),
        financial_status,
        has_payment_terms: false,
        terms: None,
        cancelled_at: None,
        is_test: false,
        fulfilled: false,
        channel: Channel::Web,
        currency: Currency::parse("EUR").unwrap(),
        lines: vec![Line {
            id: None,
            unit_cost: None,
            product: None,
            title: "Lamp".to_owned(),
            quantity: 2,
            unit_price: Amount::parse("10.50").unwrap(),
            discount: Amount::ZERO,
            tax_included: Amount::ZERO,
            is_gift_card: false,
        }],
        acquisition: Acquisition::default(),
        tags: Vec::new(),
    }
}

/// An order of Ada's as `customer-upsert` keeps it.
fn order_of(bodies: &[FinancialStatus]) -> Order {
    let mut order = Order::unknown(id("shopify:lamps:1001"));
    order.node = Some(ada());
    for (version, status) in (0..).zip(bodies) {
        order.apply(&OrderChange::Body(Box::new(OrderSnapshot {
            stamp: stamp(version),
            body: body(*status),
            refunds: BTreeMap::new(),
            fulfilments: BTreeMap::new(),
        })));
    }
    order.counted = order.contribution(&Settings::default()).unwrap();
    order
}

fn case_of(version: u64, warned: bool, breached: bool) -> Case {
    let opened_at = noon();
    let mut first_response =
        Clock::first_response(&Settings::default(), Priority::Urgent, opened_at);
    first_response.warned_at = warned.then_some(first_response.warn_at);
    first_response.breached_at = breached.then_some(first_response.due_at);
    Case {
        id: "lampbroken".to_owned(),
        version,
        node: ada(),
        order: None,
        subject: "My lamp is broken, call Ada on 020 7946 0000".to_owned(),
        priority: Priority::Urgent,
        status: CaseStatus::New,
        opened_at,
        ended_at: None,
        moves: Vec::new(),
        first_response,
    }
}

/// Ada with one order, assessed `days` after it.
fn node_assessed(days: i64, version: u64) -> Node {
    let settings = Settings::default();
    let order = order_of(&[FinancialStatus::Paid]);
    let mut node = Node::new(ada(), None, noon());
    node.totals.replace(None, order.counted.as_ref());
    let on = settings.date_of(noon() + SignedDuration::from_hours(24 * days));
    node.assessment = Some(assess(
        &Subject::of_node(&node),
        &Rules::alone(&settings),
        on,
        None,
    ));
    node.stale = false;
    node.version = version;
    node
}

fn told(event: Option<Event>) -> String {
    let event = event.expect("this is news");
    format!("{} {}", event.news.kind(), event.detail())
}

#[test]
fn an_order_that_counts_is_told_once_and_its_later_changes_as_changes() {
    use FinancialStatus::{Paid, PartiallyRefunded, Pending, Voided};
    let stub = order_of(&[]);
    let pending = order_of(&[Pending]);
    let paid = order_of(&[Pending, Paid]);
    let refunded = order_of(&[Pending, Paid, PartiallyRefunded]);
    let voided = order_of(&[Pending, Paid, Voided]);

    assert_eq!(order::change(None, &stub, NEWS, written(1)), None);
    assert_snapshot!(
        told(order::change(Some(&stub), &pending, NEWS, written(2))),
        @r#"order.changed {"v":1,"id":"order.changed/order/shopify:lamps:1001/2","at":"2026-03-02T12:00:00Z","order_id":"shopify:lamps:1001","node_id":"ada2ada2ada2","status":"pending","counted":false}"#
    );
    assert_snapshot!(
        told(order::change(Some(&pending), &paid, NEWS, written(3))),
        @r#"order.counted {"v":1,"id":"order.counted/order/shopify:lamps:1001/3","at":"2026-03-02T12:00:00Z","order_id":"shopify:lamps:1001","node_id":"ada2ada2ada2","placed_at":"2026-03-02T12:00:00Z","fresh":true,"newcomer":true}"#
    );
    assert_snapshot!(
        told(order::change(Some(&paid), &refunded, NEWS, written(4))),
        @r#"order.changed {"v":1,"id":"order.changed/order/shopify:lamps:1001/4","at":"2026-03-02T12:00:00Z","order_id":"shopify:lamps:1001","node_id":"ada2ada2ada2","status":"pending","counted":true}"#
    );
    assert_snapshot!(
        told(order::change(Some(&refunded), &voided, NEWS, written(5))),
        @r#"order.uncounted {"v":1,"id":"order.uncounted/order/shopify:lamps:1001/5","at":"2026-03-02T12:00:00Z","order_id":"shopify:lamps:1001","node_id":"ada2ada2ada2"}"#
    );
}

#[test]
fn an_order_written_again_as_it_was_is_no_news() {
    let mut paid = order_of(&[FinancialStatus::Paid]);
    let before = paid.clone();
    paid.edits.insert("7".to_owned(), stamp(9));
    assert_eq!(order::change(Some(&before), &paid, NEWS, written(2)), None);
}

#[test]
fn an_order_that_turns_out_to_be_another_customer_s_is_counted_for_that_one() {
    let before = order_of(&[FinancialStatus::Paid]);
    let mut after = before.clone();
    after.node = Some(NodeId::parse("bo23bo23").unwrap());
    let event = order::change(Some(&before), &after, OLD, written(2)).unwrap();
    assert_eq!(event.news.kind(), "order.counted");
    assert!(event.detail().contains(r#""node_id":"bo23bo23""#));
    assert!(event.detail().contains(r#""fresh":false,"newcomer":false"#));
}

#[test]
fn an_order_counted_before_newcomers_were_told_apart_may_be_a_newcomer_s() {
    let paid = order_of(&[FinancialStatus::Paid]);
    let told = order::change(None, &paid, NEWS, written(3)).unwrap();
    let before = told.detail().replace(r#","newcomer":true"#, "");
    assert_ne!(before, told.detail());
    let read = Event::read("order.counted", &before).unwrap();
    assert_eq!(read, Some(told));
}

#[test]
fn a_loose_return_is_told_when_booked_and_when_corrected() {
    let mut booked = LooseReturn {
        at: noon(),
        amount: Amount::parse("27.50").unwrap(),
        units: 1,
        stamp: stamp(0),
    };
    let return_id = id("online-retail:main:C536379");
    let first = booked.clone();
    let node = ada();
    assert_snapshot!(
        told(returns::change(&return_id, None, (&node, &first), written(1))),
        @r#"return.recorded {"v":1,"id":"return.recorded/return/online-retail:main:C536379/1","at":"2026-03-02T12:00:00Z","return_id":"online-retail:main:C536379","node_id":"ada2ada2ada2","returned_at":"2026-03-02T12:00:00Z"}"#
    );
    booked.stamp = stamp(1);
    let again = returns::change(
        &return_id,
        Some((&node, &first)),
        (&node, &booked),
        written(2),
    );
    assert_eq!(again, None);
    booked.units = 2;
    let corrected = returns::change(
        &return_id,
        Some((&node, &first)),
        (&node, &booked),
        written(3),
    );
    assert!(corrected.is_some());
}

#[test]
fn a_customer_is_told_when_first_seen_and_when_they_count_as_something_else() {
    let new = Node::new(ada(), None, noon());
    assert_snapshot!(
        told(customer::node_change(None, &Node { version: 1, ..new.clone() })),
        @r#"customer.created {"v":1,"id":"customer.created/node/ada2ada2ada2/1","at":"2026-03-02T12:00:00Z","node_id":"ada2ada2ada2"}"#
    );
    let first = node_assessed(0, 2);
    assert_snapshot!(
        told(customer::node_change(Some(&new), &first)),
        @r#"customer.assessed {"v":1,"id":"customer.assessed/node/ada2ada2ada2/2","at":"2026-03-02T12:00:00Z","person_id":"ada2ada2ada2","on":"2026-03-02","before":null,"after":{"segment":"New","group":"New","stage":"New","vip":false,"code":"511"}}"#
    );
    assert_snapshot!(
        told(customer::node_change(Some(&first), &node_assessed(31, 3))),
        @r#"customer.assessed {"v":1,"id":"customer.assessed/node/ada2ada2ada2/3","at":"2026-04-02T00:00:00Z","person_id":"ada2ada2ada2","on":"2026-04-02","before":{"segment":"New","group":"New","stage":"New","vip":false,"code":"511"},"after":{"segment":"Single-order","group":"Promising","stage":"Single-order","vip":false,"code":"411"}}"#
    );
    assert_eq!(
        customer::node_change(Some(&first), &node_assessed(1, 3)),
        None
    );
}

#[test]
fn of_a_joined_node_only_its_person_tells() {
    let root = node_assessed(0, 2);
    let person = Person::of(&root);
    let mut later = node_assessed(31, 3);
    let mut after = Person::of(&later);
    after.version = 2;
    after.members.clone_from(&person.members);
    later.root = Some(ada());

    assert_eq!(customer::node_change(Some(&root), &later), None);
    assert_eq!(customer::person_change(None, &person), None);
    let event = customer::person_change(Some(&person), &after).unwrap();
    assert_eq!(event.id, "customer.assessed/person/ada2ada2ada2/2");
    assert_eq!(event.at, "2026-04-02T00:00:00Z".parse().unwrap());
}

fn bo() -> NodeId {
    NodeId::parse("bo3bo3bo3bo3").unwrap()
}

/// Ada and Bo, assessed, as two persons.
fn two_persons() -> [PersonRecord; 2] {
    let ada = node_assessed(0, 2);
    let other = Node {
        id: bo(),
        ..ada.clone()
    };
    [ada, other].map(|node| PersonRecord::Single(Box::new(node)))
}

fn merged() -> (Person, Vec<Node>, Merge) {
    let [kept, joined] = two_persons();
    let occasion = Occasion {
        merge: "mergemerge".to_owned(),
        at: noon(),
        by: By::Staff,
        caller: Some("agent-ada@example.com".to_owned()),
        kept: ada(),
        joined: bo(),
    };
    let made = crm_domain::merge::join(kept, joined, occasion).unwrap();
    let stored = Merge {
        version: 1,
        ..made.merge
    };
    (made.person, made.nodes, stored)
}

fn parted() -> Parted {
    let (person, nodes, merge) = merged();
    let later = noon() + SignedDuration::from_hours(1);
    let mut parted =
        crm_domain::merge::part(&person, nodes, (merge, &[]), later, "x".to_owned()).unwrap();
    parted.merge.version += 1;
    parted
}

#[test]
fn a_merge_is_told_once_and_so_is_its_end() {
    let (_, _, merge) = merged();
    assert_snapshot!(
        told(merge::change(None, &merge)),
        @r#"customer.merged {"v":1,"id":"customer.merged/merge/mergemerge/1","at":"2026-03-02T12:00:00Z","merge_id":"mergemerge","person_id":"ada2ada2ada2","joined_person_id":"bo3bo3bo3bo3","by":"staff"}"#
    );
    let undone = parted().merge;
    assert_snapshot!(
        told(merge::change(Some(&merge), &undone)),
        @r#"customer.unmerged {"v":1,"id":"customer.unmerged/merge/mergemerge/2","at":"2026-03-02T13:00:00Z","merge_id":"mergemerge","person_id":"ada2ada2ada2","joined_person_id":"bo3bo3bo3bo3"}"#
    );
    assert_eq!(merge::change(Some(&undone), &undone), None);
}

#[test]
fn who_was_just_parted_is_told_of_once_assessed_and_only_if_different() {
    let (_, nodes, _) = merged();
    let parted = parted();
    let side = parted.joined.nodes()[0].clone();
    let before = nodes.iter().find(|node| node.id == side.id).unwrap();
    assert_eq!(customer::node_change(Some(before), &side), None);

    let assessed = |days| Node {
        id: bo(),
        ..node_assessed(days, 4)
    };
    assert_eq!(customer::node_change(Some(&side), &assessed(0)), None);
    let event = customer::node_change(Some(&side), &assessed(31)).unwrap();
    assert_eq!(event.id, "customer.assessed/node/bo3bo3bo3bo3/4");
}

#[test]
fn a_person_who_only_carries_over_what_was_known_is_no_news() {
    let (before, ..) = merged();
    let mut after = before.clone();
    after.links.clear();
    let known = after.assessment.as_mut().unwrap();
    known.by_rank = true;
    assert_eq!(customer::person_change(Some(&before), &after), None);
    after.links.clone_from(&before.links);
    assert!(customer::person_change(Some(&before), &after).is_some());
}

#[test]
fn a_case_is_told_at_the_times_its_clock_showed() {
    let opened = case_of(1, false, false);
    assert_snapshot!(
        told(case::change(None, &opened)),
        @r#"case.opened {"v":1,"id":"case.opened/case/lampbroken/1","at":"2026-03-02T12:00:00Z","case_id":"lampbroken","node_id":"ada2ada2ada2","priority":"urgent"}"#
    );
    let warned = case_of(2, true, false);
    assert_snapshot!(
        told(case::change(Some(&opened), &warned)),
        @r#"case.warned {"v":1,"id":"case.warned/case/lampbroken/2","at":"2026-03-02T13:30:00Z","case_id":"lampbroken","node_id":"ada2ada2ada2","priority":"urgent"}"#
    );
    assert_snapshot!(
        told(case::change(Some(&warned), &case_of(3, true, true))),
        @r#"case.breached {"v":1,"id":"case.breached/case/lampbroken/3","at":"2026-03-02T14:00:00Z","case_id":"lampbroken","node_id":"ada2ada2ada2","priority":"urgent"}"#
    );
    let both_at_once = case::change(Some(&opened), &case_of(2, true, true)).unwrap();
    assert_eq!(both_at_once.news.kind(), "case.breached");
    assert_eq!(case::change(Some(&warned), &case_of(3, true, false)), None);
}

#[test]
fn what_is_written_reads_as_what_it_was() {
    let paid = order_of(&[FinancialStatus::Paid]);
    let opened = case_of(1, false, false);
    let events = [
        order::change(None, &paid, NEWS, written(1)),
        order::change(Some(&paid), &order_of(&[]), NEWS, written(2)),
        customer::node_change(None, &node_assessed(0, 1)),
        customer::person_change(
            Some(&Person::of(&node_assessed(0, 1))),
            &Person::of(&node_assessed(31, 2)),
        ),
        merge::change(None, &merged().2),
        merge::change(Some(&merged().2), &parted().merge),
        case::change(None, &opened),
        case::change(Some(&opened), &case_of(2, true, false)),
        case::change(Some(&opened), &case_of(2, true, true)),
    ];
    for event in events.map(Option::unwrap) {
        let read = Event::read(event.news.kind(), &event.detail()).unwrap();
        assert_eq!(read, Some(event));
    }
}

#[test]
fn unknown_kinds_are_left_alone_and_unknown_versions_refused() {
    let detail = r#"{"v":1,"id":"x","at":"2026-03-02T12:00:00Z"}"#;
    assert_eq!(Event::read("order.gift_wrapped", detail), Ok(None));
    let newer = Event::read("case.opened", &detail.replace(":1,", ":2,"));
    assert!(matches!(
        newer,
        Err(UnreadableEvent::Newer { version: 2, .. })
    ));
    let error = Event::read("case.opened", detail).unwrap_err();
    assert!(matches!(error, UnreadableEvent::Malformed { .. }));
}

#[test]
fn no_event_carries_a_word_of_the_customer() {
    let event = case::change(None, &case_of(1, false, false)).unwrap();
    assert!(matches!(event.news, News::CaseOpened(_)));
    assert!(!event.detail().contains("7946"));
}
