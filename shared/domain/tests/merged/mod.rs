//! Two worlds with the same facts: in one of them people merge and part.

use std::collections::{BTreeMap, BTreeSet};

use crm_domain::care::CaseSpan;
use crm_domain::consent::{self, ConsentNews, ConsentState, Decision, Medium, ToldBy};
use crm_domain::customer::{CustomerFact, Node, Profile, ProfileStamp};
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::merge::{By, Merge, Occasion, join, part};
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::order::Contribution;
use crm_domain::person::{Person, PersonRecord};
use crm_domain::population::{Cutoffs, VipCutoffs};
use crm_domain::segment::{Assessment, Rules, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::stamp::Stamp;
use crm_domain::totals::Totals;
use jiff::Timestamp;
use proptest::prelude::*;

/// Something that happens.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    /// A node orders.
    Order { node: usize, amount: i64 },
    /// Part of one of a node's orders is given back.
    Refund {
        node: usize,
        order: usize,
        amount: i64,
    },
    /// A return of no order.
    LooseReturn { node: usize, amount: i64 },
    /// A case is opened.
    Case { node: usize },
    /// One of a node's cases is closed.
    Close { node: usize, case: usize },
    /// The persons of two nodes are merged.
    Join { one: usize, other: usize },
    /// A merge is undone.
    Part { which: usize },
    /// Everybody is assessed.
    Assess,
    /// A night makes new limits of the rank, the one to leave below the other.
    Cutoffs { enter: i64, leave: i64 },
    /// A node says yes or no to marketing.
    Decide { node: usize, yes: bool },
    /// A node's profile is told anew.
    Tell { node: usize, name: u8 },
}

pub fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let node = 0..5_usize;
    let amount = 0..900_i64;
    let deed = prop_oneof![
        3 => (node.clone(), amount.clone()).prop_map(|(node, amount)| Deed::Order { node, amount }),
        1 => (node.clone(), 0..9_usize, amount.clone())
            .prop_map(|(node, order, amount)| Deed::Refund { node, order, amount }),
        1 => (node.clone(), amount).prop_map(|(node, amount)| Deed::LooseReturn { node, amount }),
        1 => node.clone().prop_map(|node| Deed::Case { node }),
        1 => (node.clone(), 0..9_usize).prop_map(|(node, case)| Deed::Close { node, case }),
        4 => (node.clone(), node).prop_map(|(one, other)| Deed::Join { one, other }),
        2 => (0..9_usize).prop_map(|which| Deed::Part { which }),
        2 => Just(Deed::Assess),
        1 => (1..1500_i64, 1..800_i64)
            .prop_map(|(enter, band)| Deed::Cutoffs { enter, leave: enter - band }),
        1 => (0..5_usize, any::<bool>()).prop_map(|(node, yes)| Deed::Decide { node, yes }),
        1 => (0..5_usize, any::<u8>()).prop_map(|(node, name)| Deed::Tell { node, name }),
    ];
    prop::collection::vec(deed, 1..24)
}

/// What happened to a node, as it is told.
#[derive(Default, Clone)]
struct Facts {
    orders: Vec<Contribution>,
    loose: Vec<(Amount, i64)>,
}

pub struct World {
    settings: Settings,
    cutoffs: Cutoffs,
    /// Of which nodes of the world of no merges it was ever found that they
    /// are VIP by rank.
    ranked: BTreeSet<NodeId>,
    hour: i64,
    facts: Vec<Facts>,
    /// The nodes of the world in which nobody ever merges.
    never: Vec<Node>,
    nodes: BTreeMap<NodeId, Node>,
    persons: BTreeMap<NodeId, Person>,
    merges: Vec<Merge>,
}

fn id(n: usize) -> NodeId {
    NodeId::parse(&format!("customer{n}")).unwrap()
}

