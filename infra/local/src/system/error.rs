//! Why a system cannot be started or moved: each in one line that says what to do.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::functions::FunctionError;
use crate::pump::PumpError;
use crate::services::ServiceError;
use crate::services::pattern::PatternError;
use crate::template::TemplateError;

/// A system cannot be started or moved.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// The template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A function cannot be started.
    #[error(transparent)]
    Function(#[from] FunctionError),
    /// The services cannot be started.
    #[error("the local services cannot be started")]
    Service(#[from] ServiceError),
    /// The pump stopped.
    #[error(transparent)]
    Pump(#[from] PumpError),
    /// A rule's pattern makes no sense.
    #[error("the pattern of the rule {rule} cannot be used")]
    Pattern {
        /// The rule's name.
        rule: String,
        /// What is wrong with it.
        source: PatternError,
    },
    /// A target is neither a queue nor a function.
    #[error("the target {arn} of {origin} cannot be used")]
    Target {
        /// The rule or schedule.
        origin: String,
        /// Its target.
        arn: String,
    },
    /// A table cannot be made.
    #[error("the table {table} cannot be made")]
    Table {
        /// Its name.
        table: String,
        /// What the table service said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A kept table has other keys or indexes than the template says.
    #[error("the kept table {table} was made by another template; --reset starts anew")]
    TableChanged {
        /// Its name.
        table: String,
    },
    /// The data directory cannot be read or written.
    #[error("the data directory {} cannot be used", path.display())]
    Directory {
        /// Which file or directory.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// Another process has the data directory.
    #[error("the data directory {} is in use by another process", path.display())]
    InUse {
        /// Which directory.
        path: PathBuf,
    },
    /// The directory holds something else.
    #[error("{} is no data directory of this program; choose another with --data", path.display())]
    Foreign {
        /// Which directory.
        path: PathBuf,
    },
    /// The directory was written by a newer version.
    #[error("{} was written by a newer version of this program (format {found})", path.display())]
    Newer {
        /// Which directory.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// A kept file is damaged.
    #[error("{} is damaged; --reset starts anew", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The clock was to run backwards.
    #[error("the clock cannot be set back to {wanted}")]
    ClockBack {
        /// What was asked for.
        wanted: Timestamp,
    },
    /// There is no schedule of this name.
    #[error("there is no schedule {name}; there are {}", known.join(", "))]
    NoSchedule {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
}
