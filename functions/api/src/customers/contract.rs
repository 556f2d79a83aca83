//! How the requests about customers are described.

use crm_domain::consent::OptIn;
use crm_domain::segment::Segment;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::consent::Consent;
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
    let told = Operation::new("Everything of one customer, or parts of it")
        .about(
            "By the id of any profile of theirs: ids of customers that were joined keep leading \
             there. What is not asked for is not read.",
        )
        .of("Id of a customer.")
        .query(Parameter::words(
            "sections",
            "The parts to show, with commas; all, unless some are named.",
            Section::ALL.map(Section::name),
        ));
    let pages = Section::ALL.iter().flat_map(|section| section.parameters());
    let told = pages.fold(told, |told, name| {
        told.query(if name.ends_with("_cursor") {
            Parameter::cursor(name)
        } else {
            Parameter::limit(name, MOST_ENTRIES, USUAL_ENTRIES)
        })
    });
    told.answers(200, "The customer.", types.shown::<Whole>(), &[ETAG])
        .weighed("A page is asked for of a part that is not.")
}

/// A decision about marketing.
#[expect(dead_code, reason = "says what `Deciding` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "ConsentChange", deny_unknown_fields)]
struct Decide {
    state: To,
    /// How a yes was given.
    opt_in: Option<OptIn>,
    /// When it was decided, which is not in the future; now, if left out.
    decided_at: Option<Timestamp>,
}

#[expect(dead_code, reason = "says what `Deciding` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "ConsentTo", rename_all = "snake_case")]
enum To {
    Given,
    Withdrawn,
}

pub(crate) fn decide(types: &mut Types) -> Operation {
    let media = json!({"type": "string", "enum": ["email", "sms", "whatsapp"]});
    Operation::new("Tell what a customer decided about marketing")
        .about(
            "Kept at its own date with the source `staff`, beside what shops tell; the newest \
             dated decision holds. Without a date the same once more changes nothing.",
        )
        .of("Id of a customer.")
        .named("medium", "How they are reached.", media)
        .body(types.given::<Decide>())
        .answers(200, "How consent stands.", types.shown::<Consent>(), &[])
        .refuses(409, "The customer was forgotten.")
        .weighed("Only a yes has a way in which it was given.")
}

/// Fields to be set.
#[expect(dead_code, reason = "says what `PATCH /v1/customers/{id}` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CustomerChange", deny_unknown_fields)]
struct Change {
    /// Values by the name of a field, as the setting `custom_fields` has them;
    /// null takes one back. What is not named stays.
    #[schemars(extend("minProperties" = 1))]
    fields: Map<String, Value>,
}

pub(crate) fn change(types: &mut Types) -> Operation {
    Operation::new("Set fields of a customer")
        .about("The value set last counts, whichever profile of the customer it was set at.")
        .of("Id of a customer.")
        .guarded()
        .body(types.given::<Change>())
        .answers(200, "The fields.", types.shown::<FieldsView>(), &[ETAG])
        .refuses(409, "The customer was forgotten.")
        .weighed("There is no such field, or it cannot have that value.")
}
