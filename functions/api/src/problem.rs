//! What went wrong, told so that a caller can mend it (RFC 9457).
//!
//! A problem names the field and its limit. It never repeats a value: what
//! was sent may be personal, and answers end up in other people's logs.

use crm_lambda::SecretError;
use crm_store::StoreError;
use schemars::JsonSchema;
use serde::Serialize;

/// An `application/problem+json` document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    detail: Box<str>,
    /// The parameter, header or field it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<Box<str>>,
    /// What the field must be.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Box<str>>,
    /// Methods the path knows, for the header of that name.
    #[serde(skip)]
    pub(crate) allow: Option<Box<str>>,
}

/// Why a request has no answer of its own.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The caller's doing.
    Problem(Problem),
    /// Ours, or the tables'.
    Store(StoreError),
    /// The secret's that cursors are sealed by.
    Secret(SecretError),
    /// The queue's.
    Queue(Box<dyn std::error::Error + Send + Sync>),
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SecretError> for Trouble {
    fn from(error: SecretError) -> Self {
        Self::Secret(error)
    }
}

impl Problem {
    fn new(status: u16, title: &'static str, detail: impl Into<Box<str>>) -> Self {
        Self {
            kind: "about:blank",
            title,
            status,
            detail: detail.into(),
            field: None,
            limit: None,
            allow: None,
        }
    }

    /// A field, parameter or header that is not as it must be.
    pub(crate) fn field(field: &str, limit: &str) -> Self {
        Self::bad_request(format!("{field} {limit}")).about(field, limit)
    }

    /// A request that makes no sense as a whole.
    pub(crate) fn bad_request(detail: impl Into<Box<str>>) -> Self {
        Self::new(400, "Bad Request", detail)
    }

    /// A field that is as it must be, and yet makes no sense with the others
    /// or with what there is.
    pub(crate) fn senseless(field: &str, limit: &str) -> Self {
        let detail = format!("{field} {limit}");
        Self::new(422, "Unprocessable Content", detail).about(field, limit)
    }

    /// The caller's roles do not allow it.
    pub(crate) fn forbidden() -> Self {
        Self::new(403, "Forbidden", "your roles do not allow this")
    }

    /// There is no such thing.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, "Not Found", format!("there is no such {what}"))
    }

    /// What a field leads to is not there yet.
    pub(crate) fn missing(field: &str, limit: &str) -> Self {
        Self::new(404, "Not Found", format!("{field} {limit}")).about(field, limit)
    }

    /// The path is there, but not for this method.
    pub(crate) fn method_not_allowed(allow: String) -> Self {
        let problem = Self::new(405, "Method Not Allowed", format!("use {allow}"));
        Self {
            allow: Some(allow.into()),
            ..problem
        }
    }

    /// Something else happened in between.
    pub(crate) fn conflict(field: &str, limit: &str) -> Self {
        Self::new(409, "Conflict", format!("{field} {limit}")).about(field, limit)
    }

    /// `If-Match` does not match.
    pub(crate) fn precondition_failed(limit: &str) -> Self {
        let field = "If-Match";
        Self::new(412, "Precondition Failed", format!("{field} {limit}")).about(field, limit)
    }

    /// The body is too long.
    pub(crate) fn too_large(limit: &str) -> Self {
        Self::new(413, "Content Too Large", format!("body {limit}")).about("body", limit)
    }

    /// The body is not JSON.
    pub(crate) fn unsupported_media_type() -> Self {
        let limit = "must be application/json";
        let problem = Self::new(
            415,
            "Unsupported Media Type",
            format!("Content-Type {limit}"),
        );
        problem.about("Content-Type", limit)
    }

    /// Something we stand on is away for a moment.
    pub(crate) fn unavailable() -> Self {
        Self::new(503, "Service Unavailable", "try again in a moment")
    }

    /// Our own fault.
    pub(crate) fn of(error: &StoreError) -> Self {
        if error.is_retryable() {
            return Self::unavailable();
        }
        Self::new(
            500,
            "Internal Server Error",
            "this is our fault, and we were told",
        )
    }

    /// The same problem, of an entry of a list.
    pub(crate) fn within(self, list: &str, place: usize) -> Self {
        let (Some(field), Some(limit)) = (&self.field, &self.limit) else {
            return self;
        };
        let named = format!("{list}.{place}.{field}");
        let detail = format!("{named} {limit}");
        Self {
            detail: detail.into(),
            ..self.clone().about(&named, limit)
        }
    }

    fn about(mut self, field: &str, limit: &str) -> Self {
        self.field = Some(field.into());
        self.limit = Some(limit.into());
        self
    }
}

/// A name out of a request as it may be repeated: it has to look like a name
/// of ours, for a caller may have put anything in its place.
pub(crate) fn repeatable(name: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if !name.is_empty() && name.len() <= 64 && name.chars().all(plain) {
        name
    } else {
        "(a name we do not repeat)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_field_and_its_limit() {
        let problem = Problem::field("subject", "must have from 1 to 300 characters");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "detail": "subject must have from 1 to 300 characters",
                "field": "subject",
                "limit": "must have from 1 to 300 characters",
            })
        );
    }

    #[test]
    fn a_name_that_may_be_personal_is_not_repeated() {
        assert_eq!(repeatable("rfm.recency_days"), "rfm.recency_days");
        for name in ["ada@example.com", "", "Ada Lovelace", &"a".repeat(65)] {
            assert_eq!(repeatable(name), "(a name we do not repeat)");
        }
    }
}
