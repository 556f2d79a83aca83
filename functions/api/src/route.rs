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
    /// What can be asked for, and how it is answered.
    ContractFetch,
    /// Customers by a filter.
    CustomerList,
    /// Customers by a condition.
    CustomerSearch,
    /// Everything of one customer, or parts of it.
    CustomerFetch,
    /// Set fields of a customer.
    CustomerChange,
    /// Add what was said.
    CommunicationAdd,
    /// What was said, the latest first.
    CommunicationList,
    /// One thing that was said.
    CommunicationFetch,
    /// Put its wording right.
    CommunicationCorrect,
    /// Tell what a customer decided about marketing.
    ConsentReplace,
    /// What a customer has been, and when and why that changed.
    CustomerHistory,
    /// What a customer is, or was on a date, and why.
    CustomerAssessment,
    /// What merging a customer with another would make.
    MergePreview,
    /// Make another customer part of one.
    CustomerMerge,
    /// Take a merge back.
    CustomerUnmerge,
    /// Pairs of customers who may be one person.
    DuplicateList,
    /// Compare everyone with everyone who has something in common.
    DuplicateSearch,
    /// A pair is one person.
    DuplicateAccept,
    /// A pair is two.
    DuplicateReject,
    /// Open a case.
    CaseOpen,
    /// One case.
    CaseFetch,
    /// Move a case on.
    CaseMove,
    /// The settings, or the change that made a version of them.
    SettingsFetch,
    /// Change settings.
    SettingsReplace,
    /// Who would change by other settings.
    SettingsCompare,
    /// Everyone anew, or as of a date.
    SegmentsRefresh,
    /// How far a run is, and what came of it.
    RunFetch,
    /// Everyone's assessment as a table.
    AssessmentsExport,
    /// Any list of customers as a table.
    CustomersExport,
    /// Customers by a condition as a table.
    SearchExport,
    /// Every named segment.
    NamedList,
    /// A new named segment.
    NamedCreate,
    /// How many would be in a named segment.
    NamedPreview,
    /// One named segment.
    NamedFetch,
    /// Change a named segment.
    NamedReplace,
    /// Give a named segment up.
    NamedDelete,
    /// Who is in a named segment.
    NamedMembers,
    /// Put a customer into a named segment or leave them out, by hand.
    MemberPlace,
    /// Take that back.
    MemberFree,
    /// Tell what products cost.
    CostsReplace,
    /// What a product costs.
    CostFetch,
    /// Tell what was spent in a month on a channel.
    SpendReplace,
    /// What was spent.
    SpendList,
    /// What customers of each channel come to and cost.
    ChannelList,
    /// The figures of a pass.
    PopulationFetch,
    /// What people asked about themselves.
    PrivacyList,
    /// Everything held of whoever asked.
    PrivacyDocument,
    /// Carry a request out that waits for somebody.
    PrivacyCarryOut,
    /// Nobody who was found is meant by it.
    PrivacyDecline,
    /// Who looked at whom and changed what.
    AuditList,
}

impl Route {
    /// Whether what it changes has a tag that a caller may name (`If-Match`).
    #[must_use]
    pub fn is_guarded(self) -> bool {
        matches!(
            self,
            Self::CustomerChange
                | Self::CommunicationCorrect
                | Self::CustomerMerge
                | Self::CaseMove
                | Self::SettingsReplace
                | Self::SettingsCompare
                | Self::NamedReplace
                | Self::NamedDelete
                | Self::SpendReplace
        )
    }
}

/// A route, and who may take it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The route.
    pub route: Route,
    /// Its HTTP method.
    pub method: &'static str,
    /// Its path; a name in braces stands for one segment.
    pub path: &'static str,
    /// The roles that may take it; none where everyone may, without a token.
    pub roles: &'static [Role],
}

const EVERYBODY: &[Role] = &[Viewer, Agent, Marketer, Sales, Admin];

/// Whoever works with customers.
const WORKING: &[Role] = &[Agent, Marketer, Sales, Admin];

