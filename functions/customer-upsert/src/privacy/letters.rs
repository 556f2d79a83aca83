//! Letters that were given up and still name somebody: thrown away.
//!
//! An order among them that only waits to be counted, for want of an exchange
//! rate, is money and not lost: it is told anew without its buyer. What
//! cannot be read goes with its letter, for nobody can say what is in it. A
//! letter of another customer stays, whomever else it names.

use aws_sdk_sqs::types::Message;
use crm_domain::fact::Fact;
use crm_sources::Delivery;
use jiff::Timestamp;

use super::Queues;
use super::named::{Letter, Named};
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

/// What became of the letters that name somebody.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Letters {
    /// Thrown away.
    pub(super) removed: u32,
    /// Of other customers: they stay.
    pub(super) of_others: u32,
}

impl Function {
    /// Throws away every letter about somebody.
    pub(super) async fn throw_away(
        &self,
        named: &Named,
        now: Timestamp,
    ) -> Result<Letters, UpsertError> {
        let mut letters = Letters::default();
        for queue in &self.queues.letters {
            self.throw_away_of(queue, named, &mut letters, now).await?;
        }
        Ok(letters)
    }

    async fn throw_away_of(
        &self,
        queue: &str,
        named: &Named,
        found: &mut Letters,
        now: Timestamp,
    ) -> Result<(), UpsertError> {
        let queues = &self.queues;
        let (mut kept, mut empty) = (Vec::new(), 0);
        while empty < EMPTY && kept.len() < MOST {
            let letters = queues.letters_of(queue).await?;
            empty = if letters.is_empty() { empty + 1 } else { 0 };
            for letter in letters {
                let receipt = letter.receipt_handle.unwrap_or_default();
                let body = letter.body.as_deref().unwrap_or_default();
                let has = named.letter(body);
                if has == Letter::Theirs {
                    self.keep_money(body, now).await?;
                    queues.delete(queue, &receipt).await?;
                    found.removed += 1;
                } else {
                    found.of_others += u32::from(has == Letter::OfAnother);
                    kept.push(receipt);
                }
            }
        }
        for receipt in kept {
            queues.show_again(queue, &receipt).await?;
        }
        Ok(())
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
