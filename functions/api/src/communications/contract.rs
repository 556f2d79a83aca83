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

/// What was said.
#[expect(dead_code, reason = "says what `new::New` reads")]
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
    /// Now, if it is left out; not in the future.
    at: Option<Timestamp>,
    /// The order it is about, as `{source}:{shop}:{id}` or `{source}:{id}`.
    #[schemars(length(max = MOST_ORDER_CHARACTERS), regex(pattern = ORDER))]
    order_id: Option<String>,
    /// The case it is about.
    case_id: Option<NodeId>,
}

/// The new words; what is left out stays.
#[expect(dead_code, reason = "says what `change::words` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CommunicationWords", deny_unknown_fields)]
struct Words {
    #[schemars(length(max = MOST_SUBJECT_CHARS))]
    subject: Option<String>,
    #[schemars(length(min = 1, max = MOST_BODY_CHARS), regex(pattern = r"\S"))]
    body: Option<String>,
}

const COMMUNICATION: &str = "Id of what somebody added.";

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
        .refuses(
            409,
            "The customer was forgotten, or the key was used otherwise.",
        )
        .weighed("A direction does not fit, a time is to come, or an order or case is not theirs.")
}

pub(crate) fn list(types: &mut Types) -> Operation {
    Operation::new("What was said, the latest first")
        .about("With its texts. Internal comments are for those who work with customers: a page may be short for others.")
        .of("Id of a customer.")
        .query(Parameter::limit("limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("cursor"))
        .answers(200, "A page.", types.shown::<List>(), &[])
}

pub(crate) fn fetch(types: &mut Types) -> Operation {
    Operation::new("One thing that was said, with what it said before")
        .of(COMMUNICATION)
        .answers(200, "It.", types.shown::<WholeView<'_>>(), &[ETAG])
}

pub(crate) fn correct(types: &mut Types) -> Operation {
    Operation::new("Put its wording right")
        .about("Its author may, or an admin; what it was before is kept.")
        .of(COMMUNICATION)
        .guarded()
        .body(types.given::<Words>())
        .answers(
            200,
            "It, as it is now.",
            types.shown::<WholeView<'_>>(),
            &[ETAG],
        )
        .refuses(
            409,
            "The customer was forgotten, or it was put right ten times.",
        )
        .weighed("Neither subject nor body is given.")
}
