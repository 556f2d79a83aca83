//! Which package is which function: one line each.

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_lambda::{Failure, VariableError};
use jiff::Timestamp;
use serde_json::Value;

use super::{Build, Environment, Handler, Local, Measures};

/// Functions by the name of their package.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<String, Build>);

impl Registry {
    /// Every function of the project.
    #[must_use]
    pub fn of_the_project() -> Self {
        Self::default()
            .with("api", crate::function!(api))
            .with("connector-push", crate::function!(connector_push))
            .with("customer-upsert", crate::function!(customer_upsert))
            .with("event-relay", crate::function!(event_relay))
            .with("ingest-webhook", crate::function!(ingest_webhook))
            .with("segment-recompute", crate::function!(segment_recompute))
            .with("sla-checker", crate::function!(sla_checker))
            .with("workflow-dispatcher", crate::function!(workflow_dispatcher))
    }

    /// The same registry with one more package.
    #[must_use]
    pub fn with(
        mut self,
        package: &str,
        build: impl Fn(&Environment, &Measures) -> Result<Handler, VariableError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.0.insert(package.to_owned(), Arc::new(build));
        self
    }

    /// The same registry with a package whose function needs neither clients nor variables.
    #[must_use]
    pub fn with_plain<F>(self, package: &str, handle: F) -> Self
    where
        F: Fn(Timestamp, Value) -> Result<Value, Failure> + Clone + Send + Sync + 'static,
    {
        self.with(package, move |_, _| {
            let handle = handle.clone();
            Ok(Box::new(move |now, event| {
                let handle = handle.clone();
                Box::pin(async move { handle(now, event) }) as Local<_>
            }))
        })
    }

    pub(super) fn get(&self, package: &str) -> Option<Build> {
        self.0.get(package).cloned()
    }
}

/// Builds the `Function` of a crate: `function!(customer_upsert)`.
///
/// Event and answer cross as JSON, as they do in Lambda.
#[macro_export]
macro_rules! function {
    ($name:ident) => {
        |environment: &$crate::functions::Environment, measures: &$crate::functions::Measures| {
            let function = $name::Function::new(&environment.sdk, &environment.variables)?;
            let function = std::rc::Rc::new(function);
            let measures = measures.clone();
            let handler: $crate::functions::Handler = Box::new(move |now, event| {
                let (function, measures) = (function.clone(), measures.clone());
                Box::pin(async move {
                    let mut metrics = crm_lambda::Metrics::new(stringify!($name));
                    let event = serde_json::from_value(event)?;
                    let answer = function.handle(now, &mut metrics, event).await;
                    measures.add(stringify!($name), &mut metrics);
                    Ok(serde_json::to_value(answer?)?)
                })
            });
            Ok(handler)
        }
    };
}
