//! The system's functions, run in this process as Lambda runs them: one event at a time in each environment.
//!
//! An environment is a thread that builds a function on its first event and keeps it, as
//! Lambda keeps a warm one. A panic fails the invocation and leaves the rest alone.

mod environment;
mod reasons;
mod registry;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};

use crm_lambda::{Failure, SdkConfig, VariableError, Variables};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::template::Wiring;
use environment::{Environments, Job};
use reasons::Reasons;
pub use registry::Registry;

/// A future that stays on its thread: handlers need not be `Send`.
pub type Local<T> = Pin<Box<dyn Future<Output = T>>>;

/// A function that is ready for events.
pub type Handler = Box<dyn Fn(Timestamp, Value) -> Local<Result<Value, Failure>>>;

/// Makes a handler from clients and variables.
pub type Build =
    Arc<dyn Fn(&Environment, &Measures) -> Result<Handler, VariableError> + Send + Sync>;

/// What a function finds when it starts.
#[derive(Clone)]
pub struct Environment {
    /// Configuration for its AWS clients.
    pub sdk: SdkConfig,
    /// Its variables, as the template gives them.
    pub variables: Variables,
}

/// A function cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// The template names a package that the local system does not contain.
    #[error("the function {id} wants the package {package}, which is not built in")]
    NoPackage {
        /// The function's logical id.
        id: String,
        /// What its `CodeUri` ends in.
        package: String,
    },
    /// The template leaves out a variable that the function needs.
    #[error("the function {id} cannot start")]
    Variables {
        /// The function's logical id.
        id: String,
        /// Which variable.
        source: VariableError,
    },
}

/// Sums of what the functions counted, by function and metric.
#[derive(Clone, Default)]
pub struct Measures(Arc<Mutex<BTreeMap<String, f64>>>);

impl Measures {
    /// Adds what one invocation counted.
    pub fn add(&self, function: &str, metrics: &mut crm_lambda::Metrics) {
        let mut sums = self.sums();
        for measured in metrics.drain() {
            let name = format!("{function}.{}", measured.name);
            *sums.entry(name).or_default() += measured.values.iter().sum::<f64>();
        }
    }

    /// The sums so far; the key is `customer_upsert.orders_recorded`.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, f64> {
        self.sums().clone()
    }

    fn sums(&self) -> MutexGuard<'_, BTreeMap<String, f64>> {
        self.0.lock().expect("no holder of the sums panics")
    }
}

/// Every function of a template, ready to be invoked by its logical id.
pub struct Functions {
    environments: Environments,
    measures: Measures,
    reasons: Reasons,
}

impl Functions {
    /// Starts the functions of `wiring` with `parallel` environments (at least one).
    ///
    /// # Errors
    ///
    /// [`FunctionError`] for the first function that could not start.
    pub fn start(
        wiring: &Wiring,
        registry: &Registry,
        sdk: &SdkConfig,
        parallel: usize,
    ) -> Result<Self, FunctionError> {
        let measures = Measures::default();
        let mut builds = BTreeMap::new();
        for (id, function) in &wiring.functions {
            let build = registry.get(&function.package);
            let build = build.ok_or_else(|| FunctionError::NoPackage {
                id: id.clone(),
                package: function.package.clone(),
            })?;
            let environment = Environment {
                sdk: sdk.clone(),
                variables: function.variables.clone().into_iter().collect(),
            };
            // Built once here, so that a missing variable stops the start and not the first event.
            let tried = build(&environment, &measures);
            drop(tried.map_err(|source| FunctionError::Variables {
                id: id.clone(),
                source,
            })?);
            builds.insert(id.clone(), (build, environment));
        }
        let reasons = Reasons::default();
        Ok(Self {
            environments: Environments::start(parallel.max(1), &builds, &measures, &reasons),
            measures,
            reasons,
        })
    }

    /// Hands `event` to the function with this logical id and waits for its answer.
    ///
    /// # Errors
    ///
    /// What Lambda would report as the error's message.
    pub async fn invoke(&self, id: &str, now: Timestamp, event: Value) -> Result<Value, String> {
        let (answer, answered) = oneshot::channel();
        self.environments.take(Job {
            function: id.to_owned(),
            now,
            event,
            answer,
        });
        let lost = || Err("the environment ended without an answer".to_owned());
        answered.await.unwrap_or_else(|_| lost())
    }

    /// Why a function failed the message or record with this id, as its log says; told once.
    #[must_use]
    pub fn reason(&self, id: &str) -> Option<String> {
        self.reasons.take(id)
    }

    /// What the functions counted so far.
    #[must_use]
    pub fn measures(&self) -> &Measures {
        &self.measures
    }
}
