use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};

use super::{code, services};
use crate::services::Services;
use crate::services::mail::MailFault;

fn part(text: &str) -> Content {
    Content::builder().data(text).build().unwrap()
}

fn letter(
    services: &Services,
) -> aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder {
    let body = Body::builder()
        .text(part("Hello Ada"))
        .html(part("<p>Hello Ada</p>"));
    let header = MessageHeader::builder()
        .name("List-Unsubscribe")
        .value("<https://shop.example/u>");
    let message = Message::builder()
        .subject(part("Welcome"))
        .body(body.build())
        .headers(header.build().unwrap());
    let tag = MessageTag::builder().name("workflow").value("welcome");
    Client::new(&services.sdk_config())
        .send_email()
        .from_email_address("shop@example.com")
        .destination(
            Destination::builder()
                .to_addresses("ada@example.com")
                .build(),
        )
        .content(EmailContent::builder().simple(message.build()).build())
        .email_tags(tag.build().unwrap())
        .configuration_set_name("crm")
}

#[tokio::test]
async fn a_letter_lies_in_the_mailbox_as_it_was_sent() {
    let services = services();
    let sent = letter(&services).send().await.unwrap();

    let letters = services.mail().letters().unwrap();

    let [letter] = &letters[..] else {
        panic!("one letter");
    };
    assert_eq!(Some(letter.id.as_str()), sent.message_id());
    assert_eq!(letter.sent_at, services.clock().now());
    assert_eq!(letter.to, ["ada@example.com"]);
    assert_eq!(letter.subject, "Welcome");
    assert_eq!(letter.text.as_deref(), Some("Hello Ada"));
    assert_eq!(letter.html.as_deref(), Some("<p>Hello Ada</p>"));
    assert_eq!(
        letter.headers["List-Unsubscribe"],
        "<https://shop.example/u>"
    );
    assert_eq!(letter.tags["workflow"], "welcome");
    assert_eq!(letter.configuration_set.as_deref(), Some("crm"));
    assert!(!format!("{letter:?}").contains("ada"));
    assert_eq!(services.mail().forget("ADA@example.com").unwrap(), 1);
    assert!(services.mail().letters().unwrap().is_empty());
}

#[tokio::test]
async fn the_mailbox_fails_as_told_and_only_once() {
    let services = services();
    services.mail().fail_next(MailFault::Rejected);
    let error = letter(&services).send().await.unwrap_err();
    assert_eq!(code(&error), "MessageRejected");
    assert!(services.mail().letters().unwrap().is_empty());

    // A client that may not retry sees the throttling; and of a lost reply nothing but a broken connection.
    let once = || {
        aws_sdk_sesv2::config::Config::builder()
            .retry_config(aws_sdk_sesv2::config::retry::RetryConfig::disabled())
    };
    services.mail().fail_next(MailFault::Throttled);
    let sent = letter(&services)
        .customize()
        .config_override(once())
        .send()
        .await;
    assert_eq!(code(&sent.unwrap_err()), "TooManyRequestsException");

    services.mail().fail_next(MailFault::LostReply);
    let sent = letter(&services)
        .customize()
        .config_override(once())
        .send()
        .await;
    assert_eq!(code(&sent.unwrap_err()), "no service error");
    assert_eq!(services.mail().letters().unwrap().len(), 1);
}
