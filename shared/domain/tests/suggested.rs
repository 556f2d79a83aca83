//! Which customers, as they are kept, may be one person.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::customer::{Address, Node, Profile};
use crm_domain::field::{BIRTHDAY, Said};
use crm_domain::identity::{Email, ExternalId, NodeId, Phone};
use crm_domain::linkage::{
    Census, DEFAULT_THRESHOLD, Field, Rarity, Record, Weights, compare, is_news,
};
use crm_domain::money::{Amount, Currency};
use crm_domain::order::{
    Acquisition, Channel, Contribution, FinancialStatus, Line, Order, OrderBody,
};
use crm_domain::person::PersonRecord;
use crm_domain::settings::Settings;
use crm_domain::stamp::Stamp;
use jiff::Timestamp;

fn ada() -> Profile {
    Profile {
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        phone: Some(Phone::parse("+442079460018").unwrap()),
        ..Profile::default()
    }
}

/// Ada by her name and street alone.
fn at_home() -> Profile {
    let home = Address {
        street: Some("12 Foundry Lane".to_owned()),
        city: Some("Sheffield".to_owned()),
        postal_code: Some("S3 8EN".to_owned()),
        ..Address::default()
    };
    Profile {
        phone: None,
        address: Some(home),
        ..ada()
    }
}

const STAMP: Stamp = Stamp {
    updated_at: None,
    triggered_at: None,
    rank: 0,
    digest: 1,
};

fn node(id: &str, external_id: Option<&str>, profile: Profile) -> Node {
    let external_id = external_id.map(|id| ExternalId::parse(id).unwrap());
    let id = NodeId::parse(id).unwrap();
    Node {
        profile,
        ..Node::new(id, external_id, Timestamp::UNIX_EPOCH)
    }
}

fn alone(node: Node) -> PersonRecord {
    PersonRecord::Single(Box::new(node))
}

fn compared(one: &Node, other: &Node) -> Option<f64> {
    let [one, other] = [one, other].map(|node| alone(node.clone()));
    compare(&one, &other, &Weights::default()).map(|found| found.score)
}

#[test]
fn one_telephone_is_worth_a_look() {
    let one = node("aaaaaaaa", Some("shopify:cups:1"), ada());
    let other = node("bbbbbbbb", Some("shopify:lamps:1"), ada());
    assert!(compared(&one, &other).unwrap() >= DEFAULT_THRESHOLD);
    assert_eq!(compared(&one, &other), compared(&other, &one));
    assert_eq!(compared(&one, &one), None);
}

#[test]
fn who_was_parted_is_compared_no_more_whichever_of_the_two_knows_it() {
    let one = node("aaaaaaaa", Some("shopify:cups:1"), ada());
    let mut other = node("bbbbbbbb", Some("shopify:lamps:1"), ada());
    other.apart.insert(one.id.clone(), Timestamp::UNIX_EPOCH);
    assert_eq!(compared(&one, &other), None);
    assert_eq!(compared(&other, &one), None);
}

#[test]
fn a_guest_is_compared_by_a_telephone_or_by_a_name_at_a_street() {
    let known = node("aaaaaaaa", Some("shopify:cups:1"), at_home());
    let guest = |profile| node("bbbbbbbb", None, profile);
    let (called, named) = (guest(ada()), guest(at_home()));
    assert!(compared(&known, &named).unwrap() >= DEFAULT_THRESHOLD);
    let at_hand = node("cccccccc", Some("shopify:cups:2"), ada());
    assert!(compared(&at_hand, &called).unwrap() >= DEFAULT_THRESHOLD);
    let only_named = Profile {
        address: None,
        ..at_home()
    };
    assert_eq!(compared(&known, &guest(only_named)), None);
    assert!(called.is_ranked() && named.is_ranked());
    assert!(!guest(Profile::default()).is_ranked());
}

