//! `GET /v1/audit`: what was noted, the newest first.

use std::collections::BTreeSet;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::merge::{Merge, known_as};
use crm_store::{AuditEntry, AuditSpan, PersonRecord, Store, StoreError};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Answer;
use crate::customers;
use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// Entries of a page, unless the caller says otherwise, and at most.
pub(super) const USUAL_ENTRIES: usize = 50;
pub(super) const MOST_ENTRIES: usize = 100;
/// Days looked at unless the caller says otherwise, and at most where no
/// customer is named.
const USUAL_DAYS: i64 = 7;
const MOST_DAYS: i64 = 31;
const PERSON: &str = "must be the id of a customer";
const SPAN: &str = "must not be before from, and without person at most 31 days after it";

/// A page of entries.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditPage")]
pub(super) struct List {
    items: Vec<EntryView>,
    cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
struct EntryView {
    at: Timestamp,
    by: String,
    action: String,
    customer_id: Option<NodeId>,
    resource: Option<String>,
}

/// Dates from the first to the last, by UTC.
struct Days {
    from: Date,
    to: Date,
}

/// `GET /v1/audit?person=&from=&to=`.
pub(crate) async fn list(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&["person", "from", "to", "limit", "cursor"])?;
    let limit = request.number("limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
    let person = request.parameter("person");
    let days = Days::of(request, person.is_some(), now)?;
    let list = format!(
        "audit:{}:{}:{}",
        person.as_deref().unwrap_or_default(),
        days.from,
        days.to
    );
    let from: Option<(Timestamp, String)> = request.cursor("cursor", &list).await?;
    let span = AuditSpan {
        from: begin(days.from),
        to: days.to.tomorrow().map_or(Timestamp::MAX, begin),
        behind: from.as_ref().map(|(at, id)| (*at, id.as_str())),
        now,
        // One more tells whether there is another page.
        limit: limit + 1,
    };
    let mut found = match &person {
        Some(person) => of_person(store, person, &span).await?,
        None => of_days(store, &days, &span).await?,
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let end = found.last().filter(|_| more).map(|end| (end.at, &end.id));
    let cursor = request.next(&list, end.as_ref()).await?;
    let items = found.into_iter().map(EntryView::of).collect();
    Ok(Answer::ok(&List { items, cursor }))
}

/// Entries under any id of a person, of which there may be several; and
/// under the ids of those it was one with, of when it was: what was shown of
/// them then was shown of it.
async fn of_person(
    store: &Store,
    person: &str,
    span: &AuditSpan<'_>,
) -> Result<Vec<AuditEntry>, Trouble> {
    let id = NodeId::parse(person).map_err(|_| Problem::field("person", PERSON))?;
    let known = customers::person(store, id.as_str()).await?;
    let nodes = known.as_ref().map_or(&[][..], PersonRecord::nodes);
    let mut own: BTreeSet<_> = nodes.iter().map(|node| node.id.clone()).collect();
    if own.is_empty() {
        own.insert(id);
    }
    let mut found = Vec::new();
    for node in &own {
        found.extend(store.audit_of_node(node, span, |_| true).await?);
    }
    let past = Together::of(store, nodes).await?;
    for other in past.others(&own) {
        let then = |at| past.is_one_with(&own, other, at);
        let theirs = store.audit_of_node(other, span, then).await?;
        // A request that names both has an entry under either.
        let is_told = |entry: &AuditEntry| found.iter().any(|known| is_of_one(known, entry));
        let new: Vec<_> = theirs.into_iter().filter(|entry| !is_told(entry)).collect();
        found.extend(new);
    }
    found.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
    Ok(found)
}

/// Whether two entries are of one request.
fn is_of_one(one: &AuditEntry, other: &AuditEntry) -> bool {
    let of = |entry: &AuditEntry| (entry.at, entry.by.clone(), entry.action.clone());
    of(one) == of(other) && one.resource == other.resource
}

/// Who was one with whom, by all merges that have to do with somebody.
struct Together(Vec<Merge>);

impl Together {
    async fn of(store: &Store, nodes: &[Node]) -> Result<Self, StoreError> {
        let mut merges: Vec<Merge> = Vec::new();
        for node in nodes {
            let seen = merges.iter().flat_map(|merge| {
                let sides = [&merge.kept, &merge.joined].into_iter();
                sides.flat_map(|side| &side.nodes)
            });
            // Whoever is in one of them has led to all of them.
            if !seen.into_iter().any(|id| *id == node.id) {
                merges.extend(store.merges_around(node).await?);
            }
        }
        Ok(Self(merges))
    }

    /// Whoever they ever were one with, and are not any more.
    fn others<'a>(&'a self, own: &'a BTreeSet<NodeId>) -> BTreeSet<&'a NodeId> {
        let sides = self.0.iter().flat_map(|merge| [&merge.kept, &merge.joined]);
        let ids = sides.flat_map(|side| &side.nodes);
        ids.filter(|id| !own.contains(*id)).collect()
    }

    /// Whether they were one with another just before or just after an
    /// instant: in the one of a merge and in that of its end they are both.
    fn is_one_with(&self, own: &BTreeSet<NodeId>, other: &NodeId, at: Timestamp) -> bool {
        let after = at.checked_add(SignedDuration::from_nanos(1)).unwrap_or(at);
        [at, after].into_iter().any(|before| {
            let then = known_as(other, &self.0, before).nodes;
            !then.is_disjoint(own)
        })
    }
}

async fn of_days(
    store: &Store,
    days: &Days,
    span: &AuditSpan<'_>,
) -> Result<Vec<AuditEntry>, Trouble> {
    let first = span.behind.map_or(days.to, |(at, _)| date(at));
    let mut found = Vec::new();
    let mut on = first;
    while on >= days.from && found.len() < span.limit {
        found.extend(store.audit_of_day(on, span).await?);
        let Ok(before) = on.yesterday() else { break };
        on = before;
    }
    Ok(found)
}

impl Days {
    fn of(request: Request<'_>, has_person: bool, now: Timestamp) -> Result<Self, Problem> {
        let to = request.date("to")?.unwrap_or_else(|| date(now));
        let usual = to.checked_sub(Span::new().days(USUAL_DAYS - 1));
        let from = request.date("from")?.or(usual.ok()).unwrap_or(to);
        let length = i64::from((to - from).get_days());
        if length < 0 || (!has_person && length >= MOST_DAYS) {
            return Err(Problem::senseless("to", SPAN));
        }
        Ok(Self { from, to })
    }
}

impl EntryView {
    fn of(entry: AuditEntry) -> Self {
        Self {
            at: entry.at,
            by: entry.by,
            action: entry.action,
            customer_id: entry.person,
            resource: entry.resource,
        }
    }
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn begin(on: Date) -> Timestamp {
    let begin = on.to_zoned(TimeZone::UTC);
    begin.map_or(Timestamp::MAX, |begin| begin.timestamp())
}
