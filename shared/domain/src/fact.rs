//! What a delivery says, in our own terms.

use jiff::Timestamp;

use crate::consent::ConsentNews;
use crate::customer::CustomerFact;
use crate::identity::{Email, ExternalId};
use crate::order::OrderChange;
use crate::privacy::PrivacyNews;
use crate::returns::{LooseReturn, ReturnChange};
use crate::stamp::Stamp;
use crate::tags::TagNews;

/// One delivery, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// News about an order.
    Order {
        /// The source's id of the order.
        order: ExternalId,
        /// The news.
        change: OrderChange,
        /// Who bought, when the delivery tells.
        buyer: Option<Buyer>,
    },
    /// News of a return whose order the delivery does not name.
    Return {
        /// The source's id of the return.
        id: ExternalId,
        /// The news.
        change: ReturnChange,
    },
    /// A return that belongs to a customer but to no order.
    LooseReturn {
        /// The source's id of the return.
        id: ExternalId,
        /// The return.
        news: LooseReturn,
        /// Its currency.
        currency: crate::money::Currency,
        /// Whose it is.
        buyer: Buyer,
    },
    /// News about a customer.
    Customer(Box<CustomerFact>),
    /// A customer decided about marketing; none of it when all that is told is
    /// that there is such a customer.
    Consent {
        /// The source's id of the customer.
        id: ExternalId,
        /// What was decided.
        news: Vec<ConsentNews>,
    },
    /// A customer was given labels, or they were taken away.
    Tags {
        /// The source's id of the customer.
        id: ExternalId,
        /// Which delivery said so.
        stamp: Stamp,
        /// Which labels.
        news: TagNews,
    },
    /// A product is of some kind.
    Product {
        /// The source's id of the product.
        id: ExternalId,
        /// Which telling it is.
        stamp: Stamp,
        /// Its category, where it has one.
        category: Option<String>,
    },
    /// A customer was deleted at the source.
    CustomerDeleted {
        /// The source's id of the customer.
        id: ExternalId,
        /// Which delivery said so.
        stamp: Stamp,
    },
    /// Two customers were merged at the source.
    CustomersMerged {
        /// The one that stays.
        kept: ExternalId,
        /// The one that is gone there.
        gone: ExternalId,
        /// When the source said so, where it tells.
        told_at: Option<Timestamp>,
    },
    /// A person asks what is held of them, or to be forgotten.
    Privacy(Box<PrivacyNews>),
}

/// Who is behind an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// What the order tells of the customer; a guest's has no id.
    pub customer: CustomerFact,
}

impl Buyer {
    /// The source's customer id, unless a guest.
    #[must_use]
    pub fn id(&self) -> Option<&ExternalId> {
        self.customer.id.as_ref()
    }

    /// The address the customer goes by now, if any.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        self.customer.profile.email.as_ref()
    }
}
