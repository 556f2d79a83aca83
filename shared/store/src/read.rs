//! Reading several items of both tables at once.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use crm_domain::customer::Node;
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::person::{Person, PersonRecord};
use serde::de::DeserializeOwned;

use crate::Store;
use crate::claim::{Claim, ClaimItem};
use crate::cost::CostRecord;
use crate::error::StoreError;
use crate::item::{Item, built, from_item, key_item, key_of};
use crate::keys::{self, Key};
use crate::order::OrderRecord;
use crate::returns::{LooseReturnRecord, ReturnPointer};
use crate::workflow::Run;

/// How fresh a read has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// May be a moment old, at half the price: for a first try whose write is
    /// guarded by versions anyway.
    Eventual,
    /// Sees every write acknowledged before.
    Strong,
}

/// Keys to read together.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    people: Vec<Key>,
    facts: Vec<Key>,
}

/// What was found; what is absent does not exist.
#[derive(Debug, Default)]
pub struct Loaded {
    items: HashMap<Key, Item>,
}

impl Wanted {
    /// A node.
    pub fn node(&mut self, id: &NodeId) -> &mut Self {
        self.person_key(keys::node(id))
    }

    /// The root record of a person of several nodes.
    pub fn person(&mut self, root: &NodeId) -> &mut Self {
        self.person_key(keys::person(root))
    }

    /// A claim.
    pub fn claim(&mut self, claim: &Claim) -> &mut Self {
        self.person_key(claim.key())
    }

    /// What a product costs.
    pub fn cost(&mut self, product: &ExternalId) -> &mut Self {
        self.person_key(keys::cost(product))
    }

    /// An order.
    pub fn order(&mut self, id: &ExternalId) -> &mut Self {
        self.fact_key(keys::order(id))
    }

    /// A return's pointer.
    pub fn return_pointer(&mut self, id: &ExternalId) -> &mut Self {
        self.fact_key(keys::returned(id))
    }

    /// A loose return.
    pub fn loose_return(&mut self, id: &ExternalId) -> &mut Self {
        self.fact_key(keys::loose_return(id))
    }

    /// A suggested pair, the smaller id first.
    pub(crate) fn duplicate(&mut self, one: &NodeId, other: &NodeId) -> &mut Self {
        self.fact_key(keys::duplicate(one, other))
    }

    /// The settings and the cut-offs in force.
    pub(crate) fn rules(&mut self) -> &mut Self {
        self.person_key(keys::settings())
            .person_key(keys::cutoffs())
    }

    /// A workflow's run for a node.
    pub fn run(&mut self, workflow: &str, node: &NodeId) -> &mut Self {
        self.fact_key(keys::run(workflow, node))
    }

    pub(crate) fn person_key(&mut self, key: Key) -> &mut Self {
        if !self.people.contains(&key) {
            self.people.push(key);
        }
        self
    }

    pub(crate) fn fact_key(&mut self, key: Key) -> &mut Self {
        if !self.facts.contains(&key) {
            self.facts.push(key);
        }
        self
    }
}

impl Loaded {
    /// An item as it is kept.
    pub(crate) fn take(&mut self, key: &Key) -> Option<Item> {
        self.items.remove(key)
    }

    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        key: &Key,
    ) -> Result<Option<T>, StoreError> {
        let found = self.items.get(key).cloned();
        found.map(|item| from_item(kind, item)).transpose()
    }

    /// The node, if it exists.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`].
    pub fn node(&self, id: &NodeId) -> Result<Option<Node>, StoreError> {
        self.get("node", &keys::node(id))
    }

    /// The root record, if it exists.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`].
    pub fn person(&self, root: &NodeId) -> Result<Option<Person>, StoreError> {
        self.get("person", &keys::person(root))
    }

    /// The node that holds a claim.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`].
    pub fn claim(&self, claim: &Claim) -> Result<Option<NodeId>, StoreError> {
        let item: Option<ClaimItem> = self.get("claim", &claim.key())?;
        Ok(item.map(|item| item.node))
    }

    /// What the product costs, if somebody told it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`].
    pub fn cost(&self, product: &ExternalId) -> Result<Option<CostRecord>, StoreError> {
        self.get("cost", &keys::cost(product))
    }

    /// The order, if it exists.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`].
    pub fn order(&self, id: &ExternalId) -> Result<Option<OrderRecord>, StoreError> {
        self.get("order", &keys::order(id))
    }

    /// The return's pointer, if it exists.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`].
    pub fn return_pointer(&self, id: &ExternalId) -> Result<Option<ReturnPointer>, StoreError> {
        self.get("return", &keys::returned(id))
    }

    /// The loose return, if it exists.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`].
    pub fn loose_return(&self, id: &ExternalId) -> Result<Option<LooseReturnRecord>, StoreError> {
        self.get("loose_return", &keys::loose_return(id))
    }

    /// The workflow's run for the node, if there was one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`].
    pub fn run(&self, workflow: &str, node: &NodeId) -> Result<Option<Run>, StoreError> {
        self.get("run", &keys::run(workflow, node))
    }
}

