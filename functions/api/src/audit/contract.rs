//! How the request for who did what is described.

use super::list::{List, MOST_ENTRIES, USUAL_ENTRIES};
use crate::contract::{Operation, Parameter, Types, id};

pub(crate) fn list(types: &mut Types) -> Operation {
    Operation::new("Who looked at whom and changed what, the newest first")
        .about(
            "Dates are UTC. The last 7 days, if not said otherwise; 31 at most without `person`.",
        )
        .query(Parameter::new("person", "Of this customer alone.", id()))
        .query(Parameter::date("from", "The first date."))
        .query(Parameter::date("to", "The last date."))
        .query(Parameter::limit("limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("cursor"))
        .answers(200, "A page of entries.", types.shown::<List>(), &[])
        .weighed("`to` is before `from`, or too long after it.")
}
