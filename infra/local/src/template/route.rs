//! Routes of the HTTP API.

use std::collections::BTreeMap;

use super::error::Result;
use super::function::{Function, pointed_at};
use super::properties::Properties;

/// One route: a method and a path that lead to a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// `GET`, ... or `ANY`.
    pub method: String,
    /// `/v1/customers/{id}`; the last part may be `{rest+}`.
    pub path: String,
    /// The logical id of its function.
    pub function: String,
    /// Whether a bearer token is needed.
    pub needs_token: bool,
}

impl Route {
    /// As `CloudFormation` writes it: `GET /v1/customers`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn read(
        mut properties: Properties,
        integrations: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let at = properties.at("RouteKey");
        let key = properties.needed("RouteKey")?;
        let (method, path) = key
            .split_once(' ')
            .filter(|(_, path)| path.starts_with('/'))
            .ok_or_else(|| at.wrong("must be a method and a path"))?;
        let at = properties.at("Target");
        let target = properties.needed("Target")?;
        let function = target
            .strip_prefix("integrations/")
            .and_then(|integration| integrations.get(integration))
            .ok_or_else(|| at.wrong(format!("{target} is no integration of this template")))?;
        let at = properties.at("AuthorizationType");
        let route = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            function: function.clone(),
            needs_token: match properties.text("AuthorizationType")?.as_deref() {
                None | Some("NONE") => false,
                Some("JWT") => true,
                Some(other) => return Err(at.wrong(format!("{other} is not supported"))),
            },
        };
        properties.finish(&["ApiId", "AuthorizerId", "OperationName"])?;
        Ok(route)
    }
}

/// The logical id of the function an integration calls.
pub(super) fn integration(
    mut properties: Properties,
    functions: &BTreeMap<String, Function>,
) -> Result<String> {
    let at = properties.at("PayloadFormatVersion");
    if properties.needed("PayloadFormatVersion")? != "2.0" {
        return Err(at.wrong("must be 2.0"));
    }
    let at = properties.at("IntegrationUri");
    let uri = properties.needed("IntegrationUri")?;
    let function = pointed_at(&at, functions, &uri)?.id.clone();
    properties.finish(&[
        "ApiId",
        "Description",
        "IntegrationMethod",
        "IntegrationType",
        "TimeoutInMillis",
    ])?;
    Ok(function)
}
