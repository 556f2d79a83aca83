//! Fields of a store's own: what they allow, and what a person shows.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::customer::Node;
use crm_domain::field::{
    self, CustomField, FieldKind, Fields, Said, acquisition_source, latest, of_person, said_source,
};
use crm_domain::identity::NodeId;
use crm_domain::money::Amount;
use crm_domain::settings::Settings;
use jiff::Timestamp;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn said(value: Option<&str>, second: i64) -> Said {
    Said {
        value: value.map(str::to_owned),
        at: at(second),
        by: "agent-1".to_owned(),
    }
}

fn node(id: &str, fields: &[(&str, Option<&str>, i64)]) -> Node {
    let mut node = Node::new(NodeId::parse(id).unwrap(), None, at(0));
    for (name, value, second) in fields {
        node.fields.set(name, said(*value, *second));
    }
    node
}

fn whole(min: Option<i64>, max: Option<i64>) -> CustomField {
    CustomField {
        name: "n".to_owned(),
        kind: FieldKind::Whole,
        max_length: None,
        min: min.map(Amount::whole),
        max: max.map(Amount::whole),
        choices: Vec::new(),
    }
}

#[test]
fn the_fields_and_labels_a_store_begins_with_are_valid() {
    assert_eq!(Settings::default().validate(), Ok(()));
    let names: Vec<_> = field::defaults()
        .into_iter()
        .map(|field| field.name)
        .collect();
    assert_eq!(
        names,
        [
            "acquisition_source",
            "subscription_status",
            "loyalty_tier",
            "nps",
            "birthday"
        ]
    );
}

#[test]
fn of_several_profiles_what_was_set_last_is_shown_and_a_taking_back_is_the_last_word() {
    let settings = Settings::default();
    let shown = |nodes: &[Node]| {
        let fields = of_person(nodes, &settings);
        let (_, nps) = fields
            .into_iter()
            .find(|(field, _)| field.name == "nps")
            .unwrap();
        nps.map(|nps| nps.value.text())
    };
    let early = node("aaaaaaaa", &[("nps", Some("3"), 10)]);
    let late = node("bbbbbbbb", &[("nps", Some("8"), 20)]);
    let gone = node("cccccccc", &[("nps", None, 30)]);
    assert_eq!(shown(&[early.clone(), late.clone()]).as_deref(), Some("8"));
    assert_eq!(shown(&[late.clone(), early.clone()]).as_deref(), Some("8"));
    assert_eq!(shown(&[early.clone(), gone, late]), None);
    // What is stored and does not fit any more is as if it were not there.
    let odd = node("dddddddd", &[("nps", Some("eleven"), 40)]);
    assert_eq!(shown(&[early, odd]), None);
}

#[test]
fn how_somebody_was_won_is_known_from_what_was_said_alone() {
    let settings = Settings::default();
    let ada = node("aaaaaaaa", &[("acquisition_source", Some("event"), 10)]);
    let nodes = [ada];
    assert_eq!(
        acquisition_source(&nodes, &settings).as_deref(),
        Some("event")
    );
    let said = nodes[0].fields.get("acquisition_source");
    assert_eq!(said_source(said, &settings).as_deref(), Some("event"));
    // A store that has no such field any more goes by orders alone.
    let without = Settings {
        custom_fields: Vec::new(),
        ..Settings::default()
    };
    assert_eq!(acquisition_source(&nodes, &without), None);
    assert_eq!(said_source(said, &without), None);
}

proptest! {
    #[test]
    fn a_value_that_is_allowed_is_allowed_as_it_is_kept(text in "\\PC{0,40}") {
        for field in field::defaults().into_iter().chain([whole(None, None)]) {
            if let Some(value) = field.read(&text) {
                prop_assert_eq!(field.read(&value.text()), Some(value));
            }
        }
    }

    #[test]
    fn a_number_is_allowed_exactly_between_its_limits(
        number in -100_i64..100, min in -50_i64..50, more in 0_i64..50,
    ) {
        let field = whole(Some(min), Some(min + more));
        let allowed = field.read(&number.to_string()).is_some();
        prop_assert_eq!(allowed, (min..=min + more).contains(&number));
    }

    #[test]
    fn the_latest_is_the_same_in_whatever_order_the_profiles_come(
        told in prop::collection::vec((prop::option::of(0..3_u8), 0..5_i64), 1..6),
    ) {
        let fields: Vec<_> = told.iter().map(|(value, second)| {
            let mut fields = Fields::default();
            let value = value.map(|value| value.to_string());
            fields.set("n", said(value.as_deref(), *second));
            fields
        }).collect();
        let forth = latest(fields.iter(), "n");
        let back = latest(fields.iter().rev(), "n");
        prop_assert_eq!(forth.map(|said| &said.value), back.map(|said| &said.value));
        let newest = told.iter().map(|(_, second)| *second).max().unwrap();
        prop_assert_eq!(forth.unwrap().at, at(newest));
    }
}
