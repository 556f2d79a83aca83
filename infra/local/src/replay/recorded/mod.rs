//! Recorded payloads: from a file to deliveries.

mod topic;
mod unwrapped;

use std::path::Path;

use crm_domain::stamp::Stamp;
use crm_sources::Dialect;
use jiff::Timestamp;
use serde::Deserialize;

use self::unwrapped::{Called, Unwrapped, unwrap};
use super::skipped::{Found, Reason, Skipped};
use crate::deliver::Posting;

/// Deliveries that name no shop are this one's.
pub const UNNAMED_SHOP: &str = "replayed.myshopify.com";

/// What a file of recorded payloads holds, one delivery per payload, in the
/// file's order. `shop` replaces the shop a recording names.
#[must_use]
pub fn read(path: &Path, text: &str, shop: Option<&str>) -> Vec<Found> {
    let Ok(payloads) = unwrap(text) else {
        return vec![skipped(path.display().to_string(), Reason::NotJson)];
    };
    let alone = payloads.len() == 1;
    let numbered = payloads.into_iter().enumerate();
    numbered
        .map(|(at, payload)| {
            let mut origin = path.display().to_string();
            if !alone {
                origin = format!("{origin} [{at}]");
            }
            match topic_of(path, &payload) {
                Some(topic) => Found::Delivery(posting(origin, topic, payload, shop)),
                None => skipped(origin, Reason::NoTopic),
            }
        })
        .collect()
}

fn skipped(origin: String, reason: Reason) -> Found {
    Found::Skipped(Skipped {
        origin,
        rows: 1,
        reason,
    })
}

/// The headers' or the wrapper's word, then what the path spells out, then
/// what the payload is called, then what the file's name mentions. What a
/// thing is called comes late: a folder may say what happened to it.
fn topic_of(path: &Path, payload: &Unwrapped) -> Option<String> {
    if let Some(topic) = payload.topic.clone().or_else(|| topic::spelled_by(path)) {
        return Some(topic);
    }
    let topic = match payload.called {
        Called::Resource(topic) => Some(topic),
        Called::Nothing if payload.body.starts_with('{') => topic::mentioned_by(path),
        Called::Nothing | Called::Foreign => None,
    };
    topic.map(ToOwned::to_owned)
}

fn posting(origin: String, topic: String, payload: Unwrapped, shop: Option<&str>) -> Posting {
    let header = |name: &str| payload.headers.get(name).cloned();
    let recorded_shop = header("x-shopify-shop-domain");
    let digest = Stamp::digest_of(payload.body.as_bytes());
    Posting {
        dialect: Dialect::Shopify,
        source: "shopify".to_owned(),
        shop: shop
            .map(ToOwned::to_owned)
            .or(recorded_shop)
            .unwrap_or_else(|| UNNAMED_SHOP.to_owned()),
        api_version: header("x-shopify-api-version"),
        webhook_id: header("x-shopify-webhook-id")
            .unwrap_or_else(|| format!("replay-{digest:012x}")),
        triggered_at: header("x-shopify-triggered-at")
            .and_then(|at| at.parse().ok())
            .or_else(|| latest_time(&payload.body)),
        origin,
        topic,
        body: payload.body.into_bytes(),
    }
}

/// What stands in for an unrecorded time of sending: the payload's own last
/// change.
fn latest_time(body: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Times {
        #[serde(rename = "updated_at")]
        updated: Option<String>,
        #[serde(rename = "processed_at")]
        processed: Option<String>,
        #[serde(rename = "created_at")]
        created: Option<String>,
    }
    let times: Times = serde_json::from_str(body).ok()?;
    let told = times.updated.or(times.processed).or(times.created);
    told?.parse().ok()
}

#[cfg(test)]
mod tests;
