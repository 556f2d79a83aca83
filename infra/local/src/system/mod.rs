//! A whole system: services, functions, pump and front door, wired as the template says.

mod directory;
mod error;
mod fire;
mod identity;
mod redrive;
mod tables;
mod wire;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::{Request, Response};
use jiff::Timestamp;

use crate::clock::Clock;
use crate::functions::{Functions, Registry};
use crate::gateway::{Gateway, control};
use crate::pump::{Pump, PumpError};
use crate::services::Services;
use crate::template::{Overrides, Wiring};
pub use directory::Directory;
pub use error::SystemError;
pub use identity::Identity;

/// What a system is made from.
#[derive(Clone)]
pub struct SystemOptions {
    /// The text of the template.
    pub template: String,
    /// Parameters of the template that are not to have their defaults.
    pub parameters: Overrides,
    /// The functions it may name.
    pub functions: Registry,
    /// How many invocations may run at once. With 1, everything happens in one order.
    pub parallel: usize,
}

impl SystemOptions {
    /// The project's own template, read from `path`, with the project's own functions.
    ///
    /// # Errors
    ///
    /// [`SystemError`] when the file cannot be read.
    pub fn from_file(path: &Path, functions: Registry) -> Result<Self, SystemError> {
        let template = std::fs::read_to_string(path);
        let template = template.map_err(|source| crate::template::TemplateError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            template,
            parameters: Overrides::new(),
            functions,
            parallel: 1,
        })
    }
}

/// Where the project's template is, seen from this crate.
#[must_use]
pub fn template_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")
}

/// A running system; dropping it ends it.
pub struct System {
    services: Services,
    wiring: Arc<Wiring>,
    functions: Arc<Functions>,
    gateway: Gateway,
    pump: Pump,
    identity: Identity,
    // Last: the lock is given up when all else has ended.
    directory: Option<Directory>,
}

impl System {
    /// A system that ends with the process. Its clock shows `now` until it is moved, and its
    /// tokens and secrets are the same every time.
    ///
    /// # Errors
    ///
    /// [`SystemError`] when the template or a function cannot be used.
    pub async fn in_memory(options: &SystemOptions, now: Timestamp) -> Result<Self, SystemError> {
        let wiring = Wiring::read(&options.template, &options.parameters)?;
        let services = Services::in_memory(Clock::fixed(now))?;
        let identity = Identity::new(&wiring, &mut crm_lambda::Random::seeded(1));
        Self::start(options, wiring, services, identity, None).await
    }

    /// A system that keeps everything in `directory` and goes on from what is there. Its clock is
    /// the machine's, plus what it was moved by.
    ///
    /// # Errors
    ///
    /// [`SystemError`] when the template, a function or the kept files cannot be used.
    pub async fn open(options: &SystemOptions, directory: Directory) -> Result<Self, SystemError> {
        let wiring = Wiring::read(&options.template, &options.parameters)?;
        let clock = Clock::system_with_offset(directory.clock_offset()?);
        let services = Services::open(directory.path(), clock)?;
        let identity = directory.identity(&wiring)?;
        Self::start(options, wiring, services, identity, Some(directory)).await
    }

    async fn start(
        options: &SystemOptions,
        wiring: Wiring,
        services: Services,
        identity: Identity,
        directory: Option<Directory>,
    ) -> Result<Self, SystemError> {
        wire::wire(&services, &wiring, &identity).await?;
        let wiring = Arc::new(wiring);
        let (registry, parallel) = (&options.functions, options.parallel);
        let sdk = services.sdk_config();
        let functions = Arc::new(Functions::start(&wiring, registry, &sdk, parallel)?);
        let tokens = identity.tokens();
        let clock = services.clock().clone();
        let pump = Pump::new(
            wiring.clone(),
            services.clone(),
            functions.clone(),
            parallel > 1,
        )?;
        Ok(Self {
            gateway: Gateway::new(&wiring, functions.clone(), tokens, clock),
            services,
            wiring,
            functions,
            pump,
            identity,
            directory,
        })
    }

    /// Answers a request to the API, or to `/_local/` which looks into the system and moves it.
    pub async fn http(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        if request.uri().path().starts_with("/_local/") {
            return control::serve(self, request).await;
        }
        let response = self.gateway.serve(request).await;
        self.pump.wake();
        response
    }

    /// Works until the system is quiet; see [`Pump::settle`].
    ///
    /// # Errors
    ///
    /// [`PumpError`].
    pub async fn settle(&self) -> Result<(), PumpError> {
        self.pump.settle().await
    }

    /// Moves the clock, firing what is due on the way; see [`Pump::advance_clock`].
    ///
    /// # Errors
    ///
    /// [`SystemError`] when `to` lies in the past, or the pump stops.
    pub async fn advance_clock(&self, to: Timestamp) -> Result<(), SystemError> {
        let clock = self.services.clock();
        if to < clock.now() {
            return Err(SystemError::ClockBack { wanted: to });
        }
        if let Some(directory) = &self.directory {
            // Kept first: after a crash on the way the clock is at its goal, never behind the data.
            directory.keep_clock_offset(to.duration_since(Timestamp::now()))?;
        }
        Ok(self.pump.advance_clock(to).await?)
    }

    /// The services below it.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// What is connected to what.
    #[must_use]
    pub fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// Its functions.
    #[must_use]
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// What drives it.
    #[must_use]
    pub fn pump(&self) -> &Pump {
        &self.pump
    }

    /// Its tokens and webhook secrets.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The directory it keeps everything in, if it does.
    #[must_use]
    pub fn directory(&self) -> Option<&Directory> {
        self.directory.as_ref()
    }
}
