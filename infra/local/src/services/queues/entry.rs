//! One message as an SQS client sends it: what is allowed, and what AWS says of the rest.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Outgoing, Settings};
use crate::services::reply::Refusal;

/// The parts of a send request, and of an entry of a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Map<String, Value>,
}

impl Entry {
    /// The message, if the queue takes it.
    pub(super) fn message(self, settings: &Settings) -> Result<Outgoing, Refusal> {
        if self.message_body.is_empty() {
            return Err(invalid(
                "The request must contain the parameter MessageBody.",
            ));
        }
        if !self.message_body.chars().all(is_allowed) {
            let text = "Invalid binary character was found in the message body.";
            return Err(
                Refusal::bad("InvalidMessageContents", text).query_code("InvalidMessageContents")
            );
        }
        if self.bytes() > settings.max_message_bytes {
            let most = settings.max_message_bytes;
            return Err(invalid(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
            )));
        }
        Ok(Outgoing {
            delay_seconds: self.delay()?,
            body: self.message_body,
            attributes: self.message_attributes,
        })
    }

    fn delay(&self) -> Result<Option<u32>, Refusal> {
        let Some(seconds) = self.delay_seconds else {
            return Ok(None);
        };
        let allowed = u32::try_from(seconds)
            .ok()
            .filter(|seconds| *seconds <= 900);
        allowed.map(Some).ok_or_else(|| {
            invalid(format!(
                "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
            ))
        })
    }

    /// What the message counts against the limit: body, and names, types and values of its attributes.
    pub(super) fn bytes(&self) -> usize {
        let attributes = self.message_attributes.iter();
        let attributes = attributes.map(|(name, value)| {
            let text = |key: &str| value[key].as_str().map_or(0, str::len);
            let binary = value["BinaryValue"].as_str();
            let binary = binary.and_then(|text| BASE64_STANDARD.decode(text).ok());
            let binary = binary.map_or(0, |bytes| bytes.len());
            name.len() + text("DataType") + text("StringValue") + binary
        });
        self.message_body.len() + attributes.sum::<usize>()
    }
}

pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::bad("InvalidParameterValueException", message).query_code("InvalidParameterValue")
}

/// The characters SQS accepts: those of XML 1.0.
fn is_allowed(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A body's digest, in hexadecimal: SQS's proof of what it received.
pub(super) fn digest(body: &str) -> String {
    let digest = Md5::digest(body.as_bytes());
    let mut text = String::with_capacity(32);
    for byte in digest {
        // Writing to a text cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_one_everyone_computes() {
        // From RFC 1321.
        assert_eq!(digest("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    }
}
