//! The function that walks, with its queue emptied by hand.

use anyhow::{Context, Result};
use crm_domain::customer::Node;
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::merge::{self, By, Occasion};
use crm_domain::money::Amount;
use crm_domain::order::Contribution;
use crm_domain::population::Snapshot;
use crm_domain::segment::Assessment;
use crm_lambda::{Metrics, Variables};
use crm_local::services::queues::{Queues, Settings};
use crm_store::{
    Changes, Committed, Consistency, PassMessage, PersonRecord, RunRecord, RunStage, ScanPlace,
    Scanned,
};
use crm_tests::tables::Tables;
use jiff::{SignedDuration, Timestamp};
use segment_recompute::{Bounds, Function};
use serde_json::{Value, json};

/// The queue of steps.
const PASSES: &str = "passes";

/// A night at three.
pub const NIGHT: &str = "2026-03-02T03:00:00Z";

/// So small that sixty customers need every kind of step.
pub const SMALL: Bounds = Bounds {
    page: 7,
    pages: 2,
    writes: 3,
    slice: 20,
};

pub struct Crew {
    pub tables: Tables,
    function: Function,
    metrics: Metrics,
}

/// What everyone is, and what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub people: Vec<(String, Option<Assessment>)>,
    pub figures: Option<Snapshot>,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Crew {
    pub async fn with(bounds: Bounds) -> Result<Self> {
        let tables = Tables::new(at(NIGHT)).await?;
        tables.services.queues().create(PASSES, Settings::default());
        for name in ["parked", "links"] {
            tables.services.queues().create(name, Settings::default());
        }
        let url = |name: &str| Queues::url_of(name);
        let own = tables.variables();
        let mut pairs = Vec::new();
        for name in ["PEOPLE_TABLE", "FACTS_TABLE"] {
            pairs.push((name.to_owned(), own.required(name)?.to_owned()));
        }
        pairs.push(("PARKED_QUEUE_URL".to_owned(), url("parked")));
        pairs.push(("PASS_QUEUE_URL".to_owned(), url(PASSES)));
        pairs.push(("LINK_QUEUE_URL".to_owned(), url("links")));
        let variables: Variables = pairs.into_iter().collect();
        let function = Function::new(&tables.sdk(), &variables)?.bounded(bounds);
        Ok(Self {
            tables,
            function,
            metrics: Metrics::new("crew"),
        })
    }

    /// A customer of one order, `days` before the night.
    pub async fn buys(&self, number: u32, gross: i64, days: i64) -> Result<NodeId> {
        let id = NodeId::parse(&format!("customer{number:04}"))?;
        let shop = ExternalId::parse(&format!("shopify:cups.myshopify.com:{number}"))?;
        let known = self.tables.store.person_fetch(&id, Consistency::Strong);
        let mut node = match known.await? {
            Some(PersonRecord::Single(node)) => *node,
            _ => Node::new(id.clone(), Some(shop), at(NIGHT)),
        };
        let order = Contribution {
            placed_at: at(NIGHT) - SignedDuration::from_hours(24 * days),
            gross: Amount::whole(gross),
            units_bought: 1,
            ..Contribution::default()
        };
        node.totals.replace(None, Some(&order));
        node.touch(at(NIGHT));
        self.put(&node).await?;
        Ok(id)
    }

    pub async fn put(&self, node: &Node) -> Result<()> {
        let mut changes = Changes::new();
        changes.node_put(node)?;
        let done = self.tables.store.commit(changes).await?;
        anyhow::ensure!(done == Committed::Done, "the customer has changed");
        Ok(())
    }

    /// One customer out of two.
    pub async fn merge(&self, kept: u32, joined: u32) -> Result<()> {
        let [kept, joined] = [self.node(kept).await?, self.node(joined).await?];
        let occasion = Occasion {
            merge: format!("{}+{}", kept.id, joined.id),
            at: at(NIGHT),
            by: By::Staff,
            caller: None,
            kept: kept.id.clone(),
            joined: joined.id.clone(),
        };
        let [kept, joined] = [kept, joined].map(|node| PersonRecord::Single(Box::new(node)));
        let made = merge::join(kept.clone(), joined, occasion)?;
        let mut changes = Changes::new();
        changes.join(&kept, &made)?;
        let done = self.tables.store.commit(changes).await?;
        anyhow::ensure!(done == Committed::Done, "one of them has changed");
        Ok(())
    }

    /// Sixty customers, the best of 600, each other of ten less.
    pub async fn sixty(&self) -> Result<()> {
        for number in 1..=60 {
            self.buys(number, 10 * i64::from(number), 40).await?;
        }
        Ok(())
    }

    /// Twenty-one customers of a store that ranks from ten on.
    pub async fn few(&self) -> Result<()> {
        let store = &self.tables.store;
        let old = store.settings_fetch().await?;
        let mut new = old.clone();
        new.vip.least_base = 10;
        store.settings_replace(&old, &new, "ada", at(NIGHT)).await?;
        for number in 1..=21 {
            self.buys(number, 10 * i64::from(number), 40).await?;
        }
        Ok(())
    }

    pub async fn node(&self, number: u32) -> Result<Node> {
        let id = NodeId::parse(&format!("customer{number:04}"))?;
        let person = self.tables.store.person_fetch(&id, Consistency::Strong);
        match person.await? {
            Some(PersonRecord::Single(node)) => Ok(*node),
            _ => anyhow::bail!("customer {number} is nobody"),
        }
    }

    pub async fn is_vip(&self, number: u32) -> Result<bool> {
        let assessment = self.node(number).await?.assessment;
        Ok(assessment.context("assessed")?.vip)
    }

    /// A clock's tick.
    pub async fn tick(&mut self, kind: &str, time: &str) -> Result<()> {
        let event = json!({"kind": kind, "time": time});
        let answer = self.function.handle(at(time), &mut self.metrics, event);
        answer
            .await
            .map_err(|failure| anyhow::anyhow!("{failure}"))?;
        Ok(())
    }

    /// Hands a step over; tells whether it is done with.
    pub async fn step(&mut self, body: &str) -> bool {
        let event = json!({"Records": [{
            "messageId": "m", "body": body, "eventSource": "aws:sqs",
        }]});
        let answer = self.function.handle(at(NIGHT), &mut self.metrics, event);
        let answer = answer.await.unwrap_or(json!({"batchItemFailures": [0]}));
        answer["batchItemFailures"] == json!([])
    }

    /// Takes what is in the queue.
    pub fn take(&self) -> Result<Vec<String>> {
        let queues = self.tables.services.queues();
        let now = self.tables.services.clock().now();
        let mut bodies = Vec::new();
        loop {
            let received = queues.receive(PASSES, 10, now)?;
            if received.is_empty() {
                return Ok(bodies);
            }
            let receipts: Vec<_> = received.iter().map(|one| one.receipt.clone()).collect();
            queues.delete(PASSES, &receipts)?;
            bodies.extend(received.into_iter().map(|one| one.body));
        }
    }

    /// Makes every step, each as often as `times`, until none is left.
    pub async fn finish(&mut self, times: usize) -> Result<()> {
        for _ in 0..1000 {
            let bodies = self.take()?;
            if bodies.is_empty() {
                return Ok(());
            }
            for body in bodies {
                for _ in 0..times {
                    anyhow::ensure!(self.step(&body).await, "the step fails: {body}");
                }
            }
        }
        anyhow::bail!("the walk has no end")
    }

    /// A whole night.
    pub async fn night(&mut self, time: &str) -> Result<RunRecord> {
        self.tick("nightly", time).await?;
        self.finish(1).await?;
        self.run(&format!("nightly-{}", &time[..10])).await
    }

    /// A run that is over.
    pub async fn run(&self, id: &str) -> Result<RunRecord> {
        let run = self.tables.store.run_fetch(id).await?;
        let run = run.context("it was begun")?;
        anyhow::ensure!(run.stage == RunStage::Done, "it stands at {run:?}");
        Ok(run)
    }

    /// Sets a run off that somebody asked for.
    pub async fn ask(&mut self, run: &RunRecord) -> Result<Value> {
        self.tables.store.run_start(run).await?;
        anyhow::ensure!(self.step(&PassMessage::start(&run.id).body()).await);
        self.finish(1).await?;
        let done = self.run(&run.id).await?;
        Ok(serde_json::from_str(&done.result.context("a result")?)?)
    }

    /// How often each customer was written.
    pub async fn versions(&self) -> Result<Vec<u64>> {
        let nodes = self.nodes().await?;
        Ok(nodes.into_iter().map(|node| node.version).collect())
    }

    async fn nodes(&self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        let mut place: Option<ScanPlace> = None;
        loop {
            let page = self.tables.store.people_scan(0, 1, place, 1000).await?;
            nodes.extend(page.items.into_iter().filter_map(|record| match record {
                Scanned::Node(node) => Some(*node),
                Scanned::Person(_) | Scanned::Unreadable(_) => None,
            }));
            place = page.next;
            if place.is_none() {
                nodes.sort_by(|one, other| one.id.cmp(&other.id));
                return Ok(nodes);
            }
        }
    }

    pub async fn state(&self) -> Result<State> {
        let nodes = self.nodes().await?.into_iter();
        Ok(State {
            people: nodes
                .map(|node| (node.id.to_string(), node.assessment))
                .collect(),
            figures: self.tables.store.population_fetch(None).await?,
        })
    }
}
