//! The real data that lies beside the repository: other people's payloads and sales.
//!
//! It may not be published, so the repository holds none of it and its tests pass without; where
//! they must not be left out (`CI=true`), a missing folder is a failure.

use std::path::{Path, PathBuf};

/// A file or folder of the real data; none where it is not installed.
///
/// # Panics
///
/// When it is missing although `CI=true`.
#[must_use]
pub fn find(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!required, "the real data is missing: {}", found.display());
    eprintln!("left out: the real data is not installed beside the repository ({path})");
    None
}
