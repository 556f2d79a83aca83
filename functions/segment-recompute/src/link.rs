//! Who may be one person with whom.
//!
//! A node whose name, address or identifiers changed waits in a queue of its
//! own, so that a storm of new customers holds up no assessment. It is put
//! under its keys first and compared with all others there afterwards: of two
//! who arrive at once, one finds the other. A message may come twice or late:
//! what is done follows from the records as they are then.

mod index;
mod suggest;

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use crm_domain::identity::NodeId;
use crm_domain::linkage::Weights;
use crm_lambda::{Metrics, Unit};
use crm_store::StoreError;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Function;
pub(crate) use index::keys_of;
pub(crate) use suggest::Search;

/// How often something is decided again that others keep changing.
const ATTEMPTS: u32 = 12;
/// How long a process goes by what it knows of common names.
const WEIGHTS_LAST: SignedDuration = SignedDuration::from_mins(15);
/// Most messages SQS takes in one call.
const BATCH: usize = 10;
/// The only version of the messages so far.
const VERSION: u8 = 1;

/// A node that has to be compared with others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkMessage {
    v: u8,
    compare: NodeId,
}

/// Why a node is compared later.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    #[error("cannot use the tables")]
    Store(#[from] StoreError),
    #[error("cannot queue who changed")]
    Queue(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the queue refused {0} of those who changed")]
    Refused(usize),
    #[error("the message is of a shape this version does not know")]
    UnknownMessage,
}

impl Function {
    /// Lets nodes be compared with others before long.
    pub(crate) async fn send_links(&self, nodes: &BTreeSet<NodeId>) -> Result<(), LinkError> {
        let nodes: Vec<_> = nodes.iter().collect();
        for ten in nodes.chunks(BATCH) {
            let mut request = self.queues.get().send_message_batch();
            for node in ten {
                let message = LinkMessage {
                    v: VERSION,
                    compare: (*node).clone(),
                };
                let body = serde_json::to_string(&message).expect("a message is plain data");
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(node.as_str())
                    .message_body(body)
                    .build();
                request = request.entries(entry.expect("it has an id and a body"));
            }
            let answer = request.queue_url(&self.links).send().await;
            let answer = answer.map_err(|error| LinkError::Queue(error.into()))?;
            if !answer.failed.is_empty() {
                return Err(LinkError::Refused(answer.failed.len()));
            }
        }
        Ok(())
    }

    /// Puts a node under its keys, and suggests whoever else is there.
    pub(crate) async fn link(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        message: LinkMessage,
    ) -> Result<(), LinkError> {
        if message.v != VERSION {
            return Err(LinkError::UnknownMessage);
        }
        let keys = self.index(&message.compare, None).await?;
        let search = Search {
            weights: &*self.weights(now).await?,
            found_at: now,
            only_after: false,
        };
        let found = self.suggest(&message.compare, &keys, &search).await?;
        metrics.add("duplicates_suggested", Unit::Count, found.suggested.into());
        metrics.add("duplicates_withdrawn", Unit::Count, found.withdrawn.into());
        Ok(())
    }

    /// What weighs how much, as it was not long ago.
    async fn weights(&self, now: Timestamp) -> Result<Arc<Weights>, StoreError> {
        let known = {
            let known = self.weights.lock();
            known.unwrap_or_else(PoisonError::into_inner).clone()
        };
        if let Some((at, weights)) = known
            && now.duration_since(at).abs() < WEIGHTS_LAST
        {
            return Ok(weights);
        }
        let weights = Arc::new(self.store.weights_fetch().await?);
        let mut known = self.weights.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((now, weights.clone()));
        Ok(weights)
    }
}
