//! Two nodes of one person change at the same time, and neither change is lost.
//!
//! Two recomputations run on two threads, each held before every call to a table until it is its
//! turn. Every sequence of turns there is gets tried, retries included: after each the person's
//! totals are those of its nodes.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex};

use aws_lambda_events::dynamodb::{Event, EventRecord};
use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::money::Amount;
use crm_domain::order::Contribution;
use crm_domain::person::Person;
use crm_lambda::{Metrics, Variables};
use crm_local::services::{Fault, Services};
use crm_local::system::System;
use crm_store::{Changes, Committed, Consistency, PersonRecord, Store};
use crm_tests::flow::{idle_system, noon};
use jiff::Timestamp;

thread_local! {
    /// Which of the two a thread is, while it has to wait for its turns.
    static ACTOR: Cell<Option<usize>> = const { Cell::new(None) };
    /// Whether it has read the rules, which nobody changes here.
    static BEGUN: Cell<bool> = const { Cell::new(false) };
}

/// Who waits for a turn, who is done, and whose turn it is.
#[derive(Default)]
struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waits: [bool; 2],
    done: [bool; 2],
    turn: Option<usize>,
}

impl Turns {
    /// Holds the calling actor until it is its turn.
    fn wait(&self, actor: usize) {
        let mut state = self.state.lock().unwrap();
        state.waits[actor] = true;
        self.changed.notify_all();
        let mut state = self
            .changed
            .wait_while(state, |state| state.turn != Some(actor))
            .unwrap();
        state.waits[actor] = false;
        state.turn = None;
        self.changed.notify_all();
    }

    /// Who could go on, once each of the two waits or is done.
    fn ready(&self) -> Vec<usize> {
        let state = self.state.lock().unwrap();
        let moving = |state: &mut State| {
            state.turn.is_some() || (0..2).any(|actor| !state.waits[actor] && !state.done[actor])
        };
        let state = self.changed.wait_while(state, moving).unwrap();
        (0..2).filter(|actor| state.waits[*actor]).collect()
    }

    fn give(&self, actor: usize) {
        self.state.lock().unwrap().turn = Some(actor);
        self.changed.notify_all();
    }

    /// Gives turns as told, then to the first who waits; the choices there
    /// were at each turn and the one made.
    fn play(&self, told: &[usize]) -> Vec<(Vec<usize>, usize)> {
        let mut played = Vec::new();
        loop {
            let ready = self.ready();
            if ready.is_empty() {
                return played;
            }
            let choice = told.get(played.len()).copied().unwrap_or(0);
            self.give(ready[choice]);
            played.push((ready, choice));
        }
    }
}

/// The sequence of choices after one that was played; none after the last.
fn next(mut played: Vec<(Vec<usize>, usize)>) -> Option<Vec<usize>> {
    while let Some((ready, choice)) = played.pop() {
        if choice + 1 < ready.len() {
            let mut told: Vec<_> = played.iter().map(|(_, choice)| *choice).collect();
            told.push(choice + 1);
            return Some(told);
        }
    }
    None
}

/// Tells at the end, come what may, that an actor needs no more turns.
struct Finish<'a>(&'a Turns, usize);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().done[self.1] = true;
        self.0.changed.notify_all();
    }
}

struct World {
    services: Services,
    variables: Variables,
}

impl World {
    fn of(system: &System) -> Self {
        let services = system.services().clone();
        let wired = &system.wiring().functions["SegmentRecompute"].variables;
        let variables: Variables = wired.clone().into_iter().collect();
        Self {
            services,
            variables,
        }
    }

    fn table(&self, variable: &'static str) -> &str {
        self.variables.required(variable).unwrap()
    }

    /// A store for the calling thread: clients belong to a runtime.
    fn store(&self) -> Store {
        let sdk = self.services.sdk_config();
        Store::new(&sdk, self.table("PEOPLE_TABLE"), self.table("FACTS_TABLE"))
    }

    /// A person of two nodes, up to date.
    async fn person(&self, run: usize) -> [NodeId; 2] {
        let ids = ["a", "b"].map(|name| NodeId::parse(&format!("{name}{run:0>11}")).unwrap());
        let mut nodes = ids.clone().map(|id| {
            let mut node = Node::new(id, None, noon());
            node.root = Some(ids[0].clone());
            node.stale = false;
            node
        });
        let mut changes = Changes::new();
        for node in &mut nodes {
            changes.node_put(node).unwrap();
            node.version = 1;
        }
        let mut person = Person::of(&nodes[0]);
        person.sum(&nodes);
        changes.person_put(&person).unwrap();
        assert_eq!(self.store().commit(changes).await.unwrap(), Committed::Done);
        ids
    }

