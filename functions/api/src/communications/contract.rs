//! How the requests about what was said are described.

use crm_domain::communication::{
    CommunicationKind, Direction, MOST_BODY_CHARS, MOST_SUBJECT_CHARS,
};
use crm_domain::identity::NodeId;
use jiff::Timestamp;
use schemars::JsonSchema;

use super::view::{List, WholeView};
use super::{MOST_ENTRIES, USUAL_ENTRIES};
use crate::contract::{ETAG, LOCATION, Operation, Parameter, Types};
use crate::fields::{MOST_ORDER_CHARACTERS, ORDER};

/// What was said, to be added.
#[expect(dead_code, reason = "says what `New` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CommunicationNew", deny_unknown_fields)]
struct New {
    kind: CommunicationKind,
    /// Of an e-mail or a call, and of no other.
    direction: Option<Direction>,
    #[schemars(length(max = MOST_SUBJECT_CHARS))]
    subject: Option<String>,
    #[schemars(length(min = 1, max = MOST_BODY_CHARS), regex(pattern = r"\S"))]
    body: String,
    /// When it was said, from 1970 on and not in the future; now, if left out.
    at: Option<Timestamp>,
    /// The order it is about, as `{source}:{shop}:{id}` or `{source}:{id}`.
    #[schemars(length(max = MOST_ORDER_CHARACTERS), regex(pattern = ORDER))]
    order_id: Option<String>,
    /// The case it is about.
    case_id: Option<NodeId>,
}

/// Another wording; what is left out stays.
#[expect(dead_code, reason = "says what `Words` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CommunicationCorrection", deny_unknown_fields)]
struct Correction {
    #[schemars(length(max = MOST_SUBJECT_CHARS))]
    subject: Option<String>,
    #[schemars(length(min = 1, max = MOST_BODY_CHARS), regex(pattern = r"\S"))]
    body: Option<String>,
}

pub(crate) fn add(types: &mut Types) -> Operation {
    Operation::new("Add what was said")
        .of("Id of a customer.")
        .once()
        .body(types.given::<New>())
        .answers(
            201,
            "What was added.",
            types.shown::<WholeView<'_>>(),
            &[LOCATION, ETAG],
        )
        .weighed("There is no such order or case of the customer's, or it was said in the future.")
}

pub(crate) fn list(types: &mut Types) -> Operation {
    Operation::new("What was said, the latest first")
        .about(
            "Messages of the system and what somebody added. A page may be short for somebody who \
             does not see internal comments.",
        )
        .of("Id of a customer.")
        .query(Parameter::limit("limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("cursor"))
        .answers(200, "A page.", types.shown::<List>(), &[])
}

pub(crate) fn fetch(types: &mut Types) -> Operation {
    Operation::new("One thing that was said, with what it said before")
        .of("Id of what somebody added.")
        .answers(200, "It.", types.shown::<WholeView<'_>>(), &[ETAG])
}

pub(crate) fn correct(types: &mut Types) -> Operation {
    Operation::new("Put its wording right")
        .about("Its author does, or an admin. What it said before is kept.")
        .of("Id of what somebody added.")
        .guarded()
        .body(types.given::<Correction>())
        .answers(200, "It.", types.shown::<WholeView<'_>>(), &[ETAG])
        .refuses(
            409,
            "It was put right ten times, or the customer was forgotten.",
        )
        .weighed("Nothing is given to put right.")
}
