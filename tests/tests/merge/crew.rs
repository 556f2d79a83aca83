//! The functions that a merge concerns, each driven by hand: what would come
//! by a stream or a queue comes when a test says so.

mod follow;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::sqs::SqsEvent;
use crm_domain::identity::{ExternalId, NodeId};
use crm_lambda::{Metrics, Variables};
use crm_local::functions::Registry;
use crm_local::services::Fault;
use crm_local::system::{System, SystemOptions, template_path};
use crm_sources::{Delivery, Dialect};
use crm_store::{Claim, Consistency, PersonRecord, Store, Wanted};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Functions and what they stand on.
pub struct Crew {
    pub store: Store,
    system: Arc<System>,
    upsert: customer_upsert::Function,
    recompute: segment_recompute::Function,
    api: api::Function,
    relay: event_relay::Function,
    dispatcher: workflow_dispatcher::Function,
    pusher: connector_push::Function,
    metrics: Metrics,
    people: String,
    facts: String,
    read_up_to: Option<String>,
    relayed_up_to: BTreeMap<String, String>,
    queues: follow::Queues,
    now: Timestamp,
}

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    pub status: i64,
    pub body: Value,
    pub tag: Option<String>,
}

impl Crew {
    pub async fn new() -> Result<Self> {
        let options = SystemOptions::from_file(&template_path(), idle())?;
        let now: Timestamp = "2026-03-02T12:00:00Z".parse()?;
        Self::over(Arc::new(System::in_memory(&options, now).await?), now)
    }

    /// A second set of functions over the same tables.
    pub fn twin(&self) -> Result<Self> {
        Self::over(self.system.clone(), self.now)
    }

    fn over(system: Arc<System>, now: Timestamp) -> Result<Self> {
        let sdk = system.services().sdk_config();
        let of = |id: &str| -> Result<Variables> {
            let function = system.wiring().functions.get(id);
            let function = function.context("in the template")?;
            Ok(function.variables.clone().into_iter().collect())
        };
        let variables = of("CustomerUpsert")?;
        let people = variables.required("PEOPLE_TABLE")?.to_owned();
        let facts = variables.required("FACTS_TABLE")?.to_owned();
        Ok(Self {
            store: Store::new(&sdk, &people, &facts),
            upsert: customer_upsert::Function::new(&sdk, &variables)?,
            recompute: segment_recompute::Function::new(&sdk, &of("SegmentRecompute")?)?,
            api: api::Function::new(&sdk, &of("Api")?)?,
            relay: event_relay::Function::new(&sdk, &of("EventRelay")?)?,
            dispatcher: workflow_dispatcher::Function::new(&sdk, &of("WorkflowDispatcher")?)?,
            pusher: connector_push::Function::new(&sdk, &of("ConnectorPush")?)?,
            metrics: Metrics::new("crew"),
            people,
            facts,
            read_up_to: None,
            relayed_up_to: BTreeMap::new(),
            queues: follow::Queues::of(&of("SegmentRecompute")?, &of("WorkflowDispatcher")?)?,
            now,
            system,
        })
    }

    /// An hour passes.
    pub fn tick(&mut self) {
        self.pass(1);
    }

