//! What one part of a slice came to, kept until all are there.
//!
//! The first of several attempts that keeps a partial has decided how far the
//! part goes; those after it find that and go by it. A partial too big for an
//! item is cut into chunks, kept under a digest of the whole before the
//! partial itself is: chunks of two attempts never mix.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Committed, Expected};
use crate::error::StoreError;
use crate::item::{Item, from_item, to_item};
use crate::keys;
use crate::scan::PersonPlace;

/// Most bytes in one item; DynamoDB takes 400 KB with everything.
const CHUNK_BYTES: usize = 300 * 1024;

/// Which partial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialKey<'a> {
    /// Id of the run.
    pub run: &'a str,
    /// The stage that made it: `measure` or `apply`.
    pub stage: &'a str,
    /// The slice.
    pub slice: u32,
    /// The part of it.
    pub part: u32,
}

/// What a part of a slice came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partial {
    /// Behind whom the next part begins; none if the slice is at its end.
    pub next: Option<PersonPlace>,
    /// The result, in whatever form its maker reads.
    pub body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    v: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<PersonPlace>,
    /// Which chunks hold the body, where it is not in this item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chunks: Option<(String, u32)>,
    expires_at: u64,
}

#[derive(Serialize, Deserialize)]
struct Chunk {
    expires_at: u64,
}

impl Store {
    /// Keeps a partial, unless there is one: a conflict says that another
    /// attempt was faster, and its partial stands.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn partial_put(
        &self,
        of: PartialKey<'_>,
        partial: &Partial,
        expires_at: u64,
    ) -> Result<Committed, StoreError> {
        let mut head = Head {
            v: 1,
            next: partial.next.clone(),
            chunks: None,
            expires_at,
        };
        let mut body = Some(&partial.body);
        if partial.body.len() > CHUNK_BYTES {
            let digest = digest(&partial.body);
            let mut count = 0;
            for bytes in partial.body.chunks(CHUNK_BYTES) {
                let key = keys::partial_chunk(of.run, &digest, count);
                let item = to_item("pass_chunk", &key, &Chunk { expires_at })?;
                self.keep(key, with_body(item, bytes), Expected::Anything)
                    .await?;
                count += 1;
            }
            head.chunks = Some((digest, count));
            body = None;
        }
        let key = of.key();
        let mut item = to_item("pass_partial", &key, &head)?;
        if let Some(body) = body {
            item = with_body(item, body);
        }
        self.keep(key, item, Expected::Absent).await
    }

    async fn keep(
        &self,
        key: keys::Key,
        item: Item,
        expected: Expected,
    ) -> Result<Committed, StoreError> {
        let mut changes = Changes::new();
        changes.put(false, key, item, expected);
        self.commit(changes).await
    }

    /// A partial, if it was kept.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn partial_fetch(&self, of: PartialKey<'_>) -> Result<Option<Partial>, StoreError> {
        let Some(mut item) = self.fact_item(&of.key()).await? else {
            return Ok(None);
        };
        let mut body = body_of(&mut item);
        let head: Head = from_item("pass_partial", item)?;
        if let Some((digest, count)) = &head.chunks {
            for number in 0..*count {
                let key = keys::partial_chunk(of.run, digest, number);
                let chunk = self.fact_item(&key).await?;
                let mut chunk = chunk.ok_or(StoreError::Malformed { item: "pass_chunk" })?;
                body.append(&mut body_of(&mut chunk));
            }
        }
        Ok(Some(Partial {
            next: head.next,
            body,
        }))
    }
}

impl PartialKey<'_> {
    fn key(&self) -> keys::Key {
        keys::partial(self.run, self.stage, self.slice, self.part)
    }
}

fn with_body(mut item: Item, bytes: &[u8]) -> Item {
    let body = AttributeValue::B(Blob::new(bytes));
    item.insert("body".to_owned(), body);
    item
}

fn body_of(item: &mut Item) -> Vec<u8> {
    match item.remove("body") {
        Some(AttributeValue::B(blob)) => blob.into_inner(),
        _ => Vec::new(),
    }
}

/// FNV-1a over all bytes and their number: tells the results of two attempts
/// apart, which nobody makes alike on purpose.
fn digest(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}-{}", bytes.len())
}
