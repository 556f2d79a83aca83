//! From a stored order to a sent mail, each function driven by hand.
//!
//! The tables, queues, bus and mailbox are those of the local system; what
//! would move between them by itself is moved by the test, as often and in
//! whatever order it likes.

mod sale;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::sqs::SqsEvent;
use crm_domain::identity::{ExternalId, NodeId};
use crm_lambda::{Metrics, Variables};
use crm_local::functions::Registry;
use crm_local::services::bus::{Input, Rule, Target};
use crm_local::services::mail::Letter;
use crm_local::services::pattern::Pattern;
use crm_local::services::queues::Settings;
use crm_local::services::{Destination, Fault, Retry, Services};
use crm_local::system::{System, SystemOptions, template_path};
use crm_store::{Consistency, MessageState, PersonRecord, Store, Wanted};
use jiff::Timestamp;
use serde_json::{Value, json};

pub use sale::{Sale, noon};

/// Hears every event.
const HEARD: &str = "heard";

/// The functions from the tables to the mailbox, and what they stand on.
pub struct Flow {
    /// The services below.
    pub services: Services,
    /// The tables.
    pub store: Store,
    /// What the functions counted.
    pub metrics: Metrics,
    upsert: customer_upsert::Function,
    relay: event_relay::Function,
    dispatcher: workflow_dispatcher::Function,
    pusher: connector_push::Function,
    tables: [String; 2],
    queues: BTreeMap<&'static str, String>,
    read_up_to: BTreeMap<String, String>,
    system: Arc<System>,
}

impl Flow {
    /// A new system at [`noon`], with nobody in it.
    ///
    /// # Errors
    ///
    /// When the template cannot be used.
    pub async fn start() -> Result<Self> {
        Self::over(Arc::new(idle_system().await?))
    }

    /// A second set of functions over the same services, as Lambda runs them
    /// beside each other.
    ///
    /// # Errors
    ///
    /// When the template cannot be used.
    pub fn twin(&self) -> Result<Self> {
        Self::over(self.system.clone())
    }

