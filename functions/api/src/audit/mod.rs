//! Who looked at whom, and who changed what: noted, and listed.
//!
//! A change, and whatever takes much away at once, is noted before it is
//! made: without its entry it does not happen. An entry therefore says that
//! somebody who may do so asked for it; what came of it stands where it was
//! made. Looking at a customer is noted afterwards, and a note that fails
//! keeps nobody from their work: it is logged as an error and counted, which
//! raises an alarm.

pub(crate) mod contract;
mod list;

use crm_domain::identity::NodeId;
use crm_lambda::Random;
use crm_store::{AuditEntry, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::request::Request;
use crate::route::{Entry, Route};
pub(crate) use list::list;

/// When a request is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noted {
    /// Before it is carried out, or else it is not.
    Before,
    /// Once it is answered.
    After,
    /// By whoever answers it, who alone knows whom it is about.
    ByItself,
    /// Not: it shows nobody and changes nothing.
    Not,
}

/// When requests of a route are noted.
pub(crate) fn noted(route: Route) -> Noted {
    match route {
        Route::CustomerMerge
        | Route::CustomerUnmerge
        | Route::CaseOpen
        | Route::SettingsReplace
        | Route::SettingsCompare
        | Route::SegmentsRefresh
        | Route::CostsReplace
        | Route::SpendReplace
        | Route::DuplicateSearch
        | Route::DuplicateAccept
        | Route::DuplicateReject
        | Route::AssessmentsExport => Noted::Before,
        Route::CustomerList
        | Route::CustomerFetch
        | Route::CustomerHistory
        | Route::CustomerAssessment
        | Route::MergePreview
        | Route::CaseFetch
        | Route::PrivacyList
        | Route::DuplicateList
        | Route::AuditList => Noted::After,
        Route::PrivacyDocument | Route::PrivacyCarryOut => Noted::ByItself,
        Route::SettingsFetch
        | Route::RunFetch
        | Route::ContractFetch
        | Route::CostFetch
        | Route::SpendList
        | Route::ChannelList
        | Route::PopulationFetch => Noted::Not,
    }
}

/// Writes entries, and what it needs for that.
#[derive(Clone, Copy)]
pub(crate) struct Notes<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a Random,
    pub(crate) now: Timestamp,
}

impl Notes<'_> {
    /// Notes a request by its path: the customer it names, or whatever else.
    pub(crate) async fn note(
        &self,
        entry: &Entry,
        request: Request<'_>,
        id: &str,
    ) -> Result<(), StoreError> {
        let of_customer = entry.path.starts_with("/v1/customers/");
        let person = match entry.route {
            Route::CaseOpen => customer_in_body(request),
            _ if of_customer => NodeId::parse(id).ok(),
            _ => None,
        };
        let named = !of_customer && !id.is_empty();
        let resource = named.then(|| id.chars().take(100).collect());
        self.write(entry, request, person, resource).await
    }

    /// Notes a request about somebody.
    pub(crate) async fn note_about(
        &self,
        entry: &Entry,
        request: Request<'_>,
        person: Option<&NodeId>,
        resource: &str,
    ) -> Result<(), StoreError> {
        let resource = Some(resource.to_owned());
        self.write(entry, request, person.cloned(), resource).await
    }

    async fn write(
        &self,
        entry: &Entry,
        request: Request<'_>,
        person: Option<NodeId>,
        resource: Option<String>,
    ) -> Result<(), StoreError> {
        let days = self.store.settings_fetch().await?.audit_days;
        let kept = SignedDuration::from_hours(24 * i64::from(days));
        let end = self.now.checked_add(kept).unwrap_or(Timestamp::MAX);
        let noted = AuditEntry {
            id: self.random.id(),
            at: self.now,
            by: request.caller().to_owned(),
            action: format!("{} {}", entry.method, entry.path),
            person,
            resource,
        };
        let end = u64::try_from(end.as_second()).unwrap_or(0);
        self.store.audit_note(&noted, end).await
    }
}

/// The customer a new case is about. The body is read twice; it is short.
fn customer_in_body(request: Request<'_>) -> Option<NodeId> {
    let body = request.body().ok()?;
    NodeId::parse(body.get("customer_id")?.as_str()?).ok()
}
