//! Names for versions of what is shown (RFC 9110, section 8.8.3), and what
//! callers say they have seen.

use crate::once::digest;
use crate::problem::Problem;
use crate::request::Request;

/// Most characters of the tags a caller names.
pub(crate) const MOST_CHARACTERS: usize = 1024;
const TAGS: &str = "must have at most 1024 printable ASCII characters";

/// The tag of a version that is counted.
pub(crate) fn of_version(version: u64) -> String {
    format!("\"{version}\"")
}

/// The tag of whatever these texts say: other texts have another one.
pub(crate) fn of_text(text: &str) -> String {
    format!("\"{}\"", digest([text.to_owned()]))
}

/// What is changed must still be what the caller has seen, if it says so. To
/// be asked once it is known that anything changes: where what is asked stands
/// already, the caller may just not have heard the first answer.
///
/// A weak tag never matches for a write (RFC 9110, section 13.1.1).
pub(crate) fn guard(request: Request<'_>, now: &str) -> Result<(), Problem> {
    let Some(tags) = given(request, "If-Match")? else {
        return Ok(());
    };
    if named(tags).any(|tag| tag == "*" || tag == now) {
        return Ok(());
    }
    Err(Problem::precondition_failed(
        "must name what is there now: look at it again",
    ))
}

/// What a caller says to have seen of what it changes must have the form of
/// tags, and is no part of a request that changes nothing with a tag: whoever
/// names one there means to be safe, and would not be.
pub(crate) fn check(request: Request<'_>, is_guarded: bool) -> Result<(), Problem> {
    if given(request, "If-Match")?.is_none() || is_guarded {
        return Ok(());
    }
    let limit = "is not for this request: what it changes has no tag";
    Err(Problem::field("If-Match", limit))
}

/// Whether the caller has what it asks for already.
pub(crate) fn has(request: Request<'_>, now: &str) -> Result<bool, Problem> {
    let tags = given(request, "If-None-Match")?.unwrap_or_default();
    let strong = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag) == now;
    Ok(named(tags).any(|tag| tag == "*" || strong(tag)))
}

/// What a caller says to have seen, which must have the form of tags.
fn given<'a>(request: Request<'a>, name: &str) -> Result<Option<&'a str>, Problem> {
    let tags = request.header(name)?;
    let printable = |tags: &str| {
        tags.bytes()
            .all(|byte| byte == b' ' || byte.is_ascii_graphic())
    };
    match tags {
        Some(tags) if tags.len() > MOST_CHARACTERS || !printable(tags) => {
            Err(Problem::field(name, TAGS))
        }
        tags => Ok(tags),
    }
}

fn named(tags: &str) -> impl Iterator<Item = &str> {
    tags.split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
    use serde_json::json;

    use super::*;

    fn event(header: &str, value: &str) -> ApiGatewayV2httpRequest {
        serde_json::from_value(json!({
            "headers": {header: value},
            "requestContext": {"http": {"method": "GET"}},
        }))
        .unwrap()
    }

    #[test]
    fn a_caller_who_saw_something_else_is_refused() {
        for (tags, expected) in [
            ("\"3\"", None),
            ("\"2\", \"3\"", None),
            ("*", None),
            ("\"2\"", Some(412)),
            ("W/\"3\"", Some(412)),
            ("3", Some(412)),
        ] {
            let event = event("if-match", tags);
            let refused = guard(Request::bare(&event), &of_version(3)).err();
            assert_eq!(refused.map(|problem| problem.status), expected, "{tags}");
        }
        let event = event("x", "y");
        assert!(guard(Request::bare(&event), "\"3\"").is_ok());
        assert_eq!(has(Request::bare(&event), "\"3\""), Ok(false));
    }

    #[test]
    fn tags_are_short_and_printable() {
        for (tags, fits) in [
            ("x".repeat(MOST_CHARACTERS), true),
            ("x".repeat(MOST_CHARACTERS + 1), false),
            ("\t\"3\"".to_owned(), false),
        ] {
            let seen = event("if-none-match", &tags);
            assert_eq!(has(Request::bare(&seen), "\"3\"").is_ok(), fits, "{tags}");
            let seen = event("if-match", &tags);
            let refused = guard(Request::bare(&seen), "\"3\"").unwrap_err();
            assert_eq!(refused.status, if fits { 412 } else { 400 }, "{tags}");
        }
    }

    #[test]
    fn a_caller_who_has_it_gets_nothing() {
        for (tags, expected) in [
            ("\"3\"", true),
            ("W/\"3\"", true),
            ("\"1\",\"3\"", true),
            ("*", true),
            ("\"2\"", false),
            ("", false),
        ] {
            let event = event("if-none-match", tags);
            assert_eq!(has(Request::bare(&event), "\"3\""), Ok(expected), "{tags}");
        }
    }
}
