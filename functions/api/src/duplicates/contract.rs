//! How the requests about pairs who may be one person are described.

use crm_domain::identity::NodeId;
use crm_store::DuplicateState;
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::view::DuplicateView;
use super::{List, MOST_ENTRIES, USUAL_ENTRIES};
use crate::contract::{Operation, Parameter, Types};

/// How two customers are to become one.
#[expect(dead_code, reason = "says what `decide::Wish` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "DuplicateAccepted", deny_unknown_fields)]
struct Accepted {
    /// Whose id stays; that of who has bought more often if it is left out.
    keep: Option<NodeId>,
    /// Whether the result may have more ids of a kind than a person usually has.
    accept_limits: Option<bool>,
}

/// Nothing is asked beyond the path.
#[derive(JsonSchema)]
#[schemars(rename = "Nothing", deny_unknown_fields)]
pub(crate) struct Nothing {}

const PAIR: &str = "Id of a pair.";
const DECIDED: &str = "The pair was decided otherwise, or the two cannot be one customer.";

pub(crate) fn list(types: &mut Types) -> Operation {
    let states = [
        DuplicateState::Open,
        DuplicateState::Accepted,
        DuplicateState::Rejected,
    ];
    Operation::new("Pairs of customers who may be one person")
        .about("A page may be short and yet have a next one.")
        .query(
            Parameter::word(
                "state",
                "Where the pairs stand.",
                states.map(DuplicateState::name),
            )
            .or(DuplicateState::Open.name()),
        )
        .query(Parameter::word("sort", "What comes first.", ["score", "date"]).or("score"))
        .query(Parameter::limit("limit", MOST_ENTRIES, USUAL_ENTRIES))
        .query(Parameter::cursor("cursor"))
        .answers(200, "A page of pairs.", types.shown::<List>(), &[])
}

pub(crate) fn accept(types: &mut Types) -> Operation {
    Operation::new("Say that a pair is one person")
        .about("The two are merged. The same decision again answers the same.")
        .named("id", PAIR, pair())
        .optional_body(types.given::<Accepted>())
        .answers(200, "The pair.", types.shown::<DuplicateView>(), &[])
        .refuses(409, DECIDED)
        .weighed("`keep` is the id of neither.")
}

pub(crate) fn reject(types: &mut Types) -> Operation {
    Operation::new("Say that a pair is two persons")
        .about("They are never suggested, and never join by themselves, again.")
        .named("id", PAIR, pair())
        .optional_body(types.given::<Nothing>())
        .answers(200, "The pair.", types.shown::<DuplicateView>(), &[])
        .refuses(409, DECIDED)
}

fn pair() -> Value {
    json!({"type": "string", "pattern": "^[a-z0-9]{8,64}-[a-z0-9]{8,64}$"})
}
