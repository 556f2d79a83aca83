//! One step of carrying a request out.

use std::collections::BTreeSet;

use crm_domain::identity::{Email, NodeId};
use crm_domain::person::PersonRecord;
use crm_domain::privacy::{Kind, Request, Scope, State};
use crm_store::{
    Changes, Claim, Committed, Consistency, LastLook, PrivacyMessage, StoreError, Wanted,
};
use jiff::Timestamp;

use super::forget::{Facts, Stint};
use super::named::Named;
use super::words::spellings;
use crate::{Function, Outcome, UpsertError};

/// Facts that one step looks at.
pub(super) const STINT: usize = 500;

impl Function {
    /// Does what a step asks for, as far as one invocation should go.
    pub(crate) async fn step(
        &self,
        message: PrivacyMessage,
        now: Timestamp,
    ) -> Result<Outcome, UpsertError> {
        if let Some(look) = message.last_look {
            self.look_again(&message.request, look, now).await?;
            return Ok(Outcome::Recorded);
        }
        let request = self.store.privacy_fetch(&message.request).await?;
        let Some(mut request) = request.filter(|request| request.state == State::Open) else {
            return Ok(Outcome::Unchanged);
        };
        let may_wait = request.asks == Kind::Redact;
        if may_wait && self.doubts_now(&mut request).await? {
            return Ok(Outcome::Waiting);
        }
        match request.asks {
            Kind::Redact => self.redact(request, message, now).await?,
            Kind::ShopRedact => self.redact_shop(request, message, now).await?,
            Kind::DataRequest => {}
        }
        Ok(Outcome::Recorded)
    }

    async fn redact(
        &self,
        request: Request,
        message: PrivacyMessage,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        let nodes = self.nodes_of(&request).await?;
        self.leave_stones(&request, nodes.first(), now).await?;
        let request = self.know(request).await?;
        let nodes = self.nodes_of(&request).await?;
        let mut stint = Stint {
            left: STINT,
            changed: message.changed,
        };
        let mut from = message.from.clone();
        let behind = |node: &&NodeId| from.as_ref().is_some_and(|from| from.node != **node);
        let rest: Vec<_> = nodes.iter().skip_while(behind).cloned().collect();
        for node in &rest {
            self.forget(node, &request, now).await?;
            let next = self
                .sweep(node, from.take(), (&request, Facts::All), &mut stint)
                .await?;
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
        let of_others = self.texts_of_others(&request, &nodes).await?;
        let named = Named::person(&request, &nodes, &of_others);
        self.finish(request, &named, Changes::new(), now).await
    }

    /// Throws away what was given up since: by then the request names nobody.
    async fn look_again(
        &self,
        request: &str,
        look: LastLook,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        let named = Named::again(look, self.tombs.digester(now).await?);
        let letters = self.throw_away(&named, now).await?;
        let removed = letters.removed;
        let known = self.store.privacy_fetch(request).await?;
        let news = |known: &Request| removed > 0 || letters.of_others > known.letters_of_others;
        let Some(mut known) = known.filter(news) else {
            return Ok(());
        };
        tracing::info!(request.id = %request, "threw {removed} letters away that came late");
        known.letters_removed += removed;
        known.letters_of_others = known.letters_of_others.max(letters.of_others);
        let mut changes = Changes::new();
        changes.privacy_put(&known)?;
        // The letters are gone; whoever changes the request now loses a count.
        self.store.commit(changes).await?;
        Ok(())
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

    /// Notes who else is meant by now, and by what letters know the person,
    /// before that is gone from everywhere else.
    async fn know(&self, mut request: Request) -> Result<Request, UpsertError> {
        let before = request.clone();
        let late = self.late_guests(&request).await?;
        request.also.extend(late);
        let nodes = self.nodes_of(&request).await?;
        let nodes = self.store.nodes_fetch(&nodes, Consistency::Strong).await?;
        for node in &nodes {
            request.know(node);
        }
        if request != before {
            let mut changes = Changes::new();
            changes.privacy_put(&request)?;
            if self.store.commit(changes).await? == Committed::Conflict {
                return Err(StoreError::Contended { attempts: 1 }.into());
            }
            request.version += 1;
        }
        Ok(request)
    }

    /// What the person goes by and somebody who stays goes by as well: who
    /// they are one person with, and who has an address of theirs now.
    async fn texts_of_others(
        &self,
        request: &Request,
        nodes: &[NodeId],
    ) -> Result<BTreeSet<String>, StoreError> {
        let emails = request.traces.iter();
        let emails = emails.filter_map(|trace| Email::parse(trace).ok());
        let claims: Vec<_> = emails.map(Claim::Email).collect();
        let mut wanted = Wanted::default();
        for claim in &claims {
            wanted.claim(claim);
        }
        let loaded = self.store.load(&wanted, Consistency::Strong).await?;
        let mut others = Vec::new();
        for claim in &claims {
            others.extend(loaded.claim(claim)?);
        }
        let mut others = self.store.nodes_fetch(&others, Consistency::Strong).await?;
        for node in nodes {
            let person = self.store.person_fetch(node, Consistency::Strong).await?;
            others.extend(person.iter().flat_map(PersonRecord::nodes).cloned());
        }
        let staying = others.iter().filter(|node| node.redacted.is_none());
        let texts = staying.flat_map(|node| {
            let claimed = node.claimed_email.iter().map(Email::as_str);
            let texts = node.profile.texts().chain(claimed);
            texts.flat_map(spellings).collect::<Vec<_>>()
        });
        Ok(texts.collect())
    }

    /// Throws letters away, and notes that a request is carried out; it names
    /// nobody from then on.
    pub(super) async fn finish(
        &self,
        mut request: Request,
        named: &Named,
        mut changes: Changes,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        let letters = self.throw_away(named, now).await?;
        // Sent first: a request that is done is not carried out again.
        let later = PrivacyMessage {
            last_look: Some(named.look(&self.tombs.digester(now).await?)),
            ..PrivacyMessage::start(&request.id)
        };
        self.queues.send_later(&later).await?;
        request.letters_removed += letters.removed;
        request.letters_of_others = letters.of_others;
        let segments = self.store.named_read(Consistency::Strong).await?.segments;
        let naming = segments
            .iter()
            .filter(|segment| named.is_in_segment(segment));
        request.named_in = naming.map(|segment| segment.id.clone()).collect();
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