impl World {
    pub fn new(count: usize) -> Self {
        let nodes = (0..count).map(|n| {
            let external = ExternalId::new("shopify", &format!("shop{n}"), "1").unwrap();
            Node::new(id(n), Some(external), Timestamp::UNIX_EPOCH)
        });
        let never: Vec<_> = nodes.collect();
        Self {
            settings: Settings::default(),
            cutoffs: Cutoffs::NONE,
            ranked: BTreeSet::new(),
            hour: 0,
            facts: vec![Facts::default(); count],
            nodes: never
                .iter()
                .map(|node| (node.id.clone(), node.clone()))
                .collect(),
            never,
            persons: BTreeMap::new(),
            merges: Vec::new(),
        }
    }

    /// Persons there are.
    pub fn people(&self) -> usize {
        self.nodes
            .values()
            .map(Node::person)
            .collect::<BTreeSet<_>>()
            .len()
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_772_000_000 + self.hour * 40_000).unwrap()
    }

    pub fn happen(&mut self, deed: Deed) {
        self.hour += 1;
        let count = self.never.len();
        match deed {
            Deed::Order { node, amount } => self.order(node % count, amount),
            Deed::Refund {
                node,
                order,
                amount,
            } => self.refund(node % count, order, amount),
            Deed::LooseReturn { node, amount } => {
                let node = node % count;
                let returned = (Amount::whole(amount), 1);
                self.facts[node].loose.push(returned);
                self.change(node, |node| {
                    node.totals.replace_loose_return(None, Some(returned));
                });
            }
            Deed::Case { node } => {
                let opened = self.now();
                let case = format!("case{}", self.hour);
                let span = CaseSpan {
                    opened,
                    closed: None,
                };
                self.change(node % count, |node| {
                    node.care.cases.insert(case.clone(), span);
                });
            }
            Deed::Close { node, case } => {
                let now = self.now();
                self.change(node % count, |node| {
                    if let Some(span) = node.care.cases.values_mut().nth(case) {
                        span.closed = Some(now);
                    }
                });
            }
            Deed::Join { one, other } => self.join(one % count, other % count),
            Deed::Part { which } => {
                let standing = self.merges.iter().filter(|merge| merge.undone.is_none());
                let standing: Vec<_> = standing.map(|merge| merge.id.clone()).collect();
                if !standing.is_empty() {
                    self.part(&standing[which % standing.len()]);
                }
            }
            Deed::Assess => self.assess_all(),
            Deed::Cutoffs { enter, leave } => {
                self.cutoffs.version += 1;
                self.cutoffs.vip = Some(VipCutoffs {
                    enter: Amount::whole(enter),
                    leave: Amount::whole(leave),
                });
            }
            Deed::Decide { node, yes } => {
                let news = self.decision(yes);
                self.change(node % count, |node| {
                    node.decide(std::slice::from_ref(&news));
                });
            }
            Deed::Tell { node, name } => {
                let told = self.told_anew(name);
                self.change(node % count, |node| node.tell(&told));
            }
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            updated_at: Some(self.now()),
            triggered_at: None,
            rank: 0,
            digest: 0,
        }
    }

    fn decision(&self, yes: bool) -> ConsentNews {
        ConsentNews {
            medium: Medium::Email,
            decision: Decision {
                at: Some(self.now()),
                state: if yes {
                    ConsentState::Given
                } else {
                    ConsentState::Withdrawn
                },
                opt_in: None,
                source: "shopify".to_owned(),
                told_by: ToldBy::Decision,
                stamp: self.stamp(),
            },
        }
    }

    fn told_anew(&self, name: u8) -> CustomerFact {
        CustomerFact {
            id: None,
            told: ProfileStamp {
                whole: true,
                stamp: self.stamp(),
            },
            profile: Profile {
                first_name: Some(format!("Name {name}")),
                ..Profile::default()
            },
            consents: Vec::new(),
            tags: None,
        }
    }

    fn order(&mut self, node: usize, amount: i64) {
        let sale = Contribution {
            placed_at: self.now(),
            gross: Amount::whole(amount),
            units_bought: 1 + amount % 3,
            ..Contribution::default()
        };
        self.facts[node].orders.push(sale.clone());
        self.change(node, |node| node.totals.replace(None, Some(&sale)));
    }

    fn refund(&mut self, node: usize, order: usize, amount: i64) {
        let Some(known) = self.facts[node].orders.get_mut(order) else {
            return;
        };
        let before = known.clone();
        known.refunded = Amount::whole(amount);
        known.units_returned = 1;
        known.return_documents = 1;
        let after = known.clone();
        self.change(node, |node| {
            node.totals.replace(Some(&before), Some(&after));
        });
    }

    /// The same happens to a node in both worlds.
    fn change(&mut self, node: usize, deed: impl Fn(&mut Node)) {
        let now = self.now();
        let both = [
            &mut self.never[node],
            self.nodes.get_mut(&id(node)).unwrap(),
        ];
        for node in both {
            deed(node);
            node.touch(now);
            node.version += 1;
        }
        let root = self.nodes[&id(node)].root.clone();
        if let Some(root) = root {
            self.sum(&root);
        }
    }

    fn record(&self, node: &NodeId) -> PersonRecord {
        let node = &self.nodes[node];
        let Some(root) = &node.root else {
            return PersonRecord::Single(Box::new(node.clone()));
        };
        let person = self.persons[root].clone();
        let members = person.members.keys().map(|id| self.nodes[id].clone());
        let members = members.collect();
        PersonRecord::Joined(Box::new(person), members)
    }

    fn sum(&mut self, root: &NodeId) {
        let record = self.record(root);
        self.persons.get_mut(root).unwrap().sum(record.nodes());
    }

    fn store(&mut self, record: &PersonRecord) {
        if let PersonRecord::Joined(person, _) = record {
            self.persons.insert(person.id.clone(), (**person).clone());
        }
        for node in record.nodes() {
            self.nodes.insert(node.id.clone(), node.clone());
        }
    }

    fn join(&mut self, one: usize, other: usize) {
        let (kept, joined) = (id(one), id(other));
        let occasion = Occasion {
            merge: format!("merge{}", self.hour),
            at: self.now(),
            by: By::Staff,
            caller: None,
            kept: kept.clone(),
            joined: joined.clone(),
        };
        let Ok(made) = join(self.record(&kept), self.record(&joined), occasion) else {
            assert_eq!(self.nodes[&kept].person(), self.nodes[&joined].person());
            return;
        };
        if let Some(gone) = made.gone {
            self.persons.remove(&gone.id);
        }
        self.merges.push(made.merge);
        self.store(&PersonRecord::Joined(Box::new(made.person), made.nodes));
    }

    fn part(&mut self, merge: &str) {
        let place = self
            .merges
            .iter()
            .position(|known| known.id == merge)
            .unwrap();
        let merge = self.merges[place].clone();
        let sides = [&merge.kept.through, &merge.joined.through].map(Clone::clone);
        let PersonRecord::Joined(person, nodes) = self.record(&sides[0]) else {
            panic!("a standing merge holds two nodes together");
        };
        let before: BTreeSet<_> = nodes.iter().map(|node| node.id.clone()).collect();
        self.persons.remove(&person.id);
        let parted = part(
            &person,
            nodes,
            (merge, &self.merges),
            self.now(),
            "agent".to_owned(),
        )
        .unwrap();
        let ids = |record: &PersonRecord| -> BTreeSet<NodeId> {
            record.nodes().iter().map(|node| node.id.clone()).collect()
        };
        let (one, other) = (ids(&parted.kept), ids(&parted.joined));
        assert!(one.is_disjoint(&other));
        assert_eq!(one.union(&other).cloned().collect::<BTreeSet<_>>(), before);
        assert!(one.contains(&sides[0]) && other.contains(&sides[1]));
        self.merges[place] = parted.merge;
        self.store(&parted.kept);
        self.store(&parted.joined);
    }

    /// Undoes every merge, oldest first.
    pub fn part_all(&mut self) {
        let standing = self.merges.iter().filter(|merge| merge.undone.is_none());
        let standing: Vec<_> = standing.map(|merge| merge.id.clone()).collect();
        for merge in standing {
            self.hour += 1;
            self.part(&merge);
            self.holds_together();
        }
    }

    fn assess_all(&mut self) {
        let now = self.now();
        let on = self.settings.date_of(now);
        let rules = Rules {
            settings: &self.settings,
            cutoffs: &self.cutoffs,
            named: NamedSegments::none(),
        };
        for node in &mut self.never {
            let known = node.assessment.clone();
            let found = assess(&Subject::of_node(node), &rules, on, known.as_ref());
            if found.by_rank {
                self.ranked.insert(node.id.clone());
            }
            node.assessment = Some(found);
        }
        for person in self.persons.values_mut() {
            let known = person.assessment.clone();
            let found = assess(&Subject::of_person(person), &rules, on, known.as_ref());
            person.assessment = Some(found);
        }
        for node in self.nodes.values_mut().filter(|node| node.root.is_none()) {
            let found = assess(
                &Subject::of_node(node),
                &rules,
                on,
                node.assessment.as_ref(),
            );
            node.assessment = Some(found);
        }
    }

    /// Every id leads to a person, and every person comes to what its nodes
    /// were told to have done.
    pub fn holds_together(&self) {
        for node in self.nodes.values() {
            let record = self.record(&node.id);
            assert!(record.has(&node.id));
            assert!(record.nodes().iter().all(|own| own.person() == record.id()));
        }
        let roots: BTreeSet<_> = self
            .nodes
            .values()
            .filter_map(|node| node.root.clone())
            .collect();
        assert_eq!(roots, self.persons.keys().cloned().collect());
        for (root, person) in &self.persons {
            assert_eq!(root, &person.id);
            assert!(person.members.contains_key(root) && person.members.len() > 1);
            assert_eq!(person.links.len() + 1, person.members.len());
            assert_eq!(person.totals, self.told(person.members.keys()));
            assert_eq!(person.totals, self.record(root).totals());
            // Of all that the nodes decided the latest holds.
            let standing = |nodes: &[&Node]| {
                let decided = nodes.iter().map(|node| &node.consents);
                consent::standing(decided, Medium::Email).map(|now| now.state)
            };
            let record = self.record(root);
            let own: Vec<_> = record.nodes().iter().collect();
            let theirs = self.never.iter();
            let theirs = theirs.filter(|node| person.members.contains_key(&node.id));
            assert_eq!(standing(&own), standing(&theirs.collect::<Vec<_>>()));
        }
        let standing = self.merges.iter().filter(|merge| merge.undone.is_none());
        let links: usize = self.persons.values().map(|person| person.links.len()).sum();
        assert_eq!(standing.count(), links);
    }

    /// Totals as the facts of some nodes make them, from the beginning.
    fn told<'n>(&self, nodes: impl Iterator<Item = &'n NodeId>) -> Totals {
        let mut totals = Totals::default();
        for id in nodes {
            let place = self.never.iter().position(|node| node.id == *id).unwrap();
            let facts = &self.facts[place];
            facts
                .orders
                .iter()
                .for_each(|order| totals.replace(None, Some(order)));
            let loose = facts.loose.iter();
            loose.for_each(|back| totals.replace_loose_return(None, Some(*back)));
        }
        totals
    }

    fn fresh(&self, node: &Node) -> Assessment {
        let on = self.settings.date_of(self.now());
        assess(
            &Subject::of_node(node),
            &Rules {
                settings: &self.settings,
                cutoffs: &self.cutoffs,
                named: NamedSegments::none(),
            },
            on,
            None,
        )
    }

    /// With every merge undone, the two worlds are the same.
    pub fn is_as_if_never_merged(&self) {
        assert!(self.persons.is_empty());
        for never in &self.never {
            let node = &self.nodes[&never.id];
            assert_eq!(node.root, None);
            assert_eq!(node.totals, never.totals);
            assert_eq!(node.totals, self.told([&node.id].into_iter()));
            assert_eq!(node.care, never.care);
            assert_eq!(node.profile, never.profile);
            assert_eq!(node.consents, never.consents);
            // The rank within its band is its own or nobody's: it is never
            // what somebody else was, or what both were together.
            let by_rank = node.assessment.as_ref().is_some_and(|found| found.by_rank);
            assert!(!by_rank || self.ranked.contains(&node.id));
            assert_eq!(self.fresh(node), self.fresh(never));
        }
    }
}
