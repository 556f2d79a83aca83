//! Puts a table's rows together into documents while they stream by.

use std::collections::{HashMap, HashSet, VecDeque};

use sha2::{Digest, Sha256};

use super::document::Document;
use super::row::Row;
use crate::replay::skipped::Reason;

/// A document is complete once this many lines went by without one of its
/// own: real books interleave documents a little, never by pages.
const WINDOW_LINES: u64 = 1_000;

/// Documents being put together. Holds the open ones and eight bytes for each
/// that was closed.
#[derive(Debug, Default)]
pub struct Grouping {
    open: VecDeque<Document>,
    closed: HashSet<u64>,
    ordinals: HashMap<u64, u32>,
}

impl Grouping {
    /// Takes a row in and returns the documents that are complete now, in the
    /// order of their last lines. `content` tells rows without a document
    /// apart; equal ones are counted.
    pub fn add(&mut self, row: Row, content: &csv::ByteRecord) -> Vec<Document> {
        let line = row.line;
        let Some(id) = row.document.clone() else {
            let id = self.id_of(content);
            return vec![Document::open(id, row)];
        };
        match self.open.iter().rposition(|document| document.id == id) {
            Some(place) => {
                let mut document = self.open.remove(place).expect("it was just found there");
                document.add(row);
                self.open.push_back(document);
            }
            None => self.open(id, row),
        }
        let mut complete = Vec::new();
        while let Some(oldest) = self.open.front()
            && oldest.last_line + WINDOW_LINES < line
        {
            complete.extend(self.close());
        }
        complete
    }

    /// The documents still open at the end of the table.
    pub fn finish(&mut self) -> Vec<Document> {
        std::iter::from_fn(|| self.close()).collect()
    }

    fn open(&mut self, id: String, row: Row) {
        let known = self.closed.contains(&digest([id.as_bytes()]));
        let mut document = Document::open(id, row);
        if known {
            document.fault = Some(Reason::Scattered);
        }
        self.open.push_back(document);
    }

    fn close(&mut self) -> Option<Document> {
        let document = self.open.pop_front()?;
        self.closed.insert(digest([document.id.as_bytes()]));
        Some(document)
    }

    /// A row's content with its ordinal among identical rows.
    fn id_of(&mut self, content: &csv::ByteRecord) -> String {
        let digest = digest(content.iter());
        let ordinal = self.ordinals.entry(digest).or_default();
        *ordinal += 1;
        match *ordinal {
            1 => format!("{digest:016x}"),
            ordinal => format!("{digest:016x}-{ordinal}"),
        }
    }
}

fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    let hash = hash.finalize();
    let first = hash.iter().take(8);
    first.fold(0, |digest, byte| (digest << 8) | u64::from(*byte))
}
