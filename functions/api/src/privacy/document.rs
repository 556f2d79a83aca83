//! Everything that is held of a person, as one document.
//!
//! What is kept with the person's nodes is shown as it is kept, whatever it
//! is, so that nothing is left out by having been forgotten here. The first
//! page has all of it up to four megabytes; further ones have more facts.

use std::collections::BTreeSet;

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::named::SegmentId;
use crm_domain::person::PersonRecord;
use crm_domain::privacy::{Request as Asked, Scope};
use crm_store::{Store, SweepPlace};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::view::RequestView;
use crate::answer::Answer;
use crate::assessment::{self, Changed};
use crate::customers::{self, Customer};
use crate::merges::MergeView;
use crate::problem::Trouble;
use crate::request::Request;

/// Facts read at once: a page goes over its bounds by as many at most.
const PAGE: usize = 20;

/// The document of somebody of whom something is held.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PrivacyDocument")]
pub(super) struct Document {
    request: RequestView,
    nothing_held: bool,
    /// Who they are, over all their ids, with consent and assessment.
    customer: Option<Customer>,
    /// Who they are as guests of whom nothing leads there but their address
    /// or an order.
    guests: Vec<Customer>,
    /// What each source told.
    profiles: Vec<Value>,
    /// The named segments they are in.
    named_segments: Vec<SegmentId>,
    /// What they were found to be, and when and why that changed.
    history: Vec<Changed>,
    merges: Vec<MergeView>,
    #[serde(flatten)]
    facts: Facts,
}

/// Orders with their lines, returns, cases, messages, runs of workflows,
/// privacy requests, and who looked at or changed the customer.
#[derive(Serialize, Default, JsonSchema)]
#[schemars(rename = "PrivacyFacts")]
pub(super) struct Facts {
    facts: Vec<Value>,
    cursor: Option<String>,
}

/// The document, or the next page of its facts.
pub(super) async fn gather(
    store: &Store,
    request: Request<'_>,
    asked: &Asked,
    most_bytes: usize,
) -> Result<Answer, Trouble> {
    let list = format!("privacy:{}", asked.id);
    // What is no cursor is told as such, also where there is nothing to show.
    let from = request.cursor("cursor", &list).await?;
    let persons = persons(store, asked).await?;
    let Some((person, others)) = persons.split_first() else {
        return Ok(Answer::ok(&nothing(asked)));
    };
    let nodes = || persons.iter().flat_map(PersonRecord::nodes);
    if let Some(from) = from {
        let facts = facts(store, request, nodes(), Some(from), most_bytes, &list).await?;
        return Ok(Answer::ok(&facts));
    }
    let settings = store.settings_fetch().await?;
    let mut document = Document {
        request: RequestView::of(asked),
        nothing_held: false,
        customer: Some(Customer::of(person, &settings)),
        guests: others
            .iter()
            .map(|guest| Customer::of(guest, &settings))
            .collect(),
        profiles: nodes().map(profile).collect(),
        named_segments: Vec::new(),
        history: Vec::new(),
        merges: Vec::new(),
        facts: Facts::default(),
    };
    for person in &persons {
        let within = person.within().into_iter().flatten().cloned();
        document.named_segments.extend(within);
        let history = assessment::changes(store, person).await?;
        document.history.extend(history);
        let merges = store.merges_fetch(person).await?;
        document.merges.extend(merges.iter().map(MergeView::of));
    }
    let begun = serde_json::to_vec(&document).map_or(0, |bytes| bytes.len());
    let room = most_bytes.saturating_sub(begun);
    document.facts = facts(store, request, nodes(), None, room, &list).await?;
    Ok(Answer::ok(&document))
}

/// Whoever asked, and the guests who are the same, each once: the whole person
/// if nobody else is part of it or somebody decided so, else what was asked of
/// alone, for the others of the person may be somebody else.
async fn persons(store: &Store, asked: &Asked) -> Result<Vec<PersonRecord>, Trouble> {
    let mut persons: Vec<PersonRecord> = Vec::new();
    let all: BTreeSet<_> = asked.nodes().collect();
    for node in asked.nodes() {
        let person = customers::person(store, node.as_str()).await?;
        let is_meant = |own: &Node| own.redacted.is_some() || all.contains(&own.id);
        let person = person.and_then(|person| {
            if asked.scope == Scope::Person || person.nodes().iter().all(is_meant) {
                return Some(person);
            }
            let own = person.nodes().iter().find(|own| own.id == *node);
            Some(PersonRecord::Single(Box::new(own?.clone())))
        });
        let new = |person: &PersonRecord| persons.iter().all(|known| known.id() != person.id());
        if let Some(person) = person.filter(new) {
            persons.push(person);
        }
    }
    Ok(persons)
}

fn nothing(asked: &Asked) -> Document {
    Document {
        request: RequestView::of(asked),
        nothing_held: true,
        customer: None,
        guests: Vec::new(),
        profiles: Vec::new(),
        named_segments: Vec::new(),
        history: Vec::new(),
        merges: Vec::new(),
        facts: Facts::default(),
    }
}

/// What one source told of the person, and when.
fn profile(node: &Node) -> Value {
    json!({
        "id": node.id,
        "external_id": node.external_id,
        "profile": node.profile,
        "tags": node.tags,
        "fields": node.fields,
        "consents": node.consents,
        "deleted_at_source": node.deleted,
        "redacted_at": node.redacted,
        "changed_at": node.touched_at,
        "named_segments": node.named,
    })
}

/// Facts of all nodes from a place on, as many as there is room for.
async fn facts(
    store: &Store,
    request: Request<'_>,
    nodes: impl Iterator<Item = &Node>,
    mut from: Option<SweepPlace>,
    room: usize,
    list: &str,
) -> Result<Facts, Trouble> {
    let behind = |node: &&NodeId| from.as_ref().is_some_and(|from| from.node != **node);
    let rest: Vec<_> = nodes.map(|node| &node.id).skip_while(behind).collect();
    let (mut found, mut bytes) = (Vec::new(), 0);
    for node in rest {
        loop {
            let page = store.facts_shown(node, from.as_ref(), PAGE).await?;
            let sizes = page.items.iter().map(|item| item.to_string().len());
            bytes += sizes.sum::<usize>();
            found.extend(page.items);
            from = page.next;
            let Some(next) = &from else { break };
            if bytes >= room {
                let cursor = request.next(list, Some(next)).await?;
                return Ok(Facts {
                    facts: found,
                    cursor,
                });
            }
        }
    }
    Ok(Facts {
        facts: found,
        cursor: None,
    })
}
