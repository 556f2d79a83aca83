//! What follows from an event, decided without doing it (DOMAIN section 9).

use jiff::{SignedDuration, Timestamp};

use crate::settings::Settings;

/// The welcome of a new customer: transactional, once for life.
pub const WELCOME: &str = "welcome";

/// Whether an order is news, and not history brought in: an order older than
/// the setting allows starts no workflow.
#[must_use]
pub fn is_fresh(settings: &Settings, placed_at: Timestamp, now: Timestamp) -> bool {
    let hours = i64::from(settings.workflow_max_order_age_hours);
    now.duration_since(placed_at) <= SignedDuration::from_hours(hours)
}

/// Whether a person whose first counted order was placed at `first_order_at`
/// is to be welcomed now: their very first order is news. (Somebody who
/// bought before, and only now again, was a customer already.)
#[must_use]
pub fn is_to_be_welcomed(
    settings: &Settings,
    first_order_at: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    first_order_at.is_some_and(|first| is_fresh(settings, first, now))
}
