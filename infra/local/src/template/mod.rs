//! What is connected to what, read from the same template that is deployed.
//!
//! The local system has no wiring of its own: tables, queues, triggers, filters,
//! retries and variables all come from `infra/template.yaml`, so that a mistake
//! there shows here first. Reference: the AWS SAM and `CloudFormation` template references.

mod check;
mod conditions;
mod document;
mod error;
mod function;
mod kinds;
mod lists;
mod names;
mod properties;
mod queue;
mod resolve;
mod route;
mod rule;
mod schedule;
mod source;
mod sub;
mod table;
mod tags;
mod wiring;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

pub use document::Overrides;
pub use error::TemplateError;
pub use function::{Function, Unanswered};
pub use names::{ACCOUNT, REGION, STACK, arn, of_arn, queue_url};
pub use queue::{Queue, Redrive};
pub use route::Route;
pub use rule::{Rule, Target};
pub use schedule::Schedule;
pub use source::{From, Source};
pub use table::{Index, Key, Table};

/// Everything the local system needs to know of a template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wiring {
    /// Tables.
    pub tables: Vec<Table>,
    /// Queues, dead-letter queues among them.
    pub queues: Vec<Queue>,
    /// Functions by logical id.
    pub functions: BTreeMap<String, Function>,
    /// Which queue or stream feeds which function.
    pub sources: Vec<Source>,
    /// Names of the event buses.
    pub buses: Vec<String>,
    /// Rules on the buses.
    pub rules: Vec<Rule>,
    /// What happens by the clock.
    pub schedules: Vec<Schedule>,
    /// Routes of the HTTP API.
    pub routes: Vec<Route>,
    /// Names of the secrets.
    pub secrets: Vec<String>,
}

impl Wiring {
    /// Reads a template from its text; `overrides` replace defaults of parameters.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] naming the place and what is wrong there.
    pub fn read(text: &str, overrides: &Overrides) -> Result<Self, TemplateError> {
        wiring::wire(&document::Document::read(text, overrides)?)
    }

    /// Reads the template at `path`.
    ///
    /// # Errors
    ///
    /// As [`Wiring::read`], or when the file cannot be read.
    pub fn open(path: &Path, overrides: &Overrides) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path).map_err(|source| TemplateError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::read(&text, overrides)
    }

    /// The queue called `name`.
    #[must_use]
    pub fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.name == name)
    }

    /// The function with this ARN.
    #[must_use]
    pub fn function_with_arn(&self, arn: &str) -> Option<&Function> {
        self.functions
            .values()
            .find(|function| function.arn() == arn)
    }
}
