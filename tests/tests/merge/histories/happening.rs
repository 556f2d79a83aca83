//! What may happen in a history.

use anyhow::{Context, Result, ensure};
use crm_domain::identity::{Email, ExternalId, NodeId};
use crm_store::{Claim, Consistency, Wanted};
use serde_json::{Value, json};

use super::History;
use super::ledger::{Placed, Told};
use crate::crew::{customer, order, refund};

/// What may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Order,
    GuestOrder,
    NamelessOrder,
    NameTheNameless,
    Refund,
    Cancel,
    Pay,
    Retell,
    MoveAddress,
    Label,
    Consent,
    SetField,
    Say,
    OpenCase,
    EndCase,
    Delete,
    MergeAtTheShop,
    Merge,
    Part,
    TellAgain,
    Night,
}

/// As often as it happens.
#[rustfmt::skip]
const DEEDS: [Deed; 37] = {
    use Deed::{
        Cancel, Consent, Delete, EndCase, GuestOrder, Label, Merge, MergeAtTheShop, MoveAddress,
        NameTheNameless, NamelessOrder, Night, OpenCase, Order, Part, Pay, Refund, Retell, Say,
        SetField, TellAgain,
    };
    [
        Order, Order, Order, Order, Order, Order, GuestOrder, GuestOrder, GuestOrder, GuestOrder,
        NamelessOrder, NameTheNameless, Refund, Refund, Refund, Cancel, Pay, Retell, Retell,
        MoveAddress, MoveAddress, Label, Consent, SetField, Say, OpenCase, EndCase, Delete,
        MergeAtTheShop, MergeAtTheShop, Merge, Merge, Merge, Part, TellAgain, Night, Night,
    ]
};

const LABELS: [&str; 3] = ["press", "wholesale", "friend"];
const SHOPS: [&str; 3] = ["a", "b", "c"];

impl History {
    /// One thing happens.
    pub(super) async fn happen(&mut self) -> Result<()> {
        let what = self.rng.choice(DEEDS).context("there are some")?;
        // Everything follows from what was told in a night, so it is a step.
        let what = match what {
            Deed::Night if !self.ledger.happened.is_empty() => Deed::TellAgain,
            what => what,
        };
        self.ledger.happened.push(what);
        match what {
            Deed::Order => self.order().await,
            Deed::GuestOrder => self.guest_order().await,
            Deed::NamelessOrder => self.nameless_order().await,
            Deed::NameTheNameless => self.name_the_nameless().await,
            Deed::Refund => self.refund().await,
            Deed::Cancel => self.cancel().await,
            Deed::Pay => self.pay().await,
            Deed::Retell => self.retell().await,
            Deed::MoveAddress => self.move_address().await,
            Deed::Label => self.label().await,
            Deed::Consent => self.consent().await,
            Deed::SetField => self.set_field().await,
            Deed::Say => self.say().await,
            Deed::OpenCase => self.open_case().await,
            Deed::EndCase => self.end_case().await,
            Deed::Delete => self.delete().await,
            Deed::MergeAtTheShop => self.merge_at_the_shop().await,
            Deed::Merge => self.merge().await,
            Deed::Part => self.part().await,
            Deed::TellAgain => self.tell_again().await,
            Deed::Night => self.crew.night().await,
        }
    }

    /// A shop tells something; it is kept, to be told again.
    async fn tell(&mut self, shop: &str, topic: &str, body: &Value) -> Result<()> {
        let told = self.crew.delivery(&(shop, topic, body.clone()))?;
        self.ledger.told.push(told.clone());
        self.crew.take(&[told]).await
    }

    async fn place(&mut self, shop: &'static str, buyer: Result<u64, &str>) -> Result<u64> {
        let number = self.ledger.number();
        let price = [0, 20, 60, 150, 400][self.rng.usize(0..5)];
        let mut body = order(number, buyer, price, self.crew.now());
        if self.rng.u32(0..8) == 0 {
            body["financial_status"] = json!("pending");
        }
        self.tell(shop, "orders/create", &body).await?;
        let node = self.node_of_order(shop, number).await?;
        self.ledger.ids.insert(node.clone());
        self.ledger.placed_now.push(number);
        let placed = Placed {
            shop,
            node,
            body,
            refunds: 0,
            is_nameless: buyer == Err(""),
        };
        self.ledger.orders.insert(number, placed);
        Ok(number)
    }

