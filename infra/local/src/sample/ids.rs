//! Ids as a shop gives them: whole numbers, some too long for a binary float.

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A customer.
    Customer = 1,
    /// A customer's address.
    Address = 2,
    /// An order.
    Order = 3,
    /// A line of an order.
    Line = 4,
    /// A shipment.
    Fulfilment = 5,
    /// An event of a shipment.
    ShipmentEvent = 6,
    /// A refund.
    Refund = 7,
    /// A line of a refund.
    RefundLine = 8,
    /// A return.
    Return = 9,
    /// A line of a return.
    ReturnLine = 10,
    /// A company.
    Company = 11,
    /// A product.
    Product = 12,
}

/// The id of a person's `n`th thing of a kind. Every twentieth person's ids
/// lie beyond 2^53.
#[must_use]
pub fn id(kind: Kind, person: u32, n: u64) -> u64 {
    let beyond = if person.is_multiple_of(20) {
        720_000_000_000_000_000
    } else {
        0
    };
    beyond + (kind as u64) * 1_000_000_000_000 + u64::from(person) * 10_000 + n
}

/// The same id in the form of the shop's other interface.
#[must_use]
pub fn gid(noun: &str, id: u64) -> String {
    format!("gid://shopify/{noun}/{id}")
}