/// No roles: whoever asks, without a token.
const OPEN: &[Role] = &[];

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
pub const TABLE: [Entry; 50] = [
    // For everyone: it holds nothing of the store, and programs read it
    // before they have a token.
    entry(Route::ContractFetch, "GET", "/v1/openapi.json", OPEN),
    entry(Route::CustomerList, "GET", "/v1/customers", EVERYBODY),
    entry(
        Route::CustomerSearch,
        "POST",
        "/v1/customers/search",
        EVERYBODY,
    ),
    entry(
        Route::CustomersExport,
        "GET",
        "/v1/exports/customers.csv",
        &[Marketer, Sales, Admin],
    ),
    entry(
        Route::SearchExport,
        "POST",
        "/v1/exports/customers.csv",
        &[Marketer, Sales, Admin],
    ),
    entry(Route::NamedList, "GET", "/v1/named-segments", EVERYBODY),
    entry(
        Route::NamedCreate,
        "POST",
        "/v1/named-segments",
        &[Marketer, Sales, Admin],
    ),
    entry(
        Route::NamedPreview,
        "POST",
        "/v1/named-segments/preview",
        &[Marketer, Sales, Admin],
    ),
    entry(
        Route::NamedFetch,
        "GET",
        "/v1/named-segments/{id}",
        EVERYBODY,
    ),
    entry(
        Route::NamedReplace,
        "PUT",
        "/v1/named-segments/{id}",
        &[Marketer, Sales, Admin],
    ),
    entry(
        Route::NamedDelete,
        "DELETE",
        "/v1/named-segments/{id}",
        &[Marketer, Sales, Admin],
    ),
    entry(
        Route::NamedMembers,
        "GET",
        "/v1/named-segments/{id}/members",
        EVERYBODY,
    ),
    entry(
        Route::MemberPlace,
        "PUT",
        "/v1/named-segments/{id}/members/{customer}",
        &[Marketer, Sales, Admin],
    ),
    entry(
        Route::MemberFree,
        "DELETE",
        "/v1/named-segments/{id}/members/{customer}",
        &[Marketer, Sales, Admin],
    ),
    entry(Route::CustomerFetch, "GET", "/v1/customers/{id}", EVERYBODY),
    entry(
        Route::CustomerChange,
        "PATCH",
        "/v1/customers/{id}",
        WORKING,
    ),
    entry(
        Route::CommunicationAdd,
        "POST",
        "/v1/customers/{id}/communications",
        WORKING,
    ),
    entry(
        Route::CommunicationList,
        "GET",
        "/v1/customers/{id}/communications",
        EVERYBODY,
    ),
    entry(
        Route::CommunicationFetch,
        "GET",
        "/v1/communications/{id}",
        EVERYBODY,
    ),
    entry(
        Route::CommunicationCorrect,
        "PATCH",
        "/v1/communications/{id}",
        WORKING,
    ),
    entry(
        Route::ConsentReplace,
        "PUT",
        "/v1/customers/{id}/consent/{medium}",
        &[Agent, Marketer, Sales, Admin],
    ),
    entry(
        Route::CustomerHistory,
        "GET",
        "/v1/customers/{id}/history",
        EVERYBODY,
    ),
    entry(
        Route::CustomerAssessment,
        "GET",
        "/v1/customers/{id}/assessment",
        EVERYBODY,
    ),
    entry(
        Route::MergePreview,
        "POST",
        "/v1/customers/{id}/merge/preview",
        &[Agent, Sales, Admin],
    ),
    entry(
        Route::CustomerMerge,
        "POST",
        "/v1/customers/{id}/merge",
        &[Agent, Sales, Admin],
    ),
    entry(
        Route::CustomerUnmerge,
        "POST",
        "/v1/customers/{id}/unmerge",
        &[Agent, Sales, Admin],
    ),
    entry(Route::DuplicateList, "GET", "/v1/duplicates", EVERYBODY),
    entry(
        Route::DuplicateSearch,
        "POST",
        "/v1/duplicates/search",
        &[Admin],
    ),
    entry(
        Route::DuplicateAccept,
        "POST",
        "/v1/duplicates/{id}/accept",
        &[Agent, Sales, Admin],
    ),
    entry(
        Route::DuplicateReject,
        "POST",
        "/v1/duplicates/{id}/reject",
        &[Agent, Sales, Admin],
    ),
    entry(Route::CaseOpen, "POST", "/v1/cases", &[Agent, Sales, Admin]),
    entry(Route::CaseFetch, "GET", "/v1/cases/{id}", EVERYBODY),
    entry(
        Route::CaseMove,
        "POST",
        "/v1/cases/{id}/status",
        &[Agent, Sales, Admin],
    ),
    entry(Route::SettingsFetch, "GET", "/v1/settings", EVERYBODY),
    entry(Route::SettingsReplace, "PUT", "/v1/settings", &[Admin]),
    entry(
        Route::SettingsCompare,
        "POST",
        "/v1/settings/diff",
        &[Admin],
    ),
    entry(
        Route::SegmentsRefresh,
        "POST",
        "/v1/segments/refresh",
        &[Admin],
    ),
    entry(
        Route::RunFetch,
        "GET",
        "/v1/segments/refresh/{id}",
        EVERYBODY,
    ),
    entry(
        Route::AssessmentsExport,
        "GET",
        "/v1/exports/assessments.csv",
        &[Marketer, Sales, Admin],
    ),
    entry(Route::CostsReplace, "PUT", "/v1/costs", &[Sales, Admin]),
    entry(Route::CostFetch, "GET", "/v1/costs/{product}", EVERYBODY),
    entry(
        Route::SpendReplace,
        "PUT",
        "/v1/spend/{channel}/{month}",
        &[Marketer, Admin],
    ),
    entry(Route::SpendList, "GET", "/v1/spend", EVERYBODY),
    entry(Route::ChannelList, "GET", "/v1/channels", EVERYBODY),
    entry(Route::PopulationFetch, "GET", "/v1/population", EVERYBODY),
    entry(Route::PrivacyList, "GET", "/v1/privacy/requests", &[Admin]),
    entry(
        Route::PrivacyDocument,
        "GET",
        "/v1/privacy/requests/{id}/document",
        &[Admin],
    ),
    entry(
        Route::PrivacyCarryOut,
        "POST",
        "/v1/privacy/requests/{id}/carry-out",
        &[Admin],
    ),
    entry(
        Route::PrivacyDecline,
        "POST",
        "/v1/privacy/requests/{id}/decline",
        &[Admin],
    ),
    entry(Route::AuditList, "GET", "/v1/audit", &[Admin]),
];

