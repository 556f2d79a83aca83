//! What every part of the pump works with.

use std::sync::Arc;

use serde_json::Value;

use super::counts::{Counts, count};
use super::verdict::{Verdict, verdict};
use crate::functions::Functions;
use crate::services::Services;
use crate::template::Source;

/// The system around a source.
#[derive(Clone)]
pub(super) struct Context {
    pub services: Services,
    pub functions: Arc<Functions>,
    pub counts: Counts,
    /// Whether several invocations may run at once.
    pub parallel: bool,
}

impl Context {
    /// Hands records called `ids` to a source's function and judges its answer.
    pub(super) async fn hand_over(
        &self,
        source: &Source,
        records: Vec<Value>,
        ids: &[&str],
    ) -> Verdict {
        let now = self.services.clock().now();
        let event = serde_json::json!({ "Records": records });
        let answer = self.functions.invoke(&source.function, now, event).await;
        let verdict = verdict(answer, source.partial_answers, ids);
        self.counts.note(&source.id, |counts| {
            counts.invocations += 1;
            counts.records += count(ids.len());
            if let Verdict::AllFailed(reason) = &verdict {
                counts.failures += 1;
                tracing::warn!(source.id, reason, "a batch failed");
            }
        });
        verdict
    }

    /// Waits for all of `work`: at once if that is allowed, else one after another, in order.
    pub(super) async fn all<T>(&self, work: Vec<impl Future<Output = T>>) -> Vec<T> {
        if self.parallel {
            return futures_util::future::join_all(work).await;
        }
        let mut done = Vec::with_capacity(work.len());
        for work in work {
            done.push(work.await);
        }
        done
    }
}
