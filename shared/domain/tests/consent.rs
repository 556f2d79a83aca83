//! Decisions about marketing and labels: any order of arrival ends the same.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::consent::{
    ConsentNews, ConsentState, Consents, Decision, Medium, OptIn, Standing, ToldBy, history,
    standing,
};
use crm_domain::customer::{CustomerFact, Node, Profile, ProfileStamp};
use crm_domain::identity::NodeId;
use crm_domain::person;
use crm_domain::stamp::Stamp;
use crm_domain::tags::{MOST_TAGS, TagNews, Tags};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn stamp(second: i64) -> Stamp {
    Stamp {
        updated_at: Some(at(second)),
        triggered_at: None,
        rank: 0,
        digest: 7,
    }
}

fn news(day: Option<i64>, state: ConsentState, told_by: ToldBy, told: i64) -> ConsentNews {
    ConsentNews {
        medium: Medium::Email,
        decision: Decision {
            at: day.map(at),
            state,
            opt_in: Some(OptIn::Single),
            source: format!("shop {told_by:?}"),
            told_by,
            stamp: stamp(told),
        },
    }
}

fn heard(news: &[ConsentNews]) -> Consents {
    let mut consents = Consents::default();
    consents.hear(news);
    consents
}

fn email(consents: &Consents) -> Standing<'_> {
    standing([consents], Medium::Email).unwrap()
}

fn node(id: &str, news: &[ConsentNews]) -> Node {
    let mut node = Node::new(NodeId::parse(id).unwrap(), None, at(0));
    node.consents.hear(news);
    node
}

use ConsentState::{Given, NotGiven, Pending, Withdrawn};
use ToldBy::{Customer, Order, TickedBox};

#[test]
fn the_later_decision_holds_whichever_comes_first() {
    let yes = news(Some(1), Given, ToldBy::Decision, 1);
    let no = news(Some(2), Withdrawn, ToldBy::Decision, 2);
    for told in [[yes.clone(), no.clone()], [no, yes]] {
        let consents = heard(&told);
        let now = email(&consents);
        assert_eq!((now.state, now.since), (Withdrawn, Some(at(2))));
        let states: Vec<_> = history([&consents], Medium::Email)
            .iter()
            .map(|decision| decision.state)
            .collect();
        assert_eq!(states, [Given, Withdrawn]);
    }
}

#[test]
fn of_one_date_whoever_knows_best_decides_and_then_whoever_spoke_last() {
    let passing = news(Some(1), NotGiven, Order, 9);
    let record = news(Some(1), Pending, Customer, 3);
    let decided = news(Some(1), Given, ToldBy::Decision, 1);
    assert_eq!(
        email(&heard(&[passing.clone(), record.clone()])).state,
        Pending
    );
    assert_eq!(email(&heard(&[decided, passing, record])).state, Given);
    let first = news(Some(1), Given, Order, 1);
    let second = news(Some(1), Withdrawn, Order, 2);
    assert_eq!(email(&heard(&[second, first])).state, Withdrawn);
}

#[test]
fn a_decision_told_again_is_one_and_keeps_its_best_source() {
    let consents = heard(&[
        news(Some(1), Given, Order, 5),
        news(Some(1), Given, ToldBy::Decision, 6),
        news(Some(1), Given, Customer, 4),
        news(Some(1), Given, ToldBy::Decision, 8),
    ]);
    let all = history([&consents], Medium::Email);
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].told_by, all[0].stamp), (ToldBy::Decision, stamp(6)));
}

#[test]
fn without_a_date_caution_decides_and_any_date_counts_more() {
    let consents = heard(&[
        news(None, Withdrawn, Customer, 1),
        news(None, Given, Customer, 9),
    ]);
    assert_eq!(
        (email(&consents).state, email(&consents).since),
        (Withdrawn, None)
    );
    let consents = heard(&[
        news(None, Withdrawn, Customer, 9),
        news(Some(1), Given, Order, 1),
    ]);
    assert_eq!(
        (email(&consents).state, email(&consents).since),
        (Given, Some(at(1)))
    );
}

#[test]
fn boxes_ticked_at_every_order_take_the_room_of_one_and_leave_the_beginning_alone() {
    let mut told = vec![news(Some(0), Given, ToldBy::Decision, 0)];
    told.extend((1..500).map(|n| news(Some(n), Given, TickedBox, n)));
    let consents = heard(&told);
    assert_eq!(history([&consents], Medium::Email).len(), 2);
    assert_eq!(email(&consents).since, Some(at(0)));
    assert_eq!(email(&consents).decision.told_by, ToldBy::Decision);
}

#[test]
fn of_too_many_decisions_the_latest_are_kept_whatever_came_first() {
    let state = |n: i64| if n % 2 == 0 { Given } else { Withdrawn };
    let told: Vec<_> = (0..90)
        .map(|n| news(Some(n), state(n), Customer, n))
        .collect();
    let in_order = heard(&told);
    let kept = history([&in_order], Medium::Email);
    assert_eq!((kept.len(), kept[0].at), (50, Some(at(40))));
    for seed in 0..100 {
        assert_eq!(heard(&repeated_and_shuffled(&told, seed)), in_order);
    }
}

