//! Welcoming a person, once for life (DOMAIN section 9).
//!
//! The first counted order decides, over the whole history of the person: all
//! of its nodes, read as they stand now, against the time the event carries.
//! A run on any of its nodes means that the person was welcomed, and it is
//! kept with all of them: neither a merge nor its end welcomes anybody again,
//! and who was somebody else at the time may still be welcomed. Without an
//! e-mail address nothing is recorded: an order that brings one while the
//! first order is still news leads to the welcome, a later one does not.

use std::time::Duration;

use aws_smithy_async::rt::sleep::AsyncSleep;
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::person::addressee;
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use crm_domain::workflow::{WELCOME, is_to_be_welcomed};
use crm_store::{
    Changes, Committed, Consistency, Message, MessageState, PersonRecord, Run, StoreError, Wanted,
};
use jiff::Timestamp;

use crate::{DispatchError, Function};

/// How often the decision is taken anew when the person changes under it.
const ATTEMPTS: u32 = 6;

/// What an order led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Welcome {
    /// This is the welcome.
    Started,
    /// It started before, and its message still waits: asked for again, as
    /// whoever started it may have died before asking.
    AskedAgain,
    /// It started before and went its way.
    HadBefore,
    /// The person is no new customer.
    NotDue,
    /// The person cannot be written to.
    NoAddress,
}

/// What is known of the person behind an order.
enum Situation {
    /// Something says that there is nothing to start.
    Settled(Welcome),
    /// This run is where it happened.
    Ran(Run),
    /// Nothing happened yet, as of this record.
    Due(NodeId, PersonRecord),
    /// The person is being joined or parted at this moment.
    Unclear,
}

impl Welcome {
    pub(crate) fn metric(self) -> &'static str {
        match self {
            Self::Started => "welcomes_started",
            Self::AskedAgain => "welcomes_asked_again",
            Self::HadBefore => "welcomes_had_before",
            Self::NotDue => "welcomes_not_due",
            Self::NoAddress => "welcomes_without_address",
        }
    }
}

impl Function {
    /// Welcomes whoever placed the order, as of `at`, if they are to be.
    ///
    /// Safe at any number of deliveries, one after another or at once: run
    /// and message are written together, on condition that there was no run
    /// and that the person is as it was read.
    pub(crate) async fn welcome(
        &self,
        order: &ExternalId,
        at: Timestamp,
    ) -> Result<Welcome, DispatchError> {
        let settings = self.store.settings_fetch().await?;
        for attempt in 0..ATTEMPTS {
            self.pause(attempt).await;
            match self.situation(&settings, order, at).await? {
                Situation::Settled(welcome) => return Ok(welcome),
                Situation::Ran(run) => return self.ask_again(&run).await,
                Situation::Due(node, person) => {
                    let message = welcome_message(&person, node, order, at);
                    if self.start(&person, &message).await? == Committed::Done {
                        self.ask_for(&message.id).await?;
                        tracing::info!(message.id = %message.id, "started {}", message.id);
                        return Ok(Welcome::Started);
                    }
                }
                Situation::Unclear => {}
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    async fn situation(
        &self,
        settings: &Settings,
        order: &ExternalId,
        at: Timestamp,
    ) -> Result<Situation, StoreError> {
        let strong = Consistency::Strong;
        let mut wanted = Wanted::default();
        let loaded = self.store.load(wanted.order(order), strong).await?;
        // Whose it is now: it may have found its customer since it counted.
        let Some(node) = loaded.order(order)?.and_then(|o| o.order.node) else {
            return Ok(Situation::Settled(Welcome::NotDue));
        };
        let Some(person) = self.store.person_fetch(&node, strong).await? else {
            return Ok(Situation::Unclear);
        };
        if !is_to_be_welcomed(settings, first_order_at(settings, &person), at) {
            return Ok(Situation::Settled(Welcome::NotDue));
        }
        if let Some(run) = self.run_of(&person).await? {
            return Ok(Situation::Ran(run));
        }
        if addressee(person.nodes()).is_none() {
            return Ok(Situation::Settled(Welcome::NoAddress));
        }
        Ok(Situation::Due(node, person))
    }

    /// The welcome that any of the person's nodes had.
    async fn run_of(&self, person: &PersonRecord) -> Result<Option<Run>, StoreError> {
        let mut wanted = Wanted::default();
        for node in person.nodes() {
            wanted.run(WELCOME, &node.id);
        }
        let loaded = self.store.load(&wanted, Consistency::Strong).await?;
        for node in person.nodes() {
            if let Some(run) = loaded.run(WELCOME, &node.id)? {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    async fn start(
        &self,
        person: &PersonRecord,
        message: &Message,
    ) -> Result<Committed, StoreError> {
        let mut changes = Changes::new();
        let run = Run {
            workflow: WELCOME.to_owned(),
            person: person.id().clone(),
            started_at: message.created_at,
            message: message.id.clone(),
        };
        changes.run_start(&run, person)?;
        changes.message_put(message)?;
        changes.person_check(person);
        self.store.commit(changes).await
    }

    async fn ask_again(&self, run: &Run) -> Result<Welcome, DispatchError> {
        let message = self.store.message_fetch(&run.message).await?;
        if message.is_some_and(|message| message.state == MessageState::Pending) {
            self.ask_for(&run.message).await?;
            return Ok(Welcome::AskedAgain);
        }
        Ok(Welcome::HadBefore)
    }

    /// Nothing at first, then 20, 40, 80 ms and so on.
    async fn pause(&self, attempt: u32) {
        if let Some(sleep) = self.sleep.as_ref().filter(|_| attempt > 0) {
            sleep.sleep(Duration::from_millis(10 << attempt)).await;
        }
    }
}

fn first_order_at(settings: &Settings, person: &PersonRecord) -> Option<Timestamp> {
    let mut totals = Totals::default();
    for node in person.nodes() {
        totals.absorb(&node.totals);
    }
    let view = totals.view(settings.count_zero_value_orders);
    view.span.map(|(first, _)| first)
}

/// The message, its id made from the person's: two attempts name one message.
/// It belongs to the node that ordered, so that it stays with that customer
/// when the person is parted.
fn welcome_message(
    person: &PersonRecord,
    node: NodeId,
    order: &ExternalId,
    at: Timestamp,
) -> Message {
    Message {
        id: format!("{WELCOME}-{}", person.id()),
        version: 0,
        workflow: WELCOME.to_owned(),
        node,
        order: Some(order.clone()),
        created_at: at,
        state: MessageState::Pending,
    }
}
