//! How the requests about cases are described.

use crm_domain::case::Priority;
use crm_domain::identity::NodeId;
use schemars::JsonSchema;

use super::new::MOST_SUBJECT_CHARACTERS;
use super::view::CaseView;
use crate::contract::{LOCATION, Operation, Types};
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

pub(crate) fn open(types: &mut Types) -> Operation {
    Operation::new("Open a case")
        .about("An open case counts for its customer's health at once.")
        .once()
        .body(types.given::<New>())
        .answers(201, "The case.", types.shown::<CaseView<'_>>(), &[LOCATION])
        .weighed("There is no such customer, or no such order of theirs.")
}

pub(crate) fn fetch(types: &mut Types) -> Operation {
    Operation::new("One case").of("Id of a case.").answers(
        200,
        "The case.",
        types.shown::<CaseView<'_>>(),
        &[],
    )
}
