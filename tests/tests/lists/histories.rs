//! Random histories through the whole system: whoever is in a segment's list is
//! whom a full evaluation of the records puts there, and nobody else.
//!
//! `LIST_HISTORIES` says how many; 3 unless it does.

use std::collections::BTreeSet;

use crm_domain::condition::Candidate;
use crm_domain::identity::NodeId;
use crm_domain::named::judge;
use crm_domain::segment::{Rules, Subject, assess};
use crm_store::{Consistency, Store};
use crm_tests::shop::{Webhook, order, refund};
use crm_tests::stack::Stack;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::support::{customer, id_of, name, place, store, told};

const USUAL: u64 = 3;
const PEOPLE: u64 = 5;

struct History {
    stack: Stack,
    store: Store,
    rng: Rng,
    nodes: Vec<String>,
    segments: Vec<String>,
    merges: Vec<(String, String)>,
    orders: u64,
    days: i64,
}

#[tokio::test]
async fn every_list_is_what_a_full_evaluation_of_the_records_says() {
    let histories = std::env::var("LIST_HISTORIES").ok();
    let histories = histories.map_or(USUAL, |count| count.parse().unwrap());
    for seed in 0..histories {
        let mut history = History::begin(seed).await;
        for step in 0..12 {
            history.step().await;
            history
                .compare(&format!("history {seed}, step {step}"))
                .await;
        }
    }
}

fn any_condition(rng: &mut Rng) -> Value {
    let least = rng.u32(0..200);
    let days = rng.u32(1..60);
    let one = match rng.u8(0..6) {
        0 => json!({"gross": {"at_least": least}}),
        1 => json!({"days_since_last_order": {"below": days}}),
        2 => json!({"tag": "press"}),
        3 => json!({"orders": {"at_least": rng.u32(1..3)}}),
        4 => json!({"stage": rng.choice(["New", "Active", "Prospect", "Single-order"]).unwrap()}),
        _ => json!({"name": rng.choice(["ad", "bo", "x"]).unwrap()}),
    };
    match rng.u8(0..4) {
        0 => json!({ "not": one }),
        1 => json!({"any": [one, {"tag": "wholesale"}]}),
        2 => json!({"all": [one, {"net": {"below": 500}}]}),
        _ => one,
    }
}

impl History {
    async fn begin(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let stack = Stack::start_without_cases().await;
        let names = ["Ada", "Bo", "Cy", "Adele", "Bob"];
        let people = (1..=PEOPLE).zip(names).map(|(n, name)| {
            let mut one = customer(n, name, "Xavier");
            one["tags"] = json!(rng.choice(["press", "wholesale", ""]).unwrap());
            told(&one)
        });
        stack.deliver(people.collect::<Vec<_>>()).await;
        let mut segments = Vec::new();
        for n in 0..4 {
            let condition = any_condition(&mut rng);
            segments.push(name(&stack, &format!("Segment {n}"), condition).await);
        }
        let mut nodes = Vec::new();
        for n in 1..=PEOPLE {
            nodes.push(id_of(&stack, n).await);
        }
        let store = store(&stack);
        Self {
            stack,
            store,
            rng,
            nodes,
            segments,
            merges: Vec::new(),
            orders: 0,
            days: 0,
        }
    }

    fn somebody(&mut self) -> (u64, String) {
        let place = self.rng.usize(0..self.nodes.len());
        (u64::try_from(place).unwrap() + 1, self.nodes[place].clone())
    }

    async fn step(&mut self) {
        match self.rng.u8(0..12) {
            0..=2 => self.order().await,
            3 => self.refund().await,
            4 => self.pass().await,
            5..=6 => self.merge().await,
            7 => self.part().await,
            8..=9 => self.place().await,
            10 => self.redefine().await,
            _ => self.forget().await,
        }
    }

    async fn order(&mut self) {
        let (number, _) = self.somebody();
        self.orders += 1;
        let at = self.stack.now().to_string();
        let price = self.rng.u32(1..150).to_string();
        let bought = order(self.orders, &at, &price, 1);
        let bought = bought.by(number, &format!("c{number}@example.com"), "Ada");
        self.stack.deliver([bought.created()]).await;
    }

    async fn refund(&mut self) {
        if self.orders > 0 {
            let order = self.rng.u64(1..=self.orders);
            let at = self.stack.now().to_string();
            let id = 100 + self.orders * 10 + self.rng.u64(0..10);
            self.stack.deliver([refund(id, order, &at, 1, "1")]).await;
        }
    }

