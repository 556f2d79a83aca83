//! The AWS services the system stands on, in this process: tables, queues, a bus, schedules, a mailbox and secrets.
//!
//! The real AWS clients talk to them: [`Services::sdk_config`] is all a client needs. Nothing opens a socket.
//! What is accepted is kept in a directory, if there is one, and survives the death of the process. Time is the
//! [`Clock`]'s alone, and nothing happens by itself: whoever drives the system asks each service what is due.

pub mod bus;
mod checkpoints;
mod connector;
pub mod deliveries;
mod destination;
pub mod dynamo;
mod fault;
mod ledger;
pub mod mail;
mod partial;
pub mod pattern;
pub mod queues;
mod reply;
mod route;
pub mod scheduler;
mod secrets;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

pub use bus::Bus;
pub use checkpoints::Checkpoints;
pub use deliveries::Deliveries;
pub use destination::{Destination, Retry};
pub use dynamo::{Consumed, Dynamo};
pub use fault::Fault;
pub use mail::Mail;
pub use queues::Queues;
pub use scheduler::Scheduler;
pub use secrets::Secrets;

use crate::clock::Clock;
use connector::{Connector, NoSleep, Seam};
use ledger::Ledger;
use reply::Reply;
use route::Call;

/// The region everything is in.
pub const REGION: &str = "eu-central-1";
/// The account everything belongs to.
pub const ACCOUNT: &str = "000000000000";
/// Where the services would be, if they had an address. Never resolved: no request leaves the process.
pub const ENDPOINT: &str = "http://aws.localhost";

/// Why a service could not do what its caller in this process asked for.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such queue, table, bus or schedule: the wiring is wrong.
    #[error("there is no {kind} named {name}")]
    Unknown {
        /// What was looked for, such as `queue`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The caller's definition or argument makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The file could not be read or written.
    #[error("the services' file cannot be used")]
    File(#[from] rusqlite::Error),
    /// The tables could not be read or written.
    #[error("the embedded tables cannot be used")]
    Tables(#[from] dynoxide::DynoxideError),
    /// What was kept is not what this version writes.
    #[error("a kept record has the wrong shape")]
    Malformed(#[from] serde_json::Error),
}

/// All services of one system. Clones are the same services.
#[derive(Clone)]
pub struct Services {
    parts: Arc<Parts>,
    seam: Arc<Seam>,
}

/// The services themselves.
struct Parts {
    clock: Clock,
    ledger: Arc<Ledger>,
    dynamo: Dynamo,
    queues: Arc<Queues>,
    deliveries: Arc<Deliveries>,
    bus: Bus,
    scheduler: Scheduler,
    mail: Mail,
    secrets: Secrets,
    checkpoints: Checkpoints,
}

impl Services {
    /// Services that end with the process.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] when `SQLite` cannot start.
    pub fn in_memory(clock: Clock) -> Result<Self, ServiceError> {
        Self::start(None, clock)
    }

    /// Services that keep everything in `directory`, which exists, and go on from what is there.
    /// One process at a time: the caller holds the directory's lock.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] when the files there cannot be used.
    pub fn open(directory: &Path, clock: Clock) -> Result<Self, ServiceError> {
        Self::start(Some(directory), clock)
    }

    fn start(directory: Option<&Path>, clock: Clock) -> Result<Self, ServiceError> {
        let ledger = Arc::new(Ledger::open(directory)?);
        let queues = Arc::new(Queues::new(ledger.clone(), clock.clone()));
        let deliveries = Arc::new(Deliveries::new(ledger.clone(), queues.clone()));
        let parts = Parts {
            dynamo: Dynamo::open(directory, clock.clone())?,
            bus: Bus::new(ledger.clone(), deliveries.clone(), clock.clone()),
            scheduler: Scheduler::open(ledger.clone(), deliveries.clone(), clock.clone())?,
            mail: Mail::new(ledger.clone(), clock.clone()),
            secrets: Secrets::new(ledger.clone(), clock.clone()),
            checkpoints: Checkpoints::new(ledger.clone()),
            queues,
            deliveries,
            ledger,
            clock,
        };
        Ok(Self {
            parts: Arc::new(parts),
            seam: Arc::default(),
        })
    }

    /// Configuration for any AWS client: region, credentials and the wire to these services.
    ///
    /// The client's retries stay on but its back-off takes no time.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials = Credentials::from_keys("local", "local", None);
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static(REGION))
            .endpoint_url(ENDPOINT)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(Connector::new(self.parts.clone(), self.seam.clone()))
            .time_source(self.parts.clock.clone())
            .sleep_impl(NoSleep)
            // It measures a body's throughput by sleeping, which takes no time here.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build()
    }

    /// Asks `hook` at every call what is to become of it, with service (`dynamodb`, `sqs`, `events`, `scheduler`,
    /// `ses`, `secretsmanager`), operation, and the number of the call since the start, retries included, from 0.
    pub fn on_call(&self, hook: impl Fn(&str, &str, u64) -> Fault + Send + Sync + 'static) {
        self.seam.set(Some(Box::new(hook)));
    }

    /// Lets every call through again.
    pub fn no_faults(&self) {
        self.seam.set(None);
    }

    /// How many calls the services have had, those with a fault included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.seam.calls()
    }

    /// Empties the write-ahead logs, so that what was deleted is in no file any more.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn checkpoint(&self) -> Result<(), ServiceError> {
        self.parts.ledger.checkpoint()?;
        self.parts.dynamo.checkpoint()
    }

    /// The clock all services read.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    /// The tables.
    #[must_use]
    pub fn dynamo(&self) -> &Dynamo {
        &self.parts.dynamo
    }

    /// The queues.
    #[must_use]
    pub fn queues(&self) -> &Queues {
        &self.parts.queues
    }

    /// The event bus.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.parts.bus
    }

    /// What the bus and the schedules have to hand to their targets.
    #[must_use]
    pub fn deliveries(&self) -> &Deliveries {
        &self.parts.deliveries
    }

    /// The schedules.
    #[must_use]
    pub fn scheduler(&self) -> &Scheduler {
        &self.parts.scheduler
    }

    /// The mailbox.
    #[must_use]
    pub fn mail(&self) -> &Mail {
        &self.parts.mail
    }

    /// The secrets.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.parts.secrets
    }

    /// How far each reader of a stream has come.
    #[must_use]
    pub fn checkpoints(&self) -> &Checkpoints {
        &self.parts.checkpoints
    }
}

impl Parts {
    fn call(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, ConnectorError> {
        Ok(match call.service {
            "dynamodb" => self.dynamo.call(call.operation, body),
            "sqs" => reply::answer(self.queues.call(call.operation, body)),
            "events" => reply::answer(self.bus.call(call.operation, body)),
            "scheduler" => reply::answer(self.scheduler.call(call, body)),
            "ses" => return self.mail.call(body),
            _ => reply::answer(self.secrets.call(call.operation, body)),
        })
    }
}
