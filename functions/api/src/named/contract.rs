//! How the requests about named segments are described.

use crm_domain::condition::Condition;
use crm_domain::named::{MOST_NAME_CHARS, Placed, SegmentId};
use schemars::JsonSchema;

use super::members::{MOST_ENTRIES, USUAL_ENTRIES};
use super::view::{List, Members, PlacedView, SegmentView};
use crate::contract::{ETAG, LOCATION, Operation, Parameter, Types, id};
use crate::runs;

const CONDITION: &str = "The condition cannot be kept: it tests what only a search can, is too \
    long, too deep or has too many tests, or the name has space around it.";

/// A named segment as it is to be.
#[expect(dead_code, reason = "says what `Asked` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "NamedSegmentAsked", deny_unknown_fields)]
struct Named {
    /// A name that no other has, in any case.
    #[schemars(length(min = 1, max = MOST_NAME_CHARS))]
    name: String,
    /// Who is in it, told from a customer's record alone: `order_number` and
    /// `named_segment` are for searches only.
    condition: Condition,
}

/// A segment of which is asked how many would be in it.
#[expect(dead_code, reason = "says what `Naming::preview` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "NamedSegmentPreview", deny_unknown_fields)]
struct Proposed {
    /// Who would be in it.
    condition: Condition,
    /// The segment that would be changed; a new one, if left out.
    segment: Option<SegmentId>,
}

/// Where somebody is put by hand.
#[expect(dead_code, reason = "says what `Naming::place` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "NamedSegmentPlacing", deny_unknown_fields)]
struct Placing {
    placed: Placed,
}

pub(crate) fn list(types: &mut Types) -> Operation {
    Operation::new("Every named segment").answers(
        200,
        "All of them, in the order in which they were made.",
        types.shown::<List>(),
        &[],
    )
}

pub(crate) fn fetch(types: &mut Types) -> Operation {
    let told = Operation::new("One named segment, with how many are in it");
    segment(told, types)
}

pub(crate) fn create(types: &mut Types) -> Operation {
    Operation::new("Name a segment")
        .about("Everyone is put into it at once, by a run of its own.")
        .once()
        .body(types.given::<Named>())
        .answers(
            201,
            "The segment.",
            types.shown::<SegmentView>(),
            &[LOCATION, ETAG],
        )
        .refuses(
            409,
            "Another has the name, there are as many as there may be, or something else was asked \
             for with the key.",
        )
        .weighed(CONDITION)
}

pub(crate) fn replace(types: &mut Types) -> Operation {
    let told = Operation::new("Change the name or the condition of a segment")
        .about("Who enters and leaves is brought about by a run of its own.")
        .guarded()
        .body(types.given::<Named>())
        .refuses(409, "Another has the name.")
        .weighed(CONDITION);
    segment(told, types)
}

pub(crate) fn delete(types: &mut Types) -> Operation {
    Operation::new("Give up a named segment")
        .of("Id of a named segment.")
        .guarded()
        .answers(
            200,
            "The segment as it was.",
            types.shown::<SegmentView>(),
            &[],
        )
}

pub(crate) fn preview(types: &mut Types) -> Operation {
    runs::contract::asked(types, "How many would be in a named segment")
        .body(types.given::<Proposed>())
        .weighed("There is no such segment, or none could be made of the condition.")
}

pub(crate) fn members(types: &mut Types) -> Operation {
    Operation::new("Who is in a named segment")
        .about("A page may be short or empty and yet have a next one.")
        .of("Id of a named segment.")
        .query(Parameter::word(
            "placed",
            "Of whom a person decided so, instead of who is in it.",
            ["include", "exclude"],
        ))
        .query(Parameter::limit("limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("cursor"))
        .answers(200, "A page of members.", types.shown::<Members>(), &[])
}

pub(crate) fn place(types: &mut Types) -> Operation {
    let told = Operation::new("Put a customer into a segment, or leave one out")
        .about("What is decided by hand beats the condition, and is kept with the profile whose id was used.")
        .body(types.given::<Placing>());
    placed(told, types).refuses(409, "The customer was forgotten.")
}

pub(crate) fn free(types: &mut Types) -> Operation {
    let told = Operation::new("Let the condition decide again about a customer");
    placed(told, types)
}

fn segment(told: Operation, types: &mut Types) -> Operation {
    told.of("Id of a named segment.").answers(
        200,
        "The segment.",
        types.shown::<SegmentView>(),
        &[ETAG],
    )
}

fn placed(told: Operation, types: &mut Types) -> Operation {
    told.of("Id of a named segment.")
        .named("customer", "Id of a customer.", id())
        .answers(
            200,
            "What is decided by hand.",
            types.shown::<PlacedView>(),
            &[],
        )
}
