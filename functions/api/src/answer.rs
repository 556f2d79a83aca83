//! Answers as API Gateway takes them.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings::Body;
use crm_domain::identity::NodeId;
use serde::Serialize;

use crate::problem::Problem;

/// Personal data: nobody on the way keeps a copy.
const FOR_NOBODY: &str = "no-store";
/// What is the same for everyone, for five minutes.
const FOR_EVERYONE: &str = "public, max-age=300";

/// An answer: JSON, but for tables.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    kind: &'static str,
    body: String,
    kept: &'static str,
    headers: Vec<(&'static str, String)>,
    about: Vec<NodeId>,
}

impl Answer {
    /// 200 with a document.
    pub(crate) fn ok<T: Serialize>(document: &T) -> Self {
        Self::new(200, document)
    }

    /// 201 with the document of what was made and where to find it.
    pub(crate) fn created<T: Serialize>(document: &T, location: String) -> Self {
        Self::new(201, document).with("location", location)
    }

    /// 202 with the document of what is under way and where to look for it.
    pub(crate) fn accepted<T: Serialize>(document: &T, location: String) -> Self {
        Self::new(202, document).with("location", location)
    }

    /// 200 with a table.
    pub(crate) fn csv(body: String) -> Self {
        Self {
            status: 200,
            kind: "text/csv; charset=utf-8",
            body,
            kept: FOR_NOBODY,
            headers: Vec::new(),
            about: Vec::new(),
        }
    }

    /// 304: the caller has it, under this tag.
    pub(crate) fn not_modified(tag: String) -> Self {
        Self::json(304, String::new()).with("etag", tag)
    }

    /// 200 with a document that is written already.
    pub(crate) fn written(document: &str) -> Self {
        Self::json(200, document.to_owned())
    }

    fn new<T: Serialize>(status: u16, document: &T) -> Self {
        let body = serde_json::to_string(document).expect("an answer is plain data");
        Self::json(status, body)
    }

    fn json(status: u16, body: String) -> Self {
        Self {
            status,
            kind: "application/json",
            body,
            kept: FOR_NOBODY,
            headers: Vec::new(),
            about: Vec::new(),
        }
    }

    /// The answer as one that may be kept: it is the same for everyone.
    pub(crate) fn for_everyone(self) -> Self {
        Self {
            kept: FOR_EVERYONE,
            ..self
        }
    }

    /// The answer with a header.
    pub(crate) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The answer, and a customer it is about whom the request does not name:
    /// the audit trail names them.
    pub(crate) fn and_about(mut self, customer: &NodeId) -> Self {
        self.about.push(customer.clone());
        self
    }

    /// Customers it is about whom the request does not name.
    pub(crate) fn about(&self) -> &[NodeId] {
        &self.about
    }

    pub(crate) fn response(self) -> ApiGatewayV2httpResponse {
        response(self.status, self.kind, self.body, self.kept, self.headers)
    }
}

impl Problem {
    /// With a header that every answer has.
    pub(crate) fn response(&self, common: (&'static str, String)) -> ApiGatewayV2httpResponse {
        let body = serde_json::to_string(self).expect("a problem is plain data");
        let mut headers = vec![common];
        if let Some(allow) = &self.allow {
            headers.push(("allow", allow.to_string()));
        }
        if self.status == 503 {
            headers.push(("retry-after", "1".to_owned()));
        }
        let kind = "application/problem+json";
        response(self.status, kind, body, FOR_NOBODY, headers)
    }
}

fn response(
    status: u16,
    kind: &str,
    body: String,
    kept: &str,
    headers: Vec<(&'static str, String)>,
) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = status.into();
    response.body = Some(Body::Text(body));
    let common = [
        ("content-type", kind.to_owned()),
        ("cache-control", kept.to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    for (name, value) in common.into_iter().chain(headers) {
        let value = value.parse().expect("our headers are plain text");
        response.headers.insert(name, value);
    }
    response
}
