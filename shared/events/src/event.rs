//! An event and its written form.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::case::CaseNews;
use crate::customer::{CustomerAssessed, CustomerCreated};
use crate::merge::{CustomerMerged, CustomerUnmerged};
use crate::order::{OrderChanged, OrderCounted, OrderUncounted};
use crate::returns::ReturnRecorded;

/// The version written; a later one is added beside it.
const VERSION: u32 = 1;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The same for the same change, however often it is told.
    pub id: String,
    /// When it happened, by the clock of whoever brought the news.
    pub at: Timestamp,
    /// What happened.
    pub news: News,
}

/// What happened, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// `order.counted`: an order entered its customer's totals.
    OrderCounted(OrderCounted),
    /// `order.uncounted`: an order left the totals.
    OrderUncounted(OrderUncounted),
    /// `order.changed`: status, worth or owner of an order changed.
    OrderChanged(OrderChanged),
    /// `return.recorded`: a return without an order was booked or corrected.
    ReturnRecorded(ReturnRecorded),
    /// `customer.created`: a customer was seen for the first time.
    CustomerCreated(CustomerCreated),
    /// `customer.assessed`: what a person counts as changed.
    CustomerAssessed(CustomerAssessed),
    /// `customer.merged`: two persons became one.
    CustomerMerged(CustomerMerged),
    /// `customer.unmerged`: a merge was undone.
    CustomerUnmerged(CustomerUnmerged),
    /// `case.opened`: somebody asked.
    CaseOpened(CaseNews),
    /// `case.warned`: three quarters of the time to answer are over.
    CaseWarned(CaseNews),
    /// `case.breached`: nobody answered in time.
    CaseBreached(CaseNews),
}

/// Which write of an item an event tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The item's version after the write.
    pub version: u64,
    /// When it happened.
    pub at: Timestamp,
}

/// An event that this version cannot read; says which part, never its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableEvent {
    /// A version that was released after this code.
    #[error("the event {kind} has version {version}, and {VERSION} is the latest known here")]
    Newer {
        /// Its kind.
        kind: String,
        /// Its version.
        version: u32,
    },
    /// Not of the shape its kind has.
    #[error("the event {kind} has the wrong shape ({category:?})")]
    Malformed {
        /// Its kind.
        kind: String,
        /// What is wrong: its syntax or its data.
        category: serde_json::error::Category,
    },
}

#[derive(Serialize, Deserialize)]
struct Envelope<Id> {
    v: u32,
    id: Id,
    at: Timestamp,
}

#[derive(Serialize)]
struct Detail<'a, T> {
    #[serde(flatten)]
    envelope: Envelope<&'a str>,
    #[serde(flatten)]
    news: &'a T,
}

impl Written {
    /// The event of this write of `item`.
    pub(crate) fn event(self, item: &str, news: News) -> Event {
        Event {
            id: format!("{}/{item}/{}", news.kind(), self.version),
            at: self.at,
            news,
        }
    }
}

impl News {
    /// The kind, which is the event's `detail-type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::OrderCounted(_) => "order.counted",
            Self::OrderUncounted(_) => "order.uncounted",
            Self::OrderChanged(_) => "order.changed",
            Self::ReturnRecorded(_) => "return.recorded",
            Self::CustomerCreated(_) => "customer.created",
            Self::CustomerAssessed(_) => "customer.assessed",
            Self::CustomerMerged(_) => "customer.merged",
            Self::CustomerUnmerged(_) => "customer.unmerged",
            Self::CaseOpened(_) => "case.opened",
            Self::CaseWarned(_) => "case.warned",
            Self::CaseBreached(_) => "case.breached",
        }
    }

    fn read(kind: &str, detail: &str) -> Result<Option<Self>, serde_json::Error> {
        fn of<T: DeserializeOwned>(
            detail: &str,
            news: fn(T) -> News,
        ) -> Result<Option<News>, serde_json::Error> {
            serde_json::from_str(detail).map(|told| Some(news(told)))
        }
        match kind {
            "order.counted" => of(detail, Self::OrderCounted),
            "order.uncounted" => of(detail, Self::OrderUncounted),
            "order.changed" => of(detail, Self::OrderChanged),
            "return.recorded" => of(detail, Self::ReturnRecorded),
            "customer.created" => of(detail, Self::CustomerCreated),
            "customer.assessed" => of(detail, Self::CustomerAssessed),
            "customer.merged" => of(detail, Self::CustomerMerged),
            "customer.unmerged" => of(detail, Self::CustomerUnmerged),
            "case.opened" => of(detail, Self::CaseOpened),
            "case.warned" => of(detail, Self::CaseWarned),
            "case.breached" => of(detail, Self::CaseBreached),
            _ => Ok(None),
        }
    }
}

impl Event {
    /// The `detail` it is published with: one JSON object.
    #[must_use]
    pub fn detail(&self) -> String {
        match &self.news {
            News::OrderCounted(news) => self.written(news),
            News::OrderUncounted(news) => self.written(news),
            News::OrderChanged(news) => self.written(news),
            News::ReturnRecorded(news) => self.written(news),
            News::CustomerCreated(news) => self.written(news),
            News::CustomerAssessed(news) => self.written(news),
            News::CustomerMerged(news) => self.written(news),
            News::CustomerUnmerged(news) => self.written(news),
            News::CaseOpened(news) | News::CaseWarned(news) | News::CaseBreached(news) => {
                self.written(news)
            }
        }
    }

    fn written<T: Serialize>(&self, news: &T) -> String {
        let envelope = Envelope {
            v: VERSION,
            id: self.id.as_str(),
            at: self.at,
        };
        serde_json::to_string(&Detail { envelope, news })
            .expect("structs of text, numbers and truth values always make JSON")
    }

    /// Reads what was published as `kind` with `detail`; nothing for a kind
    /// that is not known here.
    ///
    /// # Errors
    ///
    /// [`UnreadableEvent`].
    pub fn read(kind: &str, detail: &str) -> Result<Option<Self>, UnreadableEvent> {
        let malformed = |error: serde_json::Error| UnreadableEvent::Malformed {
            kind: kind.to_owned(),
            category: error.classify(),
        };
        let envelope: Envelope<String> = serde_json::from_str(detail).map_err(malformed)?;
        if envelope.v > VERSION {
            return Err(UnreadableEvent::Newer {
                kind: kind.to_owned(),
                version: envelope.v,
            });
        }
        let news = News::read(kind, detail).map_err(malformed)?;
        Ok(news.map(|news| Self {
            id: envelope.id,
            at: envelope.at,
            news,
        }))
    }
}
