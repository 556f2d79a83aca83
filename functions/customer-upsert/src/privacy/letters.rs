//! Letters that were given up and still name somebody: thrown away.
//!
//! An order among them that only waits to be counted, for want of an exchange
//! rate, is money and not lost: it is told anew without its buyer. What
//! cannot be read goes with its letter, for nobody can say what is in it.

use aws_sdk_sqs::types::Message;
use crm_domain::fact::Fact;
use crm_domain::identity::NodeId;
use crm_domain::privacy::Request;
use crm_sources::{Delivery, restated};
use jiff::Timestamp;
use serde_json::Value;

use super::Queues;
use super::restate::Told;
use crate::{Function, UpsertError};

/// Letters taken at once, and for how long nobody else gets them.
const BATCH: i32 = 10;
const HIDDEN_SECONDS: i32 = 60;
/// Most letters of a queue that are looked at; more would have raised its
/// alarm long before.
const MOST: usize = 5_000;
/// How often in a row a queue has to say that it is empty: it may overlook
/// some of what it has.
const EMPTY: u32 = 2;

/// By what a letter is known to be about somebody.
pub(super) struct Named {
    source: String,
    shop: String,
    /// The customer's id inside the shop; none for everybody there.
    customer: Option<String>,
    /// Texts that are a person's alone.
    texts: Vec<String>,
    whole_shop: bool,
}

impl Named {
    pub(super) fn person(request: &Request, nodes: &[NodeId]) -> Self {
        let mut texts = request.traces.clone();
        texts.extend(nodes.iter().map(NodeId::to_string));
        texts.extend(request.customer.iter().map(ToString::to_string));
        let customer = request.customer.as_ref().map(|id| id.id().to_owned());
        Self {
            source: request.source.clone(),
            shop: request.shop.clone(),
            customer,
            texts,
            whole_shop: false,
        }
    }

    pub(super) fn shop(request: &Request) -> Self {
        Self {
            source: request.source.clone(),
            shop: request.shop.clone(),
            customer: None,
            texts: vec![format!("{}:{}:", request.source, request.shop)],
            whole_shop: true,
        }
    }

    fn is_in(&self, letter: &str) -> bool {
        let Ok(delivery) = serde_json::from_str::<Delivery>(letter) else {
            return self.is_in_text(letter);
        };
        if delivery.topic == restated::TOPIC {
            return false; // it names nobody any more
        }
        let here = delivery.source == self.source && delivery.shop == self.shop;
        if self.whole_shop {
            return here;
        }
        if let Ok(body) = serde_json::from_slice::<Value>(&delivery.body) {
            return self.is_in_value(&body, here, delivery.topic.starts_with("customer"));
        }
        let text = String::from_utf8_lossy(&delivery.body);
        let id = self.customer.as_ref().filter(|_| here);
        self.is_in_text(&text) || id.is_some_and(|id| text.contains(id.as_str()))
    }

    fn is_in_text(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut texts = self.texts.iter();
        texts.any(|named| text.contains(&named.to_lowercase()))
    }

    /// Whether a text of theirs is anywhere in a document, or their id where a
    /// customer's stands; `theirs` is whether the document is a customer's.
    fn is_in_value(&self, value: &Value, here: bool, theirs: bool) -> bool {
        match value {
            Value::String(text) => self.is_in_text(text),
            Value::Array(list) => list.iter().any(|item| self.is_in_value(item, here, false)),
            Value::Object(fields) => fields.iter().any(|(name, field)| {
                let names = name == "customer_id" || (theirs && name == "id");
                (here && names && self.is_id(field))
                    || self.is_in_value(field, here, name == "customer")
            }),
            _ => false,
        }
    }

    fn is_id(&self, field: &Value) -> bool {
        let text = match field {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let id = text.rsplit('/').next();
        self.customer.is_some() && id == self.customer.as_deref()
    }
}

impl Function {
    /// Throws away every letter about somebody; gives how many.
    pub(super) async fn throw_away(
        &self,
        named: &Named,
        now: Timestamp,
    ) -> Result<u32, UpsertError> {
        let mut removed = 0;
        for queue in &self.queues.letters {
            removed += self.throw_away_of(queue, named, now).await?;
        }
        Ok(removed)
    }

    async fn throw_away_of(
        &self,
        queue: &str,
        named: &Named,
        now: Timestamp,
    ) -> Result<u32, UpsertError> {
        let queues = &self.queues;
        let (mut removed, mut kept, mut empty) = (0, Vec::new(), 0);
        while empty < EMPTY && kept.len() < MOST {
            let letters = queues.letters_of(queue).await?;
            empty = if letters.is_empty() { empty + 1 } else { 0 };
            for letter in letters {
                let receipt = letter.receipt_handle.unwrap_or_default();
                let body = letter.body.as_deref().unwrap_or_default();
                if named.is_in(body) {
                    self.keep_money(body, now).await?;
                    queues.delete(queue, &receipt).await?;
                    removed += 1;
                } else {
                    kept.push(receipt);
                }
            }
        }
        for receipt in kept {
            queues.show_again(queue, &receipt).await?;
        }
        Ok(removed)
    }

    /// What a letter says of an order, recorded without its buyer.
    async fn keep_money(&self, letter: &str, now: Timestamp) -> Result<(), UpsertError> {
        let Ok(delivery) = serde_json::from_str::<Delivery>(letter) else {
            return Ok(());
        };
        match crm_sources::read(&delivery) {
            Ok(Some(Fact::Order {
                order,
                change,
                buyer,
            })) => {
                let told = Told {
                    delivery: &delivery,
                    order,
                    change,
                    buyer,
                };
                self.restate(told, now).await
            }
            _ => Ok(()),
        }
    }
}

impl Queues {
    async fn letters_of(&self, queue: &str) -> Result<Vec<Message>, UpsertError> {
        let letters = self.client.get().receive_message().queue_url(queue);
        let letters = letters
            .max_number_of_messages(BATCH)
            .visibility_timeout(HIDDEN_SECONDS);
        let letters = letters.send().await;
        let letters = letters.map_err(|error| UpsertError::Queue(error.into()))?;
        Ok(letters.messages.unwrap_or_default())
    }

    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), UpsertError> {
        let letter = self.client.get().delete_message().queue_url(queue);
        let deleted = letter.receipt_handle(receipt).send().await;
        deleted.map_err(|error| UpsertError::Queue(error.into()))?;
        Ok(())
    }

    async fn show_again(&self, queue: &str, receipt: &str) -> Result<(), UpsertError> {
        let letter = self.client.get().change_message_visibility();
        let letter = letter.queue_url(queue).receipt_handle(receipt);
        let shown = letter.visibility_timeout(0).send().await;
        shown.map_err(|error| UpsertError::Queue(error.into()))?;
        Ok(())
    }
}
