//! What a message says, from what is stored now.

use crm_connectors::mail::Mail;
use crm_connectors::welcome::{self, Sender};
use crm_domain::person::addressee;
use crm_domain::workflow::WELCOME;
use crm_store::{Consistency, Message, StoreError, Wanted};

use crate::{Function, PushError};

impl Function {
    /// The mail of a message; none for a person without an address.
    pub(crate) async fn render(&self, message: &Message) -> Result<Option<Mail>, PushError> {
        if message.workflow != WELCOME {
            return Err(PushError::UnknownWorkflow);
        }
        let person = self
            .store
            .person_fetch(&message.node, Consistency::Strong)
            .await?
            .ok_or(PushError::UnknownCustomer)?;
        let Some(profile) = addressee(person.nodes()) else {
            return Ok(None);
        };
        let Some(to) = &profile.email else {
            return Ok(None);
        };
        let order = self.order_number(message).await?;
        let sender = Sender {
            store: &self.store_name,
            address: &self.from,
        };
        let mail = welcome::request(&message.id, sender, to, profile, order.as_deref());
        Ok(Some(mail))
    }

    /// The number people know the message's order by.
    async fn order_number(&self, message: &Message) -> Result<Option<String>, StoreError> {
        let Some(id) = &message.order else {
            return Ok(None);
        };
        let mut wanted = Wanted::default();
        let loaded = self.store.load(wanted.order(id), Consistency::Eventual);
        let order = loaded.await?.order(id)?;
        Ok(order
            .and_then(|record| record.order.body)
            .map(|(_, body)| body.name))
    }
}
