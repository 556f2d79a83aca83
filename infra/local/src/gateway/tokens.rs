//! Who may come in: a fixed token for each role, instead of a log-in.

use std::collections::BTreeMap;

use http::Request;
use http::header::AUTHORIZATION;
use serde_json::{Map, Value, json};

/// The roles a person of the store may have.
pub const ROLES: [&str; 5] = ["admin", "agent", "marketer", "sales", "viewer"];

/// One token for each role, by role.
#[derive(Clone)]
pub struct Tokens(BTreeMap<String, String>);

impl Tokens {
    /// Tokens by role, as kept from an earlier run.
    #[must_use]
    pub fn new(by_role: BTreeMap<String, String>) -> Self {
        Self(by_role)
    }

    /// The token of a role.
    #[must_use]
    pub fn of(&self, role: &str) -> Option<&str> {
        self.0.get(role).map(String::as_str)
    }

    /// What the token of a request says about who sends it; `None` without a token that is known.
    pub(super) fn claims<B>(&self, request: &Request<B>) -> Option<Map<String, Value>> {
        let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?.trim();
        // As the JWT authorizer: the scheme may be left out.
        let token = match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            Some(_) => return None,
            None => header,
        };
        let (role, _) = self.0.iter().find(|(_, known)| *known == token)?;
        match claims(role) {
            Value::Object(claims) => Some(claims),
            _ => None,
        }
    }
}

/// Claims as API Gateway hands them on: every value a text, lists in brackets.
fn claims(role: &str) -> Value {
    json!({
        "sub": format!("local-{role}"),
        "username": role,
        "cognito:groups": format!("[{role}]"),
        "iss": "local",
        "token_use": "access",
    })
}
