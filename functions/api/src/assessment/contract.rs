//! How the requests about what a customer is, and was, are described.

use serde_json::json;

use super::history::{History, MOST_ENTRIES, USUAL_ENTRIES};
use super::view::{Live, ToldThen};
use crate::contract::{Operation, Parameter, Types};

pub(crate) fn history(types: &mut Types) -> Operation {
    Operation::new("Every change of group, stage, VIP and health, the newest first")
        .of("Id of a customer.")
        .query(Parameter::limit("limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("cursor"))
        .answers(200, "A page of changes.", types.shown::<History>(), &[])
}

pub(crate) fn fetch(types: &mut Types) -> Operation {
    let schema = json!({"anyOf": [types.shown::<Live<'_>>(), types.shown::<ToldThen<'_>>()]});
    Operation::new("What a customer is, or was on a date, and why")
        .of("Id of a customer.")
        .query(Parameter::date(
            "on",
            "What the customer was found to be on that date.",
        ))
        .query(Parameter::date(
            "as_of",
            "What the customer would have been by the orders, settings and joins known today; \
             a run must have looked at the date.",
        ))
        .answers(200, "The evaluation.", schema, &[])
        .weighed("`on` and `as_of` are both given, or `on` is after today.")
}
