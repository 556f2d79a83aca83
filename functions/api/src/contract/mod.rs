//! What the API promises, as an `OpenAPI` document made from the very types
//! that it shows and reads.
//!
//! The document is made where tests run and nowhere else: what is served is
//! the file it was written to, so that nothing that makes it is part of the
//! function. A test says when the file is no longer what the types say.

mod document;
mod operation;
mod parameter;
mod routes;
mod served;
mod types;

#[cfg(test)]
mod shape;
#[cfg(test)]
mod tests;

pub use document::document;
pub(crate) use operation::{ETAG, FILE_NAME, LINK, LOCATION, Operation, READ_UNITS, id};
pub(crate) use parameter::Parameter;
pub(crate) use served::served;
pub(crate) use types::Types;
