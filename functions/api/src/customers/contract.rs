//! How the requests about customers are described.

use crm_domain::segment::Segment;

use super::view::WholeCustomer;
use super::{List, MOST_ENTRIES, USUAL_ENTRIES};
use crate::contract::{Operation, Parameter, Types};

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
    Operation::new("One customer, with orders and returns")
        .about("By the id of any profile of theirs: ids of customers that were joined keep leading there.")
        .of("Id of a customer.")
        .query(Parameter::limit("orders_limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("orders_cursor"))
        .query(Parameter::cursor("returns_cursor"))
        .answers(200, "The customer.", types.shown::<WholeCustomer>(), &[])
}
