//! Books of the past: tables of transactions, turned into imports.

mod document;
mod grouping;
mod import;
mod mapping;
mod reader;
mod row;
#[cfg(test)]
mod tests;
mod time;

pub use mapping::{Mapping, MappingError};
pub use reader::{Books, TableError, read};
