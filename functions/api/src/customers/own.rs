//! What belongs to a customer, by an id that a caller gives.

use crm_domain::identity::ExternalId;
use crm_store::{Consistency, PersonRecord, Store, Wanted};

use crate::problem::{Problem, Trouble};

/// What the id of an order must be.
pub(crate) const ORDER_OF_CUSTOMER: &str =
    "must be the id of one order of this customer, as {source}:{shop}:{id} or {source}:{id}";

/// The one order of a person that goes by a long or a short id, given as
/// `order_id`.
pub(crate) async fn order_of(
    store: &Store,
    person: &PersonRecord,
    order: &str,
) -> Result<ExternalId, Trouble> {
    let ids: Vec<_> = match (ExternalId::parse(order), order.split_once(':')) {
        (Ok(id), _) => vec![id],
        (Err(_), Some((source, id))) => {
            let shops = store.shop_list(source).await?;
            let ids = shops.iter().map(|shop| ExternalId::new(source, shop, id));
            ids.filter_map(Result::ok).collect()
        }
        (Err(_), None) => Vec::new(),
    };
    let mut wanted = Wanted::default();
    for id in &ids {
        wanted.order(id);
    }
    let loaded = store.load(&wanted, Consistency::Strong).await?;
    let mut theirs = Vec::new();
    for id in ids {
        let owner = loaded.order(&id)?.and_then(|record| record.order.node);
        if owner.is_some_and(|owner| person.has(&owner)) {
            theirs.push(id);
        }
    }
    match <[ExternalId; 1]>::try_from(theirs) {
        Ok([id]) => Ok(id),
        Err(_) => Err(Problem::senseless("order_id", ORDER_OF_CUSTOMER).into()),
    }
}
