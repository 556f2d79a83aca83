//! What the clock's work costs over many customers: the hourly due pass over
//! a month, and a night.
//!
//! `cargo run --release -p crm-tests --example passes -- due 100000` lets 30
//! days of hourly ticks pass and counts what they read and write, beside
//! reading everyone once a day. `… -- night 1000000` makes two nights in a
//! row and says what they read, write, take and cost.
//!
//! The tables are the embedded ones; units are theirs, as AWS counts them.
//! Memory is what a step of a night asked for and had not given back, at its
//! peak, counted at Rust's allocator: what was there before the step does not
//! count, nor what SQLite takes by itself, but the answers that the embedded
//! tables make do. So it is a little more than the function's own.

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a measurement"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_lambda_events::dynamodb::EventRecord;
use crm_domain::chronicle::Trigger;
use crm_domain::customer::{Node, Profile};
use crm_domain::identity::{Email, ExternalId, NodeId};
use crm_domain::money::Amount;
use crm_domain::order::Contribution;
use crm_domain::segment::{Rules, Subject, reassess};
use crm_domain::settings::Settings;
use crm_lambda::{Metrics, Variables};
use crm_local::services::Services;
use crm_local::services::dynamo::Consumed;
use crm_store::{Changes, Claim, Store};
use crm_tests::flow::idle_system;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use peak_alloc::PeakAlloc;
use rust_decimal::Decimal;
use segment_recompute::Function;
use serde_json::{Value, json};

/// Of when the prices are.
const PRICED: &str = "us-east-1's prices on demand of November 2026";
/// US dollars for a million units.
const READ_PRICE: f64 = 0.125;
const WRITE_PRICE: f64 = 0.625;
const DAYS: i64 = 30;
/// Customers made in one transaction: each is three items, and now and then
/// a volume of older changes.
const TOGETHER: u32 = 24;
const NAMES: [&str; 5] = ["Ada", "Grace", "Edsger", "Barbara", "Donald"];

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

struct Base {
    services: Services,
    function: Function,
    store: Store,
    people: String,
    pass_queue: String,
    customers: u32,
}

