//! The data directory: locked by one process, marked with its format, and never half written.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crm_lambda::Random;
use jiff::SignedDuration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Identity, SystemError};
use crate::template::Wiring;

/// The layout of the files this version writes.
const FORMAT: u64 = 1;

const LOCK: &str = "lock";
const MARK: &str = "format.json";
const IDENTITY: &str = "identity.json";
const CLOCK: &str = "clock.json";
const ADDRESS: &str = "local.json";

/// A data directory that belongs to this process until it is dropped.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    is_new: bool,
    _lock: File,
}

impl Directory {
    /// Takes the directory at `path`, which is made if missing; with `reset`, all in it is thrown away first.
    ///
    /// # Errors
    ///
    /// [`SystemError`] when it cannot be used, belongs to another process, or is not ours.
    pub fn take(path: &Path, reset: bool) -> Result<Self, SystemError> {
        let at = |source| SystemError::Directory {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(path).map_err(at)?;
        check_owner(path)?;
        let lock = File::create(path.join(LOCK)).map_err(at)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => SystemError::InUse {
                path: path.to_owned(),
            },
            TryLockError::Error(source) => at(source),
        })?;
        if reset {
            empty(path).map_err(at)?;
        }
        let directory = Self {
            is_new: !path.join(MARK).exists(),
            path: path.to_owned(),
            _lock: lock,
        };
        directory.write(MARK, &json!({ "format": FORMAT }))?;
        directory.forget_address()?;
        Ok(directory)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nothing was in it before.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The tokens and secrets kept here, completed for what `wiring` has.
    pub(super) fn identity(&self, wiring: &Wiring) -> Result<Identity, SystemError> {
        let mut random = Random::from_os();
        let kept: Option<Identity> = self.read(IDENTITY)?;
        let is_kept = kept.is_some();
        let mut identity = kept.unwrap_or_else(|| Identity::new(wiring, &mut random));
        if identity.complete(wiring, &mut random) || !is_kept {
            self.write(IDENTITY, &identity)?;
        }
        Ok(identity)
    }

    /// How far the clock was moved from the machine's.
    pub(super) fn clock_offset(&self) -> Result<SignedDuration, SystemError> {
        let kept: Option<SignedDuration> = self.read(CLOCK)?;
        Ok(kept.unwrap_or_default())
    }

    pub(super) fn keep_clock_offset(&self, offset: SignedDuration) -> Result<(), SystemError> {
        self.write(CLOCK, &offset)
    }

    /// Tells other programs where the system listens and how to get in: `local.json`, for its owner only.
    ///
    /// # Errors
    ///
    /// [`SystemError::Directory`].
    pub fn tell_address(&self, api: &str, identity: &Identity) -> Result<(), SystemError> {
        let address = json!({
            "api": api,
            "tokens": identity.by_role(),
            "webhook_secrets": identity.webhook_secrets(),
        });
        self.write(ADDRESS, &address)
    }

    /// Takes back what [`Directory::tell_address`] told.
    ///
    /// # Errors
    ///
    /// [`SystemError::Directory`].
    pub fn forget_address(&self) -> Result<(), SystemError> {
        match fs::remove_file(self.path.join(ADDRESS)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed(ADDRESS)(error))
            }
            _ => Ok(()),
        }
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, SystemError> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(name)(error)),
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|source| SystemError::Damaged { path, source }),
        }
    }

    /// Replaces a file as a whole: whoever reads it sees the old or the new one.
    fn write(&self, name: &str, document: &impl Serialize) -> Result<(), SystemError> {
        let text =
            serde_json::to_string_pretty(document).map_err(|source| SystemError::Damaged {
                path: self.path.join(name),
                source,
            })?;
        let new = self.path.join(format!("{name}.new"));
        let written = private_file(&new)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&new, self.path.join(name)));
        written.map_err(self.failed(name))
    }

    fn failed(&self, name: &str) -> impl Fn(io::Error) -> SystemError {
        let path = self.path.join(name);
        move |source| SystemError::Directory {
            path: path.clone(),
            source,
        }
    }
}

/// An empty file only its owner can read.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Refuses a directory that holds other things, or a newer version's.
fn check_owner(path: &Path) -> Result<(), SystemError> {
    let at = |source| SystemError::Directory {
        path: path.to_owned(),
        source,
    };
    let foreign = || SystemError::Foreign {
        path: path.to_owned(),
    };
    let mark = match fs::read(path.join(MARK)) {
        Ok(mark) => mark,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let is_ours = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name() == LOCK);
            let entries: Vec<bool> = fs::read_dir(path)
                .and_then(|entries| entries.map(is_ours).collect())
                .map_err(at)?;
            return if entries.iter().all(|is_ours| *is_ours) {
                Ok(())
            } else {
                Err(foreign())
            };
        }
        Err(error) => return Err(at(error)),
    };
    let mark: Value = serde_json::from_slice(&mark).map_err(|_| foreign())?;
    match mark["format"].as_u64() {
        Some(FORMAT) => Ok(()),
        Some(found) if found > FORMAT => Err(SystemError::Newer {
            path: path.to_owned(),
            found,
        }),
        _ => Err(foreign()),
    }
}

fn empty(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        let removed = if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        // What is gone already, such as a database's own side file, need not be removed.
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}
