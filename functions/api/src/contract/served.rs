//! `GET /v1/openapi.json`: the document as it was written when this version
//! was made.

use crate::answer::Answer;
use crate::etag;
use crate::problem::Problem;
use crate::request::Request;

/// The document as it is served: a test holds it to be what the types say.
pub const DOCUMENT: &str = include_str!("../../openapi.json");

/// The document; nothing, for whoever has it already.
pub(crate) fn served(request: Request<'_>) -> Result<Answer, Problem> {
    request.only_parameters(&[])?;
    let tag = etag::of_text(DOCUMENT);
    if etag::has(request, &tag)? {
        return Ok(Answer::not_modified(tag).for_everyone());
    }
    Ok(Answer::written(DOCUMENT).with("etag", tag).for_everyone())
}