#[test]
fn whom_their_source_merges_after_they_were_parted_is_asked_again_however_little_alike() {
    let named = |name: &str| Profile {
        first_name: Some(name.to_owned()),
        ..Profile::default()
    };
    let mut one = node("aaaaaaaa", Some("shopify:cups:1"), named("Ada"));
    let mut other = node("bbbbbbbb", Some("shopify:cups:2"), named("Bo"));
    one.stand_apart([&other.id].into_iter(), Timestamp::UNIX_EPOCH);
    other.stand_apart([&one.id].into_iter(), Timestamp::UNIX_EPOCH);
    assert_eq!(compared(&one, &other), None);
    let before = other.clone();
    other.asked_again = Some(Box::new(one.id.clone()));
    assert!(is_news(Some(&before), &other));
    for pair in [[&one, &other], [&other, &one]] {
        let [kept, gone] = pair.map(|node| alone(node.clone()));
        let found = compare(&kept, &gone, &Weights::default()).unwrap();
        assert!((found.score - 1.0).abs() < f64::EPSILON);
        let fields: Vec<_> = found.matched.iter().map(|found| found.field).collect();
        assert!(fields.contains(&Field::MergedAtSource), "{fields:?}");
    }
    // A newer word of a person is the last.
    other.stand_apart([&one.id].into_iter(), Timestamp::UNIX_EPOCH);
    assert_eq!(compared(&one, &other), None);
}

#[test]
fn partings_from_before_they_had_dates_are_read_as_long_ago() {
    let mut node = node("aaaaaaaa", Some("shopify:cups:1"), ada());
    let other = NodeId::parse("bbbbbbbb").unwrap();
    node.stand_apart([&other].into_iter(), Timestamp::UNIX_EPOCH);
    let mut stored = serde_json::to_value(&node).unwrap();
    assert_eq!(
        serde_json::from_value::<Node>(stored.clone()).unwrap(),
        node
    );
    stored["apart"] = serde_json::json!([other]);
    assert_eq!(serde_json::from_value::<Node>(stored).unwrap(), node);
}

#[test]
fn buyers_of_a_market_place_stay_apart_and_unranked_until_they_come_to_the_shop() {
    let known = node("aaaaaaaa", Some("shopify:cups:1"), ada());
    let bought = |channels: &[Channel]| {
        let mut buyer = node("bbbbbbbb", Some("shopify:cups:2"), ada());
        for channel in channels {
            buyer.totals.replace(None, Some(&contribution(*channel)));
        }
        buyer
    };
    let there = bought(&[Channel::Marketplace, Channel::Marketplace]);
    assert_eq!(compared(&known, &there), None);
    assert!(!there.is_ranked());
    let both = bought(&[Channel::Marketplace, Channel::Web]);
    assert!(compared(&known, &both).is_some() && both.is_ranked());
    assert!(is_news(Some(&there), &both));

    let mut addressed = there.clone();
    addressed.profile.email = Some(Email::parse("ada@example.com").unwrap());
    addressed.claimed_email.clone_from(&addressed.profile.email);
    assert!(compared(&known, &addressed).is_some() && !addressed.is_ranked());

    let source = node("cccccccc", Some("amazon:eu:1"), ada());
    assert_eq!(compared(&known, &source), None);
    assert!(!source.is_ranked());
}

/// The market places' buyers bought at one moment.
fn contribution(channel: Channel) -> Contribution {
    let mut order = Order::unknown(ExternalId::parse("shopify:cups:9").unwrap());
    let body = OrderBody {
        name: "#9".to_owned(),
        placed_at: Timestamp::UNIX_EPOCH,
        financial_status: FinancialStatus::Paid,
        has_payment_terms: false,
        terms: None,
        cancelled_at: None,
        is_test: false,
        fulfilled: false,
        channel,
        currency: Currency::parse("EUR").unwrap(),
        lines: vec![Line {
            id: None,
            product: None,
            title: String::new(),
            quantity: 1,
            unit_price: Amount::parse("10").unwrap(),
            unit_cost: None,
            discount: Amount::ZERO,
            tax_included: Amount::ZERO,
            is_gift_card: false,
        }],
        acquisition: Acquisition::default(),
        tags: Vec::new(),
    };
    order.body = Some((STAMP, body));
    let settings = Settings {
        reporting_currency: Some(Currency::parse("EUR").unwrap()),
        ..Settings::default()
    };
    order.contribution(&settings).unwrap().unwrap()
}

