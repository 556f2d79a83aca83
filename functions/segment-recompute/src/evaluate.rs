//! One person's assessment, made and written.

use crm_domain::chronicle::Trigger;
use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::named::{Membership, NamedSegments, settle};
use crm_domain::person::Person;
use crm_domain::population::Cutoffs;
use crm_domain::segment::{Assessment, Rules, Subject, reassess};
use crm_domain::settings::Settings;
use crm_store::{Changes, Committed, Consistency, PersonRecord, StoreError};
use jiff::civil::Date;

use crate::Function;
use crate::members::{self, within_of};

/// How often a person whose nodes keep changing is tried.
const ATTEMPTS: u32 = 8;

/// What became of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assessed {
    /// It is on the record.
    Written,
    /// There was nothing to change.
    Unchanged,
    /// The record has changed since, and its own stream record will come.
    Superseded,
}

impl Function {
    /// Assesses a node that changed, as its image shows it.
    pub(crate) async fn store_assessed(
        &self,
        rules: &Rules<'_>,
        node: Node,
    ) -> Result<Assessed, StoreError> {
        if node.root.is_some() {
            return self.assess_joined(rules, node, None, Trigger::Event).await;
        }
        let on = rules.settings.date_of(node.touched_at);
        self.assess_single(rules, node, on, Trigger::Event).await
    }

    /// The rules as they are now, where somebody was assessed by newer ones
    /// than those in hand: old rules must not undo what new ones found.
    async fn newer_rules(
        &self,
        rules: &Rules<'_>,
        known: Option<&Assessment>,
    ) -> Result<Option<Box<(Settings, Cutoffs, NamedSegments)>>, StoreError> {
        let behind = known.is_some_and(|known| {
            known.cutoffs > rules.cutoffs.version
                || known.settings > rules.settings.version
                || known.named > rules.named.version
        });
        if !behind {
            return Ok(None);
        }
        let now = Box::pin(self.store.laws_read(Consistency::Strong)).await?;
        Ok(Some(Box::new(now)))
    }

    /// A node that is a person of its own: one guarded write.
    pub(crate) async fn assess_single(
        &self,
        rules: &Rules<'_>,
        mut node: Node,
        on: Date,
        trigger: Trigger,
    ) -> Result<Assessed, StoreError> {
        let newer = self.newer_rules(rules, node.assessment.as_ref()).await?;
        let newer = newer.as_deref().map(rules_of);
        let rules = newer.as_ref().unwrap_or(rules);
        let known = node.assessment.as_ref();
        let mut chronicle = node.chronicle.clone();
        let subject = Subject::of_node(&node);
        let now = reassess(&subject, rules, on, known, &mut chronicle, trigger);
        let own = std::slice::from_ref(&node);
        let (assessment, within) = settle(own, subject, rules, now, known);
        let is_in = within_of(node.named.as_deref());
        let same = known.is_some_and(|known| assessment.is_as_good_as(known)) && within == is_in;
        if !node.stale && same {
            return Ok(Assessed::Unchanged);
        }
        let mut changes = Changes::new();
        members::move_one(&mut changes, &node.id, &is_in, &within);
        node.assessment = Some(assessment);
        node.chronicle = chronicle;
        node.stale = false;
        Membership::move_to(&mut node.named, within, rules.named);
        changes.node_put(&node)?;
        Ok(match self.store.commit(changes).await? {
            Committed::Done => Assessed::Written,
            Committed::Conflict => Assessed::Superseded,
        })
    }

    /// A node of a person of several: the root is summed from all its nodes,
    /// and written only while every one of them is as it was summed. Two
    /// nodes that change at once cannot both be missed so.
    pub(crate) async fn assess_joined(
        &self,
        rules: &Rules<'_>,
        node: Node,
        on: Option<Date>,
        trigger: Trigger,
    ) -> Result<Assessed, StoreError> {
        for _ in 0..ATTEMPTS {
            let found = self
                .store
                .person_fetch(&node.id, Consistency::Strong)
                .await?;
            let (person, nodes) = match found {
                Some(PersonRecord::Joined(person, nodes)) => (*person, nodes),
                Some(PersonRecord::Single(node)) if node.stale || on.is_some() => {
                    let on = on.unwrap_or_else(|| rules.settings.date_of(node.touched_at));
                    return self.assess_single(rules, *node, on, trigger).await;
                }
                Some(PersonRecord::Single(_)) | None => return Ok(Assessed::Unchanged),
            };
            let newer = self.newer_rules(rules, person.assessment.as_ref()).await?;
            let newer = newer.as_deref().map(rules_of);
            let rules = newer.as_ref().unwrap_or(rules);
            if let Some(changes) = members::fewer_left_over(&person, &nodes)? {
                self.store.commit(changes).await?;
                continue;
            }
            let Some(changes) = joined_changes(rules, person, nodes, on, trigger)? else {
                return Ok(Assessed::Unchanged);
            };
            if self.store.commit(changes).await? == Committed::Done {
                return Ok(Assessed::Written);
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS })
    }
}

