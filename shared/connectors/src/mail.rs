//! A mail, and its way to the mail service.
//!
//! A mail must not arrive twice, and the service has no token that would
//! tell a repeat. So it is handed over in one attempt, and what is not
//! provably unsent is unknown.
//! <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};
use aws_smithy_runtime_api::client::dns::ResolveDnsError;
use aws_types::SdkConfig;
use crm_domain::identity::Email;

/// A mail to one person. Prints nothing personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whom it goes to.
    pub to: Email,
    /// Who sends it: a name and an address, as a header writes them.
    pub from: String,
    /// Its subject.
    pub subject: String,
    /// Its text, for readers without HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Headers beside the usual ones.
    pub headers: BTreeMap<&'static str, String>,
    /// Labels for the mail service's statistics; nothing personal.
    pub tags: BTreeMap<&'static str, String>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(…)")
    }
}

/// What is known after an attempt to send. Reasons are codes: the service's
/// own words can quote an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The service took it, under this id.
    Sent(String),
    /// The service refused this mail: definitely not sent, and as it is it
    /// never will be.
    Refused(String),
    /// Definitely not sent, and worth another attempt later: too many at
    /// once, nobody reached, or not allowed to ask.
    Deferred(String),
    /// Perhaps sent: the answer is missing or says nothing of it.
    Unknown(String),
}

/// The mail service.
#[derive(Debug, Clone)]
pub struct Mailer(Client);

impl Mailer {
    /// The mail service, asked once a mail: an attempt repeated after an
    /// unknown outcome could send twice.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        let config = aws_sdk_sesv2::config::Builder::from(sdk);
        let config = config.retry_config(RetryConfig::disabled());
        Self(Client::from_conf(config.build()))
    }

    /// Hands a mail over, in one attempt.
    pub async fn send(&self, mail: &Mail) -> Outcome {
        let request = self
            .0
            .send_email()
            .from_email_address(&mail.from)
            .destination(
                Destination::builder()
                    .to_addresses(mail.to.as_str())
                    .build(),
            )
            .content(EmailContent::builder().simple(message(mail)).build())
            .set_email_tags(Some(mail.tags.iter().map(tag).collect()));
        match request.send().await {
            Ok(answer) => Outcome::Sent(answer.message_id.unwrap_or_default()),
            Err(error) => outcome(&error),
        }
    }
}

fn message(mail: &Mail) -> Message {
    let body = Body::builder()
        .text(content(&mail.text))
        .html(content(&mail.html));
    Message::builder()
        .subject(content(&mail.subject))
        .body(body.build())
        .set_headers(Some(mail.headers.iter().map(header).collect()))
        .build()
}

fn content(text: &str) -> Content {
    let content = Content::builder().data(text).charset("UTF-8").build();
    content.expect("the data is set")
}

fn header((name, value): (&&'static str, &String)) -> MessageHeader {
    let header = MessageHeader::builder().name(*name).value(value).build();
    header.expect("name and value are set")
}

fn tag((name, value): (&&'static str, &String)) -> MessageTag {
    let tag = MessageTag::builder().name(*name).value(value).build();
    tag.expect("name and value are set")
}

fn outcome(error: &SdkError<SendEmailError>) -> Outcome {
    match error {
        SdkError::ConstructionFailure(_) => Outcome::Refused("malformed request".to_owned()),
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or("no code");
            answered(answer.raw().status().as_u16(), code)
        }
        SdkError::DispatchFailure(_) if never_left(error) => {
            Outcome::Deferred("not connected".to_owned())
        }
        SdkError::TimeoutError(_) => Outcome::Unknown("timed out".to_owned()),
        SdkError::DispatchFailure(_) => Outcome::Unknown("connection lost".to_owned()),
        _ => Outcome::Unknown("unreadable answer".to_owned()),
    }
}

/// What an error answer means: 4xx is an answer to what was asked, so nothing
/// was sent; anything else says nothing of it.
fn answered(status: u16, code: &str) -> Outcome {
    let reason = code.to_owned();
    // Too many at once; or about us and not about the mail, which is as good
    // as it was before.
    let not_now = matches!(
        code,
        "TooManyRequestsException"
            | "LimitExceededException"
            | "Throttling"
            | "ThrottlingException"
            | "RequestThrottled"
    );
    match status {
        _ if not_now => Outcome::Deferred(reason),
        401 | 403 | 429 => Outcome::Deferred(reason),
        400..=499 => Outcome::Refused(reason),
        _ => Outcome::Unknown(format!("{status} {reason}")),
    }
}

/// Whether the request provably never left: no address was found for the
/// service, or nobody took the connection.
fn never_left(error: &SdkError<SendEmailError>) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == ErrorKind::ConnectionRefused)
            || error.is::<ResolveDnsError>()
        {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_refuses_was_not_sent_and_will_not_be() {
        for code in [
            "MessageRejected",
            "AccountSuspendedException",
            "SendingPausedException",
            "MailFromDomainNotVerifiedException",
            "BadRequestException",
        ] {
            assert_eq!(answered(400, code), Outcome::Refused(code.to_owned()));
        }
    }

    #[test]
    fn too_many_at_once_or_no_right_to_ask_is_for_later() {
        for (status, code) in [
            (429, "TooManyRequestsException"),
            (400, "ThrottlingException"),
            (400, "LimitExceededException"),
            (403, "AccessDeniedException"),
            (403, "ExpiredTokenException"),
        ] {
            let outcome = answered(status, code);
            assert_eq!(outcome, Outcome::Deferred(code.to_owned()));
        }
    }

    #[test]
    fn a_fault_of_the_service_says_nothing_of_the_mail() {
        for status in [500, 502, 503, 504] {
            let outcome = answered(status, "InternalFailure");
            assert!(matches!(outcome, Outcome::Unknown(_)), "{status}");
        }
    }
}