    /// An order is counted for a node; the record of it that the stream has.
    async fn order(&self, id: &NodeId) -> EventRecord {
        let store = self.store();
        let mut node = store
            .nodes_fetch([id], Consistency::Strong)
            .await
            .unwrap()
            .remove(0);
        let order = Contribution {
            placed_at: noon(),
            gross: Amount::whole(100),
            units_bought: 1,
            ..Contribution::default()
        };
        node.totals.replace(None, Some(&order));
        node.touch(noon());
        let mut changes = Changes::new();
        changes.node_put(&node).unwrap();
        let (dynamo, people) = (self.services.dynamo(), self.table("PEOPLE_TABLE"));
        let newest = dynamo.latest_sequence(people).unwrap();
        assert_eq!(self.store().commit(changes).await.unwrap(), Committed::Done);
        let records = dynamo.records_after(people, newest.as_deref(), 10).unwrap();
        let mine = |record: &EventRecord| {
            let keys = serde_json::to_value(&record.change.keys).unwrap();
            keys["pk"]["S"] == format!("N#{id}")
        };
        records.into_iter().find(mine).unwrap()
    }

    /// One of the two: an order in one turn, then the recomputation, turn by
    /// turn.
    fn act(&self, actor: usize, id: &NodeId, turns: &Turns) {
        let _finish = Finish(turns, actor);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            turns.wait(actor);
            let record = self.order(id).await;
            let sdk = self.services.sdk_config();
            let function = segment_recompute::Function::new(&sdk, &self.variables).unwrap();
            let mut metrics = Metrics::new("segment_recompute");
            let mut event = Event::default();
            event.records = vec![record];
            let event = serde_json::to_value(event).unwrap();
            ACTOR.set(Some(actor));
            let answer = function
                .handle(Timestamp::UNIX_EPOCH, &mut metrics, event)
                .await;
            ACTOR.set(None);
            let answer = answer.unwrap();
            let failures = answer["batchItemFailures"].as_array().unwrap();
            assert!(failures.is_empty(), "{answer}");
        });
    }

    async fn check(&self, id: &NodeId, told: &[usize]) {
        let found = self
            .store()
            .person_fetch(id, Consistency::Strong)
            .await
            .unwrap();
        let Some(PersonRecord::Joined(person, nodes)) = found else {
            panic!("the person is gone");
        };
        let mut sum = Person::of(&nodes[0]);
        sum.sum(&nodes);
        assert_eq!(person.totals, sum.totals, "lost in {told:?}");
        assert_eq!(person.members, sum.members, "{told:?}");
        assert!(
            nodes.iter().all(|node| !node.stale),
            "left over in {told:?}"
        );
        let view = person.totals.view(true);
        assert_eq!(view.sums.orders, 2, "{told:?}");
        assert_eq!(person.assessment.unwrap().score.unwrap().f, 2, "{told:?}");
    }
}

#[tokio::test]
async fn however_two_changes_of_one_person_interleave_both_are_counted() {
    let system = idle_system().await.unwrap();
    let world = World::of(&system);
    let mut told = Some(Vec::new());
    let mut runs = 0;
    while let Some(choices) = told {
        let ids = world.person(runs).await;
        let turns = Arc::new(Turns::default());
        let gate = turns.clone();
        world.services.on_call(move |service, _, _| {
            let actor = ACTOR.get().filter(|_| service == "dynamodb");
            if let Some(actor) = actor.filter(|_| BEGUN.replace(true)) {
                gate.wait(actor);
            }
            Fault::None
        });
        let played = std::thread::scope(|scope| {
            for (actor, id) in ids.iter().enumerate() {
                let (world, turns) = (&world, &turns);
                scope.spawn(move || world.act(actor, id, turns));
            }
            turns.play(&choices)
        });
        world.services.no_faults();
        world.check(&ids[0], &choices).await;
        told = next(played);
        runs += 1;
    }
    // Two of five turns each, without a single retry, would be 252.
    println!("{runs} interleavings");
    assert!(runs > 252, "{runs}");
}