    /// Hours pass.
    pub fn pass(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A shop tells something, each of a list of shop, topic and body.
    pub async fn hear(&mut self, told: &[(&str, &str, Value)]) -> Result<()> {
        let told = told.iter().map(|told| self.delivery(told));
        let told: Vec<_> = told.collect::<Result<_>>()?;
        self.take(&told).await
    }

    /// What a shop tells now, as it is delivered.
    pub fn delivery(&self, (shop, topic, body): &(&str, &str, Value)) -> Result<Delivery> {
        Ok(Delivery {
            dialect: Dialect::Shopify,
            source: "lamps".to_owned(),
            shop: (*shop).to_owned(),
            topic: (*topic).to_owned(),
            api_version: None,
            webhook_id: None,
            event_id: None,
            triggered_at: Some(self.now),
            received_at: self.now,
            body: serde_json::to_vec(body)?,
        })
    }

    /// Deliveries arrive, be it for the first time or again.
    pub async fn take(&mut self, deliveries: &[Delivery]) -> Result<()> {
        let bodies = deliveries.iter().map(serde_json::to_string);
        let bodies: Vec<_> = bodies.collect::<Result<_, _>>()?;
        let records = (0..)
            .zip(bodies)
            .map(|(place, body)| json!({"messageId": format!("message-{place}"), "body": body}));
        let records: Vec<_> = records.collect();
        let batch: SqsEvent = serde_json::from_value(json!({ "Records": records }))?;
        let response = self.upsert.handle(self.now, &mut self.metrics, batch);
        let response = response.await.map_err(|f| anyhow::anyhow!("{f}"))?;
        ensure!(response.batch_item_failures.is_empty(), "a delivery failed");
        Ok(())
    }

    /// Whoever changed is assessed.
    pub async fn assess(&mut self) -> Result<()> {
        loop {
            let from = self.read_up_to.as_deref();
            let dynamo = self.system.services().dynamo();
            let records: Vec<EventRecord> = dynamo.records_after(&self.people, from, 1000)?;
            let Some(last) = records.last() else {
                return Ok(());
            };
            self.read_up_to.clone_from(&last.change.sequence_number);
            let mut event = Event::default();
            event.records = records;
            let event = serde_json::to_value(event)?;
            let answer = self.recompute.handle(self.now, &mut self.metrics, event);
            let answer = answer.await.map_err(|f| anyhow::anyhow!("{f}"))?;
            let failed = answer["batchItemFailures"].as_array();
            ensure!(failed.is_none_or(Vec::is_empty), "a record failed");
        }
    }

    /// Asks the API as an agent.
    pub async fn ask(&mut self, path: &str, body: Value) -> Result<Answer> {
        self.ask_with(path, body, &[]).await
    }

    /// Asks the API as an agent, with headers.
    pub async fn ask_with(
        &mut self,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let method = if body.is_null() { "GET" } else { "POST" };
        self.call(method, path, body, headers).await
    }

    /// Asks the API as an agent, by any method.
    pub async fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let mut all = BTreeMap::from([("content-type", "application/json")]);
        all.extend(headers.iter().copied());
        let event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": all,
            "queryStringParameters": {},
            "body": body.to_string(),
            "isBase64Encoded": false,
            "requestContext": {
                "stage": "$default",
                "http": {"method": method, "path": path},
                "authorizer": {"jwt": {"claims": {"sub": "agent-1", "cognito:groups": "[agent]"}}},
            },
        });
        let event = serde_json::from_value(event)?;
        let response = self.api.handle(self.now, &mut self.metrics, event).await;
        let response = response.map_err(|f| anyhow::anyhow!("{f}"))?;
        let text = match response.body {
            Some(Body::Text(text)) => text,
            _ => String::new(),
        };
        let tag = response.headers.get("etag");
        Ok(Answer {
            status: response.status_code,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            tag: tag.and_then(|tag| Some(tag.to_str().ok()?.to_owned())),
        })
    }

    /// Merges by hand, whatever the limits; the id of the merge.
    pub async fn merge(&mut self, kept: &NodeId, joined: &NodeId) -> Result<String> {
        let body = json!({"with": joined, "accept_limits": true});
        let path = format!("/v1/customers/{kept}/merge");
        let answer = self.ask(&path, body).await?;
        ensure!(answer.status == 201, "{answer:?}");
        let id = answer.body["id"].as_str();
        Ok(id.context("a merge has an id")?.to_owned())
    }

    pub async fn unmerge(&mut self, customer: &NodeId, merge: &str) -> Result<Value> {
        let path = format!("/v1/customers/{customer}/unmerge");
        let answer = self.ask(&path, json!({ "merge_id": merge })).await?;
        ensure!(answer.status == 200, "{answer:?}");
        Ok(answer.body)
    }

    /// The node that goes by a source's id.
    pub async fn node_of(&self, shop: &str, customer: u64) -> Result<NodeId> {
        let nodes = self.nodes_of(&[shop], customer).await?;
        nodes.into_iter().next().context("the customer is known")
    }

    /// The nodes that go by one number in several shops.
    pub async fn nodes_of(&self, shops: &[&str], customer: u64) -> Result<Vec<NodeId>> {
        let number = customer.to_string();
        let claim = |shop: &&str| Ok(Claim::Id(ExternalId::new("lamps", shop, &number)?));
        let claims: Vec<_> = shops.iter().map(claim).collect::<Result<_>>()?;
        let mut wanted = Wanted::default();
        for claim in &claims {
            wanted.claim(claim);
        }
        let found = self.store.load(&wanted, Consistency::Strong).await?;
        let node = |claim| found.claim(claim)?.context("the customer is known");
        claims.iter().map(node).collect()
    }

    pub async fn person(&self, node: &NodeId) -> Result<PersonRecord> {
        let person = self.store.person_fetch(node, Consistency::Strong).await?;
        person.context("the id leads to somebody")
    }

    /// Lets a deed happen, whole, just before the next call of `operation`.
    pub fn before(&self, operation: &'static str, deed: impl FnOnce() + Send + 'static) {
        let deed = Mutex::new(Some(deed));
        self.system.services().on_call(move |_, called, _| {
            let mut waiting = deed.lock().expect("nobody panics while holding it");
            let due = waiting.take_if(|_| called == operation);
            drop(waiting);
            if let Some(deed) = due {
                std::thread::spawn(deed).join().expect("the deed is done");
            }
            Fault::None
        });
    }

    /// What every call is answered by from now on.
    pub fn faults(&self, fault: impl Fn(&str) -> Fault + Send + Sync + 'static) {
        let services = self.system.services();
        services.on_call(move |_, operation, _| fault(operation));
    }

    pub fn no_faults(&self) {
        self.system.services().no_faults();
    }
}