    async fn node_of_order(&self, shop: &str, number: u64) -> Result<NodeId> {
        let id = ExternalId::new("lamps", shop, &number.to_string())?;
        let mut wanted = Wanted::default();
        wanted.order(&id);
        let found = self.crew.store.load(&wanted, Consistency::Strong).await?;
        let order = found.order(&id)?.context("the order is kept")?;
        order.order.node.context("it is somebody's")
    }

    async fn order(&mut self) -> Result<()> {
        let who = self
            .rng
            .choice(&self.ledger.customers)
            .context("somebody")?;
        let (shop, id, node) = (who.shop, who.id, who.node.clone());
        let number = self.place(shop, Ok(id)).await?;
        let lies_on = &self.ledger.orders[&number].node;
        ensure!(*lies_on == node, "an order is not its customer's");
        Ok(())
    }

    /// A guest who leaves an address: whoever holds it, else somebody new.
    async fn guest_order(&mut self) -> Result<()> {
        let email = self.rng.choice(self.ledger.addresses()).context("one")?;
        let shop = SHOPS[self.rng.usize(0..SHOPS.len())];
        let holder = self.holder(&email).await?;
        let number = self.place(shop, Err(&email)).await?;
        let lies_on = &self.ledger.orders[&number].node;
        let now = self.holder(&email).await?;
        ensure!(now.as_ref() == Some(lies_on), "a guest is not found again");
        ensure!(
            holder.is_none() || holder == now,
            "an address changed hands"
        );
        Ok(())
    }

    async fn holder(&self, email: &str) -> Result<Option<NodeId>> {
        let claim = Claim::Email(Email::parse(email)?);
        let mut wanted = Wanted::default();
        wanted.claim(&claim);
        let found = self.crew.store.load(&wanted, Consistency::Strong).await?;
        Ok(found.claim(&claim)?)
    }

    async fn nameless_order(&mut self) -> Result<()> {
        let shop = SHOPS[self.rng.usize(0..SHOPS.len())];
        self.place(shop, Err("")).await?;
        Ok(())
    }

    /// An order of nobody turns out to be a customer's.
    async fn name_the_nameless(&mut self) -> Result<()> {
        let nameless = self.ledger.orders.iter();
        let nameless = nameless.filter(|(_, placed)| placed.is_nameless);
        let Some((number, shop)) = nameless.map(|(n, placed)| (*n, placed.shop)).next() else {
            return self.nameless_order().await;
        };
        let mut customers = self.ledger.customers.iter();
        let Some(who) = customers.find(|who| who.shop == shop) else {
            return Ok(());
        };
        let (id, node) = (who.id, who.node.clone());
        let change = json!({"customer": {"id": id}});
        self.change_order(number, "orders/updated", change).await?;
        let placed = self.ledger.orders.get_mut(&number).context("known")?;
        placed.node = node;
        placed.is_nameless = false;
        self.ledger.placed_now.push(number);
        self.ledger.people_changed = true;
        Ok(())
    }

    async fn change_order(&mut self, number: u64, topic: &str, change: Value) -> Result<()> {
        let now = self.crew.now();
        let placed = self.ledger.orders.get_mut(&number).context("known")?;
        placed.body["updated_at"] = json!(now);
        for (field, value) in change.as_object().context("fields")? {
            placed.body[field] = value.clone();
        }
        let (shop, body) = (placed.shop, placed.body.clone());
        self.tell(shop, topic, &body).await
    }

    fn some_order(&mut self) -> Option<u64> {
        let numbers: Vec<_> = self.ledger.orders.keys().copied().collect();
        self.rng.choice(numbers)
    }

    async fn refund(&mut self) -> Result<()> {
        let Some(order) = self.some_order() else {
            return Ok(());
        };
        let placed = self.ledger.orders.get_mut(&order).context("known")?;
        if placed.refunds == 3 {
            return Ok(());
        }
        placed.refunds += 1;
        let shop = placed.shop;
        let number = self.ledger.number();
        let body = refund(number, order, self.rng.u32(0..50), self.crew.now());
        self.tell(shop, "refunds/create", &body).await
    }

