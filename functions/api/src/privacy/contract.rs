//! How the requests about what people asked of themselves are described.

use schemars::JsonSchema;
use serde_json::json;

use super::document::{Document, Facts};
use super::view::RequestView;
use super::{List, MOST_ENTRIES, USUAL_ENTRIES};
use crate::contract::{LOCATION, Operation, Parameter, Types};
use crate::duplicates::contract::Nothing;

/// Whom a request is to be about.
#[expect(dead_code, reason = "says what `scope` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "PrivacyCarryOut", deny_unknown_fields)]
struct CarryOut {
    /// The shop's customer alone, unless said otherwise.
    scope: Option<Whom>,
}

#[expect(dead_code, reason = "says what `scope` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "PrivacyScope", rename_all = "snake_case")]
enum Whom {
    /// The shop's customer alone.
    Node,
    /// Everyone known to be the same.
    Person,
}

pub(crate) fn list(types: &mut Types) -> Operation {
    Operation::new("What people asked about themselves")
        .about("In no particular order.")
        .query(Parameter::limit("limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("cursor"))
        .answers(200, "A page of requests.", types.shown::<List>(), &[])
}

pub(crate) fn document(types: &mut Types) -> Operation {
    let schema = json!({"anyOf": [types.shown::<Document>(), types.shown::<Facts>()]});
    Operation::new("Everything held of whoever asked")
        .about("Gathered when it is read, up to 4 MB a page; later pages have more facts alone.")
        .of("Id of a request for one's data.")
        .query(Parameter::cursor("cursor"))
        .answers(200, "The document, or more of its facts.", schema, &[])
        .refuses(409, "It is not certain whose data is meant.")
}

pub(crate) fn carry_out(types: &mut Types) -> Operation {
    let request = types.shown::<RequestView>();
    Operation::new(
        "Carry a request out that waits for somebody, or note that its document was handed over",
    )
    .about("Carrying it out again changes nothing.")
    .of("Id of a request.")
    .optional_body(types.given::<CarryOut>())
    .answers(200, "The request, which is done.", request.clone(), &[])
    .answers(
        202,
        "The request, which is worked on elsewhere.",
        request,
        &[LOCATION],
    )
    .refuses(409, "It was declined.")
}

pub(crate) fn decline(types: &mut Types) -> Operation {
    Operation::new("Decide that nobody who was found is meant")
        .about("Nothing is done to them. Declining again changes nothing.")
        .of("Id of a request that waits for somebody.")
        .optional_body(types.given::<Nothing>())
        .answers(
            200,
            "The request, which is declined and names nobody.",
            types.shown::<RequestView>(),
            &[],
        )
        .refuses(409, "It does not wait for anybody.")
}
