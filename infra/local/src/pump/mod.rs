//! What AWS does between the services: queues, streams, events and schedules reach their functions.
//!
//! [`Pump::settle`] drives everything until it is quiet, without a clock: what would wait for a
//! visibility timeout or a back-off is tried again at once, until it succeeds or is given up.
//! [`Pump::run`] drives in the background, by the clock.

mod again;
mod context;
mod counts;
mod delivery;
mod filter;
mod queue;
mod quiet;
mod running;
mod setup;
mod stream;
mod verdict;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Mutex, Notify};

use crate::clock::SetBack;
use crate::functions::Functions;
use crate::services::pattern::PatternError;
use crate::services::{ServiceError, Services};
use crate::template::Wiring;
use context::Context;
pub use counts::{Counts, SourceCounts};
use queue::QueueSource;
use stream::StreamSource;

/// Why the pump stopped.
#[derive(Debug, thiserror::Error)]
pub enum PumpError {
    /// A service failed the pump itself, not a function.
    #[error("the pump cannot go on")]
    Service(#[from] ServiceError),
    /// A filter of the template makes no sense.
    #[error("the filter of {source_id} cannot be used")]
    Filter {
        /// The mapping it belongs to.
        source_id: String,
        /// What is wrong with it.
        source: PatternError,
    },
    /// The clock was to run backwards.
    #[error(transparent)]
    Clock(#[from] SetBack),
    /// Something fails for ever and nothing ever gives it up.
    #[error("the system does not become quiet: {0} is tried without end")]
    NeverQuiet(String),
}

/// Drives a system.
pub struct Pump {
    context: Context,
    wiring: Arc<Wiring>,
    queues: Vec<QueueSource>,
    /// Held by whoever drives; the streams' places belong to them.
    streams: Mutex<Vec<StreamSource>>,
    woken: Notify,
}

impl Pump {
    /// A pump for the sources of `wiring`. With `parallel`, several invocations run at once;
    /// without, everything happens in one order that depends on nothing but the data.
    ///
    /// # Errors
    ///
    /// [`PumpError`] when a filter or the kept places cannot be used.
    pub fn new(
        wiring: Arc<Wiring>,
        services: Services,
        functions: Arc<Functions>,
        parallel: bool,
    ) -> Result<Self, PumpError> {
        let context = Context {
            services,
            functions,
            counts: Counts::default(),
            parallel,
        };
        Ok(Self {
            queues: setup::queues(&wiring)?,
            streams: Mutex::new(setup::streams(&wiring, &context)?),
            context,
            wiring,
            woken: Notify::new(),
        })
    }

    /// What happened at each source so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.context.counts
    }

    /// Tells a pump that runs in the background that there is something to do.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Gives every source one turn at what is there now; tells whether there was anything.
    async fn step(&self, streams: &mut [StreamSource], at: Timestamp) -> Result<bool, PumpError> {
        let context = &self.context;
        let streams = streams.iter_mut().map(|stream| stream.turn(context));
        let queues = self.queues.iter().map(|queue| queue.turn(context));
        let (streams, queues) = (streams.collect(), queues.collect());
        let worked = if context.parallel {
            let both = futures_util::future::join(context.all(streams), context.all(queues));
            let (streams, queues) = both.await;
            any(streams)? | any(queues)?
        } else {
            any(context.all(streams).await)? | any(context.all(queues).await)?
        };
        let delivered = delivery::turn(context, &self.wiring, at).await?;
        Ok(worked | delivered)
    }
}

fn any(worked: Vec<Result<bool, PumpError>>) -> Result<bool, PumpError> {
    worked
        .into_iter()
        .try_fold(false, |any, one| Ok(any | one?))
}
