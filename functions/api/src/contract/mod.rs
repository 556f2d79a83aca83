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
mod shape;
mod types;

pub use document::document;
pub(crate) use operation::{ETAG, FILE_NAME, LINK, LOCATION, Operation, id};
pub(crate) use parameter::Parameter;
pub use served::DOCUMENT;
pub(crate) use served::served;
pub use shape::text;
pub(crate) use types::Types;
