//! News about an order: into its record, and into its customer's totals.

use crm_domain::customer::CustomerFact;
use crm_domain::fact::Buyer;
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::order::{Channel, Contribution, Order, OrderChange, cost_on};
use crm_domain::stamp::Stamp;
use crm_domain::workflow;

use crate::UpsertError;
use crate::tombs::Mark;
use crate::work::{Wish, Work};

impl Work<'_> {
    pub(crate) async fn order_news(
        &mut self,
        id: &ExternalId,
        change: &OrderChange,
        buyer: Option<&Buyer>,
    ) -> Result<(), UpsertError> {
        let mut wish = Wish {
            orders: vec![id.clone()],
            ..Wish::default()
        };
        if let Some(customer) = buyer.map(|buyer| &buyer.customer) {
            wish.claims = Self::claim_of(customer).into_iter().collect();
        }
        if let OrderChange::Return(returned, _) = change {
            wish.pointers = id.beside(returned).into_iter().collect();
        }
        wish.costs = self.costs_to_know(id, change);
        self.hold(wish).await?;
        let told_before = is_told_before(&self.order(id).order, change);
        self.order(id).order.apply(change);
        self.keep_costs(id);
        if let OrderChange::Return(returned, _) = change {
            self.find_return(id, returned);
        }
        let before = self.order(id).order.node.clone();
        let owner = if told_before {
            before.clone()
        } else {
            self.owner(id, change, buyer).await?
        };
        self.order(id).order.node.clone_from(&owner);
        if self.is_forgotten(owner.as_ref()) {
            self.order(id).order.redact();
        }
        self.recount(id, before, owner).await
    }

    /// The products whose cost an order's news leaves to the store's table.
    /// Read with all the rest, before it is known which of them are new to
    /// the order: a read in vain costs less than a second round.
    fn costs_to_know(&self, id: &ExternalId, change: &OrderChange) -> Vec<ExternalId> {
        let OrderChange::Body(snapshot) = change else {
            return Vec::new();
        };
        let open = snapshot.body.products_without_cost();
        let open = open.filter(|_| self.settings.cost_table);
        // What is no id can have no place in the table either.
        open.filter_map(|product| id.beside(product).ok()).collect()
    }

    /// Keeps what the products new to the order cost on its date.
    fn keep_costs(&mut self, id: &ExternalId) {
        if self.costs.is_empty() {
            return;
        }
        let (settings, costs) = (self.settings, std::mem::take(&mut self.costs));
        let order = &mut self.order(id).order;
        if let Some((_, body)) = &order.body {
            let on = settings.date_of(body.placed_at);
            order.keep_costs(|product| cost_on(costs.get(&id.beside(product).ok()?)?, on));
        }
        self.costs = costs;
    }

    /// Whose the order is after this news: the newest body decides, and who
    /// a delivery names exists from then on.
    async fn owner(
        &mut self,
        id: &ExternalId,
        change: &OrderChange,
        buyer: Option<&Buyer>,
    ) -> Result<Option<NodeId>, UpsertError> {
        let known = self.order(id).order.node.clone();
        let OrderChange::Body(snapshot) = change else {
            return Ok(known);
        };
        let Some(buyer) = buyer else {
            return Ok(known);
        };
        if buyer.customer.id.is_none()
            && let Some(forgotten) = self.forgotten_guest(id, known.as_ref()).await?
        {
            return Ok(Some(forgotten));
        }
        let body = self.order(id).order.body.as_ref();
        let newest = body.is_some_and(|(stamp, _)| *stamp == snapshot.stamp);
        let addressed = guest_address(&buyer.customer);
        if let Some(known) = &known
            && self.has_changed_hands(id, addressed, known, buyer).await?
        {
            return Ok(Some(known.clone()));
        }
        if newest {
            self.order(id).order.addressed = addressed;
        }
        let named = self
            .node_of(&buyer.customer, Some(snapshot.body.placed_at))
            .await?;
        match (named, known) {
            (Some(named), _) if newest => Ok(Some(named)),
            (_, Some(known)) => Ok(Some(known)),
            (Some(named), None) => Ok(Some(named)),
            (None, None) => Ok(Some(self.anonymous(&buyer.customer).await?)),
        }
    }

    /// The node that keeps the money of whoever bought as a guest, if they were
    /// forgotten: nothing else in such an order may lead to them, and what is
    /// in it must not bring them back.
    async fn forgotten_guest(
        &mut self,
        order: &ExternalId,
        known: Option<&NodeId>,
    ) -> Result<Option<NodeId>, UpsertError> {
        if let Some(known) = known {
            let is_forgotten = self.node(known).await?.redacted.is_some();
            return Ok(is_forgotten.then(|| known.clone()));
        }
        match self.tombstone(Mark::Order(order)).await? {
            Some(stone) => self.buried(&stone).await.map(Some),
            None => Ok(None),
        }
    }

    /// Whether the address by which an order found its owner is held by
    /// somebody else, or nobody, since.
    async fn has_changed_hands(
        &mut self,
        id: &ExternalId,
        addressed: Option<u64>,
        owner: &NodeId,
        buyer: &Buyer,
    ) -> Result<bool, UpsertError> {
        let (Some(_), Some(claim)) = (addressed, Self::claim_of(&buyer.customer)) else {
            return Ok(false);
        };
        if self.order(id).order.addressed != addressed {
            return Ok(false);
        }
        self.hold(Wish::claim(&claim)).await?;
        let holder = self.claims.get(&claim).and_then(|held| held.now.as_ref());
        Ok(holder != Some(owner))
    }

    /// Whether somebody was forgotten; not asked where nothing was told of them.
    fn is_forgotten(&self, owner: Option<&NodeId>) -> bool {
        let node = owner.and_then(|owner| self.nodes.get(owner)?.now.as_ref());
        node.is_some_and(|node| node.redacted.is_some())
    }

    /// Replaces what the order counted for by what it counts for now.
    async fn recount(
        &mut self,
        id: &ExternalId,
        before: Option<NodeId>,
        owner: Option<NodeId>,
    ) -> Result<(), UpsertError> {
        let settings = self.settings;
        let now = self.now;
        let record = self.order(id);
        let counts = match &owner {
            Some(_) => record.order.contribution(settings)?,
            None => None,
        };
        let counted = record.order.counted.take();
        if let (None, Some(new)) = (&counted, &counts) {
            let body = record.order.body.as_ref();
            let is_history = body.is_some_and(|(_, body)| body.channel == Channel::Import);
            record.fresh = !is_history && workflow::is_fresh(settings, new.placed_at, now);
        }
        record.order.counted.clone_from(&counts);
        let is_told = counts.is_some() && (counted.is_none() || before != owner);
        if before == owner {
            self.replace(owner.as_ref(), counted.as_ref(), counts.as_ref())
                .await?;
        } else {
            self.replace(before.as_ref(), counted.as_ref(), None)
                .await?;
            self.replace(owner.as_ref(), None, counts.as_ref()).await?;
            if let (Some(before), Some(owner)) = (&before, &owner) {
                self.fold_in(before, owner).await?;
            }
        }
        if is_told && let Some(owner) = &owner {
            let returning = self.is_returning(owner).await?;
            self.order(id).returning = returning;
        }
        Ok(())
    }

    /// Whether a customer's first counted order is no news any more.
    async fn is_returning(&mut self, node: &NodeId) -> Result<bool, UpsertError> {
        let (settings, now) = (self.settings, self.now);
        let totals = &self.node(node).await?.totals;
        let view = totals.view(settings.count_zero_value_orders);
        let first = view.span.map(|(first, _)| first);
        Ok(!workflow::is_to_be_welcomed(settings, first, now))
    }

    async fn replace(
        &mut self,
        node: Option<&NodeId>,
        before: Option<&Contribution>,
        after: Option<&Contribution>,
    ) -> Result<(), UpsertError> {
        let Some(node) = node.filter(|_| before != after) else {
            return Ok(());
        };
        let currency = self.settings.reporting_currency;
        let node = self.node(node).await?;
        node.totals.replace(before, after);
        let unpaid = |counted: Option<&Contribution>| counted?.unpaid;
        node.care.bill(unpaid(before), unpaid(after));
        node.currency = currency.or(node.currency);
        Ok(())
    }
}

/// Digest of the address that a guest is found by.
fn guest_address(customer: &CustomerFact) -> Option<u64> {
    let email = customer.profile.email.as_ref();
    let email = email.filter(|_| customer.id.is_none())?;
    Some(Stamp::digest_of(email.as_str().as_bytes()))
}

/// Whether an order has an owner by this very body. Told once more it finds
/// nobody else: the address may be somebody else's by now.
fn is_told_before(order: &Order, change: &OrderChange) -> bool {
    let (OrderChange::Body(snapshot), Some((stamp, _)), Some(_)) =
        (change, &order.body, &order.node)
    else {
        return false;
    };
    snapshot.stamp == *stamp
}
