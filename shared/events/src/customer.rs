//! News of customers.

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::person::Person;
use crm_domain::segment::{Assessment, Group, Score, Segment, Stage};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{Event, News, Written};

/// A customer was seen for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerCreated {
    /// The customer.
    pub node_id: NodeId,
}

/// What a person counts as changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerAssessed {
    /// The person.
    pub person_id: NodeId,
    /// As of which date, in the store's zone.
    pub on: Date,
    /// What they counted as; `null` where this person had not been assessed.
    pub before: Option<Standing>,
    /// What they count as now.
    pub after: Standing,
}

/// What a person counts as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The one word people filter by.
    pub segment: Segment,
    /// The named group of the score; `null` without an order.
    pub group: Option<Group>,
    /// Place in the life cycle.
    pub stage: Stage,
    /// Whether one of the best.
    pub vip: bool,
    /// The three digits of the score; `null` without an order.
    pub code: Option<String>,
}

impl From<&Assessment> for Standing {
    fn from(found: &Assessment) -> Self {
        Self {
            segment: found.segment,
            group: found.group,
            stage: found.stage,
            vip: found.vip,
            code: found.score.map(Score::code),
        }
    }
}

/// What a node's change is told as, if it is. Of a node that was joined with
/// others, its person tells.
#[must_use]
pub fn node_change(before: Option<&Node>, after: &Node) -> Option<Event> {
    let item = format!("node/{}", after.id);
    let Some(before) = before else {
        let node_id = after.id.clone();
        let news = News::CustomerCreated(CustomerCreated { node_id });
        let (version, at) = (after.version, after.touched_at);
        return Some(Written { version, at }.event(&item, news));
    };
    // Who was just parted from others is told of once assessed.
    let just_parted = before.root.is_some() && after.stale;
    if after.root.is_some() || just_parted {
        return None;
    }
    let known = before.assessment.as_ref().filter(|_| before.root.is_none());
    let found = after.assessment.as_ref()?;
    let news = assessed(&after.id, known, found)?;
    let by_time_alone = !before.stale && before.root.is_none();
    let at = time_of(after.touched_at, found, by_time_alone);
    let version = after.version;
    Some(Written { version, at }.event(&item, news))
}

/// What a change of a person of several nodes is told as, if it is. A person
/// begins with the assessment of its root, which was told of the node.
#[must_use]
pub fn person_change(before: Option<&Person>, after: &Person) -> Option<Event> {
    // A merge or its end only carries over what is assessed next.
    let before = before.filter(|before| before.links == after.links)?;
    let found = after.assessment.as_ref()?;
    let news = assessed(&after.id, before.assessment.as_ref(), found)?;
    let by_time_alone = before.members == after.members;
    let at = time_of(after.touched_at, found, by_time_alone);
    let version = after.version;
    Some(Written { version, at }.event(&format!("person/{}", after.id), news))
}

fn assessed(person: &NodeId, before: Option<&Assessment>, after: &Assessment) -> Option<News> {
    if before.is_some_and(|before| before.says_the_same(after)) {
        return None;
    }
    Some(News::CustomerAssessed(CustomerAssessed {
        person_id: person.clone(),
        on: after.on,
        before: before.map(Standing::from),
        after: after.into(),
    }))
}

/// When an assessment changed: with the news that changed the person, or, by
/// the passing of time alone, as its date began. (In UTC: the store's zone is
/// not in the record, and the date itself is told.)
fn time_of(touched_at: Timestamp, found: &Assessment, by_time_alone: bool) -> Timestamp {
    let began = found.on.to_zoned(TimeZone::UTC).ok();
    let began = began.filter(|_| by_time_alone);
    began.map_or(touched_at, |began| began.timestamp().max(touched_at))
}
