//! What a caller asks for when opening a case.

use crm_domain::case::Priority;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::customers::ORDER_OF_CUSTOMER;
use crate::fields::Fields;
use crate::once::digest;
use crate::problem::Problem;

pub(super) const CUSTOMER: &str = "must be the id of a customer";
const ORDER: &str = ORDER_OF_CUSTOMER;
const SUBJECT: &str = "must have from 1 to 300 characters";
const PRIORITY: &str = "must be urgent, high, normal or low";
pub(super) const MOST_SUBJECT_CHARACTERS: usize = 300;

/// A case to be opened, as far as its form goes.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct NewCase {
    pub(super) customer: String,
    /// In its long or its short form.
    pub(super) order: Option<String>,
    pub(super) subject: String,
    pub(super) priority: Priority,
}

impl NewCase {
    pub(super) fn read(body: Map<String, Value>) -> Result<Self, Problem> {
        let mut fields = Fields::new(body);
        let customer = fields.id("customer_id", CUSTOMER)?;
        let order = fields.order("order_id", ORDER)?;
        let subject = fields.text("subject", SUBJECT)?;
        let priority = fields.text("priority", PRIORITY)?;
        fields.finish()?;
        let fits = subject.chars().count() <= MOST_SUBJECT_CHARACTERS;
        let subject = subject.trim().to_owned();
        if !fits || subject.is_empty() {
            return Err(Problem::field("subject", SUBJECT));
        }
        Ok(Self {
            customer,
            order,
            subject,
            priority: Priority::named(&priority)
                .ok_or_else(|| Problem::field("priority", PRIORITY))?,
        })
    }

    /// The same for requests that ask for the same.
    pub(super) fn digest(&self) -> String {
        digest([serde_json::to_string(self).expect("texts are JSON")])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(change: &Value) -> Map<String, Value> {
        let mut body = json!({
            "customer_id": "abcdefgh",
            "order_id": "shopify:one.example:7",
            "subject": "Where is it?",
            "priority": "URGENT",
        });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        body.as_object().unwrap().clone()
    }

    fn refused(change: &Value) -> String {
        NewCase::read(body(change))
            .unwrap_err()
            .field
            .unwrap()
            .into()
    }

    #[test]
    fn a_whole_body_is_read_and_only_the_order_may_be_left_out() {
        let new = NewCase::read(body(&json!({}))).unwrap();
        assert_eq!(new.priority, Priority::Urgent);
        assert_eq!(new.subject, "Where is it?");
        assert_eq!(
            NewCase::read(body(&json!({"order_id": null})))
                .unwrap()
                .order,
            None
        );
        for name in ["customer_id", "subject", "priority"] {
            assert_eq!(refused(&json!({name: null})), name);
            assert_eq!(refused(&json!({name: 7})), name);
        }
    }

    #[test]
    fn a_subject_has_from_one_to_three_hundred_characters() {
        for (subject, fits) in [
            ("é".repeat(300), true),
            ("é".repeat(301), false),
            (" x ".to_owned(), true),
            ("  ".to_owned(), false),
            (String::new(), false),
        ] {
            let read = NewCase::read(body(&json!({"subject": subject})));
            assert_eq!(read.is_ok(), fits, "{subject:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        assert_eq!(refused(&json!({"priority": "soon"})), "priority");
        assert_eq!(refused(&json!({"order_id": "7"})), "order_id");
        assert_eq!(refused(&json!({"colour": "red"})), "colour");
    }
}