    async fn pass(&mut self) {
        self.days += self.rng.i64(1..40);
        let then: jiff::Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let then = then + jiff::SignedDuration::from_hours(24 * self.days);
        self.stack.until(&then.to_string()).await;
    }

    async fn merge(&mut self) {
        let ((_, one), (_, other)) = (self.somebody(), self.somebody());
        let path = format!("/v1/customers/{one}/merge");
        let body = json!({"with": other, "accept_limits": true});
        let merged = self.stack.call("agent", "POST", &path, Some(body)).await;
        if merged.status == 201 {
            let id = merged.body["id"].as_str().unwrap().to_owned();
            self.merges.push((one, id));
        }
        self.stack.settle().await;
    }

    async fn part(&mut self) {
        if self.merges.is_empty() {
            return;
        }
        let place = self.rng.usize(0..self.merges.len());
        let (node, merge) = self.merges.remove(place);
        let path = format!("/v1/customers/{node}/unmerge");
        let body = json!({ "merge_id": merge });
        let parted = self.stack.call("agent", "POST", &path, Some(body)).await;
        assert_eq!(parted.status, 200, "{parted:?}");
        self.stack.settle().await;
    }

    async fn place(&mut self) {
        let (_, customer) = self.somebody();
        let segment = self.rng.choice(self.segments.clone()).unwrap();
        let word = self.rng.choice(["include", "exclude"]).unwrap();
        let placed = place(&self.stack, &segment, &customer, word).await;
        assert!([200, 409].contains(&placed.status), "{placed:?}");
    }

    async fn redefine(&mut self) {
        let place = self.rng.usize(0..self.segments.len());
        let path = format!("/v1/named-segments/{}", self.segments[place]);
        if self.segments.len() > 2 && self.rng.u8(0..3) == 0 {
            self.segments.remove(place);
            let gone = self.stack.call("admin", "DELETE", &path, None).await;
            assert_eq!(gone.status, 200, "{gone:?}");
        } else {
            let condition = any_condition(&mut self.rng);
            let body = json!({"name": format!("Segment {place}, anew"), "condition": condition});
            let changed = self.stack.call("admin", "PUT", &path, Some(body)).await;
            assert!([200, 409].contains(&changed.status), "{changed:?}");
        }
        self.stack.settle().await;
    }

    async fn forget(&mut self) {
        let (number, _) = self.somebody();
        let wish = json!({
            "shop_id": 1,
            "shop_domain": "cups.myshopify.com",
            "customer": {"id": number, "email": format!("c{number}@example.com")},
            "orders_to_redact": [],
        });
        self.stack
            .deliver([Webhook::new("customers/redact", &wish)])
            .await;
    }

    /// Every person against every definition, and every list against that.
    async fn compare(&self, when: &str) {
        let (settings, cutoffs, named) = self.store.laws_read(Consistency::Strong).await.unwrap();
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: &named,
        };
        let ids: Vec<_> = self
            .nodes
            .iter()
            .map(|id| NodeId::parse(id).unwrap())
            .collect();
        let persons = self
            .store
            .persons_fetch(&ids, Consistency::Strong)
            .await
            .unwrap();
        let today = settings.date_of(self.stack.now());
        let mut expected: BTreeSet<(String, String)> = BTreeSet::new();
        for person in &persons {
            let known = person.assessment().unwrap();
            let mut who = Candidate::of(person, &settings);
            let totals = person.totals();
            who.subject = Subject {
                totals: &totals,
                ..who.subject
            };
            let fresh = assess(&who.subject, &rules, today, Some(known));
            who.assessment = Some(&fresh);
            let judged = judge(&who, &named, fresh.on);
            for segment in judged.within {
                expected.insert((segment.to_string(), person.id().to_string()));
            }
        }
        let mut listed = BTreeSet::new();
        for segment in &named.segments {
            let page = self
                .store
                .members_list(&segment.id, None, 1000)
                .await
                .unwrap();
            assert!(page.next.is_none());
            let entries = page
                .items
                .iter()
                .map(|id| (segment.id.to_string(), id.to_string()));
            listed.extend(entries);
        }
        assert_eq!(listed, expected, "{when}");
        assert_eq!(self.stack.dead_letters().await.len(), 0, "{when}");
    }
}
