//! Forgets all customers of a shop that has gone.

use crm_domain::customer::Node;
use crm_domain::identity::ExternalId;
use crm_domain::privacy::Request;
use crm_store::{Changes, FactKind, PrivacyMessage, ScanPlace, Scanned, Summary};
use jiff::Timestamp;

use super::forget::Stint;
use super::letters::Named;
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
        let removed = self.queues.throw_away(&Named::shop(&request)).await?;
        let mut changes = Changes::new();
        changes.shop_delete(&request.source, &request.shop);
        self.shop_is_gone(&request.source, &request.shop);
        self.finish(request, removed, changes, now).await
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

    /// Forgets a node if it is the shop's; whether there is more to do for it.
    async fn forget_of_shop(
        &self,
        node: &Node,
        request: &Request,
        from: &mut Option<crm_store::SweepPlace>,
        stint: &mut Stint,
        now: Timestamp,
    ) -> Result<bool, UpsertError> {
        let by_this = node.redacted == Some(request.asked_at);
        if !by_this && !self.is_of_shop(node, request).await? {
            return Ok(false);
        }
        if !by_this {
            self.forget(&node.id, request, now).await?;
            stint.changed = true;
        }
        let begin = from.take().filter(|from| from.node == node.id);
        *from = self.sweep(&node.id, begin, request, stint).await?;
        Ok(from.is_some())
    }

    /// Whether a node is a customer of the shop, or a guest who bought there
    /// and nowhere else.
    async fn is_of_shop(&self, node: &Node, request: &Request) -> Result<bool, UpsertError> {
        let here = |id: &ExternalId| id.source() == request.source && id.shop() == request.shop;
        if node.redacted.is_some() {
            return Ok(false);
        }
        if let Some(id) = &node.external_id {
            return Ok(here(id));
        }
        let mut bought = false;
        for kind in [FactKind::Order, FactKind::LooseReturn] {
            let mut from = None;
            loop {
                let page = self.store.facts_list(&node.id, kind, from.as_ref(), 100);
                let page = page.await?;
                for summary in &page.items {
                    let (Summary::Order(_) | Summary::LooseReturn(_)) = summary else {
                        continue;
                    };
                    if !id_of(summary).is_some_and(here) {
                        return Ok(false);
                    }
                    bought = true;
                }
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(bought)
    }
}

fn id_of(summary: &Summary) -> Option<&ExternalId> {
    match summary {
        Summary::Order(order) => Some(&order.id),
        Summary::LooseReturn(loose) => Some(&loose.id),
        _ => None,
    }
}
