//! Brings the sample store into a running system, over several starts if need
//! be: what was sent is noted, and only a store that came in whole is done.

use std::convert::Infallible;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{SampleOptions, generate};
use crate::deliver::{Answer, Control, ControlError, Door, DoorError, Progress, Secrets, pour};
use crate::system::Identity;

const NOTE: &str = "sample.json";
/// Noted this often; as many may be sent twice, which is harmless.
const AT_A_TIME: usize = 250;

/// The sample store could not be brought in; the next start goes on.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The front door.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The system behind it.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The note of what was sent.
    #[error("cannot keep {}", path.display())]
    Note {
        /// Where it is kept.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The door does not want one of the sample's own webhooks.
    #[error("the front door refuses a webhook of the sample store: {0}")]
    Refused(String),
}

/// Brings a store in beside a system that is being served, and then never
/// ends. A store that cannot come in is told of; the system goes on without.
pub async fn load(store: Option<Loading>, address: &str, identity: &Identity) -> Infallible {
    if let Some(store) = store
        && let Err(error) = store.finish_at(address, identity).await
    {
        let error = crm_lambda::with_causes(&error);
        eprintln!("The sample store is not in whole yet; the next start goes on: {error}");
    }
    std::future::pending().await
}

/// How much of a sample store has come into the system that keeps its data in
/// `directory`: how many webhooks were sent, and whether that is all of them.
#[must_use]
pub fn progress(directory: &Path) -> serde_json::Value {
    let note = fs::read(directory.join(NOTE)).ok();
    let note = note.and_then(|note| serde_json::from_slice::<Note>(&note).ok());
    note.map_or(
        serde_json::Value::Null,
        |note| serde_json::json!({"sent": note.sent, "finished": note.finished}),
    )
}

/// A sample store on its way in.
#[derive(Debug)]
pub struct Loading {
    path: PathBuf,
    note: Note,
}

/// What is known of a loading from start to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    options: SampleOptions,
    sent: usize,
    finished: bool,
}

impl Loading {
    /// Begins to load the usual store, up to `until`, into the system that
    /// keeps its data in `directory`.
    ///
    /// # Errors
    ///
    /// [`LoadError::Note`].
    pub fn begin(directory: &Path, options: SampleOptions) -> Result<Self, LoadError> {
        let loading = Self {
            path: directory.join(NOTE),
            note: Note {
                options,
                sent: 0,
                finished: false,
            },
        };
        loading.keep()?;
        Ok(loading)
    }

    /// The loading that an earlier start began and did not finish.
    ///
    /// # Errors
    ///
    /// [`LoadError::Note`].
    pub fn unfinished(directory: &Path) -> Result<Option<Self>, LoadError> {
        let path = directory.join(NOTE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(LoadError::Note { path, source }),
        };
        match serde_json::from_slice::<Note>(&text) {
            Ok(note) => Ok((!note.finished).then_some(Self { path, note })),
            Err(error) => Err(LoadError::Note {
                path,
                source: error.into(),
            }),
        }
    }

    /// The moment at which the store's time ends.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.note.options.until
    }

    async fn finish_at(self, address: &str, identity: &Identity) -> Result<(), LoadError> {
        let secrets = identity.webhook_secrets();
        let secret = |source| secrets.get(source).cloned().unwrap_or_default();
        let secrets = Secrets {
            shopify: secret("shopify"),
            import: secret("import"),
        };
        let token = identity.token("admin").unwrap_or_default();
        let control = Control::new(address, token);
        self.finish(&Door::new(address, secrets), &control).await
    }

    /// Sends what was not sent yet, part by part, and has each part worked
    /// off; the API answers meanwhile.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    pub async fn finish(mut self, door: &Door, control: &Control) -> Result<(), LoadError> {
        let webhooks = generate(&self.note.options);
        let total = u64::try_from(webhooks.len()).ok();
        let progress = Progress::start("sample store", total);
        progress.at(u64::try_from(self.note.sent).unwrap_or_default());
        let mut webhooks = webhooks.skip(self.note.sent).peekable();
        while webhooks.peek().is_some() {
            let part = webhooks.by_ref().take(AT_A_TIME).map(Into::into);
            let mut refused = None;
            let mut sent = 0;
            let each = |poured: crate::deliver::Poured| {
                sent += 1;
                progress.one();
                if let Answer::Refused { status, reason } = poured.answer {
                    refused = Some(format!("{} {status} {reason}", poured.posting.topic));
                }
            };
            pour(door, part, each).await?;
            if let Some(refused) = refused {
                return Err(LoadError::Refused(refused));
            }
            control.settle(|_| ()).await?;
            self.note.sent += sent;
            self.keep()?;
        }
        progress.finish();
        self.note.finished = true;
        self.keep()
    }

    /// Replaces the note as a whole: a killed start leaves the old or the new.
    fn keep(&self) -> Result<(), LoadError> {
        let text = serde_json::to_vec(&self.note).expect("numbers and times are JSON");
        let new = self.path.with_extension("json.new");
        let written = fs::File::create(&new)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&new, &self.path));
        written.map_err(|source| LoadError::Note {
            path: self.path.clone(),
            source,
        })
    }
}
