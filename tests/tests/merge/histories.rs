//! Random histories through the real functions, beside the same histories of
//! customers whom nobody ever merges.
//!
//! `MERGE_HISTORIES` says how many; 300 unless it does.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::segment::{Assessment, Rules, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use crm_store::{Consistency, PersonRecord};
use fastrand::Rng;
use serde_json::{Value, json};

use crate::crew::{Crew, customer, order, refund};

const USUAL: u64 = 300;
/// Each customer, and each one's double, is in a shop of its own.
const SHOPS: [&str; 10] = [
    "a", "b", "c", "d", "e", "a-double", "b-double", "c-double", "d-double", "e-double",
];

/// One history: customers, and doubles to whom the same happens.
struct History<'a> {
    crew: &'a mut Crew,
    rng: Rng,
    number: u64,
    nodes: Vec<NodeId>,
    doubles: Vec<NodeId>,
    /// Orders, by whom.
    orders: Vec<(usize, u64)>,
    facts: u64,
    /// Merges that stand, each with a node it joined.
    merges: BTreeMap<String, NodeId>,
}

#[test]
fn merged_and_parted_again_they_are_as_their_doubles_who_never_were() {
    let histories = std::env::var("MERGE_HISTORIES").ok();
    let histories = histories.map_or(USUAL, |count| count.parse().expect("a number"));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let live = |first: u64| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async move {
            let mut crew = Crew::new().await.unwrap();
            for seed in (first..histories).step_by(threads) {
                let lived = History::live(&mut crew, seed).await;
                lived.unwrap_or_else(|error| panic!("history {seed}: {error:#}"));
            }
        });
    };
    std::thread::scope(|scope| {
        for first in (0..).take(threads) {
            scope.spawn(move || live(first));
        }
    });
}

impl<'a> History<'a> {
    async fn live(crew: &'a mut Crew, seed: u64) -> Result<()> {
        let mut history = Self::begin(crew, seed).await?;
        for _ in 0..history.rng.u32(4..11) {
            history.crew.tick();
            history.step().await?;
            if history.rng.u32(0..4) == 0 {
                history.holds_together().await?;
            }
        }
        history.crew.assess().await?;
        history.holds_together().await?;
        history.part_all().await?;
        history.crew.assess().await?;
        history.is_as_if_never_merged().await
    }

    /// Two to five customers; now and then two of them share an address, and
    /// are joined by it. Their doubles share nothing.
    async fn begin(crew: &'a mut Crew, seed: u64) -> Result<Self> {
        let mut rng = Rng::with_seed(seed);
        let count = [2, 2, 3, 3, 4, 5][rng.usize(0..6)];
        let shared = rng.bool();
        let now = crew.now();
        let mut told = Vec::new();
        for place in 0..count {
            let name = if shared && place == 1 { 0 } else { place };
            let email = |kind: &str, n: usize| format!("{kind}{n}-{seed}@example.com");
            let (own, double) = (email("x", name), email("double", place));
            told.push((SHOPS[place], "customers/create", customer(seed, &own, now)));
            told.push((
                SHOPS[place + 5],
                "customers/create",
                customer(seed, &double, now),
            ));
        }
        crew.hear(&told).await?;
        let nodes = crew.nodes_of(&SHOPS[..count], seed).await?;
        let doubles = crew.nodes_of(&SHOPS[5..5 + count], seed).await?;
        let mut merges = BTreeMap::new();
        if shared {
            let one = crew.person(&nodes[1]).await?;
            anyhow::ensure!(one.has(&nodes[0]), "one address joins");
            let known = crew.store.merges_fetch(&one).await?;
            merges.extend(
                known
                    .into_iter()
                    .map(|merge| (merge.id, merge.kept.through)),
            );
        }
        Ok(Self {
            crew,
            rng,
            number: seed,
            nodes,
            doubles,
            orders: Vec::new(),
            facts: 0,
            merges,
        })
    }