/// `customers/create` of a customer with an address.
pub fn customer(id: u64, email: &str, at: Timestamp) -> Value {
    json!({
        "id": id,
        "email": email,
        "first_name": "X",
        "created_at": at,
        "updated_at": at,
    })
}

/// `orders/create` of one line by a customer, or by a guest with an address.
pub fn order(number: u64, buyer: Result<u64, &str>, price: u32, at: Timestamp) -> Value {
    let (customer, email) = match buyer {
        Ok(id) => (json!({ "id": id }), Value::Null),
        Err(email) => (Value::Null, json!(email)),
    };
    json!({
        "id": number,
        "name": format!("#{number}"),
        "email": email,
        "customer": customer,
        "created_at": at,
        "processed_at": at,
        "updated_at": at,
        "currency": "EUR",
        "financial_status": "paid",
        "line_items": [{"id": number * 10 + 1, "title": "Lamp", "quantity": 3, "price": price.to_string(), "gift_card": false}],
    })
}

/// `refunds/create` of one unit of an order.
pub fn refund(number: u64, order: u64, subtotal: u32, at: Timestamp) -> Value {
    json!({
        "id": number,
        "order_id": order,
        "created_at": at,
        "processed_at": at,
        "order_adjustments": [],
        "refund_line_items": [{
            "id": number * 10 + 1,
            "line_item_id": order * 10 + 1,
            "quantity": 1,
            "restock_type": "return",
            "subtotal": subtotal.to_string(),
            "line_item": {"id": order * 10 + 1, "gift_card": false},
        }],
    })
}

/// Functions that do nothing by themselves.
fn idle() -> Registry {
    let packages = [
        "api",
        "connector-push",
        "customer-upsert",
        "event-relay",
        "ingest-webhook",
        "segment-recompute",
        "sla-checker",
        "workflow-dispatcher",
    ];
    packages.into_iter().fold(Registry::default(), |all, name| {
        all.with_plain(name, |_, _| Ok(Value::Null))
    })
}
