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
use crm_store::{AuditEntry, Duplicate, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::answer::Answer;
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
        | Route::CaseMove
        | Route::CustomerChange
        | Route::ConsentReplace
        | Route::CommunicationAdd
        | Route::CommunicationCorrect
        | Route::SettingsReplace
        | Route::SettingsCompare
        | Route::SegmentsRefresh
        | Route::CostsReplace
        | Route::SpendReplace
        | Route::DuplicateSearch
        | Route::DuplicateAccept
        | Route::DuplicateReject
        | Route::NamedCreate
        | Route::NamedPreview
        | Route::NamedReplace
        | Route::NamedDelete
        | Route::MemberPlace
        | Route::MemberFree
        | Route::CustomersExport
        | Route::SearchExport
        | Route::AssessmentsExport => Noted::Before,
        Route::CustomerList
        | Route::CustomerSearch
        | Route::NamedMembers
        | Route::CustomerFetch
        | Route::CommunicationList
        | Route::CommunicationFetch
        | Route::CustomerHistory
        | Route::CustomerAssessment
        | Route::MergePreview
        | Route::CaseFetch
        | Route::PrivacyList
        | Route::DuplicateList
        | Route::AuditList => Noted::After,
        Route::PrivacyDocument | Route::PrivacyCarryOut | Route::PrivacyDecline => Noted::ByItself,
        Route::SettingsFetch
        | Route::NamedList
        | Route::NamedFetch
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
    /// Notes a request by what it names: the customers, or whatever else.
    pub(crate) async fn note(
        &self,
        entry: &Entry,
        request: Request<'_>,
        id: &str,
    ) -> Result<(), StoreError> {
        self.note_all(
            entry,
            request,
            named(entry, request, id),
            resource(entry, id),
        )
        .await
    }

    /// Notes a request by what it names, and by whom its answer is about.
    pub(crate) async fn note_answered(
        &self,
        entry: &Entry,
        request: Request<'_>,
        id: &str,
        answer: &Answer,
    ) -> Result<(), StoreError> {
        let mut persons = named(entry, request, id);
        persons.extend_from_slice(answer.about());
        self.note_all(entry, request, persons, resource(entry, id))
            .await
    }

    /// Notes whom a request was about beside those it names.
    pub(crate) async fn note_others(
        &self,
        entry: &Entry,
        request: Request<'_>,
        answer: &Answer,
    ) -> Result<(), StoreError> {
        self.note_all(entry, request, answer.about().to_vec(), None)
            .await
    }

    /// An entry for each of the customers, or one that names nobody.
    async fn note_all(
        &self,
        entry: &Entry,
        request: Request<'_>,
        persons: Vec<NodeId>,
        resource: Option<String>,
    ) -> Result<(), StoreError> {
        if persons.is_empty() {
            return self.write(entry, request, None, resource).await;
        }
        for person in persons {
            self.write(entry, request, Some(person), resource.clone())
                .await?;
        }
        Ok(())
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
            expires_at: u64::try_from(end.as_second()).unwrap_or(0),
        };
        self.store.audit_note(&noted).await
    }
}

/// The customers that a request names, in its path or in its body.
fn named(entry: &Entry, request: Request<'_>, id: &str) -> Vec<NodeId> {
    match entry.route {
        Route::CaseOpen => in_body(request, "customer_id").into_iter().collect(),
        Route::DuplicateAccept | Route::DuplicateReject => {
            Duplicate::pair(id).map(Vec::from).unwrap_or_default()
        }
        Route::CustomerMerge | Route::MergePreview => {
            let other = in_body(request, "with");
            NodeId::parse(id).ok().into_iter().chain(other).collect()
        }
        // The customer is the last part of the path.
        Route::MemberPlace | Route::MemberFree => {
            let last = request.path().rsplit('/').next();
            last.and_then(|last| NodeId::parse(last).ok())
                .into_iter()
                .collect()
        }
        _ if is_of_customer(entry) => NodeId::parse(id).ok().into_iter().collect(),
        _ => Vec::new(),
    }
}

/// What a path names that is no customer.
fn resource(entry: &Entry, id: &str) -> Option<String> {
    let named = !is_of_customer(entry) && !id.is_empty();
    named.then(|| id.chars().take(100).collect())
}

fn is_of_customer(entry: &Entry) -> bool {
    entry.path.starts_with("/v1/customers/")
}

/// A customer named in the body. It is read twice; it is short.
fn in_body(request: Request<'_>, field: &str) -> Option<NodeId> {
    let body = request.body().ok()?;
    NodeId::parse(body.get(field)?.as_str()?).ok()
}