fn begin() -> Timestamp {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

/// A customer of three years with one order or some more, as the day before
/// the measurement left them.
fn customer(rng: &mut Rng, number: u32, settings: &Settings) -> Node {
    let id = NodeId::parse(&format!("{number:0>26}")).unwrap();
    let external = ExternalId::new("shopify", "main", &format!("70000{number}")).unwrap();
    let mut node = Node::new(id, Some(external), begin());
    let name = NAMES[rng.usize(..NAMES.len())];
    let email = Email::parse(&format!("{name}.{number}@example.com")).unwrap();
    node.profile = Profile {
        first_name: Some(name.to_owned()),
        last_name: Some("Lovelace".to_owned()),
        email: Some(email.clone()),
        ..Profile::default()
    };
    node.claimed_email = Some(email);
    let mut last = begin() - SignedDuration::from_hours(24 * 3 * 365);
    while node.totals.history().is_empty() || rng.u8(..10) < 5 {
        let ago = SignedDuration::from_mins(rng.i64(60..3 * 365 * 24 * 60));
        let placed_at = begin() - ago;
        last = last.max(placed_at);
        let order = Contribution {
            placed_at,
            gross: Amount::from_decimal(Decimal::new(rng.i64(500..50_000), 2)),
            units_bought: 1,
            ..Contribution::default()
        };
        node.totals.replace(None, Some(&order));
    }
    node.touched_at = last;
    let rules = Rules::alone(settings);
    let mut chronicle = node.chronicle.clone();
    let subject = Subject::of_node(&node);
    let today = settings.date_of(begin());
    let mut on = settings.date_of(last);
    let mut known = None;
    while on <= today {
        let now = reassess(
            &subject,
            &rules,
            on,
            known.as_ref(),
            &mut chronicle,
            Trigger::Time,
        );
        let next = now.wake_on;
        known = Some(now);
        match next {
            Some(next) => on = next,
            None => break,
        }
    }
    node.assessment = known;
    node.chronicle = chronicle;
    node.stale = false;
    node
}

impl Base {
    async fn of(customers: u32) -> Self {
        let system = idle_system().await.unwrap();
        let wired = &system.wiring().functions["SegmentRecompute"].variables;
        let variables: Variables = wired.clone().into_iter().collect();
        let services = system.services().clone();
        let sdk = services.sdk_config();
        let people = variables.required("PEOPLE_TABLE").unwrap().to_owned();
        let facts = variables.required("FACTS_TABLE").unwrap();
        let queue = variables.required("PASS_QUEUE_URL").unwrap();
        let base = Self {
            store: Store::new(&sdk, &people, facts),
            function: Function::new(&sdk, &variables).unwrap(),
            pass_queue: queue.rsplit('/').next().unwrap().to_owned(),
            services,
            people,
            customers,
        };
        base.fill().await;
        base
    }

    async fn fill(&self) {
        let settings = Settings::default();
        let mut rng = Rng::with_seed(7);
        let begun = Instant::now();
        let mut changes = Changes::new();
        for number in 0..self.customers {
            let node = customer(&mut rng, number, &settings);
            for claim in [
                Claim::Id(node.external_id.clone().unwrap()),
                Claim::Email(node.claimed_email.clone().unwrap()),
            ] {
                changes.claim(&claim, &node.id).unwrap();
            }
            changes.node_put(&node).unwrap();
            if number % TOGETHER == TOGETHER - 1 || number == self.customers - 1 {
                let together = std::mem::take(&mut changes);
                self.store.commit(together).await.unwrap();
            }
            if number % 20_000 == 19_999 {
                self.forget();
            }
        }
        println!(
            "{} customers made in {:.0?}",
            self.customers,
            begun.elapsed()
        );
    }

    /// Lets the services forget what only a retry and a stream would ask for.
    fn forget(&self) {
        let dynamo = self.services.dynamo();
        let newest = dynamo.latest_sequence(&self.people).unwrap();
        if let Some(newest) = newest {
            dynamo.forget_read(&self.people, &newest).unwrap();
        }
        let clock = self.services.clock();
        let later = clock.now() + SignedDuration::from_mins(11);
        clock.set(later).unwrap();
    }

    /// What is consumed while something is done.
    async fn metered(&self, deed: impl AsyncFnOnce()) -> Consumed {
        let dynamo = self.services.dynamo();
        dynamo.reset_consumed();
        dynamo.meter(true);
        deed().await;
        dynamo.meter(false);
        let tables = dynamo.consumed();
        tables
            .values()
            .fold(Consumed::default(), |sum, one| Consumed {
                read_units: sum.read_units + one.read_units,
                write_units: sum.write_units + one.write_units,
            })
    }

    /// Everyone read once, as a pass without an index would.
    async fn scan(&self) -> f64 {
        let (mut units, mut place) = (0.0, None);
        loop {
            let page = self.store.people_scan(0, 1, place, 1000).await.unwrap();
            units += page.read_units;
            place = page.next;
            if place.is_none() {
                return units;
            }
        }
    }

    async fn handle(&self, event: Value, metrics: &mut Metrics) {
        let now = self.services.clock().now();
        self.function.handle(now, metrics, event).await.unwrap();
    }

    async fn month(&self) {
        let daily = self.scan().await;
        let newest = self
            .services
            .dynamo()
            .latest_sequence(&self.people)
            .unwrap();
        let mut metrics = Metrics::new("segment_recompute");
        let consumed = self
            .metered(async || {
                for hour in 0..=DAYS * 24 {
                    let time = begin() + SignedDuration::from_hours(hour);
                    self.handle(json!({"kind": "due", "time": time}), &mut metrics)
                        .await;
                }
            })
            .await;
        let (written, unchanged) = self.written(newest);
        let scans = daily * DAYS as f64;
        println!(
            "| 11 | due pass, {DAYS} days of hourly ticks, {} customers | {:.0} RRU ({written} customers changed) | {scans:.0} RRU, everyone read once a day | {:.3}x | 0.05x |",
            self.customers,
            consumed.read_units,
            consumed.read_units / scans
        );
        println!("| 11 | writes to customers who are as before | {unchanged} | | | 0 |");
    }

    /// Customers written since, and how many of them are as they were.
    fn written(&self, since: Option<String>) -> (usize, usize) {
        let (mut written, mut unchanged, mut since) = (0, 0, since);
        loop {
            let dynamo = self.services.dynamo();
            let records = dynamo
                .records_after(&self.people, since.as_deref(), 1000)
                .unwrap();
            let Some(last) = records.last() else {
                return (written, unchanged);
            };
            since.clone_from(&last.change.sequence_number);
            for record in &records {
                let Some((old, new)) = assessments(record) else {
                    continue;
                };
                written += 1;
                unchanged += usize::from(old == new);
            }
        }
    }

    async fn night(&self, date: &str) {
        let mut metrics = Metrics::new("segment_recompute");
        let mut steps = Steps::default();
        let begun = Instant::now();
        let consumed = self
            .metered(async || {
                let time: Timestamp = format!("{date}T03:00:00Z").parse().unwrap();
                self.services.clock().set(time).unwrap();
                self.handle(json!({"kind": "nightly", "time": time}), &mut metrics).await;
                loop {
                    let queues = self.services.queues();
                    let messages = queues.receive(&self.pass_queue, 10, time).unwrap();
                    if messages.is_empty() {
                        return;
                    }
                    let receipts: Vec<_> = messages.iter().map(|m| m.receipt.clone()).collect();
                    queues.delete(&self.pass_queue, &receipts).unwrap();
                    for message in messages {
                        let record = json!({"messageId": "1", "eventSource": "aws:sqs", "body": message.body});
                        let step = Box::pin(self.handle(json!({"Records": [record]}), &mut metrics));
                        steps.watch(&message.body, step).await;
                    }
                }
            })
            .await;
        let dollars = (consumed.read_units * READ_PRICE + consumed.write_units * WRITE_PRICE) / 1e6;
        println!(
            "night of {date}: {} customers in {} steps and {:.0?}; {:.0} RRU ({:.3} a customer), {:.0} WRU; {:.1} cents at {PRICED}",
            self.customers,
            steps.made,
            begun.elapsed(),
            consumed.read_units,
            consumed.read_units / f64::from(self.customers),
            consumed.write_units,
            dollars * 100.0,
        );
        for (stage, most) in &steps.most {
            println!(
                "  {stage}: {} steps, the longest {:.1?}, the biggest {:.1} MB",
                most.steps,
                most.time,
                most.memory as f64 / 1e6
            );
        }
    }
}

/// What the steps of a night took.
#[derive(Default)]
struct Steps {
    made: usize,
    most: BTreeMap<String, Most>,
}

/// The most that a step of a stage took.
#[derive(Default)]
struct Most {
    steps: usize,
    time: Duration,
    /// In bytes.
    memory: usize,
}

impl Steps {
    async fn watch(&mut self, message: &str, step: impl Future<Output = ()>) {
        let message: Value = serde_json::from_str(message).unwrap();
        let stage = message["stage"].as_str().unwrap().to_owned();
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let begun = Instant::now();
        step.await;
        let most = self.most.entry(stage).or_default();
        self.made += 1;
        most.steps += 1;
        most.time = most.time.max(begun.elapsed());
        let memory = MEMORY.peak_usage().saturating_sub(before);
        most.memory = most.memory.max(memory);
    }
}

fn assessments(record: &EventRecord) -> Option<(Value, Value)> {
    let image = |image: &serde_dynamo::Item| -> Option<Value> {
        let node: Node = crm_store::image("node", image.clone()).ok()?;
        let mut told = serde_json::to_value(node.assessment?).ok()?;
        for passing in ["on", "settings", "cutoffs", "rules"] {
            told.as_object_mut()?.remove(passing);
        }
        Some(told)
    };
    Some((
        image(&record.change.old_image)?,
        image(&record.change.new_image)?,
    ))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, customers] = arguments.as_slice() else {
        panic!("usage: passes due|night CUSTOMERS");
    };
    let base = Base::of(customers.parse().unwrap()).await;
    match mode.as_str() {
        "due" => base.month().await,
        "night" => {
            base.night("2026-03-03").await;
            base.night("2026-03-04").await;
        }
        _ => panic!("due or night"),
    }
}
