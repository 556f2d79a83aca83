//! Which requests there are, and which roles may make them.
//!
//! One table. A route that is not in it cannot be reached, and an entry
//! cannot be written without its roles.

use std::collections::BTreeSet;

use crate::problem::Problem;
use crate::role::Role::{self, Admin, Agent, Marketer, Sales, Viewer};

/// What a caller can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Customers by a filter.
    CustomerList,
    /// One customer with orders and returns.
    CustomerFetch,
    /// Open a case.
    CaseOpen,
    /// One case.
    CaseFetch,
    /// The settings, or the change that made a version of them.
    SettingsFetch,
    /// Change settings.
    SettingsReplace,
}

/// A route, and who may take it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The route.
    pub route: Route,
    /// Its HTTP method.
    pub method: &'static str,
    /// Its path; `{id}` stands for one segment.
    pub path: &'static str,
    /// The roles that may take it.
    pub roles: &'static [Role],
}

const EVERYBODY: &[Role] = &[Viewer, Agent, Marketer, Sales, Admin];

const fn entry(
    route: Route,
    method: &'static str,
    path: &'static str,
    roles: &'static [Role],
) -> Entry {
    Entry {
        route,
        method,
        path,
        roles,
    }
}

/// Every route.
pub const TABLE: [Entry; 6] = [
    entry(Route::CustomerList, "GET", "/v1/customers", EVERYBODY),
    entry(Route::CustomerFetch, "GET", "/v1/customers/{id}", EVERYBODY),
    entry(Route::CaseOpen, "POST", "/v1/cases", &[Agent, Sales, Admin]),
    entry(Route::CaseFetch, "GET", "/v1/cases/{id}", EVERYBODY),
    entry(Route::SettingsFetch, "GET", "/v1/settings", EVERYBODY),
    entry(Route::SettingsReplace, "PUT", "/v1/settings", &[Admin]),
];

impl Entry {
    /// Whether one of the roles may take the route.
    #[must_use]
    pub fn allows(&self, roles: &BTreeSet<Role>) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// The segment at `{id}`, empty if there is none, where the path fits.
    fn id_in<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some(before) = self.path.strip_suffix("{id}") else {
            return (path == self.path).then_some("");
        };
        let id = path.strip_prefix(before)?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }
}

/// The route of a request, and the id in its path.
pub(crate) fn find<'a>(method: &str, path: &'a str) -> Result<(&'static Entry, &'a str), Problem> {
    let here = |entry: &'static Entry| Some((entry, entry.id_in(path)?));
    let mut found = TABLE.iter().filter_map(here);
    if let Some(found) = found.clone().find(|(entry, _)| entry.method == method) {
        return Ok(found);
    }
    let methods: Vec<_> = found.by_ref().map(|(entry, _)| entry.method).collect();
    if methods.is_empty() {
        return Err(Problem::not_found("path"));
    }
    Err(Problem::method_not_allowed(methods.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Result<(Route, String), u16> {
        match find(method, path) {
            Ok((entry, id)) => Ok((entry.route, id.to_owned())),
            Err(problem) => Err(problem.status),
        }
    }

    #[test]
    fn a_path_and_a_method_lead_to_a_route() {
        let id = "abcdefgh".to_owned();
        assert_eq!(
            found("GET", "/v1/customers"),
            Ok((Route::CustomerList, String::new()))
        );
        assert_eq!(
            found("GET", "/v1/customers/abcdefgh"),
            Ok((Route::CustomerFetch, id.clone()))
        );
        assert_eq!(
            found("GET", "/v1/cases/abcdefgh"),
            Ok((Route::CaseFetch, id))
        );
        assert_eq!(
            found("PUT", "/v1/settings"),
            Ok((Route::SettingsReplace, String::new()))
        );
    }

    #[test]
    fn an_unknown_path_is_not_found_and_an_unknown_method_not_allowed() {
        for path in [
            "/",
            "",
            "/v1/customers/",
            "/v1/customers/a/b",
            "/v1/cases/",
            "/v2/customers",
        ] {
            assert_eq!(found("GET", path), Err(404), "{path}");
        }
        assert_eq!(found("DELETE", "/v1/customers/abcdefgh"), Err(405));
        assert_eq!(found("GET", "/v1/cases"), Err(405));
        let problem = find("POST", "/v1/settings").unwrap_err();
        assert_eq!(problem.allow.as_deref(), Some("GET, PUT"));
    }

    #[test]
    fn every_role_may_do_on_every_route_exactly_this() {
        // Viewer, agent, marketer, sales, admin.
        let expected = [
            (Route::CustomerList, [true, true, true, true, true]),
            (Route::CustomerFetch, [true, true, true, true, true]),
            (Route::CaseOpen, [false, true, false, true, true]),
            (Route::CaseFetch, [true, true, true, true, true]),
            (Route::SettingsFetch, [true, true, true, true, true]),
            (Route::SettingsReplace, [false, false, false, false, true]),
        ];
        assert_eq!(TABLE.len(), expected.len());
        for (route, may) in expected {
            let entry = TABLE.iter().find(|entry| entry.route == route).unwrap();
            for (role, may) in Role::ALL.into_iter().zip(may) {
                let alone = BTreeSet::from([role]);
                assert_eq!(entry.allows(&alone), may, "{role:?} on {route:?}");
            }
            assert!(!entry.allows(&BTreeSet::new()), "nobody on {route:?}");
        }
    }

    #[test]
    fn several_roles_may_do_what_any_of_them_may() {
        let entry = TABLE
            .iter()
            .find(|entry| entry.route == Route::CaseOpen)
            .unwrap();
        assert!(entry.allows(&BTreeSet::from([Viewer, Agent])));
        assert!(!entry.allows(&BTreeSet::from([Viewer, Marketer])));
    }
}