impl Function {
    /// Assesses a node as it was read; one that has changed since is read again.
    async fn assess_read(
        &self,
        rules: &Rules<'_>,
        node: Node,
        on: Date,
        trigger: Trigger,
    ) -> Result<Assessed, StoreError> {
        let id = node.id.clone();
        match self.assess_single(rules, node, on, trigger).await? {
            Assessed::Superseded => self.assess_person(rules, &id, on, trigger).await,
            done => Ok(done),
        }
    }

    /// Assesses a person as it was a moment ago, at half the price: the write
    /// is guarded, and whoever is missed so is found by the next tick or pass.
    pub(crate) async fn assess_lately(
        &self,
        rules: &Rules<'_>,
        id: &NodeId,
        on: Date,
        trigger: Trigger,
    ) -> Result<Assessed, StoreError> {
        let found = self.store.person_fetch(id, Consistency::Eventual).await?;
        if let Some(PersonRecord::Single(node)) = found {
            return Box::pin(self.assess_read(rules, *node, on, trigger)).await;
        }
        self.assess_person(rules, id, on, trigger).await
    }

    /// Assesses a person as it is now, by the id of any of its nodes; a lost
    /// race is run again.
    pub(crate) async fn assess_person(
        &self,
        rules: &Rules<'_>,
        id: &NodeId,
        on: Date,
        trigger: Trigger,
    ) -> Result<Assessed, StoreError> {
        for _ in 0..ATTEMPTS {
            let found = self.store.person_fetch(id, Consistency::Strong).await?;
            let assessed = match found {
                Some(PersonRecord::Single(node)) => {
                    self.assess_single(rules, *node, on, trigger).await?
                }
                Some(PersonRecord::Joined(_, nodes)) => match nodes.into_iter().next() {
                    Some(node) => self.assess_joined(rules, node, Some(on), trigger).await?,
                    None => Assessed::Unchanged,
                },
                None => Assessed::Unchanged,
            };
            if assessed != Assessed::Superseded {
                return Ok(assessed);
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS })
    }
}

/// The writes that bring a person's record up to its nodes; none when it is.
fn joined_changes(
    rules: &Rules<'_>,
    mut person: Person,
    mut nodes: Vec<Node>,
    on: Option<Date>,
    trigger: Trigger,
) -> Result<Option<Changes>, StoreError> {
    let before = person.clone();
    person.sum(&nodes);
    let on = on.unwrap_or_else(|| rules.settings.date_of(person.touched_at));
    let known = person.assessment.clone();
    let mut chronicle = std::mem::take(&mut person.chronicle);
    let subject = Subject::of_person(&person);
    let known = known.as_ref();
    let now = reassess(&subject, rules, on, known, &mut chronicle, trigger);
    let (assessment, within) = settle(&nodes, subject, rules, now, known);
    person.assessment = Some(assessment);
    person.chronicle = chronicle;
    let mut changes = Changes::new();
    members::move_all(&mut changes, &before, &nodes, &within);
    Membership::move_to(&mut person.named, within, rules.named);
    for node in &mut nodes {
        let is_left_over = members::leave(node);
        if node.stale || is_left_over {
            node.stale = false;
            changes.node_put(node)?;
            person.members.insert(node.id.clone(), node.version + 1);
        } else {
            changes.node_check(node);
        }
    }
    if is_as_good_as(&person, &before) {
        return Ok(None);
    }
    changes.person_put(&person)?;
    Ok(Some(changes))
}

/// Whether a person's record says all that a newer one would; a date alone is
/// not worth a write.
fn is_as_good_as(new: &Person, known: &Person) -> bool {
    let assessed = new.assessment.as_ref().zip(known.assessment.as_ref());
    assessed.is_some_and(|(new, known)| new.is_as_good_as(known))
        && new.members == known.members
        && new.totals == known.totals
        && new.care == known.care
        && new.ranked == known.ranked
        && new.source == known.source
        && new.chronicle == known.chronicle
        && new.named == known.named
}

fn rules_of((settings, cutoffs, named): &(Settings, Cutoffs, NamedSegments)) -> Rules<'_> {
    Rules {
        settings,
        cutoffs,
        named,
    }
}
