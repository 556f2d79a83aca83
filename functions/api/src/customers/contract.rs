//! How the requests about customers are described.

use crm_domain::condition::Condition;
use crm_domain::consent::OptIn;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::consent::Consent;
use super::fields::FieldsView;
use super::sections::Section;
use super::whole::Whole;
use super::{List, MOST_ENTRIES, USUAL_ENTRIES, find};
use crate::contract::{ETAG, Operation, Parameter, Types};
use crate::cursor;

pub(crate) fn list(types: &mut Types) -> Operation {
    let told = Operation::new("Customers by filters").about(
        "Everyone whom all the filters let through, of which at least one is given. A page may \
         hold fewer entries than asked for, or none, and still have a next one.",
    );
    let filters = find::contract::filters().into_iter();
    filters
        .fold(told, Operation::query)
        .query(Parameter::limit("limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("cursor"))
        .answers(200, "A page of customers.", types.shown::<List>(), &[])
        .weighed("No filter is given, or one of them makes no sense.")
}

/// A condition by which customers are looked for.
#[expect(dead_code, reason = "says what `POST /v1/customers/search` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CustomerSearch", deny_unknown_fields)]
struct Asked {
    /// Who is looked for.
    condition: Condition,
    /// How many entries a page has at most.
    #[schemars(range(min = 1, max = MOST_ENTRIES))]
    limit: Option<usize>,
    /// Where the page begins: a cursor that this list gave, asked the same way.
    #[schemars(length(min = 1, max = cursor::MOST_CHARACTERS), regex(pattern = "^[A-Za-z0-9_-]+$"))]
    cursor: Option<String>,
}

pub(crate) fn search(types: &mut Types) -> Operation {
    Operation::new("Customers by a condition")
        .about("A page may hold fewer entries than asked for, or none, and still have a next one.")
        .body(types.given::<Asked>())
        .answers(200, "A page of customers.", types.shown::<List>(), &[])
        .weighed("The condition makes no sense, or has more tests than it may.")
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
    /// When it was decided, from 1900 on and not in the future; now, if left out.
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
        .weighed(
            "The date is before 1900 or in the future, or a no has a way in which it was given.",
        )
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
