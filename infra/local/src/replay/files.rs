//! Which files a replay reads, and in which order.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Recorded payloads.
    Recorded,
    /// A table of transactions.
    Table,
    /// The same, compressed with Zstandard.
    PackedTable,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let mut parts = name.rsplit('.');
        match (parts.next()?, parts.next()?) {
            ("json", _) => Some(Self::Recorded),
            ("csv", _) => Some(Self::Table),
            ("zst", "csv") if parts.next().is_some() => Some(Self::PackedTable),
            _ => None,
        }
    }
}

/// A path that cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// Which path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It was named outright but is no kind of file a replay knows.
    #[error("{} is neither .json nor .csv nor .csv.zst", .0.display())]
    UnknownKind(PathBuf),
}

/// All files under `paths`, folders searched to the bottom, each folder's in
/// the order of their names. In folders, files of other kinds are passed over.
///
/// # Errors
///
/// [`FilesError`].
pub fn find(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Kind)>, FilesError> {
    let mut found = Vec::new();
    for path in paths {
        let unreadable = |source| unreadable(path, source);
        if fs::metadata(path).map_err(unreadable)?.is_dir() {
            search(path, &mut found)?;
        } else {
            let kind = Kind::of(path).ok_or_else(|| FilesError::UnknownKind(path.clone()))?;
            found.push((path.clone(), kind));
        }
    }
    Ok(found)
}

fn search(folder: &Path, found: &mut Vec<(PathBuf, Kind)>) -> Result<(), FilesError> {
    let entries: Result<Vec<_>, _> = fs::read_dir(folder)
        .map_err(|source| unreadable(folder, source))?
        .map(|entry| entry.map(|entry| (entry.path(), entry.file_type())))
        .collect();
    let mut entries = entries.map_err(|source| unreadable(folder, source))?;
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (path, kind) in entries {
        // A link is not followed: one that points upwards would never end.
        if kind.map_err(|source| unreadable(&path, source))?.is_dir() {
            search(&path, found)?;
        } else if let Some(kind) = Kind::of(&path) {
            found.push((path, kind));
        }
    }
    Ok(())
}

fn unreadable(path: &Path, source: io::Error) -> FilesError {
    FilesError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_to_the_bottom_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("orders_create/old");
        fs::create_dir_all(&deep).unwrap();
        for name in ["b.csv", "a.json", "c.csv.zst", "notes.txt", "d.zst"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::write(deep.join("1.json"), "").unwrap();

        let found = find(&[folder.path().to_owned()]).unwrap();

        let names: Vec<_> = found
            .iter()
            .map(|(path, kind)| (path.file_name().unwrap().to_str().unwrap(), *kind))
            .collect();
        assert_eq!(
            names,
            [
                ("a.json", Kind::Recorded),
                ("b.csv", Kind::Table),
                ("c.csv.zst", Kind::PackedTable),
                ("1.json", Kind::Recorded),
            ]
        );
    }

    #[test]
    fn a_file_of_another_kind_named_outright_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        fs::write(&path, "").unwrap();

        assert!(matches!(find(&[path]), Err(FilesError::UnknownKind(_))));
    }
}
