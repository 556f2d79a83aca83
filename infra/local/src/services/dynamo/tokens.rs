//! Transactions already run: a client that repeats one under its token gets the same answer, and nothing happens.
//!
//! Reference: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>

use std::collections::{HashMap, VecDeque};

use dynoxide::DynoxideError;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// How long `DynamoDB` knows a token.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(10);
/// The most tokens that are known at a time: bounds memory in a long run at one instant.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Tokens {
    by_token: HashMap<String, Run>,
    oldest_first: VecDeque<(Timestamp, String)>,
}

struct Run {
    items: Box<str>,
    answer: Box<str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'a> {
    client_request_token: Option<String>,
    #[serde(borrow)]
    transact_items: Option<&'a RawValue>,
}

/// The token of a transaction's request, if it has one of a length that `DynamoDB` accepts.
pub(super) fn token_of(body: &[u8]) -> Option<String> {
    let request: Request = serde_json::from_slice(body).ok()?;
    let token = request.client_request_token?;
    (1..=36).contains(&token.len()).then_some(token)
}

impl Tokens {
    /// The answer the token's transaction had, or the refusal of a transaction that is not the token's.
    pub(super) fn find(
        &mut self,
        token: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Option<Result<String, DynoxideError>> {
        self.forget_old(now);
        let run = self.by_token.get(token)?;
        if same(&run.items, items_of(body).as_deref().unwrap_or_default()) {
            return Some(Ok(run.answer.to_string()));
        }
        let text = "Request token was already used with other parameters";
        Some(Err(DynoxideError::IdempotentParameterMismatchException(
            text.to_owned(),
        )))
    }

    pub(super) fn keep(&mut self, token: String, body: &[u8], answer: &str, now: Timestamp) {
        let Some(items) = items_of(body) else {
            return;
        };
        let answer = answer.into();
        self.by_token.insert(token.clone(), Run { items, answer });
        self.oldest_first.push_back((now, token));
    }

    fn forget_old(&mut self, now: Timestamp) {
        while let Some((kept_at, _)) = self.oldest_first.front() {
            if self.oldest_first.len() < MOST && now.duration_since(*kept_at) < KNOWN_FOR {
                break;
            }
            if let Some((_, token)) = self.oldest_first.pop_front() {
                self.by_token.remove(&token);
            }
        }
    }
}

fn items_of(body: &[u8]) -> Option<Box<str>> {
    let request: Request = serde_json::from_slice(body).ok()?;
    request.transact_items.map(|items| items.get().into())
}

/// Whether two lists of actions are the same, in whatever order their maps were written.
fn same(a: &str, b: &str) -> bool {
    a == b
        || serde_json::from_str::<Value>(a)
            .is_ok_and(|a| serde_json::from_str::<Value>(b).is_ok_and(|b| a == b))
}