    async fn cancel(&mut self) -> Result<()> {
        let Some(order) = self.some_order() else {
            return Ok(());
        };
        let change = json!({"cancelled_at": self.crew.now()});
        self.change_order(order, "orders/cancelled", change).await
    }

    async fn pay(&mut self) -> Result<()> {
        let orders = self.ledger.orders.iter();
        let mut open = orders.filter(|(_, placed)| placed.body["financial_status"] == "pending");
        let Some(order) = open.next().map(|(number, _)| *number) else {
            return Ok(());
        };
        let change = json!({"financial_status": "paid"});
        self.change_order(order, "orders/paid", change).await
    }

    fn somebody(&mut self) -> usize {
        self.rng.usize(0..self.ledger.customers.len())
    }

    /// The shop tells of a customer whatever has changed; nothing new of one
    /// who was deleted there is heard.
    async fn change_profile(&mut self, who: usize, change: impl FnOnce(&mut Told)) -> Result<()> {
        let one = &mut self.ledger.customers[who];
        let Some(told) = one.profile.as_mut() else {
            return Ok(());
        };
        change(told);
        let mut body = customer(one.id, &told.email, self.crew.now());
        body["first_name"] = json!(told.name);
        let tags: Vec<_> = told.tags.iter().cloned().collect();
        body["tags"] = json!(tags.join(", "));
        let shop = one.shop;
        self.tell(shop, "customers/update", &body).await
    }

    async fn retell(&mut self) -> Result<()> {
        let (who, name) = (self.somebody(), self.rng.u32(0..1000));
        let label = LABELS[self.rng.usize(0..LABELS.len())];
        self.change_profile(who, |told| {
            told.name = format!("Name {name}");
            told.tags = [label.to_owned()].into();
        })
        .await
    }

    /// Another address: a new one, or one that somebody goes by or went by.
    async fn move_address(&mut self) -> Result<()> {
        let who = self.somebody();
        let fresh = format!("x{}@example.com", 10 + self.ledger.number());
        let known = self.rng.choice(self.ledger.addresses());
        let email = known.filter(|_| self.rng.bool()).unwrap_or(fresh);
        self.ledger.people_changed = true;
        self.change_profile(who, |told| told.email = email).await
    }

    async fn label(&mut self) -> Result<()> {
        let (who, now) = (self.somebody(), self.crew.now());
        let label = LABELS[self.rng.usize(0..LABELS.len())];
        let one = &mut self.ledger.customers[who];
        let body = json!({"customerId": format!("gid://shopify/Customer/{}", one.id), "tags": [label], "occurredAt": now});
        let added = self.rng.bool();
        if let Some(told) = one.profile.as_mut() {
            if added {
                told.tags.insert(label.to_owned());
            } else {
                told.tags.remove(label);
            }
        }
        let (shop, topic) = (one.shop, if added { "added" } else { "removed" });
        self.tell(shop, &format!("customer.tags_{topic}"), &body)
            .await
    }

    async fn consent(&mut self) -> Result<()> {
        let (who, now, yes) = (self.somebody(), self.crew.now(), self.rng.bool());
        let one = &mut self.ledger.customers[who];
        one.consent = Some(yes);
        let state = if yes { "subscribed" } else { "unsubscribed" };
        let body = json!({
            "customer_id": one.id,
            "email_marketing_consent": {"state": state, "consent_updated_at": now},
        });
        let shop = one.shop;
        let topic = "customers_email_marketing_consent/update";
        self.tell(shop, topic, &body).await
    }

    async fn set_field(&mut self) -> Result<()> {
        let who = self.somebody();
        let born = format!("19{:02}-05-17", self.rng.u32(10..100));
        let one = &mut self.ledger.customers[who];
        let path = format!("/v1/customers/{}", one.node);
        one.born = Some(born.clone());
        let body = json!({"fields": {"birthday": born}});
        let set = self.crew.call("PATCH", &path, body, &[]).await?;
        ensure!(set.status == 200, "{set:?}");
        Ok(())
    }

