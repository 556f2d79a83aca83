//! Forgets all customers of a shop that has gone.

use crm_domain::customer::Node;
use crm_domain::identity::ExternalId;
use crm_domain::privacy::Request;
use crm_store::{Changes, FactKind, PrivacyMessage, ScanPlace, Scanned, Summary};
use jiff::Timestamp;

use super::forget::{Facts, Stint};
use super::named::Named;
use super::step::STINT;
use crate::{Function, UpsertError};

/// Items of the table of people read at once.
const PAGE: i32 = 200;

impl Function {
    pub(super) async fn redact_shop(
        &self,
        request: Request,
        message: PrivacyMessage,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        let mut stint = Stint {
            left: STINT,
            changed: message.changed,
        };
        let mut behind = message.behind.clone();
        let mut from = message.from.clone();
        let mut place = behind.clone().map(ScanPlace::from);
        loop {
            let page = self.store.people_scan(0, 1, place, PAGE).await?;
            stint.left = stint.left.saturating_sub(1);
            for scanned in page.items {
                let here = scanned.place();
                if let Scanned::Node(node) = scanned {
                    let more = self
                        .forget_of_shop(&node, &request, &mut from, &mut stint, now)
                        .await?;
                    if more || stint.left == 0 {
                        // A node that is not through yet is come upon again.
                        let behind = if more { behind } else { Some(here) };
                        return self.go_on(message, behind, from, &stint).await;
                    }
                }
                behind = Some(here);
            }
            place = page.next;
            if place.is_none() {
                break;
            }
            if stint.left == 0 && behind != message.behind {
                return self.go_on(message, behind, None, &stint).await;
            }
        }
        if stint.changed {
            return self.queues.send(&PrivacyMessage::start(&request.id)).await;
        }
        let named = Named::shop(&request);
        let mut changes = Changes::new();
        changes.shop_delete(&request.source, &request.shop);
        self.shop_is_gone(&request.source, &request.shop);
        self.finish(request, &named, changes, now).await
    }

    async fn go_on(
        &self,
        message: PrivacyMessage,
        behind: Option<crm_store::PersonPlace>,
        from: Option<crm_store::SweepPlace>,
        stint: &Stint,
    ) -> Result<(), UpsertError> {
        let message = PrivacyMessage {
            behind,
            from,
            changed: stint.changed,
            ..message
        };
        self.queues.send(&message).await
    }

    /// Forgets a node if it is the shop's, or what it bought there if it is
    /// not; whether there is more to do for it.
    async fn forget_of_shop(
        &self,
        node: &Node,
        request: &Request,
        from: &mut Option<crm_store::SweepPlace>,
        stint: &mut Stint,
        now: Timestamp,
    ) -> Result<bool, UpsertError> {
        let by_this = node.redacted == Some(request.asked_at);
        let facts = match self.part_of(node, request).await? {
            _ if by_this => Facts::All,
            Part::Whole => {
                self.forget(&node.id, request, now).await?;
                stint.changed = true;
                Facts::All
            }
            Part::SomeOrders => Facts::OrdersOfShop,
            Part::None => return Ok(false),
        };
        let begin = from.take().filter(|from| from.node == node.id);
        *from = self.sweep(&node.id, begin, (request, facts), stint).await?;
        Ok(from.is_some())
    }

    /// What of a node goes with the shop: all of its customers, and of guests
    /// who bought there and nowhere else; of everybody else what they bought
    /// there.
    async fn part_of(&self, node: &Node, request: &Request) -> Result<Part, UpsertError> {
        if node.redacted.is_some() {
            return Ok(Part::None);
        }
        if node
            .external_id
            .as_ref()
            .is_some_and(|id| request.is_of_shop(id))
        {
            return Ok(Part::Whole);
        }
        let (mut here, mut elsewhere) = (false, node.external_id.is_some());
        for kind in [FactKind::Order, FactKind::LooseReturn] {
            let mut from = None;
            loop {
                let page = self.store.facts_list(&node.id, kind, from.as_ref(), 100);
                let page = page.await?;
                let ids = page.items.iter().filter_map(id_of);
                for id in ids {
                    here |= request.is_of_shop(id);
                    elsewhere |= !request.is_of_shop(id);
                }
                from = page.next;
                if from.is_none() || (here && elsewhere) {
                    break;
                }
            }
        }
        Ok(match (here, elsewhere) {
            (true, false) => Part::Whole,
            (true, true) => Part::SomeOrders,
            (false, _) => Part::None,
        })
    }
}

/// How much of a node goes with a shop.
enum Part {
    Whole,
    SomeOrders,
    None,
}

fn id_of(summary: &Summary) -> Option<&ExternalId> {
    match summary {
        Summary::Order(order) => Some(&order.id),
        Summary::LooseReturn(loose) => Some(&loose.id),
        _ => None,
    }
}