#[test]
fn one_medium_says_nothing_of_another() {
    let mut text = news(Some(1), Given, ToldBy::Decision, 1);
    text.medium = Medium::Sms;
    let consents = heard(&[text]);
    assert_eq!(standing([&consents], Medium::Email), None);
    assert_eq!(standing([&consents], Medium::Sms).unwrap().state, Given);
}

#[test]
fn a_person_has_the_latest_dated_decision_of_all_nodes() {
    let mut nodes = [
        node("aaaaaaaa", &[news(Some(5), Given, TickedBox, 5)]),
        node("bbbbbbbb", &[news(Some(6), Withdrawn, Customer, 6)]),
        node("cccccccc", &[news(None, Given, Customer, 9)]),
    ];
    assert!(!person::wants_marketing(&nodes, Medium::Email));
    nodes.reverse();
    assert!(!person::wants_marketing(&nodes, Medium::Email));
    assert!(person::wants_marketing(&nodes[2..], Medium::Email));
    assert!(!person::wants_marketing(&nodes[2..], Medium::Sms));
    assert!(!person::wants_marketing(&[], Medium::Email));
}

#[test]
fn a_deletion_takes_profile_and_labels_and_leaves_the_proof() {
    let mut ada = node("aaaaaaaa", &[news(Some(1), Withdrawn, ToldBy::Decision, 1)]);
    let told = CustomerFact {
        id: None,
        told: ProfileStamp {
            whole: true,
            stamp: stamp(1),
        },
        profile: Profile {
            first_name: Some("Ada".into()),
            ..Profile::default()
        },
        consents: vec![news(Some(0), Given, Customer, 0)],
        tags: Some(vec!["vip".into()]),
    };
    ada.tell(&told);
    let mut late = ada.clone();
    ada.delete(stamp(2));
    late.delete(stamp(2));
    late.tell(&told);
    late.label(stamp(3), &TagNews::Added(vec!["late".into()]));
    assert_eq!(ada, late);
    assert_eq!(ada.profile, Profile::default());
    assert_eq!(ada.tags.iter().count(), 0);
    assert_eq!(history([&ada.consents], Medium::Email).len(), 2);
    assert!(!serde_json::to_string(&ada).unwrap().contains("Ada"));
}

#[test]
fn items_of_the_first_version_mean_what_they_meant() {
    let mut item = serde_json::to_value(node("aaaaaaaa", &[])).unwrap();
    let told = json!({"w": true, "s": stamp(3)});
    item["external_id"] = json!("shopify:ada.example:1");
    item["told"] = told;
    item["profile"] = json!({
        "first_name": "Ada",
        "tags": ["vip", "early bird"],
        "email_marketing": {"at": at(1), "given": true},
    });
    let ada: Node = serde_json::from_value(item).unwrap();
    assert_eq!(ada.profile.first_name.as_deref(), Some("Ada"));
    assert_eq!(ada.tags.iter().collect::<Vec<_>>(), ["vip", "early bird"]);
    let now = email(&ada.consents);
    assert_eq!((now.state, now.since), (Given, Some(at(1))));
    assert_eq!(now.decision.source, "shopify");
    let again: Node = serde_json::from_str(&serde_json::to_string(&ada).unwrap()).unwrap();
    assert_eq!(again, ada);
    assert!(ada.profile.former_tags.is_empty() && ada.profile.former_consent.is_none());
}

#[test]
fn labels_print_nothing() {
    let news = TagNews::Added(vec!["pregnant".into()]);
    let mut tags = Tags::default();
    tags.hear(stamp(1), &news);
    assert!(!format!("{tags:?}{news:?}").contains("pregnant"));
}

#[test]
fn a_list_speaks_of_every_label() {
    let mut tags = Tags::default();
    let words = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    tags.hear(stamp(2), &TagNews::Added(words(&["a", "b"])));
    tags.hear(stamp(4), &TagNews::All(words(&["c"])));
    tags.hear(stamp(3), &TagNews::Added(words(&["late"])));
    tags.hear(stamp(6), &TagNews::Added(words(&["d"])));
    tags.hear(stamp(5), &TagNews::Removed(words(&["c", "d"])));
    assert_eq!(tags.iter().collect::<Vec<_>>(), ["d"]);
}

#[test]
fn of_too_many_labels_the_newest_are_shown() {
    let mut tags = Tags::default();
    for n in 0..MOST_TAGS + 10 {
        let tag = format!("t{n}");
        tags.hear(stamp(i64::try_from(n).unwrap()), &TagNews::Added(vec![tag]));
    }
    let shown: Vec<_> = tags.iter().collect();
    assert_eq!(shown.len(), MOST_TAGS);
    assert_eq!((shown[0], shown[249]), ("t259", "t10"));
    tags.hear(
        stamp(900),
        &TagNews::All(vec!["x".repeat(256), "y".repeat(255)]),
    );
    assert_eq!(tags.iter().map(str::len).collect::<Vec<_>>(), [255]);
}

