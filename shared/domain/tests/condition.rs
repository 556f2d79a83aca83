//! Conditions: what they say, when that changes, and how they are read.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::condition::{Candidate, Condition, MOST_DEPTH, MOST_TESTS, Measure};
use crm_domain::customer::Node;
use crm_domain::field::Said;
use crm_domain::identity::{Email, ExternalId, NodeId, Phone};
use crm_domain::money::Amount;
use crm_domain::named::{
    Membership, NamedSegment, NamedSegments, Placed, Placement, SegmentId, judge, settle,
};
use crm_domain::order::Contribution;
use crm_domain::population::Cutoffs;
use crm_domain::segment::{Rules, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::stamp::Stamp;
use crm_domain::tags::TagNews;
use fastrand::Rng;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

const TODAY: Date = date(2026, 3, 2);

fn noon(on: Date) -> Timestamp {
    on.at(12, 0, 0, 0).in_tz("UTC").unwrap().timestamp()
}

fn days_before(days: i64) -> Timestamp {
    noon(TODAY) - SignedDuration::from_hours(24 * days)
}

fn read(value: &Value) -> Condition {
    Condition::parse(value, "condition").unwrap()
}

fn node() -> Node {
    let id = ExternalId::parse("shopify:cups.example:7").unwrap();
    let mut node = Node::new(NodeId::parse("adaadaada").unwrap(), Some(id), noon(TODAY));
    node.profile.first_name = Some("Ada-Zoë".to_owned());
    node.profile.last_name = Some("Müller".to_owned());
    node.profile.email = Some(Email::parse("ada@mail.example").unwrap());
    node.profile.phone = Some(Phone::parse("+442079460018").unwrap());
    for (name, value) in [
        ("loyalty_tier", "gold"),
        ("nps", "9"),
        ("acquisition_source", "influencer"),
    ] {
        let said = Said {
            value: Some(value.to_owned()),
            at: noon(TODAY),
            by: "bo".to_owned(),
        };
        node.fields.set(name, said);
    }
    let stamp = Stamp {
        updated_at: Some(noon(TODAY)),
        triggered_at: None,
        rank: 0,
        digest: 1,
    };
    node.label(stamp, &TagNews::All(vec!["Wholesale".to_owned()]));
    node
}

fn with_order(mut node: Node, at: Timestamp, gross: &str) -> Node {
    let order = Contribution {
        placed_at: at,
        gross: gross.parse().unwrap(),
        units_bought: 2,
        ..Contribution::default()
    };
    node.totals.replace(None, Some(&order));
    node
}

/// Whether somebody of one node meets a condition on a date, as they would be
/// assessed then.
fn holds(condition: &Condition, node: &Node, on: Date) -> bool {
    let settings = Settings::default();
    let subject = Subject::of_node(node);
    let found = assess(&subject, &Rules::alone(&settings), on, None);
    let who = Candidate {
        nodes: std::slice::from_ref(node),
        subject,
        assessment: Some(&found),
        within: None,
        orders: &[],
        settings: &settings,
    };
    condition.matches(&who, on)
}

fn is(test: &Value, node: &Node) -> bool {
    holds(&read(test), node, TODAY)
}

#[test]
fn each_test_says_yes_to_ada_and_no_to_somebody_else() {
    let ada = with_order(node(), days_before(40), "60");
    let ada = with_order(ada, days_before(10), "60.50");
    for yes in [
        json!({"name": "mull"}),
        json!({"name": "MÜLLER ada"}),
        json!({"name": "zoe"}),
        json!({"email": " ADA@mail.example"}),
        json!({"email_domain": "Mail.Example"}),
        json!({"phone": "020 7946 0018"}),
        json!({"tag": "wholesale"}),
        json!({"segment": "active"}),
        json!({"stage": "Active"}),
        json!({"vip": false}),
        json!({"health": "green"}),
        json!({"group": "Promising"}),
        json!({"consent": {"medium": "email", "given": false}}),
        json!({"source": "shopify"}),
        json!({"shop": "shopify:cups.example"}),
        json!({"gross": {"at_least": "120.50", "below": "120.51"}}),
        json!({"net": {"at_least": -5}}),
        json!({"orders": {"at_least": 2, "below": 3}}),
        json!({"average_order_value": {"at_least": "60.25", "below": "60.26"}}),
        json!({"return_rate": {"below": "0.01"}}),
        json!({"field": {"name": "loyalty_tier", "is": "GOLD"}}),
        json!({"field": {"name": "nps", "at_least": 9, "below": 10}}),
        json!({"field": {"name": "nps", "set": true}}),
        json!({"field": {"name": "subscription_status", "set": false}}),
        json!({"channel": "Influencer"}),
        json!({"days_since_last_order": {"at_least": 10, "below": 11}}),
        json!({"days_since_first_order": {"at_least": 40, "below": 41}}),
    ] {
        assert!(is(&yes, &ada), "{yes}");
        assert!(!is(&json!({ "not": yes }), &ada), "not {yes}");
    }
    for no in [
        json!({"name": "ueller"}),
        json!({"name": "mueller"}),
        json!({"name": "ada bo"}),
        json!({"email": "bo@mail.example"}),
        json!({"email_domain": "example"}),
        json!({"phone": "+49 20 7946 0018"}),
        json!({"tag": "whole"}),
        json!({"segment": "VIP"}),
        json!({"vip": true}),
        json!({"health": "Red"}),
        json!({"group": "Champions"}),
        json!({"channel": "e-mail"}),
        json!({"consent": {"medium": "sms", "given": true}}),
        json!({"source": "amazon"}),
        json!({"shop": "shopify:lamps.example"}),
        json!({"gross": {"at_least": "120.51"}}),
        json!({"gross": {"below": "120.50"}}),
        json!({"orders": {"below": 2}}),
        json!({"average_order_value": {"below": "60.25"}}),
        json!({"return_rate": {"at_least": "0.01"}}),
        json!({"days_since_last_order": {"below": 10}}),
        json!({"days_since_first_order": {"at_least": 41}}),
        json!({"field": {"name": "loyalty_tier", "is": "silver"}}),
        json!({"field": {"name": "loyalty_tier", "below": 5}}),
        json!({"field": {"name": "nps", "below": 9}}),
        json!({"field": {"name": "nothing", "set": true}}),
        json!({"order_number": "1"}),
        json!({"named_segment": "abcdefgh"}),
    ] {
        assert!(!is(&no, &ada), "{no}");
    }
}

#[test]
fn who_never_bought_is_in_no_range_that_needs_an_order() {
    let ada = node();
    for name in [
        "average_order_value",
        "return_rate",
        "days_since_last_order",
        "days_since_first_order",
    ] {
        for limit in ["at_least", "below"] {
            let limit = if limit == "below" {
                json!({"below": 1})
            } else {
                json!({"at_least": 0})
            };
            let test = json!({ name: limit });
            assert!(!is(&test, &ada), "{test}");
        }
    }
    assert!(is(&json!({"orders": {"below": 1}}), &ada));
    assert!(is(&json!({"gross": {"at_least": 0}}), &ada));
}

#[test]
fn who_was_forgotten_meets_no_test_of_a_profile() {
    let mut ada = with_order(node(), days_before(10), "60");
    ada.redact(noon(TODAY));
    for test in [
        json!({"name": "mull"}),
        json!({"source": "shopify"}),
        json!({"tag": "wholesale"}),
        json!({"phone": "020 7946 0018"}),
    ] {
        assert!(!is(&test, &ada), "{test}");
    }
}

#[test]
fn a_mistake_is_named_by_its_place_and_never_repeated() {
    let deep = (0..MOST_DEPTH).fold(json!({"vip": true}), |inner, _| json!({ "not": inner }));
    let many: Vec<_> = (0..=MOST_TESTS).map(|_| json!({"vip": true})).collect();
    let place = format!("condition{}", ".not".repeat(MOST_DEPTH));
    for (value, path) in [
        (json!(null), "condition"),
        (json!({}), "condition"),
        (json!({"vip": true, "tag": "x"}), "condition"),
        (json!({"secret": 1}), "condition"),
        (json!({"all": []}), "condition.all"),
        (
            json!({"any": [{"vip": true}, {"tag": 3}]}),
            "condition.any.1.tag",
        ),
        (
            json!({"not": {"segment": "secret"}}),
            "condition.not.segment",
        ),
        (json!({"gross": {}}), "condition.gross"),
        (json!({"gross": {"at_most": 3}}), "condition.gross"),
        (
            json!({"gross": {"at_least": 0.1}}),
            "condition.gross.at_least",
        ),
        (
            json!({"gross": {"at_least": -1}}),
            "condition.gross.at_least",
        ),
        (
            json!({"gross": {"at_least": 2, "below": "2.0"}}),
            "condition.gross.below",
        ),
        (
            json!({"orders": {"below": "1.5"}}),
            "condition.orders.below",
        ),
        (
            json!({"orders": {"below": i64::MAX}}),
            "condition.orders.below",
        ),
        (
            json!({"consent": {"medium": "fax", "given": true}}),
            "condition.consent",
        ),
        (json!({"field": {"name": "nps"}}), "condition.field"),
        (json!({"field": {"is": "x"}}), "condition.field"),
        (
            json!({"field": {"name": "nps", "is": "x", "set": true}}),
            "condition.field",
        ),
        (json!({"tag": "x".repeat(256)}), "condition.tag"),
        (deep, place.as_str()),
        (json!({"any": many}), "condition.any.50"),
    ] {
        let error = Condition::parse(&value, "condition").unwrap_err();
        assert_eq!(error.path, path, "{value}");
        // All but these three have not the form.
        let senseless = [place.as_str(), "condition.any.50", "condition.gross.below"];
        assert_eq!(error.senseless, senseless.contains(&path), "{value}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn what_has_the_form_and_no_sense_is_told_from_what_has_not_the_form() {
    for (test, senseless) in [
        (json!({"email": "ada"}), true),
        (json!({"name": "-"}), true),
        (json!({"phone": "12345"}), true),
        (json!({"order_number": "#"}), true),
        (json!({"order_number": "# #"}), true),
        (json!({"source": "a b"}), true),
        (json!({"shop": "shopify"}), true),
        (json!({"named_segment": "x"}), false),
        (json!({"name": " "}), false),
        (json!({"net": {"below": "1234567890123"}}), false),
        (json!({"net": {"below": "0.1234567890123456"}}), false),
        (json!({"net": {"below": 0.5}}), false),
        (json!({"net": {"below": "1e5"}}), false),
    ] {
        let error = Condition::parse(&test, "condition").unwrap_err();
        assert_eq!(error.senseless, senseless, "{test}");
    }
    for test in [
        json!({"net": {"below": "-999999999999.123456789012345"}}),
        json!({"net": {"below": -999_999_999_999_i64}}),
        json!({"orders": {"below": 5.0}}),
    ] {
        assert!(Condition::parse(&test, "condition").is_ok(), "{test}");
    }
}

/// A condition out of what turns by date, by money, by assessment and by
/// profile.
fn any_test(rng: &mut Rng) -> Value {
    let name = Measure::ALL[rng.usize(0..Measure::ALL.len())].name();
    let least = rng.i64(0..400);
    let range = match rng.u8(0..3) {
        0 => json!({ "at_least": least }),
        1 => json!({ "below": least + 1 }),
        _ => json!({ "at_least": least, "below": least + rng.i64(1..200) }),
    };
    match rng.u8(0..14) {
        0 => {
            json!({"stage": rng.choice(["Prospect", "New", "Single-order", "Active", "At-Risk", "Lapsed"]).unwrap()})
        }
        11 => json!({"field": {"name": "nps", "at_least": least}}),
        1 => json!({ "vip": rng.bool() }),
        2 => json!({"tag": rng.choice(["wholesale", "press"]).unwrap()}),
        3 => json!({"health": rng.choice(["Green", "Yellow", "Red"]).unwrap()}),
        4..=7 => json!({"days_since_last_order": range}),
        8..=10 => json!({"days_since_first_order": range}),
        _ => json!({ name: range }),
    }
}

fn any_condition(rng: &mut Rng, depth: u32) -> Value {
    if depth == 0 || rng.u8(0..3) == 0 {
        return any_test(rng);
    }
    let parts: Vec<_> = (0..rng.usize(1..4))
        .map(|_| any_condition(rng, depth - 1))
        .collect();
    match rng.u8(0..3) {
        0 => json!({ "all": parts }),
        1 => json!({ "any": parts }),
        _ => json!({ "not": parts[0] }),
    }
}

fn anybody(rng: &mut Rng) -> Node {
    let mut somebody = node();
    for _ in 0..rng.usize(0..5) {
        let gross = rng.i64(0..300).to_string();
        let at = days_before(rng.i64(-3..500));
        somebody = with_order(somebody, at, &gross);
    }
    somebody
}

/// Jumping from date to date finds what asking on every day finds, for 1,200
/// customers and conditions on 500 days each.
#[test]
fn stepping_day_by_day_equals_jumping_to_the_next_change() {
    let settings = Settings::default();
    let mut rng = Rng::with_seed(7);
    let (mut asked, mut turned) = (0, 0);
    for seed in 0..1200 {
        let somebody = anybody(&mut rng);
        let condition = read(&any_condition(&mut rng, 3));
        let subject = Subject::of_node(&somebody);
        // What it was found to be stays, as it does between two assessments.
        let found = assess(&subject, &Rules::alone(&settings), TODAY, None);
        let who = Candidate {
            nodes: std::slice::from_ref(&somebody),
            subject,
            assessment: Some(&found),
            within: None,
            orders: &[],
            settings: &settings,
        };
        let mut now = condition.matches(&who, TODAY);
        let mut next = condition.next_change_on(&who, TODAY);
        for on in TODAY.series(jiff::Span::new().days(1)).skip(1).take(500) {
            let is = condition.matches(&who, on);
            if next == Some(on) {
                now = !now;
                turned += 1;
                next = condition.next_change_on(&who, on);
            }
            assert_eq!(is, now, "seed {seed}, {on}: {}", condition.print());
            asked += 1;
        }
    }
    assert!(
        asked >= 10_000 && turned > 50,
        "{asked} asked, {turned} turned"
    );
}

fn segment(id: usize, condition: Condition) -> NamedSegment {
    NamedSegment {
        id: SegmentId::parse(&format!("segment{id:02}")).unwrap(),
        version: 1,
        name: format!("Segment {id}"),
        shape: 1,
        condition,
        created_at: noon(TODAY),
        created_by: "ada".to_owned(),
        changed_at: noon(TODAY),
        changed_by: "ada".to_owned(),
    }
}

/// Assessed when something happens and when `wake_on` comes, and never else,
/// a customer is in the segments that a full evaluation of the day finds.
#[test]
fn whoever_is_woken_when_due_is_in_the_segments_a_full_evaluation_finds() {
    let settings = Settings::default();
    let mut rng = Rng::with_seed(11);
    let mut compared = 0;
    for seed in 0..60 {
        let conditions = (0..4).map(|n| segment(n, read(&any_condition(&mut rng, 2))));
        let named = NamedSegments {
            version: 1,
            segments: conditions.collect(),
        };
        let rules = Rules {
            settings: &settings,
            cutoffs: &Cutoffs::NONE,
            named: &named,
        };
        let mut somebody = anybody(&mut rng);
        let look = |somebody: &Node, on, known: Option<&_>| {
            let subject = Subject::of_node(somebody);
            let now = assess(&subject, &rules, on, known);
            settle(std::slice::from_ref(somebody), subject, &rules, now, known)
        };
        let mut known = look(&somebody, TODAY, None);
        for on in TODAY.series(jiff::Span::new().days(1)).skip(1).take(400) {
            let happens = rng.u16(0..150) == 0;
            if happens {
                let gross = rng.i64(1..300).to_string();
                somebody = with_order(somebody, noon(on), &gross);
            }
            let due = known.0.wake_on.is_some_and(|wake| wake <= on);
            if happens || due {
                known = look(&somebody, on, Some(&known.0));
            }
            let fresh = look(&somebody, on, None);
            assert_eq!(known.1, fresh.1, "seed {seed}, {on}");
            compared += named.segments.len();
        }
    }
    assert!(compared >= 10_000, "{compared}");
}

#[test]
fn who_was_put_in_or_left_out_by_hand_stays_so_and_the_latest_word_counts() {
    let settings = Settings::default();
    let named = NamedSegments {
        version: 3,
        segments: vec![segment(0, read(&json!({"tag": "wholesale"})))],
    };
    let id = &named.segments[0].id;
    let placement = |hours, placed| Placement {
        at: noon(TODAY) + SignedDuration::from_hours(hours),
        placed,
        version: 3,
    };
    let placed = |node: &mut Node, placement| {
        let own = Membership {
            placed: [(id.clone(), placement)].into(),
            ..Membership::default()
        };
        node.named = own.boxed();
    };
    let within = |nodes: &[Node]| {
        let subject = Subject::of_node(&nodes[0]);
        let who = Candidate {
            nodes,
            subject,
            assessment: None,
            within: None,
            orders: &[],
            settings: &settings,
        };
        let judged = judge(&who, &named, TODAY);
        judged.within.contains(id)
    };
    let mut nodes = [node(), node()];
    assert!(within(&nodes));
    placed(&mut nodes[0], placement(0, Placed::Exclude));
    assert!(!within(&nodes));
    placed(&mut nodes[1], placement(1, Placed::Include));
    assert!(within(&nodes));
    placed(&mut nodes[0], placement(1, Placed::Exclude));
    assert!(!within(&nodes), "of one moment the more cautious counts");
    nodes[0].redact(noon(TODAY));
    assert!(within(&nodes), "who was forgotten has no say");
    nodes[1].redact(noon(TODAY));
    assert!(!within(&nodes), "and is in nothing");
}

#[test]
fn a_word_about_a_segment_that_is_gone_is_forgotten_and_one_about_a_newer_one_kept() {
    let named = NamedSegments {
        version: 5,
        segments: vec![],
    };
    let at = |version| Placement {
        at: noon(TODAY),
        placed: Placed::Include,
        version,
    };
    let id = |text| SegmentId::parse(text).unwrap();
    let mut own = Membership {
        placed: [(id("gonegone"), at(5)), (id("newernew"), at(6))].into(),
        ..Membership::default()
    };
    own.forget_the_gone(&named);
    assert_eq!(own.placed.keys().collect::<Vec<_>>(), [&id("newernew")]);
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(seed: u64) {
        let condition = read(&any_condition(&mut Rng::with_seed(seed), 4));
        prop_assert_eq!(&read(&condition.print()), &condition);
        let text = serde_json::to_string(&condition).unwrap();
        prop_assert_eq!(serde_json::from_str::<Condition>(&text).unwrap(), condition);
    }

    #[test]
    fn every_kind_of_text_is_printed_as_it_is_read(text in "[a-zäöüß .@+0-9#:-]{1,20}") {
        for name in ["name", "email", "email_domain", "phone", "order_number", "tag", "channel", "source", "shop", "named_segment"] {
            if let Ok(condition) = Condition::parse(&json!({ name: text }), "condition") {
                prop_assert_eq!(&read(&condition.print()), &condition);
            }
        }
    }

    #[test]
    fn and_or_and_not_keep_their_laws(seed: u64, days in 0_i32..600) {
        let mut rng = Rng::with_seed(seed);
        let (one, other) = (any_condition(&mut rng, 2), any_condition(&mut rng, 2));
        let somebody = anybody(&mut rng);
        let on = TODAY + jiff::Span::new().days(days);
        let holds = |value: Value| holds(&read(&value), &somebody, on);
        let (a, b) = (holds(one.clone()), holds(other.clone()));
        prop_assert_eq!(holds(json!({"not": one})), !a);
        prop_assert_eq!(holds(json!({"all": [one, other]})), a && b);
        prop_assert_eq!(holds(json!({"any": [one, other]})), a || b);
        let de_morgan = json!({"not": {"any": [{"not": one}, {"not": other}]}});
        prop_assert_eq!(holds(de_morgan), a && b);
    }

    #[test]
    fn a_range_and_its_two_sides_fill_the_line(gross in 0_i64..1000, least in 0_i64..500, more in 1_i64..500) {
        let somebody = with_order(node(), days_before(1), &gross.to_string());
        let below = least + more;
        let inside = json!({"gross": {"at_least": least, "below": below}});
        prop_assert_eq!(is(&inside, &somebody), (least..below).contains(&gross));
        let sides = json!({"any": [{"gross": {"below": least + 1}}, {"gross": {"at_least": below}}]});
        prop_assert_eq!(is(&sides, &somebody), gross <= least || gross >= below);
        let amount = Amount::whole(least).to_string();
        let exact = json!({"gross": {"at_least": amount}});
        prop_assert_eq!(is(&exact, &somebody), gross >= least);
    }

    #[test]
    fn no_json_makes_it_panic(text in r#"[\[\]{}",:a-z0-9._-]{0,60}"#) {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let read = Condition::parse(&value, "condition");
            let again = read.as_ref().map(|read| Condition::parse(&read.print(), "condition"));
            prop_assert_eq!(again.unwrap_or_else(|_| read.clone()), read);
        }
    }

    #[test]
    fn no_test_of_any_text_makes_it_panic(name in "(name|email|email_domain|phone|order_number|tag|segment|group|shop|source|gross|orders)", text in "\\PC{0,40}", number: i64) {
        for value in [json!({ &name: text }), json!({ &name: number }), json!({ &name: {"at_least": text} }), json!({ &name: {"below": number} })] {
            if let Ok(condition) = Condition::parse(&value, "condition") {
                prop_assert_eq!(&read(&condition.print()), &condition);
            }
        }
    }
}
