//! Who was merged and parted again is who they were, whatever happened on
//! the way.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod merged;

use std::collections::BTreeSet;

use crm_domain::consent::{ConsentNews, ConsentState, Decision, Medium, ToldBy};
use crm_domain::customer::{Address, CustomerFact, Node, Profile, ProfileStamp};
use crm_domain::identity::{Email, ExternalId, NodeId};
use crm_domain::merge::{
    By, CannotJoin, CannotPart, Exceeded, LimitKind, MOST_NODES, Occasion, are_apart, exceeded,
    join, known_as, may_join, part, preview,
};
use crm_domain::money::Amount;
use crm_domain::order::Contribution;
use crm_domain::person::{self, Person, PersonRecord};
use crm_domain::segment::{Group, Rules, Subject, assess};
use crm_domain::settings::{IdentityLimits, Settings};
use crm_domain::stamp::Stamp;
use jiff::{SignedDuration, Timestamp};
use merged::{Deed, World, deeds};
use proptest::prelude::*;

const LIMITS: IdentityLimits = IdentityLimits {
    ids_per_shop: 1,
    emails: 5,
    phones: 5,
    addresses: 5,
};

const STAMP: Stamp = Stamp {
    updated_at: Some(Timestamp::UNIX_EPOCH),
    triggered_at: None,
    rank: 0,
    digest: 0,
};

fn noon(day: i64) -> Timestamp {
    let noon: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_hours(24 * day)
}

fn id(name: &str) -> NodeId {
    NodeId::parse(&format!("{name}{name}{name}{name}00")).unwrap()
}

fn node(name: &str, shop: &str, email: Option<&str>) -> Node {
    let external = ExternalId::new("shopify", shop, name).unwrap();
    let mut node = Node::new(id(name), Some(external), noon(0));
    node.tell(&CustomerFact {
        id: node.external_id.clone(),
        told: ProfileStamp {
            whole: true,
            stamp: STAMP,
        },
        profile: Profile {
            email: email.map(|email| Email::parse(email).unwrap()),
            ..Profile::default()
        },
        consents: Vec::new(),
        tags: None,
    });
    node
}

fn alone(name: &str) -> PersonRecord {
    PersonRecord::Single(Box::new(node(name, name, None)))
}

fn occasion(merge: &str, kept: &str, joined: &str) -> Occasion {
    Occasion {
        merge: merge.to_owned(),
        at: noon(1),
        by: By::Staff,
        caller: Some("agent-1".to_owned()),
        kept: id(kept),
        joined: id(joined),
    }
}

fn one_of(kept: PersonRecord, joined: PersonRecord, how: Occasion) -> PersonRecord {
    let made = join(kept, joined, how).unwrap();
    PersonRecord::Joined(Box::new(made.person), made.nodes)
}

fn ids(record: &PersonRecord) -> BTreeSet<NodeId> {
    record.nodes().iter().map(|node| node.id.clone()).collect()
}

