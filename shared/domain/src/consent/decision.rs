//! One decision about marketing, and who told of it.

use std::cmp::Reverse;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stamp::Stamp;

/// A way of reaching somebody with marketing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ConsentMedium")]
pub enum Medium {
    /// E-mail.
    Email,
    /// Text messages.
    Sms,
    /// The messenger of that name.
    WhatsApp,
}

/// What was decided; the more cautious, the greater.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// A yes.
    Given,
    /// A yes that waits to be confirmed.
    Pending,
    /// No yes was ever given.
    NotGiven,
    /// A yes was taken back.
    Withdrawn,
}

impl Medium {
    /// Every medium.
    pub const ALL: [Self; 3] = [Self::Email, Self::Sms, Self::WhatsApp];

    /// The medium of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "email" => Self::Email,
            "sms" => Self::Sms,
            "whatsapp" => Self::WhatsApp,
            _ => return None,
        })
    }
}

impl ConsentState {
    /// Whether marketing may be sent.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Given
    }
}

/// How somebody agreed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ConsentOptIn")]
pub enum OptIn {
    /// By saying so once.
    Single,
    /// By confirming it in a message.
    Confirmed,
}

/// What kind of news told of a decision; the closer to it, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldBy {
    /// A box at an order, dated by that order.
    TickedBox,
    /// An order that shows its customer.
    Order,
    /// The customer's own record.
    Customer,
    /// News of the decision itself.
    Decision,
}

/// A decision about one medium.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When it was made, where that is told.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What was decided.
    #[serde(rename = "s")]
    pub state: ConsentState,
    /// How somebody agreed, where that is told.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub opt_in: Option<OptIn>,
    /// Which system told of it and how, such as
    /// `shopify customers_email_marketing_consent/update`.
    #[serde(rename = "f")]
    pub source: String,
    /// What kind of news that was.
    #[serde(rename = "k")]
    pub told_by: ToldBy,
    /// Which delivery, to settle ties.
    #[serde(rename = "t")]
    pub stamp: Stamp,
}

/// News of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentNews {
    /// What it is about.
    pub medium: Medium,
    /// The decision.
    pub decision: Decision,
}

impl Decision {
    /// What makes it one and the same decision, however often told.
    pub(super) fn key(&self) -> (Option<Timestamp>, ConsentState) {
        (self.at, self.state)
    }

    /// Whether this telling of a decision is the one to keep: the closest to
    /// it, of these the first. A later repeat changes nothing, so that orders
    /// that show the same consent again write nothing.
    pub(super) fn is_better_told_than(&self, other: &Self) -> bool {
        self.telling() < other.telling()
    }

    fn telling(&self) -> impl Ord {
        let place = (Reverse(self.told_by), self.stamp);
        (place, self.source.clone(), self.opt_in)
    }

    /// Its place among all decisions: by date; of one date, by who told and
    /// when (DOMAIN section 1). Where there is no date, nobody can say which
    /// was the last, so caution decides.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let told = self.at.map(|at| (at, self.told_by, self.stamp));
        (told, self.state)
    }
}
