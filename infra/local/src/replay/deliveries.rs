//! Everything that the named files hold, as a stream.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crm_domain::money::Currency;
use jiff::tz::TimeZone;
use ruzstd::decoding::StreamingDecoder;

use super::files::{FilesError, Kind};
use super::recorded;
use super::skipped::Found;
use super::table::{self, Books, Mapping, MappingError, TableError};

/// Tables that name no shop are this one's.
const UNNAMED_BOOKS: &str = "main";

/// A file that stops a replay.
#[derive(Debug, thiserror::Error)]
pub enum DeliveriesError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FilesError),
    /// It is no table of the kind it should be.
    #[error("{}", path.display())]
    Table {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: TableError,
    },
    /// Nothing tells how to read it.
    #[error("{}", path.display())]
    Mapping {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: MappingError,
    },
    /// It is not what Zstandard packs.
    #[error("{} cannot be unpacked", path.display())]
    Packing {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// How the files are to be read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The shop, where it is not to be the recording's own.
    pub shop: Option<String>,
    /// The tables' columns, where they are not to tell themselves.
    pub mapping: Option<Mapping>,
    /// The tables' currency and zone; files without tables need none.
    pub books: Option<(Currency, TimeZone)>,
}

impl Reading {
    /// What the files hold, one after another. A file is opened when its turn
    /// comes; of a table only a window is in memory at a time.
    pub fn all<'a>(
        &'a self,
        files: &'a [(PathBuf, Kind)],
    ) -> impl Iterator<Item = Result<Found, DeliveriesError>> + 'a {
        files.iter().flat_map(|(path, kind)| self.file(path, *kind))
    }

    fn file<'a>(&'a self, path: &'a Path, kind: Kind) -> Stream<'a> {
        let stream = match kind {
            Kind::Recorded => self.recorded(path),
            Kind::Table => File::open(path)
                .map_err(|source| unreadable(path, source))
                .and_then(|file| self.table(path, BufReader::new(file))),
            Kind::PackedTable => unpacked(path).and_then(|table| self.table(path, table)),
        };
        stream.unwrap_or_else(|error| Box::new(std::iter::once(Err(error))))
    }

    fn recorded<'a>(&'a self, path: &'a Path) -> Result<Stream<'a>, DeliveriesError> {
        let bytes = fs::read(path).map_err(|source| unreadable(path, source))?;
        let text = String::from_utf8_lossy(&bytes);
        let found = recorded::read(path, &text, self.shop.as_deref());
        Ok(Box::new(found.into_iter().map(Ok)))
    }

    fn table<'a>(
        &'a self,
        path: &'a Path,
        rows: impl Read + 'a,
    ) -> Result<Stream<'a>, DeliveriesError> {
        let table_error = move |source| DeliveriesError::Table {
            path: path.to_owned(),
            source,
        };
        let mut table = csv::Reader::from_reader(rows);
        let header = table.headers().map_err(|error| table_error(error.into()))?;
        let mapping = match &self.mapping {
            Some(mapping) => mapping.clone(),
            None => Mapping::recognised(header).map_err(|source| DeliveriesError::Mapping {
                path: path.to_owned(),
                source,
            })?,
        };
        let (currency, zone) = self.books.clone().expect("tables are read with both");
        let books = Books {
            name: path.display().to_string(),
            mapping,
            shop: self
                .shop
                .clone()
                .unwrap_or_else(|| UNNAMED_BOOKS.to_owned()),
            currency,
        };
        let found = table::read(books, zone, table).map_err(table_error)?;
        Ok(Box::new(found.map(move |found| found.map_err(table_error))))
    }
}

type Stream<'a> = Box<dyn Iterator<Item = Result<Found, DeliveriesError>> + 'a>;

fn unpacked(path: &Path) -> Result<impl Read + use<>, DeliveriesError> {
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    StreamingDecoder::new(BufReader::new(file)).map_err(|error| DeliveriesError::Packing {
        path: path.to_owned(),
        source: Box::new(error),
    })
}

fn unreadable(path: &Path, source: std::io::Error) -> DeliveriesError {
    DeliveriesError::File(FilesError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_and_tables_come_in_one_stream_packed_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let table = "master_customer_id,customer_id,date,number_of_cds,dollar_value\n\
                     00004,0001,1997-01-01,2,29.33\n";
        fs::create_dir(path("orders_create")).unwrap();
        fs::write(path("orders_create/1.json"), r#"{"id":1}"#).unwrap();
        fs::write(path("a.csv"), table).unwrap();
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let packed = ruzstd::encoding::compress_to_vec(table.as_bytes(), level);
        fs::write(path("b.csv.zst"), packed).unwrap();
        let reading = Reading {
            shop: None,
            mapping: None,
            books: Some((Currency::parse("USD").unwrap(), TimeZone::UTC)),
        };

        let files = super::super::files::find(&[folder.path().to_owned()]).unwrap();
        let found: Vec<_> = reading.all(&files).map(Result::unwrap).collect();

        let sources = found.iter().map(|found| match found {
            Found::Delivery(posting) => posting.source.as_str(),
            Found::Skipped(skipped) => panic!("{skipped:?}"),
        });
        assert_eq!(sources.collect::<Vec<_>>(), ["cdnow", "cdnow", "shopify"]);
    }

    #[test]
    fn a_table_nobody_knows_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "a,b\n1,2\n").unwrap();
        let reading = Reading {
            shop: None,
            mapping: None,
            books: Some((Currency::parse("USD").unwrap(), TimeZone::UTC)),
        };

        let files = [(path, Kind::Table)];
        let error = reading.all(&files).next().unwrap().unwrap_err();

        assert!(error.to_string().ends_with("a.csv"));
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("--mapping"), "{source}");
    }
}
