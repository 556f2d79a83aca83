//! Which service and which operation a request is for.

use std::borrow::Cow;

/// A request's addressee.
pub(crate) struct Call<'a> {
    /// The service's short name, such as `dynamodb`.
    pub(crate) service: &'static str,
    /// The operation's name, such as `PutItem`.
    pub(crate) operation: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Call<'a> {
    /// Reads the addressee off the `X-Amz-Target` header, or off method and path; `None` if nobody here has it.
    pub(crate) fn of(method: &str, uri: &'a str, target: Option<&'a str>) -> Option<Self> {
        let (path, query) = path_and_query(uri);
        let (service, operation) = match target.and_then(|target| target.split_once('.')) {
            Some((prefix, operation)) => (by_prefix(prefix)?, operation),
            None => by_path(method, path)?,
        };
        Some(Self {
            service,
            operation,
            path,
            query,
        })
    }

    /// The last part of the path, decoded: the name of the resource.
    pub(crate) fn name(&self) -> Cow<'a, str> {
        decoded(self.path.rsplit('/').next().unwrap_or_default())
    }

    /// A parameter of the query, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<Cow<'a, str>> {
        let pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(key, _)| *key == name);
        values.next().map(|(_, value)| decoded(value))
    }
}

fn by_prefix(prefix: &str) -> Option<&'static str> {
    match prefix {
        "DynamoDB_20120810" | "DynamoDBStreams_20120810" => Some("dynamodb"),
        "AmazonSQS" => Some("sqs"),
        "AWSEvents" => Some("events"),
        "secretsmanager" => Some("secretsmanager"),
        _ => None,
    }
}

fn by_path(method: &str, path: &str) -> Option<(&'static str, &'static str)> {
    let of_one = path.starts_with("/schedules/");
    match (method, path) {
        ("POST", "/v2/email/outbound-emails") => Some(("ses", "SendEmail")),
        ("GET", "/schedules") => Some(("scheduler", "ListSchedules")),
        ("POST", _) if of_one => Some(("scheduler", "CreateSchedule")),
        ("GET", _) if of_one => Some(("scheduler", "GetSchedule")),
        ("PUT", _) if of_one => Some(("scheduler", "UpdateSchedule")),
        ("DELETE", _) if of_one => Some(("scheduler", "DeleteSchedule")),
        _ => None,
    }
}

fn path_and_query(uri: &str) -> (&str, &str) {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split_once('?').unwrap_or((path, ""))
}

fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| first == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_path_is_decoded() {
        let call = Call::of("GET", "https://x/schedules/a%2Fb?groupName=my%20own", None).unwrap();
        assert_eq!(call.operation, "GetSchedule");
        assert_eq!(call.name(), "a/b");
        assert_eq!(call.parameter("groupName").unwrap(), "my own");
        assert_eq!(call.parameter("clientToken"), None);
    }
}