    async fn step(&mut self) -> Result<()> {
        match self.rng.u32(0..14) {
            0..=3 => self.order().await,
            4 => self.refund().await,
            5 => self.case().await,
            6 => self.tell_again().await,
            7..=9 => self.merge().await,
            10 => self.part().await,
            11 => self.consent().await,
            12 => self.rename().await,
            _ => self.crew.assess().await,
        }
    }

    fn somebody(&mut self) -> usize {
        self.rng.usize(0..self.nodes.len())
    }

    /// Tells the same of a customer and the double.
    async fn both(&mut self, who: usize, topic: &str, body: &Value) -> Result<()> {
        let shops = [SHOPS[who], SHOPS[who + 5]];
        let told = shops.map(|shop| (shop, topic, body.clone()));
        self.crew.hear(&told).await
    }

    fn new_number(&mut self) -> u64 {
        self.facts += 1;
        self.number * 1000 + self.facts
    }

    async fn order(&mut self) -> Result<()> {
        let (who, number) = (self.somebody(), self.new_number());
        let price = self.rng.u32(0..400);
        let body = order(number, Ok(self.number), price, self.crew.now());
        self.orders.push((who, number));
        self.both(who, "orders/create", &body).await
    }

    async fn refund(&mut self) -> Result<()> {
        let Some(&(who, order)) = self.rng.choice(&self.orders) else {
            return Ok(());
        };
        let number = self.new_number();
        let body = refund(number, order, self.rng.u32(0..50), self.crew.now());
        self.both(who, "refunds/create", &body).await
    }

    async fn case(&mut self) -> Result<()> {
        let who = self.somebody();
        for node in [self.nodes[who].clone(), self.doubles[who].clone()] {
            let form = json!({"customer_id": node, "subject": "Where is it?", "priority": "low"});
            let opened = self.crew.ask("/v1/cases", form).await?;
            anyhow::ensure!(opened.status == 201, "{opened:?}");
        }
        Ok(())
    }

    async fn consent(&mut self) -> Result<()> {
        let (who, now) = (self.somebody(), self.crew.now());
        let state = ["subscribed", "unsubscribed"][self.rng.usize(0..2)];
        let body = json!({
            "customer_id": self.number,
            "email_marketing_consent": {"state": state, "consent_updated_at": now},
        });
        let topic = "customers_email_marketing_consent/update";
        self.both(who, topic, &body).await
    }

    /// The shop tells another name, and the address as it is.
    async fn rename(&mut self) -> Result<()> {
        let (who, now) = (self.somebody(), self.crew.now());
        let nodes = [&self.nodes[who], &self.doubles[who]];
        let nodes = self
            .crew
            .store
            .nodes_fetch(nodes, Consistency::Strong)
            .await?;
        let name = format!("Name {}", self.rng.u32(0..1000));
        for (node, shop) in nodes.iter().zip([SHOPS[who], SHOPS[who + 5]]) {
            let email = node.profile.email.as_ref().context("an address")?;
            let mut told = customer(self.number, email.as_str(), now);
            told["first_name"] = json!(name);
            self.crew.hear(&[(shop, "customers/update", told)]).await?;
        }
        Ok(())
    }

    /// The first two customers are told of once more, as they are: whoever
    /// was parted stays apart.
    async fn tell_again(&mut self) -> Result<()> {
        let email = format!("x0-{}@example.com", self.number);
        let before = self.crew.person(&self.nodes[1]).await?;
        let own = before.nodes().iter().find(|node| node.id == self.nodes[1]);
        let own = own.map(|node| &node.profile);
        let address = own.and_then(|own| own.email.as_ref());
        if address.is_some_and(|own| own.as_str() == email) {
            let mut told = customer(self.number, &email, self.crew.now());
            told["first_name"] = json!(own.and_then(|own| own.first_name.as_ref()));
            let told = (SHOPS[1], "customers/update", told);
            self.crew.hear(&[told]).await?;
            let after = self.crew.person(&self.nodes[1]).await?;
            anyhow::ensure!(before.id() == after.id(), "nobody joins anew");
        }
        Ok(())
    }

