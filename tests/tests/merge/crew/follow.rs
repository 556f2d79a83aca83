//! What follows by itself: events, workflows and letters; time; and the pass
//! over everyone.

use anyhow::{Result, ensure};
use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::sqs::SqsEvent;
use crm_domain::settings::Settings;
use crm_lambda::Variables;
use crm_local::services::mail::Letter;
use crm_store::Committed;
use serde_json::{Value, json};

use super::Crew;

/// Names of the queues that are emptied by hand.
pub struct Queues {
    passes: String,
    links: String,
    outbound: String,
}

impl Queues {
    pub fn of(recompute: &Variables, dispatcher: &Variables) -> Result<Self> {
        let name = |variables: &Variables, variable: &'static str| -> Result<String> {
            let url = variables.required(variable)?;
            Ok(url.rsplit('/').next().unwrap_or_default().to_owned())
        };
        Ok(Self {
            passes: name(recompute, "PASS_QUEUE_URL")?,
            links: name(recompute, "LINK_QUEUE_URL")?,
            outbound: name(dispatcher, "OUTBOUND_QUEUE_URL")?,
        })
    }
}

impl Crew {
    /// Everything that follows from what was told, until nothing is left.
    pub async fn settle(&mut self) -> Result<()> {
        loop {
            self.assess().await?;
            let told = self.tell_the_world().await?;
            let steps = self.take_messages(&self.queues.passes.clone())?;
            self.recompute_messages(&steps).await?;
            // Who may be one person is nobody's business here.
            self.take_messages(&self.queues.links.clone())?;
            if told == 0 && steps.is_empty() {
                return Ok(());
            }
        }
    }

    /// What changed is told on the bus, and what follows from it is done;
    /// gives how many changes there were.
    async fn tell_the_world(&mut self) -> Result<usize> {
        let mut changes = 0;
        for table in [self.people.clone(), self.facts.clone()] {
            let from = self.relayed_up_to.get(&table).map(String::as_str);
            let records = self.system.services().dynamo();
            let records = records.records_after(&table, from, 1000)?;
            let Some(last) = records.last() else { continue };
            let last = last.change.sequence_number.clone().unwrap_or_default();
            self.relayed_up_to.insert(table, last);
            changes += records.len();
            let mut event = Event::default();
            event.records = records;
            let answer = self.relay.handle(self.now, &mut self.metrics, event);
            let answer = answer.await.map_err(|f| anyhow::anyhow!("{f}"))?;
            ensure!(
                answer.batch_item_failures.is_empty(),
                "a change is not told"
            );
        }
        let bus = self.system.services().bus();
        let now = self.system.services().clock().now();
        let mut events = Vec::new();
        for delivery in bus.take_deliveries(now)? {
            events.push(delivery.payload.clone());
            bus.delivered(delivery.id)?;
        }
        if !events.is_empty() {
            let batch = batch(&events)?;
            let answer = self.dispatcher.handle(self.now, &mut self.metrics, batch);
            let answer = answer.await.map_err(|f| anyhow::anyhow!("{f}"))?;
            ensure!(answer.batch_item_failures.is_empty(), "an event failed");
        }
        let asked = self.take_messages(&self.queues.outbound.clone())?;
        if !asked.is_empty() {
            let answer = self
                .pusher
                .handle(self.now, &mut self.metrics, batch(&asked)?);
            let answer = answer.await.map_err(|f| anyhow::anyhow!("{f}"))?;
            ensure!(
                answer.batch_item_failures.is_empty(),
                "a letter is not sent"
            );
        }
        Ok(changes)
    }

    /// What is in a queue, which is empty then.
    fn take_messages(&self, queue: &str) -> Result<Vec<String>> {
        let queues = self.system.services().queues();
        let now = self.system.services().clock().now();
        let mut bodies = Vec::new();
        loop {
            let received = queues.receive(queue, 10, now)?;
            if received.is_empty() {
                return Ok(bodies);
            }
            let receipts: Vec<_> = received.iter().map(|one| one.receipt.clone()).collect();
            queues.delete(queue, &receipts)?;
            bodies.extend(received.into_iter().map(|one| one.body));
        }
    }

    async fn recompute_messages(&mut self, bodies: &[String]) -> Result<()> {
        if bodies.is_empty() {
            return Ok(());
        }
        let event = serde_json::to_value(batch(bodies)?)?;
        let answer = self.recompute_asked(event).await?;
        ensure!(answer["batchItemFailures"] == json!([]), "a step failed");
        Ok(())
    }

    async fn recompute_asked(&mut self, event: Value) -> Result<Value> {
        let answer = self.recompute.handle(self.now, &mut self.metrics, event);
        answer.await.map_err(|f| anyhow::anyhow!("{f}"))
    }

    /// Whoever time alone has changed by now is assessed.
    pub async fn due(&mut self) -> Result<()> {
        let tick = json!({"kind": "due", "time": self.now});
        self.recompute_asked(tick).await?;
        self.settle().await
    }

    /// A pass over everyone makes the cut-offs of today.
    pub async fn night(&mut self) -> Result<()> {
        let tick = json!({"kind": "nightly", "time": self.now});
        self.recompute_asked(tick).await?;
        self.settle().await
    }

    /// Changes the settings as somebody might.
    pub async fn set(&mut self, change: impl FnOnce(&mut Settings)) -> Result<()> {
        let old = self.store.settings_fetch().await?;
        let mut new = old.clone();
        change(&mut new);
        let done = self.store.settings_replace(&old, &new, "ada", self.now);
        ensure!(done.await? == Committed::Done, "the settings have changed");
        Ok(())
    }

    /// Every letter sent so far.
    pub fn letters(&self) -> Result<Vec<Letter>> {
        Ok(self.system.services().mail().letters()?)
    }
}

fn batch(bodies: &[String]) -> Result<SqsEvent> {
    let records = bodies.iter().enumerate().map(|(place, body)| {
        json!({"messageId": format!("message-{place}"), "body": body, "eventSource": "aws:sqs"})
    });
    let records: Vec<_> = records.collect();
    Ok(serde_json::from_value(json!({ "Records": records }))?)
}
