//! The store a first start shows, so that there is something to look at.

use crate::system::{System, SystemError};

/// Fills a new system with the sample store.
///
/// # Errors
///
/// [`SystemError`] when the system cannot take it.
pub async fn load(system: &System) -> Result<(), SystemError> {
    Ok(system.settle().await?)
}
