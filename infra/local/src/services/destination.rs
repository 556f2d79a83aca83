//! Where an event or a firing goes, and how often that is tried.

use serde::{Deserialize, Serialize};

use super::{ACCOUNT, REGION};

/// A target, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    /// A queue gets the payload as a message's body.
    Queue(String),
    /// A function is invoked with the payload.
    Function(String),
}

impl Destination {
    /// Reads an ARN of a queue or a function; `None` for anything else.
    #[must_use]
    pub fn from_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let service = parts.nth(2)?;
        let resource = parts.nth(2)?;
        match service {
            "sqs" => Some(Self::Queue(resource.to_owned())),
            "lambda" => {
                let name = resource.strip_prefix("function:")?;
                let name = name.split(':').next().unwrap_or(name);
                Some(Self::Function(name.to_owned()))
            }
            _ => None,
        }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        match self {
            Self::Queue(name) => arn("sqs", name),
            Self::Function(name) => arn("lambda", &format!("function:{name}")),
        }
    }
}

/// How long a delivery is tried, and who keeps it afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Tries after the first one.
    pub attempts: u32,
    /// Seconds after which no further try is made.
    pub age_seconds: u32,
    /// The queue that keeps what could not be delivered.
    pub dead_letters: Option<String>,
}

impl Default for Retry {
    /// What AWS does if nothing is said: 185 tries over 24 hours, then the event is gone.
    fn default() -> Self {
        Self {
            attempts: 185,
            age_seconds: 86_400,
            dead_letters: None,
        }
    }
}

/// The ARN of a resource of this account.
pub(crate) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// The name at the end of an ARN or URL.
pub(crate) fn last_name(address: &str) -> &str {
    address.rsplit([':', '/']).next().unwrap_or(address)
}
