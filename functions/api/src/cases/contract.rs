//! How the requests about cases are described.

use crm_domain::case::Priority;
use crm_domain::identity::NodeId;
use crm_domain::settings::LAST_VERSION;
use schemars::JsonSchema;

use super::new::MOST_SUBJECT_CHARACTERS;
use super::view::CaseView;
use crate::contract::{ETAG, LOCATION, Operation, Types};
use crate::fields::{MOST_ORDER_CHARACTERS, ORDER};

/// A case to be opened.
#[expect(dead_code, reason = "says what `NewCase` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CaseNew", deny_unknown_fields)]
struct New {
    /// Whom it is about.
    customer_id: NodeId,
    /// The order it is about, as `{source}:{shop}:{id}` or `{source}:{id}`.
    #[schemars(length(max = MOST_ORDER_CHARACTERS), regex(pattern = ORDER))]
    order_id: Option<String>,
    /// What it is about, in the customer's words.
    #[schemars(length(min = 1, max = MOST_SUBJECT_CHARACTERS), regex(pattern = r"\S"))]
    subject: String,
    /// How pressing it is.
    priority: Priority,
}

/// Where a case goes.
#[expect(dead_code, reason = "says what `Moving` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CaseMove", deny_unknown_fields)]
struct Move {
    status: To,
    /// The version of the case that was seen.
    #[schemars(range(max = LAST_VERSION))]
    version: Option<u64>,
}

#[expect(dead_code, reason = "says what `Moving` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "CaseMoveTo")]
enum To {
    #[schemars(rename = "In Progress")]
    InProgress,
    #[schemars(rename = "Waiting on Customer")]
    WaitingOnCustomer,
    Escalated,
    Resolved,
    Closed,
}

pub(crate) fn move_on(types: &mut Types) -> Operation {
    Operation::new("Move a case on")
        .about(
            "An open case may go to any of these. What is resolved may be in progress again \
             within 14 days, what is closed stays so. Where it is already is no change.",
        )
        .of("Id of a case.")
        .guarded()
        .body(types.given::<Move>())
        .answers(200, "The case.", types.shown::<CaseView<'_>>(), &[ETAG])
        .refuses(
            409,
            "It cannot go there, or `version` is not that of the case.",
        )
}

pub(crate) fn open(types: &mut Types) -> Operation {
    Operation::new("Open a case")
        .about("An open case counts for its customer's health at once.")
        .once()
        .body(types.given::<New>())
        .answers(
            201,
            "The case.",
            types.shown::<CaseView<'_>>(),
            &[LOCATION, ETAG],
        )
        .weighed("There is no such customer, or no such order of theirs.")
}

pub(crate) fn fetch(types: &mut Types) -> Operation {
    Operation::new("One case").of("Id of a case.").answers(
        200,
        "The case.",
        types.shown::<CaseView<'_>>(),
        &[ETAG],
    )
}
