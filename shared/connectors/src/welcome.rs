//! The mail to somebody who has just bought for the first time.
//!
//! It belongs to the order (it is transactional), so it advertises nothing
//! and needs no consent and no way to unsubscribe.

use std::collections::BTreeMap;

use crm_domain::customer::Profile;
use crm_domain::identity::Email;

use crate::mail::Mail;
use crate::mailbox::mailbox;
use crate::text::{escaped, first_name, line};

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender<'a> {
    /// The store's name.
    pub store: &'a str,
    /// The address the mail comes from.
    pub address: &'a str,
}

/// The welcome, ready to send; `order` is the number people use.
#[must_use]
pub fn request(
    message_id: &str,
    sender: Sender<'_>,
    to: &Email,
    profile: &Profile,
    order: Option<&str>,
) -> Mail {
    let store = line(sender.store, 100);
    let greeting = profile.first_name.as_deref().and_then(first_name);
    let greeting = greeting.map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},"));
    let order = order
        .map(|name| line(name, 60))
        .filter(|name| !name.is_empty());
    let paragraphs = paragraphs(&store, order.as_deref());
    Mail {
        to: to.clone(),
        from: mailbox(&store, sender.address),
        subject: format!("Welcome to {store}"),
        text: as_text(&greeting, &paragraphs, &store),
        html: as_html(&greeting, &paragraphs, &store),
        headers: BTreeMap::from([
            ("X-Crm-Message-Id", message_id.to_owned()),
            // No holiday answers to a machine (RFC 3834).
            ("Auto-Submitted", "auto-generated".to_owned()),
        ]),
        tags: BTreeMap::from([
            ("workflow", "welcome".to_owned()),
            ("message_id", message_id.to_owned()),
        ]),
    }
}

fn paragraphs(store: &str, order: Option<&str>) -> [String; 3] {
    let thanks = match order {
        Some(order) => {
            format!("Thank you for your first order with {store}. We have received order {order}.")
        }
        None => format!("Thank you for your first order with {store}. We have received it."),
    };
    [
        thanks,
        "What happens next: we get your order ready, and you hear from us again when it is on \
         its way. There is nothing you need to do."
            .to_owned(),
        "If something is not right with your order, simply reply to this e-mail and we will \
         help."
            .to_owned(),
    ]
}

fn as_text(greeting: &str, paragraphs: &[String], store: &str) -> String {
    let body = paragraphs.join("\n\n");
    format!("{greeting}\n\n{body}\n\nYours,\n{store}\n")
}

fn as_html(greeting: &str, paragraphs: &[String], store: &str) -> String {
    let store = escaped(store);
    let lines = std::iter::once(greeting).chain(paragraphs.iter().map(String::as_str));
    let body: String = lines
        .flat_map(|line| ["<p>".to_owned(), escaped(line), "</p>\n".to_owned()])
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Welcome to \
         {store}</title></head>\n<body style=\"font-family:sans-serif;line-height:1.5\">\n{body}\
         <p>Yours,<br>{store}</p>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: Sender<'static> = Sender {
        store: "Lamps & More",
        address: "hello@lamps.example",
    };

    fn welcome(first_name: Option<&str>, order: Option<&str>) -> Mail {
        let to = Email::parse("ada@example.com").unwrap();
        let profile = Profile {
            first_name: first_name.map(str::to_owned),
            ..Profile::default()
        };
        request("welcome-ada2ada2", SENDER, &to, &profile, order)
    }

    #[test]
    fn ada_is_greeted_thanked_and_told_what_happens_next() {
        let mail = welcome(Some("Ada"), Some("#1001"));
        assert_eq!(mail.from, "\"Lamps & More\" <hello@lamps.example>");
        assert_eq!(mail.subject, "Welcome to Lamps & More");
        insta::assert_snapshot!(mail.text, @r"
        Hello Ada,

        Thank you for your first order with Lamps & More. We have received order #1001.

        What happens next: we get your order ready, and you hear from us again when it is on its way. There is nothing you need to do.

        If something is not right with your order, simply reply to this e-mail and we will help.

        Yours,
        Lamps & More
        ");
        insta::assert_snapshot!(mail.html, @r#"
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Welcome to Lamps &amp; More</title></head>
        <body style="font-family:sans-serif;line-height:1.5">
        <p>Hello Ada,</p>
        <p>Thank you for your first order with Lamps &amp; More. We have received order #1001.</p>
        <p>What happens next: we get your order ready, and you hear from us again when it is on its way. There is nothing you need to do.</p>
        <p>If something is not right with your order, simply reply to this e-mail and we will help.</p>
        <p>Yours,<br>Lamps &amp; More</p>
        </body>
        </html>
        "#);
    }

    #[test]
    fn someone_whose_name_or_number_is_not_known_is_greeted_too() {
        let mail = welcome(None, None);
        assert!(mail.text.starts_with("Hello,\n"));
        assert!(mail.text.contains("We have received it."));
    }

    #[test]
    fn words_from_outside_never_become_markup() {
        let mail = welcome(Some("Ada"), Some("<img src=x onerror=alert(1)>"));
        assert!(!mail.html.contains("<img"));
    }

    #[test]
    fn labels_and_headers_name_the_message_and_nobody() {
        let mail = welcome(Some("Ada"), Some("#1001"));
        assert_eq!(mail.headers["X-Crm-Message-Id"], "welcome-ada2ada2");
        let all = format!("{:?}{:?}", mail.headers, mail.tags);
        assert!(!all.contains("example.com") && !all.contains("Ada"));
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        assert!(mail.tags.values().all(|value| value.chars().all(fits)));
        assert_eq!(format!("{mail:?}"), "Mail(…)");
    }
}
