//! One step of carrying a request out.

use crm_domain::identity::NodeId;
use crm_domain::person::PersonRecord;
use crm_domain::privacy::{Kind, Request, Scope, State};
use crm_store::{Changes, Committed, Consistency, PrivacyMessage, StoreError};
use jiff::Timestamp;

use super::forget::Stint;
use super::letters::Named;
use crate::{Function, UpsertError};

/// Facts that one step looks at.
pub(super) const STINT: usize = 500;

impl Function {
    /// Does what a step asks for, as far as one invocation should go.
    pub(crate) async fn step(
        &self,
        message: PrivacyMessage,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        let request = self.store.privacy_fetch(&message.request).await?;
        let Some(request) = request.filter(|request| request.state == State::Open) else {
            return Ok(());
        };
        match request.asks {
            Kind::Redact => self.redact(request, message, now).await,
            Kind::ShopRedact => self.redact_shop(request, message, now).await,
            Kind::DataRequest => Ok(()),
        }
    }

    async fn redact(
        &self,
        request: Request,
        message: PrivacyMessage,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        let nodes = self.nodes_of(&request).await?;
        self.leave_stones(&request, nodes.first(), now).await?;
        let mut stint = Stint {
            left: STINT,
            changed: message.changed,
        };
        let mut from = message.from.clone();
        let behind = |node: &&NodeId| from.as_ref().is_some_and(|from| from.node != **node);
        let rest: Vec<_> = nodes.iter().skip_while(behind).cloned().collect();
        for node in &rest {
            self.forget(node, &request, now).await?;
            let next = self.sweep(node, from.take(), &request, &mut stint).await?;
            if next.is_some() {
                let changed = stint.changed;
                let message = PrivacyMessage {
                    from: next,
                    changed,
                    ..message
                };
                return self.queues.send(&message).await;
            }
        }
        if stint.changed {
            // The index by which facts are found may have been behind.
            return self.queues.send(&PrivacyMessage::start(&request.id)).await;
        }
        let named = Named::person(&request, &nodes);
        let removed = self.queues.throw_away(&named).await?;
        self.finish(request, removed, Changes::new(), now).await
    }

    /// Whom a request is about.
    async fn nodes_of(&self, request: &Request) -> Result<Vec<NodeId>, StoreError> {
        if request.scope == Scope::Node {
            return Ok(request.nodes().cloned().collect());
        }
        let mut nodes = Vec::new();
        for node in request.nodes() {
            let person = self.store.person_fetch(node, Consistency::Strong).await?;
            let all = person.iter().flat_map(PersonRecord::nodes);
            for node in all {
                if !nodes.contains(&node.id) {
                    nodes.push(node.id.clone());
                }
            }
        }
        Ok(nodes)
    }

    /// Notes that a request is carried out; it names nobody from then on.
    pub(super) async fn finish(
        &self,
        mut request: Request,
        removed: u32,
        mut changes: Changes,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        request.letters_removed += removed;
        request.finish(now);
        changes.privacy_put(&request)?;
        match self.store.commit(changes).await? {
            Committed::Done => {
                tracing::info!(request.id = %request.id, "carried out privacy request {}", request.id);
                Ok(())
            }
            Committed::Conflict => Err(StoreError::Contended { attempts: 1 }.into()),
        }
    }
}
