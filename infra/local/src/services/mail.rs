//! A mailbox instead of the world: what SES would have sent stays here to be looked at.
//!
//! Reference: <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_smithy_runtime_api::client::result::ConnectorError;
use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ServiceError;
use super::fault;
use super::ledger::{Ledger, stored, time};
use super::reply::{Refusal, Reply, answer, read};
use crate::clock::Clock;

/// A letter as it would have gone out.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// The id SES gave the sender.
    #[serde(skip)]
    pub id: String,
    /// When it was sent.
    #[serde(skip)]
    pub sent_at: Timestamp,
    /// The sender's address.
    pub from: String,
    /// Everyone it goes to, openly or as a copy.
    pub to: Vec<String>,
    /// Where answers go.
    pub reply_to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: Option<String>,
    /// Its HTML part.
    pub html: Option<String>,
    /// Headers the sender added.
    pub headers: BTreeMap<String, String>,
    /// Tags the sender added.
    pub tags: BTreeMap<String, String>,
    /// The configuration set it was sent with.
    pub configuration_set: Option<String>,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({})", self.id)
    }
}

/// How the mailbox fails when it is told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFault {
    /// Too many letters at once; not sent.
    Throttled,
    /// The letter is refused for good; not sent.
    Rejected,
    /// The letter is sent, but the sender never hears of it.
    LostReply,
}

/// The mailbox.
pub struct Mail {
    ledger: Arc<Ledger>,
    clock: Clock,
    faults: Mutex<VecDeque<MailFault>>,
}

impl Mail {
    pub(super) fn new(ledger: Arc<Ledger>, clock: Clock) -> Self {
        Self {
            ledger,
            clock,
            faults: Mutex::default(),
        }
    }

    /// Every letter, oldest first.
    ///
    /// # Errors
    ///
    /// [`ServiceError`].
    pub fn letters(&self) -> Result<Vec<Letter>, ServiceError> {
        let rows: Vec<(i64, i64, String)> = self.ledger.read(|file| {
            let sql = "SELECT id, sent_at, letter FROM letters ORDER BY id";
            let mut statement = file.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| row.try_into())?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let letter = |(id, sent_at, letter): (i64, i64, String)| {
            let mut letter: Letter = serde_json::from_str(&letter)?;
            letter.id = message_id(id);
            letter.sent_at = time(sent_at);
            Ok(letter)
        };
        rows.into_iter().map(letter).collect()
    }

    /// Throws away every letter that went to `address`, in any spelling of its letters; gives how many.
    ///
    /// # Errors
    ///
    /// [`ServiceError`].
    pub fn forget(&self, address: &str) -> Result<usize, ServiceError> {
        let mut forgotten = 0;
        for letter in self.letters()? {
            if letter.to.iter().any(|to| to.eq_ignore_ascii_case(address)) {
                let number = i64::from_str_radix(&letter.id, 16).unwrap_or_default();
                forgotten += self.ledger.write(|file| {
                    Ok(file.execute("DELETE FROM letters WHERE id = ?1", [number])?)
                })?;
            }
        }
        Ok(forgotten)
    }

    /// Makes the next letter that has no fault yet fail in this way.
    pub fn fail_next(&self, fault: MailFault) {
        self.faults().push_back(fault);
    }

    pub(super) fn call(&self, body: &[u8]) -> Result<Reply, ConnectorError> {
        let fault = self.faults().pop_front();
        let refused = match fault {
            Some(MailFault::Throttled) => Some((429, "TooManyRequestsException")),
            Some(MailFault::Rejected) => Some((400, "MessageRejected")),
            Some(MailFault::LostReply) | None => None,
        };
        if let Some((status, code)) = refused {
            return Ok(Refusal::new(status, code, "the mailbox was told to refuse").into());
        }
        let reply: Reply = answer(self.send(body));
        if fault == Some(MailFault::LostReply) {
            return Err(fault::connection_broke());
        }
        Ok(reply)
    }

    fn faults(&self) -> MutexGuard<'_, VecDeque<MailFault>> {
        self.faults.lock().expect("no holder of mail faults panics")
    }

    fn send(&self, body: &[u8]) -> Result<Value, Refusal> {
        let request: SendEmail = read(body)?;
        let letter = request.letter()?;
        let now = self.clock.now();
        let letter = serde_json::to_string(&letter).map_err(ServiceError::from)?;
        let number = self.ledger.write(|file| {
            let sql = "INSERT INTO letters (sent_at, letter) VALUES (?1, ?2)";
            file.prepare_cached(sql)?
                .execute(params![stored(now), letter])?;
            Ok(file.last_insert_rowid())
        })?;
        Ok(json!({ "MessageId": message_id(number) }))
    }
}

fn message_id(number: i64) -> String {
    format!("{number:032x}")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    destination: Option<Addresses>,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    content: Content,
    #[serde(default)]
    email_tags: Vec<Pair>,
    configuration_set_name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Addresses {
    #[serde(rename = "ToAddresses")]
    to: Vec<String>,
    #[serde(rename = "CcAddresses")]
    cc: Vec<String>,
    #[serde(rename = "BccAddresses")]
    bcc: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Part,
    body: Body,
    #[serde(default)]
    headers: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Part>,
    html: Option<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    name: String,
    value: String,
}

impl SendEmail {
    fn letter(self) -> Result<Letter, Refusal> {
        let bad = |text: &str| Refusal::bad("BadRequestException", text);
        let from = self.from_email_address;
        let from = from.ok_or_else(|| bad("Missing required header 'From'."))?;
        let Addresses { mut to, cc, bcc } = self.destination.unwrap_or_default();
        to.extend(cc);
        to.extend(bcc);
        if to.is_empty() {
            return Err(bad("Destination must have at least one address."));
        }
        if to.len() > 50 {
            return Err(bad("Recipient count exceeds 50."));
        }
        let simple = self.content.simple;
        let simple = simple.ok_or_else(|| bad("only simple content is taken here"))?;
        Ok(Letter {
            id: String::new(),
            sent_at: Timestamp::UNIX_EPOCH,
            from,
            to,
            reply_to: self.reply_to_addresses,
            subject: simple.subject.data,
            text: simple.body.text.map(|part| part.data),
            html: simple.body.html.map(|part| part.data),
            headers: pairs(simple.headers),
            tags: pairs(self.email_tags),
            configuration_set: self.configuration_set_name,
        })
    }
}

fn pairs(pairs: Vec<Pair>) -> BTreeMap<String, String> {
    let pairs = pairs.into_iter();
    pairs.map(|pair| (pair.name, pair.value)).collect()
}