#[test]
fn the_day_of_birth_that_staff_noted_speaks_for_or_against() {
    let one = node("aaaaaaaa", Some("shopify:cups:1"), at_home());
    let other = node("bbbbbbbb", Some("shopify:cups:2"), at_home());
    let born = |node: &Node, on: &str| {
        let mut node = node.clone();
        let said = Said {
            value: Some(on.to_owned()),
            at: Timestamp::UNIX_EPOCH,
            by: "agent-1".to_owned(),
        };
        node.fields.set(BIRTHDAY, said);
        node
    };
    let ada = born(&one, "1985-12-10");
    let same = compared(&ada, &born(&other, "1985-12-10"));
    let unlike = compared(&ada, &born(&other, "1951-03-27"));
    assert!(same > compared(&ada, &other) && unlike < compared(&ada, &other));
    assert!(is_news(Some(&one), &ada));
    assert_eq!(born(&one, "nonsense").born(), None);
}

#[test]
fn two_persons_are_as_alike_as_their_most_similar_profiles() {
    let one = node("aaaaaaaa", Some("shopify:cups:1"), ada());
    let bo = Profile {
        first_name: Some("Bo".to_owned()),
        ..Profile::default()
    };
    let married = node("bbbbbbbb", Some("shopify:lamps:1"), ada());
    let mut person = crm_domain::person::Person::of(&married);
    let mut nodes = [
        married.clone(),
        node("cccccccc", Some("shopify:mugs:1"), bo),
    ];
    for node in &mut nodes {
        node.root = Some(married.id.clone());
    }
    person.sum(&nodes);
    let joined = PersonRecord::Joined(Box::new(person), nodes.to_vec());
    let found = compare(&alone(one.clone()), &joined, &Weights::default()).unwrap();
    assert_eq!(Some(found.score), compared(&one, &married));
    assert!(
        found
            .matched
            .iter()
            .any(|found| found.field == Field::Phone)
    );
}

#[test]
fn only_what_is_compared_is_news() {
    let known = node("aaaaaaaa", Some("shopify:cups:1"), ada());
    assert!(is_news(None, &known));
    assert!(is_news(None, &node("bbbbbbbb", None, ada())));
    assert!(!is_news(None, &node("bbbbbbbb", None, Profile::default())));
    assert!(!is_news(Some(&known), &known));

    let mut busy = known.clone();
    busy.version += 1;
    busy.touch(Timestamp::MAX);
    assert!(!is_news(Some(&known), &busy));

    let news: [fn(&mut Node); 5] = [
        |node| node.profile.phone = None,
        |node| node.profile.last_name = Some("King".to_owned()),
        |node| node.root = Some(NodeId::parse("bbbbbbbb").unwrap()),
        |node| {
            node.apart
                .insert(NodeId::parse("bbbbbbbb").unwrap(), Timestamp::UNIX_EPOCH);
        },
        |node| {
            node.delete(Stamp {
                updated_at: None,
                triggered_at: None,
                rank: 0,
                digest: 2,
            });
        },
    ];
    for (nth, change) in news.into_iter().enumerate() {
        let mut after = known.clone();
        change(&mut after);
        assert!(is_news(Some(&known), &after), "change {nth}");
    }
}

/// So many people, every tenth a Smith and all others with a name of their own.
fn people(from: usize, to: usize) -> Vec<Record> {
    let letters = |mut n: usize| {
        let mut name = String::new();
        for _ in 0..6 {
            name.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
            n /= 26;
        }
        name
    };
    let named = (from..to).map(|n| Profile {
        last_name: Some(if n % 10 == 0 {
            "Smith".to_owned()
        } else {
            letters(n)
        }),
        ..Profile::default()
    });
    named.map(|profile| Record::of(&profile, None)).collect()
}

#[test]
fn a_base_counted_in_pieces_has_the_same_common_names() {
    let whole = Rarity::of(&people(0, 12_000));
    let mut census = Census::default();
    for (from, to) in [(0, 6_000), (6_000, 7_000), (7_000, 12_000)] {
        let mut piece = Census::default();
        for record in &people(from, to) {
            piece.add(record);
        }
        census.absorb(piece.without_the_rare());
    }
    assert_eq!(census.size(), 12_000);
    assert_eq!(census.rarity(), whole);
    assert_ne!(whole, Rarity::default());
}

#[test]
fn what_is_kept_of_a_large_piece_names_nobody_rare() {
    let mut piece = Census::default();
    for record in &people(0, 6_000) {
        piece.add(record);
    }
    let kept = serde_json::to_string(&piece.without_the_rare()).unwrap();
    assert!(kept.contains("smith"), "{kept}");
    assert!(kept.len() < 100, "{kept}");
}
