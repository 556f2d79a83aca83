//! A request, and what becomes of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Doubt, Kind, PrivacyNews, Scope, State, Whom};
use crate::customer::Node;
use crate::identity::{Email, ExternalId, NodeId};
use crate::named::SegmentId;

/// How long the law gives.
const MOST_TIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A request and what became of it. Once it is carried out it names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// Counts writes; 0 is not stored yet.
    #[serde(rename = "v")]
    pub version: u64,
    /// What is asked.
    pub asks: Kind,
    /// The system that asks.
    pub source: String,
    /// The shop there.
    pub shop: String,
    /// The customer's id at the source, until they are forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<ExternalId>,
    /// Who that is; nobody if nothing is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    /// Guests who are the same: found by the address or by an order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<NodeId>,
    /// What else they may be found by, until they are forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<String>,
    /// Other ids at shops that they go by, as far as that is known, until they
    /// are forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_ids: Vec<ExternalId>,
    /// Orders that were named and that nobody had told of, until they are
    /// forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<ExternalId>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it came.
    pub received_at: Timestamp,
    /// By when it has to be carried out.
    pub due_by: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Whom it is about, of the person that was found.
    #[serde(default)]
    pub scope: Scope,
    /// Why somebody has to decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// Whether nothing is held of whom it is about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nothing_held: bool,
    /// When it was carried out, or declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
    /// Who decided it, if a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_by: Option<String>,
    /// Letters about the person that were thrown away unread.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub letters_removed: u32,
    /// Letters of other customers that name the person as well: they stay.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub letters_of_others: u32,
    /// Named segments that name the person: for somebody to change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named_in: Vec<SegmentId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Request {
    /// A request as it comes, of whoever was found.
    #[must_use]
    pub fn new(id: String, news: &PrivacyNews, whom: Whom, now: Timestamp) -> Self {
        let (source, shop) = news.asked.shop();
        let asks = news.asked.kind();
        let whole_shop = asks == Kind::ShopRedact;
        let (node, also, doubt) = whom.parts();
        let state = match (asks, &node) {
            (Kind::DataRequest, Some(_)) => State::Ready,
            (Kind::DataRequest, None) => State::Done,
            (Kind::Redact | Kind::ShopRedact, _) => State::Open,
        };
        let state = doubt.map_or(state, |_| State::NeedsAPerson);
        let finished = state == State::Done;
        Self {
            id,
            version: 0,
            asks,
            source: source.to_owned(),
            shop: shop.to_owned(),
            // Of whom nothing is held, the request shall not hold anything either.
            customer: news.asked.customer().filter(|_| !finished).cloned(),
            nothing_held: node.is_none() && !whole_shop,
            node,
            also,
            traces: if asks == Kind::DataRequest {
                Vec::new()
            } else {
                news.traces.clone()
            },
            other_ids: Vec::new(),
            orders: Vec::new(),
            asked_at: news.at,
            received_at: now,
            due_by: now.checked_add(MOST_TIME).unwrap_or(now),
            state,
            scope: Scope::default(),
            doubt,
            done_at: finished.then_some(now),
            done_by: None,
            letters_removed: 0,
            letters_of_others: 0,
            named_in: Vec::new(),
        }
    }

    /// Whether something is of the shop that asks.
    #[must_use]
    pub fn is_of_shop(&self, id: &ExternalId) -> bool {
        id.source() == self.source && id.shop() == self.shop
    }

    /// All nodes it is about, in an order that stays the same.
    pub fn nodes(&self) -> impl Iterator<Item = &NodeId> {
        self.node.iter().chain(&self.also)
    }

    /// Notes by what one of those it is about is known.
    pub fn know(&mut self, node: &Node) {
        let claimed = node.claimed_email.iter().map(Email::as_str);
        for text in node.profile.texts().chain(claimed).map(str::to_owned) {
            if !self.traces.contains(&text) {
                self.traces.push(text);
            }
        }
        let asked = self.customer.as_ref();
        let other = node.external_id.iter().filter(|id| Some(*id) != asked);
        for id in other {
            if !self.other_ids.contains(id) {
                self.other_ids.push(id.clone());
            }
        }
    }

    /// Lets somebody decide.
    pub fn doubt(&mut self, doubt: Doubt) {
        self.state = State::NeedsAPerson;
        self.doubt = Some(doubt);
    }

    /// Notes that it is carried out, and forgets whom it was about.
    pub fn finish(&mut self, now: Timestamp) {
        self.state = State::Done;
        self.done_at = Some(now);
        if self.asks != Kind::DataRequest {
            self.forget();
        }
    }

    /// Notes that whoever was found is not meant, and forgets what led there.
    pub fn decline(&mut self, now: Timestamp) {
        self.state = State::Declined;
        self.done_at = Some(now);
        self.forget();
    }

    /// Takes out what identifies whom it is about.
    pub fn forget(&mut self) {
        self.customer = None;
        self.traces.clear();
        self.other_ids.clear();
        self.orders.clear();
    }
}
