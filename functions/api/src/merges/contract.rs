//! How the requests that make one customer of two are described.

use crm_domain::identity::NodeId;
use schemars::JsonSchema;

use super::view::{MergeView, PreviewView};
use crate::contract::{ETAG, LOCATION, Operation, Types};

/// With whom to merge.
#[expect(dead_code, reason = "says what `asked::Whom` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "MergeAsked", deny_unknown_fields)]
struct Asked {
    /// Id of the customer who becomes part of the other.
    with: NodeId,
    /// Whether the result may have more ids of a kind than a person usually has.
    accept_limits: Option<bool>,
}

/// Which merge to take back.
#[expect(dead_code, reason = "says what `asked::ask_unmerge` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "UnmergeAsked", deny_unknown_fields)]
struct AskedBack {
    /// Id of a merge of this customer.
    merge_id: NodeId,
}

const NOBODY: &str = "`with` is nobody's id.";

pub(crate) fn preview(types: &mut Types) -> Operation {
    Operation::new("The customer that a merge would make")
        .about("Nothing is made.")
        .of("Id of the customer whose id would stay.")
        .body(types.given::<Asked>())
        .answers(
            200,
            "The customer there would be.",
            types.shown::<PreviewView>(),
            &[ETAG],
        )
        .refuses(409, "The two cannot be one customer, or one was forgotten.")
        .weighed(NOBODY)
}

pub(crate) fn merge(types: &mut Types) -> Operation {
    Operation::new("Make another customer part of this one")
        .about(
            "`If-Match` with the preview's `ETag` makes sure that the two are as they were seen.",
        )
        .of("Id of the customer whose id stays.")
        .once()
        .guarded()
        .body(types.given::<Asked>())
        .answers(201, "The merge.", types.shown::<MergeView>(), &[LOCATION])
        .refuses(
            409,
            "The two cannot be one customer, one was forgotten, limits are exceeded, or the key was \
             used otherwise.",
        )
        .weighed(NOBODY)
}

pub(crate) fn unmerge(types: &mut Types) -> Operation {
    Operation::new("Take a merge back")
        .about("Taking it back again changes nothing.")
        .of("Id of the customer that the merge made.")
        .body(types.given::<AskedBack>())
        .answers(
            200,
            "The merge, as it ended.",
            types.shown::<MergeView>(),
            &[],
        )
        .weighed("`merge_id` is no merge of this customer.")
}
