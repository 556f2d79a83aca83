//! `GET /v1/audit`: what was noted, the newest first.

use crm_domain::identity::NodeId;
use crm_store::{AuditEntry, AuditSpan, Store};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
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

/// Entries under any id of a person, of which there may be several.
async fn of_person(
    store: &Store,
    person: &str,
    span: &AuditSpan<'_>,
) -> Result<Vec<AuditEntry>, Trouble> {
    let id = NodeId::parse(person).map_err(|_| Problem::field("person", PERSON))?;
    let known = customers::person(store, id.as_str()).await?;
    let nodes = known.map(|person| person.nodes().iter().map(|n| n.id.clone()).collect());
    let nodes: Vec<NodeId> = nodes.unwrap_or_else(|| vec![id]);
    let mut found = Vec::new();
    for node in &nodes {
        found.extend(store.audit_of_node(node, span).await?);
    }
    found.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
    Ok(found)
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
