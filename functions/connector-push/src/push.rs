//! Claim, send, confirm (DOMAIN section 9).

use crm_connectors::mail::Outcome;
use crm_lambda::{Metrics, Unit};
use crm_store::{Changes, Committed, Message, MessageState, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::{Function, PushError};

/// How long a claim may be at work: twice as long as Lambda lets this
/// function run. After that, whoever claimed is dead.
const CLAIM_LASTS: SignedDuration = SignedDuration::from_secs(120);

impl Function {
    /// Brings a message as far as it gets. An error leaves it in the queue.
    pub(crate) async fn push(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        id: &str,
    ) -> Result<(), PushError> {
        let message = self.store.message_fetch(id).await?;
        let message = message.ok_or(PushError::UnknownMessage)?;
        match message.state {
            MessageState::Pending => self.attempt(now, metrics, message).await,
            MessageState::Claimed { at, .. } if now.duration_since(at) < CLAIM_LASTS => {
                Err(PushError::Busy)
            }
            MessageState::Claimed { .. } => {
                let in_doubt = MessageState::InDoubt { at: now };
                self.settle(metrics, message, in_doubt, "the attempt to send it died")
                    .await
            }
            MessageState::Sent { .. }
            | MessageState::Refused { .. }
            | MessageState::InDoubt { .. } => {
                metrics.add("messages_settled_before", Unit::Count, 1.0);
                Ok(())
            }
        }
    }

    /// Everything is read and written down before the claim, so that little
    /// can go wrong between the claim and the send.
    async fn attempt(
        &self,
        at: Timestamp,
        metrics: &mut Metrics,
        message: Message,
    ) -> Result<(), PushError> {
        let Some(mail) = self.render(&message).await? else {
            let reason = "no address".to_owned();
            let refused = MessageState::Refused { at, reason };
            return self.settle(metrics, message, refused, "no address").await;
        };
        let claimed = self.claim(message, at).await?.ok_or(PushError::Busy)?;
        match self.mailer.get().send(&mail).await {
            Outcome::Sent(receipt) => {
                let sent = MessageState::Sent { at, receipt };
                self.settle(metrics, claimed, sent, "sent").await
            }
            Outcome::Refused(reason) => {
                let refused = MessageState::Refused {
                    at,
                    reason: reason.clone(),
                };
                self.settle(metrics, claimed, refused, &reason).await
            }
            Outcome::Unknown(reason) => {
                let in_doubt = MessageState::InDoubt { at };
                self.settle(metrics, claimed, in_doubt, &reason).await
            }
            Outcome::Deferred(reason) => {
                self.settle(metrics, claimed, MessageState::Pending, &reason)
                    .await?;
                Err(PushError::Deferred(reason))
            }
        }
    }

    /// Claims a message; none if another attempt has it. When the reply to
    /// the claim was lost, the repeat finds a claim, and it is this one.
    async fn claim(&self, message: Message, at: Timestamp) -> Result<Option<Message>, StoreError> {
        let id = message.id.clone();
        let attempt = self.random.id();
        let state = MessageState::Claimed { at, attempt };
        if let Some(claimed) = self.advance(message, state.clone()).await? {
            return Ok(Some(claimed));
        }
        let found = self.store.message_fetch(&id).await?;
        Ok(found.filter(|found| found.state == state))
    }

    /// Writes down what is known now. Should another attempt have taken this
    /// one for dead in the meantime, knowledge replaces its doubt.
    async fn settle(
        &self,
        metrics: &mut Metrics,
        message: Message,
        state: MessageState,
        reason: &str,
    ) -> Result<(), PushError> {
        let id = message.id.clone();
        let is_doubt = matches!(state, MessageState::InDoubt { .. });
        if self.advance(message, state.clone()).await?.is_none() {
            let doubted = self.store.message_fetch(&id).await?;
            let doubted = doubted
                .filter(|now| !is_doubt && matches!(now.state, MessageState::InDoubt { .. }));
            let corrected = match doubted {
                Some(doubted) => self.advance(doubted, state.clone()).await?,
                None => None,
            };
            corrected.ok_or(PushError::Busy)?;
        }
        tell(metrics, &id, &state, reason);
        Ok(())
    }

    /// Moves a message on from the state it was read in; none if somebody
    /// else was faster.
    async fn advance(
        &self,
        mut message: Message,
        state: MessageState,
    ) -> Result<Option<Message>, StoreError> {
        message.state = state;
        let mut changes = Changes::new();
        changes.message_put(&message)?;
        let committed = self.store.commit(changes).await?;
        message.version += 1;
        Ok((committed == Committed::Done).then_some(message))
    }
}

fn tell(metrics: &mut Metrics, id: &str, state: &MessageState, reason: &str) {
    let metric = match state {
        MessageState::Sent { .. } => {
            tracing::info!(message.id = %id, "sent {id}");
            "messages_sent"
        }
        MessageState::Refused { .. } => {
            tracing::warn!(message.id = %id, reason, "{id} is refused");
            "messages_refused"
        }
        MessageState::InDoubt { .. } => {
            tracing::error!(message.id = %id, reason, "nobody knows whether {id} was sent");
            "messages_in_doubt"
        }
        MessageState::Pending | MessageState::Claimed { .. } => "messages_deferred",
    };
    metrics.add(metric, Unit::Count, 1.0);
}