fn sale(gross: i64) -> Contribution {
    Contribution {
        placed_at: noon(0),
        gross: Amount::whole(gross),
        units_bought: 1,
        ..Contribution::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

#[test]
    fn merged_and_parted_again_they_are_as_if_they_had_never_been_merged(
        nodes in 2..=5_usize,
        deeds in deeds(),
    ) {
        let mut world = World::new(nodes);
        for deed in deeds {
            world.happen(deed);
            world.holds_together();
        }
        world.part_all();
        world.is_as_if_never_merged();
    }
}

#[test]
fn the_histories_reach_what_they_are_about() {
    let mut world = World::new(4);
    for deed in [
        Deed::Order {
            node: 0,
            amount: 700,
        },
        Deed::Join { one: 0, other: 1 },
        Deed::Join { one: 2, other: 3 },
        Deed::Join { one: 1, other: 3 },
        Deed::Order {
            node: 3,
            amount: 20,
        },
    ] {
        world.happen(deed);
        world.holds_together();
    }
    assert_eq!(world.people(), 1);
    world.happen(Deed::Part { which: 2 });
    world.holds_together();
    assert_eq!(world.people(), 2);
    world.part_all();
    assert_eq!(world.people(), 4);
}

#[test]
fn who_joined_later_stays_with_the_side_joined_through() {
    let ab = one_of(alone("aa"), alone("bb"), occasion("first", "aa", "bb"));
    let made = join(ab, alone("cc"), occasion("second", "bb", "cc")).unwrap();
    let (person, nodes) = (made.person.clone(), made.nodes);
    let first = join(alone("aa"), alone("bb"), occasion("first", "aa", "bb")).unwrap();
    let parted = part(
        &person,
        nodes,
        (first.merge, &[]),
        noon(2),
        "agent-1".to_owned(),
    )
    .unwrap();

    assert_eq!(ids(&parted.kept), BTreeSet::from([id("aa")]));
    assert_eq!(ids(&parted.joined), BTreeSet::from([id("bb"), id("cc")]));
    assert_eq!(parted.joined.id(), &id("bb"));
    let undone = parted.merge.undone.unwrap();
    assert_eq!(undone.people, (id("aa"), id("bb")));
    assert!(matches!(parted.kept, PersonRecord::Single(node) if node.root.is_none() && node.stale));
}

#[test]
fn each_side_is_known_by_the_id_it_had() {
    let ab = one_of(alone("aa"), alone("bb"), occasion("first", "aa", "bb"));
    let cd = one_of(alone("cc"), alone("dd"), occasion("second", "cc", "dd"));
    let made = join(ab, cd, occasion("third", "bb", "dd")).unwrap();
    assert_eq!(made.person.id, id("aa"));
    let gone = made.gone.unwrap();
    assert_eq!(gone.id, id("cc"));

    let parted = part(
        &made.person,
        made.nodes,
        (made.merge, &[]),
        noon(2),
        "x".to_owned(),
    )
    .unwrap();
    assert_eq!(
        (parted.kept.id(), parted.joined.id()),
        (&id("aa"), &id("cc"))
    );
    let PersonRecord::Joined(restored, nodes) = parted.joined else {
        panic!("two nodes are a person of several");
    };
    assert_eq!(restored.version, gone.version, "its record goes on");
    assert!(nodes.iter().all(|node| node.root == Some(id("cc"))));
    assert_eq!(restored.links, gone.links);
}

#[test]
fn two_whom_a_person_parted_join_no_more_by_themselves_nor_do_those_they_join() {
    let made = join(alone("aa"), alone("bb"), occasion("first", "aa", "bb")).unwrap();
    let parted = part(
        &made.person,
        made.nodes,
        (made.merge, &[]),
        noon(2),
        "x".to_owned(),
    )
    .unwrap();
    let (a, b) = (&parted.kept.nodes()[0], &parted.joined.nodes()[0]);
    assert!(are_apart(&[a], &[b]) && are_apart(&[b], &[a]));
    assert!(!may_join(&[a], &[b], &LIMITS));

    let c = node("cc", "cc", None);
    assert!(may_join(&[a], &[&c], &LIMITS));
    assert!(!may_join(&[a, &c], &[b], &LIMITS));

    // Whoever merges them again by hand takes it back.
    let again = join(parted.kept, parted.joined, occasion("again", "aa", "bb")).unwrap();
    assert!(again.nodes.iter().all(|node| node.apart.is_empty()));
}

#[test]
fn a_limit_that_a_merge_exceeds_is_named_and_what_one_had_before_is_no_reason() {
    let (a, b) = (node("aa", "cups", None), node("bb", "cups", None));
    let expected = Exceeded {
        kind: LimitKind::ExternalIds {
            source: "shopify".to_owned(),
            shop: "cups".to_owned(),
        },
        have: 2,
        most: 1,
    };
    assert_eq!(exceeded(&[&a], &[&b], &LIMITS), [expected]);
    let c = node("cc", "hats", None);
    assert_eq!(exceeded(&[&a, &b], &[&c], &LIMITS), []);

    let named = |name: &str| node(name, name, Some(&format!("{name}@example.com")));
    let five = ["aa", "bb", "cc", "dd", "ee"].map(named);
    let five: Vec<_> = five.iter().collect();
    let sixth = named("ff");
    let limits = exceeded(&five, &[&sixth], &LIMITS);
    assert_eq!(limits.len(), 1);
    assert_eq!((&limits[0].kind, limits[0].have), (&LimitKind::Emails, 6));
    let known = node("gg", "gg", Some("ee@example.com"));
    assert_eq!(exceeded(&five, &[&known], &LIMITS), []);
}

/// VIP by rank, and once of the best group, as a node of its own.
fn ranked(name: &str, on: i64) -> PersonRecord {
    let mut node = node(name, name, None);
    let settings = Settings::default();
    let date = settings.date_of(noon(on));
    let found = assess(
        &Subject::of_node(&node),
        &Rules::alone(&settings),
        date,
        None,
    );
    node.assessment = Some(crm_domain::segment::Assessment {
        by_rank: true,
        best_group: Some(Group::Champions),
        ..found
    });
    PersonRecord::Single(Box::new(node))
}

#[test]
fn who_joined_later_keeps_its_memory_when_an_inner_merge_is_taken_back() {
    let inner = join(alone("aa"), alone("bb"), occasion("inner", "aa", "bb")).unwrap();
    let couple = PersonRecord::Joined(Box::new(inner.person), inner.nodes);
    let outer = join(ranked("cc", 0), couple, occasion("outer", "cc", "aa")).unwrap();
    let merges = [inner.merge.clone(), outer.merge];
    let parted = part(
        &outer.person,
        outer.nodes,
        (inner.merge, &merges),
        noon(2),
        "x".to_owned(),
    );
    let parted = parted.unwrap();
    assert!(parted.kept.has(&id("aa")) && parted.kept.has(&id("cc")));
    let known = parted.kept.assessment().unwrap();
    assert!(known.by_rank, "the rank within its band is Cy's own");
    assert_eq!(known.best_group, Some(Group::Champions));
    let other = parted.joined.assessment();
    assert!(
        other.is_none_or(|known| !known.by_rank),
        "and nobody else's"
    );
}

#[test]
fn a_sixth_name_at_an_address_is_one_too_many_however_the_others_are_written() {
    let at = |name: &str, street: &str| {
        let mut node = node(name, name, None);
        node.profile.last_name = Some("Lovelace".to_owned());
        node.profile.address = Some(Address {
            street: Some(street.to_owned()),
            postal_code: Some("S3 8EN".to_owned()),
            ..Address::default()
        });
        node
    };
    let five = ["aa", "bb", "cc", "dd", "ee"].map(|name| at(name, &format!("{name} Lane 12")));
    let five: Vec<_> = five.iter().collect();
    let sixth = at("ff", "12 Foundry Lane");
    let limits = exceeded(&five, &[&sixth], &LIMITS);
    assert_eq!(
        (&limits[0].kind, limits[0].have),
        (&LimitKind::Addresses, 6)
    );
    let known = at("gg", "12 EE LN.");
    assert_eq!(exceeded(&five, &[&known], &LIMITS), []);
    let more = IdentityLimits {
        addresses: 6,
        ..LIMITS
    };
    assert_eq!(exceeded(&five, &[&sixth], &more), []);
}

#[test]
fn a_store_may_allow_more_of_a_kind_or_less() {
    let (a, b) = (node("aa", "cups", None), node("bb", "cups", None));
    let two = IdentityLimits {
        ids_per_shop: 2,
        ..LIMITS
    };
    assert!(may_join(&[&a], &[&b], &two));
    let c = node("cc", "cups", None);
    assert!(!may_join(&[&a, &b], &[&c], &two));
    let one = IdentityLimits {
        emails: 1,
        ..LIMITS
    };
    let [a, b] = ["aa", "bb"].map(|name| node(name, name, Some(&format!("{name}@example.com"))));
    assert!(may_join(&[&a], &[&b], &LIMITS) && !may_join(&[&a], &[&b], &one));
}

#[test]
fn a_person_cannot_have_more_nodes_than_one_transaction_writes() {
    let names: Vec<_> = (0..=MOST_NODES).map(|n| format!("n{n:03}")).collect();
    let mut whole = alone(&names[0]);
    for name in &names[1..MOST_NODES] {
        whole = one_of(whole, alone(name), occasion(name, &names[0], name));
    }
    let last = &names[MOST_NODES];
    let refused = join(whole.clone(), alone(last), occasion("x", &names[0], last));
    assert_eq!(refused, Err(CannotJoin::TooManyNodes(MOST_NODES + 1)));
    let itself = join(whole.clone(), whole, occasion("x", &names[0], &names[1]));
    assert_eq!(itself, Err(CannotJoin::SamePerson));
}

#[test]
fn a_merge_that_holds_somebody_else_together_cannot_be_undone_here() {
    let made = join(alone("aa"), alone("bb"), occasion("first", "aa", "bb")).unwrap();
    let other = join(alone("cc"), alone("dd"), occasion("second", "cc", "dd")).unwrap();
    let refused = part(
        &made.person,
        made.nodes,
        (other.merge, &[]),
        noon(2),
        "x".to_owned(),
    );
    assert_eq!(refused, Err(CannotPart::NoLink));
}

fn decision(day: i64, state: ConsentState) -> ConsentNews {
    ConsentNews {
        medium: Medium::Email,
        decision: Decision {
            at: Some(noon(day)),
            state,
            opt_in: None,
            source: "shopify customers/update".to_owned(),
            told_by: ToldBy::Customer,
            stamp: STAMP,
        },
    }
}

/// A node with an order of so much, assessed on the day.
fn assessed(name: &str, gross: i64, day: i64) -> Node {
    let settings = Settings::default();
    let mut node = node(name, name, None);
    node.totals.replace(None, Some(&sale(gross)));
    let on = settings.date_of(noon(day));
    let subject = Subject::of_node(&node);
    node.assessment = Some(assess(&subject, &Rules::alone(&settings), on, None));
    node.version = 3;
    node.stale = false;
    node
}

#[test]
fn the_best_group_of_a_side_is_what_it_was_before_and_not_what_both_were_together() {
    let (a, b) = (assessed("aa", 10, 0), assessed("bb", 5_000, 0));
    let best = |node: &Node| node.assessment.as_ref().unwrap().best_group;
    let known = [best(&a), best(&b)];
    let single = |node| PersonRecord::Single(Box::new(node));
    let mut made = join(single(a), single(b), occasion("first", "aa", "bb")).unwrap();
    let carried = made.person.assessment.clone().unwrap();
    assert_eq!(carried.best_group, known[1]);
    let champion = made.person.assessment.as_mut().unwrap();
    champion.best_group = Some(Group::Champions);
    champion.by_rank = true;

    let parted = part(
        &made.person,
        made.nodes,
        (made.merge, &[]),
        noon(2),
        "x".to_owned(),
    )
    .unwrap();
    for (side, known) in [&parted.kept, &parted.joined].into_iter().zip(known) {
        let memory = side.assessment().unwrap();
        assert_eq!((memory.best_group, memory.by_rank), (known, false));
    }
}

#[test]
fn the_record_of_a_root_goes_on_where_it_ended() {
    let made = join(alone("aa"), alone("bb"), occasion("first", "aa", "bb")).unwrap();
    let mut person = made.person;
    person.version = 7;
    let parted = part(
        &person,
        made.nodes,
        (made.merge, &[]),
        noon(2),
        "x".to_owned(),
    )
    .unwrap();
    let again = join(parted.kept, parted.joined, occasion("again", "aa", "bb")).unwrap();
    assert_eq!(again.person.version, 7);
}

#[test]
fn a_preview_shows_the_person_there_would_be_and_changes_nobody() {
    let settings = Settings::default();
    let (mut a, mut b) = (assessed("aa", 100, 0), assessed("bb", 400, 0));
    a.profile.first_name = Some("Ada".to_owned());
    b.profile.first_name = Some("ADA ".to_owned());
    a.profile.last_name = Some("Lovelace".to_owned());
    b.profile.last_name = Some("King".to_owned());
    a.consents.hear(&[decision(1, ConsentState::Given)]);
    b.consents.hear(&[decision(2, ConsentState::Withdrawn)]);
    let (a, b) = (
        PersonRecord::Single(Box::new(a)),
        PersonRecord::Single(Box::new(b)),
    );
    let on = settings.date_of(noon(3));
    let shown = preview(&a, &b, &Rules::alone(&settings), on).unwrap();

    assert_eq!(
        shown.person.totals().view(false).sums.gross,
        Amount::whole(500)
    );
    assert_eq!(shown.person.id(), a.id());
    let fields: Vec<_> = shown.conflicts.iter().map(|c| c.field).collect();
    assert_eq!(fields, ["last_name", "email_marketing"]);
    assert!(!person::wants_marketing(
        shown.person.nodes(),
        Medium::Email
    ));
    assert!(shown.exceeded.is_empty() && !shown.parted_before);
    let told = format!("{:?}", shown.conflicts);
    assert!(!told.contains("Lovelace"), "{told}");

    let made = join(a, b, occasion("first", "aa", "bb")).unwrap();
    let subject = Subject::of_person(&made.person);
    let fresh = assess(&subject, &Rules::alone(&settings), on, None);
    assert_eq!(shown.person.assessment(), Some(&fresh));
}

#[test]
fn a_person_without_links_reads_as_before() {
    let person = Person::of(&node("aa", "aa", None));
    let text = serde_json::to_string(&person).unwrap();
    assert!(!text.contains("links"));
    assert_eq!(serde_json::from_str::<Person>(&text).unwrap(), person);
}

#[test]
fn on_a_past_date_each_was_known_as_whoever_they_were_part_of_then() {
    // b joins a on the first day, both join c on the third; on the fifth the
    // first merge is taken back, and on the seventh the second.
    let at = |day, how: Occasion| Occasion {
        at: noon(day),
        ..how
    };
    let first = join(alone("aa"), alone("bb"), at(1, occasion("1", "aa", "bb"))).unwrap();
    let two = PersonRecord::Joined(Box::new(first.person), first.nodes);
    let second = join(alone("cc"), two, at(3, occasion("2", "cc", "aa"))).unwrap();
    let by = || "agent-1".to_owned();
    let parted = part(
        &second.person,
        second.nodes,
        (first.merge, &[]),
        noon(5),
        by(),
    )
    .unwrap();
    let one = parted.merge;
    let PersonRecord::Joined(person, nodes) = parted.kept else {
        panic!("a stays with c");
    };
    let two = part(&person, nodes, (second.merge, &[]), noon(7), by())
        .unwrap()
        .merge;

    let merges = [two, one];
    let known = |name: &str, day| {
        let known = known_as(&id(name), &merges, noon(day));
        // Whoever is known by one id is made up of the same nodes.
        let together = ["aa", "bb", "cc"].map(id).into_iter();
        let same = together.filter(|one| known_as(one, &merges, noon(day)).id == known.id);
        assert_eq!(known.nodes, same.collect());
        known.id
    };
    for (day, a, b, c) in [
        (1, "aa", "bb", "cc"),
        (2, "aa", "aa", "cc"),
        (4, "cc", "cc", "cc"),
        (6, "cc", "bb", "cc"),
        (8, "aa", "bb", "cc"),
    ] {
        let found = ["aa", "bb", "cc"].map(|name| known(name, day));
        assert_eq!(found, [a, b, c].map(id), "day {day}");
    }
    assert_eq!(known_as(&id("bb"), &[], noon(2)).id, id("bb"));
}
