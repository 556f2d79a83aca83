//! Where a replay goes: to the process that serves a data directory, or to a
//! system opened on it for the purpose.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::deliver::{Control, Door, Secrets};
use crate::gateway::{Server, ServerError};
use crate::system::{Directory, System, SystemError, SystemOptions};

/// A replay cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The system cannot be opened.
    #[error(transparent)]
    System(#[from] SystemError),
    /// The system cannot be reached.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Another process has the directory but tells no address.
    #[error("{} is in use by a process that serves nobody; wait for it to end", .0.display())]
    Unserved(std::path::PathBuf),
    /// The system has no secret for the door.
    #[error("the system has no webhook secret for {0}")]
    NoSecret(&'static str),
}

/// Where a replay goes.
pub struct Stage {
    /// The front door.
    pub door: Door,
    /// The inside.
    pub control: Control,
    own: Option<Own>,
}

/// A system opened for the purpose.
struct Own {
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServerError>>,
    system: Arc<System>,
}

/// What a serving process tells in `local.json`.
#[derive(Deserialize)]
struct Address {
    api: String,
    tokens: std::collections::BTreeMap<String, String>,
    webhook_secrets: std::collections::BTreeMap<String, String>,
}

impl Stage {
    /// The process that serves `directory`, else a system of our own on it.
    ///
    /// # Errors
    ///
    /// [`StageError`].
    pub async fn find(directory: &Path, options: &SystemOptions) -> Result<Self, StageError> {
        match Directory::take(directory, false) {
            Ok(taken) => Self::open(options, taken).await,
            Err(SystemError::InUse { path }) => {
                let told = fs::read(path.join("local.json")).ok();
                let told = told.and_then(|text| serde_json::from_slice::<Address>(&text).ok());
                Self::at(&told.ok_or(StageError::Unserved(path))?, None)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn open(options: &SystemOptions, directory: Directory) -> Result<Self, StageError> {
        let system = Arc::new(System::open(options, directory).await?);
        let server = Server::bind(0).await?;
        let address = Address {
            api: server.address(),
            tokens: system.identity().by_role().clone(),
            webhook_secrets: system.identity().webhook_secrets(),
        };
        let (end, ended) = oneshot::channel();
        let until = async {
            // Over as well when nobody is left to say so.
            ended.await.ok();
        };
        let task = tokio::spawn(serve(system.clone(), server, until));
        let own = Own { end, task, system };
        Self::at(&address, Some(own))
    }

    fn at(address: &Address, own: Option<Own>) -> Result<Self, StageError> {
        let secret = |source: &'static str| {
            let secret = address.webhook_secrets.get(source).cloned();
            secret.ok_or(StageError::NoSecret(source))
        };
        let secrets = Secrets {
            shopify: secret("shopify")?,
            import: secret("import")?,
        };
        let token = address.tokens.get("admin").map_or("", String::as_str);
        Ok(Self {
            door: Door::new(&address.api, secrets),
            control: Control::new(&address.api, token),
            own,
        })
    }

    /// Whether a system was opened for the purpose.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Ends what was opened for the purpose.
    ///
    /// # Errors
    ///
    /// [`StageError::Server`] when serving failed.
    pub async fn close(self) -> Result<(), StageError> {
        let Some(own) = self.own else {
            return Ok(());
        };
        // Gone already if serving failed, which the next line tells.
        own.end.send(()).ok();
        // Connections kept alive would keep the server from ending.
        drop((self.door, self.control));
        own.task
            .await
            .expect("serving does not panic and is not aborted")?;
        drop(own.system);
        Ok(())
    }
}

/// Serves until `end` comes, and works what comes in off while more comes in.
async fn serve(
    system: Arc<System>,
    server: Server,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    tokio::select! {
        over = server.serve(system.clone(), end) => over,
        stopped = system.pump().run() => {
            let Err(error) = stopped;
            let error = crm_lambda::with_causes(&error);
            tracing::error!(error, "the pump stopped");
            Ok(())
        }
    }
}

#[cfg(test)]
impl Stage {
    /// A stage in front of a test's counter.
    pub(super) fn of(counter: &crate::deliver::counter::Counter) -> Self {
        Self {
            door: counter.door(),
            control: counter.control(),
            own: None,
        }
    }
}
