//! A glance and a look at the whole record see the same of everyone.

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::care::CaseSpan;
use crm_domain::customer::{Address, Node, Profile};
use crm_domain::field::{ACQUISITION_SOURCE, Said};
use crm_domain::identity::{Email, ExternalId, NodeId, Phone};
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::order::{Contribution, Origin};
use crm_domain::person::Person;
use crm_domain::population::{Cutoffs, VipCutoffs};
use crm_domain::segment::{Glance, Rules, Subject, assess};
use crm_domain::settings::Settings;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::{Glanced, Scanned};
use crate::item::{Item, to_item};
use crate::keys;

const SEEDS: u64 = 3_000;

fn begin() -> Timestamp {
    "2024-01-01T00:00:00Z".parse().unwrap()
}

fn some_day(rng: &mut Rng) -> Timestamp {
    begin() + SignedDuration::from_mins(rng.i64(0..3 * 365 * 24 * 60))
}

fn money(rng: &mut Rng) -> Amount {
    let digits = Decimal::new(rng.i64(0..900_000), rng.u32(0..5));
    Amount::from_decimal(if rng.u8(..6) == 0 {
        Decimal::ZERO
    } else {
        digits
    })
}

fn order(rng: &mut Rng) -> Contribution {
    let gross = money(rng);
    let returned = rng.i64(0..3);
    let origins = ["sale:web", "sale:marketplace", "ref:example.com"];
    Contribution {
        placed_at: some_day(rng),
        gross,
        refunded: if returned > 0 {
            money(rng)
        } else {
            Amount::ZERO
        },
        units_bought: rng.i64(1..6),
        units_returned: returned,
        return_documents: i64::from(returned > 0),
        origin: Origin::parse(origins[rng.usize(..3)])
            .ok()
            .filter(|_| rng.bool()),
        cost: if rng.bool() { money(rng) } else { Amount::ZERO },
        covered: if rng.bool() { gross } else { Amount::ZERO },
        uncovered: rng.i64(0..2),
        unpaid: None,
    }
}

fn cutoffs(rng: &mut Rng) -> Cutoffs {
    let leave = Amount::whole(rng.i64(1..400));
    Cutoffs {
        version: rng.u64(..9),
        vip: rng.bool().then(|| VipCutoffs {
            enter: leave + Amount::whole(100),
            leave,
        }),
        ..Cutoffs::NONE
    }
}

fn profile(rng: &mut Rng, email: Option<Email>) -> Profile {
    let home = Address {
        street: rng.bool().then(|| "12 St James's Square".to_owned()),
        city: Some("London".to_owned()),
        ..Address::default()
    };
    Profile {
        first_name: rng.bool().then(|| "Ada".to_owned()),
        last_name: rng.bool().then(|| "Lovelace".to_owned()),
        phone: Phone::parse("+442079460000")
            .ok()
            .filter(|_| rng.u8(..4) == 0),
        address: Some(home).filter(|_| rng.bool()),
        email,
        ..Profile::default()
    }
}

/// Somebody with whatever a record may hold.
fn node(rng: &mut Rng, id: &str) -> Node {
    let external = ["shopify:main:7", "amazon:eu:A1B2", "woocommerce:cups:9"];
    let external = ExternalId::parse(external[rng.usize(..3)]).ok();
    let id = NodeId::parse(id).unwrap();
    let mut node = Node::new(id, external.filter(|_| rng.u8(..4) > 0), some_day(rng));
    let email = Email::parse("ada.lovelace@example.com").ok();
    node.claimed_email = email.clone().filter(|_| rng.bool());
    node.profile = profile(rng, email);
    if rng.u8(..4) == 0 {
        let said = Said {
            value: rng.bool().then(|| "event".to_owned()),
            at: some_day(rng),
            by: "staff".to_owned(),
        };
        node.fields.set(ACQUISITION_SOURCE, said);
    }
    for _ in 0..rng.usize(..7) {
        node.totals.replace(None, Some(&order(rng)));
    }
    if rng.u8(..5) == 0 {
        let loose = (money(rng), rng.i64(1..4));
        node.totals.replace_loose_return(None, Some(loose));
    }
    for case in 0..rng.usize(..4) {
        let opened = some_day(rng);
        let closed = rng.bool().then(|| opened + SignedDuration::from_hours(9));
        let span = CaseSpan { opened, closed };
        node.care.cases.insert(format!("case{case}"), span);
    }
    let due = Settings::default().date_of(some_day(rng));
    if rng.u8(..4) == 0 {
        node.care.unpaid.insert(due, Amount::whole(7));
    }
    node.stale = rng.bool();
    assessed(rng, node)
}

/// The same, found to be something a few times, or never.
fn assessed(rng: &mut Rng, mut node: Node) -> Node {
    for _ in 0..rng.usize(..4) {
        let (settings, cutoffs) = (Settings::default(), cutoffs(rng));
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: NamedSegments::none(),
        };
        let on = settings.date_of(some_day(rng));
        let mut now = assess(
            &Subject::of_node(&node),
            &rules,
            on,
            node.assessment.as_ref(),
        );
        now.named = rng.u64(..3);
        node.assessment = Some(now);
    }
    node
}

fn person(rng: &mut Rng) -> Person {
    let nodes: Vec<_> = (0..rng.usize(1..4))
        .map(|number| node(rng, &format!("customer{number}")))
        .collect();
    let mut person = Person::of(&nodes[0]);
    person.sum(&nodes);
    person
}

/// A record as a table holds it.
fn record(rng: &mut Rng) -> Item {
    if rng.u8(..4) == 0 {
        let person = person(rng);
        return to_item("person", &keys::person(&person.id), &person).unwrap();
    }
    let mut node = node(rng, "customer1");
    node.root = Some(node.id.clone()).filter(|_| rng.u8(..5) == 0);
    to_item("node", &keys::node(&node.id), &node).unwrap()
}

