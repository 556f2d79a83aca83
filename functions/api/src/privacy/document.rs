//! Everything that is held of a person, as one document.
//!
//! What is kept with the person's nodes is shown as it is kept, whatever it
//! is, so that nothing is left out by having been forgotten here. The first
//! page has all of it up to four megabytes; further ones have more facts.

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::person::PersonRecord;
use crm_domain::privacy::Request as Asked;
use crm_store::{Store, SweepPlace};
use serde::Serialize;
use serde_json::{Value, json};

use super::view::RequestView;
use crate::answer::Answer;
use crate::assessment::{self, Changed};
use crate::cursor;
use crate::customers::{self, Customer};
use crate::merges::MergeView;
use crate::problem::Trouble;
use crate::request::Request;

/// Facts read at once.
const PAGE: usize = 100;
/// A function's answer has six megabytes at most.
const MOST_BYTES: usize = 4_000_000;

/// The document of somebody of whom something is held.
#[derive(Serialize)]
struct Document {
    request: RequestView,
    nothing_held: bool,
    /// Who they are, over all their ids, with consent and assessment.
    customer: Option<Customer>,
    /// What each source told.
    profiles: Vec<Value>,
    /// What they were found to be, and when and why that changed.
    history: Vec<Changed>,
    merges: Vec<MergeView>,
    #[serde(flatten)]
    facts: Facts,
}

/// Orders with their lines, returns, cases, messages, runs of workflows,
/// privacy requests, and who looked at or changed the customer.
#[derive(Serialize, Default)]
struct Facts {
    facts: Vec<Value>,
    cursor: Option<String>,
}

/// The document, or the next page of its facts.
pub(super) async fn gather(
    store: &Store,
    request: Request<'_>,
    asked: &Asked,
) -> Result<Answer, Trouble> {
    let person = match &asked.node {
        Some(node) => customers::person(store, node.as_str()).await?,
        None => None,
    };
    let Some(person) = person else {
        return Ok(Answer::ok(&nothing(asked)));
    };
    let list = format!("privacy:{}", asked.id);
    if let Some(cursor) = request.parameter("cursor") {
        let from: SweepPlace = cursor::open("cursor", &list, &cursor)?;
        let facts = facts(store, &person, Some(from), MOST_BYTES, &list).await?;
        return Ok(Answer::ok(&facts));
    }
    let settings = store.settings_fetch().await?;
    let mut document = Document {
        request: RequestView::of(asked),
        nothing_held: false,
        customer: Some(Customer::of(&person, &settings)),
        profiles: person.nodes().iter().map(profile).collect(),
        history: assessment::changes(store, &person).await?,
        merges: store
            .merges_fetch(&person)
            .await?
            .iter()
            .map(MergeView::of)
            .collect(),
        facts: Facts::default(),
    };
    let begun = serde_json::to_vec(&document).map_or(0, |bytes| bytes.len());
    let room = MOST_BYTES.saturating_sub(begun);
    document.facts = facts(store, &person, None, room, &list).await?;
    Ok(Answer::ok(&document))
}

fn nothing(asked: &Asked) -> Document {
    Document {
        request: RequestView::of(asked),
        nothing_held: true,
        customer: None,
        profiles: Vec::new(),
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
    })
}

/// Facts of all nodes from a place on, as many as there is room for.
async fn facts(
    store: &Store,
    person: &PersonRecord,
    mut from: Option<SweepPlace>,
    room: usize,
    list: &str,
) -> Result<Facts, Trouble> {
    let behind = |node: &&NodeId| from.as_ref().is_some_and(|from| from.node != **node);
    let nodes: Vec<_> = person.nodes().iter().map(|node| &node.id).collect();
    let rest: Vec<_> = nodes.into_iter().skip_while(behind).collect();
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
                let cursor = Some(cursor::seal(list, next));
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