    async fn merge(&mut self) -> Result<()> {
        let (one, other) = (self.somebody(), self.somebody());
        let (one, other) = (self.nodes[one].clone(), self.nodes[other].clone());
        let path = format!("/v1/customers/{one}/merge");
        let asked = json!({"with": other, "accept_limits": true});
        let answer = self.crew.ask(&path, asked).await?;
        if answer.status == 409 {
            anyhow::ensure!(answer.body["field"] == "with", "{answer:?}");
            let person = self.crew.person(&one).await?;
            anyhow::ensure!(person.has(&other), "two persons can be merged");
            return Ok(());
        }
        let merge = answer.body["id"].as_str().context("a merge has an id")?;
        self.merges.insert(merge.to_owned(), one);
        Ok(())
    }

    async fn part(&mut self) -> Result<()> {
        let merges: Vec<_> = self.merges.keys().cloned().collect();
        match self.rng.choice(merges) {
            Some(merge) => self.take_back(&merge).await,
            None => Ok(()),
        }
    }

    async fn take_back(&mut self, merge: &str) -> Result<()> {
        let node = self.merges.remove(merge).context("it stands")?;
        self.crew.unmerge(&node, merge).await?;
        Ok(())
    }

    async fn part_all(&mut self) -> Result<()> {
        while let Some(merge) = self.merges.keys().next().cloned() {
            self.crew.tick();
            self.take_back(&merge).await?;
        }
        Ok(())
    }

    /// Every id leads to a person who has it, and who comes to what the
    /// doubles of the nodes come to.
    async fn holds_together(&mut self) -> Result<()> {
        let (store, strong) = (&self.crew.store, Consistency::Strong);
        let persons = store.persons_fetch(&self.nodes, strong).await?;
        let doubles = store.nodes_fetch(&self.doubles, strong).await?;
        let theirs = persons.iter().flat_map(PersonRecord::nodes);
        let theirs: BTreeSet<_> = theirs.map(|node| &node.id).collect();
        anyhow::ensure!(theirs == self.nodes.iter().collect(), "an id leads nowhere");
        for person in &persons {
            let mut expected = Totals::default();
            for own in person.nodes() {
                anyhow::ensure!(own.person() == person.id(), "a node is elsewhere");
                let place = self.nodes.iter().position(|node| *node == own.id);
                expected.absorb(&doubles[place.context("one of ours")?].totals);
            }
            anyhow::ensure!(person.totals() == expected, "totals differ");
        }
        Ok(())
    }

    async fn is_as_if_never_merged(&mut self) -> Result<()> {
        let (store, strong) = (&self.crew.store, Consistency::Strong);
        let nodes = store.nodes_fetch(&self.nodes, strong).await?;
        let doubles = store.nodes_fetch(&self.doubles, strong).await?;
        for (node, double) in nodes.iter().zip(&doubles) {
            assert_eq!(node.root, None);
            assert!(!node.stale && !double.stale, "everybody is assessed");
            assert_eq!(node.totals, double.totals);
            assert_eq!(node.care.open_cases(), double.care.open_cases());
            assert_eq!(node.consents, double.consents);
            assert_eq!(node.profile.first_name, double.profile.first_name);
            assert_eq!(self.fresh(node), self.fresh(double));
            let made = node.assessment.as_ref().context("it was assessed")?;
            let fresh = self.fresh(node);
            assert_eq!((made.stage, made.score), (fresh.stage, fresh.score));
        }
        Ok(())
    }

    fn fresh(&self, node: &Node) -> Assessment {
        let settings = Settings::default();
        let on = settings.date_of(self.crew.now());
        assess(&Subject::of_node(node), &Rules::alone(&settings), on, None)
    }
}