    fn some_node(&mut self) -> Result<NodeId> {
        let ids: Vec<_> = self.ledger.ids.iter().cloned().collect();
        self.rng.choice(ids).context("somebody is known")
    }

    async fn say(&mut self) -> Result<()> {
        let node = self.some_node()?;
        let path = format!("/v1/customers/{node}/communications");
        let said = self
            .crew
            .ask(&path, json!({"kind": "note", "body": "likes tea"}));
        let said = said.await?;
        ensure!(said.status == 201, "{said:?}");
        *self.ledger.communications.entry(node).or_default() += 1;
        Ok(())
    }

    async fn open_case(&mut self) -> Result<()> {
        let node = self.some_node()?;
        let form = json!({"customer_id": node, "subject": "Where is it?", "priority": "low"});
        let opened = self.crew.ask("/v1/cases", form).await?;
        ensure!(opened.status == 201, "{opened:?}");
        let id = opened.body["id"].as_str().context("a case has an id")?;
        self.ledger.cases.insert(id.to_owned(), node);
        Ok(())
    }

    async fn end_case(&mut self) -> Result<()> {
        let Some(case) = self.ledger.cases.keys().next().cloned() else {
            return self.open_case().await;
        };
        let path = format!("/v1/cases/{case}/status");
        for status in ["In Progress", "Resolved"] {
            let moved = self.crew.ask(&path, json!({ "status": status })).await?;
            ensure!(moved.status == 200, "{moved:?}");
        }
        self.ledger.cases.remove(&case);
        Ok(())
    }

    async fn delete(&mut self) -> Result<()> {
        let who = self.somebody();
        // Somebody has to be left.
        if who == 0 {
            return Ok(());
        }
        let one = &mut self.ledger.customers[who];
        one.profile = None;
        let (shop, body) = (one.shop, json!({ "id": one.id }));
        self.tell(shop, "customers/delete", &body).await
    }

    async fn merge_at_the_shop(&mut self) -> Result<()> {
        let (kept, gone) = (self.somebody(), self.somebody());
        let [kept, gone] = [kept, gone].map(|who| &self.ledger.customers[who]);
        if kept.shop != gone.shop || kept.id == gone.id {
            return Ok(());
        }
        let gid = |id| format!("gid://shopify/Customer/{id}");
        let body = json!({
            "admin_graphql_api_customer_kept_id": gid(kept.id),
            "admin_graphql_api_customer_deleted_id": gid(gone.id),
            "status": "completed",
        });
        let (shop, nodes) = (kept.shop, [kept.node.clone(), gone.node.clone()]);
        self.ledger.people_changed = true;
        self.tell(shop, "customers/merge", &body).await?;
        let nodes = self.crew.store.nodes_fetch(&nodes, Consistency::Strong);
        let [one, other] = &nodes.await?[..] else {
            anyhow::bail!("both are there");
        };
        let are_one = one.person() == other.person();
        // Only a person's word keeps apart whom their shop has merged.
        ensure!(are_one || !one.apart.is_empty(), "the shop is not heard");
        Ok(())
    }

    async fn merge(&mut self) -> Result<()> {
        let (one, other) = (self.some_node()?, self.some_node()?);
        let path = format!("/v1/customers/{one}/merge");
        let asked = json!({"with": other, "accept_limits": true});
        let answer = self.crew.ask(&path, asked).await?;
        self.ledger.people_changed = true;
        if answer.status == 409 {
            ensure!(answer.body["field"] == "with", "{answer:?}");
            let person = self.crew.person(&one).await?;
            ensure!(person.has(&other), "two persons can be merged");
            return Ok(());
        }
        ensure!(answer.status == 201, "{answer:?}");
        Ok(())
    }

    async fn part(&mut self) -> Result<()> {
        let standing = self.standing_merges().await?;
        let Some((merge, node)) = self.rng.choice(standing) else {
            return self.merge().await;
        };
        self.ledger.people_changed = true;
        self.crew.unmerge(&node, &merge).await?;
        Ok(())
    }

    /// Something that was told comes once more.
    async fn tell_again(&mut self) -> Result<()> {
        match self.rng.choice(self.ledger.told.clone()) {
            Some(told) => self.crew.take(&[told]).await,
            None => Ok(()),
        }
    }
}
