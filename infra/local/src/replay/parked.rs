//! Which of the messages that nobody works on any more are this replay's, and
//! why they are there.

use std::collections::{BTreeMap, HashMap, HashSet};

use crm_domain::fact::Fact;
use crm_domain::order::Order;
use crm_domain::settings::Settings;
use crm_domain::stamp::Stamp;
use crm_sources::Delivery;
use serde_json::Value;

use super::report::Listed;
use crate::deliver::{Control, ControlError};

/// What was parked before a replay began.
#[derive(Debug)]
pub struct Before(HashSet<(String, u64)>);

impl Before {
    /// Looks what is parked now.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn look(control: &Control) -> Result<Self, ControlError> {
        let letters = control.dead_letters().await?;
        Ok(Self(letters.iter().map(mark).collect()))
    }

    /// What was parked since, by queue, each with its origin and the reason;
    /// `origins` names deliveries by their ids.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn since(
        &self,
        control: &Control,
        origins: &HashMap<String, String>,
    ) -> Result<BTreeMap<String, Listed>, ControlError> {
        let mut parked: BTreeMap<String, Listed> = BTreeMap::new();
        let settings = control.settings().await.ok();
        let settings = settings.and_then(|told| serde_json::from_value(told).ok());
        let settings = settings.unwrap_or_default();
        for letter in control.dead_letters().await? {
            if !self.0.contains(&mark(&letter)) {
                let queue = letter["queue"].as_str().unwrap_or("a queue").to_owned();
                let listed = parked.entry(queue).or_default();
                listed.add(|| explained(&letter, origins, &settings));
            }
        }
        Ok(parked)
    }
}

/// Tells messages apart: a delivery's body has the time it came in.
fn mark(letter: &Value) -> (String, u64) {
    let queue = letter["queue"].as_str().unwrap_or_default().to_owned();
    let body = letter["body"].as_str().unwrap_or_default();
    (queue, Stamp::digest_of(body.as_bytes()))
}

fn explained(letter: &Value, origins: &HashMap<String, String>, settings: &Settings) -> String {
    let told = letter["reason"].as_str();
    let body = letter["body"].as_str().unwrap_or_default();
    let Ok(delivery) = serde_json::from_str::<Delivery>(body) else {
        return told.unwrap_or("no reason given; see the log").to_owned();
    };
    let id = delivery.webhook_id.as_deref().unwrap_or("a delivery");
    let origin = origins.get(id).map_or(id, String::as_str);
    let reason = trouble(&delivery, settings).or_else(|| told.map(ToOwned::to_owned));
    let reason = reason.as_deref().unwrap_or("readable; see the log for why");
    format!("{origin} ({}): {reason}", delivery.topic)
}

/// What is wrong with a delivery, found out once more: the queue only tells
/// that it failed.
fn trouble(delivery: &Delivery, settings: &Settings) -> Option<String> {
    match crm_sources::read(delivery) {
        Err(error) => Some(crm_lambda::with_causes(&error)),
        Ok(Some(Fact::Order { order, change, .. })) => {
            let mut alone = Order::unknown(order);
            alone.apply(&change);
            let error = alone.contribution(settings).err()?;
            Some(crm_lambda::with_causes(&error))
        }
        Ok(_) => None,
    }
}