fn any_state() -> impl Strategy<Value = ConsentState> {
    prop::sample::select(vec![Given, Pending, NotGiven, Withdrawn])
}

fn any_news() -> impl Strategy<Value = ConsentNews> {
    let told_by = prop::sample::select(vec![TickedBox, Order, Customer, ToldBy::Decision]);
    (
        prop::option::of(0..4_i64),
        any_state(),
        told_by,
        0..3_i64,
        any::<(bool, bool)>(),
    )
        .prop_map(|(day, state, told_by, told, (is_text, is_confirmed))| {
            let mut news = news(day, state, told_by, told);
            if is_confirmed {
                news.decision.opt_in = Some(OptIn::Confirmed);
            }
            if is_text {
                news.medium = Medium::Sms;
            }
            news
        })
}

/// News of few labels; of one stamp there is one delivery.
fn any_tag_news(tags: Vec<String>) -> impl Strategy<Value = Vec<(Stamp, TagNews)>> {
    let some = prop::collection::vec(prop::sample::select(tags), 0..4);
    let one = (some, 0..8_u8).prop_map(|(tags, kind)| match kind {
        0 => TagNews::All(tags),
        1..4 => TagNews::Removed(tags),
        _ => TagNews::Added(tags),
    });
    prop::collection::vec(one, 0..8).prop_map(|all| {
        let numbered = (0..).zip(all);
        numbered.map(|(n, news)| (stamp(n), news)).collect()
    })
}

fn tagged(news: &[(Stamp, TagNews)]) -> Tags {
    let mut tags = Tags::default();
    for (stamp, news) in news {
        tags.hear(*stamp, news);
    }
    tags
}

fn repeated_and_shuffled<T: Clone>(all: &[T], seed: u64) -> Vec<T> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let repeated = all
        .iter()
        .flat_map(|one| vec![one.clone(); dice.usize(1..4)]);
    let mut all: Vec<_> = repeated.collect();
    dice.shuffle(&mut all);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn decisions_in_any_order_any_number_of_times_make_one_history(
        told in prop::collection::vec(any_news(), 0..8),
        seed: u64,
    ) {
        let in_order = heard(&told);
        prop_assert_eq!(&heard(&repeated_and_shuffled(&told, seed)), &in_order);
        let latest = told.iter().filter(|n| n.medium == Medium::Email && n.decision.at.is_some());
        if let Some(latest) = latest.map(|n| n.decision.at).max() {
            let all = history([&in_order], Medium::Email);
            prop_assert_eq!(all.last().unwrap().at, latest);
        }
        let json = serde_json::to_string(&in_order).unwrap();
        prop_assert_eq!(serde_json::from_str::<Consents>(&json).unwrap(), in_order);
    }

    #[test]
    fn labels_in_any_order_any_number_of_times_end_as_the_last_word_on_each(
        told in any_tag_news(["a", "b", "c", "d"].map(str::to_owned).to_vec()),
        seed: u64,
    ) {
        let mut expected = std::collections::BTreeSet::new();
        for (_, news) in &told {
            match news {
                TagNews::All(tags) => expected = tags.iter().cloned().collect(),
                TagNews::Added(tags) => expected.extend(tags.iter().cloned()),
                TagNews::Removed(tags) => tags.iter().for_each(|tag| { expected.remove(tag); }),
            }
        }
        let tags = tagged(&repeated_and_shuffled(&told, seed));
        prop_assert_eq!(tags.iter().map(str::to_owned).collect::<std::collections::BTreeSet<_>>(), expected);
        prop_assert_eq!(&tags, &tagged(&told));
        let json = serde_json::to_string(&tags).unwrap();
        prop_assert_eq!(serde_json::from_str::<Tags>(&json).unwrap(), tags);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nor_does_the_order_of_arrival_show_where_there_is_no_room_for_all(seed: u64) {
        let mut dice = fastrand::Rng::with_seed(seed);
        // Each up to a kilobyte, 160 of them: room is for some 65,000 bytes.
        let long: Vec<_> = (0..160).map(|n| format!("{n}{}", "🏷".repeat(dice.usize(100..250)))).collect();
        let told: Vec<_> = (0..300).map(|n| {
            let some = |dice: &mut fastrand::Rng| (0..2).map(|_| long[dice.usize(..160)].clone()).collect();
            let news = match dice.u8(..=255) {
                0 => TagNews::All(some(&mut dice)),
                1..60 => TagNews::Removed(some(&mut dice)),
                _ => TagNews::Added(some(&mut dice)),
            };
            (stamp(n), news)
        }).collect();
        let tags = tagged(&repeated_and_shuffled(&told, seed));
        prop_assert_eq!(&tags, &tagged(&told));
        prop_assert!(serde_json::to_string(&tags).unwrap().len() < 150_000);
    }
}