    fn over(system: Arc<System>) -> Result<Self> {
        let services = system.services().clone();
        let sdk = services.sdk_config();
        let of = |id: &str| -> Result<Variables> {
            let function = system
                .wiring()
                .functions
                .get(id)
                .context("in the template")?;
            Ok(function.variables.clone().into_iter().collect())
        };
        let queue = |id: &str, variable: &'static str| -> Result<String> {
            let url = of(id)?.required(variable)?.to_owned();
            Ok(url.rsplit('/').next().unwrap_or_default().to_owned())
        };
        let variables = of("CustomerUpsert")?;
        let tables = ["PEOPLE_TABLE", "FACTS_TABLE"].map(|name| variables.required(name));
        let [people, facts] = tables;
        let (people, facts) = (people?.to_owned(), facts?.to_owned());
        listen(&services, &of("EventRelay")?)?;
        Ok(Self {
            store: Store::new(&sdk, &people, &facts),
            metrics: Metrics::new("flow"),
            upsert: customer_upsert::Function::new(&sdk, &variables)?,
            relay: event_relay::Function::new(&sdk, &of("EventRelay")?)?,
            dispatcher: workflow_dispatcher::Function::new(&sdk, &of("WorkflowDispatcher")?)?,
            pusher: connector_push::Function::new(&sdk, &of("ConnectorPush")?)?,
            tables: [people, facts],
            queues: BTreeMap::from([
                (
                    "outbound",
                    queue("WorkflowDispatcher", "OUTBOUND_QUEUE_URL")?,
                ),
                ("parked", queue("EventRelay", "PARKED_QUEUE_URL")?),
                (HEARD, HEARD.to_owned()),
            ]),
            read_up_to: BTreeMap::new(),
            services,
            system,
        })
    }

    /// A shop tells of a sale; it is stored, with its customer.
    ///
    /// # Errors
    ///
    /// When it could not be.
    pub async fn sell(&mut self, sale: &Sale) -> Result<()> {
        let body = serde_json::to_string(&sale.delivery(self.services.clock().now())?)?;
        let batch = batch([body])?;
        let response = self.upsert.handle(noon(), &mut self.metrics, batch).await;
        let response = response.map_err(|failure| anyhow::anyhow!("{failure}"))?;
        anyhow::ensure!(
            response.batch_item_failures.is_empty(),
            "the sale is refused"
        );
        Ok(())
    }

    /// The changes of both tables since this was asked last.
    ///
    /// # Errors
    ///
    /// When a stream cannot be read.
    pub fn changes(&mut self) -> Result<Vec<EventRecord>> {
        let mut changes = Vec::new();
        for table in &self.tables {
            let from = self.read_up_to.get(table).map(String::as_str);
            let records = self.services.dynamo().records_after(table, from, 1000)?;
            let last = records
                .last()
                .and_then(|last| last.change.sequence_number.clone());
            if let Some(last) = last {
                self.read_up_to.insert(table.clone(), last);
            }
            changes.extend(records);
        }
        Ok(changes)
    }

    /// Hands records to the relay; gives the number of the record to go on from.
    ///
    /// # Errors
    ///
    /// When the whole batch failed.
    pub async fn relay(&mut self, records: &[EventRecord]) -> Result<Option<String>> {
        let mut event = Event::default();
        event.records = records.to_vec();
        let response = self.relay.handle(noon(), &mut self.metrics, event).await;
        let response = response.map_err(|failure| anyhow::anyhow!("{failure}"))?;
        let mut failures = response.batch_item_failures.into_iter();
        Ok(failures.next().and_then(|failure| failure.item_identifier))
    }

    /// Every event heard so far, as the bus delivers it, in order.
    ///
    /// # Errors
    ///
    /// When a queue cannot be used.
    pub fn heard(&self) -> Result<Vec<String>> {
        let now = self.services.clock().now();
        for delivery in self.services.bus().take_deliveries(now)? {
            if let Destination::Queue(queue) = &delivery.destination {
                let message = crm_local::services::queues::Outgoing::of(&*delivery.payload);
                self.services.queues().send(queue, &message, now)?;
            }
            self.services.bus().delivered(delivery.id)?;
        }
        self.bodies(HEARD)
    }

    /// Kinds and details of the events heard so far.
    ///
    /// # Errors
    ///
    /// As [`Flow::heard`].
    pub fn told(&self) -> Result<Vec<(String, Value)>> {
        let heard = self.heard()?;
        let events = heard.iter().map(|body| {
            let event: Value = serde_json::from_str(body)?;
            let kind = event["detail-type"].as_str().unwrap_or_default();
            Ok((kind.to_owned(), event["detail"].clone()))
        });
        events.collect()
    }

    /// Hands events to the dispatcher; gives how many it left in the queue.
    ///
    /// # Errors
    ///
    /// When the whole batch failed.
    pub async fn dispatch(&mut self, events: &[String]) -> Result<usize> {
        let batch = batch(events.iter().cloned())?;
        let response = self.dispatcher.handle(noon(), &mut self.metrics, batch);
        let response = response.await.map_err(|f| anyhow::anyhow!("{f}"))?;
        Ok(response.batch_item_failures.len())
    }

    /// Relays what changed, and hands all events heard to the dispatcher.
    ///
    /// # Errors
    ///
    /// When something failed.
    pub async fn follow(&mut self) -> Result<()> {
        let changes = self.changes()?;
        anyhow::ensure!(self.relay(&changes).await?.is_none(), "a record failed");
        let heard = self.heard()?;
        anyhow::ensure!(self.dispatch(&heard).await? == 0, "an event failed");
        Ok(())
    }

    /// Hands everything in the outbound queue to the pusher once, at the
    /// clock's time; gives how many it left there.
    ///
    /// # Errors
    ///
    /// When the whole batch failed.
    pub async fn push(&mut self) -> Result<usize> {
        let batch = batch(self.outbound()?)?;
        let now = self.services.clock().now();
        let response = self.pusher.handle(now, &mut self.metrics, batch);
        let response = response.await.map_err(|f| anyhow::anyhow!("{f}"))?;
        Ok(response.batch_item_failures.len())
    }

    /// The bodies in the outbound queue.
    ///
    /// # Errors
    ///
    /// When the queue cannot be read.
    pub fn outbound(&self) -> Result<Vec<String>> {
        self.bodies("outbound")
    }

    /// The bodies in the queue of parked records.
    ///
    /// # Errors
    ///
    /// When the queue cannot be read.
    pub fn parked(&self) -> Result<Vec<String>> {
        self.bodies("parked")
    }

    fn bodies(&self, queue: &str) -> Result<Vec<String>> {
        let messages = self.services.queues().peek(&self.queues[queue])?;
        Ok(messages.into_iter().map(|message| message.body).collect())
    }

    /// The letters sent so far.
    ///
    /// # Errors
    ///
    /// When the mailbox cannot be read.
    pub fn letters(&self) -> Result<Vec<Letter>> {
        Ok(self.services.mail().letters()?)
    }

    /// The state of the one message in the outbound queue.
    ///
    /// # Errors
    ///
    /// When there is none, or it cannot be read.
    pub async fn state(&self) -> Result<MessageState> {
        let outbound = self.outbound()?;
        let asked: Value = serde_json::from_str(outbound.first().context("one is queued")?)?;
        let id = asked["message_id"].as_str().context("it has an id")?;
        let message = self
            .store
            .message_fetch(id)
            .await?
            .context("it is stored")?;
        Ok(message.state)
    }

    /// The person who placed an order.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn buyer(&self, order: &str) -> Result<PersonRecord> {
        let id = ExternalId::parse(order)?;
        let mut wanted = Wanted::default();
        let loaded = self
            .store
            .load(wanted.order(&id), Consistency::Strong)
            .await?;
        let node: Option<NodeId> = loaded.order(&id)?.and_then(|record| record.order.node);
        let node = node.context("the order has a customer")?;
        let person = self.store.person_fetch(&node, Consistency::Strong).await?;
        person.context("the customer exists")
    }

    /// Lets a deed happen, whole, just before the next call of `operation`.
    ///
    /// # Panics
    ///
    /// When the deed does.
    pub fn before(&self, operation: &'static str, deed: impl FnOnce() + Send + 'static) {
        let deed = Mutex::new(Some(deed));
        self.services.on_call(move |_, called, _| {
            let mut waiting = deed.lock().expect("nobody panics while holding it");
            let due = waiting.take_if(|_| called == operation);
            drop(waiting);
            if let Some(deed) = due {
                std::thread::spawn(deed).join().expect("the deed is done");
            }
            Fault::None
        });
    }

    /// Moves the clock forward.
    ///
    /// # Errors
    ///
    /// Never, as long as time runs forward.
    pub fn wait_until(&self, to: Timestamp) -> Result<()> {
        Ok(self.services.clock().set(to)?)
    }
}

/// A batch of queue messages with these bodies.
fn batch(bodies: impl IntoIterator<Item = String>) -> Result<SqsEvent> {
    let records: Vec<_> = (0..)
        .zip(bodies)
        .map(|(place, body)| json!({"messageId": format!("message-{place}"), "body": body}))
        .collect();
    Ok(serde_json::from_value(json!({ "Records": records }))?)
}

/// The system of the template in memory at [`noon`], in which nothing happens by itself.
///
/// # Errors
///
/// When the template cannot be used.
pub async fn idle_system() -> Result<System> {
    let options = SystemOptions::from_file(&template_path(), idle())?;
    Ok(System::in_memory(&options, noon()).await?)
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

/// Puts every event of the CRM into a queue of its own.
fn listen(services: &Services, relay: &Variables) -> Result<()> {
    services.queues().create(HEARD, Settings::default());
    services.bus().rule(Rule {
        name: "everything".to_owned(),
        bus: relay.required("BUS_NAME")?.to_owned(),
        pattern: Pattern::parse(&json!({"source": ["crm"]}))?,
        targets: vec![Target {
            destination: Destination::Queue(HEARD.to_owned()),
            input: Input::default(),
            retry: Retry::default(),
        }],
    });
    Ok(())
}