impl Entry {
    /// Whether everyone may take the route, without a token.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.roles.is_empty()
    }

    /// Whether one of the roles may take the route.
    #[must_use]
    pub fn allows(&self, roles: &BTreeSet<Role>) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// What stands at the names in braces, where the path fits.
    fn names_in<'a>(&self, path: &'a str) -> Option<Vec<&'a str>> {
        if self.path.split('/').count() != path.split('/').count() {
            return None;
        }
        let mut names = Vec::new();
        for (expected, given) in self.path.split('/').zip(path.split('/')) {
            if !expected.starts_with('{') {
                if expected != given {
                    return None;
                }
            } else if given.is_empty() {
                return None;
            } else {
                names.push(given);
            }
        }
        Some(names)
    }
}

/// The route of a request, and what its path names.
pub(crate) fn find<'a>(
    method: &str,
    path: &'a str,
) -> Result<(&'static Entry, Vec<&'a str>), Problem> {
    let here = |entry: &'static Entry| Some((entry, entry.names_in(path)?));
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
            Ok((entry, names)) => Ok((entry.route, names.join(" "))),
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
            Ok((Route::CaseFetch, id.clone()))
        );
        assert_eq!(
            found("GET", "/v1/customers/abcdefgh/history"),
            Ok((Route::CustomerHistory, id))
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
            "/v1/customers//history",
            "/v1/customers/a/history/b",
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
            // Without a token, which is another matter.
            (Route::ContractFetch, [false, false, false, false, false]),
            (Route::CustomerList, [true, true, true, true, true]),
            (Route::CustomerSearch, [true, true, true, true, true]),
            (Route::CustomersExport, [false, false, true, true, true]),
            (Route::SearchExport, [false, false, true, true, true]),
            (Route::NamedList, [true, true, true, true, true]),
            (Route::NamedCreate, [false, false, true, true, true]),
            (Route::NamedPreview, [false, false, true, true, true]),
            (Route::NamedFetch, [true, true, true, true, true]),
            (Route::NamedReplace, [false, false, true, true, true]),
            (Route::NamedDelete, [false, false, true, true, true]),
            (Route::NamedMembers, [true, true, true, true, true]),
            (Route::MemberPlace, [false, false, true, true, true]),
            (Route::MemberFree, [false, false, true, true, true]),
            (Route::CustomerFetch, [true, true, true, true, true]),
            (Route::CustomerChange, [false, true, true, true, true]),
            (Route::CommunicationAdd, [false, true, true, true, true]),
            (Route::CommunicationList, [true, true, true, true, true]),
            (Route::CommunicationFetch, [true, true, true, true, true]),
            (Route::CommunicationCorrect, [false, true, true, true, true]),
            (Route::ConsentReplace, [false, true, true, true, true]),
            (Route::CustomerHistory, [true, true, true, true, true]),
            (Route::CustomerAssessment, [true, true, true, true, true]),
            (Route::MergePreview, [false, true, false, true, true]),
            (Route::CustomerMerge, [false, true, false, true, true]),
            (Route::CustomerUnmerge, [false, true, false, true, true]),
            (Route::DuplicateList, [true, true, true, true, true]),
            (Route::DuplicateSearch, [false, false, false, false, true]),
            (Route::DuplicateAccept, [false, true, false, true, true]),
            (Route::DuplicateReject, [false, true, false, true, true]),
            (Route::CaseOpen, [false, true, false, true, true]),
            (Route::CaseFetch, [true, true, true, true, true]),
            (Route::CaseMove, [false, true, false, true, true]),
            (Route::SettingsFetch, [true, true, true, true, true]),
            (Route::SettingsReplace, [false, false, false, false, true]),
            (Route::SettingsCompare, [false, false, false, false, true]),
            (Route::SegmentsRefresh, [false, false, false, false, true]),
            (Route::RunFetch, [true, true, true, true, true]),
            (Route::AssessmentsExport, [false, false, true, true, true]),
            (Route::CostsReplace, [false, false, false, true, true]),
            (Route::CostFetch, [true, true, true, true, true]),
            (Route::SpendReplace, [false, false, true, false, true]),
            (Route::SpendList, [true, true, true, true, true]),
            (Route::ChannelList, [true, true, true, true, true]),
            (Route::PopulationFetch, [true, true, true, true, true]),
            (Route::PrivacyList, [false, false, false, false, true]),
            (Route::PrivacyDocument, [false, false, false, false, true]),
            (Route::PrivacyCarryOut, [false, false, false, false, true]),
            (Route::PrivacyDecline, [false, false, false, false, true]),
            (Route::AuditList, [false, false, false, false, true]),
        ];
        assert_eq!(TABLE.len(), expected.len());
        for (route, may) in expected {
            let entry = TABLE.iter().find(|entry| entry.route == route).unwrap();
            for (role, may) in Role::ALL.into_iter().zip(may) {
                let alone = BTreeSet::from([role]);
                assert_eq!(entry.allows(&alone), may, "{role:?} on {route:?}");
            }
            assert!(!entry.allows(&BTreeSet::new()), "nobody on {route:?}");
            assert_eq!(entry.is_open(), route == Route::ContractFetch, "{route:?}");
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
