//! What is wrong with a template, said so that the line to change can be found.

use std::path::PathBuf;

/// A template that cannot be wired up locally.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file is not there or may not be read.
    #[error("cannot read the template {}", path.display())]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The text is not YAML.
    #[error("the template is not valid YAML")]
    NotYaml(#[source] yaml_serde::Error),
    /// One place in it is wrong.
    #[error("template: {at}: {problem}")]
    Wrong {
        /// The way to the place: `IngestQueue.RedrivePolicy.maxReceiveCount`.
        at: String,
        /// What is wrong there.
        problem: String,
    },
}

pub(super) type Result<T, E = TemplateError> = std::result::Result<T, E>;

/// The way to a place in the template, and how many references led there.
#[derive(Debug, Clone)]
pub(super) struct At {
    path: String,
    hops: u8,
}

impl At {
    pub(super) fn new(path: impl Into<String>) -> Self {
        let path = path.into();
        Self { path, hops: 0 }
    }

    /// The place called `name` inside this one.
    pub(super) fn inside(&self, name: impl std::fmt::Display) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            hops: self.hops,
        }
    }

    /// The last name on the way here.
    pub(super) fn last(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    /// The same place, one reference further along.
    ///
    /// # Errors
    ///
    /// When so many references were followed that they must form a circle.
    pub(super) fn hop(&self) -> Result<Self> {
        if self.hops > 32 {
            return Err(self.wrong("its references lead in a circle"));
        }
        Ok(Self {
            path: self.path.clone(),
            hops: self.hops + 1,
        })
    }

    pub(super) fn wrong(&self, problem: impl Into<String>) -> TemplateError {
        TemplateError::Wrong {
            at: self.path.clone(),
            problem: problem.into(),
        }
    }
}
