//! What a caller asks for when merging, or taking a merge back.

use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::once::digest;
use crate::problem::Problem;

pub(super) const WITH: &str = "must be the id of another customer";
pub(super) const MERGE: &str = "must be the id of a merge of this customer";

/// With whom to merge.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Whom {
    pub(super) with: String,
    /// Whether the result may have more of a kind than a person usually has.
    pub(super) accept_limits: bool,
}

impl Whom {
    pub(super) fn read(body: Map<String, Value>) -> Result<Self, Problem> {
        let mut fields = Fields::new(body);
        let with = fields.id("with", WITH)?;
        let accept_limits = fields.flag("accept_limits")?;
        fields.finish()?;
        Ok(Self {
            with,
            accept_limits,
        })
    }

    /// The same for requests that ask for the same.
    pub(super) fn digest(&self, customer: &str) -> String {
        let accepted = self.accept_limits.to_string();
        digest([customer.to_owned(), self.with.clone(), accepted])
    }
}

/// Id of the merge to take back.
pub(super) fn ask_unmerge(body: Map<String, Value>) -> Result<String, Problem> {
    let mut fields = Fields::new(body);
    let merge = fields.id("merge_id", MERGE)?;
    fields.finish()?;
    Ok(merge)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Whom, String> {
        let body = body.as_object().unwrap().clone();
        Whom::read(body).map_err(|problem| problem.field.unwrap().into())
    }

    #[test]
    fn limits_are_accepted_only_by_saying_so() {
        let whom = |body: &Value| read(body).map(|whom| whom.accept_limits);
        assert_eq!(whom(&json!({"with": "abcdefgh"})), Ok(false));
        let accepting = json!({"with": "abcdefgh", "accept_limits": true});
        assert_eq!(whom(&accepting), Ok(true));
        let refused = json!({"with": "abcdefgh", "accept_limits": "yes"});
        assert_eq!(whom(&refused), Err("accept_limits".to_owned()));
        assert_eq!(whom(&json!({})), Err("with".to_owned()));
        let misspelt = json!({"with": "abcdefgh", "accept_limit": true});
        assert_eq!(whom(&misspelt), Err("accept_limit".to_owned()));
    }

    #[test]
    fn the_other_way_round_is_another_request() {
        let whom = |with: &str| Whom {
            with: with.to_owned(),
            accept_limits: false,
        };
        assert_ne!(
            whom("bbbbbbbb").digest("aaaaaaaa"),
            whom("aaaaaaaa").digest("bbbbbbbb")
        );
    }
}
