//! What the store's people say of a customer beyond what shops tell: shown,
//! and set.

use std::collections::{BTreeMap, BTreeSet};

use crm_domain::customer::Node;
use crm_domain::field::{
    self, CustomField, FieldChange, FieldKind, FieldValue, GivenBy, Said, SetField, latest,
};
use crm_domain::identity::NodeId;
use crm_domain::settings::Settings;
use crm_lambda::Random;
use crm_store::{Changes, Committed, Consistency, FactPlace, PersonRecord, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::facts::{self, Facts};
use crate::answer::Answer;
use crate::customers;
use crate::etag;
use crate::fields::Fields as Body;
use crate::once::digest;
use crate::problem::{Problem, Trouble, repeatable};
use crate::request::Request;

/// How often a change is tried while the customer changes.
const ATTEMPTS: u32 = 8;
/// Most bytes that a profile's fields may have: an item has its limit.
const MOST_BYTES: usize = 20_000;
const FIELDS: &str = "must be an object of custom_fields and their values, null to take one back";

/// The fields of a customer.
#[derive(Serialize, JsonSchema)]
pub(super) struct FieldsView {
    fields: BTreeMap<String, Option<FieldView>>,
}

/// The same with what was set before.
#[derive(Serialize, JsonSchema)]
pub(super) struct FieldsPart {
    #[serde(flatten)]
    now: FieldsView,
    /// Changes of fields, the newest first.
    field_history: Vec<ChangeView>,
    field_history_cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct FieldView {
    value: FieldValue,
    /// Whether one of the store's people set it, or a label says it.
    from: GivenBy,
    at: Option<Timestamp>,
    by: Option<String>,
}

/// One change of fields.
#[derive(Serialize, JsonSchema)]
pub(super) struct ChangeView {
    id: String,
    at: Timestamp,
    by: String,
    /// The profile whose id was used.
    customer_id: NodeId,
    set: Vec<SetView>,
}

/// Values as text, null for none.
#[derive(Serialize, JsonSchema)]
struct SetView {
    field: String,
    old: Option<String>,
    new: Option<String>,
}

impl FieldsView {
    fn of(nodes: &[Node], settings: &Settings) -> Self {
        let fields = field::of_person(nodes, settings).into_iter();
        let fields = fields.map(|(field, shown)| {
            let view = shown.map(|shown| FieldView {
                value: shown.value,
                from: shown.from,
                at: shown.set.map(|(at, _)| at),
                by: shown.set.map(|(_, by)| by.to_owned()),
            });
            (field.name.clone(), view)
        });
        Self {
            fields: fields.collect(),
        }
    }
}

impl FieldsPart {
    pub(super) async fn of(
        store: &Store,
        request: Request<'_>,
        person: &PersonRecord,
        from: Option<&FactPlace>,
        limit: usize,
        settings: &Settings,
    ) -> Result<Self, Trouble> {
        let history = history(store, person, from, limit).await?;
        let next = history.next.as_ref();
        let cursor = facts::sealed(request, next, "field_history_cursor", person).await?;
        Ok(Self {
            now: FieldsView::of(person.nodes(), settings),
            field_history: history.items.into_iter().map(ChangeView::of).collect(),
            field_history_cursor: cursor,
        })
    }
}

/// Changes of a person's fields; nothing is read of whom nothing was ever set.
pub(super) async fn history(
    store: &Store,
    person: &PersonRecord,
    from: Option<&FactPlace>,
    limit: usize,
) -> Result<Facts<FieldChange>, StoreError> {
    if !has_any(person) {
        return Ok(Facts {
            items: Vec::new(),
            next: None,
        });
    }
    facts::page(store, person, from, limit).await
}

fn has_any(person: &PersonRecord) -> bool {
    person.nodes().iter().any(|node| !node.fields.is_empty())
}

impl ChangeView {
    pub(super) fn of(change: FieldChange) -> Self {
        let set = change.set.into_iter().map(|set| SetView {
            field: set.name,
            old: set.old,
            new: set.new,
        });
        Self {
            id: change.id,
            at: change.at,
            by: change.by,
            customer_id: change.node,
            set: set.collect(),
        }
    }
}

/// The tag by which a change makes sure that nobody set a field in between.
/// It follows the fields alone: an order in between is no other customer.
pub(super) fn etag(person: &PersonRecord) -> String {
    let nodes = person.nodes().iter().map(|node| (&node.id, &node.fields));
    let said: Vec<_> = nodes.collect();
    let said = serde_json::to_string(&said).expect("fields are plain data");
    format!("\"{}\"", digest([said]))
}

/// `PATCH /v1/customers/{id}`, and what it needs.
pub(crate) struct Setting<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a Random,
    pub(crate) now: Timestamp,
}

/// What a request sets: fields by name, none to take one back.
type Asked = BTreeMap<String, Option<String>>;

impl Setting<'_> {
    /// Sets fields of a customer; those not given stay. Tells whether
    /// anything changed.
    pub(crate) async fn set(
        &self,
        request: Request<'_>,
        id: &str,
    ) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        let given = given(request)?;
        let settings = self.store.settings_read(Consistency::Strong).await?;
        let asked = asked(&given, &settings)?;
        for _ in 0..ATTEMPTS {
            let person = customers::needed(self.store, id).await?;
            let changes = self.changes(&person, id, &asked, &settings, request.caller());
            if !matches!(changes, Ok(None)) {
                etag::guard(request, &etag(&person))?;
            }
            let Some(changes) = changes? else {
                return Ok((shown(&person, &settings), false));
            };
            if self.store.commit(changes).await? == Committed::Done {
                let person = customers::needed(self.store, id).await?;
                tracing::info!(node.id = %id, "set fields of {id}");
                return Ok((shown(&person, &settings), true));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// The writes that set what is not so yet; none when all is.
    fn changes(
        &self,
        person: &PersonRecord,
        id: &str,
        asked: &Asked,
        settings: &Settings,
        by: &str,
    ) -> Result<Option<Changes>, Trouble> {
        let nobody = || Problem::not_found("customer");
        let mut nodes = person.nodes().iter();
        let node = nodes.find(|node| node.id.as_str() == id);
        let mut node = node.ok_or_else(nobody)?.clone();
        if node.redacted.is_some() {
            let limit = "cannot be set of a customer who was forgotten";
            return Err(Problem::conflict("fields", limit).into());
        }
        let mut change = FieldChange {
            id: self.random.id(),
            version: 0,
            node: node.id.clone(),
            at: self.now,
            by: by.to_owned(),
            set: Vec::new(),
        };
        for (name, new) in asked {
            let fields = person.nodes().iter().map(|node| &*node.fields);
            let known = latest(fields, name);
            if known.and_then(|said| said.value.as_ref()) == new.as_ref() {
                continue;
            }
            // What is set last is what is shown, also by a clock that lags.
            let after = known.map(|said| said.at + SignedDuration::from_nanos(1));
            let said = Said {
                value: new.clone(),
                at: after.map_or(self.now, |after| after.max(self.now)),
                by: by.to_owned(),
            };
            let old = known.and_then(|known| known.value.clone());
            node.fields.set(name, said);
            let (name, new) = (name.clone(), new.clone());
            change.set.push(SetField { name, old, new });
        }
        if change.set.is_empty() {
            return Ok(None);
        }
        let defined: BTreeSet<_> = settings.custom_fields.iter().map(|f| &*f.name).collect();
        node.fields.keep_only(&defined);
        if node.fields.bytes() > MOST_BYTES {
            let limit = "would have more than 20000 bytes together";
            return Err(Problem::senseless("fields", limit).into());
        }
        node.touch(self.now);
        let mut changes = Changes::new();
        changes.node_put(&node)?;
        // What was seen was the person's: no other of its nodes may have been
        // set meanwhile, and nobody may have joined it.
        let others = person.nodes().iter().filter(|other| other.id != node.id);
        others.for_each(|other| changes.node_check(other));
        if let PersonRecord::Joined(..) = person {
            changes.person_check(person);
        }
        changes.field_change_put(&change)?;
        Ok(Some(changes))
    }
}

fn given(request: Request<'_>) -> Result<Map<String, Value>, Problem> {
    let mut body = Body::new(request.body()?);
    let given = body.take("fields");
    body.finish()?;
    match given {
        Some(Value::Object(given)) if !given.is_empty() => Ok(given),
        _ => Err(Problem::field("fields", FIELDS)),
    }
}

/// What a request sets, as the settings allow it.
fn asked(given: &Map<String, Value>, settings: &Settings) -> Result<Asked, Problem> {
    let mut asked = Asked::new();
    for (name, value) in given {
        let mut fields = settings.custom_fields.iter();
        let Some(field) = fields.find(|field| field.name == *name) else {
            let limit = "is none of the setting custom_fields";
            return Err(Problem::senseless(repeatable(name), limit));
        };
        let wrong = || Problem::senseless(&format!("fields.{name}"), &field.limit());
        let value = match text(field, value) {
            Given::Nothing => None,
            Given::Text(text) => Some(field.read(&text).ok_or_else(wrong)?),
            Given::Wrong => return Err(wrong()),
        };
        asked.insert(name.clone(), value.map(|value| value.text()));
    }
    Ok(asked)
}

/// What stands where a field's value should.
enum Given {
    /// Null: the field is taken back.
    Nothing,
    /// A value of the form that the field asks for, as text.
    Text(String),
    /// A value of another form.
    Wrong,
}

fn text(field: &CustomField, value: &Value) -> Given {
    let text = match (field.kind, value) {
        (_, Value::Null) => return Given::Nothing,
        (FieldKind::Whole, value) => value.as_i64().map(|number| number.to_string()),
        (FieldKind::YesNo, value) => value.as_bool().map(|yes| yes.to_string()),
        (_, value) => value.as_str().map(str::to_owned),
    };
    text.map_or(Given::Wrong, Given::Text)
}

fn shown(person: &PersonRecord, settings: &Settings) -> Answer {
    let view = FieldsView::of(person.nodes(), settings);
    Answer::ok(&view).with("etag", etag(person))
}
