//! What a caller asks for when opening a case.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm_domain::case::Priority;
use crm_domain::identity::ExternalId;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::fields::Fields;
use crate::problem::Problem;
use crate::request::Request;

pub(super) const CUSTOMER: &str = "must be the id of a customer";
pub(super) const ORDER: &str =
    "must be the id of one order of this customer, as {source}:{shop}:{id} or {source}:{id}";
const SUBJECT: &str = "must have from 1 to 300 characters";
const PRIORITY: &str = "must be urgent, high, normal or low";
const MOST_SUBJECT_CHARACTERS: usize = 300;

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
        let customer = fields.text("customer_id", CUSTOMER)?;
        let order = fields.optional_text("order_id", ORDER)?;
        let well_formed = |order: &String| {
            let short = order.split_once(':');
            let short = short.is_some_and(|(source, id)| ExternalId::new(source, "-", id).is_ok());
            short || ExternalId::parse(order).is_ok()
        };
        if !order.iter().all(well_formed) {
            return Err(Problem::field("order_id", ORDER));
        }
        let subject = fields.text("subject", SUBJECT)?.trim().to_owned();
        let priority = fields.text("priority", PRIORITY)?;
        fields.finish()?;
        if !(1..=MOST_SUBJECT_CHARACTERS).contains(&subject.chars().count()) {
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

/// A caller's own key for a request, which makes it safe to send again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OnceKey(String);

impl OnceKey {
    /// The key of a request that has one. It is the caller's own: the same
    /// key of somebody else is another.
    pub(super) fn of(request: Request<'_>) -> Result<Option<Self>, Problem> {
        let key = request.header("Idempotency-Key")?;
        key.map(|key| Self::new(request.caller(), key)).transpose()
    }

    fn new(caller: &str, key: &str) -> Result<Self, Problem> {
        let limit = "must have from 1 to 255 visible ASCII characters";
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible || !(1..=255).contains(&key.len()) {
            return Err(Problem::field("Idempotency-Key", limit));
        }
        Ok(Self(digest(["case", caller, key].map(str::to_owned))))
    }

    pub(super) fn digest(&self) -> &str {
        &self.0
    }
}

/// SHA-256 over the parts, each with its length before it, in base64.
fn digest<const N: usize>(parts: [String; N]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
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

    #[test]
    fn a_key_belongs_to_its_caller() {
        let key = |caller, key| OnceKey::new(caller, key).unwrap();
        assert_eq!(key("ada", "1"), key("ada", "1"));
        assert_ne!(key("ada", "1"), key("bo", "1"));
        assert_ne!(key("ada", "11"), key("ada1", "1"));
    }

    #[test]
    fn a_key_is_short_and_visible() {
        for text in ["", "a b", "ä", &"x".repeat(256)] {
            let problem = OnceKey::new("ada", text).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some("Idempotency-Key"));
        }
        assert!(OnceKey::new("ada", &"x".repeat(255)).is_ok());
    }
}