/// What a glance should give: what the whole record has of it.
fn expected(item: Item) -> Option<Glanced> {
    Some(match Scanned::of(item)? {
        Scanned::Node(node) => Glanced::Node(Glance::from(*node)),
        Scanned::Person(person) => Glanced::Person(Glance::from(*person)),
        Scanned::Unreadable(place) => Glanced::Unreadable(place),
    })
}

/// What a scan answers with when only some attributes are asked for.
fn projected(item: &Item) -> Item {
    let mut answer = Item::new();
    for path in super::glance::GLANCED_ATTRIBUTES.split(", ") {
        let names: Vec<_> = path.trim_start_matches('#').split('.').collect();
        copy(&names, item, &mut answer);
    }
    answer
}

fn copy(names: &[&str], from: &Item, to: &mut Item) {
    let [name, rest @ ..] = names else { return };
    match from.get(*name) {
        Some(value) if rest.is_empty() => {
            to.insert((*name).to_owned(), value.clone());
        }
        Some(AttributeValue::M(inner)) => {
            let empty = AttributeValue::M(Item::new());
            let copied = to.entry((*name).to_owned()).or_insert(empty);
            if let AttributeValue::M(copied) = copied {
                copy(rest, inner, copied);
            }
        }
        _ => {}
    }
}

#[test]
fn a_glance_sees_what_the_whole_record_says() {
    let mut kinds = [0; 2];
    for seed in 0..SEEDS {
        let item = record(&mut Rng::with_seed(seed));
        let seen = Glanced::of(projected(&item));
        assert_eq!(seen, expected(item.clone()), "seed {seed}");
        assert_eq!(seen, Glanced::of(item), "seed {seed}");
        match seen {
            Some(Glanced::Node(_)) => kinds[0] += 1,
            Some(Glanced::Person(_)) => kinds[1] += 1,
            _ => panic!("seed {seed} cannot be read"),
        }
    }
    assert!(kinds.iter().all(|seen| *seen > SEEDS / 5), "{kinds:?}");
}

#[test]
fn an_evaluation_at_a_glance_is_that_of_the_whole_record() {
    for seed in 0..SEEDS {
        let mut rng = Rng::with_seed(seed);
        let item = record(&mut rng);
        let (settings, cutoffs) = (Settings::default(), cutoffs(&mut rng));
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: NamedSegments::none(),
        };
        let on = settings.date_of(some_day(&mut rng));
        let whole = match Scanned::of(item.clone()).unwrap() {
            Scanned::Node(node) => {
                let subject = Subject::of_node(&node);
                assess(&subject, &rules, on, node.assessment.as_ref())
            }
            Scanned::Person(person) => {
                let subject = Subject::of_person(&person);
                assess(&subject, &rules, on, person.assessment.as_ref())
            }
            Scanned::Unreadable(_) => panic!("seed {seed} cannot be read"),
        };
        let (Glanced::Node(seen) | Glanced::Person(seen)) = Glanced::of(item).unwrap() else {
            panic!("seed {seed} cannot be read");
        };
        let known = seen.assessment.as_ref();
        assert_eq!(
            assess(&seen.subject(), &rules, on, known),
            whole,
            "seed {seed}"
        );
    }
}

/// Takes some attribute away, or makes nonsense of it.
fn spoil(rng: &mut Rng, value: &mut AttributeValue) {
    match value {
        AttributeValue::M(map) if !map.is_empty() => {
            let mut names: Vec<_> = map.keys().cloned().collect();
            names.sort();
            let name = names.swap_remove(rng.usize(..names.len()));
            if rng.bool() {
                map.remove(&name);
            } else if let Some(value) = map.get_mut(&name) {
                spoil(rng, value);
            }
        }
        AttributeValue::L(list) if !list.is_empty() => {
            let place = rng.usize(..list.len());
            spoil(rng, &mut list[place]);
        }
        value => {
            // No list, of which a whole record would make anything.
            *value = match rng.u8(..3) {
                0 => AttributeValue::Bool(true),
                1 => AttributeValue::S("2026-02-31".to_owned()),
                _ => AttributeValue::N("-1000000000000000000000".to_owned()),
            };
        }
    }
}

#[test]
fn what_a_glance_cannot_read_the_whole_record_cannot_either_and_the_other_way_round() {
    let mut unreadable = 0;
    for seed in 0..SEEDS {
        let mut rng = Rng::with_seed(seed);
        let mut item = record(&mut rng);
        let mut parts = vec!["totals", "care", "assessment", "stale", "ranked"];
        parts.retain(|part| item.contains_key(*part));
        let part = parts[rng.usize(..parts.len())];
        spoil(&mut rng, item.get_mut(part).unwrap());
        let seen = Glanced::of(item.clone());
        assert_eq!(seen, expected(item), "seed {seed}, {part}");
        unreadable += u64::from(matches!(seen, Some(Glanced::Unreadable(_))));
    }
    assert!(
        (SEEDS / 5..SEEDS * 4 / 5).contains(&unreadable),
        "{unreadable}"
    );
}

#[test]
fn what_is_no_person_is_passed_by() {
    let other = |pk: &str, sk: &str| {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        Item::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
    };
    assert_eq!(Glanced::of(other("N#customer1", "C")), None);
    assert_eq!(Glanced::of(other("E#ada@example.com", "N")), None);
    assert_eq!(Glanced::of(Item::new()), None);
    let nobody = Glanced::of(other("N#customer1", "N"));
    assert!(
        matches!(nobody, Some(Glanced::Node(seen)) if !seen.ranked && seen.assessment.is_none())
    );
}