/// Most keys DynamoDB takes in one `BatchGetItem`.
const BATCH: usize = 100;
/// How often a person that is being joined is looked for.
const LOOKS: u32 = 3;
/// How often what was left unprocessed is asked for again.
const ROUNDS: u32 = 8;

impl Store {
    /// Reads everything wanted; an empty wish costs nothing.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn load(&self, wanted: &Wanted, how: Consistency) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        let mut left: Vec<(bool, Key)> = Vec::new();
        left.extend(wanted.people.iter().map(|key| (true, key.clone())));
        left.extend(wanted.facts.iter().map(|key| (false, key.clone())));
        let mut rounds = 0;
        while !left.is_empty() {
            if rounds == ROUNDS {
                return Err(StoreError::Contended { attempts: rounds });
            }
            let now = left.split_off(left.len().saturating_sub(BATCH));
            let unread = self.load_batch(&now, how, &mut loaded).await?;
            rounds = if unread.is_empty() { 0 } else { rounds + 1 };
            left.extend(unread);
        }
        Ok(loaded)
    }

    /// Reads one batch and gives back the keys that were not processed.
    async fn load_batch(
        &self,
        wanted: &[(bool, Key)],
        how: Consistency,
        loaded: &mut Loaded,
    ) -> Result<Vec<(bool, Key)>, StoreError> {
        let mut request = HashMap::new();
        for people in [true, false] {
            let keys: Vec<_> = wanted.iter().filter(|(side, _)| *side == people).collect();
            if keys.is_empty() {
                continue;
            }
            let keys = keys.into_iter().map(|(_, key)| key_item(key)).collect();
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(how == Consistency::Strong)
                .build();
            request.insert(self.table(people).to_owned(), built(keys));
        }
        let answer = self
            .batch_get_done(
                self.client
                    .batch_get_item()
                    .set_request_items(Some(request)),
            )
            .await?;
        for item in answer.responses.unwrap_or_default().into_values().flatten() {
            if let Some(key) = key_of(&item) {
                loaded.items.insert(key, item);
            }
        }
        let mut unread = Vec::new();
        for (table, keys) in answer.unprocessed_keys.unwrap_or_default() {
            let people = table == self.people;
            unread.extend(keys.keys.iter().filter_map(key_of).map(|key| (people, key)));
        }
        Ok(unread)
    }

    /// A person by the id of any of its nodes; none if there is no such node.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; [`StoreError::Contended`] when the person is being
    /// joined at every look.
    pub async fn person_fetch(
        &self,
        id: &NodeId,
        mut how: Consistency,
    ) -> Result<Option<PersonRecord>, StoreError> {
        for _ in 0..LOOKS {
            let loaded = self.load(Wanted::default().node(id), how).await?;
            let Some(node) = loaded.node(id)? else {
                return Ok(None);
            };
            let Some(root) = node.root.clone() else {
                return Ok(Some(PersonRecord::Single(Box::new(node))));
            };
            if let Some(person) = self.person_joined(&root, how).await? {
                return Ok(Some(person));
            }
            // Joined elsewhere between the two reads.
            how = Consistency::Strong;
        }
        Err(StoreError::Contended { attempts: LOOKS })
    }

    async fn person_joined(
        &self,
        root: &NodeId,
        how: Consistency,
    ) -> Result<Option<PersonRecord>, StoreError> {
        let loaded = self.load(Wanted::default().person(root), how).await?;
        let Some(person) = loaded.person(root)? else {
            return Ok(None);
        };
        let nodes = self.nodes_fetch(person.members.keys(), how).await?;
        Ok(Some(PersonRecord::Joined(Box::new(person), nodes)))
    }

    /// Nodes by their ids, in the order asked for, those that exist.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn nodes_fetch(
        &self,
        ids: impl IntoIterator<Item = &NodeId>,
        how: Consistency,
    ) -> Result<Vec<Node>, StoreError> {
        let ids: Vec<_> = ids.into_iter().collect();
        let mut wanted = Wanted::default();
        for id in &ids {
            wanted.node(id);
        }
        let loaded = self.load(&wanted, how).await?;
        let nodes = ids.into_iter().map(|id| loaded.node(id));
        nodes.filter_map(Result::transpose).collect()
    }

    /// A fact as every write before this made it.
    pub(crate) async fn fact_item(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .get_done(
                self.client
                    .get_item()
                    .table_name(&self.facts)
                    .set_key(Some(key_item(key)))
                    .consistent_read(true),
            )
            .await?;
        Ok(answer.item)
    }
}
