//! How the requests about customers are described.

use std::collections::BTreeMap;

use crm_domain::segment::Segment;
use schemars::JsonSchema;

use super::fields::FieldsView;
use super::sections::Section;
use super::whole::Whole;
use super::{List, MOST_ENTRIES, USUAL_ENTRIES};
use crate::contract::{ETAG, Operation, Parameter, Types};

pub(crate) fn list(types: &mut Types) -> Operation {
    Operation::new("Customers by a filter")
        .about(
            "Exactly one of `email`, `external_id` and `segment` is given. A page of a segment may \
             hold fewer entries than asked for, or none, and still have a next one.",
        )
        .query(Parameter::text("email", "An e-mail address."))
        .query(Parameter::text(
            "external_id",
            "A source's own id, as `{source}:{shop}:{id}`, or `{source}:{id}` where that is unique.",
        ))
        .query(Parameter::word(
            "segment",
            "A segment.",
            Segment::ALL.map(Segment::name),
        ))
        .query(Parameter::limit("limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("cursor"))
        .answers(200, "A page of customers.", types.shown::<List>(), &[])
        .weighed("Not exactly one filter is given, or it is none that can be searched by.")
}

pub(crate) fn fetch(types: &mut Types) -> Operation {
    let pages = |operation: Operation, name, cursor| {
        operation
            .query(Parameter::limit(name, MOST_ENTRIES, USUAL_ENTRIES))
            .query(Parameter::cursor(cursor))
    };
    let operation = Operation::new("Everything of one customer, or parts of it")
        .about(
            "By the id of any profile of theirs: ids of customers that were joined keep leading \
             there. What is not asked for is not read.",
        )
        .of("Id of a customer.")
        .query(Parameter::words(
            "sections",
            "The parts asked for, with commas; all unless said otherwise.",
            Section::ALL.map(Section::name),
        ))
        .query(Parameter::cursor("returns_cursor"));
    [
        ("orders_limit", "orders_cursor"),
        ("cases_limit", "cases_cursor"),
        ("communications_limit", "communications_cursor"),
        ("field_history_limit", "field_history_cursor"),
        ("timeline_limit", "timeline_cursor"),
    ]
    .into_iter()
    .fold(operation, |operation, (limit, cursor)| {
        pages(operation, limit, cursor)
    })
    .answers(200, "The customer.", types.shown::<Whole>(), &[ETAG])
    .weighed("A parameter belongs to a part that is not asked for.")
}

/// Which fields to set.
#[expect(dead_code, reason = "says what `fields::given` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CustomerFieldsNew", deny_unknown_fields)]
struct FieldsNew {
    /// Fields of the setting `custom_fields` and their values; null takes one back.
    #[schemars(length(min = 1), extend("minProperties" = 1))]
    fields: BTreeMap<String, Option<FieldNew>>,
}

/// A value of the form that its field asks for.
#[expect(dead_code, reason = "says what `fields::text` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CustomerFieldNew", untagged)]
enum FieldNew {
    Text(String),
    Whole(i64),
    YesNo(bool),
}

pub(crate) fn change(types: &mut Types) -> Operation {
    Operation::new("Set fields of a customer")
        .about("Those not given stay. The `ETag` of the customer follows its fields alone.")
        .of("Id of a customer.")
        .guarded()
        .body(types.given::<FieldsNew>())
        .answers(200, "All fields.", types.shown::<FieldsView>(), &[ETAG])
        .refuses(409, "The customer was forgotten.")
        .weighed("A field is none of the settings', or its value not of its form.")
}
